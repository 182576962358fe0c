package report

import (
	"fmt"
	"math"
	"slices"
	"time"

	"aftercall/scoring/compare"
)

// contrastOf is one difference of a pair under its name.
type contrastOf struct {
	name string
	compare.Contrast
}

func (w words) contrastsOf(p compare.Pair) []contrastOf {
	return []contrastOf{
		{w.T("report.answered"), p.Answered}, {w.T("report.dissatisfied"), p.Dissatisfied},
		{w.T("report.satisfied_offered"), p.SatisfiedOffered}, {w.T("report.hung_up_after_one"), p.HungUpAfterFirst},
	}
}

// differences draws every difference to the reference with the interval that
// is safe at any look.
func (w words) differences(c compare.Comparison) chart {
	out := chart{Title: w.T("report.table_differences"), Desc: w.T("report.desc_differences"),
		Heads: []string{w.T("column.layout"), w.T("report.measure"), w.T("report.value"), w.T("report.low"), w.T("report.high"), w.T("report.n"), w.T("report.decided")}}
	reach := 2 * compare.AlikeBand
	for _, p := range c.Pairs {
		for _, m := range w.contrastsOf(p) {
			if m.Tested() {
				reach = max(reach, math.Abs(m.Safe.Lo), math.Abs(m.Safe.Hi))
			}
		}
	}
	reach = min(reach*1.05, 1)
	const room = 275.
	d := &drawing{id: "differences", height: 4}
	x := scale{-reach, reach, room, width - 30}
	bottom := d.height + float64(len(c.Pairs))*(22+20*4)
	d.rect("band", place{x.at(-compare.AlikeBand), d.height}, x.at(compare.AlikeBand)-x.at(-compare.AlikeBand), bottom-d.height)
	for _, t := range x.ticks(8) {
		d.line("grid", place{x.at(t), d.height}, place{x.at(t), bottom})
		d.text("tick", middle, place{x.at(t), bottom + 15}, points(t))
	}
	d.line("zero", place{x.at(0), d.height}, place{x.at(0), bottom})
	for _, p := range c.Pairs {
		d.text("strong", start, place{0, d.height + 15}, shorten(w.T("report.path_of", p.Layout, p.Reference), room-10))
		d.height += 22
		for _, m := range w.contrastsOf(p) {
			d.text("label", start, place{10, d.height + 13}, shorten(m.name, room-16))
			d.contrast(x, m.Contrast)
			d.height += 20
			out.Rows = append(out.Rows, append([]string{p.Layout, m.name}, w.contrastCells(m.Contrast)...))
		}
	}
	d.height += 20
	d.text("label", middle, place{(room + width - 30) / 2, d.height + 10}, w.T("report.axis_points"))
	d.height += 16
	out.SVG = d.done(out.Title, out.Desc)
	return out
}

// contrastCells says a difference, the ends of its safe interval, what it rests
// on and whether it is decided.
func (w words) contrastCells(c compare.Contrast) []string {
	d := c.Difference
	switch {
	case !d.Known():
		return []string{w.status(d.Status), "", "", count(d.N), ""}
	case !c.Tested():
		return []string{w.T("report.too_early"), "", "", count(d.N), ""}
	}
	return []string{points(d.Value), points(c.Safe.Lo), points(c.Safe.Hi), count(d.N), w.yes(c.Called)}
}

// contrast draws a value with its safe interval at the current height.
func (d *drawing) contrast(x scale, c compare.Contrast) {
	if !c.Tested() {
		return
	}
	class, y := "open", d.height+9
	if c.Called {
		class = "called"
	}
	d.line("range "+class, place{x.at(c.Safe.Lo), y}, place{x.at(c.Safe.Hi), y})
	d.add(`<circle class="dot %s" cx="%.1f" cy="%.1f" r="4.5"/>`, class, x.at(c.Difference.Value), y)
}

func (w words) yes(is bool) string {
	if is {
		return w.T("report.yes")
	}
	return w.T("report.no")
}

