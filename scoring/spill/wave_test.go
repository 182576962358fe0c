package spill

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"

	"aftercall/scoring"
	"aftercall/scoring/sqlite"
	"aftercall/scoring/storetest"
)

// spilled leaves the records of n surveys in the file at path, as an earlier
// run would.
func spilled(t testing.TB, path string, n int) (records int) {
	t.Helper()
	var all []byte
	for i := range n {
		for _, rec := range storetest.Survey(i) {
			line, err := json.Marshal(rec)
			if err != nil {
				t.Fatal(err)
			}
			all = append(append(all, line...), '\n')
			records++
		}
	}
	if err := os.WriteFile(path, all, 0o600); err != nil {
		t.Fatal(err)
	}
	return records
}

// watched is a store that notes how many records are on their way and what
// each call had.
type watched struct {
	mu         sync.Mutex
	now, most  int
	taken      map[scoring.CallID][]scoring.Record
	budget     int // records that it still takes
	release    chan struct{}
	disordered int
}

func (w *watched) write(_ context.Context, rec scoring.Record) (scoring.Receipt, error) {
	w.mu.Lock()
	w.now++
	w.most = max(w.most, w.now)
	w.mu.Unlock()
	if w.release != nil {
		<-w.release
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now--
	if w.budget == 0 {
		return scoring.Receipt{}, errDisk
	}
	w.budget--
	had := w.taken[rec.ID]
	if rec.End != nil && len(had) > 0 && len(had[len(had)-1].Answers) == 0 {
		w.disordered++ // the end belongs behind the answer
	}
	w.taken[rec.ID] = append(had, rec)
	return scoring.Receipt{}, nil
}

// Many calls are on their way together, so that the store can commit them
// together; one alone goes first.
func TestReplaySideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "spill.jsonl")
		records := spilled(t, path, 300)
		w := &watched{taken: map[scoring.CallID][]scoring.Record{}, budget: records, release: make(chan struct{})}
		r, err := Open(path, w.write, limit, nil)
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error)
		go func() { _, err := r.Replay(t.Context()); ended <- err }()
		synctest.Wait()
		if w.most != 1 {
			t.Errorf("%d records try the store first, want 1", w.most)
		}
		w.release <- struct{}{}
		synctest.Wait()
		if w.now < waveBound/3 || w.now > waveBound {
			t.Errorf("%d records on their way, want one of each call in %d lines", w.now, waveBound)
		}
		close(w.release)
		if err := <-ended; err != nil || len(w.taken) != 300 || w.budget != 0 || w.disordered != 0 || r.Stats().Pending != 0 {
			t.Errorf("error %v, %d calls, %d records missing, %d out of order, stats %+v", err, len(w.taken), w.budget, w.disordered, r.Stats())
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A replay that stops leaves what the store did not take, and what is behind
// it, in the file; the next brings the rest, in the order of each call.
func TestReplayGoesOnWhereItStopped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spill.jsonl")
	records := spilled(t, path, 100)
	w := &watched{taken: map[scoring.CallID][]scoring.Record{}, budget: 150}
	r, err := Open(path, w.write, limit, nil)
	if err != nil {
		t.Fatal(err)
	}
	first, err := r.Replay(t.Context())
	if first == 0 || first > 150 || !errors.Is(err, errDisk) || r.Stats().Pending != records-first {
		t.Errorf("replay: %d, error %v, stats %+v, want 1 to 150, %v and the rest pending", first, err, r.Stats(), errDisk)
	}
	w.budget = records
	second, err := r.Replay(t.Context())
	if err != nil || first+second != records || r.Stats().Pending != 0 || len(w.taken) != 100 {
		t.Errorf("replay: %d and %d, error %v, %d calls, want %d of 100", first, second, err, len(w.taken), records)
	}
	for id, had := range w.taken {
		if last := had[len(had)-1]; last.End == nil {
			t.Errorf("call %s: the last record that came is %+v, want its end", id, last)
		}
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

// BenchmarkReplay replays the records of 20,000 surveys into a real store.
func BenchmarkReplay(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		dir, err := os.MkdirTemp(b.TempDir(), "")
		if err != nil {
			b.Fatal(err)
		}
		path := filepath.Join(dir, "spill.jsonl")
		records := spilled(b, path, 20_000)
		s, err := sqlite.Open(b.Context(), filepath.Join(dir, "store.db"), sqlite.Options{Zone: "UTC"})
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		r, err := Open(path, s.Write, limit, nil)
		if err != nil {
			b.Fatal(err)
		}
		if done, err := r.Replay(b.Context()); err != nil || done != records {
			b.Fatalf("replay: %d, error %v, want %d", done, err, records)
		}
		b.StopTimer()
		if err := errors.Join(r.Close(), s.Close()); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(records), "records")
		b.StartTimer()
	}
}
