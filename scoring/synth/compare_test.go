package synth

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"aftercall/scoring"
	"aftercall/scoring/compare"
)

// compared compares the calls of a truth, as its roll-ups would hold them.
func compared(t *testing.T, truth Truth) compare.Comparison {
	t.Helper()
	g := made(t, truth)
	e := g.Experiment()
	in := compare.Input{Question: e.Question, Experiment: &e}
	for _, m := range g.arms {
		i := slices.IndexFunc(g.site.Menus, func(s Menu) bool { return s.Layout.Name == m.layout.Name })
		in.Arms = append(in.Arms, compare.Arm{Name: m.layout.Name, Versions: []string{m.version}, Definition: g.site.Menus[i].Definition})
	}
	cells := map[scoring.DayCount]int64{}
	var epochs []int64
	for day := 1; day <= truth.Days; day++ {
		if _, changed := g.Weights(day); day == 1 || changed {
			epochs = numbered(g, day)
			for i, s := range splits(t, g, day) {
				epoch := scoring.Epoch{ID: epochs[i], Queue: s.Queue, Question: s.Question, StartedAt: g.Begins(day)}
				if err := json.Unmarshal([]byte(s.Arms), &epoch); err != nil {
					t.Fatal(err)
				}
				epoch.ID = epochs[i] // the split has none
				in.Epochs = append(in.Epochs, epoch)
			}
		}
		for r := range g.Records(day, epochs) {
			a, given := r.Answers[0], r.Assignments[0]
			result := string(a.Outcome)
			if a.Outcome == scoring.Rated {
				result = a.Verdict
			}
			cells[scoring.DayCount{Queue: r.Call.Queue, Epoch: given.Epoch, Day: r.Call.Day, Version: given.Version,
				Language: r.Call.Language, Result: result, Heard: a.Heard}]++
		}
	}
	for c, n := range cells {
		c.N = n
		in.Days = append(in.Days, c)
	}
	slices.SortFunc(in.Days, func(a, b scoring.DayCount) int { return strings.Compare(a.Day, b.Day) })
	return compare.Compare(in)
}

func pairOf(t *testing.T, c compare.Comparison, layout string) compare.Pair {
	t.Helper()
	i := slices.IndexFunc(c.Pairs, func(p compare.Pair) bool { return p.Layout == layout })
	if i < 0 {
		t.Fatalf("no pair with %q in %+v", layout, c.Pairs)
	}
	return c.Pairs[i]
}

// TestComparisonFindsTheTruth: the order shift, what the gap costs, and that
// true satisfaction lies where all menus agree.
func TestComparisonFindsTheTruth(t *testing.T) {
	truth := plain()
	truth.Days, truth.CallsPerDay, truth.GapEffect.Share = 60, 700, 0.2
	c := compared(t, truth)
	e := made(t, truth).Truth().Expected
	if len(c.Order) != 1 || len(c.Gaps) != 1 {
		t.Fatalf("%d mirrored pairs and %d pairs that differ in the gap alone, want one each", len(c.Order), len(c.Gaps))
	}
	if o := c.Order[0]; o.Shift.Lo > truth.OrderEffect || o.Shift.Hi < truth.OrderEffect || o.Shift.Lo <= 0 || !o.Shown || !o.Simple {
		t.Errorf("order %+v, want a shift around %g that is shown and simple", o, truth.OrderEffect)
	}
	gap, mirror := pairOf(t, c, "gap"), pairOf(t, c, "worst-first")
	lost := e.Layouts[2].Answered - e.Layouts[0].Answered
	if a := gap.Answered; a.Difference.Lo > lost || a.Difference.Hi < lost || !a.Called || !c.Gaps[0].Signature {
		t.Errorf("gap: answered %+v, signature %v, want %.4f, called, and the signature", a, c.Gaps[0].Signature, lost)
	}
	if mirror.Answered.Called {
		t.Errorf("worst-first: answered %+v is called, want no difference", mirror.Answered)
	}
	if c.Verdict.State != compare.Worse || !slices.Equal(c.Verdict.Worse, []string{"gap"}) {
		t.Errorf("verdict %+v, want that gap measures worse", c.Verdict)
	}
	if c.Agreement.Lo > e.Satisfied || c.Agreement.Hi < e.Satisfied {
		t.Errorf("menus agree on %+v, want the truth in it, %.4f", c.Agreement, e.Satisfied)
	}
	for i, a := range c.Arms {
		if math.Abs(a.Satisfied.Value-e.Layouts[i].Satisfied) > 0.015 {
			t.Errorf("%s measures %.4f satisfied, expected %.4f", a.Name, a.Satisfied.Value, e.Layouts[i].Satisfied)
		}
	}
}

// TestComparisonIsNotFooledByARamp: calls move from 90/10 to 50/50 while
// service improves by 30 points. Whoever pools the days sees a layout with
// better service; there is none.
func TestComparisonIsNotFooledByARamp(t *testing.T) {
	truth := plain()
	truth.Days, truth.CallsPerDay, truth.OrderEffect, truth.GapEffect.Share = 30, 600, 0, 0
	truth.Opinions.Satisfied, truth.TrendPoints = 0.6, 1
	truth.Answering = ByOpinion{0.9, 0.4, 0.4} // the more are satisfied, the more answer
	truth.Experiment.Layouts = []string{"habit", "worst-first"}
	truth.Queues[0].Weights, truth.Queues[1].Weights = []int{9, 1}, []int{9, 1}
	truth.Ramps = []Ramp{{Day: 16, Weights: []int{1, 1}}}
	c := compared(t, truth)
	p := pairOf(t, c, "worst-first")
	pooled := c.Arms[1].Answered.Value - c.Arms[0].Answered.Value
	if pooled < 0.02 {
		t.Errorf("pooled, answered differs by %.4f, want 0.02 at least, or this tests nothing", pooled)
	}
	if p.Answered.Called || p.Dissatisfied.Called || p.Answered.Difference.Lo > 0 || p.Answered.Difference.Hi < 0 || math.Abs(p.Answered.Difference.Value) > pooled/2 {
		t.Errorf("answered %+v, dissatisfied %+v, want no difference", p.Answered, p.Dissatisfied)
	}
	if c.Split.Failed {
		t.Errorf("the split check failed: %+v", c.Split)
	}
}
