package compare

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"aftercall/ivr/layout"
	"aftercall/scoring"
)

// TestAgentsCount: what is counted, where, and what is left out.
func TestAgentsCount(t *testing.T) {
	in := AgentsInput{
		Definitions: map[string]layout.Definition{"v": habit, "s": strict},
		Cells: []scoring.AgentCell{
			{Agent: "amy", Queue: "q", Version: "v", Result: "satisfied", N: 8},
			{Agent: "amy", Queue: "q", Version: "v", Result: "satisfied", N: 4}, // twice
			{Agent: "amy", Queue: "q", Version: "s", Result: "very_satisfied", N: 3},
			{Agent: "amy", Queue: "q", Version: "v", Result: "fair", N: 5},
			{Agent: "amy", Queue: "q", Version: "v", Result: "hangup", N: 6},
			{Agent: "amy", Queue: "q", Version: "v", Result: "not_reached", N: 4},
			{Agent: "amy", Queue: "q", Version: "gone", Result: "satisfied", N: 7},
			{Agent: "amy", Queue: "q", Version: "gone", Result: "hangup", N: 9},
			{Agent: "amy", Queue: "q", Version: "v", Result: "no such verdict", N: 2},
			{Agent: "amy", Queue: "q", Version: "v", Result: "fair", N: -3},
			{Agent: "bob", Queue: "q", Version: "v", Result: "no_input", N: 11},
			{Agent: scoring.Unknown, Queue: "q", Version: "v", Result: "satisfied", N: 13},
			{Agent: scoring.Unknown, Queue: "q", Version: "gone", Result: "hangup", N: 1},
		},
	}
	out := Agents(in)
	if len(out.Agents) != 2 || out.Unread != 9 || out.Unknown != 14 || out.Groups != 1 || out.Method != AloneMethod {
		t.Fatalf("%+v", out)
	}
	amy, bob := out.Agents[0], out.Agents[1]
	if amy.Offered != 30 || amy.Rated != 20 || amy.Satisfied != 15 || amy.Raw != Wilson(15, 20, Confidence) || amy.Answered != Wilson(20, 30, Confidence) {
		t.Errorf("amy: %+v", amy)
	}
	if amy.Adjusted != amy.Raw || amy.Tier != Untold || amy.Group != 1 || amy.Method != AloneMethod {
		t.Errorf("amy, who has nobody beside her: %+v", amy)
	}
	if bob.Offered != 11 || bob.Rated != 0 || bob.Group != 0 || bob.Method != NoMethod || bob.Raw.Status != NoData || bob.Adjusted.Status != NoData || bob.Answered.Value != 0 || !bob.Answered.Known() {
		t.Errorf("bob, whom nobody rated: %+v", bob)
	}
	want := []Exam{
		{Queue: "q", Layout: "habit", Version: "v", Rated: 17, Satisfied: 12, Share: 17. / 20, Group: 1, Expected: Estimate{Status: NoData}},
		{Queue: "q", Layout: "strict", Version: "s", Rated: 3, Satisfied: 3, Share: 3. / 20, Group: 1, Expected: Estimate{Status: NoData}},
	}
	if !reflect.DeepEqual(out.Exams, want) {
		t.Errorf("exams %+v, want %+v", out.Exams, want)
	}
	for _, c := range []Code{NobodyElse, UnreadRatings, WithoutAgent} {
		if !hasCode(out.Warnings, c) {
			t.Errorf("warnings %v, want %s", out.Warnings, c)
		}
	}
}

func TestNoAgents(t *testing.T) {
	out := Agents(AgentsInput{})
	if out.Method != NoMethod || len(out.Agents) != 0 || out.Satisfied.Status != NoData || !hasCode(out.Warnings, NoRatings) {
		t.Errorf("%+v", out)
	}
	for name, list := range map[string]any{"exams": out.Exams, "warnings": Agents(uneven(1, 20, 0.5, 300).in).Warnings} {
		if text, _ := json.Marshal(list); string(text) != "[]" {
			t.Errorf("%s: %s, want an empty list", name, text)
		}
	}
}

