package compare

import "testing"

// Without an effect and with few calls of one arm beside many of the other:
// how often chance alone is taken for one.

// stretch is a period of some queue.
type stretch struct {
	queue   string
	weights []int
	days    int
	perDay  int
}

// chanceAlone has callers who answer alike under two menus come to the
// stretches, one after the other in each queue, and counts what is said.
func chanceAlone(runs int, c chances, periods []stretch, says func(Comparison) map[string]bool) map[string]int {
	found := map[string]int{}
	for run := range uint64(runs) {
		w := newWorld(run, 9000, habit, worstFirst)
		from := map[string]int{}
		for _, p := range periods {
			e := w.epoch(p.queue, p.weights...)
			for d := range p.days {
				w.calls(e, from[p.queue]+d, p.perDay, c, c)
			}
			from[p.queue] += p.days
		}
		out := Compare(w.input())
		if out.Split.Failed { // a false alarm, which has a test of its own
			continue
		}
		for what, said := range says(out) {
			if said {
				found[what]++
			}
		}
	}
	return found
}

// rarely demands that each was said in at most so many of 100 runs.
func rarely(t *testing.T, name string, found map[string]int, runs, percent int) {
	t.Helper()
	t.Logf("%s, %d experiments without an effect: %v", name, runs, found)
	for what, n := range found {
		if n*100 > runs*percent {
			t.Errorf("%s: %s in %d of %d experiments without an effect, want at most %d %%", name, what, n, runs, percent)
		}
	}
}

var usual = answers(0.65, 0.80, 0.12, 0.08, 0.05)

// TestFewAgainstMany: a layout that is hardly offered beside the reference is
// not called, however often it is offered elsewhere or the reference is.
func TestFewAgainstMany(t *testing.T) {
	const runs = 150
	says := func(c Comparison) map[string]bool {
		p := c.Pairs[0]
		return map[string]bool{"answered called": p.Answered.Called, "dissatisfied called": p.Dissatisfied.Called, "order shown": c.Order[0].Shown}
	}
	for name, periods := range map[string][]stretch{
		"reference elsewhere": {{"a", []int{199, 1}, 60, 100}, {"b", []int{0, 1}, 60, 100}},
		"turned weights":      {{"a", []int{199, 1}, 30, 100}, {"a", []int{1, 199}, 30, 100}},
		"one of twenty":       {{"a", []int{19, 1}, 60, 100}},
	} {
		rarely(t, name, chanceAlone(runs, usual, periods, says), runs, 5)
	}
}

// TestWhatTurnedIsNotCalled: a layout that answered worse on its first days and
// better ever since is not held against the other one.
func TestWhatTurnedIsNotCalled(t *testing.T) {
	w := newWorld(1, 9000, habit, worstFirst)
	e := w.epoch("support", 1, 1)
	for d := range 60 {
		b := answers(0.67, 0.80, 0.12, 0.08, 0.05)
		if d < 3 { // half of its menus could not be heard
			b = answers(0.25, 0.80, 0.12, 0.08, 0.05)
		}
		w.calls(e, d, 150, usual, b)
	}
	out := Compare(w.input())
	a := out.Pairs[0].Answered
	if a.Difference.Value <= 0 || a.Adjusted >= Level {
		t.Fatalf("%+v: want a difference above 0 and an adjusted p of the first days", a)
	}
	if a.Called || len(out.Verdict.Worse) > 0 {
		t.Errorf("%+v, worse: %v: the p is that of a difference under 0", a, out.Verdict.Worse)
	}
}

// TestMixIsNoEffect: nothing that brings arms to one mix of strata lets a few
// calls speak for many.
func TestMixIsNoEffect(t *testing.T) {
	const runs = 150
	late := []stretch{{"a", []int{199, 1}, 50, 150}, {"a", []int{1, 1}, 10, 150}}
	rarely(t, "late ramp", chanceAlone(runs, usual, late, func(c Comparison) map[string]bool {
		return map[string]bool{
			"satisfied shown": !c.Pairs[0].NotShown, "order not simple": hasCode(c.Warnings, OrderNotSimple),
			"agreement empty": hasCode(c.Warnings, AgreementEmpty), "outside others": hasCode(c.Warnings, OutsideOthers),
		}
	}), runs, 5)
}

