package synth

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aftercall/configs"
	"aftercall/ivr/layout"
	"aftercall/scoring"
)

// toy has every sound: a letter takes 60 ms.
type toy struct{}

func (toy) Speech(s layout.Speech) (layout.Sound, error) {
	return layout.Sound{Media: s.Place, Hash: s.Say, Length: time.Duration(len(s.Say)) * 60 * time.Millisecond}, nil
}

func (toy) Silence(d time.Duration) (layout.Sound, error) {
	return layout.Sound{Media: "silence", Hash: d.String(), Length: d}, nil
}

// shipped gives the layouts of the shipped configuration and some variants of
// them, which no configuration need have: without barge-in, with a choice that
// is read back, without any retry.
func shipped(t testing.TB) Site {
	t.Helper()
	t.Setenv("AFTERCALL_ARI_PASSWORD", "a password of the test")
	c, err := configs.Load("../../configs/aftercall.yaml")
	if err != nil {
		t.Fatal(err)
	}
	k := c.Catalogue
	all := slices.Clone(k.Layouts)
	habit, _ := k.Layout("habit")
	deaf, asks, bare := habit, habit, habit
	deaf.Name, deaf.BargeIn = "deaf", false
	asks.Name, asks.Confirm = "asks", &layout.Confirm{Say: layout.Texts{{Language: "en", Say: "{label}?"}, {Language: "zh-CN", Say: "{label}？"}}, Key: "1", Again: "9", Times: 1, Wait: layout.Delay(3 * time.Second)}
	bare.Name, bare.NoInput, bare.WrongKey, bare.Actions = "bare", layout.Retry{}, layout.Retry{}, nil
	k.Layouts = append(all, deaf, asks, bare)
	s := Site{Zone: c.Zone, Survey: "service", Longer: "service-and-resolved"}
	for _, l := range k.Layouts {
		q, _ := k.Question(l.Question)
		scale, _ := k.Scale(q.Scale)
		m := Menu{Definition: layout.Definition{Layout: l, Question: q, Scale: scale}}
		for _, language := range k.Languages {
			r, err := k.Render(l, language, toy{})
			if err != nil {
				t.Fatal(err)
			}
			m.Renditions = append(m.Renditions, r)
		}
		s.Menus = append(s.Menus, m)
	}
	return s
}

// plain is the default truth at a site with two queues.
func plain() Truth {
	t := Default()
	t.Queues = []Queue{{Name: "support", Share: 3}, {Name: "sales", Share: 1}}
	t.Languages = []Language{{"en", 1}, {"zh-CN", 3}}
	return t
}

