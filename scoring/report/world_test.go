package report

import (
	"fmt"
	"strings"
	"time"

	"aftercall/ivr/layout"
	"aftercall/scoring"
	"aftercall/scoring/compare"
)

var scaleOfAll = layout.Scale{Name: "service", Verdicts: []layout.Verdict{
	{ID: "dissatisfied", Value: 1, Label: texts("dissatisfied", "不满意")}, {ID: "fair", Value: 2, Label: texts("fair", "一般")},
	{ID: "satisfied", Value: 3, Satisfied: true, Label: texts("satisfied", "满意")},
	{ID: "very_satisfied", Value: 4, Satisfied: true, Label: texts("very satisfied", "非常满意")},
}}

func texts(en, zh string) layout.Texts {
	return layout.Texts{{Language: "en", Say: en}, {Language: "zh-CN", Say: zh}}
}

// menu makes a layout that reads verdicts by key, "1 satisfied", with a pause
// between them.
func menu(name string, pause time.Duration, options ...string) layout.Definition {
	l := layout.Layout{Name: name, Question: "service", Phrase: texts("for {label}, press {key}", "{label}请按{key}"), Wait: layout.Delay(5 * time.Second), BargeIn: true}
	for _, o := range options {
		key, verdict, _ := strings.Cut(o, " ")
		l.Options = append(l.Options, layout.Option{Key: key, Verdict: verdict, Pause: layout.Delay(pause)})
	}
	return layout.Definition{Layout: l, Question: layout.Question{Name: "service", Scale: "service"}, Scale: scaleOfAll}
}

const half = 500 * time.Millisecond

// The shipped layouts.
var (
	habit      = menu("habit", half, "1 satisfied", "2 fair", "3 dissatisfied")
	gap        = menu("gap", 3*time.Second, "1 satisfied", "2 fair", "3 dissatisfied")
	worstFirst = menu("worst-first", half, "3 dissatisfied", "2 fair", "1 satisfied")
	strict     = menu("strict", half, "5 very_satisfied", "3 satisfied", "1 dissatisfied")
)

// results name the cells of a menu: how a question ended and after how many
// options. Their order is that of stat_cases.json, end_to_end_three_layouts.
var results = []struct {
	name  string
	heard int
}{
	{"dissatisfied", 3}, {"fair", 2}, {"satisfied", 1}, {"invalid", 3}, {"no_input", 3},
	{"hangup", 0}, {"hangup", 1}, {"hangup", 2}, {"hangup", 3},
}

// The counts of that case, for habit, worst-first and gap.
var (
	habitCounts = []int64{266, 372, 3510, 61, 903, 210, 240, 250, 200}
	worstCounts = []int64{490, 408, 3122, 88, 960, 215, 244, 255, 205}
	gapCounts   = []int64{153, 231, 3226, 40, 951, 230, 520, 410, 240}
)

// site is an experiment as the store would hold it.
type site struct {
	compare.Input
	days int
}

// run makes an experiment of one queue over some days, its layouts split
// alike, and not at its end if that is not said.
func run(size int64, days int, definitions ...layout.Definition) *site {
	e := &scoring.Experiment{Name: "spring", Question: "service", Size: size, Ratings: size * 7 / 10, StartedAt: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)}
	s := &site{Input: compare.Input{Question: "service", Experiment: e, Today: day(days)}, days: days}
	epoch := scoring.Epoch{ID: 1, Queue: "support", Question: "service", Experiment: e.Name}
	for _, d := range definitions {
		s.Arms = append(s.Arms, compare.Arm{Name: d.Layout.Name, Versions: []string{"v-" + d.Layout.Name}, Definition: d})
		e.Layouts = append(e.Layouts, d.Layout.Name)
		epoch.Arms = append(epoch.Arms, scoring.EpochArm{Layout: d.Layout.Name, Version: "v-" + d.Layout.Name, Weight: 1})
	}
	s.Epochs = []scoring.Epoch{epoch}
	return s
}

