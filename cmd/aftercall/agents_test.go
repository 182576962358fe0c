package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"aftercall/scoring"
	"aftercall/scoring/compare"
)

// staffed is a roster for the configuration of a site: three have calls in an
// invented store, one has none.
const staffed = `agents:
  - {id: agent-00001, name: 王芳, team: 早班}
  - {id: agent-00002, name: 李娜, team: 早班}
  - {id: agent-00003, name: Alice, team: evening}
  - {id: newcomer, name: 张伟, team: evening}
`

// inventedAgents gives a site with a roster, and a store of invented calls of
// 30 days that are long gone, with ten agents who differ.
func inventedAgents(t *testing.T, args ...string) string {
	t.Helper()
	path := site(t, "agents: []", staffed)
	name := filepath.Join(filepath.Dir(path), "invented.db")
	args = append([]string{"synth", "--out", name, "--truth", truthFile(t, `{"agents": {"number": 10, "spread": 0.7}, "first_day": "2020-01-06", "days": 30, "calls_per_day": 150}`)}, args...)
	if _, log, status := command(t, path, args...); status != 0 {
		t.Fatal(log)
	}
	t.Setenv("AFTERCALL_STORE_PATH", name)
	return path
}

// showsAgents holds what the command prints against files, by their names.
func showsAgents(t *testing.T, path string, args map[string]string) {
	t.Helper()
	for name, line := range args {
		out, log, status := command(t, path, append([]string{"agents"}, strings.Fields(line)...)...)
		if log != "" || status != 0 {
			t.Errorf("agents %s printed %q with status %d", line, log, status)
		}
		golden(t, name, out)
	}
}

func TestAgents(t *testing.T) {
	showsAgents(t, inventedAgents(t), map[string]string{
		"agents.golden": "", "agents-zh.golden": "--lang zh-CN", "agents-team.golden": "--team evening", "agents-team-zh.golden": "--team 早班 --lang zh-CN",
		"agents-day.golden": "--from 2020-01-10 --to 2020-01-10", "agents-day-zh.golden": "--from 2020-01-10 --to 2020-01-10 --lang zh-CN", "agents-csv.golden": "--csv",
		"agents-queue.golden": "--queue support --from 2020-01-06 --to 2020-02-04",
		"agents-none.golden":  "--from 2019-01-01 --to 2019-01-31 --team evening", "agents-none-zh.golden": "--from 2019-01-01 --to 2019-01-31 --lang zh-CN",
	})
}

// TestAgentsAlone: nobody to be held against.
func TestAgentsAlone(t *testing.T) {
	showsAgents(t, inventedAgents(t, "--agents", "1"), map[string]string{"agents-alone.golden": "", "agents-alone-zh.golden": "--lang zh-CN"})
}

// TestAgentsOfSeveralQueues, which in invented calls share nobody: a table
// each, and one queue alone.
func TestAgentsOfSeveralQueues(t *testing.T) {
	truth := truthFile(t, `{"agents": {"number": 10, "spread": 0.7}, "first_day": "2020-01-06", "days": 30, "calls_per_day": 150,
		"queues": [{"name": "support", "share": 3}, {"name": "sales", "share": 1}, {"name": "vip", "share": 1}]}`)
	showsAgents(t, inventedAgents(t, "--truth", truth), map[string]string{"agents-groups.golden": "", "agents-groups-zh.golden": "--lang zh-CN", "agents-groups-queue.golden": "--queue sales"})
}

