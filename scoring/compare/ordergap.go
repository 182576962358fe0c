package compare

import (
	"math"
	"slices"

	"aftercall/ivr/layout"
)

// checkZ is how far the check of a plain first-option shift may deviate: a
// menu whose middle option moves too is beyond it in 1 of 100 cases.
const checkZ = 2.6

// orders finds every mirrored pair and says what the order does in it.
func (c *cube) orders(plan planned) []Order {
	var out []Order
	for a := range c.arms {
		for b := a + 1; b < len(c.arms); b++ {
			if !layout.Mirrored(c.arms[a].Definition, c.arms[b].Definition) {
				continue
			}
			best, worst := a, b
			if !bestFirst(c.arms[a].Definition) {
				best, worst = b, a
			}
			out = append(out, c.order(best, worst, plan))
		}
	}
	return out
}

// bestFirst reports whether a layout reads its best verdicts first.
func bestFirst(d layout.Definition) bool {
	o := d.Layout.Options
	first, _ := d.Scale.Verdict(o[0].Verdict)
	last, _ := d.Scale.Verdict(o[len(o)-1].Verdict)
	return first.Value > last.Value
}

func (c *cube) order(best, worst int, plan planned) Order {
	o := Order{BestFirst: c.arms[best].Name, WorstFirst: c.arms[worst].Name, Safe: Interval{-1, 1}}
	var strata [][2]Marks
	for _, s := range c.strata {
		t := s.total
		if t[best].rated > 0 && t[worst].rated > 0 {
			strata = append(strata, [2]Marks{marksOf(t[best]), marksOf(t[worst])})
		}
	}
	var se float64
	o.Shift, se = StratifiedShift(strata, Confidence)
	if o.Status = o.Shift.Status; !o.Shift.Known() {
		return o
	}
	enough := balanced(strata) >= MinPerArm
	if enough {
		safe := AlwaysValid(o.Shift.Value, se, float64(o.Shift.N), plan.rated, Level)
		o.Safe = Interval{clip(safe.Lo), clip(safe.Hi)}
	}
	o.Shown = c.span() >= MinDays && (o.Safe.Lo > 0 || o.Safe.Hi < 0)
	m := c.mirror(best, worst)
	o.OrderFree = around(m.Free[0], m.FreeSE, normal(Confidence), o.Shift.N, 0, 1)
	o.Inflation, o.CheckP = m.Inflation, m.CheckP
	o.Simple = math.Abs(m.CheckZ) <= checkZ || !enough
	return o
}

// balanced is the ratings of either order, as far as the other has as many in
// the same stratum.
func balanced(strata [][2]Marks) (n int64) {
	for _, s := range strata {
		a, _ := s[0].shares()
		r, _ := s[1].shares()
		n += min(a, r)
	}
	return n
}

func marksOf(t tally) Marks {
	return Marks{Satisfied: t.satisfied, Middle: t.rated - t.satisfied - t.worst, Dissatisfied: t.worst}
}

// mirror looks at the pair as one table, both arms brought to one mix of
// strata and counted as what that tells.
func (c *cube) mirror(best, worst int) Mirror {
	of := func(arm int) Marks {
		if len(c.strata) == 1 {
			return marksOf(c.whole[arm].tally)
		}
		s := c.standard(arm, best, worst)
		m := Marks{Satisfied: s.told(s.satisfied), Dissatisfied: s.told(s.worst)}
		m.Middle = max(0, s.told(s.rated)-m.Satisfied-m.Dissatisfied)
		return m
	}
	return MirrorPair(of(best), of(worst), Confidence)
}

// gaps finds every pair that differs in the gap alone, and looks for the
// signature of a menu that sounds as if its first option were the only one.
func (c *cube) gaps(plan planned) []Gap {
	var out []Gap
	for a := range c.arms {
		for b := range c.arms {
			x, y := c.arms[a].Definition, c.arms[b].Definition
			if y.Layout.Gap() > x.Layout.Gap() && slices.Equal(c.differences(a, b), []layout.Difference{layout.ByGap}) {
				out = append(out, c.gap(a, b, plan))
			}
		}
	}
	return out
}

// gap holds arm b, with the longer gap, against arm a.
func (c *cube) gap(a, b int, plan planned) Gap {
	g := Gap{Layout: c.arms[b].Name, Reference: c.arms[a].Name, Seconds: c.arms[b].Definition.Layout.Gap().D().Seconds()}
	g.HungUp, _ = c.contrast(a, b, hungUpAfterFirst, plan.offered)
	g.Lost, _ = c.contrast(a, b, answered, plan.offered)
	fewer, _ := c.contrast(a, b, dissatisfied, plan.offered)
	more, _ := c.contrast(a, b, satisfiedOffered, plan.offered)
	g.Missing = missing(fewer.Difference, c.whole[b].offered)
	g.Signature = c.span() >= MinDays && g.HungUp.Safe.Lo > 0 && fewer.Safe.Hi < 0 && more.Safe.Lo <= 0
	return g
}

// missing turns a difference in dissatisfied per offered into callers who
// were dissatisfied and were not counted, of those offered the layout.
func missing(d Estimate, offered int64) Estimate {
	if !d.Known() {
		return d
	}
	n := float64(offered)
	return Estimate{Value: -d.Value * n, Lo: -d.Hi * n, Hi: -d.Lo * n, N: d.N, Status: d.Status}
}
