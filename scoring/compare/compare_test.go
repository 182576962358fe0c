package compare

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"aftercall/ivr/layout"
	"aftercall/scoring"
)

// run makes an experiment over layouts in one queue of so many days and calls
// a day, with given chances, and compares.
func run(size int64, days, perDay int, definitions []layout.Definition, of ...chances) Comparison {
	return Compare(experiment(size, days, perDay, definitions, of...).input())
}

func experiment(size int64, days, perDay int, definitions []layout.Definition, of ...chances) *world {
	w := newWorld(7, size, definitions...)
	weights := slices.Repeat([]int{1}, len(definitions))
	e := w.epoch("support", weights...)
	for d := range days {
		w.calls(e, d, perDay, of...)
	}
	return w
}

var plain = answers(0.65, 0.80, 0.12, 0.08, 0.05)

func codes(all []Remark) []Code {
	var c []Code
	for _, r := range all {
		c = append(c, r.Code)
	}
	return c
}

// TestStates: what a comparison comes to, and what it says for it.
func TestStates(t *testing.T) {
	low := answers(0.50, 0.80, 0.12, 0.08, 0.20)
	pair := []layout.Definition{habit, gap}
	for _, c := range []struct {
		name  string
		of    func() Input
		state State
		says  []Code
		worse []string
	}{
		{"no survey", func() Input { return newWorld(1, 1000, habit, gap).input() }, Nothing, []Code{NoSurveys}, nil},
		{"not randomised", func() Input {
			in := experiment(9000, 20, 300, pair, plain, low).input()
			in.Experiment, in.Epochs = nil, nil
			return in
		}, NotRandomised, []Code{WasNotRandom}, nil},
		{"six days are no week", func() Input { return experiment(9000, 6, 900, pair, plain, low).input() }, Collecting,
			[]Code{WantDays, AnsweredOpen, SizeToCome}, nil},
		{"few surveys", func() Input { return experiment(9000, 9, 10, pair, plain, low).input() }, Collecting,
			[]Code{WantOffered, WantOffered, SizeToCome}, nil},
		{"all answer", func() Input {
			all := answers(1, 0.8, 0.12, 0.08, 0)
			return experiment(9000, 9, 200, pair, all, all).input()
		}, Collecting, []Code{WantEvents, WantEvents, SizeToCome}, nil},
		{"fewer answer", func() Input { return experiment(9000, 20, 300, pair, plain, low).input() }, Worse,
			[]Code{AnsweredFewer, SizeToCome}, []string{"gap"}},
		{"more answer", func() Input { return experiment(6000, 20, 300, pair, low, plain).input() }, Worse,
			[]Code{AnsweredMore, SizeReached}, []string{"habit"}},
		{"alike", func() Input { return experiment(60000, 30, 2000, pair, plain, plain).input() }, Alike,
			[]Code{AnsweredAlike, SizeReached}, nil},
		{"other options, alike", func() Input {
			return experiment(60000, 30, 2000, []layout.Definition{habit, strict}, plain, plain).input()
		}, CannotCompare, []Code{AnsweredAlike, AnswersDiffer, SizeReached}, nil},
		{"undecided, goes on", func() Input { return experiment(60000, 20, 300, pair, plain, plain).input() }, KeepRunning,
			[]Code{AnsweredOpen, SizeToCome}, nil},
		{"undecided, size reached", func() Input { return experiment(6000, 20, 300, pair, plain, plain).input() }, Undecided,
			[]Code{AnsweredOpen, SizeReached}, nil},
		{"undecided, ended", func() Input {
			in := experiment(60000, 20, 300, pair, plain, plain).input()
			ended := in.Experiment.StartedAt
			in.Experiment.EndedAt = &ended
			return in
		}, Undecided, []Code{AnsweredOpen, EndedEarly}, nil},
		{"fewer dissatisfied alone", func() Input {
			return experiment(6000, 20, 300, pair, plain, answers(0.65, 0.86, 0.12, 0.02, 0.05)).input()
		}, Undecided, []Code{AnsweredOpen, FewerDissat, SizeReached}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := c.of()
			in.Today = day(21)
			if len(in.Days) > 0 { // traffic of yesterday
				in.Today = next(slices.MaxFunc(in.Days, func(a, b scoring.DayCount) int { return cmp.Compare(a.Day, b.Day) }).Day)
			}
			v := Compare(in).Verdict
			if v.State != c.state || !slices.Equal(codes(v.Reasons), c.says) || !slices.Equal(v.Worse, c.worse) {
				t.Errorf("%s %v worse %v, want %s %v worse %v", v.State, codes(v.Reasons), v.Worse, c.state, c.says, c.worse)
			}
		})
	}
}

