package main

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"aftercall/scoring/compare"
)

func TestExperimentPlan(t *testing.T) {
	path := built(t)
	lived(t, path)
	for file, args := range map[string]string{
		"experiment-plan.golden":          "--answered 3 --satisfied 2 --order 2",
		"experiment-plan-zh.golden":       "--answered 3 --satisfied 2 --order 2 --lang zh-CN --queue support --arms 3",
		"experiment-plan-baseline.golden": "--answered 3 --satisfied 2 --order 2 --queue unknown --queue support --baseline-answered 30 --baseline-satisfied 85 --per-day 300 --days 7",
		"experiment-plan-other.golden":    "--answered 3 --question resolved --baseline-answered 65",
	} {
		says(t, path, file, append([]string{"plan"}, strings.Fields(args)...)...)
	}
}

// TestExperimentPlanSizes: the sizes are those that the statistics of the
// design names, from flags as from traffic.
func TestExperimentPlanSizes(t *testing.T) {
	path := built(t)
	lived(t, path)
	planned := func(args string) (p plan) {
		t.Helper()
		out, log, status := command(t, path, append([]string{"experiment", "plan", "--json"}, strings.Fields(args)...)...)
		if err := json.Unmarshal([]byte(out), &p); err != nil || status != 0 {
			t.Fatalf("%v: %s%s", err, out, log)
		}
		return p
	}
	p := planned("--answered 3 --baseline-answered 30 --per-day 100")
	if n := p.Needs[0]; n.PerArm != 3763 || n.Total != 2*n.PerArm || n.Days != int(math.Ceil(float64(n.Safe)/100)) {
		t.Errorf("%+v, want 3763 a layout", n)
	}
	lately := planned("--answered 3 --satisfied 2 --order 2 --arms 4")
	if lately.Surveys != 400 || lately.Days != 28 || lately.PerDay != 100 || lately.Answered != 0.8 || lately.Satisfied != 0.875 || lately.Widest {
		t.Errorf("planned from %+v, want 400 surveys, 100 a day, 80 %% answered and 87.5 %% of these satisfied", lately)
	}
	for i, want := range compare.PlanFor(compare.Traffic{Days: 4, Offered: 400, Rated: 320, Satisfied: 280, NetVariance: lately.Variance},
		compare.Goal{Answered: 0.03, Satisfied: 0.02, Order: 0.02}, 4) {
		if got := lately.Needs[i]; got.PerArm != want.PerArm || got.Safe != want.Safe || got.Days != want.Days || got.Status != compare.OK {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	if got, want := lately.Variance, 1-0.75*0.75; math.Abs(got-want) > 1e-9 { // 280 satisfied and 40 dissatisfied of 320
		t.Errorf("variance %v, want %v", got, want)
	}
}

func TestExperimentPlanRefused(t *testing.T) {
	path := built(t)
	serves(t, path).stop()
	for args, text := range map[string]string{
		"plan":              "nothing to plan for, want at least one of --answered, --satisfied and --order, such as --answered 3\n",
		"plan --answered 3": `question "service": nothing to plan by in the last 28 days \(0 surveys, 0 rated in ".*aftercall.db"\), want --baseline-answered\n`,
		"plan --order 2 --baseline-answered 60 --days 7":                     `question "service": nothing to plan by in the last 7 days \(0 surveys, 0 rated in ".*aftercall.db"\), want --baseline-satisfied\n`,
		"plan --answered -3":                                                 `--answered -3: want more than 0 and less than 100\n`,
		"plan --answered NaN":                                                `--answered NaN: want more than 0 and less than 100\n`,
		"plan --answered 3 --baseline-answered 100":                          `--baseline-answered 100: want .*\n`,
		"plan --answered 80 --baseline-answered 30":                          `--answered 80: the share is 30.0 % now, want at most 70.0\n`,
		"plan --satisfied 90 --baseline-answered 30 --baseline-satisfied 85": `--satisfied 90: the share is 85.0 % now, want at most 85.0\n`,
		"plan --answered 3 --arms 1":                                         `--arms 1: want 2 to 9\n`,
		"plan --answered 3 --days 0":                                         `--days 0: want 1 to 3650\n`,
		"plan --answered 3 --per-day -1":                                     `--per-day -1: want .*\n`,
		"plan --answered 3 --question colour":                                `--question "colour": is not defined\n`,
		"plan --answered 3 --queue sales":                                    `--queue "sales": is not listed, .*\n`,
		"plan --answered 3 --lang xx":                                        `--lang "xx": .*\n`,
	} {
		ordered(t, path, text, 1, strings.Fields(args)...)
	}
	ordered(t, site(t), `question "service": nothing to plan by .*, want --baseline-answered\n`, 1, "plan", "--answered", "3") // no database yet
}
