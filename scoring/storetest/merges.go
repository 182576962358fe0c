package storetest

import (
	"errors"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"aftercall/scoring"
)

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
	for n, agent := range []string{"old", "older", "old", "new"} {
		r := by(agent, n)
		if n == 2 { // a day that only this one has
			r.Call.Day = "2027-01-01"
		}
		write(t, s, r, false)
		want = append(want, row(r))
	}
	open1 := by("old", 10)
	write(t, s, scoring.Record{ID: open1.ID, Call: open1.Call, Assignments: open1.Assignments}, false)
	before := totals(s)
	merge(t, s, "older", "old", 1)
	merge(t, s, "old", "new", 3)
	merge(t, s, "old", "new", 0)
	merge(t, s, "older", "new", 0) // with old
	for series, n := range totals(s) {
		if _, stood := before[series]; n != before[series] || !stood && series.Agent != "new" && series.Agent != "old" {
			t.Errorf("total %+v is %d behind a merge, want %d", series, n, before[series])
		}
		if series.Agent = "new"; series.Layout == "" {
			if _, stands := totals(s)[series]; !stands {
				t.Errorf("total %+v does not stand: it would be born at 1", series)
			}
		}
	}
	for agent, want := range map[string]scoring.AgentDays{"new": {First: want[0].Call.Day, Last: "2027-01-01", Surveys: 4}, "old": {}, "nobody": {}} {
		if got, err := s.AgentDays(limited(t), agent); err != nil || got != want {
			t.Errorf("days of %q: %+v, error %v, want %+v", agent, got, err, want)
		}
	}
	wantKnown(t, s, scoring.KnownAgent{ID: "old", LastDay: "2027-01-01", MergedInto: "new"},
		scoring.KnownAgent{ID: "older", LastDay: want[1].Call.Day, MergedInto: "new"}, scoring.KnownAgent{ID: "new", LastDay: "2027-01-01"})
	write(t, s, scoring.Record{ID: open1.ID, Answers: open1.Answers, Keypresses: open1.Keypresses, End: open1.End}, false) // was in progress
	write(t, s, by("older", 11), false)
	if err := s.Declare(limited(t), []scoring.Series{{Kind: scoring.AgentVerdict, Agent: "old", Label: "never seen"}}); err != nil {
		t.Errorf("declare: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, open)
	write(t, s, by("old", 12), false)
	wantMerged(t, s, before)
	want = append(want, row(open1), row(by("older", 11)), row(by("old", 12)))
	wantRows(t, s, want...) // with the agent as it was said
	for agent, n := range map[string]int{"new": 7, "old": 4, "older": 2, "nobody": 0} {
		if rows, err := s.Calls(limited(t), scoring.Query{Agent: agent}); err != nil || len(rows) != n {
			t.Errorf("%d calls of %q, error %v, want %d", len(rows), agent, err, n)
		}
	}
}

// wantMerged wants three more surveys counted for new, and none for others.
func wantMerged(t *testing.T, s Store, before map[scoring.Series]int64) {
	t.Helper()
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
