package centre

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"aftercall/scoring"
)

// Figures are what a scrape shows, by series as it is written.
type Figures map[string]float64

// ReadFigures reads the text that a path of metrics answers.
func ReadFigures(text string) (Figures, error) {
	f := Figures{}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		at := strings.LastIndexByte(line, ' ')
		if at < 0 {
			return nil, fmt.Errorf("metrics: %q, want a series and a value", line)
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(line[at+1:]), 64)
		if err != nil {
			return nil, fmt.Errorf("metrics: %q: %w", line, err)
		}
		f[line[:at]] = v
	}
	return f, nil
}

// Sum adds up the series of a name whose labels hold each of the pairs, such
// as `queue="support"`.
func (f Figures) Sum(name string, pairs ...string) float64 {
	total := 0.0
series:
	for series, v := range f {
		if series != name && !strings.HasPrefix(series, name+"{") {
			continue
		}
		for _, p := range pairs {
			if !strings.Contains(series, p) {
				continue series
			}
		}
		total += v
	}
	return total
}

// Totals reads what the service counts of layouts and of agents, without what
// is 0: see [Counted].
func (c *Centre) Totals(ctx context.Context) (Figures, error) {
	all := Figures{}
	for _, path := range []string{"/metrics", "/metrics/agents"} {
		code, body, err := c.Get(ctx, path)
		if err != nil {
			return nil, err
		}
		if code != http.StatusOK {
			return nil, fmt.Errorf("%s: status %d: %s", path, code, body)
		}
		f, err := ReadFigures(body)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		maps.Copy(all, f)
	}
	maps.DeleteFunc(all, func(series string, v float64) bool { return v == 0 || !isTotal(series) })
	return all, nil
}

// isTotal tells the series that outlive the service.
func isTotal(series string) bool {
	name, _, _ := strings.Cut(series, "{")
	of := strings.HasPrefix(name, "aftercall_layout_") || strings.HasPrefix(name, "aftercall_agent_")
	return of && strings.HasSuffix(name, "_total") || name == "aftercall_answer_seconds_count"
}

// Counted is what [Centre.Totals] must show of these calls, counted one by
// one. Surveys of one question are expected, all of them ended.
func Counted(rows []scoring.CallRow) Figures {
	f := Figures{}
	add := func(name, labels string, values ...any) { f[name+"{"+fmt.Sprintf(labels, values...)+"}"]++ }
	for _, r := range rows {
		if len(r.Questions) == 0 || r.Questions[0].Answer == nil {
			continue
		}
		q := r.Questions[0]
		a := q.Answer
		add("aftercall_layout_surveys_total", "layout=%q,outcome=%q,question=%q,queue=%q", q.Layout, a.Outcome, q.Question, r.Call.Queue)
		add("aftercall_agent_surveys_total", "agent=%q,outcome=%q", r.Call.Agent.ID, a.Outcome)
		if a.Outcome == scoring.Rated {
			add("aftercall_layout_ratings_total", "layout=%q,question=%q,queue=%q,verdict=%q", q.Layout, q.Question, r.Call.Queue, a.Verdict)
			add("aftercall_agent_ratings_total", "agent=%q,verdict=%q", r.Call.Agent.ID, a.Verdict)
			add("aftercall_answer_seconds_count", "layout=%q", q.Layout)
		}
		if a.Outcome == scoring.HungUp {
			add("aftercall_layout_hangups_total", "heard=\"%d\",layout=%q", a.Heard, q.Layout)
		}
		for _, k := range r.Keys {
			add("aftercall_layout_keypresses_total", "key=%q,layout=%q,valid=%q", k.Key, q.Layout, fmt.Sprint(k.Valid()))
		}
	}
	return f
}
