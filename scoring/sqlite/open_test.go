package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"aftercall/scoring"
	"aftercall/scoring/storetest"
)

// run runs one statement in the file, as somebody else.
func run(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite3", location(path)+"?_foreign_keys=on")
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), statement)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func TestZone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	if err := open(t, path, Options{Zone: "Europe/Berlin"}).Close(); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), path, Options{Zone: "Asia/Shanghai"})
	if !errors.Is(err, ErrZone) || !strings.Contains(err.Error(), `"Europe/Berlin"`) || !strings.Contains(err.Error(), `"Asia/Shanghai"`) {
		t.Errorf("open with another zone: error %v, want %v with both zones", err, ErrZone)
	}
}

func TestSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	if err := open(t, path, Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, statement string
		want, reader    error
	}{
		{"newer", `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`, ErrNewerSchema, ErrNewerSchema},
		{"older", `DELETE FROM goose_db_version WHERE version_id > 0`, nil, ErrOlderSchema},
	} {
		run(t, path, c.statement)
		if c.want != nil {
			if _, err := Open(t.Context(), path, Options{Zone: "UTC"}); !errors.Is(err, c.want) {
				t.Errorf("%s schema: error %v, want %v", c.name, err, c.want)
			}
		}
		if _, err := OpenReadOnly(t.Context(), path); !errors.Is(err, c.reader) {
			t.Errorf("%s schema, for reading: error %v, want %v", c.name, err, c.reader)
		}
	}
}

func TestCopyBeforeTablesChange(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path, Options{})
	write(t, s, storetest.Whole(1))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	steps := fstest.MapFS{"00999_more.sql": {Data: []byte("-- +goose Up\nALTER TABLE calls ADD COLUMN carrier TEXT;\nDELETE FROM calls;\n")}}
	names, err := fs.Glob(migrations, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(migrations, name)
		if err != nil {
			t.Fatal(err)
		}
		steps[name] = &fstest.MapFile{Data: text}
	}
	var heard bytes.Buffer
	o := Options{Zone: "UTC", Log: slog.New(slog.NewTextHandler(&heard, nil))}
	for range 2 { // the second time there is nothing to do
		if err := prepare(t.Context(), path, o, steps); err != nil {
			t.Fatal(err)
		}
	}
	copies, err := filepath.Glob(fmt.Sprintf("%s.schema%d.*.backup", path, len(names)))
	if err != nil || len(copies) != 1 || !strings.Contains(heard.String(), copies[0]) {
		t.Fatalf("copies %v, error %v, log %q, want one copy, named in the log", copies, err, heard.String())
	}
	if info, err := os.Stat(copies[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("copy: %v, %v, want 0600 whatever the database has", info, err)
	}
	old := open(t, copies[0], Options{})
	if rows, err := old.Calls(t.Context(), scoring.Query{}); err != nil || len(rows) != 1 {
		t.Errorf("copy: %d calls, error %v, want the one from before", len(rows), err)
	}
	storetest.Check(t, old)
	if _, err := Open(t.Context(), path, o); !errors.Is(err, ErrNewerSchema) {
		t.Errorf("open with the program from before: error %v, want %v", err, ErrNewerSchema)
	}
}

func TestReadingBesideAService(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path, Options{})
	write(t, s, storetest.Whole(1))
	r, err := OpenReadOnly(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, s, storetest.Whole(2))
	if rows, err := r.Calls(t.Context(), scoring.Query{}); err != nil || len(rows) != 2 {
		t.Errorf("%d calls, error %v, want both", len(rows), err)
	}
	days, err := r.DayCounts(t.Context(), scoring.CountQuery{Question: "service"})
	if err != nil || len(days) != 2 {
		t.Errorf("cells %+v, error %v, want one of each", days, err)
	}
	if len(r.Totals()) == 0 {
		t.Error("no totals, want those of the first call")
	}
	wantReadOnly(t, r)
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func wantReadOnly(t *testing.T, r *Store) {
	t.Helper()
	_, write := r.Write(t.Context(), storetest.Whole(3))
	_, recount := r.Recount(t.Context())
	for name, err := range map[string]error{"write": write, "recount": recount, "declare": r.Declare(t.Context(), nil),
		"write all":        r.WriteAll(t.Context(), []scoring.Record{storetest.Whole(3)}),
		"start experiment": r.StartExperiment(t.Context(), storetest.Experiment("e")),
		"stop experiment":  r.StopExperiment(t.Context(), "e", time.Now()),
		"merge":            second(r.MergeAgents(t.Context(), "agent1", "agent2")),
		"mark":             r.MarkSynthetic(t.Context(), json.RawMessage(`{}`))} {
		if !errors.Is(err, ErrReadOnly) {
			t.Errorf("%s: error %v, want %v", name, err, ErrReadOnly)
		}
	}
	if err := r.StopExperiment(t.Context(), "e", time.Now()); err == nil || !strings.HasPrefix(err.Error(), fmt.Sprintf("stop an experiment in %q: ", r.path)) {
		t.Errorf("stop experiment: error %v, want it to begin with what was to be done", err)
	}
}

