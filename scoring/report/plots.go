package report

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strconv"

	"aftercall/scoring/compare"
)

// chart is a plot with the table of its numbers.
type chart struct {
	Title string
	Desc  string
	SVG   template.HTML
	Heads []string
	Rows  [][]string
	Long  bool // too many rows to be read at once
}

// charts draws what a comparison can show.
func (w words) charts(c compare.Comparison) []chart {
	if c.Offered == 0 || c.Verdict.State == compare.SplitBroken {
		return nil
	}
	all := []chart{w.flow(c), w.outcomes(c), w.possible(c)}
	if c.Experiment != nil && len(c.Pairs) > 0 {
		if slices.ContainsFunc(c.Pairs, tested) {
			all = slices.Insert(all, 2, w.differences(c))
		}
		if slices.ContainsFunc(c.Pairs, hasPath) {
			all = slices.Insert(all, len(all)-1, w.paths(c))
		}
		if orderShows(c) {
			all = append(all, w.places(c))
		}
	}
	return all
}

// tested reports whether enough was counted to hold a layout against the
// reference.
func tested(p compare.Pair) bool { return p.Answered.Tested() }

// hasPath reports whether there were days enough to look at a pair twice.
func hasPath(p compare.Pair) bool { return tested(p) && len(p.Path) > 1 }

// choice is a verdict that some layout of a comparison offers.
type choice struct {
	compare.Verdicts
	shade
}

// choices lists the verdicts of all layouts, worst first, with shades from
// vermilion over grey to blue, which nearly everybody can tell apart.
func choices(c compare.Comparison) []choice {
	var all []choice
	for _, a := range c.Arms {
		for _, v := range a.Verdicts {
			if !slices.ContainsFunc(all, func(x choice) bool { return x.ID == v.ID }) {
				all = append(all, choice{Verdicts: v})
			}
		}
	}
	slices.SortStableFunc(all, func(x, y choice) int { return cmp.Compare(x.Value, y.Value) })
	for i := range all {
		at := 1.
		if len(all) > 1 {
			at = float64(i) / float64(len(all)-1)
		}
		all[i].fill = tone(at)
		switch {
		case i == 0 && !all[i].Satisfied:
			all[i].pattern = "stripes"
		case i < len(all)-1 && !all[i].Satisfied:
			all[i].pattern = "dots"
		case i < len(all)-1:
			all[i].pattern = "bars"
		}
	}
	return all
}

// tone is the colour of a verdict between the worst, 0, and the best, 1.
func tone(at float64) string {
	low, mid, high := [3]float64{213, 94, 0}, [3]float64{214, 200, 150}, [3]float64{0, 114, 178}
	from, to, part := low, mid, 2*at
	if at > 0.5 {
		from, to, part = mid, high, 2*at-1
	}
	mix := func(i int) float64 { return from[i] + (to[i]-from[i])*part }
	return fmt.Sprintf("rgb(%.0f,%.0f,%.0f)", mix(0), mix(1), mix(2))
}

// key is the legend of verdicts, and of what is none.
func (w words) key(d *drawing, all []choice, more ...entry) []entry {
	var entries []entry
	for _, v := range all {
		entries = append(entries, d.swatch(w.label(v.Verdicts), v.shade))
	}
	return append(entries, more...)
}

// swatch is a legend's entry for a shade.
func (d *drawing) swatch(label string, s shade) entry {
	return entry{label, func(at place) { d.block(s, at, 12, 12) }}
}

// rated is how many chose a verdict after so many options.
func rated(a compare.ArmFigures, verdict string, heard int) int64 {
	n := int64(0)
	for _, p := range a.Presses {
		if p.Verdict == verdict && p.Heard == heard {
			n += p.N
		}
	}
	return n
}

// hungUp is how many hung up after so many options.
func hungUp(a compare.ArmFigures, heard int) int64 {
	n := int64(0)
	for _, c := range a.HungUp {
		if c.Name == strconv.Itoa(heard) {
			n += c.N
		}
	}
	return n
}

// heards is one more than the most options that a caller can have heard.
func heards(a compare.ArmFigures) int { return max(len(a.Verdicts)+1, len(a.HungUp)) }

