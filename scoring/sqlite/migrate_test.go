package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"aftercall/scoring"
	"aftercall/scoring/storetest"
)

// olds are databases of older schemas: the file, and what takes it back to one
// that is older still.
var olds = map[int]struct{ file, undo string }{
	2: {"schema3.sql", `DROP TABLE experiments; DELETE FROM goose_db_version WHERE version_id = 3`},
	3: {"schema3.sql", ``},
	4: {"schema4.sql", ``},
}

// old makes a database of an older schema from what its program wrote. The
// rows are kept in WAL mode, as every store is.
func old(t *testing.T, schema int) (path string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", olds[schema].file))
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "store.db")
	run(t, path, "PRAGMA journal_mode = WAL;\n"+string(text)+olds[schema].undo)
	return path
}

// hungUp and notReached pick totals.
func hungUp(x scoring.Total) bool { return x.Kind == scoring.LayoutHangup }
func notReached(x scoring.Total) bool {
	return x.Kind == scoring.AgentOutcome && x.Label == string(scoring.NotReached)
}

// totalsOf gives those of the totals that are meant.
func totalsOf(s *Store, meant func(scoring.Total) bool) map[scoring.Series]int64 {
	out := map[scoring.Series]int64{}
	for _, x := range s.Totals() {
		if meant(x) {
			out[x.Series] = x.N
		}
	}
	return out
}

