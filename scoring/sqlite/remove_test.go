package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"aftercall/scoring"
	"aftercall/scoring/storetest"
)

// heldIn counts the texts that stand anywhere in the files of a store.
func heldIn(t *testing.T, path string, texts []string) (n int) {
	t.Helper()
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) < 2 {
		t.Fatalf("files %v, error %v, want those of the store", files, err)
	}
	var all strings.Builder
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	for _, text := range texts {
		if strings.Contains(all.String(), text) {
			n++
		}
	}
	return n
}

// callersIn fills a store with calls of as many callers, who end in disorder,
// as calls do, and gives each one's number.
func callersIn(t *testing.T, s *Store, calls int) (numbers []string) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	var all, open []scoring.Record
	for n := range calls {
		numbers = append(numbers, fmt.Sprintf("+4930%04d%05d", rng.IntN(10000), n))
		r := storetest.Whole(n)
		r.Call.Caller = scoring.NewCaller(scoring.CallerFull, "", numbers[n])
		open = append(open, scoring.Record{ID: r.ID, Answers: r.Answers, Keypresses: r.Keypresses, End: r.End})
		all = append(all, scoring.Record{ID: r.ID, Call: r.Call, Assignments: r.Assignments})
		if len(open) > 40 {
			i := rng.IntN(len(open))
			all, open = append(all, open[i]), slices.Delete(open, i, i+1)
		}
	}
	all = append(all, open...)
	for part := range slices.Chunk(all, 1000) {
		if err := s.WriteAll(t.Context(), part); err != nil {
			t.Fatal(err)
		}
	}
	return numbers
}

func of(numbers []string) (callers []scoring.Caller) {
	for _, n := range numbers {
		callers = append(callers, scoring.NewCaller(scoring.CallerFull, "", n))
	}
	return callers
}

// TestErasedBytesAreGone: what is erased stands nowhere in the files of the
// store, whatever moved before and between; the rest does.
func TestErasedBytesAreGone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path, Options{})
	numbers := callersIn(t, s, 4000)
	if n := heldIn(t, path, numbers); n != len(numbers) {
		t.Fatalf("%d of %d numbers are found before", n, len(numbers))
	}
	rand.New(rand.NewPCG(3, 4)).Shuffle(len(numbers), func(i, j int) { numbers[i], numbers[j] = numbers[j], numbers[i] })
	left := numbers
	for range 24 { // so many that rows of those who are left move together
		gone := left[:150]
		left = left[150:]
		got, err := s.RemoveCalls(t.Context(), scoring.Removal{Callers: of(gone)}, nil)
		if err != nil || got.Calls != 150 || got.Lingers {
			t.Fatalf("removed %+v, error %v, want 150 calls and nothing left of them", got, err)
		}
		if n := heldIn(t, path, gone); n != 0 {
			t.Errorf("%d of 150 numbers are left", n)
		}
	}
	if n := heldIn(t, path, numbers[:3600]); n != 0 {
		t.Errorf("%d of 3600 numbers are left", n)
	}
	if n := heldIn(t, path, left); n != len(left) {
		t.Errorf("%d of %d numbers are found of those who were not erased", n, len(left))
	}
	if rows, all, err := s.CallsOf(t.Context(), of(left[:1]), 10); err != nil || all != 1 || rows[0].Call.Caller.Reveal() != left[0] {
		t.Errorf("%d calls, error %v, want the one of who was not erased", all, err)
	}
}

// TestErasedBehindAReader: the log keeps what somebody reads; that is said, and
// doing it again when the reader is gone empties it.
func TestErasedBehindAReader(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path, Options{})
	numbers := callersIn(t, s, 100)
	reader, err := sql.Open("sqlite3", location(path)+"?mode=ro&_txlock=deferred")
	if err != nil {
		t.Fatal(err)
	}
	tx, err := reader.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := tx.QueryRowContext(t.Context(), `SELECT count(*) FROM calls`).Scan(&n); err != nil || n != 100 {
		t.Fatalf("%d calls, error %v", n, err)
	}
	gone := numbers[:7]
	slow := make(chan error, 1)
	go func() { // writes go on meanwhile
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_, err := s.Write(ctx, storetest.Whole(5000))
		slow <- err
	}()
	got, err := s.RemoveCalls(t.Context(), scoring.Removal{Callers: of(gone)}, nil)
	if err != nil || got.Calls != 7 || !got.Lingers {
		t.Errorf("removed %+v, error %v, want 7 calls, lingering", got, err)
	}
	if err := <-slow; err != nil {
		t.Errorf("write meanwhile: %v", err)
	}
	if err := errors.Join(tx.Rollback(), reader.Close()); err != nil {
		t.Fatal(err)
	}
	got, err = s.RemoveCalls(t.Context(), scoring.Removal{Callers: of(gone)}, nil)
	if err != nil || got.Calls != 0 || got.Lingers {
		t.Errorf("again: %+v, error %v, want nothing left", got, err)
	}
	if n := heldIn(t, path, gone); n != 0 {
		t.Errorf("%d of 7 numbers are left", n)
	}
	if info, err := os.Stat(path + "-wal"); err != nil || info.Size() != 0 {
		t.Errorf("log of %d bytes, error %v, want it empty", info.Size(), err)
	}
}

// TestRemovalWhereCommitFails: however a commit fails, doing it again comes out
// right: each call is removed and counted once.
func TestRemovalWhereCommitFails(t *testing.T) {
	for fault, happened := range map[string]int64{"commit failed": 0, "commit failed but happened": 250} {
		t.Run(fault, func(t *testing.T) {
			d := &trouble{}
			s := open(t, filepath.Join(t.TempDir(), "store.db"), Options{connect: d.open})
			numbers := callersIn(t, s, 600)
			rows, err := s.Calls(t.Context(), scoring.Query{Limit: 1000})
			if err != nil {
				t.Fatal(err)
			}
			d.fault = fault
			got, err := s.RemoveCalls(t.Context(), scoring.Removal{Callers: of(numbers)}, nil)
			if !errors.Is(err, ErrIO) || got.Calls != 0 {
				t.Errorf("removed %+v, error %v, want %v", got, err, ErrIO)
			}
			d.fault = ""
			got, err = s.RemoveCalls(t.Context(), scoring.Removal{Callers: of(numbers)}, nil)
			if err != nil || got.Calls != 600-happened {
				t.Errorf("again: %+v, error %v, want the %d that are left", got, err, 600-happened)
			}
			storetest.Check(t, s, rows...)
			if all, err := s.RemovedCalls(t.Context()); err != nil || all[scoring.Erasure] != 600 {
				t.Errorf("removed so far %v, error %v, want 600", all, err)
			}
		})
	}
}

// TestEveryConnectionClears: secure_delete is on wherever something is written.
func TestEveryConnectionClears(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path, Options{})
	for range 2 { // the second on a connection that was opened anew
		on := make(chan int64, 1)
		err := s.task(t.Context(), "look", func(c *conn, _ *batch) error {
			return c.each(t.Context(), func(row []driver.Value) { on <- row[0].(int64) }, `PRAGMA secure_delete`)
		})
		if err != nil || <-on != 1 {
			t.Errorf("secure_delete is not on, error %v", err)
		}
		if err := s.task(t.Context(), "fail", func(*conn, *batch) error { return errors.New("so the test wants it") }); err == nil {
			t.Error("the task does not fail")
		}
	}
}