// TestStrictIsNoOrderEffect: what is not one quantity is not compared, answers
// per offered are.
func TestStrictIsNoOrderEffect(t *testing.T) {
	out := run(9000, 20, 300, []layout.Definition{habit, strict}, plain, plain)
	p := out.Pairs[0]
	if want := []layout.Difference{layout.ByOptions, layout.ByKey}; !slices.Equal(p.Differences, want) || p.Comparable || out.Order != nil {
		t.Errorf("differences %v, comparable %v, order %v, want %v, not comparable, none", p.Differences, p.Comparable, out.Order, want)
	}
	for name, e := range map[string]Estimate{"dissatisfied": p.Dissatisfied.Difference, "satisfied": p.Satisfied.Difference, "win": p.Win} {
		if e.Known() || e.Status != NotComparable {
			t.Errorf("%s is %+v, want not comparable", name, e)
		}
	}
	if !p.Answered.Difference.Known() {
		t.Error("answered is not compared")
	}
}

// TestGapSignature: callers who take the first option for the only one.
func TestGapSignature(t *testing.T) {
	taken := chances{{"satisfied", 1}: 0.48, {"fair", 2}: 0.05, {"dissatisfied", 3}: 0.015, {"hangup", 1}: 0.20, {"no_input", 3}: 0.255}
	out := run(12000, 20, 600, []layout.Definition{habit, gap}, plain, taken)
	if len(out.Gaps) != 1 {
		t.Fatalf("gaps %+v, want one", out.Gaps)
	}
	g := out.Gaps[0]
	if g.Layout != "gap" || g.Seconds != 3 || !g.Signature {
		t.Errorf("gap %+v, want the signature of 3 s", g)
	}
	want := float64(out.Arms[1].Offered) * (0.65*0.08 - 0.015) // by the chances
	if g.Missing.Lo > want || g.Missing.Hi < want {
		t.Errorf("missing %.0f (%.0f to %.0f), want %.0f in it", g.Missing.Value, g.Missing.Lo, g.Missing.Hi, want)
	}
	if p := out.Pairs[0]; !p.NotShown || !p.Answered.Called || !p.Dissatisfied.Called {
		t.Errorf("satisfied not shown %v, answered called %v, dissatisfied called %v, want all", p.NotShown, p.Answered.Called, p.Dissatisfied.Called)
	}
	if plain := run(12000, 20, 600, []layout.Definition{habit, gap}, plain, plain); plain.Gaps[0].Signature {
		t.Error("a signature without an effect")
	}
}

// TestOrderOnlyWhereOrderAlone: keys, gaps and wording that differ too leave
// no order shift.
func TestOrderOnlyWhereOrderAlone(t *testing.T) {
	worded := worstFirst
	worded.Layout.Phrase = layout.Texts{{Language: "en", Say: "press {key} for {label}"}}
	for name, other := range map[string]layout.Definition{"reversed": reversed, "gap": gap, "wording": worded} {
		if out := run(9000, 9, 300, []layout.Definition{habit, other}, plain, plain); len(out.Order) > 0 {
			t.Errorf("habit and %s: order %+v, want none", name, out.Order)
		}
	}
	out := run(9000, 9, 300, []layout.Definition{worstFirst, habit}, plain, plain)
	if len(out.Order) != 1 || out.Order[0].BestFirst != "habit" || out.Order[0].WorstFirst != "worst-first" {
		t.Errorf("order %+v, want habit against worst-first whichever is the reference", out.Order)
	}
}

// TestWithoutRatings: a layout that nobody rated is kept where it can be.
func TestWithoutRatings(t *testing.T) {
	silent := chances{{"no_input", 3}: 1}
	out := run(9000, 9, 300, []layout.Definition{habit, gap}, plain, silent)
	a := out.Arms[1]
	if a.Rated != 0 || a.Answered.Value != 0 || a.Answered.Hi <= 0 || a.Satisfied.Status != NoData || a.TrueSatisfied.Lo != 0 || a.TrueSatisfied.Hi != 1 {
		t.Errorf("figures %+v, want 0 answered with an upper bound, no satisfied, true satisfied 0 to 1", a)
	}
	if p := out.Pairs[0]; !p.Answered.Difference.Known() || p.Satisfied.Difference.Known() || !p.NotShown {
		t.Errorf("pair %+v, want answers compared and satisfied not shown", p)
	}
	if !hasCode(out.Warnings, ArmUnrated) {
		t.Errorf("warnings %v, want %s", codes(out.Warnings), ArmUnrated)
	}
}

// TestNeverTogether: arms of different queues are not compared.
func TestNeverTogether(t *testing.T) {
	w := newWorld(1, 9000, habit, gap)
	a, b := w.epoch("a", 1, 0), w.epoch("b", 0, 1)
	for d := range 9 {
		w.calls(a, d, 200, plain, plain)
		w.calls(b, d, 200, plain, plain)
	}
	out := Compare(w.input())
	if p := out.Pairs[0]; p.Answered.Difference.Known() || p.Answered.Difference.Status != NoOverlap || !hasCode(out.Warnings, NoOverlapInPair) {
		t.Errorf("answered %+v, warnings %v, want no overlap", p.Answered, codes(out.Warnings))
	}
}

