package spill

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"aftercall/scoring"
	"aftercall/scoring/storetest"
)

func broken(context.Context, scoring.Record) (scoring.Receipt, error) {
	return scoring.Receipt{}, errDisk
}

// slowDisk gives a recorder beside a broken store whose disk says it is
// busy once and then waits, each time, for a word on release.
func slowDisk(t *testing.T) (r *Recorder, syncs *int, release chan struct{}) {
	r, err := Open(filepath.Join(t.TempDir(), "spill.jsonl"), broken, limit, nil)
	if err != nil {
		t.Fatal(err)
	}
	syncs, release = new(int), make(chan struct{})
	r.sync = func(f *os.File) error {
		*syncs++
		<-release
		return f.Sync()
	}
	return r, syncs, release
}

// What waits while the disk is busy costs one fsync together.
func TestAppendsShareAnFsync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, syncs, release := slowDisk(t)
		var all sync.WaitGroup
		all.Go(func() { put(t, r, storetest.Whole(0), true) })
		synctest.Wait()
		for n := range 100 {
			all.Go(func() { put(t, r, storetest.Whole(1+n), true) })
		}
		synctest.Wait()
		close(release)
		all.Wait()
		if got := r.Stats(); *syncs != 2 || got != (Stats{Spilled: 101, Pending: 101}) {
			t.Errorf("%d fsyncs, stats %+v, want 2 for 101 records", *syncs, got)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A disk that hangs holds nobody up: a write has an end, and Stats does not
// wait. What the disk takes after all is replayed.
func TestHungDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _, release := slowDisk(t)
		parts := storetest.Survey(3)
		for n, rec := range parts[:2] { // the second waits behind the first
			began := time.Now()
			if _, err := r.Write(t.Context(), rec); !errors.Is(err, ErrSlow) {
				t.Errorf("record %d: error %v, want %v", n, err, ErrSlow)
			}
			if took := time.Since(began); took != fileLimit {
				t.Errorf("record %d took %v, want %v", n, took, fileLimit)
			}
		}
		began := time.Now()
		if got := r.Stats(); got != (Stats{Failed: 2}) || time.Since(began) != 0 {
			t.Errorf("stats %+v after %v, want 2 failed at once", got, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := r.Replay(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("replay: error %v, want %v", err, context.DeadlineExceeded)
		}
		close(release)
		synctest.Wait()
		if got := r.Stats(); got != (Stats{Failed: 2, Spilled: 2, Pending: 2}) {
			t.Errorf("stats %+v once the disk is back, want both records pending", got)
		}
		put(t, r, parts[2], true)
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
}

// More than the queue holds is refused at once, and Close has an end.
func TestTooManyForTheDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _, release := slowDisk(t)
		r.mu.Lock()
		r.enqueue(storetest.Whole(0))
		r.mu.Unlock()
		synctest.Wait() // the disk has it
		r.mu.Lock()
		for n := range queueBound {
			r.enqueue(storetest.Whole(1 + n))
		}
		r.mu.Unlock()
		began := time.Now()
		if _, err := r.Write(t.Context(), storetest.Whole(queueBound+1)); !errors.Is(err, ErrSlow) || time.Since(began) != 0 {
			t.Errorf("error %v after %v, want %v at once", err, time.Since(began), ErrSlow)
		}
		if err := r.Close(); !errors.Is(err, ErrSlow) {
			t.Errorf("close: error %v, want %v", err, ErrSlow)
		}
		close(release)
		if err := r.Close(); err != nil {
			t.Errorf("close once the disk is back: %v", err)
		}
		if got := r.Stats(); got.Pending != queueBound+2 {
			t.Errorf("stats %+v, want all that were taken pending, and the end of a call that was not", got)
		}
	})
}

// TestIdleWhileTheDiskIsBusy: a record on its way to the file waits as well.
func TestIdleWhileTheDiskIsBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _, release := slowDisk(t)
		var all sync.WaitGroup
		all.Go(func() { put(t, r, storetest.Whole(0), true) })
		synctest.Wait()
		if err := r.Idle(func() error { return nil }); !errors.Is(err, ErrWaiting) {
			t.Errorf("idle: error %v, want %v", err, ErrWaiting)
		}
		close(release)
		all.Wait()
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
}