// TestFewAgentsAreHeldAgainstWhatIsExpected: no model, no shrinkage, no call.
func TestFewAgentsAreHeldAgainstWhatIsExpected(t *testing.T) {
	f := newFloor(1, 2, 0, 0, 0)
	f.add(0, 0, 90, 100) // the easy menu: 180 of 200
	f.add(1, 0, 90, 100)
	f.add(0, 1, 10, 20) // the hard one: 110 of 200
	f.add(1, 1, 100, 180)
	out := Agents(f.in)
	pooled := 290. / 400
	for a, expected := range []float64{100*0.9 + 20*0.55, 100*0.9 + 180*0.55} {
		m := out.Agents[a]
		want := float64(m.Satisfied) / expected * pooled
		near(t, m.Agent, m.Adjusted.Value, want, 1e-12)
		if m.Tier != Untold || m.Method != ObservedExpected || m.Adjusted.Lo >= m.Adjusted.Value || m.Adjusted.Hi <= m.Adjusted.Value {
			t.Errorf("%+v", m)
		}
	}
	if !hasCode(out.Warnings, FewAgents) || out.Method != ObservedExpected {
		t.Errorf("%s, %v", out.Method, out.Warnings)
	}
}

// TestFewRatingsShowNoShare: under ten there is an interval and no value.
func TestFewRatingsShowNoShare(t *testing.T) {
	f := uneven(1, 50, 0.35, 100)
	f.effect, f.rated = append(f.effect, 0), append(f.rated, make([]float64, 2))
	f.add(50, 0, 9, 9)
	m := Agents(f.in).Agents[50]
	for name, e := range map[string]Estimate{"raw": m.Raw, "adjusted": m.Adjusted} {
		if e.Status != TooFew || e.Value != 0 || e.N != 9 || !(e.Lo < e.Hi) {
			t.Errorf("%s of 9 ratings: %+v", name, e)
		}
		text, err := json.Marshal(e)
		var back struct {
			Value    *float64
			Interval *Interval
		}
		if err != nil || json.Unmarshal(text, &back) != nil || back.Value != nil || back.Interval == nil {
			t.Errorf("%s: %s, %v", name, text, err)
		}
	}
	if !m.Answered.Known() || m.Tier != Untold || m.Wanted <= 9 {
		t.Errorf("%+v", m)
	}
}

// TestMarksDoNotDependOnTheOrder: of cells, nor on how they are split up.
func TestMarksDoNotDependOnTheOrder(t *testing.T) {
	f := uneven(3, 60, 0.35, 80)
	want := Agents(f.in)
	rnd := rand.New(rand.NewPCG(1, 1))
	var cells []scoring.AgentCell
	for _, c := range f.in.Cells {
		if c.N > 1 {
			half := c
			half.N = c.N / 2
			c.N -= half.N
			cells = append(cells, half)
		}
		cells = append(cells, c)
	}
	rnd.Shuffle(len(cells), func(i, j int) { cells[i], cells[j] = cells[j], cells[i] })
	f.in.Cells = cells
	if got := Agents(f.in); !reflect.DeepEqual(got, want) {
		t.Error("other marks for the same counts in another order")
	}
}

// TestWantedFollowsReliability: who has as many ratings as are wanted has the
// reliability, who has fewer has not; and more ratings are more reliable.
func TestWantedFollowsReliability(t *testing.T) {
	enough, short := 0, 0
	for _, m := range Agents(uneven(2, 200, 0.35, 110).in).Agents {
		if m.Wanted == 0 || (m.Reliability >= PayReliability) != (m.Rated >= m.Wanted) {
			t.Errorf("%s: reliability %.3f of %d ratings, wanted %d", m.Agent, m.Reliability, m.Rated, m.Wanted)
		}
		if m.Reliability >= PayReliability {
			enough++
		} else {
			short++
		}
	}
	if enough < 20 || short < 20 {
		t.Errorf("%d agents with enough ratings and %d without: neither side is tested", enough, short)
	}
}

