package compare

import (
	"math"
	"testing"
)

// The simulations have fixed seeds: they give the same figures on every run.
// Limits lie several standard errors from what is expected.

// TestNoEffectRaisesNoCall: three menus that change nothing, looked at on 60
// days, with a weekly swing and days that are better or worse for all.
func TestNoEffectRaisesNoCall(t *testing.T) {
	const runs, days = 1000, 60
	calls, worse, orders := 0, 0, 0
	for run := range uint64(runs) {
		w := newWorld(run, 9000, habit, worstFirst, gap)
		e := w.epoch("support", 1, 1, 1)
		for d := range days {
			shift := 0.05 * math.Sin(float64(d)*1.7)
			n := 150
			if d%7 > 4 {
				n = 60
			}
			c := answers(0.65+shift, 0.80+shift, 0.12-shift, 0.08, 0.05)
			w.calls(e, d, n, c, c, c)
		}
		out := Compare(w.input())
		called := false
		for _, p := range out.Pairs {
			called = called || p.Answered.Called || p.Dissatisfied.Called
		}
		if called {
			calls++
		}
		if len(out.Verdict.Worse) > 0 {
			worse++
		}
		if orderShown(out) {
			orders++
		}
	}
	t.Logf("no effect, %d experiments of %d daily looks: a call in %d (%.1f %%), a layout measures worse in %d, an order shift at the end in %d", runs, days, calls, 100*float64(calls)/runs, worse, orders)
	if calls >= runs*5/100 {
		t.Errorf("false calls in %d of %d experiments, want under 5 %%", calls, runs)
	}
	if orders >= runs*5/100 {
		t.Errorf("false order shifts in %d of %d experiments, want under 5 %%", orders, runs)
	}
}

// TestOrderShiftCoverage: a share of callers presses what is read first,
// whatever they think; the interval holds that share in 95 of 100 experiments.
func TestOrderShiftCoverage(t *testing.T) {
	const runs = 3000
	for _, lambda := range []float64{0, 0.06} {
		covered, safe, alarms := 0, 0, 0
		for run := range uint64(runs) {
			w := newWorld(run, 4000, habit, worstFirst)
			support, sales := w.epoch("support", 1, 1), w.epoch("sales", 3, 1)
			for d := range 10 {
				for _, q := range []struct {
					epoch int64
					sat   float64
				}{{support, 0.80}, {sales, 0.60}} {
					honest := []float64{q.sat, 0.9 - q.sat, 0.10}
					best := answers(0.65, honest[0]*(1-lambda)+lambda, honest[1]*(1-lambda), honest[2]*(1-lambda), 0.05)
					worst := answers(0.65, honest[0]*(1-lambda), honest[1]*(1-lambda), honest[2]*(1-lambda)+lambda, 0.05)
					w.calls(q.epoch, d, 150, best, worst)
				}
			}
			out := Compare(w.input())
			if out.Split.Failed {
				alarms++
				continue
			}
			o := out.Order[0]
			if o.Shift.Lo <= lambda && lambda <= o.Shift.Hi {
				covered++
			}
			if o.Safe.Lo <= lambda && lambda <= o.Safe.Hi {
				safe++
			}
		}
		share := float64(covered) / float64(runs-alarms)
		t.Logf("lambda %.2f: the 95 %% interval of the order shift covers it in %.1f %% of %d experiments, the safe one in %.1f %%", lambda, 100*share, runs, 100*float64(safe)/runs)
		if share < 0.93 || share > 0.97 {
			t.Errorf("lambda %.2f: coverage %.3f, want 0.93 to 0.97", lambda, share)
		}
	}
}

// TestRampShowsNoEffect: weights go from 90/10 to 50/50 while the service
// improves. The plain figures differ by several points, the comparison shows
// nothing.
func TestRampShowsNoEffect(t *testing.T) {
	const runs = 1000
	called, outside := 0, 0
	var crude, stratified float64
	for run := range uint64(runs) {
		w := newWorld(run, 6000, habit, worstFirst)
		before, after := w.epoch("support", 9, 1), w.epoch("support", 1, 1)
		for d := range 30 {
			e, better := before, 0.0
			if d >= 15 {
				e, better = after, 0.20
			}
			c := answers(0.55+better, 0.65+better, 0.20-better/2, 0.15-better/2, 0.05)
			w.calls(e, d, 200, c, c)
		}
		out := Compare(w.input())
		p := out.Pairs[0]
		crude += out.Arms[1].Answered.Value - out.Arms[0].Answered.Value
		stratified += p.Answered.Difference.Value
		if p.Answered.Called || p.Dissatisfied.Called || orderShown(out) {
			called++
		}
		if d := p.Answered.Difference; d.Lo > 0 || d.Hi < 0 {
			outside++
		}
		if !hasCode(out.Warnings, WeightsChanged) {
			t.Fatal("no warning that the weights changed")
		}
	}
	t.Logf("ramp, %d experiments: answered differs by %+.3f as it stands, %+.4f stratified; called in %d; a 95 %% interval beside 0 in %d", runs, crude/runs, stratified/runs, called, outside)
	if crude/runs < 0.03 {
		t.Errorf("the plain difference is %+.3f: the ramp does not test anything", crude/runs)
	}
	if math.Abs(stratified/runs) > 0.005 {
		t.Errorf("stratified difference %+.4f, want 0", stratified/runs)
	}
	if called >= runs*5/100 || outside >= runs*9/100 {
		t.Errorf("called in %d and beside 0 in %d of %d experiments, want under 5 and 9 %%", called, outside, runs)
	}
}

