package spill

import (
	"errors"
	"os"
	"path/filepath"
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
