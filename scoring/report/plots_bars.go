package report

import (
	"slices"

	"aftercall/scoring/compare"
)

// names is the room that layouts' names have at the left of a drawing.
const names = 150.

// verdictCount is how many callers of a layout chose a verdict.
func verdictCount(a compare.ArmFigures, id string) int64 {
	for _, v := range a.Verdicts {
		if v.ID == id {
			return v.N
		}
	}
	return 0
}

// outcomes draws what was recorded of all offered: what is not satisfied to
// the left, the worst outermost, what is satisfied to the right, and the
// unanswered behind it.
func (w words) outcomes(c compare.Comparison) chart {
	d := &drawing{id: "outcomes"}
	all := choices(c)
	d.legend(w.key(d, all, d.swatch(w.T("report.unanswered"), silentShade)))
	out := chart{Title: w.T("report.table_outcomes"), Desc: w.T("report.desc_outcomes"), Heads: []string{w.T("column.layout"), w.T("report.offered")}}
	left := 0.
	for _, a := range c.Arms {
		sum := 0.
		for _, v := range all {
			if !v.Satisfied {
				sum += of(verdictCount(a, v.ID), a.Offered)
			}
		}
		left = max(left, sum)
	}
	x := scale{-left, 1, names, width - 24}
	bottom := d.height + 30*float64(len(c.Arms))
	for _, t := range x.ticks(8) {
		d.line("grid", place{x.at(t), d.height}, place{x.at(t), bottom})
		d.text("tick", middle, place{x.at(t), bottom + 15}, round(100*max(t, -t), 0)+"%")
	}
	for _, a := range c.Arms {
		w.outcomeBar(d, a, all, x)
		d.height += 30
	}
	d.line("zero", place{x.at(0), bottom - 30*float64(len(c.Arms))}, place{x.at(0), bottom})
	d.height += 22
	for _, v := range all {
		out.Heads = append(out.Heads, w.label(v.Verdicts))
	}
	out.Heads = append(out.Heads, w.T("report.unanswered"))
	for _, a := range c.Arms {
		row := []string{a.Name, count(a.Offered)}
		for _, v := range all {
			row = append(row, w.T("report.with_n", w.share(of(verdictCount(a, v.ID), a.Offered)), count(verdictCount(a, v.ID))))
		}
		out.Rows = append(out.Rows, append(row, w.T("report.with_n", w.share(of(a.Offered-a.Rated, a.Offered)), count(a.Offered-a.Rated))))
	}
	out.SVG = d.done(out.Title, out.Desc)
	return out
}

// outcomeBar is the bar of one layout.
func (w words) outcomeBar(d *drawing, a compare.ArmFigures, all []choice, x scale) {
	d.text("label", end, place{names - 10, d.height + 19}, shorten(a.Name, names-14))
	unit := x.at(1) - x.at(0)
	left, right := x.at(0), x.at(0)
	for i := range all {
		if v := all[len(all)-1-i]; !v.Satisfied {
			long := unit * of(verdictCount(a, v.ID), a.Offered)
			left -= long
			d.block(v.shade, place{left, d.height + 4}, long, 22)
		}
	}
	for _, v := range all {
		if v.Satisfied {
			long := unit * of(verdictCount(a, v.ID), a.Offered)
			d.block(v.shade, place{right, d.height + 4}, long, 22)
			right += long
		}
	}
	d.block(silentShade, place{right, d.height + 4}, unit*of(a.Offered-a.Rated, a.Offered), 22)
}

// possible draws what the share of satisfied callers could be, had all of them
// answered. What the menus have in common lies behind those alone whose
// answers are one quantity.
func (w words) possible(c compare.Comparison) chart {
	d := &drawing{id: "possible", height: 6}
	out := chart{Title: w.T("report.table_bounds"), Desc: w.T("report.desc_bounds"),
		Heads: []string{w.T("column.layout"), w.T("report.measured"), w.T("report.true_satisfied"), w.T("report.with_chance"), w.T("report.n")}}
	x := scale{0, 1, names, width - 24}
	top, bottom := d.height, d.height+28*float64(len(c.Arms))
	for i, a := range c.Arms {
		if r := c.Agreement; agreed(c) && slices.ContainsFunc(alike(c), func(s compare.ArmFigures) bool { return s.Name == a.Name }) {
			d.rect("agree", place{x.at(r.Lo), top + 28*float64(i)}, x.at(r.Hi)-x.at(r.Lo), 28)
		}
	}
	for _, t := range x.ticks(10) {
		d.line("grid", place{x.at(t), top}, place{x.at(t), bottom})
		d.text("tick", middle, place{x.at(t), bottom + 15}, round(100*t, 0)+"%")
	}
	for _, a := range c.Arms {
		y := d.height + 14
		d.text("label", end, place{names - 10, y + 4}, shorten(a.Name, names-14))
		if b := a.TrueSatisfied; b.Status == compare.OK || b.Status == compare.Degenerate {
			d.line("axis", place{x.at(b.CI.Lo), y}, place{x.at(b.CI.Hi), y})
			d.line("range", place{x.at(b.Lo), y}, place{x.at(b.Hi), y})
			d.line("cap", place{x.at(b.Lo), y - 5}, place{x.at(b.Lo), y + 5})
			d.line("cap", place{x.at(b.Hi), y - 5}, place{x.at(b.Hi), y + 5})
		}
		if s := a.Satisfied; s.Known() && s.N >= compare.FewRatings {
			d.add(`<circle class="dot" cx="%.1f" cy="%.1f" r="5"/>`, x.at(s.Value), y)
		}
		d.height += 28
		out.Rows = append(out.Rows, []string{a.Name, w.figure(a.Satisfied), w.span(a.TrueSatisfied.Lo, a.TrueSatisfied.Hi), w.bounds(a.TrueSatisfied), count(a.Offered)})
	}
	d.height += 22
	out.SVG = d.done(out.Title, out.Desc)
	return out
}
