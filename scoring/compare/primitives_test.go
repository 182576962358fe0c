package compare

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func near(t testing.TB, what string, have, want, tol float64) {
	t.Helper()
	if !(math.Abs(have-want) <= tol) {
		t.Errorf("%s: have %v, want %v within %v", what, have, want, tol)
	}
}

func TestTailsHoldFarOut(t *testing.T) {
	near(t, "chi-square 1000, df 1", math.Log(chiSquare(1000, 1).P), -503.68, 0.01) // log of 2 phi(z)/z (1 - 1/z^2), z^2 = 1000
	near(t, "chi-square 1000, df 2", math.Log(chiSquare(1000, 2).P), -500, 1e-9)
	for _, df := range []float64{1, 2, 3, 10, 1000} {
		for _, x := range []float64{0, 1e-300, 1, 1e4, 1e9, 1e18, 1e300} {
			if p := chiSquare(x, df).P; !(p >= 0 && p <= 1) {
				t.Errorf("chi-square %v with %v degrees of freedom has p %v", x, df, p)
			}
		}
	}
	if got := chiSquare(math.Inf(1), 2); got != (Test{Status: NotConverged}) {
		t.Errorf("an infinite statistic gives %+v", got)
	}
	// A huge difference between huge arms: certain, and still a number.
	w := WinProbability([]int64{1e12, 1, 1}, []int64{1, 1, 1e12}, Confidence)
	if w.Status != OK || w.P != 0 || w.Theta >= 1+1e-12 || w.Theta < 0.999 {
		t.Errorf("have %+v", w)
	}
}

// With many degrees of freedom Student's t is taken to be normal: no step may
// show where that begins.
func TestWinMeetsTheNormalSmoothly(t *testing.T) {
	few := WinProbability([]int64{1e6, 1e6, 2e6}, []int64{1e6, 1e6, 2.003e6}, Confidence)
	many := WinProbability([]int64{1e7, 1e7, 2e7}, []int64{1e7, 1e7, 2.003e7}, Confidence)
	if few.DF >= manyDF || many.DF < manyDF {
		t.Fatalf("have %v and %v degrees of freedom", few.DF, many.DF)
	}
	near(t, "p of few", few.P, tails(few.Statistic), 1e-6)
	near(t, "t interval of few", few.HiT-few.Theta, normal(Confidence)*few.SE, 1e-9)
	near(t, "p of many", many.P, tails(many.Statistic), 0)
}

func TestMultiplierOfTheSafeInterval(t *testing.T) {
	for n, want := range map[float64]float64{500: 3.86, 1000: 3.36, 5000: 3.04, 20000: 3.13} {
		near(t, "multiplier", AlwaysValid(0, 1, n, 5000, 0.05).Hi, want, 0.005)
	}
}

// The p and the interval are one decision.
func TestSafeIntervalAndPAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		est, se := rapid.Float64Range(-1, 1).Draw(t, "est"), rapid.Float64Range(1e-4, 1).Draw(t, "se")
		n, planned := rapid.Float64Range(10, 1e6).Draw(t, "n"), rapid.Float64Range(10, 1e6).Draw(t, "planned")
		alpha := rapid.Float64Range(0.001, 0.2).Draw(t, "alpha")
		s := AlwaysValid(est, se, n, planned, alpha)
		if out := s.Lo > 0 || s.Hi < 0; out != (s.P < alpha) && math.Abs(s.P-alpha) > 1e-9 {
			t.Fatalf("%+v at level %v", s, alpha)
		}
	})
}

func TestSampleSizes(t *testing.T) {
	for _, c := range []struct{ p1, p2, want float64 }{{0.30, 0.33, 3763}, {0.85, 0.87, 4724}, {0.85, 0.82, 2402}, {0.5, 0.5, 0}, {-1, 0.5, 0}} {
		near(t, "per arm", math.Ceil(SampleSize(c.p1, c.p2, Level, Power)), c.want, 0)
		near(t, "per arm, the other way", math.Ceil(SampleSize(c.p2, c.p1, Level, Power)), c.want, 0)
	}
}

