package report

import (
	"strings"
	"testing"

	"aftercall/configs/i18n"
	"aftercall/scoring/compare"
)

// TestTrueSatisfied: what true satisfaction could be is said with chance and
// with its condition, and of enough surveys only.
func TestTrueSatisfied(t *testing.T) {
	far := run(18_000, 30, habit, worstFirst, strict) // an order effect of 30 of 100: no menu's range holds the truth of 81 %
	far.count(0, []int64{266, 190, 3700, 61, 900, 210, 240, 250, 200})
	far.count(1, []int64{1500, 190, 2450, 61, 900, 210, 240, 250, 200})
	far.count(2, habitCounts)
	c := compare.Compare(far.Input)
	text := textOf(t, c, "en", Options{})
	if !strings.Contains(text, "If every menu with these options let callers say what they think, the true CSAT would lie between") || strings.Contains(text, "True CSAT") {
		t.Errorf("the text says what is true without a condition:\n%s", text)
	}
	if b := c.Arms[0].TrueSatisfied; !strings.Contains(text, percent(b.CI.Lo)+" % to "+percent(b.CI.Hi)+" %") {
		t.Errorf("no range with chance, %+v, in\n%s", b.CI, text)
	}
	if n := strings.Count(pageOf(t, c, "en"), `<rect class="agree"`); n != 2 {
		t.Errorf("what menus have in common lies behind %d layouts, want 2: strict has other options", n)
	}
	few := run(18_000, 9, habit, worstFirst)
	few.count(0, times(habitCounts, 1, 70))
	few.count(1, times(worstCounts, 1, 70))
	c = compare.Compare(few.Input)
	if text := textOf(t, c, "en", Options{}); strings.Contains(text, "If every menu") || strings.Contains(pageOf(t, c, "en"), `<rect class="agree"`) {
		t.Errorf("of %d surveys a common range is told:\n%s", c.Offered, text)
	}
}

// TestDifferenceOfSatisfied: a ramp while the service gets better makes the
// columns differ and is no effect; a few ratings show no range; what is more
// than chance is said.
func TestDifferenceOfSatisfied(t *testing.T) {
	ramp := run(18_000, 30, habit, worstFirst)
	better := []int64{100, 200, 3900, 61, 903, 210, 240, 250, 200}
	ramp.count(0, times(habitCounts, 9, 5))
	ramp.count(1, times(habitCounts, 1, 5))
	for _, arm := range []int{0, 1} {
		from := len(ramp.Days)
		ramp.count(arm, better)
		for i := range ramp.Days[from:] {
			ramp.Days[from+i].Epoch = 2
		}
	}
	second := ramp.Epochs[0]
	second.ID = 2
	second.Arms = append(second.Arms[:0:0], second.Arms...)
	ramp.Epochs[0].Arms[0].Weight = 9
	ramp.Epochs = append(ramp.Epochs, second)
	text := textOf(t, compare.Compare(ramp.Input), "en", Options{})
	if strings.Contains(text, "Calls are split at random") || !strings.Contains(text, "Differences are taken inside of queues, epochs and languages") || !strings.Contains(text, "NOT SHOWN") {
		t.Errorf("a ramp reads as\n%s", text)
	}
	few := textOf(t, states()["few"], "en", Options{})
	if strings.Contains(few, "NOT SHOWN") || strings.Contains(few, "made by the menu") {
		t.Errorf("of a few ratings a range is told:\n%s", few)
	}
	text = textOf(t, states()["worse"], "en", Options{})
	for _, want := range []string{"the 7.0 points of CSAT between habit and worst-first are more than chance, made by the menu or by who answers", "for one look.\nNOT SHOWN: who answers may differ too."} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// TestVerdictNamesWhatIsLeft: whoever must choose reads it in the first line.
func TestVerdictNamesWhatIsLeft(t *testing.T) {
	c := states()["worse"]
	for language, want := range map[string]string{
		"en":    "Measures worse, do not use: gap. Left to choose from: habit, worst-first.",
		"zh-CN": "测量质量较差，不宜使用：gap。可选用：habit、worst-first。",
	} {
		for what, said := range map[string]string{"text": textOf(t, c, language, Options{}), "page": pageOf(t, c, language)} {
			if !strings.Contains(said, want) {
				t.Errorf("no %q in the %s", want, what)
			}
		}
	}
}

// TestAnsweredAlikeIsNotAllAlike: whoever reads that layouts are answered alike
// also reads that their figures are not one scale, where that is shown.
func TestAnsweredAlikeIsNotAllAlike(t *testing.T) {
	s := run(90_000, 30, habit, worstFirst)
	s.count(0, times(habitCounts, 8, 1))
	s.count(1, times([]int64{1066, 372, 2710, 61, 903, 210, 240, 250, 200}, 8, 1))
	c := compare.Compare(s.Input)
	const apart = "do not hold figures under one against those under another"
	if text := textOf(t, c, "en", Options{}); c.Verdict.State != compare.Alike || !strings.Contains(text, apart) {
		t.Errorf("%s:\n%s", c.Verdict.State, text)
	}
	if text := textOf(t, states()["alike"], "en", Options{}); strings.Contains(text, apart) {
		t.Errorf("without any difference the verdict says %q:\n%s", apart, text)
	}
}

// TestTestsThatNeverCome: what more calls do not change is not too early.
func TestTestsThatNeverCome(t *testing.T) {
	if page := pageOf(t, states()["worse"], "en"); strings.Contains(page, "too early") || strings.Count(page, "<td>not tested</td>") != 3 {
		t.Error("want the trend of the gap and both tests of queues as not tested, nothing as too early")
	}
}

// TestPathLeavesOutWhatIsOutside: a value that the plot has no room for is no
// line along its edge.
func TestPathLeavesOutWhatIsOutside(t *testing.T) {
	c := states()["worse"]
	p := &c.Pairs[1]
	w := words{i18n.For("en")}
	lines := func() int {
		d := &drawing{id: "paths"}
		w.peek(d, *p)
		return strings.Count(d.b.String(), `class="trace called"`)
	}
	if n := lines(); n != 1 {
		t.Fatalf("%d lines, want 1", n)
	}
	p.Path[4].Value, p.Path[5].Value = 0.9, -0.9
	if n := lines(); n != 2 {
		t.Errorf("%d lines around two days outside of the plot, want 2", n)
	}
}