// TestAlikeAgentsGetOneMark: where the model finds no difference.
func TestAlikeAgentsGetOneMark(t *testing.T) {
	f := newFloor(1, 20, 0, 0, 0)
	for a := range 20 {
		f.add(a, 0, 45, 50)
		f.add(a, 1, 5+a%2, 10+a)
	}
	for a := range 20 { // the second menu: nobody is further off than chance
		f.add(a, 1, 10, 20)
	}
	out := Agents(f.in)
	if out.Spread.Value != 0 || out.Spread.Lo != 0 || out.Spread.Hi <= 0 || !hasCode(out.Warnings, NobodyDiffers) {
		t.Fatalf("spread %+v, warnings %v", out.Spread, out.Warnings)
	}
	for _, m := range out.Agents {
		near(t, m.Agent, m.Adjusted.Value, out.Satisfied.Value, 1e-3)
		if m.Tier != Untold || m.Reliability != 0 || m.Wanted != 0 || !(m.Adjusted.Lo < m.Adjusted.Value && m.Adjusted.Value < m.Adjusted.Hi) {
			t.Errorf("%+v", m)
		}
	}
}

// TestExamsSayHowWellTheyTellAgentsApart: a menu whose callers nearly all
// press 1 wants more ratings, and one that all rate alike says so.
func TestExamsSayHowWellTheyTellAgentsApart(t *testing.T) {
	f := newFloor(2, 120, 0.5, 0.5, 3.5, 9)
	for a := range 120 {
		for e := range 3 {
			f.rate(a, e, 150)
		}
	}
	out := Agents(f.in)
	open, habitual, all := out.Exams[2], out.Exams[1], out.Exams[0]
	for _, e := range out.Exams {
		switch e.Version {
		case "v0":
			open = e
		case "v1":
			habitual = e
		case "v2":
			all = e
		}
	}
	if open.Wanted < 20 || open.Wanted > 80 || habitual.Wanted < 3*open.Wanted || all.Wanted != 0 && all.Wanted < habitual.Wanted {
		t.Errorf("wanted %d, %d and %d", open.Wanted, habitual.Wanted, all.Wanted)
	}
	near(t, "expected", open.Expected.Value, expit(0.5), 0.03)
	near(t, "expected", habitual.Expected.Value, expit(3.5), 0.01)
	if open.Expected.Lo != open.Expected.Hi || open.Expected.Status != Degenerate {
		t.Errorf("%+v claims a precision", open.Expected)
	}
}

// TestAMenuThatAllPassIsKeptAndMarked.
func TestAMenuThatAllPassIsKeptAndMarked(t *testing.T) {
	for satisfied, code := range map[int]Code{30: AllSatisfied, 0: NoneSatisfied} {
		f := newFloor(2, 40, 0.5, 1, 1)
		for a := range 40 {
			f.rate(a, 0, 100)
			f.add(a, 1, satisfied, 30)
		}
		out := Agents(f.in)
		if !hasCode(out.Warnings, code) || out.Method != MixedModel || len(out.Exams) != 2 {
			t.Errorf("%s: method %s, warnings %v", code, out.Method, out.Warnings)
		}
		for _, m := range out.Agents {
			if !m.Adjusted.Known() {
				t.Fatalf("%+v", m)
			}
		}
	}
}

