package faults

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aftercall/deploy/centre"

	"golang.org/x/sys/unix"

	_ "github.com/mattn/go-sqlite3" // another program that uses the database
)

// trouble is something that befalls the store of a running service.
type trouble struct {
	name  string
	begin func(*testing.T, *kit) (end func())
	lasts time.Duration
	says  string // on the page of readiness meanwhile; "" = nothing need be noticed
}

// The store breaks in every way, one after the other, with at least twenty
// callers in their surveys each time: what they press is kept, whoever hears
// the thank-you is rated, and whoever comes meanwhile goes on at once.
func TestStoreBreaks(t *testing.T) {
	t.Parallel()
	troubles := []trouble{
		{"locked by another program", locked, short(7*time.Second, 30*time.Second), "locked by another program"},
		{"full", full, short(3*time.Second, 15*time.Second), "no space left"},
		{"read-only", readOnly, short(3*time.Second, 15*time.Second), "cannot be"},
		{"slow", injected("fsync,fdatasync:delay_enter=300000"), short(3*time.Second, 20*time.Second), ""},
		{"slower than anybody waits", injected("fsync,fdatasync:delay_enter=3000000"), short(7*time.Second, 20*time.Second), ""},
		{"a commit fails", injected("pwrite64:error=EIO"), short(3*time.Second, 15*time.Second), "read or written"},
		{"a commit fails when it has happened", injected("fsync,fdatasync:error=EIO"), short(3*time.Second, 15*time.Second), "read or written"},
		{"every second commit fails", injected("fsync,fdatasync:error=EIO:when=2+2"), short(4*time.Second, 15*time.Second), ""},
		{"the folder is elsewhere", moved, short(3*time.Second, 15*time.Second), "another file"},
	}
	rounds := short(1, 2)
	k := open(t, centre.Options{Store: disk(t)})
	k.stored(t, rounds*len(troubles)*short(45, 140), rounds, troubles, nil)
}

// Neither the store nor the spill file takes anything: nobody is thanked then,
// and nobody kept; and when it is over the calls have their end all the same.
func TestStoreAndSpillBreak(t *testing.T) {
	t.Parallel()
	troubles := []trouble{
		{"both fail", everywhere("fsync,fdatasync:error=EIO"), short(4*time.Second, 20*time.Second), "read or written"},
		{"both are full", everywhere("pwrite64:error=ENOSPC"), short(4*time.Second, 20*time.Second), "no space left"},
		{"no file can be opened", noFiles, short(4*time.Second, 20*time.Second), ""},
	}
	rounds := short(1, 5)
	k := open(t, centre.Options{}, reset)
	// Whoever cannot be thanked is let go at once: a second key may come when
	// the caller is in the operator's hands.
	k.stored(t, rounds*len(troubles)*short(45, 140), rounds, troubles, func(e *Evidence) { e.Deaf = true })
}

// stored lets callers call while the store is in one trouble after the other.
func (k *kit) stored(t *testing.T, calls, rounds int, troubles []trouble, adjust func(*Evidence)) {
	t.Helper()
	callers := k.traffic(t, calls, 4)
	for range rounds {
		for _, x := range troubles {
			k.inProgress(t, busy)
			k.moment(2 * time.Second)
			t.Logf("%s: %s", time.Now().Format("15:04:05.000"), x.name)
			end := x.begin(t, k)
			over := time.After(x.lasts)
			if x.says != "" {
				k.says(t, x)
			}
			<-over
			end()
			k.well(t)
		}
	}
	k.account(t, callers.gone(t), adjust)
	if left, err := os.ReadFile(k.Spill()); err != nil || len(left) > 0 {
		t.Errorf("spill file at the end: %q, %v; want it empty", left, err)
	}
}

// says waits until the page of readiness tells of a trouble.
func (k *kit) says(t *testing.T, x trouble) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), x.lasts+10*time.Second)
	defer cancel()
	last := ""
	for {
		_, page, err := k.Get(ctx, "/readyz")
		if err == nil {
			last = page
		}
		if strings.Contains(page, x.says) {
			return
		}
		select {
		case <-ctx.Done():
			t.Errorf("%s: /readyz does not say %q: %s", x.name, x.says, last)
			return
		case <-time.After(watchFor):
		}
	}
}

// locked is another program that writes for a long time.
func locked(t *testing.T, k *kit) (end func()) {
	db, err := sql.Open("sqlite3", "file:"+k.Store()+"?_txlock=exclusive&_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(errors.Join(err, db.Close()))
	}
	return func() {
		if err := errors.Join(tx.Rollback(), db.Close()); err != nil {
			t.Error(err)
		}
	}
}

// disk is a small file system of its own, with the store's folder in it.
func disk(t *testing.T) string {
	folder, image := t.TempDir(), filepath.Join(t.TempDir(), "image")
	system(t, "truncate", "--size=48M", image)
	system(t, "mkfs.ext4", "-q", "-m", "0", image)
	system(t, "mount", "-o", "loop", image, folder) // wants the right to mount (root)
	t.Cleanup(func() { system(t, "umount", folder) })
	store := filepath.Join(folder, "store")
	if err := os.Mkdir(store, 0o755); err != nil {
		t.Fatal(err)
	}
	return store
}

// system runs one of the system's own tools.
func system(t *testing.T, tool string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if out, err := exec.CommandContext(ctx, tool, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v: %s", tool, args, err, out)
	}
}

// full takes all the space that the store's disk has left.
func full(t *testing.T, k *kit) (end func()) {
	free, err := k.FillDisk()
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := free(); err != nil {
			t.Error(err)
		}
	}
}

// readOnly forbids every write to the store's files, also for who has them
// open and for root.
func readOnly(t *testing.T, k *kit) (end func()) {
	system(t, "chattr", "+i", k.Store(), k.Store()+"-wal")
	return func() { system(t, "chattr", "-i", k.Store(), k.Store()+"-wal") }
}

// injected has system calls of the service on the store's files go wrong.
func injected(rule string) func(*testing.T, *kit) (end func()) {
	return func(t *testing.T, k *kit) (end func()) {
		return k.inject(t, rule, "path="+k.Store(), "path="+k.Store()+"-wal")
	}
}

// everywhere has system calls of the service on any file go wrong.
func everywhere(rule string) func(*testing.T, *kit) (end func()) {
	return func(t *testing.T, k *kit) (end func()) { return k.inject(t, rule) }
}

func (k *kit) inject(t *testing.T, rules ...string) (end func()) {
	detach, err := Inject(t.Context(), k.ServicePID(), rules...)
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := detach(); err != nil {
			t.Error(err)
		}
	}
}

// moved is an operator who puts the folder of the store elsewhere, and back.
func moved(t *testing.T, k *kit) (end func()) {
	here := filepath.Dir(k.Store())
	away := here + "-away"
	if err := os.Rename(here, away); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Rename(away, here); err != nil {
			t.Error(err)
		}
	}
}

// noFiles lets the service open no file or connection more.
func noFiles(t *testing.T, k *kit) (end func()) {
	pid := k.ServicePID()
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Fatal(err)
	}
	var before unix.Rlimit
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &before); err != nil {
		t.Fatal(err)
	}
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: uint64(len(open)), Max: before.Max}, nil); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, &before, nil); err != nil {
			t.Error(err)
		}
	}
}
