package report

import (
	"fmt"
	"maps"
	"slices"

	"aftercall/scoring/compare"
)

// orderShows reports whether layouts with the same options read one of them
// at different places.
func orderShows(c compare.Comparison) bool {
	places := map[string]int{}
	for _, a := range alike(c) {
		for _, v := range a.Verdicts {
			if p, seen := places[v.ID]; seen && p != v.Position && a.Rated >= compare.FewRatings {
				return true
			}
			places[v.ID] = v.Position
		}
	}
	return false
}

// places draws how often a verdict is chosen by its place in the reading.
func (w words) places(c compare.Comparison) chart {
	d := &drawing{id: "places"}
	out := chart{Title: w.T("report.table_order"), Desc: w.T("report.desc_order"),
		Heads: []string{w.T("column.verdict"), w.T("report.position"), w.T("column.layout"), w.T("report.axis_ratings"), w.T("report.n")}}
	arms := slices.DeleteFunc(alike(c), func(a compare.ArmFigures) bool { return a.Rated < compare.FewRatings })
	all, most, top := choices(c), 1, 0.
	for _, a := range arms {
		for _, v := range a.Verdicts {
			most, top = max(most, v.Position), max(top, of(v.N, a.Rated))
		}
	}
	all = slices.DeleteFunc(all, func(v choice) bool { return verdictPosition(arms[0], v.ID) == 0 })
	entries := w.key(d, all)
	for i, a := range arms {
		entries = append(entries, entry{a.Name, func(at place) { d.mark(i, "fill:var(--ink);stroke:var(--ink)", place{at.x + 6, at.y + 6}) }})
	}
	d.legend(entries)
	y := scale{0, min(top*1.08, 1), d.height + 220, d.height + 6}
	x := scale{0.7, float64(most) + .3, 60, width - 24}
	for _, t := range y.ticks(6) {
		d.line("grid", place{x.from, y.at(t)}, place{x.to, y.at(t)})
		d.text("tick", end, place{x.from - 6, y.at(t) + 4}, round(100*t, 0)+"%")
	}
	for p := range most {
		d.text("tick", middle, place{x.at(float64(p + 1)), y.from + 16}, fmt.Sprint(p+1))
	}
	for _, v := range all {
		out.Rows = append(out.Rows, w.place(d, v, arms, x, y)...)
	}
	d.height = y.from + 24
	d.text("label", middle, place{width / 2, d.height + 10}, w.T("report.axis_position"))
	d.height += 18
	out.SVG = d.done(out.Title, out.Desc)
	return out
}

func verdictPosition(a compare.ArmFigures, id string) int {
	for _, v := range a.Verdicts {
		if v.ID == id {
			return v.Position
		}
	}
	return 0
}

// place draws one verdict: a sign for each layout where it reads it, and a
// line through the mean of each place.
func (w words) place(d *drawing, v choice, arms []compare.ArmFigures, x, y scale) [][]string {
	var rows [][]string
	shares := map[int][]float64{}
	for i, a := range arms {
		position := verdictPosition(a, v.ID)
		share := of(verdictCount(a, v.ID), a.Rated)
		shares[position] = append(shares[position], share)
		side := 0.03 * (float64(i) - float64(len(arms)-1)/2) // beside each other where they meet
		d.mark(i, "fill:"+v.fill+";stroke:"+v.fill, place{x.at(float64(position) + side), y.at(share)})
		rows = append(rows, []string{w.label(v.Verdicts), fmt.Sprint(position), a.Name, w.share(share), count(a.Rated)})
	}
	var line []place
	for _, position := range slices.Sorted(maps.Keys(shares)) {
		sum := 0.
		for _, s := range shares[position] {
			sum += s
		}
		line = append(line, place{x.at(float64(position)), y.at(sum / float64(len(shares[position])))})
	}
	if len(line) > 1 {
		d.path("trace", "stroke:"+v.fill, false, line...)
	}
	return rows
}
