package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"

	"aftercall/scoring"
	"aftercall/scoring/storetest"
)

func open(t *testing.T, path string, o Options) *Store {
	t.Helper()
	if o.Zone == "" {
		o.Zone = "UTC"
	}
	s, err := Open(t.Context(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func write(t *testing.T, s *Store, r scoring.Record) {
	t.Helper()
	if _, err := s.Write(t.Context(), r); err != nil {
		t.Fatalf("write %s: %v", r.ID, err)
	}
}

// lock has another connection hold the database until release is called.
func lock(t *testing.T, path string) (release func()) {
	t.Helper()
	db, err := sql.Open("sqlite3", location(path)+"?_txlock=exclusive")
	if err != nil {
		t.Fatal(err)
	}
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := errors.Join(tx.Rollback(), db.Close()); err != nil {
			t.Error(err)
		}
	}
}

func TestLockedByAnotherProgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path, Options{})
	parts := storetest.Survey(1)
	write(t, s, parts[0])
	release := lock(t, path)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := s.Write(ctx, parts[1]); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("write: error %v, want %v", err, context.DeadlineExceeded)
	}
	if _, err := s.Calls(t.Context(), scoring.Query{}); err != nil {
		t.Errorf("calls beside the lock: %v", err)
	}
	release()
	write(t, s, parts[2])
	write(t, s, parts[1]) // it happened late, or happens now
	storetest.Check(t, s)
	if rows, err := s.Calls(t.Context(), scoring.Query{}); err != nil || len(rows) != 1 || rows[0].Questions[0].Answer == nil {
		t.Errorf("calls: %+v, error %v, want one with its answer", rows, err)
	}
}

func TestLockOutlastsTheBusyTimeout(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	impatient := func(dsn string) (driver.Conn, error) {
		return (&sqlite3.SQLiteDriver{}).Open(strings.Replace(dsn, "_busy_timeout=5000", "_busy_timeout=20", 1))
	}
	s := open(t, path, Options{connect: impatient})
	release := lock(t, path)
	if _, err := s.Write(t.Context(), storetest.Whole(1)); !errors.Is(err, ErrBusy) || !strings.Contains(err.Error(), path) {
		t.Errorf("write: error %v, want %v with the path", err, ErrBusy)
	}
	if h := s.Health(); !errors.Is(h.LastError, ErrBusy) {
		t.Errorf("health %+v, want the last error to be %v", h, ErrBusy)
	}
	release()
	write(t, s, storetest.Whole(1))
	storetest.Check(t, s)
	if h := s.Health(); h.LastError != nil || h.LastCommit.IsZero() || h.Bound != queueBound || h.Queued != 0 {
		t.Errorf("health %+v, want no error, a commit and an empty queue", h)
	}
}

func TestFullQueue(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path, Options{})
	release := lock(t, path)
	given, cancel := context.WithCancel(t.Context())
	cancel()
	var full error
	taken := 0
	for full == nil && taken < 2*queueBound {
		if _, err := s.Write(given, storetest.Whole(taken)); errors.Is(err, ErrQueueFull) {
			full = err
		} else {
			taken++
		}
	}
	if h := s.Health(); full == nil || h.Refused != 1 || h.Queued != queueBound {
		t.Errorf("error %v, health %+v, want %v, one refused and a full queue", full, h, ErrQueueFull)
	}
	release()
	if err := s.Close(); err != nil { // writes what is queued
		t.Fatal(err)
	}
	s = open(t, path, Options{})
	if rows, err := s.Calls(t.Context(), scoring.Query{Limit: 1 << 20}); err != nil || len(rows) != taken {
		t.Errorf("%d calls, error %v, want the %d that were taken", len(rows), err, taken)
	}
	storetest.Check(t, s)
}

func writeErr(s *Store, n int) error {
	_, err := s.Write(context.Background(), storetest.Whole(n))
	return err
}

// fill makes the disk full for the store in dir, for as long as the test runs.
// On a machine that allows it, the disk is a small one of its own; else the
// store's connection is kept from growing, which SQLite reports alike.
func fill(t *testing.T) (dir string, o Options) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1500k"); err == nil {
		t.Cleanup(func() {
			if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
				t.Error(err)
			}
		})
		return dir, Options{}
	}
	return dir, Options{connect: func(dsn string) (driver.Conn, error) {
		c, err := (&sqlite3.SQLiteDriver{}).Open(dsn)
		if err == nil {
			_, err = c.(driver.ExecerContext).ExecContext(context.Background(), `PRAGMA max_page_count = 100`, nil)
		}
		return c, err
	}}
}

func TestFullDisk(t *testing.T) {
	dir, o := fill(t)
	s := open(t, filepath.Join(dir, "store.db"), o)
	written := 0
	var err error
	for n := 0; err == nil && n < 100_000; n++ {
		if err = writeErr(s, n); err == nil {
			written++
		}
	}
	if !errors.Is(err, ErrFull) || written == 0 {
		t.Fatalf("after %d surveys: error %v, want %v", written, err, ErrFull)
	}
	again := writeErr(s, 200_000)
	if again != nil && !errors.Is(again, ErrFull) {
		t.Errorf("write to a full disk again: error %v, want %v or none", again, ErrFull)
	}
	rows, err := s.Calls(t.Context(), scoring.Query{Limit: 1 << 20})
	if want := written; err != nil || len(rows) != want && again != nil {
		t.Errorf("%d calls, error %v, want the %d that were confirmed", len(rows), err, want)
	}
	var n int64
	for _, total := range s.Totals() {
		if total.Kind == scoring.AgentOutcome {
			n += total.N
		}
	}
	if n != int64(len(rows)) {
		t.Errorf("totals count %d surveys, want %d: no more than what is durable", n, len(rows))
	}
}

// A record that passes every check and is refused by the database all the
// same fails alone.
func TestOneBadRecordInABatch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path, Options{})
	poison(t, path)
	release := lock(t, path)
	var jobs []job
	for n := range 9 { // the first waits for the lock, the others become one batch behind it
		r := storetest.Whole(n)
		if n == 4 {
			r.Call.Trunk = "poison"
		}
		jobs = append(jobs, job{record: &r, reply: make(chan reply, 1)})
		if err := s.writer.put(jobs[n]); err != nil {
			t.Fatal(err)
		}
	}
	release()
	for n, j := range jobs {
		if r := <-j.reply; (n == 4) != errors.Is(r.err, scoring.ErrInvalid) || (n != 4 && r.err != nil) {
			t.Errorf("record %d: error %v, want only record 4 refused", n, r.err)
		}
	}
	storetest.Check(t, s)
	rows, err := s.Calls(t.Context(), scoring.Query{})
	if err != nil || len(rows) != 8 {
		t.Errorf("%d calls, error %v, want the 8 good ones", len(rows), err)
	}
}

// poison has the database itself refuse a call, behind all checks.
func poison(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite3", location(path)+"?_foreign_keys=on")
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), `CREATE TRIGGER poison BEFORE INSERT ON answers
		WHEN (SELECT trunk FROM calls WHERE id = new.call) = 'poison' BEGIN SELECT raise(ABORT, 'poisoned'); END`)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}