// TestOtherScalesAreOtherExams: what counts as satisfied is each version's own
// affair.
func TestOtherScalesAreOtherExams(t *testing.T) {
	sure := layout.Scale{Name: "solved", Verdicts: []layout.Verdict{{ID: "fair", Value: 1, Satisfied: true}, {ID: "satisfied", Value: 2}}}
	d := menu("solved", half, "1 satisfied", "2 fair")
	d.Scale = sure
	in := AgentsInput{Definitions: map[string]layout.Definition{"v": habit, "w": d}}
	for _, version := range []string{"v", "w"} {
		in.Cells = append(in.Cells,
			scoring.AgentCell{Agent: "amy", Queue: "q", Version: version, Result: "satisfied", N: 30},
			scoring.AgentCell{Agent: "amy", Queue: "q", Version: version, Result: "fair", N: 12})
	}
	out := Agents(in)
	if got := out.Agents[0].Satisfied; got != 42 || out.Exams[0].Satisfied != 30 || out.Exams[1].Satisfied != 12 {
		t.Errorf("satisfied %d, exams %+v; want 30 of one menu and 12 of the other", got, out.Exams)
	}
}

// TestFunnelByAddingUp holds the limits against sums of the distribution.
func TestFunnelByAddingUp(t *testing.T) {
	for _, n := range []int64{1, 2, 7, 30, 333} {
		for _, target := range []float64{0.01, 0.3, 0.5, 0.85, 0.999} {
			f := FunnelLimits(target, n)
			for p, have := range map[float64]float64{0.025: f.Lo95, 0.975: f.Hi95, 0.001: f.Lo998, 0.999: f.Hi998} {
				sum, below, r := 0., 0., int64(-1)
				for sum < p && r < n {
					r++
					below = sum
					sum += distuv.Binomial{N: float64(n), P: target}.Prob(float64(r))
				}
				want := math.Min(1, math.Max(0, (float64(r)-(sum-p)/(sum-below))/float64(n)))
				near(t, fmt.Sprintf("target %v, n %d, p %v", target, n, p), have, want, 1e-7)
			}
		}
	}
	if f := FunnelLimits(0.5, 0); f != (Funnel{Hi95: 1, Hi998: 1}) {
		t.Errorf("of nothing: %+v", f)
	}
	if f := FunnelLimits(1, 20); f != (Funnel{1, 1, 1, 1}) {
		t.Errorf("of a sure thing: %+v", f)
	}
}

// TestBetaBinomialFindsTheSpread of a known one, and none where there is none.
func TestBetaBinomialFindsTheSpread(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 5))
	var x, n, same []int64
	for a := range 2000 {
		// Beta(8, 2) as shares of ten exponential waits
		var with, of float64
		for i := range 10 {
			w := rnd.ExpFloat64()
			if of += w; i < 8 {
				with += w
			}
		}
		trials := int64(20 + a%60)
		hits, plain := int64(0), int64(0)
		for range trials {
			if rnd.Float64() < with/of {
				hits++
			}
			if rnd.Float64() < 0.8 {
				plain++
			}
		}
		x, n, same = append(x, hits), append(n, trials), append(same, plain)
	}
	b := FitBetaBinomial(x, n)
	near(t, "alpha", b.Alpha, 8, 0.8)
	near(t, "beta", b.Beta, 2, 0.2)
	near(t, "reliability", b.Reliability(10), 0.5, 0.03)
	if w := b.Wanted(0.7); b.Reliability(w) < 0.7 || b.Reliability(w-1) >= 0.7 {
		t.Errorf("wanted %d: reliability %v, of one less %v", w, b.Reliability(w), b.Reliability(w-1))
	}
	if none := FitBetaBinomial(same, n); none.Status == OK && none.Alpha+none.Beta < 300 {
		t.Errorf("agents who do not differ: %+v", none)
	}
	alike := FitBetaBinomial([]int64{8, 16, 40}, []int64{10, 20, 50})
	if alike.Status != Degenerate || alike.Posterior(1, 10, Confidence) != (Estimate{Value: 0.8, Lo: 0.8, Hi: 0.8, N: 10, Status: Degenerate}) || alike.Wanted(0.7) != 0 {
		t.Errorf("%+v, %+v", alike, alike.Posterior(1, 10, Confidence))
	}
}