// TestAgentsOfAFallingFloor: everybody's callers get less satisfied, by 9
// points from one half to the other before any menu does its part.
func TestAgentsOfAFallingFloor(t *testing.T) {
	falling := inventedAgents(t, "--truth", truthFile(t, `{"agents": {"number": 10, "spread": 0.3}, "first_day": "2020-01-06", "days": 30, "calls_per_day": 200, "trend_points": -0.6}`))
	a := agents(t, falling)
	if d := a.Drift; d.Value == nil || *d.Value > -0.06 || *d.Value < -0.12 || d.N == 0 {
		t.Errorf("drift %+v, want about -0.09", d)
	}
	out, _, _ := command(t, falling, "agents")
	if want := regexp.MustCompile(`satisfied fell by (7|8|9|10|11) points among the same agents under the same menus \([0-9,]+ ratings\)`); !want.MatchString(out) {
		t.Errorf("no %s in\n%s", want, out)
	}
	if half := agents(t, falling, "--from", "2020-01-20", "--to", "2020-01-20"); half.Drift.Value != nil {
		t.Errorf("a day has no halves, and drifts by %v", *half.Drift.Value)
	}
}

// agentsJSON is what other programs read.
type agentsJSON struct {
	Invented bool
	From, To string
	Offered  int64
	Drift    struct {
		Value *float64
		N     int64
	}
	Agents []agentJSON
}

type agentJSON struct {
	Agent, Name, Team         string
	Offered, Rated, Satisfied int64
	Adjusted                  struct{ Value *float64 }
	Tier                      compare.Tier
}

