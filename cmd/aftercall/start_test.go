package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"aftercall/scoring"
	"aftercall/scoring/sqlite"

	"github.com/google/go-cmp/cmp"
)

// TestStartOnAnOlderStore: its tables are brought up to date, for however long
// that takes, and systemd hears of it before the service is ready.
func TestStartOnAnOlderStore(t *testing.T) {
	path := built(t, "time_zone: Asia/Shanghai", "time_zone: Europe/Berlin")
	older, err := os.ReadFile(filepath.Join("..", "..", "scoring", "sqlite", "testdata", "schema3.sql"))
	if err != nil {
		t.Fatal(err)
	}
	change(t, path, string(older))
	m := managed(t)
	s := serves(t, path)
	var heard []string
	for !slices.ContainsFunc(heard, func(h string) bool { return strings.HasPrefix(h, "READY=1") }) {
		h := m.hears(soon)
		if h == "" {
			t.Fatalf("systemd hears %q and nothing more", heard)
		}
		heard = append(heard, h)
	}
	if want := "EXTEND_TIMEOUT_USEC=90000000\nSTATUS=opening the store"; heard[0] != want {
		t.Errorf("systemd hears %q first, want %q", heard[0], want)
	}
	if !regexp.MustCompile(`tables changed.*schema=4`).MatchString(s.log) {
		t.Errorf("log:\n%s\nwant that the tables were changed", s.log)
	}
	if _, body := s.get("/metrics/agents", ""); !strings.Contains(body, `aftercall_agent_surveys_total{agent="zoe",outcome="hangup"} 2`) {
		t.Errorf("the figures from before are not shown:\n%s", body)
	}
	s.stop()
}

// TestRosterIsDeclared: every agent of the roster has every series of the
// primary question before the first call, from the start on and behind a reload.
func TestRosterIsDeclared(t *testing.T) {
	path := built(t, "agents: []", `agents: [{id: wf-7, name: 王芳}]`)
	roster := filepath.Join(filepath.Dir(path), "agents.csv")
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(roster, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	known := func() (ids []string) {
		t.Helper()
		stores(t, path, func(s *sqlite.Store) {
			all, err := s.KnownAgents(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range all {
				ids = append(ids, a.ID)
			}
		})
		return ids
	}
	put("id,name\nal-1,Alice\n")
	edit(t, path, `agents_file: ""`, "agents_file: agents.csv")
	s := serves(t, path)
	if d := cmp.Diff([]string{"wf-7", "al-1"}, known()); d != "" {
		t.Errorf("known agents (-want +got):\n%s", d)
	}
	put("id;name\r\nbob;Bob\r\nal-1;Alice\r\n")
	if status, body := s.reload(path); status != 200 {
		t.Errorf("reload: status %d, %s", status, body)
	}
	if d := cmp.Diff([]string{"wf-7", "al-1", "bob"}, known()); d != "" {
		t.Errorf("known agents behind a reload (-want +got):\n%s", d)
	}
	put("id,name\nbob,Bob\nwf-7,Again\nbob,Robert\n")
	want := "configuration not reloaded:\n" +
		"…/agents.csv:3: agent \"wf-7\": stands in agents of the configuration too, want it in one of the two\n" +
		"…/agents.csv:4: agent \"bob\": name: \"Robert\", but \"Bob\" in line 2, want one\n"
	if status, body := s.reload(path); status != 500 || body != want {
		t.Errorf("reload of a faulty roster: status %d, %q, want 500 and %q", status, body, want)
	}
	_, body := s.get("/metrics/agents", "")
	for _, id := range []string{"wf-7", "al-1", "bob"} {
		var got []string
		for line := range strings.Lines(body) {
			if strings.Contains(line, fmt.Sprintf("{agent=%q,outcome=", id)) || strings.Contains(line, fmt.Sprintf("{agent=%q,verdict=", id)) {
				got = append(got, strings.TrimSpace(line))
			}
		}
		var want []string
		for _, o := range scoring.Outcomes {
			if o != scoring.NotReached { // the primary question comes first
				want = append(want, fmt.Sprintf(`aftercall_agent_surveys_total{agent=%q,outcome=%q} 0`, id, o))
			}
		}
		for _, v := range []string{"dissatisfied", "fair", "satisfied", "very_satisfied"} {
			want = append(want, fmt.Sprintf(`aftercall_agent_ratings_total{agent=%q,verdict=%q} 0`, id, v))
		}
		slices.Sort(got)
		slices.Sort(want)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("series of %s (-want +got):\n%s", id, d)
		}
	}
	s.stop()
}

// TestRosterOfTenThousand: neither its first declaration nor a reload that
// changes nothing takes long.
func TestRosterOfTenThousand(t *testing.T) {
	path := built(t)
	var roster strings.Builder
	roster.WriteString("id,name,team\n")
	for n := range 10_000 {
		fmt.Fprintf(&roster, "agent-%d,Agent %d,team %d\n", n, n, n%20)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "agents.csv"), []byte(roster.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	edit(t, path, `agents_file: ""`, "agents_file: agents.csv")
	began := time.Now()
	s := serves(t, path)
	t.Logf("first start: %s", time.Since(began).Round(time.Millisecond))
	began = time.Now()
	if status, body := s.reload(path); status != 200 {
		t.Errorf("reload: status %d, %s", status, body)
	}
	t.Logf("reload: %s", time.Since(began).Round(time.Millisecond))
	s.stop()
	stores(t, path, func(s *sqlite.Store) {
		if all, err := s.KnownAgents(t.Context()); err != nil || len(all) != 10_000 {
			t.Errorf("%d agents, error %v, want 10,000", len(all), err)
		}
	})
	began = time.Now()
	serves(t, path).stop()
	t.Logf("next start and stop: %s", time.Since(began).Round(time.Millisecond))
}
