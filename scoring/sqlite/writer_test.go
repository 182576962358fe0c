package sqlite

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
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
