package main

import (
	"testing"
	"time"

	"aftercall/scoring"

	"github.com/google/go-cmp/cmp"
)

// TestLost: how a call of two questions is closed, by what was answered.
func TestLost(t *testing.T) {
	now := time.Date(2026, 3, 28, 9, 0, 0, 0, time.UTC)
	final := func(o scoring.Outcome) *scoring.Answer { return &scoring.Answer{Outcome: o} }
	for _, c := range []struct {
		name   string
		first  *scoring.Answer
		second *scoring.Answer
		added  []scoring.Answer
		reason scoring.Reason
	}{
		{"nothing answered", nil, nil, []scoring.Answer{{Question: "q1", Outcome: scoring.Failed, At: now}, {Question: "q2", Outcome: scoring.NotReached, At: now}}, scoring.Lost},
		{"one rated", final(scoring.Rated), nil, []scoring.Answer{{Question: "q2", Outcome: scoring.Failed, At: now}}, scoring.Lost},
		{"both rated", final(scoring.Rated), final(scoring.Rated), nil, scoring.Completed},
		{"then silent", final(scoring.Rated), final(scoring.NoInput), nil, scoring.Silent},
		{"then wrong keys", final(scoring.Rated), final(scoring.Invalid), nil, scoring.WrongKeys},
		{"then our fault", final(scoring.Rated), final(scoring.Failed), nil, scoring.Lost},
		{"silent, second not reached", final(scoring.NoInput), final(scoring.NotReached), nil, scoring.Silent},
	} {
		row := scoring.CallRow{ID: scoring.CallID{UniqueID: "u", Visit: 1}, Questions: []scoring.AskedRow{
			{Assignment: scoring.Assignment{Question: "q1"}, Answer: c.first}, {Assignment: scoring.Assignment{Question: "q2"}, Answer: c.second}}}
		want := scoring.Record{ID: row.ID, Answers: c.added, End: &scoring.End{Reason: c.reason, At: now}}
		got := lost(row, now)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: record differs (-want +got):\n%s", c.name, d)
		}
		if err := got.Check(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
