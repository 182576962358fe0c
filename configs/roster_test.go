package configs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aftercall/scoring"

	"github.com/google/go-cmp/cmp"
)

// beside writes a main file with a roster beside it.
func beside(t testing.TB, main, roster string) (path string) {
	t.Helper()
	folder := t.TempDir()
	path = filepath.Join(folder, "main.yaml")
	for file, text := range map[string]string{path: main + "agents_file: agents.csv\n", filepath.Join(folder, "agents.csv"): roster} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

const plainRoster = `id,name,team,interface,member,from,to
wf-7,王芳,早班,PJSIP/1001,,,2026-03-31
wf-7,,,PJSIP/1002,,2026-04-01,
wf-7,王芳,,,"Wang, Fang",,
al-1,"Alice ""Al""",,PJSIP/1001,,2026-04-01,

bob,,,,,,
`

// TestRosterFile: whatever program wrote the CSV, the agents are the same.
func TestRosterFile(t *testing.T) {
	want := []scoring.RosterAgent{
		{ID: "listed", Aliases: []scoring.Alias{{Member: "Listed"}}},
		{ID: "wf-7", Name: "王芳", Team: "早班", Aliases: []scoring.Alias{
			{Interface: "PJSIP/1001", To: "2026-03-31"}, {Interface: "PJSIP/1002", From: "2026-04-01"}, {Member: "Wang, Fang"}}},
		{ID: "al-1", Name: `Alice "Al"`, Aliases: []scoring.Alias{{Interface: "PJSIP/1001", From: "2026-04-01"}}},
		{ID: "bob"},
	}
	main := good(t) + "agents: [{id: listed, aliases: [{member: Listed}]}]\n"
	t.Setenv("TEST_PASSWORD", password)
	for name, roster := range map[string]string{
		"plain":           plainRoster,
		"byte order mark": "\ufeff" + plainRoster,
		"CRLF":            "\ufeff" + strings.ReplaceAll(plainRoster, "\n", "\r\n"),
		"no last newline": strings.TrimSuffix(plainRoster, "\nbob,,,,,,\n") + "\nbob,,,,,,",
		"semicolons":      strings.Replace(strings.ReplaceAll(strings.ReplaceAll(plainRoster, "Wang, Fang", "Wang| Fang"), ",", ";"), "Wang| Fang", "Wang, Fang", 1),
		"empty lines":     "\n\r\n" + strings.ReplaceAll(plainRoster, "\n", "\n,,,,,,\n  , ,,,,,\n\n"),
		"blanks":          strings.NewReplacer("Wang, Fang", "Wang, Fang", ",", ",  ", "id,name", " id ,  name ").Replace(plainRoster),
		"other columns":   "member,id,to,team,interface,name,from\n,wf-7,2026-03-31,早班,PJSIP/1001,,\n,wf-7,,,PJSIP/1002,王芳,2026-04-01\n\"Wang, Fang\",wf-7,,,,,\n,al-1,,,PJSIP/1001,\"Alice \"\"Al\"\"\",2026-04-01\n,bob,,,,,\n",
	} {
		c, err := Load(beside(t, main, roster))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d := cmp.Diff(want, c.Agents); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
		if id, ok := c.Roster.ID(scoring.Agent{Interface: "PJSIP/9", Name: "Wang, Fang"}, "2026-01-01"); !ok || id != "wf-7" {
			t.Errorf("%s: the roster finds %q, %v, want wf-7", name, id, ok)
		}
	}
}

// The path of a roster begins at the main file, in the environment where the
// program was started.
func TestRosterFileOfTheEnvironment(t *testing.T) {
	t.Setenv("TEST_PASSWORD", password)
	file := beside(t, good(t), "no roster")
	t.Chdir(t.TempDir())
	t.Setenv("AFTERCALL_AGENTS_FILE", "mine.csv")
	if got, want := faults(t, file), `AFTERCALL_AGENTS_FILE (environment): `; !strings.HasPrefix(got, want) || !strings.Contains(got, `mine.csv": cannot be read: no such file or directory`) {
		t.Errorf("fault %s, want %s and that it cannot be read", got, want)
	}
	if err := os.WriteFile("mine.csv", []byte("id\n7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := Load(file); err != nil || len(c.Agents) != 1 || c.Agents[0].ID != "7" {
		t.Errorf("Load = %+v, %v, want agent 7", c, err)
	}
}

func TestRosterFileIsBounded(t *testing.T) {
	for name, c := range map[string]struct{ roster, want string }{
		"bytes": {"id\n" + strings.Repeat(" ", maxFile), `agents.csv": cannot be read: has more than 8388608 bytes`},
		"lines": {"id\n" + strings.Repeat("7\n", maxRosterLines+5), "agents.csv:100002: is behind 100000 lines with agents, want no more"},
	} {
		if got := faults(t, beside(t, good(t), c.roster)); !strings.HasSuffix(got, c.want) || strings.Contains(got, "\n") {
			t.Errorf("%s: %.300s, want %s alone", name, got, c.want)
		}
	}
}

// TestFaultsAreBounded: a file in which everything is wrong does not fill the
// memory of the service that reloads it.
func TestFaultsAreBounded(t *testing.T) {
	const lines = 5000
	for name, c := range map[string]struct {
		roster string
		more   int
	}{
		"quotes":  {"id\n" + strings.Repeat("a\"b\n", lines), lines - maxFaults},
		"values":  {"id\n" + strings.Repeat("7,x\n", lines), lines - maxFaults},
		"columns": {"id" + strings.Repeat(",x", lines) + "\n7\n", lines - maxFaults},
		"overlap": {"id,member\n" + strings.Repeat("7,Wang\n", lines), lines - 1 - maxFaults},
	} {
		got := strings.Split(faults(t, beside(t, good(t), c.roster)), "\n")
		if last := got[len(got)-1]; len(got) != maxFaults+1 || !strings.HasPrefix(last, fmt.Sprintf("and: %d faults more", c.more)) {
			t.Errorf("%s: %d lines, the last %q, want %d and that %d are left out", name, len(got), last, maxFaults+1, c.more)
		}
	}
}

// BenchmarkRosterFile is a whole configuration with 10,000 agents of two
// aliases each in a CSV.
func BenchmarkRosterFile(b *testing.B) {
	b.Setenv("TEST_PASSWORD", password)
	main, err := os.ReadFile("testdata/good.yaml")
	if err != nil {
		b.Fatal(err)
	}
	layouts, err := filepath.Abs("testdata/layouts.yaml")
	if err != nil {
		b.Fatal(err)
	}
	var roster strings.Builder
	roster.WriteString("id,name,team,interface,member,from,to\n")
	for n := range 10_000 {
		fmt.Fprintf(&roster, "agent-%d,Agent %d,team %d,PJSIP/%d,,2026-01-01,\nagent-%d,,,,Agent %d,,\n", n, n, n%20, 1000+n, n, n)
	}
	file := beside(b, strings.Replace(string(main), "[layouts.yaml]", "["+layouts+"]", 1), roster.String())
	for b.Loop() {
		if c, err := Load(file); err != nil || len(c.Agents) != 10_000 {
			b.Fatal(err)
		}
	}
}