// TestOutOfTheSplit: calls in an arm of weight 0 break the split.
func TestOutOfTheSplit(t *testing.T) {
	w := experiment(9000, 9, 200, []layout.Definition{habit, gap}, plain, plain)
	w.in.Epochs[0].Arms[1].Weight = 0
	if out := Compare(w.input()); out.Verdict.State != SplitBroken || out.Split.Assigned.Worst.Queue != "support" || out.Split.Assigned.Final != 0 {
		t.Errorf("%s, split %+v, want %s", out.Verdict.State, out.Split, SplitBroken)
	}
}

// TestOneQueueOfMany: a queue that was picked out of many needs more to be
// called, because the others could have been picked as well.
func TestOneQueueOfMany(t *testing.T) {
	in := experiment(9000, 20, 300, []layout.Definition{habit, gap}, plain, answers(0.60, 0.80, 0.12, 0.08, 0.10)).input()
	in.Experiment.Queues = make([]scoring.QueueWeights, 20)
	whole := Compare(in).Pairs[0].Answered
	in.Queue = "support"
	picked := Compare(in).Pairs[0].Answered
	if want := min(1, 20*whole.P*2); whole.P == 0 || want == 1 || picked.P != whole.P || whole.Adjusted != 2*whole.P || math.Abs(picked.Adjusted-want) > 1e-12 {
		t.Errorf("p %v, adjusted %v in all queues and %v in one of 20, want %v", whole.P, whole.Adjusted, picked.Adjusted, want)
	}
}

// TestMenuThatFails: prompts of one layout do not play. Assignment is as
// planned, starts are not.
func TestMenuThatFails(t *testing.T) {
	w := newWorld(1, 9000, habit, gap)
	e := w.epoch("support", 1, 1)
	for d := range 9 {
		w.calls(e, d, 300, plain, plain)
	}
	fails := w.in.Epochs[0]
	w.count(fails, 3, 0, result{"no_input", 3}, 260)
	w.count(fails, 3, 1, result{"error", 0}, 260)
	out := Compare(w.input())
	if out.Verdict.State != SplitBroken || out.Verdict.Reasons[0].Code != StartsAreOff || !hasCode(out.Warnings, Errors) {
		t.Errorf("%+v, warnings %v, want %s", out.Verdict, codes(out.Warnings), StartsAreOff)
	}
}

// TestNothingIsInfinite: whatever is counted, every number can be printed.
func TestNothingIsInfinite(t *testing.T) {
	all := []layout.Definition{habit, gap, worstFirst, reversed, strict}
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(1, rapid.Int64Range(0, 1e6).Draw(t, "size"), all[:rapid.IntRange(1, len(all)).Draw(t, "arms")]...)
		for q := range rapid.IntRange(1, 3).Draw(t, "queues") {
			w.epoch(fmt.Sprint("queue ", q), rapid.SliceOfN(rapid.IntRange(0, 2), len(w.in.Arms), len(w.in.Arms)).Draw(t, "weights")...)
		}
		results := []result{{"satisfied", 1}, {"fair", 2}, {"dissatisfied", 3}, {"very_satisfied", 1}, {"unheard-of", 4},
			{"hangup", 0}, {"hangup", 1}, {"error", 0}, {"not_reached", 0}, {"no_input", 3}, {"invalid", 2}}
		for range rapid.IntRange(0, 40).Draw(t, "cells") {
			e := rapid.SampledFrom(w.in.Epochs).Draw(t, "epoch")
			n := rapid.OneOf(rapid.Int64Range(0, 3), rapid.Int64Range(0, 1e9)).Draw(t, "n")
			w.count(e, rapid.IntRange(0, 20).Draw(t, "day"), rapid.IntRange(0, len(w.in.Arms)-1).Draw(t, "arm"), rapid.SampledFrom(results).Draw(t, "result"), n)
		}
		in := w.input()
		in.Today = rapid.SampledFrom([]string{"", day(3), day(40), "no date"}).Draw(t, "today")
		if rapid.Bool().Draw(t, "not randomised") {
			in.Experiment = nil
		}
		out := Compare(in)
		checkFinite(t, "comparison", reflect.ValueOf(out))
		if _, err := json.Marshal(out); err != nil {
			t.Fatal(err)
		}
	})
}

// checkFinite fails at the first number that is none.
func checkFinite(t *rapid.T, path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Float64:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			t.Fatalf("%s is %v", path, f)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				checkFinite(t, path+"."+v.Type().Field(i).Name, v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			checkFinite(t, fmt.Sprintf("%s[%d]", path, i), v.Index(i))
		}
	case reflect.Interface, reflect.Pointer:
		if !v.IsNil() {
			checkFinite(t, path, v.Elem())
		}
	}
}
