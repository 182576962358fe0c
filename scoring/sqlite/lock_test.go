package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"aftercall/scoring"
	"aftercall/scoring/storetest"
)

// One store, one writer: by any name of the file, until it is closed, and
// without a word against readers.
func TestInUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	other := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(path, other); err != nil {
		t.Fatal(err)
	}
	s := open(t, path, Options{})
	for _, name := range []string{path, other} {
		if _, err := Open(t.Context(), name, Options{Zone: "UTC"}); !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), path) {
			t.Errorf("open %q beside the first: error %v, want %v with the path", name, err, ErrInUse)
		}
	}
	r, err := OpenReadOnly(t.Context(), path)
	if err != nil {
		t.Fatalf("for reading: %v", err)
	}
	write(t, s, storetest.Whole(1))
	if err := errors.Join(r.Close(), s.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	storetest.Check(t, open(t, other, Options{}))
}

// An Open that fails leaves no lock behind.
func TestLockAfterAFault(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	if err := open(t, path, Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path, Options{Zone: "Asia/Shanghai"}); !errors.Is(err, ErrZone) {
		t.Fatalf("error %v, want %v", err, ErrZone)
	}
	open(t, path, Options{})
}

func TestExisting(t *testing.T) {
	dir := t.TempDir()
	o := Options{Zone: "UTC", Existing: true}
	if _, err := Open(t.Context(), filepath.Join(dir, "gone.db"), o); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("open what is not there: error %v, want %v", err, fs.ErrNotExist)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("it left %v, error %v, want nothing", left, err)
	}
	empty := filepath.Join(dir, "empty.db")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), empty, o); !errors.Is(err, ErrCorrupt) {
		t.Errorf("open an empty file: error %v, want %v", err, ErrCorrupt)
	}
	made := filepath.Join(dir, "store.db")
	if err := open(t, made, Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	open(t, made, o)
}

// Whatever the umask, and whatever an earlier program left: for the owner only.
func TestPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	for _, umask := range []int{0, 0o777} {
		old := syscall.Umask(umask)
		s, err := Open(t.Context(), path, Options{Zone: "UTC"})
		if err == nil {
			_, err = s.Write(t.Context(), storetest.Whole(1))
		}
		syscall.Umask(old)
		if err != nil {
			t.Fatal(err)
		}
		for _, end := range []string{"", "-wal", "-shm", ".lock"} {
			if info, err := os.Stat(path + end); err != nil || info.Mode().Perm() != private {
				t.Errorf("umask %#o: store.db%s: %v, error %v, want 0600", umask, end, info, err)
			}
		}
		if err := errors.Join(s.Close(), os.Chmod(path, 0o664)); err != nil {
			t.Fatal(err)
		}
	}
}

// A record that is refused says nothing about the database's health.
func TestHealthAfterABadRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path, Options{})
	poison(t, path)
	write(t, s, storetest.Whole(1))
	bad := storetest.Whole(2)
	bad.Call.Trunk = "poison"
	if _, err := s.Write(t.Context(), bad); !errors.Is(err, scoring.ErrInvalid) {
		t.Errorf("write: error %v, want %v", err, scoring.ErrInvalid)
	}
	if h := s.Health(); h.LastError != nil || h.LastCommit.IsZero() {
		t.Errorf("health %+v, want no error", h)
	}
}

// TestLockIsNoLink: in a folder that others can write to, a link in the place
// of the lock does not lead us to change another file.
func TestLockIsNoLink(t *testing.T) {
	dir := t.TempDir()
	path, other := filepath.Join(dir, "store.db"), filepath.Join(dir, "other")
	if err := errors.Join(os.WriteFile(other, nil, 0o644), os.Symlink(other, path+".lock")); err != nil {
		t.Fatal(err)
	}
	if s, err := Open(t.Context(), path, Options{Zone: "UTC"}); !errors.Is(err, syscall.ELOOP) {
		t.Errorf("open: %v, %v, want %v", s, err, syscall.ELOOP)
	}
	if info, err := os.Stat(other); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("the other file: %v, %v, want it as it was", info, err)
	}
}

// TestInUseByAnotherProcess: whatever would write, in another process, is
// refused and says who has the store.
func TestInUseByAnotherProcess(t *testing.T) {
	path, copied := grown(t)
	s := open(t, path, Options{})
	mine := fmt.Sprintf("process %d: %s", os.Getpid(), os.Args[0])
	for _, what := range []string{"open", "restore"} {
		status, said := suffering(t, "fsync", "delay_exit=1", path, what, copied, "UTC")
		if status.ExitStatus() != 1 || !strings.Contains(said, ErrInUse.Error()) || !strings.Contains(said, mine) {
			t.Errorf("%s: status %d, says %q, want 1 and %q", what, status.ExitStatus(), said, mine)
		}
	}
	write(t, s, storetest.Whole(60))
	storetest.Check(t, s)
}

// TestOpenBesideADyingService: until the last record is written, nobody else
// gets the store; then it holds that record.
func TestOpenBesideADyingService(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path, Options{})
	release := lock(t, path) // so that the last record takes its time
	r := storetest.Whole(1)
	last := job{record: &r, reply: make(chan reply, 1)}
	if err := s.writer.put(last); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Close() }()
	for range 3 {
		if _, err := Open(t.Context(), path, Options{Zone: "UTC"}); !errors.Is(err, ErrInUse) {
			t.Errorf("open: error %v, want %v", err, ErrInUse)
		}
	}
	release()
	if err := errors.Join(<-ended, (<-last.reply).err); err != nil {
		t.Fatal(err)
	}
	next := open(t, path, Options{})
	storetest.Check(t, next)
	if calls := ids(t, next); len(calls) != 1 {
		t.Errorf("calls %v, want the last one", calls)
	}
}
