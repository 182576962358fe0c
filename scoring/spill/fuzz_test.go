package spill

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"aftercall/scoring"
)

// counting takes what a store would take, and keeps in which order.
type counting struct {
	mu    sync.Mutex
	calls map[scoring.CallID]int // records of a call
	all   int
}

func (c *counting) Write(_ context.Context, r scoring.Record) (scoring.Receipt, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := r.Check(); err != nil {
		return scoring.Receipt{}, err
	}
	if r.Call == nil && c.calls[r.ID] == 0 {
		return scoring.Receipt{}, fmt.Errorf("call %s: %w", r.ID, scoring.ErrNoCall)
	}
	c.calls[r.ID]++
	c.all++
	return scoring.Receipt{}, nil
}

// FuzzReplay: whatever stands in the spill file, each of its lines comes into
// the store or is put aside as it stands, none is lost and none comes twice,
// and the file is empty afterwards.
func FuzzReplay(f *testing.F) {
	const call = `{"id":{"uniqueid":"node1-1.0","visit":1},"call":{"node":"node1","queue":"q","agent":{"id":"a"},"started_at":"2026-03-01T09:00:00Z","day":"2026-03-01"}}` + "\n"
	const end = `{"id":{"uniqueid":"node1-1.0","visit":1},"end":{"reason":"completed","at":"2026-03-01T09:00:10Z"}}` + "\n"
	f.Add([]byte(call + end))
	f.Add([]byte(end + call))
	f.Add([]byte(call + "\n{}\n" + end[:40]))
	f.Fuzz(func(t *testing.T, file []byte) {
		path := filepath.Join(t.TempDir(), "spill.jsonl")
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		store := &counting{calls: map[scoring.CallID]int{}}
		r, err := Open(path, store.Write, patient, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		r.sync = func(*os.File) error { return nil }
		done, err := r.Replay(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(file) > 0 && file[len(file)-1] != '\n' {
			file = append(slices.Clone(file), '\n')
		}
		lines, s := bytes.Count(file, []byte("\n")), r.Stats()
		if done != store.all || done+int(s.Rejected) != lines || s.Pending != 0 || len(r.held) != 0 {
			t.Errorf("of %d lines %d were stored, %d told so, %+v, and %d calls are held", lines, store.all, done, s, len(r.held))
		}
		aside, err := os.ReadFile(path + ".rejected")
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if n := bytes.Count(aside, []byte("\n")); n != int(s.Rejected) || !subsequence(aside, file) {
			t.Errorf("%d lines are put aside, %d told so, want them as they stood:\n%q", n, s.Rejected, aside)
		}
		if left, err := os.ReadFile(path); err != nil || len(left) != 0 {
			t.Errorf("the file holds %q, %v, want nothing", left, err)
		}
	})
}

// subsequence reports whether the lines of some stand among all, in their order.
func subsequence(some, all []byte) bool {
	rest := slices.Collect(bytes.Lines(all))
	for line := range bytes.Lines(some) {
		i := slices.IndexFunc(rest, func(l []byte) bool { return bytes.Equal(l, line) })
		if i < 0 {
			return false
		}
		rest = rest[i+1:]
	}
	return true
}
