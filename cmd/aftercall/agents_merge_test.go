package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aftercall/scoring"
	"aftercall/scoring/sqlite"

	"github.com/google/go-cmp/cmp"
)

// merges carries out a command that must print a text, a regular expression,
// and no more.
func merges(t *testing.T, path, text string, status int, args ...string) {
	t.Helper()
	out, log, got := command(t, path, append([]string{"agents", "merge"}, args...)...)
	wants(t, fmt.Sprint("agents merge ", args), out+log, text, got, status)
}

// twoAgents fills a site's store with calls of PJSIP/1001 and PJSIP/1002, and
// one of a third, in whose order they are known.
func twoAgents(t *testing.T) (path string) {
	t.Helper()
	path = built(t, "agents: []", `agents: [{id: PJSIP/1001, name: 王芳}, {id: wf-7, name: Wang Fang}]`, "agent_idle: 2160h", "agent_idle: 0s")
	serves(t, path).stop() // which keeps the layouts
	var all []scoring.Record
	for n := range 7 {
		r := visit(n, scoring.Rated, scoring.Completed)
		if n == 6 {
			r.Call.Day, r.Call.Agent.ID = "2026-04-01", "PJSIP/1001"
		}
		all = append(all, r)
	}
	fill(t, path, all...)
	return path
}

const mergePlan = `PJSIP/1001 \(王芳\) will be counted under wf-7 \(Wang Fang\): 4 surveys, from 2026-03-29 to 2026-04-01, and all that come\.
Calls keep the agent whom they were said to be of; the totals of PJSIP/1001 stay as they are\. This cannot be undone\.
`

const listedStill = `warning: agent PJSIP/1001 is still in the roster: give its interfaces and names to wf-7, and take it out
`

// gauge is what an agent has no more who was merged, and before the minute is over.
const gauge = `aftercall_agent_window_ratings{agent="PJSIP/1001"`

// TestAgentsMerge: with the service, and on its store alone.
func TestAgentsMerge(t *testing.T) {
	for _, served := range []bool{true, false} {
		t.Run(fmt.Sprint("service ", served), func(t *testing.T) {
			path := twoAgents(t)
			var s *running
			if served {
				s = serves(t, path)
				s.until("/metrics/agents", func(body string) bool { return strings.Contains(body, gauge) })
			}
			merges(t, path, mergePlan+`PJSIP/1001 \(王芳\) is counted under wf-7 \(Wang Fang\): 4 surveys were moved\.
`+listedStill, 0, "PJSIP/1001", "wf-7", "--yes")
			merges(t, path, `PJSIP/1001 \(王芳\) is counted under wf-7 \(Wang Fang\) already: nothing was changed\.
`+listedStill, 0, "PJSIP/1001", "wf-7")
			merges(t, path, `PJSIP/1001（王芳） 已经计入 wf-7（Wang Fang）：未作任何更改。\n.*`, 0, "PJSIP/1001", "wf-7", "--lang", "zh-CN")
			merges(t, path, `agent "PJSIP/1001": invalid record: was merged into "wf-7", want one who was not merged\n`, 1, "PJSIP/1002", "PJSIP/1001", "--yes")
			if served {
				s.until("/metrics/agents", func(body string) bool { return !strings.Contains(body, gauge) })
				_, body := s.get("/metrics/agents", "")
				for _, want := range []string{`aftercall_agent_surveys_total{agent="PJSIP/1001",outcome="rated"} 4`, `aftercall_agent_surveys_total{agent="wf-7",outcome="rated"} 0`} {
					if !strings.Contains(body, want) {
						t.Errorf("no %s in\n%s", want, body)
					}
				}
				s.stop()
			}
			fill(t, path, visit(8, scoring.Rated, scoring.Completed)) // of PJSIP/1001
			wantCells(t, path, map[string]int64{"wf-7": 5, "PJSIP/1002": 3})
			out, _, _ := command(t, path, "calls", "--agent", "wf-7")
			if got := strings.Count(out, "PJSIP/1001"); got != 5 {
				t.Errorf("calls --agent wf-7 shows %d of PJSIP/1001, want 5:\n%s", got, out)
			}
			if out, log, status := command(t, path, "recount"); status != 0 || out != "recounted; 0 figures differed\n" {
				t.Errorf("recount: %q, %q, status %d", out, log, status)
			}
		})
	}
}

// wantCells wants so many surveys in the days of each agent.
func wantCells(t *testing.T, path string, want map[string]int64) {
	t.Helper()
	got := map[string]int64{}
	stores(t, path, func(s *sqlite.Store) {
		cells, err := s.AgentCells(t.Context(), scoring.Period{})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cells {
			got[c.Agent] += c.N
		}
	})
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("surveys (-want +got):\n%s", d)
	}
}