func made(t testing.TB, truth Truth) *Generator {
	t.Helper()
	g, err := New(truth, shipped(t))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// numbered gives epochs that say by their number where they belong: the day
// on which they began, and the place of the split.
func numbered(g *Generator, day int) []int64 {
	splits, _ := g.Splits(day)
	ids := make([]int64, len(splits))
	for i := range ids {
		ids[i] = int64(day*100 + i)
	}
	return ids
}

// all gives every record.
func all(g *Generator) []scoring.Record {
	var out []scoring.Record
	for day := 1; day <= g.Truth().Days; day++ {
		out = slices.AppendSeq(out, g.Records(day, numbered(g, day)))
	}
	return out
}

// near judges a share of n by its expectation. Five standard errors are left
// by chance in one of two million cases, and with a fixed seed in none.
func near(t *testing.T, what string, got, want float64, n int) {
	t.Helper()
	if d := 5 * math.Sqrt(want*(1-want)/float64(n)); n == 0 || math.Abs(got-want) > d {
		t.Errorf("%s: %.4f of %d, want %.4f within %.4f", what, got, n, want, d)
	}
}

func share(records []scoring.Record, is func(scoring.Record) bool) float64 {
	n := 0
	for _, r := range records {
		if is(r) {
			n++
		}
	}
	return float64(n) / float64(len(records))
}

func filter(records []scoring.Record, is func(scoring.Record) bool) []scoring.Record {
	return slices.DeleteFunc(slices.Clone(records), func(r scoring.Record) bool { return !is(r) })
}

func under(name string) func(scoring.Record) bool {
	return func(r scoring.Record) bool { return r.Assignments[0].Layout == name }
}

func said(verdict string) func(scoring.Record) bool {
	return func(r scoring.Record) bool { return r.Answers[0].Verdict == verdict }
}

func ended(o scoring.Outcome) func(scoring.Record) bool {
	return func(r scoring.Record) bool { return r.Answers[0].Outcome == o }
}

// TestSameTruthSameCalls: and another seed gives others.
func TestSameTruthSameCalls(t *testing.T) {
	truth := plain()
	truth.Days, truth.Second = 1, Second{Layout: "resolved-yes-no", Share: 0.5}
	one, again := all(made(t, truth)), all(made(t, truth))
	if d := cmp.Diff(one, again); d != "" {
		t.Errorf("the same truth gave other calls (-once +again):\n%s", d)
	}
	truth.Seed++
	if other := all(made(t, truth)); len(other) != len(one) || cmp.Equal(one, other) {
		t.Errorf("%d calls of another seed, want %d others", len(other), len(one))
	}
}

// TestDayByItself: a day's calls do not depend on whether others were made.
func TestDayByItself(t *testing.T) {
	truth := plain()
	truth.Days = 3
	g := made(t, truth)
	third := slices.Collect(g.Records(3, numbered(g, 3)))
	whole := all(made(t, truth))
	if d := cmp.Diff(whole[len(whole)-len(third):], third); d != "" {
		t.Errorf("day 3 alone (-behind the others +alone):\n%s", d)
	}
}

// TestMeasuredIsExpected: what the calls show is what was computed from the
// truth without drawing any, for every layout.
func TestMeasuredIsExpected(t *testing.T) {
	truth := plain()
	truth.Days, truth.CallsPerDay = 28, 3000
	truth.Experiment.Layouts = []string{"habit", "strict", "gap", "worst-first", "reversed", "deaf", "asks", "bare"}
	truth.OrderEffect, truth.KeyEffect, truth.Errors, truth.TrendPoints = 0.1, 0.08, 0.01, 0.3
	truth.LayoutFactors = []Factor{{"strict", 0.8}}
	g := made(t, truth)
	records := all(g)
	if n := int64(len(records)); n != g.Truth().Expected.Surveys {
		t.Errorf("%d calls, expected %d", n, g.Truth().Expected.Surveys)
	}
	for _, e := range g.Truth().Expected.Layouts {
		of := filter(records, under(e.Layout))
		near(t, e.Layout+" offered", float64(len(of))/float64(len(records)), 1./8, len(records))
		near(t, e.Layout+" answered", share(of, ended(scoring.Rated)), e.Answered, len(of))
		for _, v := range e.Verdicts {
			near(t, e.Layout+" said "+v.Verdict, share(of, said(v.Verdict)), v.Offered, len(of))
		}
		near(t, e.Layout+" error", share(of, ended(scoring.Failed)), truth.Errors, len(of))
	}
}

// TestOrderShiftIsLambda: between mirrored menus, satisfied and dissatisfied
// of rated differ by lambda, whatever callers think and whoever answers.
func TestOrderShiftIsLambda(t *testing.T) {
	truth := plain()
	truth.OrderEffect = 0.07
	e := made(t, truth).Truth().Expected
	habit, worst := e.Layouts[0], e.Layouts[1]
	dis := func(l LayoutExpected, i int) float64 { return l.Verdicts[i].Offered / l.Answered }
	for what, d := range map[string]float64{"satisfied": habit.Satisfied - worst.Satisfied, "dissatisfied": dis(worst, 0) - dis(habit, 2)} {
		if math.Abs(d-0.07) > 1e-12 {
			t.Errorf("%s differs by %.15f, want 0.07", what, d)
		}
	}
}

// TestNoEffectNoDifference: without effects the same share answers and says
// the same under menus that differ in order, key and gap.
func TestNoEffectNoDifference(t *testing.T) {
	truth := plain()
	truth.OrderEffect, truth.GapEffect.Share = 0, 0
	truth.Experiment.Layouts = []string{"habit", "worst-first", "gap", "reversed"}
	e := made(t, truth).Truth().Expected
	for _, l := range e.Layouts[1:] {
		if math.Abs(l.Answered-e.Layouts[0].Answered) > 1e-12 || math.Abs(l.Satisfied-e.Layouts[0].Satisfied) > 1e-12 {
			t.Errorf("%s: answered %v, satisfied %v, want %v and %v", l.Layout, l.Answered, l.Satisfied, e.Layouts[0].Answered, e.Layouts[0].Satisfied)
		}
	}
}

// TestGapSignature: under the gap more hang up after one option, fewer say
// that they are dissatisfied, and no more that they are satisfied.
func TestGapSignature(t *testing.T) {
	truth := plain()
	truth.Days, truth.CallsPerDay = 28, 2000
	truth.Experiment.Layouts, truth.OrderEffect = []string{"habit", "gap"}, 0
	records := all(made(t, truth))
	habit, gap := filter(records, under("habit")), filter(records, under("gap"))
	first := func(r scoring.Record) bool {
		return r.Answers[0].Outcome == scoring.HungUp && r.Answers[0].Heard == 1
	}
	if was, is := share(habit, first), share(gap, first); is < was+0.03 {
		t.Errorf("hung up after one option: %.3f and with the gap %.3f, want 0.03 more at least", was, is)
	}
	if was, is := share(habit, said("dissatisfied")), share(gap, said("dissatisfied")); is > was-0.003 {
		t.Errorf("said dissatisfied: %.4f and with the gap %.4f, want 0.003 less at least", was, is)
	}
	if was, is := share(habit, said("satisfied")), share(gap, said("satisfied")); is > was {
		t.Errorf("said satisfied: %.3f and with the gap %.3f, want no more", was, is)
	}
}

// TestAgents: each works in one queue, queues have agents by their share, and
// the agents' mean is the truth's.
func TestAgents(t *testing.T) {
	truth := plain()
	truth.Agents = Agents{Number: 40, Spread: 1}
	truth.WeekdayPoints = make([]float64, 7)
	truth.Queues = append(truth.Queues, Queue{Name: "night", Share: 1e-6})
	g := made(t, truth)
	n, sum, spread := map[string]int{}, 0., 0.
	for _, a := range g.Truth().Expected.Agents {
		n[a.Queue]++
		sum += a.Satisfied
		odds := math.Log(a.Satisfied / (1 - a.Satisfied))
		spread = max(spread, math.Abs(odds-math.Log(0.81/0.19)))
	}
	if want := map[string]int{"support": 30, "sales": 9, "night": 1}; !maps.Equal(n, want) {
		t.Errorf("agents by queue %v, want %v", n, want)
	}
	if math.Abs(sum/40-truth.Opinions.Satisfied) > 1e-9 || spread < 1 {
		t.Errorf("agents are satisfying %.6f on average and %.2f log odds apart, want %.6f and 1 at least", sum/40, spread, truth.Opinions.Satisfied)
	}
	where := map[string]string{}
	for r := range g.Records(1, numbered(g, 1)) {
		if q, met := where[r.Call.Agent.ID]; met && q != r.Call.Queue {
			t.Errorf("agent %s works in %s and %s", r.Call.Agent.ID, q, r.Call.Queue)
		}
		where[r.Call.Agent.ID] = r.Call.Queue
	}
}

// TestWeekdays: calls and satisfaction swing by the weekday.
func TestWeekdays(t *testing.T) {
	truth := plain()
	truth.CallsPerDay, truth.Days = 5000, 7
	truth.FirstDay = "2026-01-07" // a Wednesday
	truth.WeekdayCalls = []float64{1, 1, 2, 1, 1, 0.5, 0}
	truth.WeekdayPoints = []float64{0, 0, -20, 0, 0, 0, 0}
	truth.Answering = ByOpinion{1, 1, 1}
	truth.OrderEffect, truth.Errors, truth.GapEffect.Share = 0, 0, 0
	g := made(t, truth)
	days := map[string][]scoring.Record{}
	for _, r := range all(g) {
		days[r.Call.Day] = append(days[r.Call.Day], r)
	}
	for day, n := range map[string]int{"2026-01-07": 10000, "2026-01-08": 5000, "2026-01-10": 2500, "2026-01-11": 0, "2026-01-12": 5000} {
		if len(days[day]) != n {
			t.Errorf("%d calls on %s, want %d", len(days[day]), day, n)
		}
	}
	near(t, "satisfied on Wednesday", share(days["2026-01-07"], said("satisfied")), 0.61, 10000)
	near(t, "satisfied on Thursday", share(days["2026-01-08"], said("satisfied")), 0.81, 5000)
}

// TestTrend: service improves by points a day.
func TestTrend(t *testing.T) {
	truth := plain()
	truth.CallsPerDay, truth.Days, truth.TrendPoints = 5000, 8, -5
	truth.WeekdayCalls, truth.WeekdayPoints = []float64{1, 1, 1, 1, 1, 1, 1}, make([]float64, 7)
	truth.Agents.Spread = 0
	truth.Answering = ByOpinion{1, 1, 1}
	truth.OrderEffect, truth.Errors, truth.GapEffect.Share = 0, 0, 0
	g := made(t, truth)
	for day := 1; day <= 8; day++ {
		near(t, fmt.Sprintf("satisfied on day %d", day), share(slices.Collect(g.Records(day, numbered(g, day))), said("satisfied")), 0.81-0.05*float64(day-1), 5000)
	}
}

// TestRamp: from its day on a ramp changes the split of its queue alone, and
// begins an epoch there alone.
func TestRamp(t *testing.T) {
	truth := plain()
	truth.CallsPerDay, truth.Days = 5000, 4
	truth.Experiment.Layouts = []string{"habit", "gap"}
	truth.Queues[0].Weights = []int{9, 1}
	truth.Ramps = []Ramp{{Day: 3, Queue: "support", Weights: []int{1, 1}}}
	g := made(t, truth)
	for day, want := range map[int]map[string]float64{1: {"support": 0.1, "sales": 0.5}, 2: {"support": 0.1, "sales": 0.5}, 3: {"support": 0.5, "sales": 0.5}, 4: {"support": 0.5, "sales": 0.5}} {
		records := slices.Collect(g.Records(day, numbered(g, day)))
		for queue, weight := range want {
			of := filter(records, func(r scoring.Record) bool { return r.Call.Queue == queue })
			near(t, fmt.Sprintf("%s on day %d", queue, day), share(of, under("gap")), weight, len(of))
		}
		if _, changed := g.Weights(day); changed != (day == 3) {
			t.Errorf("day %d changes the weights: %v", day, changed)
		}
	}
	before, after := splits(t, g, 2), splits(t, g, 3)
	if before[0] == after[0] || before[1] != after[1] {
		t.Errorf("splits before %v and after %v, want another for support alone", before, after)
	}
}

func splits(t *testing.T, g *Generator, day int) []scoring.Split {
	t.Helper()
	s, err := g.Splits(day)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSplits: each split names experiment, seed, versions and sounds; behind
// the last day the first layout gets every call, and no experiment is named.
func TestSplits(t *testing.T) {
	truth := plain()
	truth.Second = Second{Layout: "resolved-yes-no", Share: 0.5}
	g := made(t, truth)
	var e scoring.Epoch
	got := splits(t, g, 1)
	if len(got) != 4 || got[0].Queue != "support" || got[0].Question != "service" || got[1].Question != "resolved" || got[3].Queue != "sales" {
		t.Fatalf("splits %v, want two questions of two queues", got)
	}
	if err := json.Unmarshal([]byte(got[0].Arms), &e); err != nil {
		t.Fatal(err)
	}
	m := g.arms[0]
	want := scoring.EpochArm{Layout: "habit", Version: m.version, Weight: 1, Renditions: map[string]string{"en": m.sounds["en"].Hash, "zh-CN": m.sounds["zh-CN"].Hash}}
	if d := cmp.Diff(want, e.Arms[0]); d != "" || e.Experiment != "synthetic" || e.Seed != "synthetic" || len(e.Arms) != 3 {
		t.Errorf("split %+v (-want +got):\n%s", e, d)
	}
	for _, s := range splits(t, g, 91) {
		if strings.Contains(s.Arms, "experiment") || strings.Count(s.Arms, `"weight":1`) != 1 {
			t.Errorf("split behind the last day %s, want one layout and no experiment", s.Arms)
		}
	}
}

// TestDefinitionsAreTheServices: a layout is kept in the form in which the
// service keeps it.
func TestDefinitionsAreTheServices(t *testing.T) {
	g := made(t, plain())
	kept, err := g.Layouts()
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range g.site.Menus {
		want, err := json.Marshal(map[string]any{"layout": m.Layout, "question": m.Question, "scale": m.Scale})
		if err != nil || string(want) != string(kept[i].Definition) {
			t.Errorf("%s is kept as %s, want %s, error %v", m.Layout.Name, kept[i].Definition, want, err)
		}
	}
}
