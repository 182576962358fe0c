package spill

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	_ "github.com/mattn/go-sqlite3" // another program's connection

	"aftercall/scoring"
	"aftercall/scoring/storetest"
)

// While the store does not answer, only the first write waits in full.
func TestDeadStoreHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = time.Second
		hang := func(ctx context.Context, _ scoring.Record) (scoring.Receipt, error) {
			<-ctx.Done()
			return scoring.Receipt{}, ctx.Err()
		}
		r, err := Open(filepath.Join(t.TempDir(), "spill.jsonl"), hang, limit, nil)
		if err != nil {
			t.Fatal(err)
		}
		for n, want := range []time.Duration{limit, limit / impatience, limit / impatience} {
			began := time.Now()
			var all sync.WaitGroup
			for i := range 50 {
				all.Go(func() { put(t, r, storetest.Whole(n*50+i), true) })
			}
			all.Wait()
			if took := time.Since(began); took != want {
				t.Errorf("round %d: 50 writes took %v, want %v", n+1, took, want)
			}
		}
		r.write = func(context.Context, scoring.Record) (scoring.Receipt, error) { return scoring.Receipt{}, nil }
		put(t, r, storetest.Whole(1000), false)
		if r.patience() != limit {
			t.Errorf("patience %v once the store answered, want %v", r.patience(), limit)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestPatientOnASlowDisk: a store that is within the limit is not taken for a
// dead one because it held a patient record before it wrote it: whoever comes
// next would be spilled, and so not asked.
func TestPatientOnASlowDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit, commit, held = 500 * time.Millisecond, 450 * time.Millisecond, 100 * time.Millisecond
		write := func(ctx context.Context, rec scoring.Record) (scoring.Receipt, error) {
			took := commit
			if until, ok := ctx.Deadline(); rec.Patient && ok && time.Until(until) >= 4*held { // as scoring/sqlite does
				took += held
			}
			select {
			case <-time.After(took):
				return scoring.Receipt{}, nil
			case <-ctx.Done():
				return scoring.Receipt{}, ctx.Err()
			}
		}
		r, err := Open(filepath.Join(t.TempDir(), "spill.jsonl"), write, limit, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		}()
		parts := storetest.Survey(1)
		put(t, r, parts[0], false)
		put(t, r, parts[1], false)
		put(t, r, scoring.Record{ID: parts[2].ID, End: parts[2].End, Patient: true}, false)
		put(t, r, storetest.Survey(2)[0], false)
	})
}

func TestRunReplaysUntilItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var broken atomic.Bool
		broken.Store(true)
		var mu sync.Mutex
		var taken []scoring.CallID
		write := func(_ context.Context, rec scoring.Record) (scoring.Receipt, error) {
			if broken.Load() {
				return scoring.Receipt{}, errDisk
			}
			mu.Lock()
			defer mu.Unlock()
			taken = append(taken, rec.ID)
			return scoring.Receipt{}, nil
		}
		r, err := Open(filepath.Join(t.TempDir(), "spill.jsonl"), write, time.Second, nil)
		if err != nil {
			t.Fatal(err)
		}
		put(t, r, storetest.Whole(1), true)
		put(t, r, storetest.Whole(2), true)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second+time.Millisecond)
		defer cancel()
		ended := make(chan error)
		go func() { ended <- r.Run(ctx, 5*time.Second) }()
		synctest.Wait()
		if got := r.Stats().Pending; got != 2 {
			t.Errorf("pending %d while the store is broken, want 2", got)
		}
		broken.Store(false)
		if err := <-ended; err != nil {
			t.Errorf("run: %v, want no error at the end of its context", err)
		}
		if r.Stats().Pending != 0 || len(taken) != 2 || taken[0] != storetest.Whole(1).ID {
			t.Errorf("pending %d, taken %v, want both, oldest first", r.Stats().Pending, taken)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestNeitherTookIt(t *testing.T) {
	dir := t.TempDir()
	s := &faulty{Store: openStore(t, filepath.Join(dir, "store.db")), fault: "failed"}
	r := openRecorder(t, filepath.Join(dir, "spill.jsonl"), s, limit)
	put(t, r, storetest.Survey(6)[0], true)
	writable := r.file
	unwritable, err := os.Open(r.path)
	if err != nil {
		t.Fatal(err)
	}
	r.file = unwritable
	if _, err := r.Write(t.Context(), storetest.Whole(8)); !errors.Is(err, errDisk) {
		t.Errorf("write: error %v, want %v with the file's own", err, errDisk)
	}
	if _, err := r.Write(t.Context(), storetest.Survey(6)[1]); err == nil {
		t.Error("write behind a spilled record: no error, want one")
	}
	if got, want := r.Stats(), (Stats{Spilled: 1, Pending: 2, Failed: 2}); got != want {
		t.Errorf("stats %+v, want %+v", got, want)
	}
	r.file = writable
	half := `{"half a line` + strings.Repeat("x", 4096) // what a full disk leaves, longer than what follows
	if _, err := writable.WriteAt([]byte(half), r.size); err != nil {
		t.Fatal(err)
	}
	parts := storetest.Survey(6)
	put(t, r, parts[1], true)
	put(t, r, parts[2], true)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	s.fault = ""
	r = openRecorder(t, r.path, s, limit)
	if done, err := r.Replay(t.Context()); done != 3 || err != nil || r.Stats().Rejected != 0 {
		t.Errorf("replay: %d, %v, stats %+v, want 3, no error and nothing rejected", done, err, r.Stats())
	}
	wantSettled(t, r, s.Store, 6)
	if err := unwritable.Close(); err != nil {
		t.Error(err)
	}
}

// Another program holds the database: a rating is durable all the same, and
// is in the store once the lock is gone.
func TestRealLock(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "store.db")
	s := openStore(t, path)
	r := openRecorder(t, filepath.Join(dir, "spill.jsonl"), s, limit)
	parts := storetest.Survey(9)
	put(t, r, parts[0], false)
	other, err := sql.Open("sqlite3", "file:"+path+"?_txlock=exclusive")
	if err != nil {
		t.Fatal(err)
	}
	lock, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	put(t, r, parts[1], true)
	if done, err := r.Replay(t.Context()); done != 0 || err == nil {
		t.Errorf("replay against a lock: %d, %v, want 0 and an error", done, err)
	}
	if err := errors.Join(lock.Rollback(), other.Close()); err != nil {
		t.Fatal(err)
	}
	put(t, r, parts[2], true)
	if done, err := r.Replay(t.Context()); done != 2 || err != nil {
		t.Errorf("replay: %d, %v, want 2 and no error", done, err)
	}
	wantSettled(t, r, s, 9)
}