// TestSplitCheck: calls that reach the layouts as planned raise no alarm in 60
// daily looks over three queues and a ramp, those that do not are found.
func TestSplitCheck(t *testing.T) {
	const runs = 500
	alarms, found := 0, 0
	c := answers(0.65, 0.8, 0.12, 0.08, 0.05)
	for run := range uint64(runs) {
		ok, off := newWorld(run, 12000, habit, gap), newWorld(run, 12000, habit, gap)
		ramp := ok.epoch("ramp", 9, 1)
		later, b, d := ok.epoch("ramp", 1, 1), ok.epoch("b", 1, 1), ok.epoch("c", 2, 1)
		single := off.epoch("support", 50, 50)
		off.in.Epochs[0].Arms[0].Weight, off.in.Epochs[0].Arms[1].Weight = 52, 48
		for n := range 60 {
			e := ramp
			if n > 20 {
				e = later
			}
			for _, e := range []int64{e, b, d} {
				ok.calls(e, n, 70, c, c)
			}
			off.calls(single, n, 200, c, c)
		}
		off.in.Epochs[0].Arms[0].Weight, off.in.Epochs[0].Arms[1].Weight = 50, 50
		if Compare(ok.input()).Split.Failed {
			alarms++
		}
		if out := Compare(off.input()); out.Split.Failed {
			found++
			if out.Verdict.State != SplitBroken || out.Pairs[0].Answered.Difference.Known() || out.Order != nil {
				t.Fatalf("a broken split still compares: %+v", out.Verdict)
			}
		}
	}
	t.Logf("split check, 60 daily looks: false alarm in %d of %d, 52/48 instead of 50/50 found in %.0f %%", alarms, runs, 100*float64(found)/runs)
	if alarms > runs*2/100 {
		t.Errorf("false alarms in %d of %d, want at most 2 %%", alarms, runs)
	}
	if found < runs*75/100 {
		t.Errorf("found in %d of %d, want 75 %%", found, runs)
	}
}

// TestPlanKeepsItsWord: an experiment of the planned size finds the difference
// that it was planned for.
func TestPlanKeepsItsWord(t *testing.T) {
	const runs, days = 500, 30
	traffic := Traffic{Days: 28, Offered: 28 * 300, Rated: 28 * 195, Satisfied: 28 * 156, NetVariance: 0.35}
	for _, arms := range []int{2, 3} {
		need := PlanFor(traffic, Goal{Answered: 0.03}, arms)[0]
		found := 0
		for run := range uint64(runs) {
			definitions := []int{1, 1, 1}[:arms]
			w := newWorld(run, need.Safe, presets[:arms]...)
			e := w.epoch("support", definitions...)
			other := answers(need.To, 0.8, 0.12, 0.08, 0.05)
			now := answers(need.From, 0.8, 0.12, 0.08, 0.05)
			for d := range days {
				w.calls(e, d, int(need.Safe)/days, []chances{now, other, now}[:arms]...)
			}
			for _, p := range Compare(w.input()).Pairs {
				if p.Layout == presets[1].Layout.Name && p.Answered.Called {
					found++
				}
			}
		}
		t.Logf("%d arms, %+v: found in %.0f %% of %d experiments", arms, need, 100*float64(found)/runs, runs)
		if found < runs*77/100 {
			t.Errorf("%d arms: a difference of 3 points found in %d of %d, want 80 %%", arms, found, runs)
		}
	}
}

// TestDaysThatVary: a menu that changes with the day, as chance does not, gets
// wider intervals and a warning.
func TestDaysThatVary(t *testing.T) {
	w := newWorld(1, 9000, habit, gap)
	e := w.epoch("support", 1, 1)
	for d := range 30 {
		off := 0.15
		if d%2 == 0 {
			off = -0.15
		}
		w.calls(e, d, 300, answers(0.65, 0.8, 0.12, 0.08, 0.05), answers(0.65+off, 0.8, 0.12, 0.08, 0.05))
	}
	out := Compare(w.input())
	if a := out.Pairs[0].Answered; a.Inflation < 1.5 || !hasCode(out.Warnings, DaysVary) {
		t.Errorf("inflation %.2f, warnings %v, want over 1.5 and %s", a.Inflation, out.Warnings, DaysVary)
	}
}

func orderShown(out Comparison) bool { return len(out.Order) > 0 && out.Order[0].Shown }

func hasCode(all []Remark, c Code) bool {
	for _, r := range all {
		if r.Code == c {
			return true
		}
	}
	return false
}
