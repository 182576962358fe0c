package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"aftercall/scoring"
	"aftercall/scoring/storetest"
)

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
	most := 1 + turns
	if raced() {
		most *= 2 // the race detector's scheduler gives some two turns for one
	}
	if len(jobs) > most {
		t.Errorf("%d records in a batch that came one by one, want %d at most", len(jobs), most)
	}
}

// inTime runs a test of a store in a bubble, where only what nobody waits for
// takes time, and gives how many transactions were committed so far.
func inTime(t *testing.T, tell func(t *testing.T, s *Store, commits func() int)) {
	synctest.Test(t, func(t *testing.T) {
		d := &recorder{}
		s, err := Open(t.Context(), filepath.Join(t.TempDir(), "store.db"), Options{Zone: "UTC", connect: d.open})
		if err != nil {
			t.Fatal(err)
		}
		d.steps = nil
		tell(t, s, d.commits)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// end gives the bare end of a survey, which nobody waits for.
func end(n int) scoring.Record {
	r := storetest.Survey(n)[2]
	return scoring.Record{ID: r.ID, End: r.End, Patient: true}
}

// unended stores surveys up to their end.
func unended(t *testing.T, s *Store, surveys int) {
	t.Helper()
	for n := range surveys {
		parts := storetest.Survey(n)
		write(t, s, parts[0])
		write(t, s, parts[1])
	}
}

// TestPatient: a patient record is committed with the next that is not, or
// with a task, or alone when it was held long enough; whoever has little time
// is not held.
func TestPatient(t *testing.T) {
	for _, c := range []struct {
		name    string
		ends    int           // one every 10 ms
		limit   time.Duration // of their writers; 0 = none
		then    func(s *Store) error
		at      time.Duration // of what is done then; 0 = nothing is
		want    time.Duration // until the first is durable
		commits int
	}{
		{name: "alone", ends: 1, want: heldBound, commits: 1},
		{name: "the first was held long enough", ends: 5, want: heldBound, commits: 1},
		{name: "some came too late for that", ends: 15, want: heldBound, commits: 2},
		{name: "just time enough", ends: 1, limit: heldShare * heldBound, want: heldBound, commits: 1},
		{name: "too little time", ends: 1, limit: heldShare*heldBound - 1, want: 0, commits: 1},
		{name: "company", ends: 2, at: 30 * time.Millisecond, want: 30 * time.Millisecond, commits: 1,
			then: func(s *Store) error { return writeErr(s, 100) }},
		{name: "company that is refused", ends: 2, at: 30 * time.Millisecond, want: 30 * time.Millisecond, commits: 1,
			then: func(s *Store) error {
				_, err := s.Write(context.Background(), storetest.Survey(100)[1])
				if errors.Is(err, scoring.ErrNoCall) {
					return nil
				}
				return fmt.Errorf("answer to a call that is not there: %w", err)
			}},
		{name: "a task", ends: 2, at: 30 * time.Millisecond, want: 30 * time.Millisecond, commits: 2,
			then: func(s *Store) error { return s.PutLayouts(context.Background(), nil) }},
		{name: "closed", ends: 2, at: 30 * time.Millisecond, want: 30 * time.Millisecond, commits: 1,
			then: func(s *Store) error { return s.writer.close() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			inTime(t, func(t *testing.T, s *Store, commits func() int) {
				unended(t, s, c.ends)
				before, began, took := commits(), time.Now(), make([]time.Duration, c.ends)
				var all sync.WaitGroup
				for n := range c.ends {
					all.Go(func() {
						ctx := t.Context()
						if c.limit > 0 {
							limited, cancel := context.WithTimeout(ctx, c.limit)
							defer cancel()
							ctx = limited
						}
						time.Sleep(time.Duration(n) * 10 * time.Millisecond)
						if _, err := s.Write(ctx, end(n)); err != nil {
							t.Errorf("end %d: %v", n, err)
						}
						took[n] = time.Since(began)
					})
				}
				if c.at > 0 {
					time.Sleep(c.at)
					if err := c.then(s); err != nil || time.Since(began) != c.at {
						t.Errorf("what came: error %v, after %v, want none, and no wait", err, time.Since(began)-c.at)
					}
				}
				all.Wait()
				if took[0] != c.want || commits()-before != c.commits {
					t.Errorf("durable after %v, %d commits, want %v and %d", took[0], commits()-before, c.want, c.commits)
				}
				if open, err := s.OpenCalls(t.Context(), 100); err != nil || len(open) != 0 {
					t.Errorf("%d calls are open, error %v, want none", len(open), err)
				}
			})
		})
	}
}

// TestPatientNeighbours: where the database refuses a batch, each patient
// record in it has its own fate.
func TestPatientNeighbours(t *testing.T) {
	inTime(t, func(t *testing.T, s *Store, _ func() int) {
		poison(t, s.writer.path)
		unended(t, s, 2)
		var all sync.WaitGroup
		for n := range 2 {
			all.Go(func() {
				if _, err := s.Write(t.Context(), end(n)); err != nil {
					t.Errorf("end %d: %v", n, err)
				}
			})
		}
		synctest.Wait()
		bad := storetest.Whole(2)
		bad.Call.Trunk = "poison"
		if _, err := s.Write(t.Context(), bad); !errors.Is(err, scoring.ErrInvalid) {
			t.Errorf("error %v, want %v", err, scoring.ErrInvalid)
		}
		all.Wait()
		rows, err := s.Calls(t.Context(), scoring.Query{})
		if err != nil || len(rows) != 2 || rows[0].End == nil || rows[1].End == nil {
			t.Errorf("calls %+v, error %v, want two that have ended", rows, err)
		}
		storetest.Check(t, s)
	})
}

// queued puts a record into the queue of a writer that does not run.
func queued(t *testing.T, w *writer, n int, patient bool) job {
	t.Helper()
	r := storetest.Whole(n)
	r.Patient = patient
	j := job{record: &r, until: heldUntil(t.Context(), &r)}
	if err := w.put(j); err != nil {
		t.Fatal(err)
	}
	return j
}

// TestHeldSinceItCame: how long a record was in the queue, because the disk was
// busy, counts.
func TestHeldSinceItCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for busy, want := range map[time.Duration]time.Duration{heldBound / 2: heldBound, 2 * heldBound: 2 * heldBound} {
			w := newWriter("store.db", Options{}, nil)
			began := time.Now()
			queued(t, w, 1, true)
			time.Sleep(busy)
			if jobs := w.gather(<-w.queue); len(jobs) != 1 || time.Since(began) != want {
				t.Errorf("busy for %v: %d records after %v, want one after %v", busy, len(jobs), time.Since(began), want)
			}
		}
	})
}

// TestHeldInOrder: records leave in the order they came in, a full batch at once.
func TestHeldInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWriter("store.db", Options{}, nil)
		var want []job
		for n := range batchBound + 3 {
			want = append(want, queued(t, w, n, n != batchBound+1)) // the last but one has those behind it go, too
		}
		began := time.Now()
		first := w.gather(<-w.queue)
		got := append(first, w.gather(<-w.queue)...)
		if len(first) != batchBound || len(got) != len(want) || time.Since(began) != 0 {
			t.Fatalf("%d and %d records after %v, want %d and %d at once", len(first), len(got)-len(first), time.Since(began), batchBound, 3)
		}
		for i := range want {
			if got[i].record != want[i].record {
				t.Errorf("record %d is that of call %s, want %s", i, got[i].record.ID, want[i].record.ID)
			}
		}
	})
}
