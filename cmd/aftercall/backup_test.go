package main

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"aftercall/scoring"
	"aftercall/scoring/sqlite"
)

// spilled writes records as a service does to whose store nothing gets.
func spilled(t *testing.T, name string, records ...scoring.Record) {
	t.Helper()
	var text strings.Builder
	for _, r := range records {
		if err := json.NewEncoder(&text).Encode(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(name, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// keptName is what a restore calls the store that was there.
var keptName = regexp.MustCompile(`replaced\.\d{8}T\d{6}\.\d{3}`)

// TestBackupAndRestore: a day in which a store is backed up beside the service,
// goes on, is lost to an older backup, and gets what waits in the spill files.
func TestBackupAndRestore(t *testing.T) {
	path := built(t, "agent_idle: 2160h", "agent_idle: 0s")
	dir := filepath.Dir(path)
	copied, spill := filepath.Join(dir, "copy.db"), load(t, path).Store.Spill
	fill(t, path, visit(1, scoring.Rated, scoring.Completed), visit(2, scoring.Rated, scoring.Completed))
	s := serves(t, path)
	waits := visit(3, scoring.Rated, scoring.Completed) // for the store, when the backup is made
	spilled(t, copied+".of the test", waits)
	text := said(t, path, 0, "backup", copied)
	text += said(t, path, 0, "restore", copied, "--check")
	text += said(t, path, 0, "restore", copied, "--check", "--lang", "zh-CN")
	text += said(t, path, 1, "backup", copied)
	text += regexp.MustCompile(`process \d+: .*?, want`).ReplaceAllString(said(t, path, 1, "restore", copied), "process NUMBER: COMMAND, want")
	s.stop()
	if err := os.Rename(copied+".of the test", copied+spilledEnd); err != nil {
		t.Fatal(err)
	}
	later := visit(4, scoring.Rated, scoring.Completed) // behind the backup, and in the store that is given up
	fill(t, path, later)
	end := scoring.Record{ID: later.ID, End: later.End}
	fresh := visit(5, scoring.NoInput, scoring.Silent)
	spilled(t, spill, end, fresh, visit(1, scoring.Rated, scoring.Completed))
	before := counters(t, path)
	text += keptName.ReplaceAllString(said(t, path, 0, "restore", copied), "replaced.TIME")
	golden(t, "backup.golden", text)
	s = serves(t, path)
	if _, body := s.get("/metrics/agents", ""); !strings.Contains(body, `aftercall_agent_surveys_total{agent="PJSIP/1001",outcome="rated"} 2`) {
		t.Errorf("the agent of the calls 2 and 4 has other totals than before:\n%s", grep(body, "PJSIP/1001"))
	}
	s.stop()
	var have []string
	stores(t, path, func(s *sqlite.Store) {
		rows, err := s.Calls(t.Context(), scoring.Query{})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			have = append(have, r.ID.String())
		}
	})
	if got := fmt.Sprint(have); len(have) != 4 || strings.Contains(got, later.ID.String()) || !strings.Contains(got, waits.ID.String()) || !strings.Contains(got, fresh.ID.String()) {
		t.Errorf("calls %v, want 1, 2, 3 that waited at the backup and 5 that waits now", have)
	}
	if text := said(t, path, 0, "audit"); !strings.Contains(text, "restored from a backup") {
		t.Errorf("the audit does not tell of the restore in words:\n%s", text)
	}
	for series, n := range before {
		if now := counters(t, path)[series]; now < n {
			t.Errorf("%+v fell from %d to %d", series, n, now)
		}
	}
	aside, err := os.ReadFile(spill + ".rejected")
	if err != nil || strings.Count(string(aside), "\n") != 1 || !strings.Contains(string(aside), later.ID.UniqueID) {
		t.Errorf("put aside: %q, error %v, want the end of a call that the backup does not have", aside, err)
	}
}

// said carries out a command and gives all it prints.
func said(t *testing.T, path string, status int, args ...string) string {
	t.Helper()
	out, log, got := command(t, path, args...)
	if got != status {
		t.Errorf("%v: status %d, want %d; it printed %s%s", args, got, status, out, log)
	}
	return "$ aftercall " + strings.ReplaceAll(strings.Join(args, " "), filepath.Dir(path), "…") + "\n" + out + log
}

func grep(text, what string) (found string) {
	for line := range strings.Lines(text) {
		if strings.Contains(line, what) {
			found += line
		}
	}
	return found
}

func counters(t *testing.T, path string) map[scoring.Series]int64 {
	t.Helper()
	all := map[scoring.Series]int64{}
	stores(t, path, func(s *sqlite.Store) {
		for _, x := range s.Totals() {
			all[x.Series] = x.N
		}
	})
	return all
}

// TestBackupAsJSON: with records that wait in the spill file beside a stopped
// service, and over an older backup.
func TestBackupAsJSON(t *testing.T) {
	path := filled(t)
	c := load(t, path)
	spilled(t, c.Store.Spill, visit(7, "", ""), visit(8, "", ""))
	copied := filepath.Join(t.TempDir(), "copy.db")
	for _, flags := range [][]string{nil, {"--force"}} {
		out, log, status := command(t, path, append([]string{"backup", copied, "--json"}, flags...)...)
		var b backedUp
		if err := json.Unmarshal([]byte(out), &b); err != nil || log != "" || status != 0 {
			t.Fatalf("backup printed %q and %q with status %d: %v", out, log, status, err)
		}
		if b.File != copied || b.Bytes == 0 || b.Waiting != 2 || b.WaitingFile != copied+spilledEnd || b.Calls != 6 || b.Zone != c.Site.TimeZone {
			t.Errorf("backup: %+v, want 6 calls, and 2 records beside it", b)
		}
	}
	out, _, status := command(t, path, "restore", copied, "--check", "--json")
	var r struct {
		Waiting int
		Faults  []sqlite.Fault
		Calls   int
		Done    bool `json:"restored"`
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil || status != 0 || r.Waiting != 2 || r.Faults == nil || len(r.Faults) != 0 || r.Calls != 6 || r.Done {
		t.Errorf("restore --check printed %s with status %d, error %v", out, status, err)
	}
	if _, log, status := command(t, path, "backup", copied); status != 1 || !strings.Contains(log, "want a name that is free") {
		t.Errorf("over another: %q with status %d, want it refused", log, status)
	}
}

// TestBackupThatFailsOverAnother: the older one stays whole, with the records that
// belong to it.
func TestBackupThatFailsOverAnother(t *testing.T) {
	path := filled(t)
	c := load(t, path)
	spilled(t, c.Store.Spill, visit(7, "", ""))
	copied := filepath.Join(t.TempDir(), "copy.db")
	said(t, path, 0, "backup", copied)
	older, err := os.ReadFile(copied + spilledEnd)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(copied+".unfinished", 0o700); err != nil { // where the copy would be made
		t.Fatal(err)
	}
	for _, waits := range [][]scoring.Record{{visit(8, "", "")}, nil} {
		spilled(t, c.Store.Spill, waits...)
		said(t, path, 1, "backup", copied, "--force")
		if now, err := os.ReadFile(copied + spilledEnd); err != nil || string(now) != string(older) {
			t.Errorf("%d wait: beside the older backup stands %q, error %v, want what belongs to it", len(waits), now, err)
		}
	}
	if err := os.Remove(copied + ".unfinished"); err != nil {
		t.Fatal(err)
	}
	said(t, path, 0, "backup", copied, "--force")
	if left, err := filepath.Glob(copied + "?*"); err != nil || len(left) != 0 {
		t.Errorf("left %v, error %v, want nothing: no record waits", left, err)
	}
}

// TestBackupOverTheStore: no name that it is given makes it hurt the store.
func TestBackupOverTheStore(t *testing.T) {
	path := filled(t)
	c := load(t, path)
	spilled(t, c.Store.Spill, visit(7, "", ""))
	t.Setenv("AFTERCALL_STORE_SPILL", filepath.Join(filepath.Dir(path), "x"+spilledEnd))
	for _, to := range []string{c.Store.Path, c.Store.Path + "-wal", filepath.Join(filepath.Dir(path), "x"), filepath.Join(filepath.Dir(path), "x"+spilledEnd)} {
		if _, log, status := command(t, path, "backup", to, "--force"); status != 1 || !strings.Contains(log, "a file of the store itself") {
			t.Errorf("to %q: %q with status %d, want it refused", to, log, status)
		}
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*unfinished*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left %v, error %v, want nothing", left, err)
	}
}

// TestRestoreNamesEveryFault: in words, with status 1, and nothing is changed.
func TestRestoreNamesEveryFault(t *testing.T) {
	text := ""
	for _, spoil := range []string{
		`UPDATE agent_day SET n = n + 1; UPDATE totals SET n = n - n`,
		`UPDATE meta SET value = 'Europe/Berlin' WHERE key = 'zone'`,
		`INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`,
		`PRAGMA foreign_keys = off; DELETE FROM calls WHERE id = 1`,
		`DROP TABLE goose_db_version`,
	} {
		path := filled(t)
		copied := filepath.Join(filepath.Dir(path), "copy.db")
		said(t, path, 0, "backup", copied)
		edited(t, copied, spoil)
		for _, lang := range []string{"en", "zh-CN"} {
			text += said(t, path, 1, "restore", copied, "--lang", lang)
		}
		if _, err := os.Stat(load(t, path).Store.Path); err != nil {
			t.Error(err)
		}
		if kept, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*replaced*")); err != nil || len(kept) != 0 {
			t.Errorf("%s: kept %v, error %v, want nothing changed", spoil, kept, err)
		}
		if strings.Contains(spoil, "agent_day") {
			text += keptName.ReplaceAllString(said(t, path, 0, "restore", copied, "--force"), "replaced.TIME")
			text += said(t, path, 0, "recount")
		}
	}
	path := filled(t)
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "copy.db"), []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	text += said(t, path, 1, "restore", filepath.Join(filepath.Dir(path), "copy.db"), "--check")
	text += said(t, path, 1, "restore", filepath.Join(filepath.Dir(path), "none.db"), "--check")
	golden(t, "restore-faults.golden", text)
}

// TestNewerStoreIsRefused by everything that opens one.
func TestNewerStoreIsRefused(t *testing.T) {
	path := built(t)
	fill(t, path, visit(1, scoring.Rated, scoring.Completed))
	change(t, path, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`)
	for _, args := range []string{"serve", "calls", "agents", "agents merge a b --yes", "recount", "compare", "compare --layouts habit,gap",
		"experiment status", "experiment stop x", "experiment plan --answered 3", "synth --truth-of " + load(t, path).Store.Path} {
		if _, log, status := command(t, path, strings.Fields(args)...); status != 1 || !strings.Contains(log, sqlite.ErrNewerSchema.Error()) {
			t.Errorf("%s: %q with status %d, want it refused", args, log, status)
		}
	}
	copied := filepath.Join(t.TempDir(), "copy.db") // a copy of it is a copy; it is not restored
	said(t, path, 0, "backup", copied)
	if out, log, status := command(t, path, "restore", copied, "--force"); status != 1 || !strings.Contains(out, "a newer program made it (schema 999)") {
		t.Errorf("restore: %q, %q with status %d, want it refused", out, log, status)
	}
}

// TestStoreThatIsNotWhole: serve and doctor say what is the matter and what to do.
func TestStoreThatIsNotWhole(t *testing.T) {
	path := built(t)
	fill(t, path, visit(1, scoring.Rated, scoring.Completed))
	store := load(t, path).Store.Path
	if err := errors.Join(os.Rename(store, store+"-wal")); err != nil {
		t.Fatal(err)
	}
	wants := func(what string) {
		t.Helper()
		if _, log, status := command(t, path, "serve"); status != 1 || !strings.Contains(log, what) {
			t.Errorf("serve: %q with status %d, want %q", log, status, what)
		}
		if out := visited(t, path); !regexp.MustCompile(`fault +database +.*` + what + `.*\n +-> stop the service and "aftercall restore FILE"`).MatchString(out) {
			t.Errorf("doctor found\n%swant %q", out, what)
		}
	}
	wants("it is gone or empty, and the -wal file beside it holds records")
	if err := os.Rename(store+"-wal", store); err != nil {
		t.Fatal(err)
	}
	said(t, path, 0, "calls")
	if err := os.Truncate(store, 0); err != nil {
		t.Fatal(err)
	}
	wants("it is empty, want a restored backup; to begin anew, remove it")
	if err := os.Remove(store); err != nil {
		t.Fatal(err)
	}
	if out := visited(t, path); !strings.Contains(out, "is not there yet") {
		t.Errorf("doctor found\n%s", out)
	}
	if _, err := os.Stat(store); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("looking made a database: %v", err)
	}
}

// edited runs statements in a database file.
func edited(t *testing.T, file, statements string) {
	t.Helper()
	db, err := sql.Open("sqlite3", file)
	if err == nil {
		_, err = db.ExecContext(t.Context(), statements)
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}