// paths draws what a look on each day would have shown.
func (w words) paths(c compare.Comparison) chart {
	d := &drawing{id: "paths", height: 2}
	out := chart{Title: w.T("report.table_path"), Desc: w.T("report.desc_path"), Long: true,
		Heads: []string{w.T("column.layout"), w.T("report.day"), w.T("report.value"), w.T("report.low"), w.T("report.high"), w.T("report.split_strip")}}
	for _, p := range c.Pairs {
		if !hasPath(p) {
			continue
		}
		w.peek(d, p)
		for _, l := range p.Path {
			out.Rows = append(out.Rows, []string{p.Layout, l.Day, points(l.Value), points(l.Safe.Lo), points(l.Safe.Hi), fmt.Sprintf("%.2g", l.SplitP)})
		}
	}
	out.SVG = d.done(out.Title, out.Desc)
	return out
}

// dayNumber counts days, so that those without surveys leave a gap.
func dayNumber(day string) float64 {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return 0
	}
	return float64(t.Unix() / (24 * 60 * 60))
}

// leastP is the p at which the strip of the split check ends.
const leastP = 1e-4

// peek draws one pair's path, and the split check below it.
func (w words) peek(d *drawing, p compare.Pair) {
	last := p.Path[len(p.Path)/2:]
	reach := 2 * compare.AlikeBand
	for _, l := range last {
		reach = max(reach, 1.1*math.Abs(l.Safe.Lo), 1.1*math.Abs(l.Safe.Hi))
	}
	reach = min(reach, 1)
	const left = 60.
	x := scale{dayNumber(p.Path[0].Day), dayNumber(p.Path[len(p.Path)-1].Day), left, width - 24}
	d.text("strong", start, place{left, d.height + 13}, shorten(w.T("report.path_of", p.Layout, p.Reference), 300))
	d.text("label", end, place{width - 24, d.height + 13}, w.T("report.axis_points"))
	y := scale{-reach, reach, d.height + 150, d.height + 22}
	d.rect("band", place{left, y.at(compare.AlikeBand)}, x.to-left, y.at(-compare.AlikeBand)-y.at(compare.AlikeBand))
	for _, t := range y.ticks(5) {
		d.line("grid", place{left, y.at(t)}, place{x.to, y.at(t)})
		d.text("tick", end, place{left - 6, y.at(t) + 4}, points(t))
	}
	var band, split []place
	line := [][]place{nil} // what lies outside of the plot interrupts it
	strip := scale{math.Log10(leastP), 0, d.height + 204, d.height + 172}
	for _, l := range p.Path {
		at := x.at(dayNumber(l.Day))
		band = append(band, place{at, y.at(l.Safe.Hi)})
		switch last := len(line) - 1; {
		case math.Abs(l.Value) <= reach:
			line[last] = append(line[last], place{at, y.at(l.Value)})
		case line[last] != nil:
			line = append(line, nil)
		}
		split = append(split, place{at, strip.at(math.Log10(max(l.SplitP, leastP)))})
	}
	for _, l := range slices.Backward(p.Path) {
		band = append(band, place{x.at(dayNumber(l.Day)), y.at(l.Safe.Lo)})
	}
	class := "open"
	if p.Answered.Called {
		class = "called"
	}
	d.path("safe "+class, "", true, band...)
	d.line("zero", place{left, y.at(0)}, place{x.to, y.at(0)})
	for _, part := range line {
		d.path("trace "+class, "", false, part...)
	}
	alarm := strip.at(math.Log10(compare.SplitAlarm))
	d.rect("alarm", place{left, alarm}, x.to-left, strip.from-alarm)
	d.path("trace open", "", false, split...)
	d.text("tick", end, place{left - 6, strip.to + 4}, "p 1")
	d.text("tick", end, place{left - 6, alarm + 4}, fmt.Sprint(compare.SplitAlarm))
	d.text("label", end, place{width - 24, strip.to - 8}, w.T("report.split_strip"))
	d.days(p.Path, x, strip.from+14)
	d.height += 236
}

// days writes dates under a time axis, no closer than they can be read.
func (d *drawing) days(path []compare.PathPoint, x scale, y float64) {
	last := math.Inf(-1)
	for _, l := range path {
		if at := x.at(dayNumber(l.Day)); at-last >= 80 && at <= width-36 {
			d.text("tick", middle, place{at, y}, l.Day)
			last = at
		}
	}
}
