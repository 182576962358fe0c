package spill

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"aftercall/scoring"
	"aftercall/scoring/storetest"
)

// Neither store nor file takes the end of a call: that is said, and the call
// has its end all the same when they are back, from the file or at once.
func TestEndIsHeldUntilItIsTaken(t *testing.T) {
	for _, back := range []string{"store", "file"} {
		t.Run(back, func(t *testing.T) {
			dir := t.TempDir()
			s := &faulty{Store: openStore(t, filepath.Join(dir, "store.db"))}
			r := openRecorder(t, filepath.Join(dir, "spill.jsonl"), s, time.Second)
			parts := storetest.Survey(1)
			put(t, r, parts[0], false)
			s.fault = "failed"
			if err := errors.Join(os.Rename(r.path, r.path+".away"), os.Mkdir(r.path, 0o700)); err != nil {
				t.Fatal(err)
			}
			for _, part := range parts[1:] {
				if _, err := r.Write(t.Context(), part); err == nil || !strings.Contains(err.Error(), "is another file") {
					t.Errorf("write: error %v, want the store's and the file's", err)
				}
			}
			if _, err := r.Replay(t.Context()); err != nil {
				t.Error(err) // nothing is in the file
			}
			if got, want := r.Stats(), (Stats{Pending: 1, Failed: 2}); got != want {
				t.Errorf("stats %+v, want %+v: only the end is held", got, want)
			}
			if back == "store" {
				s.fault = ""
			} else if err := errors.Join(os.Remove(r.path), os.Rename(r.path+".away", r.path)); err != nil {
				t.Fatal(err)
			}
			if _, err := r.Replay(t.Context()); err != nil {
				t.Error(err)
			}
			if back == "file" {
				if got, want := r.Stats(), (Stats{Spilled: 1, Pending: 1, Failed: 2}); got != want {
					t.Errorf("stats %+v, want %+v: it is in the file", got, want)
				}
				s.fault = ""
				if done, err := r.Replay(t.Context()); done != 1 || err != nil {
					t.Errorf("replay: %d, %v, want 1", done, err)
				}
			}
			rows, err := s.Store.Calls(t.Context(), scoring.Query{})
			if err != nil || len(rows) != 1 || rows[0].End == nil {
				t.Errorf("calls %+v, error %v, want one with its end", rows, err)
			}
			if r.Stats().Pending != 0 {
				t.Errorf("stats %+v, want nothing pending", r.Stats())
			}
		})
	}
}

// TestEndInMemoryIsImpatient: many are tried one behind the other, and what
// waits in the file waits for nobody.
func TestEndInMemoryIsImpatient(t *testing.T) {
	var wrote []bool
	fault := errDisk
	write := func(_ context.Context, r scoring.Record) (scoring.Receipt, error) {
		wrote = append(wrote, r.Patient)
		return scoring.Receipt{}, fault
	}
	r, err := Open(filepath.Join(t.TempDir(), "spill.jsonl"), write, patient, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	end := func(n int) scoring.Record {
		parts := storetest.Survey(n)
		return scoring.Record{ID: parts[2].ID, End: parts[2].End, Patient: true}
	}
	put(t, r, end(1), true)
	sync := r.sync
	r.sync = func(*os.File) error { return errDisk }
	if _, err := r.Write(t.Context(), end(2)); !errors.Is(err, errDisk) {
		t.Errorf("write: error %v, want %v", err, errDisk)
	}
	r.sync, fault = sync, nil
	if done, err := r.Replay(t.Context()); done != 2 || err != nil {
		t.Errorf("replay: %d, %v, want 2", done, err)
	}
	if want := []bool{true, true, false, false}; !slices.Equal(wrote, want) {
		t.Errorf("patient were %v, want %v", wrote, want)
	}
}

// TestIdleWithAnEndInMemory: a call that the store took too late to say so, and
// the file not at all, is in the store and in memory. Whoever removed it now
// would see it come again.
func TestIdleWithAnEndInMemory(t *testing.T) {
	dir := t.TempDir()
	s := &faulty{Store: openStore(t, filepath.Join(dir, "store.db")), fault: "failed"}
	r := openRecorder(t, filepath.Join(dir, "spill.jsonl"), s, time.Second)
	if err := errors.Join(os.Rename(r.path, r.path+".away"), os.Mkdir(r.path, 0o700)); err != nil {
		t.Fatal(err)
	}
	whole := storetest.Whole(1)
	call := *whole.Call
	call.Caller = scoring.NewCaller(scoring.CallerFull, "", "+49305550171")
	whole.Call = &call
	if _, err := r.Write(t.Context(), whole); err == nil {
		t.Fatal("write: no error, want those of store and file")
	}
	if _, err := s.Store.Write(t.Context(), whole); err != nil { // too late
		t.Fatal(err)
	}
	s.fault = ""
	erase := func() error {
		return r.Idle(func() error {
			_, err := s.RemoveCalls(t.Context(), scoring.Removal{Callers: []scoring.Caller{call.Caller}}, nil)
			return err
		})
	}
	if err := erase(); !errors.Is(err, ErrWaiting) {
		t.Errorf("erasure while an end is held: error %v, want %v", err, ErrWaiting)
	}
	if done, err := r.Replay(t.Context()); done != 1 || err != nil {
		t.Errorf("replay: %d, error %v, want 1", done, err)
	}
	if err := erase(); err != nil {
		t.Errorf("erasure behind it: %v", err)
	}
	if rows, err := s.Store.Calls(t.Context(), scoring.Query{}); err != nil || len(rows) != 0 {
		t.Errorf("%d calls, error %v, want none of who was erased", len(rows), err)
	}
}