// agents gives what the command says to other programs.
func agents(t *testing.T, path string, args ...string) (a agentsJSON) {
	t.Helper()
	out, log, status := command(t, path, append([]string{"agents", "--json"}, args...)...)
	if log != "" || status != 0 {
		t.Fatalf("agents %v printed %q with status %d", args, log, status)
	}
	if err := json.Unmarshal([]byte(out), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// TestAgentsOfATeam are marked among all, and those of a queue by its surveys.
func TestAgentsOfATeam(t *testing.T) {
	path := inventedAgents(t)
	all, team := agents(t, path), agents(t, path, "--team", "早班")
	if !all.Invented || all.From != "2020-01-06" || all.To != "2020-02-04" || len(all.Agents) != 11 || len(team.Agents) != 2 {
		t.Fatalf("all of %s to %s, invented %v, %d agents and %d of the team, want 11 and 2", all.From, all.To, all.Invented, len(all.Agents), len(team.Agents))
	}
	var offered int64
	for _, a := range all.Agents {
		offered += a.Offered
	}
	if offered != all.Offered || all.Offered != team.Offered {
		t.Errorf("%d surveys of all agents, %d in all, %d where a team is shown, want one number", offered, all.Offered, team.Offered)
	}
	for _, m := range team.Agents {
		i := slices.IndexFunc(all.Agents, func(a agentJSON) bool { return a.Agent == m.Agent })
		if m.Team != "早班" || m.Adjusted.Value == nil || *m.Adjusted.Value != *all.Agents[i].Adjusted.Value {
			t.Errorf("%+v in the team, %+v among all", m, all.Agents[i])
		}
	}
}

// TestAgentsOfDays: what is counted is what was asked on those days.
func TestAgentsOfDays(t *testing.T) {
	path := inventedAgents(t)
	whole, first, rest := agents(t, path), agents(t, path, "--from", "2020-01-06", "--to", "2020-01-20"), agents(t, path, "--from", "2020-01-21", "--to", "2020-02-04")
	if first.Offered == 0 || rest.Offered == 0 || first.Offered+rest.Offered != whole.Offered {
		t.Errorf("%d and %d surveys in halves of %d", first.Offered, rest.Offered, whole.Offered)
	}
	if open := agents(t, path, "--to", "2020-02-04"); open.From != "2020-01-06" || open.Offered != whole.Offered {
		t.Errorf("without --from it begins on %s with %d surveys, want 2020-01-06 with %d", open.From, open.Offered, whole.Offered)
	}
}

// TestAgentsLately: real calls are shown up to today, and nothing else is put
// in their place.
func TestAgentsLately(t *testing.T) {
	path := site(t)
	zone := load(t, path).Zone
	today := time.Now().In(zone)
	ago := func(days int) string { return today.AddDate(0, 0, -days).Format(time.DateOnly) }
	old := visit(1, scoring.Rated, scoring.Completed)
	old.Call.Day = ago(30)
	fill(t, path, old)
	out, log, status := command(t, path, "agents")
	wants(t, "agents of an old store", out+log, `AGENTS  demo centre\n`+ago(29)+` to `+ago(0)+` \(days: 30\), surveys offered: 0, ratings: 0\n.* the last day with surveys, in any queue, is `+ago(30)+` .*`, status, 0)
	young := visit(2, scoring.Rated, scoring.Completed)
	young.Call.Day = ago(29)
	fill(t, path, young)
	if a := agents(t, path); a.Invented || a.Offered != 1 || a.From != ago(29) || a.To != ago(0) {
		t.Errorf("%+v, want the one survey of %s to %s", a, ago(29), ago(0))
	}
}

// TestAgentsMerged: who is counted under another has no line of his own, even
// if the roster has him.
func TestAgentsMerged(t *testing.T) {
	path := inventedAgents(t)
	change(t, path, `INSERT INTO agents (id, known_at, last_day, merged_into) VALUES ('newcomer', 0, '', 'agent-00001')`)
	for _, a := range agents(t, path).Agents {
		if a.Agent == "newcomer" {
			t.Errorf("%+v is shown", a)
		}
	}
}

// TestAgentsCSV has the figures of the JSON document.
func TestAgentsCSV(t *testing.T) {
	path := inventedAgents(t)
	out, _, _ := command(t, path, "agents", "--csv")
	lines, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := func(name string) int { return slices.Index(lines[0], name) }
	all := agents(t, path).Agents
	if len(lines) != 1+len(all) {
		t.Fatalf("%d lines of %d agents", len(lines), len(all))
	}
	for i, a := range all {
		l := lines[1+i]
		adjusted := ""
		if a.Adjusted.Value != nil {
			adjusted = strconv.FormatFloat(*a.Adjusted.Value, 'g', 6, 64)
		}
		if l[column("agent")] != a.Agent || l[column("rated")] != fmt.Sprint(a.Rated) || l[column("adjusted")] != adjusted || l[column("tier")] != string(a.Tier) || l[column("invented")] != "true" {
			t.Errorf("%v is not %+v", l, a)
		}
	}
}

func TestAgentsRefuses(t *testing.T) {
	path := inventedAgents(t, "--days", "2")
	for args, text := range map[string]string{
		"--queue sales":                     `--queue "sales": no survey was ever offered in it, want one of: support\n`,
		"--team night":                      `--team "night": no agent of the configuration is in it, want one of: evening, 早班\n`,
		"--from 2026-02-30":                 `--from "2026-02-30": no such day, want one like 2026-03-01\n`,
		"--to yesterday":                    `--to "yesterday": no such day, .*`,
		"--from 2026-04-02 --to 2026-04-01": `--from 2026-04-02 is after --to 2026-04-01\n`,
		"--from 9999-12-31":                 `--from 9999-12-31 is after today, 20\d\d-\d\d-\d\d, want an earlier day or --to\n`,
		"--lang de":                         `--lang "de": want one of \[en zh-CN\]\n`,
		"--json --csv":                      `.*\[csv json\] were all set\n`,
		"7001":                              `unknown command "7001" for "aftercall agents"\n`,
	} {
		out, log, status := command(t, path, append([]string{"agents"}, strings.Fields(args)...)...)
		wants(t, "agents "+args, out+log, text, status, 1)
	}
	out, log, status := command(t, site(t), "agents", "--team", "early")
	wants(t, "a team where there is none", out+log, `--team "early": no agent of the configuration has a team, want one under agents or in agents_file\n`, status, 1)
	t.Setenv("AFTERCALL_STORE_PATH", filepath.Join(t.TempDir(), "mistyped.db"))
	out, log, status = command(t, path, "agents")
	wants(t, "agents of no store", out+log, `.*mistyped.db": .*file does not exist, want a database that the service has made\n`, status, 1)
}