// others is how many neither rated nor hung up.
func others(a compare.ArmFigures) int64 {
	n := a.Offered - a.Rated
	for _, c := range a.HungUp {
		n -= c.N
	}
	return max(n, 0)
}

// of is a share of n, 0 of nothing.
func of(x, n int64) float64 {
	if n == 0 {
		return 0
	}
	return float64(x) / float64(n)
}

// flow draws where callers go: by the options that they had heard.
func (w words) flow(c compare.Comparison) chart {
	d := &drawing{id: "flow"}
	all := choices(c)
	d.legend(w.key(d, all, d.swatch(w.T("report.hung_up"), hungUpShade), d.swatch(w.T("report.other"), silentShade)))
	out := chart{Title: w.T("report.table_flow"), Desc: w.T("report.desc_flow"),
		Heads: []string{w.T("column.layout"), w.T("report.axis_heard"), w.T("report.measure"), w.T("report.n"), w.T("report.axis_offered")}}
	top := 0.
	for _, a := range c.Arms {
		for heard := range heards(a) {
			n := hungUp(a, heard)
			for _, v := range all {
				n += rated(a, v.ID, heard)
			}
			top = max(top, of(n, a.Offered))
		}
		top = max(top, of(others(a), a.Offered))
	}
	columns := min(len(c.Arms), 3)
	cell := width / float64(columns)
	const high = 190.
	for i, a := range c.Arms {
		origin := place{float64(i%columns) * cell, d.height + float64(i/columns)*high}
		w.panel(d, a, all, origin, cell, max(top, 0.01))
		out.Rows = append(out.Rows, w.flowRows(a, all)...)
	}
	d.height += high * float64((len(c.Arms)+columns-1)/columns)
	d.text("label", middle, place{width / 2, d.height + 8}, w.T("report.axis_heard"))
	d.height += 16
	out.SVG = d.done(out.Title, out.Desc)
	out.Long = len(out.Rows) > 20
	return out
}

// panel is the part of flow for one layout.
func (w words) panel(d *drawing, a compare.ArmFigures, all []choice, origin place, wide, top float64) {
	y := scale{0, top, origin.y + 158, origin.y + 26}
	d.text("strong", start, place{origin.x + 34, origin.y + 14}, shorten(a.Name, wide-100))
	d.text("label", end, place{origin.x + wide - 8, origin.y + 14}, "n "+count(a.Offered))
	for _, t := range y.ticks(4) {
		d.line("grid", place{origin.x + 34, y.at(t)}, place{origin.x + wide - 8, y.at(t)})
		d.text("tick", end, place{origin.x + 30, y.at(t) + 4}, round(100*t, 0)+"%")
	}
	bars := heards(a) + 1
	step := (wide - 42) / float64(bars)
	for heard := range bars {
		x, base := origin.x+34+step*(float64(heard)+.15), y.at(0)
		put := func(s shade, n int64) {
			h := y.at(0) - y.at(of(n, a.Offered))
			d.block(s, place{x, base - h}, step*.7, h)
			base -= h
		}
		name := strconv.Itoa(heard)
		if heard == bars-1 {
			name = "–"
			put(silentShade, others(a))
		} else {
			for _, v := range all {
				put(v.shade, rated(a, v.ID, heard))
			}
			put(hungUpShade, hungUp(a, heard))
		}
		d.text("tick", middle, place{x + step*.35, y.at(0) + 15}, name)
	}
	d.line("axis", place{origin.x + 34, y.at(0)}, place{origin.x + wide - 8, y.at(0)})
}

func (w words) flowRows(a compare.ArmFigures, all []choice) [][]string {
	var rows [][]string
	row := func(heard, what string, n int64) {
		if n > 0 {
			rows = append(rows, []string{a.Name, heard, what, count(n), w.share(of(n, a.Offered))})
		}
	}
	for heard := range heards(a) {
		for _, v := range all {
			row(strconv.Itoa(heard), w.label(v.Verdicts), rated(a, v.ID, heard))
		}
		row(strconv.Itoa(heard), w.T("report.hung_up"), hungUp(a, heard))
	}
	row("–", w.T("report.other"), others(a))
	return rows
}