func day(n int) string {
	return time.Date(2026, 3, 2+n, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

// count spreads the results of an arm evenly over the days.
func (s *site) count(arm int, counts []int64) {
	for i, n := range counts {
		r := results[i]
		verdict := r.name
		if v := s.Arms[arm].Definition.Layout.Options; i < 3 && r.name == "satisfied" && v[0].Verdict == "very_satisfied" {
			verdict = "very_satisfied"
		} else if i == 1 && v[1].Verdict == "satisfied" {
			verdict = "satisfied"
		}
		for d := range int64(s.days) {
			part := n*(d+1)/int64(s.days) - n*d/int64(s.days)
			s.Days = append(s.Days, scoring.DayCount{Queue: "support", Epoch: 1, Day: day(int(d)), Version: s.Arms[arm].Versions[0],
				Language: "en", Result: verdict, Heard: r.heard, N: part})
		}
	}
}

// times multiplies counts.
func times(counts []int64, by, of int64) []int64 {
	out := make([]int64, len(counts))
	for i, n := range counts {
		out[i] = n * by / of
	}
	return out
}

// screen is the case on the screen of the design: worst first and gap against
// habit.
func screen() *site {
	s := run(18_000, 30, habit, worstFirst, gap)
	s.count(0, habitCounts)
	s.count(1, worstCounts)
	s.count(2, gapCounts)
	return s
}

// states are comparisons for each state and for what strains a report.
func states() map[string]compare.Comparison {
	all := map[string]*site{"worse": screen()}
	all["collecting"] = run(18_000, 3, habit, gap)
	all["collecting"].count(0, times(habitCounts, 1, 60))
	all["collecting"].count(1, times(gapCounts, 1, 60))
	all["keep_running"] = run(12_000, 9, habit, worstFirst)
	all["keep_running"].count(0, times(habitCounts, 1, 4))
	all["keep_running"].count(1, times(worstCounts, 1, 4))
	all["undecided"] = run(2_990, 9, habit, worstFirst)
	all["undecided"].count(0, times(habitCounts, 1, 4))
	all["undecided"].count(1, times(worstCounts, 1, 4))
	all["alike"] = run(90_000, 30, habit, gap)
	all["alike"].count(0, times(habitCounts, 8, 1))
	all["alike"].count(1, times(habitCounts, 8, 1))
	all["not_comparable"] = run(90_000, 30, habit, strict)
	all["not_comparable"].count(0, times(habitCounts, 8, 1))
	all["not_comparable"].count(1, times(habitCounts, 8, 1))
	all["split_broken"] = run(18_000, 30, habit, worstFirst)
	all["split_broken"].count(0, habitCounts)
	all["split_broken"].count(1, times(worstCounts, 3, 4))
	all["nothing"] = run(18_000, 0, habit, gap)
	all["not_randomised"] = screen()
	all["not_randomised"].Experiment, all["not_randomised"].Epochs = nil, nil
	all["few"] = run(18_000, 1, habit, gap, strict)
	all["few"].count(0, []int64{1, 0, 3, 0, 2, 0, 1, 0, 0})
	all["few"].count(1, []int64{0, 0, 0, 0, 4, 0, 1, 0, 0})
	all["few"].Agents = []scoring.AgentCount{{Queue: "support", Epoch: 1, Agent: "7001", Version: "v-habit", Result: "satisfied", N: 3}}
	all["nine"] = run(54_000, 30, nine()...)
	for i := range 9 {
		all["nine"].count(i, [][]int64{habitCounts, worstCounts, gapCounts}[i%3])
	}
	out := map[string]compare.Comparison{}
	for name, s := range all {
		out[name] = compare.Compare(s.Input)
	}
	return out
}

// nine layouts, some of the same wording, of names that are long.
func nine() []layout.Definition {
	all := []layout.Definition{habit, worstFirst, gap}
	for i := 4; i <= 9; i++ {
		d := []layout.Definition{habit, worstFirst, gap}[(i-1)%3]
		d.Layout.Name = fmt.Sprintf("layout-with-a-long-name-%d", i)
		all = append(all, d)
	}
	return all
}
