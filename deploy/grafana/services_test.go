package grafana

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// twoServices are the series of two services that know the same agents by
// other names, and have another menu under the same layout.
func twoServices() []string {
	var all []string
	for i, instance := range []string{"a:9380", "b:9380"} {
		add := func(metric, labels string) {
			all = append(all, fmt.Sprintf(`%s{job="aftercall",instance=%q,%s}`, metric, instance, labels))
		}
		agent := fmt.Sprintf("agent=%q", odd.Agent)
		add("aftercall_agent_info", fmt.Sprintf(`%s,name="name %d",team="team %d"`, agent, i, i))
		for _, o := range []string{"rated", "hangup", "error"} {
			add("aftercall_agent_surveys_total", agent+fmt.Sprintf(",outcome=%q", o))
			add("aftercall_layout_surveys_total", fmt.Sprintf(`question="service",layout="habit",queue="support",outcome=%q`, o))
		}
		for _, v := range []string{"satisfied", "fair"} {
			add("aftercall_agent_ratings_total", agent+fmt.Sprintf(",verdict=%q", v))
			add("aftercall_layout_ratings_total", fmt.Sprintf(`question="service",layout="habit",queue="support",verdict=%q`, v))
			add("aftercall_verdict_satisfied", fmt.Sprintf(`question="service",verdict=%q`, v))
		}
		for _, metric := range []string{windowRatings, windowSatisfied} {
			add(metric, agent+`,window="30d"`)
		}
		for _, metric := range []string{adjusted, adjusted + "_lower", adjusted + "_upper", tierMetric} {
			add(metric, agent)
		}
		add("aftercall_agents_hidden", `reason="bound"`)
		add("aftercall_agents_hidden", `reason="idle"`)
		add("aftercall_agents_refreshed_timestamp_seconds", "")
		add("aftercall_layout_option_info", fmt.Sprintf(`question="service",layout="habit",key="1",verdict="satisfied",position="%d"`, i+1))
		add("aftercall_layout_keypresses_total", `layout="habit",key="1",valid="true"`)
		add("aftercall_layout_hangups_total", `layout="habit",heard="1"`)
		add("aftercall_answer_seconds_count", `layout="habit"`)
		add("aftercall_key_durable_seconds_count", "")
		for _, le := range []string{"8", "+Inf"} {
			add("aftercall_answer_seconds_bucket", fmt.Sprintf(`layout="habit",le=%q`, le))
			add("aftercall_key_durable_seconds_bucket", fmt.Sprintf("le=%q", le))
		}
		add("aftercall_epoch_started_timestamp_seconds", `queue="support",question="service"`)
		add("aftercall_experiment_srm_p_value", `experiment="spring",queue="support"`)
	}
	return all
}

// asked gives what promtool says of queries over twoServices after two hours,
// of which it expects nothing: each that gives something, or fails, is named.
func asked(t *testing.T, exprs ...string) string {
	t.Helper()
	type series struct{ Series, Values string }
	type test struct {
		Expr string
		At   string `yaml:"eval_time"`
	}
	var input []series
	for _, s := range twoServices() {
		values := "1+1x120" // a counter, or a gauge that grows
		if strings.HasPrefix(s, "aftercall_verdict") {
			values = "1+0x120"
		}
		input = append(input, series{s, values})
	}
	var tests []test
	for _, e := range exprs {
		tests = append(tests, test{e, "2h"})
	}
	b, err := yaml.Marshal(map[string]any{"evaluation_interval": "1m", "tests": []map[string]any{{"interval": "1m", "input_series": input, "promql_expr_test": tests}}})
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "tests.yml")
	if err := os.WriteFile(name, b, 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "promtool", "test", "rules", name).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "expr:") {
		t.Fatalf("promtool: %v, want it to name what the queries give\n%s", err, out)
	}
	return string(out)
}

func TestEveryQueryGivesSomethingAlsoOfTwoServices(t *testing.T) {
	var exprs []string
	for _, q := range Queries(Filled{Agent: odd.Agent, Step: "2h", Shown: "2h"}) {
		exprs = append(exprs, q.Expr)
	}
	const clash = "aftercall_agent_tier * on (agent) group_left (name) aftercall_agent_info"
	const silent = "absent_metric"
	out := asked(t, append(exprs, clash, silent)...)
	if named := fmt.Sprintf("expr: %q", silent); strings.Contains(out, named) {
		t.Errorf("%s is named, though it gives nothing", silent)
	}
	for _, e := range exprs {
		if !strings.Contains(out, fmt.Sprintf("expr: %q, time: 2h,", e)) {
			t.Errorf("%s gives nothing", e)
		}
	}
	failed := 0
	for _, line := range strings.Split(out, "\n") {
		if _, fault, is := strings.Cut(line, ", err: "); is {
			failed++
			if !strings.Contains(line, fmt.Sprintf("%q", clash)) {
				t.Errorf("%s\n%s", line, fault)
			}
		}
	}
	if failed != 1 {
		t.Errorf("%d queries fail, want the one that does not reckon with two services", failed)
	}
}
