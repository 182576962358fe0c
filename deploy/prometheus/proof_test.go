package prometheus

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"aftercall/deploy/grafana"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
)

// question is what Prometheus is asked, by a rule or by a dashboard.
type question struct {
	name  string
	query string
	label string // whose values are asked for; "" = the query's own
	over  bool   // days, not the moment
}

// inHealth are the questions that have no answer while all is well, each with
// the reason; whatever else is asked must have one.
var inHealth = map[string]string{
	"AftercallDown":               "the service is there",
	"AftercallAgentsNotScraped":   "its agents are read",
	"AftercallNameTaken":          "there is no Asterisk, so nobody takes a name on one",
	"AftercallSurveyErrors":       "of the invented calls few end in errors",
	"AftercallCallersTurnedAway":  "nobody calls",
	"AftercallDialplanFaults":     "nobody calls",
	"AftercallReloadFailed":       "the configuration is well",
	"AftercallSpillInUse":         "the store takes everything",
	"AftercallRatingsSlow":        "whoever pressed a key before has it on the disk within a millisecond",
	"AftercallRecordsLost":        "the store takes everything",
	"AftercallResponseDropped":    "callers are as they were a week ago",
	"AftercallSplitCheckFailed":   "invented calls are divided as planned",
	"AftercallAgentsNotRefreshed": "the figures are a minute old at most",
	"AftercallAgentsHidden":       "there are fewer agents than metrics.max_agents",
}

// TestProof: the real program over a store of invented calls of five weeks,
// scraped by a real Prometheus that was there all the time, and that takes it for
// two services, so that no join may ask for one alone. Every rule, every query of
// the dashboards and of README.md is carried out and has an answer.
func TestProof(t *testing.T) {
	s := invent(t)
	p := s.watched(t)
	var asked []question
	for _, r := range rules(t) {
		asked = append(asked, question{name: r.name(), query: r.Expr})
		if r.Record != "" {
			asked = append(asked, question{name: r.Record, query: r.Record})
		}
		for _, b := range bucket.FindAllString(r.Expr, -1) { // of a bound that the program does not have, nothing is ever told
			asked = append(asked, question{name: "bucket", query: b})
		}
	}
	for _, q := range grafana.Queries(grafana.Filled{Agent: s.agents[0], Step: "1d", Shown: "30d"}) {
		asked = append(asked, question{fmt.Sprintf("%s: %s", q.Dashboard, q.Panel), q.Expr, q.Label, q.Range})
	}
	for _, query := range readme(t) {
		asked = append(asked, question{name: "README.md", query: strings.ReplaceAll(query, "wf-7", s.agents[0])})
	}
	for _, q := range asked {
		p.prove(t, q)
	}
	for _, bad := range []question{{query: "aftercall_nothing"}, {query: "aftercall_nothing", over: true}, {query: "aftercall_nothing", label: "agent"}} {
		if n, err := p.answers(t.Context(), bad); n > 0 || err != nil {
			t.Errorf("a metric that is not there has %d answers, %v", n, err)
		}
	}
	p.evaluated(t)
	t.Logf("%d questions were asked", len(asked))
}

// bucket selects a bucket of a classic histogram.
var bucket = regexp.MustCompile(`\w+_bucket\{[^}]*\}`)

// code is what stands between backticks.
var code = regexp.MustCompile("`([^`]+)`")

// readme gives the queries that README.md tells people to begin with.
func readme(t *testing.T) (list []string) {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "\n| question | query |\n|---|---|\n")
	table, _, ends := strings.Cut(table, "\n\n")
	for _, m := range code.FindAllStringSubmatch(table, -1) {
		if !strings.HasPrefix(m[1], "…") { // the end of a name
			list = append(list, m[1])
		}
	}
	if !found || !ends || len(list) < 8 {
		t.Fatalf("README.md has %d queries, want a table of them", len(list))
	}
	return list
}

// prove asks one question.
func (s *Server) prove(t *testing.T, q question) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), queryLimit)
	defer cancel()
	n, err := s.answers(ctx, q)
	switch reason, empty := inHealth[q.name]; {
	case err != nil:
		t.Errorf("%s: %v\n%s", q.name, err, q.query)
	case n == 0 && !empty:
		t.Errorf("%s has no answer\n%s", q.name, q.query)
	case n > 0 && empty:
		t.Errorf("%s has %d answers, want none: %s\n%s", q.name, n, reason, q.query)
	}
}

