package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"aftercall/deploy/centre"
	"aftercall/deploy/prometheus"
	"aftercall/scoring"

	"github.com/prometheus/common/model"
)

// scrapeEvery is how often the demo's Prometheus looks: calls last seconds here.
const scrapeEvery = time.Second

// watch starts a Prometheus over the centre's service.
func watch(ctx context.Context, c *centre.Centre) (*prometheus.Server, error) {
	return prometheus.Start(ctx, prometheus.Options{Folder: ".", Targets: []string{c.Address()}, Every: scrapeEvery})
}

// seen waits until Prometheus counts what the store holds: every question that
// ended, and those of them that were rated.
func seen(ctx context.Context, p *prometheus.Server, rows []scoring.CallRow, out io.Writer) error {
	ended, rated := 0, 0
	for _, r := range rows {
		for _, q := range r.Questions {
			if ended++; q.Answer != nil && q.Answer.Outcome == scoring.Rated {
				rated++
			}
		}
	}
	for query, n := range map[string]int{"sum(aftercall_layout_surveys_total)": ended, "sum(aftercall_layout_ratings_total)": rated} {
		if _, err := p.Until(ctx, query, func(v model.Vector) bool { return len(v) == 1 && int(v[0].Value) == n }); err != nil {
			return fmt.Errorf("prometheus does not count what the store holds, want %d: %w", n, err)
		}
	}
	fmt.Fprintf(out, "Prometheus counts the same: %d surveys, %d of them rated.\n", ended, rated)
	return nil
}

// queries to begin with.
var queries = []struct{ what, query string }{
	{"what callers said of whom", "sum by (name, team, verdict) (aftercall_agent_ratings_total * on (job, instance, agent) group_left (name, team) aftercall_agent_info) > 0"},
	{"how surveys end, by menu", "sum by (layout, outcome) (aftercall_layout_surveys_total) > 0"},
	{"hung up, by options heard", "sum by (layout, heard) (aftercall_layout_hangups_total) > 0"},
	{"satisfied, at least", "agent_window:aftercall_agent_satisfied:wilson_lower"}, // within a minute
	{"alerts", "ALERTS"},
}

// ask prints queries that open in the browser.
func ask(out io.Writer, p *prometheus.Server) {
	fmt.Fprintf(out, "prometheus    %s/\n", p.URL())
	for _, q := range queries {
		fmt.Fprintf(out, "  %-28s%s\n", q.what, p.Link(q.query))
	}
}