// Where two tests of the literature are one, they must be one here.
func TestTestsThatAreOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.Int64Range(1, 5000)
		var fours []Fourfold
		var tables [][][]int64
		for range rapid.IntRange(1, 5).Draw(t, "strata") {
			c := rapid.SliceOfN(cell, 4, 4).Draw(t, "cells")
			fours = append(fours, Fourfold{c[0], c[1], c[2], c[3]})
			tables = append(tables, [][]int64{{c[0], c[1]}, {c[2], c[3]}})
		}
		same := func(what string, a, b Test, factor float64) {
			if a.Status != OK || b.Status != OK || a.DF != b.DF || math.Abs(a.Statistic*factor-b.Statistic) > 1e-8*(1+b.Statistic) {
				t.Fatalf("%s: %+v and %+v", what, a, b)
			}
		}
		cmh := MH(fours, Confidence).Test
		same("two layouts, two outcomes", cmh, GeneralAssociation(tables), 1)
		same("scores 0 and 1", cmh, MeanScores(tables, []float64{0, 1}), 1)
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, 2, 2), 2, 5).Draw(t, "rows")
		var x, n, scores = []int64{}, []int64{}, []float64{}
		total := 0.
		for i, r := range rows {
			x, n, scores = append(x, r[0]), append(n, r[0]+r[1]), append(scores, float64(i*i))
			total += float64(r[0] + r[1])
		}
		same("one stratum", Homogeneity(x, n), GeneralAssociation([][][]int64{rows}), (total-1)/total)
		same("two outcomes are two ranks", VanElteren([][][]int64{rows}), GeneralAssociation([][][]int64{rows}), 1)
		if len(rows) == 2 {
			same("a trend of two", Trend(x, n, scores), Homogeneity(x, n), 1)
		}
	})
}

func TestDegreesOfFreedomAreWhatStrataConnect(t *testing.T) {
	apart := [][][]int64{ // layouts 1 and 2 met, and 3 and 4; layout 5 met nobody
		{{10, 5, 3}, {4, 8, 9}, {0, 0, 0}, {0, 0, 0}, {0, 0, 0}},
		{{0, 0, 0}, {0, 0, 0}, {7, 7, 1}, {2, 9, 9}, {0, 0, 0}},
		{{0, 0, 0}, {0, 0, 0}, {0, 0, 0}, {0, 0, 0}, {5, 5, 5}},
	}
	if got := VanElteren(apart); got.Status != OK || got.DF != 2 {
		t.Errorf("van Elteren: %+v", got)
	}
	if got := GeneralAssociation(apart); got.Status != OK || got.DF != 4 {
		t.Errorf("general association: %+v", got)
	}
	empty := [][][]int64{{{10, 5, 3}, {0, 0, 0}, {4, 8, 9}}}
	if got := VanElteren(empty); got.DF != 1 {
		t.Errorf("with an empty layout: %+v", got)
	}
}

func TestStatuses(t *testing.T) {
	stratified := func(s ...Fourfold) MantelHaenszel { return MH(s, Confidence) }
	zero := stratified(Fourfold{0, 5, 3, 2})
	flatly := stratified(Fourfold{5, 0, 7, 0})
	weak, _ := BreslowDay([]Fourfold{{3, 4, 2, 5}, {4, 3, 3, 5}})
	_, alone := BreslowDay([]Fourfold{{30, 40, 20, 50}})
	watch := NewSplitWatch([]float64{1, 0}, nil)
	watch.Add([]int64{5, 1})
	for _, c := range []struct {
		what       string
		have, want Status
	}{
		{"nothing", stratified().Status, NoData},
		{"one arm", stratified(Fourfold{5, 2, 0, 0}).Status, NoData},
		{"odds ratio 0", zero.OddsRatio.Status, Degenerate},
		{"odds ratio 0, difference", zero.Status, OK},
		{"all with the outcome, difference", flatly.Difference.Status, Degenerate},
		{"all with the outcome, odds ratio", flatly.OddsRatio.Status, NoData},
		{"all with the outcome, test", flatly.Test.Status, Degenerate},
		{"few expected", weak.Status, TooFew},
		{"one stratum of odds ratios", alone.Status, TooFew},
		{"no ratings", WinProbability([]int64{0, 0}, []int64{3, 4}, Confidence).Status, NoData},
		{"one rating", WinProbability([]int64{0, 1}, []int64{3, 4}, Confidence).Status, TooFew},
		{"never met", StratifiedWin([]TwoRows{{[]int64{3, 4}, []int64{0, 0}}, {[]int64{0, 0}, []int64{3, 4}}}, Confidence).Status, NoOverlap},
		{"other verdicts", WinProbability([]int64{3, 4}, []int64{3, 4, 5}, Confidence).Status, NotComparable},
		{"always higher", WinProbability([]int64{9, 0}, []int64{0, 9}, Confidence).OddsRatio.Status, Infinite},
		{"all satisfied", Homogeneity([]int64{5, 7}, []int64{5, 7}).Status, Degenerate},
		{"one place", Homogeneity([]int64{5, 0}, []int64{7, 0}).Status, NoOverlap},
		{"one dose", Trend([]int64{5, 3}, []int64{7, 8}, []float64{2, 2}).Status, Degenerate},
		{"calls without weight", SplitFinal([]int64{5, 1, 5}, []float64{1, 0, 1}).Status, SplitFailed},
		{"no calls", SplitFinal([]int64{0, 0}, []float64{1, 1}).Status, NoData},
		{"one score", MeanScore([]int64{4}, []float64{3}, Confidence).Status, Degenerate},
		{"silence", Manski(0, 0, 50, Confidence).Status, OK},
		{"nobody", Manski(0, 0, 0, Confidence).Status, NoData},
		{"all answered alike", Manski(9, 9, 9, Confidence).Status, Degenerate},
		{"no ratings to trim", func() Status { b, _ := Lee(0, 0, 10, 3, 5, 10); return b.Status }(), NoData},
		{"order of nothing", MirrorPair(Marks{}, Marks{1, 2, 3}, Confidence).Status, NoData},
		{"all satisfied in both orders", MirrorPair(Marks{Satisfied: 5}, Marks{Satisfied: 7}, Confidence).Status, Degenerate},
	} {
		if c.have != c.want {
			t.Errorf("%s: have %q, want %q", c.what, c.have, c.want)
		}
	}
	if watch.P() != 0 {
		t.Errorf("calls under no weight leave p %v", watch.P())
	}
}