// answers counts the numbers, or the label's values, that a question gives.
func (s *Server) answers(ctx context.Context, q question) (int, error) {
	now := time.Now()
	if q.label != "" {
		values, _, _, err := s.api.LabelValues(ctx, q.label, []string{q.query}, now.Add(-30*24*time.Hour), now)
		return len(values), err
	}
	if !q.over {
		v, err := s.Query(ctx, q.query)
		return len(slices.DeleteFunc(v, func(x *model.Sample) bool { return math.IsNaN(float64(x.Value)) })), err
	}
	end := now.Truncate(time.Hour) // where the history has its samples
	v, _, _, err := s.api.QueryRange(ctx, q.query, v1.Range{Start: end.Add(-30 * 24 * time.Hour), End: end, Step: 6 * time.Hour})
	if err != nil {
		return 0, err
	}
	n := 0
	for _, series := range v.(model.Matrix) {
		for _, x := range series.Values {
			if !math.IsNaN(float64(x.Value)) {
				n++
			}
		}
	}
	return n, nil
}

// evaluated: Prometheus carried out every rule without an error.
func (s *Server) evaluated(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), queryLimit)
	defer cancel()
	all, err := s.api.Rules(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, g := range all.Groups {
		for _, r := range g.Rules {
			n++
			switch r := r.(type) {
			case v1.RecordingRule:
				if r.Health != v1.RuleHealthGood {
					t.Errorf("rule %s: %s %s", r.Name, r.Health, r.LastError)
				}
			case v1.AlertingRule:
				if r.Health != v1.RuleHealthGood {
					t.Errorf("alert %s: %s %s", r.Name, r.Health, r.LastError)
				}
			}
		}
	}
	if want := len(rules(t)); n != want {
		t.Errorf("Prometheus has %d rules, want %d", n, want)
	}
}

// invented is the program over a store of invented calls.
type invented struct {
	folder, address string
	agents          []string
}

const (
	inventedDays   = 36
	inventedAgents = 20
	zone           = "Asia/Shanghai" // of the shipped configuration
)

// invent builds the program, makes the store and serves it until the test ends.
func invent(t *testing.T) *invented {
	t.Helper()
	s := &invented{folder: t.TempDir()}
	s.configure(t)
	s.run(t, exec.Command("go", "build", "-o", s.folder+"/", "aftercall/cmd/aftercall"))
	in, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	first := time.Now().In(in).AddDate(0, 0, 1-inventedDays).Format(time.DateOnly)
	s.run(t, s.program("synth", "--out", filepath.Join(s.folder, "aftercall.db"), "--first-day", first, "--days", fmt.Sprint(inventedDays),
		"--agents", fmt.Sprint(inventedAgents), "--calls-per-day", "1600", "--seed", "4")) // under which the split check is far from failing, whatever weekday it is
	s.run(t, s.program("prompts", "build"))
	s.serve(t)
	return s
}

// configure writes the shipped configuration with a roster of the invented
// agents, in two teams, and an Asterisk that is not there.
func (s *invented) configure(t *testing.T) {
	t.Helper()
	roster := "agents:\n"
	for i := range inventedAgents {
		id := fmt.Sprintf("agent-%05d", i+1)
		s.agents = append(s.agents, id)
		roster += fmt.Sprintf("  - {id: %s, name: 王芳 %d, team: %s, aliases: [{interface: PJSIP/%d}]}\n", id, i+1, []string{"morning", "night"}[i%2], 1001+i)
	}
	changes := strings.NewReplacer("127.0.0.1:8088", "127.0.0.1:1", "agents: []\n", roster)
	for _, name := range []string{"aftercall.yaml", "layouts.yaml"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "configs", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(s.folder, name), []byte(changes.Replace(string(text))), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// program prepares the program with this configuration.
func (s *invented) program(args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.folder, "aftercall"), append([]string{"--config", filepath.Join(s.folder, "aftercall.yaml")}, args...)...)
	sounds, _ := filepath.Abs(filepath.Join("..", "..", ".lab", "prompts")) // of every test, made once
	cmd.Env = append(os.Environ(), "AFTERCALL_STORE_PATH="+filepath.Join(s.folder, "aftercall.db"), "AFTERCALL_STORE_SPILL="+filepath.Join(s.folder, "spill.jsonl"),
		"AFTERCALL_PROMPTS_FOLDER="+sounds, "AFTERCALL_PROMPTS_MEDIA=/none", "AFTERCALL_HTTP_LISTEN=127.0.0.1:0", "AFTERCALL_ARI_PASSWORD=none")
	return cmd
}

func (s *invented) run(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, said)
	}
}
