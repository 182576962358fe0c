package report

import (
	"strings"
	"testing"

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
