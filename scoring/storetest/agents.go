package storetest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
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

// merge merges, and wants so many surveys to have moved; 0 = had before.
func merge(t *testing.T, s Store, from, into string, surveys int64) {
	t.Helper()
	got, err := s.MergeAgents(limited(t), from, into)
	if want := (scoring.Merged{From: from, Into: into, Surveys: surveys, Already: surveys == 0}); err != nil || got != want {
		t.Errorf("merge: %+v, error %v, want %+v", got, err, want)
	}
	Check(t, s)
}

func merges(t *testing.T, open Opener) {
	s, err := open(zoneName)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	var want []scoring.CallRow
	put := func(r scoring.Record, known bool) {
		t.Helper()
		write(t, s, r, known)
	}
	for n, agent := range []string{"old", "older", "old", "new"} {
		r := by(agent, n)
		if n == 2 { // a day that only this one has
			r.Call.Day = "2027-01-01"
		}
		put(r, false)
		want = append(want, row(r))
	}
	open1 := by("old", 10)
	put(scoring.Record{ID: open1.ID, Call: open1.Call, Assignments: open1.Assignments}, false)
	before := totals(s)
	merge(t, s, "older", "old", 1)
	merge(t, s, "old", "new", 3)
	merge(t, s, "old", "new", 0)
	merge(t, s, "older", "new", 0) // with old
	if diff := gocmp.Diff(before, totals(s)); diff != "" {
		t.Errorf("totals moved by a merge (-before +after):\n%s", diff)
	}
	wantKnown(t, s, scoring.KnownAgent{ID: "old", LastDay: "2027-01-01", MergedInto: "new"},
		scoring.KnownAgent{ID: "older", LastDay: want[1].Call.Day, MergedInto: "new"}, scoring.KnownAgent{ID: "new", LastDay: "2027-01-01"})
	put(scoring.Record{ID: open1.ID, Answers: open1.Answers, Keypresses: open1.Keypresses, End: open1.End}, false) // was in progress
	put(by("older", 11), false)
	if err := s.Declare(limited(t), []scoring.Series{{Kind: scoring.AgentVerdict, Agent: "old", Label: "never seen"}}); err != nil {
		t.Errorf("declare: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, open)
	put(by("old", 12), false)
	after := totals(s)
	for series, n := range before {
		if series.Agent != "" && series.Agent != "new" && after[series] != n {
			t.Errorf("total %+v is %d, want the %d from before the merge", series, after[series], n)
		}
	}
	rated := scoring.Series{Kind: scoring.AgentOutcome, Agent: "new", Label: string(scoring.Rated)}
	if got := after[rated] - before[rated]; got != 3 {
		t.Errorf("%d more for %+v, want the 3 behind the merge", got, rated)
	}
	if n, ok := after[scoring.Series{Kind: scoring.AgentVerdict, Agent: "new", Label: "never seen"}]; n != 0 || !ok {
		t.Errorf("what is declared of one who was merged stands at %d, %v, want at 0 for the other", n, ok)
	}
	want = append(want, row(open1), row(by("older", 11)), row(by("old", 12)))
	wantRows(t, s, want...) // with the agent as it was said
	for agent, n := range map[string]int{"new": 7, "old": 4, "older": 2, "nobody": 0} {
		if rows, err := s.Calls(limited(t), scoring.Query{Agent: agent}); err != nil || len(rows) != n {
			t.Errorf("%d calls of %q, error %v, want %d", len(rows), agent, err, n)
		}
	}
	Check(t, s)
}

func refusedMerges(t *testing.T, open Opener) {
	s := mustOpen(t, open)
	for n, agent := range []string{"a", "b", "c", "d", scoring.Unknown} {
		write(t, s, by(agent, n), false)
	}
	merge(t, s, "a", "b", 1)
	before, err := s.KnownAgents(limited(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		from, into string
		want       error
	}{
		{"c", "c", scoring.ErrInvalid},
		{"nobody", "nobody", scoring.ErrInvalid},
		{scoring.Unknown, "c", scoring.ErrInvalid},
		{"c", scoring.Unknown, scoring.ErrInvalid},
		{"nobody", "c", scoring.ErrNoAgent},
		{"c", "nobody", scoring.ErrNoAgent},
		{"", "c", scoring.ErrNoAgent},
		{"c", "d\"\n🙂", scoring.ErrNoAgent},
		{"a", "c", scoring.ErrInvalid}, // a was merged
		{"c", "a", scoring.ErrInvalid},
		{"b", "a", scoring.ErrInvalid}, // round
	} {
		if m, err := s.MergeAgents(limited(t), c.from, c.into); !errors.Is(err, c.want) || m != (scoring.Merged{}) {
			t.Errorf("merge %q into %q: %+v, error %v, want %v", c.from, c.into, m, err, c.want)
		}
		Check(t, s)
	}
	after, err := s.KnownAgents(limited(t))
	if diff := gocmp.Diff(before, after); err != nil || diff != "" {
		t.Errorf("known agents: error %v (-before +after):\n%s", err, diff)
	}
}

// mergeAmongWrites: whichever way a survey in progress and a merge come
// together, it is counted once.
func mergeAmongWrites(t *testing.T, open Opener) {
	const writers, surveys = 16, 12
	s := mustOpen(t, open)
	for n, agent := range []string{"a", "b", "c"} {
		write(t, s, by(agent, 10_000+n), false)
	}
	ctx := limited(t)
	var all sync.WaitGroup
	half := make(chan struct{}, writers)
	for w := range writers {
		all.Go(func() {
			for i := range surveys {
				r := by([]string{"a", "b", "c"}[w%3], w*surveys+i)
				for _, part := range []scoring.Record{{ID: r.ID, Call: r.Call, Assignments: r.Assignments}, {ID: r.ID, Answers: r.Answers}, {ID: r.ID, End: r.End}} {
					if _, err := s.Write(ctx, part); err != nil {
						t.Errorf("write %s: %v", r.ID, err)
					}
				}
				if i == surveys/2 {
					half <- struct{}{}
				}
			}
		})
	}
	for _, m := range [][2]string{{"a", "b"}, {"b", "c"}} {
		for range writers / 2 {
			<-half
		}
		if _, err := s.MergeAgents(ctx, m[0], m[1]); err != nil {
			t.Errorf("merge %v: %v", m, err)
		}
	}
	all.Wait()
	cells, err := s.AgentCells(ctx, scoring.Period{})
	if err != nil {
		t.Fatal(err)
	}
	n := int64(0)
	for _, c := range cells {
		if n += c.N; c.Agent != "c" {
			t.Errorf("cell %+v, want all of one agent", c)
		}
	}
	if want := int64(writers*surveys + 3); n != want {
		t.Errorf("%d surveys, want %d", n, want)
	}
	Check(t, s)
}