func TestOrderShiftTurnsWithThePair(t *testing.T) {
	a, r := Marks{1700, 180, 120}, Marks{1560, 190, 250}
	there, back := MirrorPair(a, r, Confidence), MirrorPair(r, a, Confidence)
	near(t, "shift", back.Shift.Value, -there.Shift.Value, 1e-15)
	near(t, "lower end", back.Shift.Lo, -there.Shift.Hi, 1e-15)
	near(t, "log odds", back.LogOdds, -there.LogOdds, 1e-15)
	if back.Free != there.Free {
		t.Errorf("order-free shares %v and %v", back.Free, there.Free)
	}
	// A ramp from few to many best first while service gets better: no shift
	// inside the strata, so none together.
	ramp := [][2]Marks{{{900, 50, 50}, {90, 5, 5}}, {{60, 20, 20}, {600, 200, 200}}}
	shift, _ := StratifiedShift(ramp, Confidence)
	near(t, "shift of a ramp", shift.Value, 0, 1e-15)
}

func TestLeeTurnsWithThePair(t *testing.T) {
	there, trim := Lee(1496, 1760, 4000, 1080, 1350, 4000)
	back, other := Lee(1080, 1350, 4000, 1496, 1760, 4000)
	near(t, "lower", back.Lo, -there.Hi, 1e-12)
	near(t, "upper", back.Hi, -there.Lo, 1e-12)
	near(t, "trim", other, trim, 1e-15)
}

func TestSplitWatchTakesAnyPortions(t *testing.T) {
	weights := []float64{2, 1, 1}
	slow, fast := NewSplitWatch(weights, nil), NewSplitWatch(weights, nil)
	for range 100 {
		slow.Add([]int64{50, 30, 20})
	}
	fast.Add([]int64{5000, 3000, 2000})
	near(t, "evidence", slow.LogBF(), fast.LogBF(), 1e-9)
	if slow.P() > SplitAlarm || fast.P() > SplitAlarm {
		t.Errorf("50/30/20 under weights 2:1:1 leaves p %v and %v", slow.P(), fast.P())
	}
	slow.Add([]int64{0, 0, 1000}) // what was seen stays seen
	if slow.P() > fast.P()+1e-12 {
		t.Errorf("p rose from %v to %v", fast.P(), slow.P())
	}
}

func TestAdjustedPOfWhatIsNone(t *testing.T) {
	p := []float64{math.NaN(), 0.01, -1, 7}
	if got := Holm(p); !slices.Equal(got, []float64{1, 0.03, 0, 1}) {
		t.Errorf("Holm: %v", got)
	}
	if got := BenjaminiHochberg(p); !slices.Equal(got, []float64{1, 0.02, 0, 1}) {
		t.Errorf("Benjamini and Hochberg: %v", got)
	}
	if !math.IsNaN(p[0]) {
		t.Error("the caller's list was changed")
	}
}

func TestJSON(t *testing.T) {
	for _, c := range []struct {
		of   any
		want string
	}{
		{Estimate{Value: 0.5, Lo: 0.25, Hi: 0.75, N: 8, Status: OK}, `{"value":0.5,"interval":{"lo":0.25,"hi":0.75},"n":8,"status":"ok"}`},
		{Estimate{Value: 1, Lo: 1, Hi: 1, N: 3, Status: Degenerate}, `{"value":1,"interval":null,"n":3,"status":"degenerate"}`},
		{Wilson(0, 0, Confidence), `{"value":null,"interval":{"lo":0,"hi":1},"n":0,"status":"no_data"}`},
		{Estimate{N: 9, Status: Infinite}, `{"value":null,"interval":null,"n":9,"status":"or_infinite"}`},
		{Test{Statistic: 4, DF: 2, P: 0.125, Status: OK}, `{"statistic":4,"df":2,"p":0.125,"status":"ok"}`},
		{flat(1), `{"statistic":0,"df":1,"p":1,"status":"degenerate"}`},
		{Test{P: 1, Status: TooFew}, `{"statistic":null,"df":null,"p":null,"status":"too_few"}`},
	} {
		got, err := json.Marshal(c.of)
		if err != nil || string(got) != c.want {
			t.Errorf("have %s (%v), want %s", got, err, c.want)
		}
	}
}
