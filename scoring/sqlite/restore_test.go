package sqlite

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"aftercall/scoring"
	"aftercall/scoring/storetest"
)

// ids gives the calls of a store.
func ids(t *testing.T, s *Store) []string {
	t.Helper()
	rows, err := s.Calls(t.Context(), scoring.Query{Limit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, r := range rows {
		list = append(list, r.ID.String())
	}
	slices.Sort(list)
	return list
}

func every(scoring.Total) bool { return true }

// holds opens a store, gives its calls and totals, wants its roll-ups to be as
// the rows say, and closes it.
func holds(t *testing.T, path string) (calls []string, totals map[scoring.Series]int64) {
	t.Helper()
	s, err := Open(t.Context(), path, Options{Zone: "UTC"})
	if err != nil {
		t.Fatal(err)
	}
	if changed, err := s.Recount(t.Context()); err != nil || changed != 0 {
		t.Errorf("recount: %d cells, error %v, want none changed", changed, err)
	}
	calls, totals = ids(t, s), totalsOf(s, every)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return calls, totals
}

// grown makes a store, a copy of it, and then more calls in the store.
func grown(t *testing.T) (path, copied string) {
	t.Helper()
	dir := t.TempDir()
	path, copied = filepath.Join(dir, "store.db"), filepath.Join(dir, "copy.db")
	s := open(t, path, Options{})
	for n := range 20 {
		write(t, s, storetest.Whole(n))
	}
	if _, err := Backup(t.Context(), path, copied, false); err != nil {
		t.Fatal(err)
	}
	for n := range 20 {
		write(t, s, storetest.Whole(20+n))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path, copied
}

// A restored store holds the calls of the copy, no total has fallen, and what
// was there before is whole under another name.
func TestRestore(t *testing.T) {
	path, copied := grown(t)
	before, totals := holds(t, path)
	r, err := Restore(t.Context(), path, copied, Options{Zone: "UTC"}, false, nil)
	if err != nil || r.Kept == "" || r.Fallen != "" || r.Raised != 20 || len(r.Faults) != 0 || r.Calls != 20 {
		t.Fatalf("restore: %+v, error %v, want 20 calls, the old store kept and totals raised by 20", r, err)
	}
	calls, now := holds(t, path)
	if len(calls) != 20 {
		t.Errorf("%d calls, want the 20 of the copy", len(calls))
	}
	if d := gocmp.Diff(totals, now); d != "" {
		t.Errorf("totals (-before +after):\n%s", d)
	}
	if kept, _ := holds(t, r.Kept); !slices.Equal(kept, before) {
		t.Errorf("kept: %d calls, want the %d from before", len(kept), len(before))
	}
	if x, err := Examine(t.Context(), path, "UTC"); err != nil || len(x.Faults) != 0 {
		t.Errorf("the restored store: %+v, error %v, want no fault", x, err)
	}
	s := open(t, path, Options{})
	write(t, s, storetest.Whole(20)) // again, say from the spill file: it is a new call here
	var noted int64
	if err := s.readers.QueryRowContext(t.Context(), `SELECT n FROM audit WHERE action = 'restore'`).Scan(&noted); err != nil || noted != r.Raised {
		t.Errorf("audit: %d, error %v, want %d", noted, err, r.Raised)
	}
}

// Onto a machine that has no store, or one that cannot be read.
func TestRestoreOverNothing(t *testing.T) {
	path, copied := grown(t)
	fresh := filepath.Join(t.TempDir(), "store.db")
	r, err := Restore(t.Context(), fresh, copied, Options{Zone: "UTC"}, false, nil)
	if err != nil || r.Kept != "" || r.Fallen == "" {
		t.Errorf("over nothing: %+v, error %v, want nothing kept, and that it is gone", r, err)
	}
	if err := os.WriteFile(path, []byte("noise, noise"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r, err = Restore(t.Context(), path, copied, Options{Zone: "UTC"}, false, nil); err != nil || r.Fallen == "" {
		t.Fatalf("over noise: %+v, error %v, want that it could not be read", r, err)
	}
	if noise, err := os.ReadFile(r.Kept); err != nil || string(noise) != "noise, noise" {
		t.Errorf("kept %q, error %v, want the noise", noise, err)
	}
	for _, p := range []string{fresh, path} {
		if calls, _ := holds(t, p); len(calls) != 20 {
			t.Errorf("%d calls, want 20", len(calls))
		}
		if info, err := os.Stat(p); err != nil || info.Mode().Perm() != private {
			t.Errorf("mode %v, error %v, want 0600", info.Mode(), err)
		}
	}
}

func TestRestoreRefused(t *testing.T) {
	path, copied := grown(t)
	s := open(t, path, Options{})
	if _, err := Restore(t.Context(), path, copied, Options{Zone: "UTC"}, false, nil); !errors.Is(err, ErrInUse) {
		t.Errorf("beside a service: error %v, want %v", err, ErrInUse)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before, _ := holds(t, path)
	if _, err := Restore(t.Context(), path, path, Options{Zone: "UTC"}, false, nil); !errors.Is(err, fs.ErrInvalid) {
		t.Errorf("from itself: error %v, want %v", err, fs.ErrInvalid)
	}
	cut := path + ".restore-unfinished" // of a restore that was killed
	if err := os.Link(copied, cut); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(t.Context(), path, cut, Options{Zone: "UTC"}, false, nil); !errors.Is(err, fs.ErrInvalid) {
		t.Errorf("from where it makes the copy: error %v, want %v", err, fs.ErrInvalid)
	}
	if err := os.Remove(cut); err != nil {
		t.Fatal(err)
	}
	if r, err := Restore(t.Context(), path, copied, Options{Zone: "Asia/Shanghai"}, true, nil); err != nil || len(r.Faults) != 1 || r.Faults[0].Flaw != OtherZone {
		t.Errorf("another zone: %+v, error %v, want that fault", r, err)
	}
	if _, err := Restore(t.Context(), path, copied, Options{Zone: "UTC"}, false, func() error { return fs.ErrPermission }); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("refused at the last moment: error %v, want %v", err, fs.ErrPermission)
	}
	if _, err := Restore(t.Context(), path, filepath.Join(t.TempDir(), "none.db"), Options{Zone: "UTC"}, false, nil); err == nil {
		t.Error("no such copy: no error, want one")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Restore(ended, path, copied, Options{Zone: "UTC"}, false, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("ended: error %v, want %v", err, context.Canceled)
	}
	run(t, copied, `UPDATE counts_agent SET n = n + 1`)
	if r, err := Restore(t.Context(), path, copied, Options{Zone: "UTC"}, false, nil); err != nil || len(r.Faults) != 1 || r.Faults[0].Flaw != OffRollups {
		t.Errorf("roll-ups off: %+v, error %v, want that fault", r, err)
	}
	run(t, copied, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`)
	if r, err := Restore(t.Context(), path, copied, Options{Zone: "UTC"}, true, nil); err != nil || len(r.Faults) != 1 || r.Faults[0].Flaw != Newer {
		t.Errorf("newer: %+v, error %v, want that fault", r, err)
	}
	if after, _ := holds(t, path); !slices.Equal(before, after) {
		t.Errorf("%d calls, want the %d from before", len(after), len(before))
	}
	left, err := filepath.Glob(path + ".re*")
	if err != nil || len(left) != 0 {
		t.Errorf("left %v, error %v, want nothing", left, err)
	}
}

// A copy from an older program is brought up to date on its way.
func TestRestoreOlder(t *testing.T) {
	from := old(t, 3)
	x, err := Examine(t.Context(), from, "Europe/Berlin")
	if err != nil || !x.Older || len(x.Faults) != 0 || x.Schema != 3 || x.Calls != 12 {
		t.Errorf("examine: %+v, error %v, want an older one with 12 calls and no fault", x, err)
	}
	path := filepath.Join(t.TempDir(), "store.db")
	if r, err := Restore(t.Context(), path, from, Options{Zone: "Europe/Berlin"}, false, nil); err != nil || r.Older || r.Calls != 12 {
		t.Fatalf("restore: %+v, error %v, want 12 calls with tables of today", r, err)
	}
	storetest.Check(t, open(t, path, Options{Zone: "Europe/Berlin"}))
	if left, err := filepath.Glob(path + ".*"); err != nil || !slices.Equal(left, []string{path + ".lock"}) {
		t.Errorf("left %v, error %v, want nothing but the lock, and no copy of the copy", left, err)
	}
}

// TestRestoreKilled kills a restore wherever it touches files: what opens then is the
// old store or the new one, whole, and its totals have not fallen.
func TestRestoreKilled(t *testing.T) {
	kills := map[string]int{}
	base, copied := grown(t)
	older, _ := holds(t, copied)
	newer, totals := holds(t, base)
	wal(t, base)
	for _, call := range []string{"renameat", "fsync", "fdatasync", "unlinkat", "unlink", "ftruncate", "pwrite64"} {
		for n := 1; ; n += 1 + n/4 {
			path := filepath.Join(t.TempDir(), "store.db")
			copyFiles(t, base, path)
			done := killedAt(t, call, n, path, "restore", copied, "UTC")
			calls, now := holds(t, path)
			is := "another"
			switch {
			case slices.Equal(calls, newer):
				is = "old"
			case slices.Equal(calls, older):
				is = "new"
			}
			kills[is]++
			if is == "another" || done && is != "new" {
				t.Fatalf("%s %d, done: %v: the store has %d calls", call, n, done, len(calls))
			}
			if d := gocmp.Diff(totals, now); d != "" {
				t.Errorf("%s %d: totals (-before +after):\n%s", call, n, d)
			}
			if is == "new" {
				wantKept(t, path, newer)
			}
			if done {
				break
			}
			if r, err := Restore(t.Context(), path, copied, Options{Zone: "UTC"}, false, nil); err != nil || r.Calls != 20 {
				t.Errorf("%s %d: restored again: %+v, error %v", call, n, r, err)
			}
			if left, err := filepath.Glob(path + ".rest*"); err != nil || len(left) != 0 {
				t.Errorf("%s %d: left %v, error %v, want nothing", call, n, left, err)
			}
		}
	}
	t.Logf("what stood there after a kill: %v", kills)
	if keys := slices.Sorted(maps.Keys(kills)); !slices.Equal(keys, []string{"new", "old"}) || kills["new"] < 4 || kills["old"] < 20 {
		t.Errorf("the kills left %v, want some before and some behind the point of no return", kills)
	}
}

// wantKept wants one store beside that at path, with these calls.
func wantKept(t *testing.T, path string, calls []string) {
	t.Helper()
	all, err := filepath.Glob(path + ".replaced.*")
	all = slices.DeleteFunc(all, func(name string) bool {
		return filepath.Ext(name) == ".lock" || len(filepath.Base(name)) != len("store.db.replaced.20260328T093000.000")
	})
	if err != nil || len(all) != 1 {
		t.Fatalf("kept %v, error %v, want one", all, err)
	}
	if kept, _ := holds(t, all[0]); !slices.Equal(kept, calls) {
		t.Errorf("kept: %d calls, want %d", len(kept), len(calls))
	}
}

// wal has the last records of a store stand in its -wal file, as a kill leaves
// them.
func wal(t *testing.T, path string) {
	t.Helper()
	live := filepath.Join(t.TempDir(), "live.db")
	copyFiles(t, path, live)
	s := open(t, live, Options{})
	if err := s.Declare(t.Context(), []scoring.Series{{Kind: scoring.LayoutKey, Layout: "habit", Label: "1"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Recount(t.Context()); err != nil { // leaves a row in the audit
		t.Fatal(err)
	}
	copyFiles(t, live, path)
	if info, err := os.Stat(path + "-wal"); err != nil || info.Size() == 0 {
		t.Fatalf("-wal: %v, error %v, want records in it", info, err)
	}
}

// copyFiles copies a database with its log as they stand.
func copyFiles(t *testing.T, from, to string) {
	t.Helper()
	for _, end := range []string{"", "-wal"} {
		b, err := os.ReadFile(from + end)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = os.WriteFile(to+end, b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestExamineFindsEveryFault(t *testing.T) {
	for name, c := range map[string]struct {
		spoil string
		want  []Flaw
	}{
		"sound":          {``, nil},
		"roll-ups":       {`UPDATE agent_day SET n = n + 1 WHERE agent = 'agent1'; UPDATE totals SET n = n + 9`, []Flaw{OffRollups}},
		"a roll-up lost": {`DELETE FROM timing`, []Flaw{OffRollups}},
		"agents' totals": {`UPDATE totals SET n = n - 1 WHERE agent = 'agent1' AND n > 0`, []Flaw{ShortTotals}},
		"totals lost":    {`DELETE FROM totals WHERE agent = ''; INSERT INTO layouts SELECT DISTINCT version, layout, question, '{}' FROM assignments`, []Flaw{ShortTotals}},
		"orphans":        {`PRAGMA foreign_keys = off; DELETE FROM calls WHERE id = 1`, []Flaw{Orphans}},
		"newer":          {`INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`, []Flaw{Newer}},
		"zone":           {`UPDATE meta SET value = 'Asia/Shanghai' WHERE key = 'zone'`, []Flaw{OtherZone}},
		"no store":       {`DROP TABLE goose_db_version`, []Flaw{NoStore}},
	} {
		t.Run(name, func(t *testing.T) {
			_, copied := grown(t)
			if c.spoil != "" {
				run(t, copied, c.spoil)
			}
			x, err := Examine(t.Context(), copied, "UTC")
			var got []Flaw
			for _, f := range x.Faults {
				got = append(got, f.Flaw)
			}
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("faults %+v, error %v, want %v", x.Faults, err, c.want)
			}
		})
	}
	_, copied := grown(t)
	text, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{0, 20, 5000, len(text) / 2, len(text) - 4096} {
		bad := slices.Clone(text)
		for i := range 4096 {
			bad[at+i] ^= 0xff
		}
		name := filepath.Join(t.TempDir(), "bad.db")
		for what, b := range map[string][]byte{"flipped": bad, "cut": text[:at]} {
			if err := os.WriteFile(name, b, 0o600); err != nil {
				t.Fatal(err)
			}
			x, err := Examine(t.Context(), name, "UTC")
			if err != nil || len(x.Faults) == 0 || x.Curable() {
				t.Errorf("%s at %d: %+v, error %v, want a fault that keeps it from being restored", what, at, x, err)
			}
			path := filepath.Join(t.TempDir(), "store.db")
			if r, err := Restore(t.Context(), path, name, Options{Zone: "UTC"}, true, nil); err == nil && r.Curable() {
				t.Errorf("%s at %d: restored: %+v", what, at, r)
			}
			if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s at %d: a database stands there, error %v", what, at, err)
			}
		}
	}
	if _, err := Examine(t.Context(), t.TempDir(), "UTC"); err == nil {
		t.Error("a folder: no error, want one")
	}
}
