package sqlite

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"aftercall/scoring/storetest"
)

// A backup beside a writer is of one moment: every call in it is whole, and
// roll-ups and totals are as its rows say.
func TestBackupBesideAWriter(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "store #1?.db")
	s := open(t, path, Options{})
	for n := range 300 {
		write(t, s, storetest.Whole(n))
	}
	var writing sync.WaitGroup
	end := make(chan struct{})
	writing.Go(func() {
		for n := 300; ; n++ {
			select {
			case <-end:
				return
			default:
				if err := writeErr(s, n); err != nil {
					t.Error(err)
				}
			}
		}
	})
	var last int64
	for _, name := range []string{"one.db", "two #?.db", "three.db"} {
		to := filepath.Join(dir, name)
		h, err := Backup(t.Context(), path, to, false)
		if err != nil || h.Calls < 300 || h.Calls < last || h.Schema < 4 || h.Zone != "UTC" || h.LastCall.Before(h.FirstCall) {
			t.Errorf("backup: %+v, error %v, want 300 calls or more", h, err)
		}
		last = h.Calls
		if info, err := os.Stat(to); err != nil || info.Mode().Perm() != private {
			t.Errorf("mode %v, error %v, want 0600", info.Mode(), err)
		}
		if x, err := Examine(t.Context(), to, "UTC"); err != nil || len(x.Faults) != 0 || x.Calls != h.Calls {
			t.Errorf("examine: %+v, error %v, want no fault and %d calls", x, err, h.Calls)
		}
	}
	close(end)
	writing.Wait()
	made, err := filepath.Glob(filepath.Join(dir, "*.db*"))
	if err != nil || len(made) != 3+4 {
		t.Errorf("files %v, error %v, want three copies and the store's own four", made, err)
	}
	storetest.Check(t, open(t, filepath.Join(dir, "three.db"), Options{}))
}

func TestBackupRefused(t *testing.T) {
	path, copied := grown(t)
	s := open(t, path, Options{})
	write(t, s, storetest.Whole(50))
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	spill := filepath.Join(t.TempDir(), "spill.jsonl")
	for _, to := range []string{path, link, path + "-wal", path + "-shm", path + ".lock", path + ".restored", spill} {
		if _, err := Backup(t.Context(), path, to, true, spill); !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("to %q: error %v, want %v", to, err, fs.ErrInvalid)
		}
	}
	if _, err := Backup(t.Context(), path, copied, false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over another: error %v, want %v", err, fs.ErrExist)
	}
	if _, err := Backup(t.Context(), path, t.TempDir(), true); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a folder: error %v, want %v", err, fs.ErrExist)
	}
	busy, err := begin(copied + ".unfinished")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Backup(t.Context(), path, copied, true); !errors.Is(err, ErrCopying) {
		t.Errorf("beside another: error %v, want %v", err, ErrCopying)
	}
	if err := errors.Join(busy.Close(), os.Remove(copied+".unfinished")); err != nil {
		t.Fatal(err)
	}
	if x, err := Examine(t.Context(), copied, "UTC"); err != nil || x.Calls != 20 {
		t.Errorf("the copy from before: %+v, error %v, want it as it was", x, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	other := filepath.Join(t.TempDir(), "other.db")
	for name, c := range map[string]struct {
		ctx      context.Context
		from, to string
		want     error
	}{
		"ended":     {ended, path, other, context.Canceled},
		"no store":  {t.Context(), other + ".none", other, ErrIO},
		"no folder": {t.Context(), path, filepath.Join(other, "x.db"), ErrIO},
	} {
		if _, err := Backup(c.ctx, c.from, c.to, false); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", name, err, c.want)
		}
	}
	if left, err := os.ReadDir(filepath.Dir(other)); err != nil || len(left) != 0 {
		t.Errorf("left %v, error %v, want nothing", left, err)
	}
	if h, err := Backup(t.Context(), path, copied, true); err != nil || h.Calls != 41 {
		t.Errorf("over another, wanted: %+v, error %v, want 41 calls", h, err)
	}
}

// No room for the copy: it says so, leaves nothing, and the store goes on.
func TestBackupOntoAFullDisk(t *testing.T) {
	path, _ := grown(t)
	s := open(t, path, Options{})
	to := filepath.Join(t.TempDir(), "copy.db")
	status, said := suffering(t, "pwrite64", "error=ENOSPC:when=10+", path, "backup", to, "UTC")
	if status.ExitStatus() != 1 || !strings.Contains(said, ErrFull.Error()) || !strings.Contains(said, to) {
		t.Errorf("status %v, says %q, want 1 and that there is no space for it", status.ExitStatus(), said)
	}
	if left, err := os.ReadDir(filepath.Dir(to)); err != nil || len(left) != 0 {
		t.Errorf("left %v, error %v, want nothing", left, err)
	}
	write(t, s, storetest.Whole(60))
}

// TestBackupKilled: whatever a kill leaves has no name of a copy, and the next
// backup takes its place.
func TestBackupKilled(t *testing.T) {
	path, copied := grown(t)
	before, _ := holds(t, copied)
	for _, call := range []string{"openat", "pwrite64", "fsync", "renameat"} {
		for n := 1; ; n += 1 + n/4 {
			done := killedAt(t, call, n, path, "backup", copied, "UTC")
			x, err := Examine(t.Context(), copied, "UTC")
			if err != nil || len(x.Faults) != 0 || x.Calls != 20 && x.Calls != 40 || done && x.Calls != 40 {
				t.Fatalf("%s %d, done: %v: %+v, error %v, want the copy from before or a whole one", call, n, done, x, err)
			}
			if done {
				break
			}
		}
	}
	if left, err := filepath.Glob(copied + "*"); err != nil || !slices.Equal(left, []string{copied, copied + ".lock"}) {
		t.Errorf("left %v, error %v, want the copy alone, and the lock of whoever looked into it", left, err)
	}
	if len(before) != 20 {
		t.Errorf("%d calls in the first copy, want 20", len(before))
	}
}

// TestTwoBackupsAtOnce: one that begins when another has just given its copy the
// name does not take the file for what a killed run left, and empty it.
func TestTwoBackupsAtOnce(t *testing.T) {
	to := filepath.Join(t.TempDir(), "copy.db")
	part := to + ".unfinished"
	begun := func() *os.File {
		for {
			file, err := begin(part)
			if err == nil {
				return file
			}
			if !errors.Is(err, ErrCopying) {
				t.Fatal(err)
			}
		}
	}
	for round := range 400 {
		first := begun()
		var others sync.WaitGroup
		var done atomic.Bool
		for range 3 {
			others.Go(func() {
				for !done.Load() {
					if file, err := begin(part); err == nil {
						if err := file.Close(); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		_, err := first.WriteString("whole")
		if err := errors.Join(err, os.Rename(part, to), first.Close()); err != nil {
			t.Fatal(err)
		}
		done.Store(true)
		others.Wait()
		if text, err := os.ReadFile(to); err != nil || string(text) != "whole" {
			t.Fatalf("round %d: the first's copy holds %q, error %v, want it whole", round, text, err)
		}
	}
}
