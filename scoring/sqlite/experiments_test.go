package sqlite

import (
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"aftercall/scoring"
	"aftercall/scoring/storetest"
)

// audited gives what the store says was done to experiments, oldest first.
func audited(t *testing.T, s *Store) (actions []string, after []scoring.Experiment) {
	t.Helper()
	err := s.direct(t.Context(), func(d driver.Conn) error {
		return each(t.Context(), d, func(row []driver.Value) {
			var e scoring.Experiment
			if err := json.Unmarshal([]byte(row[1].(string)), &e); err != nil || row[2].(int64) != 1 {
				t.Errorf("audit %v: error %v, want one experiment in JSON", row, err)
			}
			actions, after = append(actions, row[0].(string)), append(after, e)
		}, `SELECT action, detail, n FROM audit ORDER BY id`)
	})
	if err != nil {
		t.Fatal(err)
	}
	return actions, after
}

// However a commit fails, doing the same again comes out right: once, and
// audited once.
func TestExperimentWhereCommitFails(t *testing.T) {
	for _, fault := range []string{"commit failed", "commit failed but happened"} {
		t.Run(fault, func(t *testing.T) {
			d := &trouble{}
			s := open(t, filepath.Join(t.TempDir(), "store.db"), Options{connect: d.open})
			e := storetest.Experiment("e")
			queues := []scoring.QueueWeights{{Queue: "support", Weights: []int{1, 2, 0}}, {Queue: "sales", Weights: []int{1, 1, 1}}}
			end := e.StartedAt.Add(time.Hour)
			for _, step := range []func() error{
				func() error { return s.StartExperiment(t.Context(), e) },
				func() error { return s.ChangeExperiment(t.Context(), e.Name, queues) },
				func() error { return s.StopExperiment(t.Context(), e.Name, end) },
			} {
				d.fault = fault
				if err := step(); !errors.Is(err, ErrIO) {
					t.Errorf("error %v, want %v", err, ErrIO)
				}
				d.fault = ""
				if err := step(); err != nil {
					t.Errorf("again: %v", err)
				}
			}
			changed := e
			changed.Queues = queues
			ended := changed
			ended.EndedAt = &end
			if got, err := s.Experiments(t.Context()); err != nil || !gocmp.Equal(got, []scoring.Experiment{ended}) {
				t.Errorf("experiments %+v, error %v, want %+v", got, err, ended)
			}
			actions, after := audited(t, s)
			if diff := gocmp.Diff([]string{"experiment start", "experiment change", "experiment stop"}, actions); diff != "" {
				t.Errorf("audit (-want +got):\n%s", diff)
			}
			if diff := gocmp.Diff([]scoring.Experiment{e, changed, ended}, after); diff != "" {
				t.Errorf("audit (-want +got):\n%s", diff)
			}
		})
	}
}

// Of experiments that are started at once in one queue, one runs.
func TestOneExperimentInAQueue(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "store.db"), Options{})
	var all sync.WaitGroup
	var started atomic.Int64
	for n := range 16 {
		all.Go(func() {
			switch err := s.StartExperiment(t.Context(), storetest.Experiment(fmt.Sprint("e", n))); {
			case err == nil:
				started.Add(1)
			case !errors.Is(err, scoring.ErrExists):
				t.Errorf("start: error %v, want none or %v", err, scoring.ErrExists)
			}
		})
	}
	all.Wait()
	if got, err := s.Experiments(t.Context()); err != nil || len(got) != 1 || started.Load() != 1 {
		t.Errorf("%d started, experiments %+v, error %v, want one", started.Load(), got, err)
	}
	if h := s.Health(); h.LastError != nil {
		t.Errorf("health %+v, want no error: a refusal says nothing about the database", h)
	}
}

// A record that the database refuses behind all checks takes the others of
// its WriteAll with it.
func TestWriteAllWithABadRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path, Options{})
	poison(t, path)
	write(t, s, storetest.Survey(1)[0])
	bad := storetest.Whole(3)
	bad.Call.Trunk = "poison"
	if err := s.WriteAll(t.Context(), []scoring.Record{storetest.Whole(1), storetest.Whole(2), bad}); !errors.Is(err, scoring.ErrInvalid) {
		t.Errorf("write all: error %v, want %v", err, scoring.ErrInvalid)
	}
	rows, err := s.Calls(t.Context(), scoring.Query{})
	if err != nil || len(rows) != 1 || rows[0].Questions[0].Answer != nil {
		t.Errorf("calls %+v, error %v, want the first as it was", rows, err)
	}
	storetest.Check(t, s)
	write(t, s, storetest.Whole(1))
	storetest.Check(t, s)
}