// freeze makes dir unwritable: by its mode, or for root, who is not bound by
// modes, by a read-only mount.
func freeze(t *testing.T, dir string) {
	t.Helper()
	if os.Geteuid() != 0 {
		if err := os.Chmod(dir, 0o500); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := os.Chmod(dir, 0o700); err != nil {
				t.Error(err)
			}
		})
		return
	}
	if err := syscall.Mount(dir, dir, "", syscall.MS_BIND, ""); err != nil {
		t.Fatalf("as root this test needs to mount: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_BIND|syscall.MS_RDONLY, ""); err != nil {
		t.Fatalf("as root this test needs to mount: %v", err)
	}
}

func TestFrozenFolder(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "store.db")
	s := open(t, path, Options{})
	write(t, s, storetest.Whole(1))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	freeze(t, dir)
	if _, err := Open(t.Context(), path, Options{Zone: "UTC"}); !errors.Is(err, ErrReadOnly) && !errors.Is(err, ErrIO) {
		t.Errorf("open: error %v, want %v or %v", err, ErrReadOnly, ErrIO)
	}
	r, err := OpenReadOnly(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if rows, err := r.Calls(t.Context(), scoring.Query{}); err != nil || len(rows) != 1 {
		t.Errorf("%d calls, error %v, want one", len(rows), err)
	}
	wantReadOnly(t, r)
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func TestWhatCannotBeOpened(t *testing.T) {
	dir := t.TempDir()
	noise := filepath.Join(dir, "noise.db")
	if err := os.WriteFile(noise, bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	gone := filepath.Join(dir, "gone", "store.db")
	for _, c := range []struct {
		path             string
		opening, reading error
	}{{noise, ErrCorrupt, ErrCorrupt}, {gone, ErrIO, fs.ErrNotExist}} {
		_, opening := Open(t.Context(), c.path, Options{Zone: "UTC"})
		_, reading := OpenReadOnly(t.Context(), c.path)
		if !errors.Is(opening, c.opening) || !strings.Contains(opening.Error(), c.path) {
			t.Errorf("open %q: error %v, want %v with the path", c.path, opening, c.opening)
		}
		if !errors.Is(reading, c.reading) || !strings.Contains(reading.Error(), c.path) {
			t.Errorf("read %q: error %v, want %v with the path", c.path, reading, c.reading)
		}
	}
	if _, err := os.Stat(gone); err == nil {
		t.Error("reading made a database, want none")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ended, filepath.Join(dir, "store.db"), Options{Zone: "UTC"}); !errors.Is(err, context.Canceled) {
		t.Errorf("open with an ended context: error %v, want %v", err, context.Canceled)
	}
}

// Recount repairs what somebody else broke, says how much it was, and leaves
// the totals alone.
func TestRecountRepairs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path, Options{})
	for n := range 20 {
		write(t, s, storetest.Whole(n))
	}
	run(t, path, `UPDATE counts_agent SET n = n + 5 WHERE agent IN ('agent1', 'agent2')`)
	run(t, path, `DELETE FROM agent_day WHERE agent = 'agent3'`)
	run(t, path, `INSERT INTO timing VALUES ('invented', 4, 'fair', 1)`)
	if changed, err := s.Recount(t.Context()); err != nil || changed != 4 {
		t.Errorf("recount: %d cells, error %v, want 4", changed, err)
	}
	storetest.Check(t, s)
	run(t, path, `DELETE FROM calls WHERE agent = 'agent1'`)
	before := s.Totals()
	if changed, err := s.Recount(t.Context()); err != nil || changed != 4 {
		t.Errorf("recount after a call was erased: %d cells, error %v, want one in each of 4 roll-ups", changed, err)
	}
	if len(s.Totals()) != len(before) {
		t.Errorf("%d totals after recount, want %d", len(s.Totals()), len(before))
	}
	write(t, s, storetest.Whole(1)) // erased: it is a new call again
	if rows, err := s.Calls(t.Context(), scoring.Query{Agent: "agent1"}); err != nil || len(rows) != 1 {
		t.Errorf("%d calls of the agent, error %v, want 1", len(rows), err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Recount(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("recount with an ended context: error %v, want %v", err, context.Canceled)
	}
	write(t, s, storetest.Whole(21))
}

func second[T any](_ T, err error) error { return err }