func TestOneProgramOneFile(t *testing.T) {
	write := func(context.Context, scoring.Record) (scoring.Receipt, error) { return scoring.Receipt{}, nil }
	path := filepath.Join(t.TempDir(), "spill.jsonl")
	r, err := Open(path, write, limit, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, write, limit, nil); !errors.Is(err, ErrInUse) {
		t.Errorf("opened twice: error %v, want %v", err, ErrInUse)
	}
	if err := errors.Join(r.Close(), r.Close()); err != nil {
		t.Errorf("closed twice: %v", err)
	}
	if _, err := r.Write(t.Context(), storetest.Whole(1)); !errors.Is(err, ErrClosed) {
		t.Errorf("write after close: error %v, want %v", err, ErrClosed)
	}
	if _, err := r.Replay(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("replay after close: error %v, want %v", err, ErrClosed)
	}
	if _, err := Open(path, write, 0, nil); err == nil {
		t.Error("limit 0: no error, want one")
	}
}

func TestRejected(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "spill.jsonl")
	s := &faulty{Store: openStore(t, filepath.Join(dir, "store.db")), fault: "failed"}
	r := openRecorder(t, path, s, limit)
	for _, rec := range storetest.Survey(2) {
		put(t, r, rec, true)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	orphan := `{"id":{"uniqueid":"lost.1","visit":1},"end":{"reason":"lost","at":"2026-03-28T09:30:00Z"}}`
	nobody := `{"id":{"uniqueid":"","visit":1}}`
	torn := `{"id":{"uniqueid":"torn.1","vis`
	content := "no json\n" + orphan + "\n" + string(good) + nobody + "\n" + torn
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	s.fault = ""
	r = openRecorder(t, path, s, limit)
	if done, err := r.Replay(t.Context()); done != 3 || err != nil {
		t.Errorf("replay: %d, %v, want 3 and no error", done, err)
	}
	wantSettled(t, r, s.Store, 2)
	aside, err := os.ReadFile(path + ".rejected")
	if want := "no json\n" + orphan + "\n" + nobody + "\n" + torn + "\n"; err != nil || string(aside) != want {
		t.Errorf("rejected: %q, error %v, want %q", aside, err, want)
	}
	if got := r.Stats(); got != (Stats{Rejected: 4}) {
		t.Errorf("stats %+v, want 4 rejected and else 0", got)
	}
	for _, name := range []string{path, path + ".rejected"} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, error %v, want 0600", strings.TrimPrefix(name, dir), info.Mode(), err)
		}
	}
}

// TestIdle: nothing is done while a record waits, nor while one that the store
// has is still in the file; nothing is replayed while it is done.
func TestIdle(t *testing.T) {
	var down atomic.Bool
	written := 0
	write := func(context.Context, scoring.Record) (scoring.Receipt, error) {
		if down.Load() {
			return scoring.Receipt{}, errors.New("the store is down")
		}
		written++
		return scoring.Receipt{}, nil
	}
	r, err := Open(filepath.Join(t.TempDir(), "spill.jsonl"), write, time.Second, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	done := 0
	idle := func(want error) {
		t.Helper()
		before := done
		err := r.Idle(func() error { done++; return nil })
		if did := done > before; !errors.Is(err, want) || did != (want == nil) {
			t.Errorf("idle: done %v, error %v, want %v", did, err, want)
		}
	}
	idle(nil)
	down.Store(true)
	if receipt, err := r.Write(t.Context(), storetest.Whole(1)); err != nil || !receipt.Spilled {
		t.Fatalf("receipt %+v, error %v, want it spilled", receipt, err)
	}
	idle(ErrWaiting)
	down.Store(false)
	err = r.Idle(func() error { return nil })
	if !errors.Is(err, ErrWaiting) || written != 0 {
		t.Errorf("idle: error %v, %d written", err, written)
	}
	if n, err := r.Replay(t.Context()); err != nil || n != 1 {
		t.Fatalf("replayed %d, error %v", n, err)
	}
	idle(nil)
	no := errors.New("not so")
	if err := r.Idle(func() error { return no }); !errors.Is(err, no) {
		t.Errorf("error %v, want that of what was done", err)
	}
	replayed := make(chan error, 1)
	err = r.Idle(func() error {
		down.Store(true)
		if _, err := r.Write(t.Context(), storetest.Whole(2)); err != nil {
			return err
		}
		down.Store(false)
		go func() { _, err := r.Replay(context.Background()); replayed <- err }()
		select {
		case err := <-replayed:
			return fmt.Errorf("replayed meanwhile, error %v", err)
		case <-time.After(20 * time.Millisecond): // it waits for us
			return nil
		}
	})
	if err != nil {
		t.Error(err)
	}
	if err := <-replayed; err != nil || written != 2 {
		t.Errorf("replay behind it: %d written, error %v, want 2", written, err)
	}
}
