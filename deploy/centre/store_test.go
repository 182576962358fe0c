package centre

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3" // another program that uses the database
)

// polite is how long the store's trouble may hold a caller, in ms.
const polite = 3000

// The store does not take records for a while: no caller notices, and no
// record is lost.
func TestStoreInTrouble(t *testing.T) {
	t.Parallel()
	for _, trouble := range []struct {
		name  string
		begin func(*testing.T, *Centre) (end func())
		says  string // on the page of readiness
	}{
		{"locked", lock, "locked by another program"},
		{"full", fill, "no space left"},
		{"read-only", freeze, "cannot be"},
	} {
		t.Run(trouble.name, func(t *testing.T) {
			t.Parallel()
			var folder string
			if trouble.name == "full" {
				folder = smallDisk(t)
			}
			storeInTrouble(t, folder, trouble.begin, trouble.says)
		})
	}
}

func storeInTrouble(t *testing.T, folder string, begin func(*testing.T, *Centre) (end func()), says string) {
	before := row{name: "asked before", acts: `[{after_part: 4, press: "1"}]`,
		want: []string{"1: habit rated satisfied 3 by 1, reading 1, heard 3; key 1 accepted; completed"}}
	meanwhile := row{name: "comes meanwhile", want: []string{"1: habit error, reading 0, heard 0; store"}}
	after := row{name: "comes afterwards", acts: atOnce, want: asked}
	rows := []row{before, meanwhile, after}
	c := openRows(t, rows, Options{Agents: 3, Store: folder, StoreLimit: "500ms"})

	caller := c.dial(t, rows[0])
	c.until(t, inProgress)
	end := begin(t, c)
	thanked := caller()
	answered(t, thanked[0])
	sentOn := c.robots(t, rows[1])
	neverAsked(t, scene{heard: sentOn})
	releasedAfter(t, sentOn[0], sentOn[0].Visits[0].TalkEndMS, 0, polite)
	c.spilled(t, says, thanked, sentOn)

	end()
	ctx, cancel := context.WithTimeout(t.Context(), endLimit)
	defer cancel()
	if err := c.WaitReady(ctx); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadFile(c.Spill()); err != nil || len(left) > 0 {
		t.Errorf("spill file when the service is ready again: %q, %v; want it empty", left, err)
	}
	for i, heard := range [][]Heard{thanked, sentOn} {
		scene{row: rows[i], calls: c.settled(t, heard)}.stored(t)
	}
	c.play(t, rows[2])
	if err := c.StopService(ctx); err != nil {
		t.Fatal(err)
	}
	c.recounted(t)
}

// answered: the caller heard the thank-you, or was released, soon after the
// key.
func answered(t *testing.T, h Heard) {
	t.Helper()
	v := h.Visits[0]
	key := v.Presses[0].EndMS
	next, _ := releasedAt(h)
	for _, p := range parts(v) {
		if p.StartMS > key {
			next = min(next, p.StartMS)
		}
	}
	if took := next - key; took < 0 || took > polite {
		t.Errorf("heard nothing until %d ms after the key, want at most %d", took, polite)
	}
}

// spilled: what these callers left is in the spill file, and whoever asks is
// told that the store is in trouble.
func (c *Centre) spilled(t *testing.T, says string, callers ...[]Heard) {
	t.Helper()
	if page := c.page(t, "/readyz", http.StatusServiceUnavailable); !strings.Contains(page, "records wait in the spill file") {
		t.Errorf("/readyz does not say that records were spilled:\n%s", page)
	}
	c.pageSays(t, "/readyz", says) // the writer of a locked store waits for 5 s before it says so
	text, err := os.ReadFile(c.Spill())
	if err != nil {
		t.Fatal(err)
	}
	ids := c.ids(t)
	for _, heard := range callers {
		if id := ids[heard[0].Caller]; !strings.Contains(string(text), `"uniqueid":"`+id+`"`) {
			t.Errorf("call %s is not in the spill file:\n%s", id, text)
		}
	}
	f := c.scrape(t, "/metrics")
	lines := float64(strings.Count(string(text), "\n"))
	if pending := f["aftercall_spill_pending"]; pending != lines {
		t.Errorf("%v records are said to wait, %v are in the file", pending, lines)
	}
	if n := f["aftercall_spill_records_total"]; n < 3 {
		t.Errorf("%v records spilled, want an answer, an end and a call at least", n)
	}
	if n := f["aftercall_records_failed_total"]; n != 0 {
		t.Errorf("%v records were lost", n)
	}
}

// recounted: the roll-ups agree with the rows. The service must be stopped.
func (c *Centre) recounted(t *testing.T) {
	t.Helper()
	said, err := c.Program(t.Context(), "recount")
	if err != nil {
		t.Fatal(err)
	}
	if want := "recounted; 0 figures differed\n"; said != want {
		t.Errorf("recount: %q, want %q", said, want)
	}
}

// lock is another program that writes for a long time.
func lock(t *testing.T, c *Centre) (end func()) {
	db, err := sql.Open("sqlite3", "file:"+c.Store()+"?_txlock=exclusive&_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	tx, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := errors.Join(tx.Rollback(), db.Close()); err != nil {
			t.Error(err)
		}
	}
}

// smallDisk is a file system of its own for the store.
func smallDisk(t *testing.T) string {
	folder := t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=2m"); err != nil {
		t.Fatalf("a file system for the store: %v, want the right to mount (root)", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, 0); err != nil {
			t.Error(err)
		}
	})
	return folder
}

// fill takes all the space that the store's disk has left.
func fill(t *testing.T, c *Centre) (end func()) {
	free, err := c.FillDisk()
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := free(); err != nil {
			t.Error(err)
		}
	}
}

// freeze forbids every write to the store's files, also for who has them open
// and for root.
func freeze(t *testing.T, c *Centre) (end func()) {
	change := func(flag string) error {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		out, err := exec.CommandContext(ctx, "chattr", flag, c.Store(), c.Store()+"-wal").CombinedOutput()
		if err != nil {
			return errors.Join(err, errors.New(string(out)))
		}
		return nil
	}
	if err := change("+i"); err != nil {
		t.Fatal(err)
	}
	end = sync.OnceFunc(func() {
		if err := change("-i"); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(end) // or the run's folder could not be removed
	return end
}
