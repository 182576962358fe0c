package sqlite

import (
	"fmt"
	"testing"

	"aftercall/scoring"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestAgentTotalsThatMoved: only what moved is handed over again, and all of
// it whenever the file was read anew; what layouts count is apart.
func TestAgentTotalsThatMoved(t *testing.T) {
	var s Store
	of := func(agent, label string, n int64) scoring.Total {
		return scoring.Total{Series: scoring.Series{Kind: scoring.AgentOutcome, Agent: agent, Label: label}, N: n}
	}
	layout := scoring.Total{Series: scoring.Series{Kind: scoring.LayoutMS, Layout: "habit"}, N: 7}
	read := func(list ...scoring.Total) {
		fresh := newTotals()
		for _, one := range list {
			fresh.add(one.Series, one.N)
		}
		s.totals.take(fresh)
	}
	steps := []struct {
		name string
		do   func()
		want []scoring.Total
	}{
		{"nothing", func() {}, nil},
		{"read from the file", func() { read(of("a", "rated", 3), layout, of("b", "rated", 0)) },
			[]scoring.Total{of("a", "rated", 3), of("b", "rated", 0)}},
		{"a commit", func() {
			s.totals.advance(map[scoring.Series]int64{of("b", "rated", 0).Series: 2, of("a", "rated", 0).Series: 0, layout.Series: 1}, []string{"b"})
		}, []scoring.Total{of("b", "rated", 2)}},
		{"an agent who is new", func() { s.totals.advance(map[scoring.Series]int64{of("c", "hangup", 0).Series: 0}, []string{"c"}) },
			[]scoring.Total{of("c", "hangup", 0)}},
		{"a commit without agents", func() { s.totals.advance(map[scoring.Series]int64{layout.Series: 1}, nil) }, nil},
		{"read anew", func() { read(of("a", "rated", 3)) }, []scoring.Total{of("a", "rated", 3)}},
	}
	var since uint64
	for _, step := range steps {
		step.do()
		var got []scoring.Total
		got, since = s.AgentTotals(since)
		if d := cmp.Diff(step.want, got, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s: totals that moved differ (-want +got):\n%s", step.name, d)
		}
	}
	if got := s.Totals(); len(got) != 1 || len(s.LayoutTotals()) != 0 {
		t.Errorf("totals %v, want that of agent a alone", got)
	}
}

// TestAgentsOfOneCommit: agents who became known together stand in memory as
// they do in the file, or other agents would be hidden after a restart.
func TestAgentsOfOneCommit(t *testing.T) {
	s := open(t, t.TempDir()+"/a.db", Options{})
	var series []scoring.Series
	for i := range 50 {
		series = append(series, scoring.Series{Kind: scoring.AgentOutcome, Agent: fmt.Sprintf("agent %02d", 97*i%50), Label: "rated"})
	}
	if err := s.Declare(t.Context(), series); err != nil {
		t.Fatal(err)
	}
	same := func(what string) {
		t.Helper()
		known, err := s.KnownAgents(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var want, got []string
		for _, a := range known {
			want = append(want, a.ID)
		}
		moved, _ := s.AgentTotals(0)
		for _, one := range moved {
			got = append(got, one.Agent)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: agents differ (-file +memory):\n%s", what, d)
		}
	}
	same("at once")
	if _, err := s.MergeAgents(t.Context(), "nobody", "agent 01"); err == nil { // and so the file is read anew
		t.Error("merged nobody")
	}
	if err := s.Declare(t.Context(), []scoring.Series{{Kind: scoring.AgentOutcome, Agent: "a late one", Label: "rated"}}); err != nil {
		t.Fatal(err)
	}
	same("the file was read anew")
}
