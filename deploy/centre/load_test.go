package centre

import (
	"context"
	"fmt"
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
		if n := f.Sum("aftercall_ari_events_total", fmt.Sprintf("result=%q", result)); n != 0 {
			t.Errorf("%v events %s, want none", n, result)
		}
	}
	for reason, n := range reasons(rows) {
		if got := f.Sum("aftercall_calls_ended_total", fmt.Sprintf("reason=%q", reason)); got != n {
			t.Errorf("%v calls are said to have ended by %s, the store holds %v", got, reason, n)
		}
	}
	want := Counted(rows)
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
func (c *Centre) shown(t *testing.T) Figures {
	t.Helper()
	all, err := c.Totals(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func reasons(rows []scoring.CallRow) map[scoring.Reason]float64 {
	n := map[scoring.Reason]float64{}
	for _, r := range rows {
		n[r.End.Reason]++
	}
	return n
}
