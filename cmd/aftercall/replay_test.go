package main

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"aftercall/scoring"
	"aftercall/scoring/spill"
)

// TestLastReplay: what was spilled while the service stopped is tried once
// more, and not for long.
func TestLastReplay(t *testing.T) {
	var fault error
	var hangs bool
	var taken int
	write := func(ctx context.Context, _ scoring.Record) (scoring.Receipt, error) {
		if hangs {
			<-ctx.Done()
			return scoring.Receipt{}, ctx.Err()
		}
		if fault == nil {
			taken++
		}
		return scoring.Receipt{}, fault
	}
	recorder, err := spill.Open(filepath.Join(t.TempDir(), "spill.jsonl"), write, time.Second, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &service{recorder: recorder, log: slog.New(slog.DiscardHandler)}
	fault = errors.New("disk on fire")
	if r, err := recorder.Write(t.Context(), visit(1, "", "")); err != nil || !r.Spilled {
		t.Fatalf("write: %+v, error %v, want it spilled", r, err)
	}
	hangs = true
	s.lastReplay() // ends although the store does not
	if n := recorder.Stats().Pending; n != 1 {
		t.Errorf("%d pending beside a store that hangs, want 1", n)
	}
	fault, hangs = nil, false
	s.lastReplay()
	if n := recorder.Stats().Pending; n != 0 || taken != 1 {
		t.Errorf("%d pending, %d taken, want 0 and 1", n, taken)
	}
	if err := recorder.Close(); err != nil {
		t.Error(err)
	}
}