// TestAgentsMergeRefused: a typo makes no agent, and nothing is changed; with
// the service or without it.
func TestAgentsMergeRefused(t *testing.T) {
	path := twoAgents(t)
	s := serves(t, path)
	const absent = `: no such agent in the store, want one of whom it has a survey, or who is in the roster\n`
	try := func() {
		t.Helper()
		merges(t, path, `agent "PJSIP/1003"`+absent, 1, "PJSIP/1003", "wf-7", "--yes")
		merges(t, path, `agent "wf-8"`+absent, 1, "PJSIP/1001", "wf-8", "--yes")
		merges(t, path, `agent "a\\"b\\n🙂"`+absent, 1, "a\"b\n🙂", "wf-7", "--yes")
		merges(t, path, `agent "x{200}"`+absent, 1, strings.Repeat("x", 10_000), "wf-7", "--yes")
		merges(t, path, `agent "wf-7": invalid record: want another agent to merge into\n`, 1, "wf-7", "wf-7", "--yes")
		merges(t, path, `agent "unknown": invalid record: it is what calls without an agent are kept under, want an agent\n`, 1, "unknown", "wf-7", "--yes")
		merges(t, path, `accepts 2 arg\(s\), received 1\n`, 1, "wf-7")
		merges(t, path, mergePlan+`nobody can be asked: standard input is no terminal, want --yes\n`, 1, "PJSIP/1001", "wf-7")
	}
	try()
	client, err := dial(t.Context(), load(t, path).Store.Socket)
	if err != nil || client == nil {
		t.Fatalf("no service: %v", err)
	}
	for body, want := range map[string]int{
		`{"from":"PJSIP/1003","into":"wf-7"}`: http.StatusNotFound, `{"from":"wf-7","into":"wf-7"}`: http.StatusBadRequest,
		`{"from":"wf-7"}`: http.StatusNotFound, `{"from":"wf-7","to":"x"}`: http.StatusBadRequest, `[]`: http.StatusBadRequest,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://aftercall/agents/merge", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil || resp.StatusCode != want {
			t.Errorf("%s: status %d, %v, want %d", body, resp.StatusCode, err, want)
		}
	}
	s.stop()
	try()
	wantCells(t, path, map[string]int64{"PJSIP/1001": 4, "PJSIP/1002": 3})
}

// TestAgentsMergeAsks: on a terminal nothing happens without a y.
func TestAgentsMergeAsks(t *testing.T) {
	path := twoAgents(t)
	for _, c := range []struct{ keys, says string }{
		{"n", "Nothing was changed.\n"}, {"\r", "Nothing was changed.\n"}, {"q", "Nothing was changed.\n"}, {"\x03", "Nothing was changed.\n"},
		{"y", "4 surveys were moved.\n"},
	} {
		keys, screen := terminal(t)
		was := modes(t, screen)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		out, w := io.Pipe()
		ended := make(chan error, 1)
		go func() {
			err := run(ctx, []string{"-c", path, "agents", "merge", "PJSIP/1001", "wf-7"}, screen, w, w)
			_ = w.CloseWithError(err)
			ended <- err
		}()
		r, text := bufio.NewReader(out), ""
		for !strings.HasSuffix(text, "Merge them? y/n ") {
			b, err := r.ReadByte()
			if err != nil {
				t.Fatalf("%v behind %q", err, text)
			}
			text += string(b)
		}
		if _, err := io.WriteString(keys, c.keys); err != nil {
			t.Fatal(err)
		}
		rest, err := io.ReadAll(r)
		if err != nil || !strings.Contains(string(rest), c.says) {
			t.Errorf("%q: %q, error %v, want %q", c.keys, rest, err, c.says)
		}
		if err := <-ended; err != nil || modes(t, screen) != was {
			t.Errorf("%q: error %v, or the terminal is not as it was", c.keys, err)
		}
		cancel()
	}
	wantCells(t, path, map[string]int64{"wf-7": 4, "PJSIP/1002": 3})
}

// TestHostileAgents: whatever a roster or the store calls an agent, the service
// shows labels that Prometheus can read.
func TestHostileAgents(t *testing.T) {
	path := built(t)
	roster := filepath.Join(filepath.Dir(path), "agents.csv")
	if err := os.WriteFile(roster, []byte("id,name,team\nwf-7,\"a \"\"b\"\" \\ 🙂\",\"x\\y\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	edit(t, path, `agents_file: ""`, "agents_file: agents.csv")
	s := serves(t, path)
	for _, id := range []string{`"a""b"`, "\"a\nb\"", "🙂", strings.Repeat("x", 10_000)} {
		if err := os.WriteFile(roster, []byte("id\n"+id+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if status, body := s.reload(path); status != 500 || !strings.Contains(body, "agents.csv:2: ") || len(body) > 500 {
			t.Errorf("roster with id %.40q: status %d, %.600q, want 500 with the line", id, status, body)
		}
	}
	status, body := s.get("/metrics/agents", "")
	if status != 200 || !bytes.Contains([]byte(body), []byte(`agent="wf-7"`)) {
		t.Errorf("/metrics/agents: status %d\n%s", status, body)
	}
	s.stop()
}
