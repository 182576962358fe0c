package configs

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aftercall/scoring"

	gocmp "github.com/google/go-cmp/cmp"
)

func FuzzLoad(f *testing.F) {
	const mainText = "layout_files: [layouts.yaml]\n"
	for _, pattern := range []string{"testdata/*.yaml", "testdata/bad/*.yaml", "*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b, []byte{})
			f.Add([]byte(mainText), b)
		}
	}
	f.Setenv("TEST_PASSWORD", password)
	f.Fuzz(func(t *testing.T, mainText, layouts []byte) {
		folder := t.TempDir()
		file := filepath.Join(folder, "main.yaml")
		for name, text := range map[string][]byte{"main.yaml": mainText, "layouts.yaml": layouts} {
			if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		c, err := Load(file)
		if err == nil {
			if bad := c.Catalogue.Faults(); len(bad) > 0 {
				t.Errorf("accepted with faults: %v", bad)
			}
			if _, bad := scoring.NewRoster(c.Agents); len(bad) > 0 {
				t.Errorf("accepted a roster with faults: %v", bad)
			}
			return
		}
		var all Faults
		if !errors.As(err, &all) || len(all) == 0 || c != nil {
			t.Fatalf("Load = %v, %#v, want faults alone", c, err)
		}
		for _, x := range all {
			if x.Path == "" || x.Text == "" {
				t.Errorf("fault %#v, want where and what", x)
			}
		}
		_, again := Load(file)
		if d := gocmp.Diff(err.Error(), again.Error()); d != "" {
			t.Errorf("the second load says something else:\n%s", d)
		}
	})
}

// FuzzRoster: whatever stands in the CSV of agents, it is refused with a
// bounded list of faults that say where, or every alias leads to its agent on
// every day that it names.
func FuzzRoster(f *testing.F) {
	f.Add([]byte("id,name,team,interface,member,from,to\n7,Ann,north,PJSIP/1001,,2026-01-01,2026-01-31\n7,,,,Ann,,\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		file := filepath.Join(t.TempDir(), "agents.csv")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		g := &ledger{marks: map[string]mark{}, variables: map[string]string{}}
		g.open("aftercall.yaml")
		c := &Config{AgentsFile: file}
		g.agentsFile(c)
		g.agents(c)
		var all Faults
		if err := g.err(); err != nil && !errors.As(err, &all) {
			t.Fatalf("%#v, want faults", err)
		}
		if len(all) > maxFaults+1 {
			t.Errorf("%d faults, want at most %d", len(all), maxFaults+1)
		}
		for _, x := range all {
			if x.Path == "" || x.Text == "" || len(x.Path)+len(x.Text) > 4096 || strings.ContainsAny(x.Error(), "\n\r\x1b") {
				t.Errorf("fault %q, want where and what in one short line", x.Error())
			}
		}
		if all == nil {
			leads(t, c)
		}
	})
}

// leads checks that every agent of an accepted roster is found by each alias,
// from its first day to its last.
func leads(t *testing.T, c *Config) {
	t.Helper()
	ids := map[string]bool{}
	for _, a := range c.Agents {
		if ids[a.ID] || !scoring.IsAgentID(a.ID) {
			t.Errorf("accepted agent %q twice, or with an id that is none", a.ID)
		}
		ids[a.ID] = true
		for _, l := range a.Aliases {
			for _, day := range []string{l.From, l.To, cmp.Or(l.From, l.To, "2026-01-01")} {
				who := scoring.Agent{Interface: l.Interface, Name: l.Member}
				if id, ok := c.Roster.ID(who, day); day != "" && (!ok || id != a.ID) {
					t.Errorf("alias %+v of agent %q leads to %q on %s", l, a.ID, id, day)
				}
			}
		}
	}
}
