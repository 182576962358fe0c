package report

import (
	"fmt"
	"math"

	"aftercall/scoring/compare"
)

// notes says what the figures mean together.
func (w words) notes(c compare.Comparison) []string {
	var lines []string
	if len(c.Pairs) > 0 {
		lines = append(lines, w.T("report.safe"))
	}
	for _, p := range c.Pairs {
		if p.Comparable && p.NotShown && p.Satisfied.Known() {
			lines = append(lines, w.T("report.not_shown_note"))
			break
		}
	}
	if lo, hi, ok := extremes(c); ok {
		lines = append(lines, w.T("report.same_callers", w.share(lo), w.share(hi)))
	}
	if a := c.Agreement; a.Status == compare.OK && a.Lo <= a.Hi {
		lines = append(lines, w.T("report.agree", w.share(a.Lo), w.share(a.Hi)))
	}
	return lines
}

// extremes are the least and the most that layouts with the options of the
// reference measure as satisfied.
func extremes(c compare.Comparison) (lo, hi float64, ok bool) {
	lo, hi = 1, 0
	n := 0
	for _, a := range alike(c) {
		if s := a.Satisfied; s.Known() && s.N >= compare.FewRatings {
			lo, hi = min(lo, s.Value), max(hi, s.Value)
			n++
		}
	}
	return lo, hi, n > 1 && lo < hi
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

// orders says what the order of the options does.
func (w words) orders(c compare.Comparison) []string {
	var lines []string
	for _, o := range c.Order {
		s := o.Shift
		if o.Status != compare.OK || !s.Known() {
			lines = append(lines, w.T("report.order_none", o.BestFirst, o.WorstFirst))
			continue
		}
		if !o.Called {
			lines = append(lines, w.T("report.order_open", percent(s.Value), percent(o.Safe.Lo), percent(o.Safe.Hi)))
			continue
		}
		key, high, low, lo, hi := "report.order_first", o.BestFirst, o.WorstFirst, o.Safe.Lo, o.Safe.Hi
		if s.Value < 0 {
			key, high, low, lo, hi = "report.order_last", low, high, -hi, -lo
		}
		lines = append(lines,
			w.T(key, round(100*math.Abs(s.Value), 0), percent(lo), percent(hi)),
			w.T("report.order_reads", high, low, w.share(o.OrderFree)))
	}
	return lines
}

// gaps says what the silences between options do.
func (w words) gaps(c compare.Comparison) []string {
	var lines []string
	for _, g := range c.Gaps {
		if !g.Lost.Known() || !g.HungUp.Known() {
			lines = append(lines, w.T("report.gap_none", g.Layout, g.Reference))
			continue
		}
		lines = append(lines, w.T("report.gap_lost", g.Layout, round(g.Seconds, 1), g.Reference,
			points(g.Lost.Value), points(g.Lost.Safe.Lo), points(g.Lost.Safe.Hi), points(g.HungUp.Value)))
		if !g.Signature {
			continue
		}
		lines = append(lines, w.T("report.gap_signature"))
		if m := g.Missing; m.Known() && m.Lo > 0 {
			lines = append(lines, w.T("report.gap_missing", round(m.Value, 0), round(m.Lo, 0), round(m.Hi, 0)))
		}
	}
	return lines
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
	lines := []string{w.T("report.split_worst", s.Worst.Queue, fmt.Sprint(s.Worst.Epoch)) + w.T("report.list") + what}
	for i, a := range c.Arms {
		if i < len(s.Worst.Counts) && i < len(s.Worst.Expected) {
			lines = append(lines, fmt.Sprintf("  %s: %s %s, %s %s", a.Name,
				w.T("report.counted"), count(s.Worst.Counts[i]), w.T("report.plan"), round(s.Worst.Expected[i], 1)))
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
