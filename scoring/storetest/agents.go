package storetest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"aftercall/scoring"
)

// checkKnown holds what is known of agents against the rows, and gives the
// agent under whom an agent is counted.
func checkKnown(ctx context.Context, t TB, s Store, rows []scoring.CallRow) (under func(string) string) {
	t.Helper()
	list, err := s.KnownAgents(ctx)
	if err != nil {
		t.Fatalf("known agents: %v", err)
	}
	known := map[string]scoring.KnownAgent{}
	for _, a := range list {
		if _, twice := known[a.ID]; twice || a.ID == "" || a.KnownAt.IsZero() {
			t.Errorf("agent %+v is there twice, or has no id or no time", a)
		}
		known[a.ID] = a
	}
	under = func(id string) string { return cmp.Or(known[id].MergedInto, id) }
	last := map[string]string{}
	for _, row := range rows {
		for _, q := range row.Questions {
			if q.Primary && q.Answer != nil && !row.Call.Test {
				id := under(row.Call.Agent.ID)
				last[id] = max(last[id], row.Call.Day)
			}
		}
	}
	for _, a := range list {
		into, ok := known[a.MergedInto]
		switch {
		case a.MergedInto == "" && a.LastDay != last[a.ID]:
			t.Errorf("agent %+v, want %q for the last day", a, last[a.ID])
		case a.MergedInto != "" && (!ok || into.MergedInto != "" || into.LastDay < a.LastDay):
			t.Errorf("agent %+v was merged into %+v, want one who is known, was not merged, and has all its days", a, into)
		}
	}
	for id := range last {
		if _, ok := known[id]; !ok {
			t.Errorf("agent %q has surveys and is not known", id)
		}
	}
	for series := range totals(s) {
		if _, ok := known[series.Agent]; !ok && series.Agent != "" {
			t.Errorf("agent %q has total %+v and is not known", series.Agent, series)
		}
	}
	return under
}

// checkDays holds the agents' days of a period against the rows, of which the
// agents are those under whom they are counted.
func checkDays(ctx context.Context, t TB, s Store, rows []scoring.CallRow, p scoring.Period) {
	t.Helper()
	sums := map[scoring.AgentCell]int64{}
	for _, row := range rows {
		for _, q := range row.Questions {
			if day := row.Call.Day; row.Call.Test || !q.Primary || q.Answer == nil || day < p.From || p.To != "" && day > p.To ||
				p.Queue != "" && row.Call.Queue != p.Queue {
				continue
			}
			sums[scoring.AgentCell{Agent: row.Call.Agent.ID, Queue: row.Call.Queue, Version: q.Version,
				Result: cmp.Or(q.Answer.Verdict, string(q.Answer.Outcome))}]++
		}
	}
	var want []scoring.AgentCell
	for c, n := range sums {
		c.N = n
		want = append(want, c)
	}
	slices.SortFunc(want, func(a, b scoring.AgentCell) int {
		return cmp.Or(cmp.Compare(a.Agent, b.Agent), cmp.Compare(a.Queue, b.Queue), cmp.Compare(a.Version, b.Version), cmp.Compare(a.Result, b.Result))
	})
	got, err := s.AgentCells(ctx, p)
	if diff := gocmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("agents' days of %+v: error %v (-want +got):\n%s", p, err, diff)
	}
}

func agentDays(t *testing.T, open Opener) {
	s := mustOpen(t, open)
	records, rows := spread(twoEpochs(t, s))
	test := Whole(900)
	test.Call.Test = true
	if err := s.WriteAll(limited(t), append(records, test)); err != nil {
		t.Fatalf("write all: %v", err)
	}
	for _, p := range []scoring.Period{
		{}, {From: "2026-03-29"}, {To: "2026-03-29"}, {From: "2026-03-29", To: "2026-03-29"}, {From: "2026-03-30", To: "2026-03-28"},
		{Queue: "sales"}, {Queue: "nowhere"}, {From: "2026-03-28", To: "2026-03-29", Queue: "support"}, {From: "2027-01-01"},
	} {
		checkDays(limited(t), t, s, rows, p)
	}
	for _, p := range []scoring.Period{{From: "yesterday"}, {To: "2026-3-1"}} {
		if _, err := s.AgentCells(limited(t), p); !errors.Is(err, scoring.ErrInvalid) {
			t.Errorf("agents' days of %+v: error %v, want %v", p, err, scoring.ErrInvalid)
		}
	}
	Check(t, s)
}

// by gives a survey of an agent.
func by(agent string, n int) scoring.Record {
	r := Whole(n)
	call := *r.Call
	call.Agent.ID = agent
	r.Call = &call
	return r
}

// wantKnown wants the store to know these, in this order, whenever it was.
func wantKnown(t *testing.T, s Store, want ...scoring.KnownAgent) {
	t.Helper()
	got, err := s.KnownAgents(limited(t))
	if diff := gocmp.Diff(want, got, cmpopts.IgnoreFields(scoring.KnownAgent{}, "KnownAt")); err != nil || diff != "" {
		t.Errorf("known agents: error %v (-want +got):\n%s", err, diff)
	}
}

func knownAgents(t *testing.T, open Opener) {
	s, err := open(zoneName)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	wantKnown(t, s)
	rated := func(agent string) scoring.Series {
		return scoring.Series{Kind: scoring.AgentOutcome, Agent: agent, Label: string(scoring.Rated)}
	}
	if err := s.Declare(limited(t), []scoring.Series{rated("zoe"), rated("bob"), {Kind: scoring.LayoutMS, Layout: "habit"}, rated("zoe"), rated("al")}); err != nil {
		t.Fatalf("declare: %v", err)
	}
	begun := by("new", 1) // known by what its call declares, before any answer
	begun.Answers, begun.Keypresses, begun.End, begun.Born = nil, nil, nil, []scoring.Series{rated("new")}
	write(t, s, begun, false)
	write(t, s, by("bob", 2), false)
	test := by("tester", 3)
	test.Call.Test, test.Born = true, []scoring.Series{rated("tester")}
	write(t, s, test, false)
	day := start.Format("2006-01-02")
	want := []scoring.KnownAgent{{ID: "zoe"}, {ID: "bob", LastDay: day}, {ID: "al"}, {ID: "new"}}
	wantKnown(t, s, want...)
	before, err := s.KnownAgents(limited(t))
	if err = errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, open)
	earlier := by("bob", 4)
	earlier.Call.Day = "2020-01-01"
	write(t, s, earlier, false) // a later record of an earlier day
	after, err := s.KnownAgents(limited(t))
	if diff := gocmp.Diff(before, after); err != nil || diff != "" {
		t.Errorf("known agents after a restart: error %v (-before +after):\n%s", err, diff)
	}
}
