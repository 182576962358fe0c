package centre

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"

	"aftercall/scoring"

	"github.com/google/go-cmp/cmp"
)

// TestFiftyAtOnce: fifty callers of every kind are on the phone at the same
// time. Every one is accounted for, the metrics are what the store holds, and
// a restart changes none of them.
func TestFiftyAtOnce(t *testing.T) {
	const calls = 50
	c := open(t, Options{Agents: calls + 5, Talk: "1s..2s",
		Queues: []Queue{{Number: "7001", Name: "load", Survey: "service", Layouts: arms(presets...)}}})
	heard, err := c.Call(t.Context(), Callers{Number: "7001", Calls: calls, Rate: 10, AtOnce: calls, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), endLimit)
	defer cancel()
	rows, err := c.Ended(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	c.account(t, scene{heard: heard, calls: rows})

	f := c.scrape(t, "/metrics")
	for _, result := range []string{"dropped", "undecodable"} {
		if n := f.sum("aftercall_ari_events_total", fmt.Sprintf("result=%q", result)); n != 0 {
			t.Errorf("%v events %s, want none", n, result)
		}
	}
	for reason, n := range reasons(rows) {
		if got := f.sum("aftercall_calls_ended_total", fmt.Sprintf("reason=%q", reason)); got != n {
			t.Errorf("%v calls are said to have ended by %s, the store holds %v", got, reason, n)
		}
	}
	want := counted(rows)
	if diff := cmp.Diff(want, c.shown(t)); diff != "" {
		t.Errorf("metrics (-store +shown):\n%s", diff)
	}
	if err := c.StopService(ctx); err != nil {
		t.Fatal(err)
	}
	c.recounted(t)
	if err := c.StartService(ctx); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, c.shown(t)); diff != "" {
		t.Errorf("metrics after a restart (-store +shown):\n%s", diff)
	}
}

// shown are the totals by layout and by agent that are not 0.
func (c *Centre) shown(t *testing.T) figures {
	t.Helper()
	all := c.scrape(t, "/metrics")
	maps.Copy(all, c.scrape(t, "/metrics/agents"))
	maps.DeleteFunc(all, func(series string, v float64) bool {
		name, _, _ := strings.Cut(series, "{")
		of := strings.HasPrefix(name, "aftercall_layout_") || strings.HasPrefix(name, "aftercall_agent_")
		counted := of && strings.HasSuffix(name, "_total") || name == "aftercall_answer_seconds_count"
		return v == 0 || !counted
	})
	return all
}

// counted is what the metrics must show of these calls, counted one by one.
func counted(rows []scoring.CallRow) figures {
	f := figures{}
	add := func(name, labels string, values ...any) { f[name+"{"+fmt.Sprintf(labels, values...)+"}"]++ }
	for _, r := range rows {
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

func reasons(rows []scoring.CallRow) map[scoring.Reason]float64 {
	n := map[scoring.Reason]float64{}
	for _, r := range rows {
		n[r.End.Reason]++
	}
	return n
}
