package main

import (
	"bytes"
	"context"
	"database/sql"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aftercall/configs"
	"aftercall/ivr/prompt"
	"aftercall/scoring"
	"aftercall/scoring/sqlite"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

var update = flag.Bool("update", false, "write the golden files")

// spoken is a folder in which the sounds of all tests are made once.
var spoken string

func TestMain(m *testing.M) {
	playPart() // does not come back in a process that plays one
	var err error
	if spoken, err = os.MkdirTemp("", "aftercall-spoken-"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(spoken)
		os.Exit(code)
	}))
}

// nobody is an address of an Asterisk that is not there.
const nobody = "http://127.0.0.1:1/ari"

// site copies the shipped configuration into a folder of the test, with
// changes: pairs of a text and what stands in its place. It gives the path of
// the configuration.
func site(t *testing.T, changes ...string) string {
	t.Helper()
	t.Setenv("AFTERCALL_ARI_PASSWORD", "a password of the test")
	folder := t.TempDir()
	t.Setenv("AFTERCALL_HTTP_LISTEN", "127.0.0.1:0")
	changes = append([]string{"http://127.0.0.1:8088/ari", nobody, "/var/lib/aftercall/", ""}, changes...)
	all := ""
	for _, name := range []string{"aftercall.yaml", "layouts.yaml"} {
		b, err := os.ReadFile(filepath.Join("..", "..", "configs", name))
		if err != nil {
			t.Fatal(err)
		}
		all += string(b)
		if err := os.WriteFile(filepath.Join(folder, name), []byte(strings.NewReplacer(changes...).Replace(string(b))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(all, changes[i]) {
			t.Fatalf("the shipped configuration has no %q to change", changes[i])
		}
	}
	return filepath.Join(folder, "aftercall.yaml")
}

// built gives a site whose prompts are built.
func built(t *testing.T, changes ...string) string {
	t.Helper()
	path := site(t, changes...)
	c := load(t, path)
	files, err := soundFiles(c)
	if err != nil {
		t.Fatal(err)
	}
	settings := promptSettings(c)
	settings.Folder = spoken
	if _, err := prompt.Build(t.Context(), settings, files, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		copyFile(t, filepath.Join(spoken, f.Name+".wav"), filepath.Join(c.Prompts.Folder, f.Name+".wav"))
	}
	if _, _, err := manifested(c); err != nil {
		t.Fatal(err)
	}
	return path
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(to), 0o755)
	}
	if err == nil {
		err = os.WriteFile(to, b, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func load(t *testing.T, path string) *configs.Config {
	t.Helper()
	c, err := configs.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// command carries out a command line and gives what it prints and its status.
// The folder of the test is written … in both.
func command(t *testing.T, path string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	return typed(t, path, strings.NewReader(""), args...)
}

// typed does what command does, with a standard input.
func typed(t *testing.T, path string, stdin io.Reader, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	var out, log bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	status = exit(run(ctx, append([]string{"--config", path}, args...), stdin, &out, &log), &log)
	hide := strings.NewReplacer(filepath.Dir(path), "…")
	return hide.Replace(out.String()), hide.Replace(log.String()), status
}

// golden compares a text with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s differs (-want +got):\n%s", name, d)
	}
}

// began is when the calls of a filled store came.
var began = time.Date(2026, 3, 28, 16, 30, 0, 0, time.UTC)

// visit gives the records of one call to the queue support, by how its
// question ended; "" leaves it open, and no reason leaves the call open.
func visit(n int, outcome scoring.Outcome, reason scoring.Reason) scoring.Record {
	at := began.Add(time.Duration(n) * time.Minute)
	r := scoring.Record{
		ID: scoring.CallID{UniqueID: fmt.Sprintf("node1-%d.0", n), Visit: 1},
		Call: &scoring.Call{Node: "node1", Queue: "support", Survey: "service", Language: "en", StartedAt: at, Day: "2026-03-29",
			Agent: scoring.Agent{ID: fmt.Sprintf("PJSIP/%d", 1001+n%2), Interface: fmt.Sprintf("PJSIP/%d", 1001+n%2), Name: "王芳"}},
		Assignments: []scoring.Assignment{{Question: "service", Position: 1, Primary: true, Layout: "habit", Version: "v1", Rendition: "r1", Epoch: 1}},
	}
	if outcome != "" {
		a := scoring.Answer{Question: "service", Outcome: outcome, Reading: 1, Heard: 2, At: at.Add(3 * time.Second)}
		if outcome == scoring.Rated {
			a.Verdict, a.Value, a.Entry, a.PressMS = "fair", 2, "2", 2500
			r.Keypresses = []scoring.Keypress{{Seq: 1, Question: "service", Key: "2", Reading: 1, MS: 2500, Use: scoring.Accepted, At: a.At}}
		}
		r.Answers = []scoring.Answer{a}
	}
	if reason != "" {
		r.End = &scoring.End{Reason: reason, At: at.Add(5 * time.Second)}
	}
	return r
}

// fill writes records into the store of a site.
func fill(t *testing.T, path string, records ...scoring.Record) {
	t.Helper()
	c := load(t, path)
	store, err := sqlite.Open(t.Context(), c.Store.Path, sqlite.Options{Zone: c.Site.TimeZone, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if _, err := store.Write(t.Context(), r); err != nil {
			t.Error(err)
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}

// open opens the database of a site beside the program.
func open(t *testing.T, path, options string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+load(t, path).Store.Path+options)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// change changes the database of a site behind the program's back.
func change(t *testing.T, path, statement string) {
	t.Helper()
	db := open(t, path, "")
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}
