package sqlite

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"aftercall/scoring"
	"aftercall/scoring/storetest"
)

// copiesOf gives the copies that starts have left beside a database.
func copiesOf(t *testing.T, path string) (whole, pending, unfinished int) {
	t.Helper()
	all, err := filepath.Glob(path + ".schema*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range all {
		switch {
		case strings.HasSuffix(name, ".backup"):
			whole++
		case strings.HasSuffix(name, ".pending"):
			pending++
		case strings.HasSuffix(name, ".unfinished"):
			unfinished++
		}
	}
	return whole, pending, unfinished
}

// wantUpToDate wants a start to bring an older database up to date, with one
// copy of it beside.
func wantUpToDate(t *testing.T, path string) {
	t.Helper()
	s := open(t, path, Options{Zone: "Europe/Berlin"})
	storetest.Check(t, s)
	if rows, err := s.Calls(t.Context(), scoring.Query{}); err != nil || len(rows) != 12 {
		t.Errorf("%d calls, error %v, want the 12 from before", len(rows), err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if whole, pending, unfinished := copiesOf(t, path); whole != 1 || pending+unfinished != 0 {
		t.Errorf("%d copies, %d pending, %d unfinished, want one", whole, pending, unfinished)
	}
	kept, err := filepath.Glob(path + ".schema*.backup")
	if err != nil || len(kept) != 1 {
		t.Fatalf("copies %v, error %v, want one", kept, err)
	}
	if x, err := Examine(t.Context(), kept[0], "Europe/Berlin"); err != nil || !x.Older || x.Calls != 12 || len(x.Faults) != 0 {
		t.Errorf("copy: %+v, error %v, want 12 calls, as the older program left them", x, err)
	}
}

// TestMigrationKilled kills starts that change the tables, twice each at the
// same place, wherever they write: the next one comes to its end, and there is
// one copy of the database as it was, not one for each start.
func TestMigrationKilled(t *testing.T) {
	base := old(t, 4)
	left := map[string]int{}
	for _, call := range []string{"renameat", "fsync", "fdatasync", "pwrite64", "openat"} {
		for n := 1; ; n += 1 + n/3 {
			path := filepath.Join(t.TempDir(), "store.db")
			copyFiles(t, base, path)
			if killedAt(t, call, n, path, "open", "", "Europe/Berlin") {
				wantUpToDate(t, path)
				break
			}
			killedAt(t, call, n, path, "open", "", "Europe/Berlin")
			whole, pending, unfinished := copiesOf(t, path)
			if whole+pending > 1 {
				t.Errorf("%s %d: %d copies and %d pending behind two kills, want one at most", call, n, whole, pending)
			}
			left["whole"] += whole
			left["pending"] += pending
			left["unfinished"] += min(unfinished, 1)
			wantUpToDate(t, path)
		}
	}
	t.Logf("what two kills left: %v", left)
	for _, what := range []string{"whole", "pending", "unfinished"} {
		if left[what] == 0 {
			t.Errorf("no kill left a %s copy: %v", what, left)
		}
	}
}

// TestMigrationOnAFullDisk: the tables stay as they are, no copy is left, and
// the start that finds room comes to its end.
func TestMigrationOnAFullDisk(t *testing.T) {
	base := old(t, 4)
	for n := 2; ; n += 1 + n/3 { // the first write is for the lock
		path := filepath.Join(t.TempDir(), "store.db")
		copyFiles(t, base, path)
		status, said := suffering(t, "pwrite64", fmt.Sprintf("error=ENOSPC:when=%d+", n), path, "open", "", "Europe/Berlin")
		if status.ExitStatus() == 0 {
			break
		}
		if !strings.Contains(said, ErrFull.Error()) || !strings.Contains(said, path) {
			t.Errorf("write %d: says %q, want that there is no space, and where", n, said)
		}
		if whole, pending, unfinished := copiesOf(t, path); whole+pending+unfinished > 1 {
			t.Errorf("write %d: %d copies, %d pending, %d unfinished, want one at most", n, whole, pending, unfinished)
		}
		wantUpToDate(t, path)
	}
}

// What a directory is called may mean something to who looks for files.
func TestCopyInAFolderOfAnyName(t *testing.T) {
	path := filepath.Join(t.TempDir(), `a[b]*?\c`)
	copyFiles(t, old(t, 3), path)
	open(t, path, Options{Zone: "Europe/Berlin"})
	kept, err := filepath.Glob(escape(path) + ".schema3.*.backup")
	if err != nil || len(kept) != 1 || slices.Contains(kept, path) {
		t.Errorf("copies %q, error %v, want one", kept, err)
	}
}