// A database of an older program keeps all it holds, and learns what this one
// knows of agents.
func TestOlderDatabases(t *testing.T) {
	for schema := range olds {
		t.Run(fmt.Sprint("schema ", schema), func(t *testing.T) {
			path := old(t, schema)
			if _, err := OpenReadOnly(t.Context(), path); !errors.Is(err, ErrOlderSchema) {
				t.Errorf("for reading: error %v, want %v", err, ErrOlderSchema)
			}
			s := open(t, path, Options{Zone: "Europe/Berlin"})
			storetest.Check(t, s) // roll-ups, agents and totals against the rows, and a recount
			rows, err := s.Calls(t.Context(), scoring.Query{Limit: 100})
			if err != nil || len(rows) != 12 {
				t.Fatalf("%d calls, error %v, want the 12 from before", len(rows), err)
			}
			agents, err := s.KnownAgents(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			first := rows[len(rows)-1].Call.StartedAt
			want := []scoring.KnownAgent{{ID: "zoe", KnownAt: first, LastDay: "2026-03-29"},
				{ID: "al-1", KnownAt: rows[len(rows)-2].Call.StartedAt, LastDay: "2026-03-29"},
				{ID: "王芳", KnownAt: rows[len(rows)-3].Call.StartedAt, LastDay: "2026-03-29"}}
			want[1].LastDay, want[2].LastDay = lastRated(rows, "al-1"), lastRated(rows, "王芳")
			if diff := gocmp.Diff(want, agents); diff != "" {
				t.Errorf("agents (-want +got):\n%s", diff)
			}
			if diff := gocmp.Diff(map[scoring.Series]int64{
				{Kind: scoring.LayoutHangup, Layout: "habit", Label: "0"}:  2,
				{Kind: scoring.LayoutHangup, Layout: "gap", Label: "2"}:    1,
				{Kind: scoring.LayoutHangup, Layout: "yes-no", Label: "1"}: 2,
			}, totalsOf(s, hungUp)); diff != "" {
				t.Errorf("totals of hang-ups (-want +got):\n%s", diff)
			}
			if diff := gocmp.Diff(map[scoring.Series]int64{{Kind: scoring.AgentOutcome, Agent: "zoe", Label: "not_reached"}: 1}, totalsOf(s, notReached)); diff != "" {
				t.Errorf("totals of questions not reached (-want +got):\n%s", diff)
			}
			cells, err := s.AgentCells(t.Context(), scoring.Period{From: "2026-03-29", Queue: "sales"})
			if diff := gocmp.Diff([]scoring.AgentCell{
				{Agent: "al-1", Queue: "sales", Version: "gap-0a1b2c3d4e5f", Result: "satisfied", N: 1},
				{Agent: "zoe", Queue: "sales", Version: "habit-0a1b2c3d4e5f", Result: "hangup", N: 1},
				{Agent: "王芳", Queue: "sales", Version: "strict-0a1b2c3d4e5f", Result: "fair", N: 1},
			}, cells); err != nil || diff != "" {
				t.Errorf("cells of a day: error %v (-want +got):\n%s", err, diff)
			}
			if copies, err := filepath.Glob(fmt.Sprintf("%s.schema%d.*.backup", path, schema)); err != nil || len(copies) != 1 {
				t.Errorf("copies %v, error %v, want one of the database as it was", copies, err)
			}
			alsoTakes(t, s)
		})
	}
}

// lastRated is the last day on which an agent's survey ended.
func lastRated(rows []scoring.CallRow, agent string) (day string) {
	for _, r := range rows {
		if r.Call.Agent.ID == agent && r.Questions[0].Answer != nil && !r.Call.Test {
			day = max(day, r.Call.Day)
		}
	}
	return day
}

// alsoTakes: what came with later schemas works.
func alsoTakes(t *testing.T, s *Store) {
	t.Helper()
	epochs, err := s.EpochList(t.Context(), "")
	if err != nil || len(epochs) != 1 || epochs[0].Seed != "s" || len(epochs[0].Arms) != 1 || epochs[0].Experiment != "" {
		t.Errorf("epochs %+v, error %v, want the one from before", epochs, err)
	}
	if none, err := s.Experiments(t.Context()); err != nil || len(none) != 0 {
		t.Errorf("experiments %+v, error %v, want none", none, err)
	}
	if err := s.StartExperiment(t.Context(), storetest.Experiment("first")); err != nil {
		t.Errorf("start: %v", err)
	}
	write(t, s, storetest.Whole(40))
	storetest.Check(t, s)
	counts, err := s.CallerCounts(t.Context())
	if diff := gocmp.Diff([]scoring.CallerCount{{Calls: 13}}, counts); err != nil || diff != "" {
		t.Errorf("callers: error %v (-want +got):\n%s", err, diff)
	}
	rows, err := s.Calls(t.Context(), scoring.Query{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	before := "2026-03-29"
	rows = slices.DeleteFunc(rows, func(r scoring.CallRow) bool { return r.Call.Day >= before || r.End == nil })
	removed, err := s.RemoveCalls(t.Context(), scoring.Removal{Before: before}, nil)
	if err != nil || len(rows) == 0 || removed.Calls != int64(len(rows)) {
		t.Errorf("removed %+v, error %v, want the %d calls of the first day", removed, err, len(rows))
	}
	storetest.Check(t, s, rows...)
}

// TestCopyThatWasCutOff: what a start left that was killed in the middle of the
// copy is gone after the next, and was never called a copy.
func TestCopyThatWasCutOff(t *testing.T) {
	path := old(t, 3)
	for _, end := range []string{"", "-journal"} {
		if err := os.WriteFile(pending(path, 3)+".unfinished"+end, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	open(t, path, Options{Zone: "Europe/Berlin"})
	left, err := filepath.Glob(path + ".schema*")
	if err != nil || len(left) != 1 {
		t.Fatalf("left %v, error %v, want one copy", left, err)
	}
	if info, err := os.Stat(left[0]); err != nil || info.Mode().Perm() != private {
		t.Errorf("copy: %v, error %v, want mode %v", info, err, private)
	}
	store, err := openReaders(t.Context(), left[0])
	if !errors.Is(err, ErrOlderSchema) {
		t.Errorf("copy opens as %v with error %v, want %v", store, err, ErrOlderSchema)
	}
}

// An agent of whom no call is left is known by the totals that stand.
func TestOlderDatabaseOfErasedCalls(t *testing.T) {
	path := old(t, 3)
	run(t, path, `PRAGMA foreign_keys = ON; DELETE FROM calls WHERE agent = '王芳'`)
	s := open(t, path, Options{Zone: "Europe/Berlin"})
	agents, err := s.KnownAgents(t.Context())
	want := []scoring.KnownAgent{{ID: "zoe", LastDay: "2026-03-29"}, {ID: "al-1", LastDay: "2026-03-29"}, {ID: "王芳"}}
	if diff := gocmp.Diff(want, agents, cmpopts.IgnoreFields(scoring.KnownAgent{}, "KnownAt")); err != nil || diff != "" {
		t.Errorf("agents: error %v (-want +got):\n%s", err, diff)
	}
}

// hearer does something when a text is logged.
type hearer struct {
	slog.Handler
	text string
	do   func()
}

func (h hearer) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == h.text {
		h.do()
	}
	return nil
}

// A change of tables that is cut off leaves the database as it was, and no
// copy of it.
func TestCutOffBeforeTablesChange(t *testing.T) {
	path := old(t, 3)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	log := slog.New(hearer{slog.NewTextHandler(io.Discard, nil), "database copied before its tables change", cancel})
	if _, err := Open(ctx, path, Options{Zone: "Europe/Berlin", Log: log}); !errors.Is(err, context.Canceled) {
		t.Errorf("open: error %v, want %v", err, context.Canceled)
	}
	if copies, err := filepath.Glob(path + ".schema*"); err != nil || len(copies) != 0 {
		t.Errorf("copies %v, error %v, want none", copies, err)
	}
	storetest.Check(t, open(t, path, Options{Zone: "Europe/Berlin"}))
}
