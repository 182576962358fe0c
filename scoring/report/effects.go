package report

import (
	"fmt"
	"math"
	"slices"

	"aftercall/scoring/compare"
)

// notes says what the figures mean together.
func (w words) notes(c compare.Comparison) []string {
	var lines []string
	if len(c.Pairs) > 0 {
		lines = append(lines, w.T("report.safe"))
	}
	if len(c.Pairs) > 0 && stratified(c) {
		lines = append(lines, w.T("report.inside"))
	}
	for _, p := range c.Pairs {
		if p.Comparable && p.NotShown && p.Satisfied.Tested() {
			lines = append(lines, w.T("report.not_shown_note"))
			break
		}
	}
	if p, ok := furthest(c); ok {
		lines = append(lines, w.T("report.same_callers", round(100*math.Abs(p.Satisfied.Difference.Value), 1), p.Reference, p.Layout))
	}
	if a := c.Agreement; agreed(c) {
		lines = append(lines, w.T("report.agree", w.share(a.Lo), w.share(a.Hi)))
	}
	return lines
}

// agreed reports whether several menus, whose answers are one quantity, agree
// on what the true share of satisfied can be, and were offered so often that
// chance moves its ends little.
func agreed(c compare.Comparison) bool {
	n := 0
	for _, a := range alike(c) {
		switch {
		case a.Offered >= compare.MinPerArm:
			n++
		case a.Offered > 0:
			return false
		}
	}
	return n > 1 && c.Agreement.Status == compare.OK && c.Agreement.Lo <= c.Agreement.Hi
}

// stratified reports whether differences can be others than those of the whole
// counts: there are several queues, or a split that changed.
func stratified(c compare.Comparison) bool {
	return len(c.Queues) > 1 || slices.ContainsFunc(c.Warnings, func(r compare.Remark) bool { return r.Code == compare.WeightsChanged })
}

// furthest is the pair that differs most in satisfied, of those that differ by
// more than chance at every look.
func furthest(c compare.Comparison) (far compare.Pair, ok bool) {
	for _, p := range c.Pairs {
		s := p.Satisfied
		if p.Comparable && s.Difference.Known() && (s.Safe.Lo > 0 || s.Safe.Hi < 0) &&
			math.Abs(s.Difference.Value) > math.Abs(far.Satisfied.Difference.Value) {
			far, ok = p, true
		}
	}
	return far, ok
}

// alike are the reference and the layouts whose answers are the same quantity.
func alike(c compare.Comparison) []compare.ArmFigures {
	same := map[string]bool{}
	for _, p := range c.Pairs {
		same[p.Reference] = true
		same[p.Layout] = p.Comparable
	}
	var arms []compare.ArmFigures
	for _, a := range c.Arms {
		if same[a.Name] {
			arms = append(arms, a)
		}
	}
	return arms
}

// first reports whether a pair is to be told: with many layouts, only those
// with the reference are.
func first(c compare.Comparison, pair ...string) bool {
	return len(c.Arms) <= mostColumns || slices.Contains(pair, c.Arms[0].Name)
}

// orders says what the order of the options does.
func (w words) orders(c compare.Comparison) []string {
	var lines []string
	for _, o := range c.Order {
		if first(c, o.BestFirst, o.WorstFirst) {
			lines = append(lines, w.order(o))
		}
	}
	if len(lines) < len(c.Order) {
		lines = append(lines, w.T("report.others", c.Arms[0].Name))
	}
	return lines
}

func (w words) order(o compare.Order) string {
	s := o.Shift
	switch {
	case !s.Known() || o.Safe.Lo <= -1 && o.Safe.Hi >= 1:
		return w.T("report.order_none", o.BestFirst, o.WorstFirst)
	case !o.Shown:
		return w.T("report.order_open", o.BestFirst, o.WorstFirst, percent(s.Value), percent(o.Safe.Lo), percent(o.Safe.Hi))
	case s.Value < 0:
		return w.T("report.order_last", o.BestFirst, o.WorstFirst, round(-100*s.Value, 0), percent(-o.Safe.Hi), percent(-o.Safe.Lo), w.figure(o.OrderFree))
	}
	return w.T("report.order_first", o.BestFirst, o.WorstFirst, round(100*s.Value, 0), percent(o.Safe.Lo), percent(o.Safe.Hi), w.figure(o.OrderFree))
}

// gaps says what the silences between options do.
func (w words) gaps(c compare.Comparison) []string {
	var lines []string
	all := 0
	for _, g := range c.Gaps {
		if first(c, g.Layout, g.Reference) {
			lines = append(lines, w.gap(g)...)
			all++
		}
	}
	if all < len(c.Gaps) {
		lines = append(lines, w.T("report.others", c.Arms[0].Name))
	}
	return lines
}

func (w words) gap(g compare.Gap) []string {
	if !g.Lost.Tested() || !g.HungUp.Difference.Known() {
		return []string{w.T("report.gap_none", g.Layout, g.Reference)}
	}
	lines := []string{w.T("report.gap_lost", g.Layout, round(g.Seconds, 1), g.Reference,
		points(g.Lost.Difference.Value), points(g.Lost.Safe.Lo), points(g.Lost.Safe.Hi), points(g.HungUp.Difference.Value))}
	if !g.Signature {
		return lines
	}
	said := w.T("report.gap_signature")
	if m := g.Missing; m.Known() && m.Lo > 0 {
		said += w.T("report.gap_missing", round(m.Value, 0), g.Reference, round(m.Lo, 0), round(m.Hi, 0))
	}
	return append(lines, said)
}

// deviant is the part of the split check that failed.
func deviant(s compare.SplitCheck) (compare.Split, bool) {
	if s.Assigned.P < compare.SplitAlarm {
		return s.Assigned, false
	}
	return s.Started, true
}

// shares says how many surveys, or menus that began, each layout has in the
// queue that deviates most, and how many were planned.
func (w words) shares(c compare.Comparison) []string {
	s, started := deviant(c.Split)
	what := w.T("report.split_surveys")
	if started {
		what = w.T("report.split_menus")
	}
	lines := []string{w.T("report.split_worst", what, s.Worst.Queue, fmt.Sprint(s.Worst.Epoch))}
	for i, a := range c.Arms {
		if i < len(s.Worst.Counts) && i < len(s.Worst.Expected) {
			lines = append(lines, "  "+w.T("report.split_count", a.Name, count(s.Worst.Counts[i]), count(int64(math.Round(s.Worst.Expected[i])))))
		}
	}
	return lines
}

// causes lists what can be behind a split that is off.
func (w words) causes(c compare.Comparison) []string {
	_, started := deviant(c.Split)
	if started {
		return []string{w.T("report.cause_prompt"), w.T("report.cause_start"), w.T("report.cause_dropped")}
	}
	return []string{w.T("report.cause_weights"), w.T("report.cause_dropped")}
}