// TestAgreementMindsChance: where nearly everybody answers, the bounds of true
// satisfaction are narrow, and chance alone sets them apart.
func TestAgreementMindsChance(t *testing.T) {
	const runs = 150
	nearlyAll := answers(0.985, 0.80, 0.12, 0.08, 0.005)
	for _, perDay := range []int{15, 150} {
		rarely(t, "nearly all answer", chanceAlone(runs, nearlyAll, []stretch{{"a", []int{1, 1}, 30, perDay}}, func(c Comparison) map[string]bool {
			return map[string]bool{"agreement empty": hasCode(c.Warnings, AgreementEmpty), "outside others": hasCode(c.Warnings, OutsideOthers)}
		}), runs, 5)
	}
}

// TestOrderShiftOfSmallStrata: a stratum of a few ratings that agree is not
// certain: the interval for one look leaves out 0 in about 5 of 100
// experiments, however small the strata are.
func TestOrderShiftOfSmallStrata(t *testing.T) {
	const runs = 400
	var periods []stretch
	for range 60 {
		for _, q := range []string{"a", "b", "c", "d", "e", "f"} {
			periods = append(periods, stretch{q, []int{1, 1}, 1, 8})
		}
	}
	rarely(t, "360 strata of 8 calls", chanceAlone(runs, usual, periods, func(c Comparison) map[string]bool {
		s := c.Order[0].Shift
		return map[string]bool{"shift beside 0": s.Lo > 0 || s.Hi < 0}
	}), runs, 9)
}

// TestQueuesDifferByQueue: an effect that ends with an epoch in both queues is
// no difference between them; one that is in one of them is.
func TestQueuesDifferByQueue(t *testing.T) {
	const runs = 200
	worse := answers(0.55, 0.80, 0.12, 0.08, 0.05)
	epochs, queues := 0, 0
	for run := range uint64(runs) {
		for _, byQueue := range []bool{false, true} {
			w := newWorld(run, 20000, habit, worstFirst)
			for i, weights := range [][]int{{1, 1}, {1, 2}} {
				for _, queue := range []string{"a", "b"} {
					second := usual
					if byQueue && queue == "a" || !byQueue && i == 0 {
						second = worse
					}
					e := w.epoch(queue, weights...)
					for d := range 20 {
						w.calls(e, 20*i+d, 150, usual, second)
					}
				}
			}
			warned := hasCode(Compare(w.input()).Warnings, QueuesDiffer)
			if warned && byQueue {
				queues++
			}
			if warned && !byQueue {
				epochs++
			}
		}
	}
	t.Logf("queues said to differ: in %d of %d where epochs do, in %d where queues do", epochs, runs, queues)
	if epochs > runs*4/100 || queues < runs*90/100 {
		t.Errorf("queues said to differ in %d of %d experiments where epochs do, and in %d where queues do, want at most 4 %% and at least 90 %%", epochs, runs, queues)
	}
}

// TestCalledStaysCalled: whoever looks at noon and in the evening of every day
// sees no call go back, however the day goes on.
func TestCalledStaysCalled(t *testing.T) {
	const runs = 80
	noon, called := 0, 0
	for run := range uint64(runs) {
		w := newWorld(run, 9000, habit, worstFirst)
		e := w.epoch("support", 1, 1)
		before := false
		for look := range 2 * 30 {
			w.calls(e, look/2, 75, usual, answers(0.60, 0.80, 0.12, 0.08, 0.05))
			in := w.input()
			if in.Today = day(look / 2); look%2 > 0 {
				in.Today = day(look/2 + 1) // midnight
			}
			out := Compare(in)
			now := out.Pairs[0].Answered.Called
			if before && !now && !out.Split.Failed {
				noon++
			}
			before = now
		}
		if before {
			called++
		}
	}
	t.Logf("%d experiments with two looks a day: called in %d, taken back %d times", runs, called, noon)
	if called < runs/2 || noon > 0 {
		t.Errorf("called in %d of %d experiments and taken back %d times, want at least half and 0", called, runs, noon)
	}
}
