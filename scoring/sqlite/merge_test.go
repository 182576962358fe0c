package sqlite

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"aftercall/scoring"
	"aftercall/scoring/storetest"
)

// However a commit fails, merging again comes out right: once, and audited
// once.
func TestMergeWhereCommitFails(t *testing.T) {
	for fault, already := range map[string]bool{"commit failed": false, "commit failed but happened": true} {
		t.Run(fault, func(t *testing.T) {
			d := &trouble{}
			s := open(t, filepath.Join(t.TempDir(), "store.db"), Options{connect: d.open})
			for n := range 4 {
				r := storetest.Whole(n)
				r.Call.Agent.ID = fmt.Sprint("agent", n%2)
				write(t, s, r)
			}
			begun := storetest.Survey(4)
			begun[0].Call.Agent.ID = "agent0"
			write(t, s, begun[0])
			d.fault = fault
			if m, err := s.MergeAgents(t.Context(), "agent0", "agent1"); !errors.Is(err, ErrIO) || m != (scoring.Merged{}) {
				t.Errorf("merge: %+v, error %v, want %v", m, err, ErrIO)
			}
			d.fault = ""
			storetest.Check(t, s) // what did not happen is not remembered either
			want := scoring.Merged{From: "agent0", Into: "agent1", Surveys: 2}
			again := want
			if again.Already = already; already {
				again.Surveys = 0
			}
			if m, err := s.MergeAgents(t.Context(), "agent0", "agent1"); err != nil || m != again {
				t.Errorf("again: %+v, error %v, want %+v", m, err, again)
			}
			write(t, s, begun[1])
			storetest.Check(t, s)
			if diff := gocmp.Diff([]string{`agents merge {"from":"agent0","into":"agent1","surveys":2} 2`}, merged(t, s)); diff != "" {
				t.Errorf("audit (-want +got):\n%s", diff)
			}
		})
	}
}

// merged gives what the store says was merged.
func merged(t *testing.T, s *Store) (all []string) {
	t.Helper()
	err := s.direct(t.Context(), func(d driver.Conn) error {
		return each(t.Context(), d, func(row []driver.Value) { all = append(all, fmt.Sprint(row[0], " ", row[1], " ", row[2])) },
			`SELECT action, detail, n FROM audit WHERE action = 'agents merge' ORDER BY id`)
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// What is refused is no fault of the database, and breaks nothing.
func TestRefusedMergeIsAnAnswer(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "store.db"), Options{})
	write(t, s, storetest.Whole(1))
	_, err := s.MergeAgents(t.Context(), "agnet1", "agent1")
	const want = `agent "agnet1": no such agent in the store, want one of whom it has a survey, or who is in the roster`
	if !errors.Is(err, scoring.ErrNoAgent) || err.Error() != fmt.Sprintf("merge agents in %q: %s", s.path, want) {
		t.Errorf("error %v, want %q", err, want)
	}
	if h := s.Health(); h.LastError != nil {
		t.Errorf("health %+v, want no error", h)
	}
}

// Erasing rows moves neither totals nor the agents' days nor who is known, in
// the running service and after its next start; a recount takes the days from
// the rows that are left, under whoever was merged.
func TestRowsAreErased(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path, Options{})
	for n := range 12 {
		r := storetest.Whole(n)
		r.Call.Agent.ID = fmt.Sprint("agent", n%3)
		write(t, s, r)
	}
	if _, err := s.MergeAgents(t.Context(), "agent0", "agent1"); err != nil {
		t.Fatal(err)
	}
	type figures struct {
		Totals map[scoring.Series]int64
		Cells  []scoring.AgentCell
		Known  []scoring.KnownAgent
	}
	see := func() (f figures) {
		t.Helper()
		cells, err := s.AgentCells(t.Context(), scoring.Period{})
		known, err2 := s.KnownAgents(t.Context())
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		return figures{totalsOf(s, func(scoring.Total) bool { return true }), cells, known}
	}
	same := func(when string, before figures) {
		t.Helper()
		if diff := gocmp.Diff(before, see()); diff != "" {
			t.Errorf("%s (-before +after):\n%s", when, diff)
		}
	}
	before := see()
	run(t, path, `DELETE FROM calls WHERE agent = 'agent2' OR id = 1`)
	same("rows erased", before)
	if err := s.Declare(t.Context(), nil); err != nil { // the writer looks at the file again
		t.Fatal(err)
	}
	same("rows erased, and the writer saw it", before)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path, Options{})
	same("next start", before)
	if changed, err := s.Recount(t.Context()); err != nil || changed == 0 {
		t.Errorf("recount: %d cells changed, error %v, want some", changed, err)
	}
	after := see()
	if diff := gocmp.Diff(before.Totals, after.Totals); diff != "" {
		t.Errorf("totals after a recount (-before +after):\n%s", diff)
	}
	n := int64(0)
	for _, c := range after.Cells {
		if n += c.N; c.Agent != "agent1" {
			t.Errorf("cell %+v after a recount, want all of agent1", c)
		}
	}
	if n != 7 {
		t.Errorf("%d surveys after a recount, want the 7 that are left of agent0 and agent1", n)
	}
}

// A long roster is declared in parts, so that records of calls get in between;
// declaring it again writes nothing.
func TestDeclareManyAgents(t *testing.T) {
	const agents = 3 * declareBound / 2
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path, Options{})
	var all []scoring.Series
	for n := range agents {
		for _, label := range []string{"rated", "hangup"} {
			all = append(all, scoring.Series{Kind: scoring.AgentOutcome, Agent: fmt.Sprintf("agent-%d", agents-n), Label: label})
		}
	}
	if err := s.Declare(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	known, err := s.KnownAgents(t.Context())
	if err != nil || len(known) != agents || len(s.Totals()) != 2*agents {
		t.Fatalf("%d agents, %d totals, error %v, want %d and %d", len(known), len(s.Totals()), err, agents, 2*agents)
	}
	for i, a := range known {
		if want := fmt.Sprintf("agent-%d", agents-i); a.ID != want {
			t.Fatalf("agent %d is %q, want %q: the order is that of the roster", i, a.ID, want)
		}
	}
	size := func() int64 {
		t.Helper()
		info, err := os.Stat(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	run(t, path, "PRAGMA wal_checkpoint(TRUNCATE)")
	if err := s.Declare(t.Context(), all); err != nil || size() != 0 {
		t.Errorf("again: error %v, %d bytes written, want none", err, size())
	}
}
