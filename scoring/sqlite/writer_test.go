package sqlite

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"runtime"
	"testing"

	"aftercall/scoring"
	"aftercall/scoring/storetest"
)

// TestIDIsTaken: where the id for a new call turns out to be another call's, the
// record is not taken for stored, and written again it is.
func TestIDIsTaken(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "store.db"), Options{Log: slog.New(slog.DiscardHandler)})
	write(t, s, storetest.Whole(1))
	err := s.task(t.Context(), "add behind its back to", func(c *conn, _ *batch) error {
		for _, sql := range []string{`CREATE TEMP TABLE other AS SELECT * FROM calls`, `UPDATE other SET id = 2, uniqueid = 'other'`, `INSERT INTO calls SELECT * FROM other`} {
			if _, err := c.run(context.Background(), sql); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	begins := storetest.Survey(2)[0]
	if _, err := s.Write(t.Context(), begins); err == nil || errors.Is(err, scoring.ErrNoCall) {
		t.Errorf("error %v, want one that says whose id it is", err)
	}
	write(t, s, begins)
	rows, err := s.Calls(t.Context(), scoring.Query{})
	if err != nil || len(rows) != 3 {
		t.Errorf("%d calls, error %v, want 3", len(rows), err)
	}
}

// TestGatherDoesNotWait: a batch is taken although records go on coming, each as
// soon as the writer gives way.
func TestGatherDoesNotWait(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	w := newWriter("store.db", Options{}, nil)
	r := storetest.Whole(1)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil && w.put(job{record: &r}) == nil {
			runtime.Gosched()
		}
	}()
	jobs := w.gather(job{record: &r})
	stop()
	<-done
	if len(jobs) > 1+turns {
		t.Errorf("%d records in a batch that came one by one, want %d at most", len(jobs), 1+turns)
	}
}
