package lab

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFaultyOptions(t *testing.T) {
	_, err := Start(t.Context(), Options{
		Numbers:   []Number{{Number: "_X.", Queue: "a;b"}, {Number: "7001", Queue: "general", Visits: 10}, {Number: "7001", Queue: "sales"}},
		Agents:    []Agent{{Number: "1001", Name: "A\nB", Queues: []string{"none"}}, {Number: "1001"}},
		PhonePort: 65536,
	})
	if err == nil {
		t.Fatal("started")
	}
	want := `root: empty, want the folder that holds usr/sbin/asterisk (see FindRoot)
number "_X.": want 1 to 20 digits, each number once
number "_X.": queue "a;b": want letters, digits, - and _, and not general
number "7001": queue "general": want letters, digits, - and _, and not general
number "7001": visits 10: want 1 to 9
number "7001": want 1 to 20 digits, each number once
phone port 65536: want 1 to 65535
agent "1001": name "A\nB": want one line without ; " and \
agent "1001": queue "none": no number leads to it
agent "1001": want 1 to 20 digits, each agent once
agent "1001": name "": want one line without ; " and \`
	if d := cmp.Diff(want, err.Error()); d != "" {
		t.Error(d)
	}
	if _, err := Start(t.Context(), Options{Root: t.TempDir()}); err == nil || err.Error() != "numbers: none, want at least one" {
		t.Errorf("no numbers: %v", err)
	}
}

func TestNoAsterisk(t *testing.T) {
	o := options(t.TempDir())
	if _, err := Start(t.Context(), o); err == nil || !strings.Contains(err.Error(), "make setup") {
		t.Errorf("start in an empty root: %v, want make setup named", err)
	}
	left, err := filepath.Glob(filepath.Join(baseFolder(o.Root), "run-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v, want nothing", left, err)
	}
}

func TestFindRoot(t *testing.T) {
	repo := t.TempDir()
	binary := filepath.Join(repo, ".lab/asterisk/usr/sbin/asterisk")
	if err := os.MkdirAll(filepath.Dir(binary), 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want := func(root, fault string) {
		t.Helper()
		got, err := FindRoot()
		if got != root || (err == nil) != (fault == "") || err != nil && !strings.Contains(err.Error(), fault) {
			t.Errorf("FindRoot: %q, %v; want %q, %q", got, err, root, fault)
		}
	}
	t.Setenv("ASTERISK_ROOT", "")
	t.Chdir(filepath.Dir(binary))
	want("", "the working directory is in no repository")
	write(filepath.Join(repo, "go.mod"), "")
	want("", "asterisk.path: no such file or directory: want an Asterisk 22 or newer: run make setup")
	write(filepath.Join(repo, ".lab/asterisk.path"), ".lab/asterisk\n")
	want("", "usr/sbin/asterisk: no such file or directory")
	write(binary, "")
	want(filepath.Join(repo, ".lab/asterisk"), "")
	t.Setenv("ASTERISK_ROOT", filepath.Join(repo, ".lab"))
	want("", "no Asterisk where ASTERISK_ROOT says")
}
