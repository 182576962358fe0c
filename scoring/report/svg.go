package report

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strings"
)

// width of every drawing in its own units; a page scales it.
const width = 720.

// drawing is an SVG under way. Its colours are classes of the page's style, so
// that they follow light and dark.
type drawing struct {
	b      strings.Builder
	id     string  // of this drawing in the page
	height float64 // grows with what is drawn
}

// place is a point of a drawing.
type place struct{ x, y float64 }

// shade fills an area: a colour, and a pattern for those who cannot tell
// colours apart or print without them.
type shade struct {
	fill    string // CSS colour, "" for that of the pattern
	pattern string // stripes, dots, bars or hatch, "" for none
}

// Shades of what is no rating.
var (
	hungUpShade = shade{fill: "var(--hung)"}
	silentShade = shade{fill: "var(--silent)", pattern: "hatch"}
)

func (d *drawing) add(format string, args ...any) { fmt.Fprintf(&d.b, format, args...) }

func (d *drawing) line(class string, from, to place) {
	d.add(`<line class="%s" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`, class, from.x, from.y, to.x, to.y)
}

func (d *drawing) rect(class string, at place, w, h float64) {
	d.add(`<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, class, at.x, at.y, max(w, 0), max(h, 0))
}

// block is a shaded rectangle.
func (d *drawing) block(s shade, at place, w, h float64) {
	if w < 0.05 || h < 0.05 {
		return // too thin to be seen
	}
	d.add(`<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" style="fill:%s"/>`, at.x, at.y, w, h, s.fill)
	if s.pattern != "" {
		d.add(`<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="url(#%s-%s)"/>`, at.x, at.y, w, h, d.id, s.pattern)
	}
}

// Anchors of a text.
const (
	start  = "start"
	middle = "middle"
	end    = "end"
)

func (d *drawing) text(class, anchor string, at place, s string) {
	d.add(`<text class="%s" text-anchor="%s" x="%.1f" y="%.1f">%s</text>`, class, anchor, at.x, at.y, html.EscapeString(s))
}

func (d *drawing) path(class, style string, closed bool, all ...place) {
	var b strings.Builder
	for i, p := range all {
		fmt.Fprintf(&b, "%c%.1f %.1f", "ML"[min(i, 1)], p.x, p.y)
	}
	if closed {
		b.WriteString("Z")
	}
	d.add(`<path class="%s" style="%s" d="%s"/>`, class, style, b.String())
}

// mark draws the sign of the n-th layout.
func (d *drawing) mark(n int, style string, at place) {
	const r = 4.5
	class := "mark"
	if n/len(outlines)%2 == 1 {
		class = "mark hollow"
	}
	outline := outlines[n%len(outlines)]
	corners := make([]place, len(outline))
	for i, o := range outline {
		corners[i] = place{at.x + r*o.x, at.y + r*o.y}
	}
	d.path(class, style, true, corners...)
}

// outlines of the signs of layouts: square, triangle, diamond, hourglass, and
// a triangle on its head.
var outlines = [][]place{
	{{-.9, -.9}, {.9, -.9}, {.9, .9}, {-.9, .9}},
	{{0, -1.1}, {1.1, .9}, {-1.1, .9}},
	{{0, -1.3}, {1.3, 0}, {0, 1.3}, {-1.3, 0}},
	{{-1, -1}, {1, -1}, {-1, 1}, {1, 1}},
	{{0, 1.1}, {1.1, -.9}, {-1.1, -.9}},
}

// textWidth estimates the width of a text of the page's font size: characters
// of Chinese are as wide as they are high.
func textWidth(s string) float64 {
	w := 0.
	for _, r := range s {
		if r >= 0x2E80 {
			w += 12
		} else {
			w += 6.8
		}
	}
	return w
}

// shorten takes the middle out of a text that is wider than w: names often
// differ at their ends.
func shorten(s string, w float64) string {
	all := []rune(s)
	for keep := len(all) - 1; textWidth(s) > w && keep > 1; keep-- {
		s = string(all[:keep-keep/2]) + "…" + string(all[len(all)-keep/2:])
	}
	return s
}

// entry is one line of a legend.
type entry struct {
	label string
	draw  func(at place) // a sign of 12 by 12 at its upper left corner
}

// legend writes entries in rows from the top of the drawing on.
func (d *drawing) legend(all []entry) {
	x := 0.
	for _, e := range all {
		w := 18 + textWidth(e.label) + 16
		if x+w > width && x > 0 {
			x = 0
			d.height += 20
		}
		e.draw(place{x, d.height + 2})
		d.text("label", start, place{x + 18, d.height + 12}, e.label)
		x += w
	}
	d.height += 26
}

// scale maps values to places on one axis.
type scale struct{ lo, hi, from, to float64 }

func (s scale) at(v float64) float64 {
	v = max(s.lo, min(v, s.hi))
	return s.from + (v-s.lo)/(s.hi-s.lo)*(s.to-s.from)
}

// ticks gives at most n round values of a scale, at least its zero if it has
// one.
func (s scale) ticks(n int) []float64 {
	step := math.Pow10(int(math.Floor(math.Log10((s.hi - s.lo) / float64(n)))))
	for _, m := range []float64{1, 2, 5, 10} {
		if (s.hi-s.lo)/(m*step) <= float64(n) {
			step *= m
			break
		}
	}
	var all []float64
	for k := math.Ceil(s.lo/step - 1e-9); k*step <= s.hi+step*1e-9; k++ {
		all = append(all, k*step)
	}
	return all
}

// done closes the drawing and gives it a title and a text for those who do
// not see it.
func (d *drawing) done(title, description string) template.HTML {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" role="img" aria-labelledby="%[3]s-title %[3]s-desc">`, width, d.height, d.id)
	fmt.Fprintf(&b, `<title id="%s-title">%s</title><desc id="%[1]s-desc">%s</desc>`, d.id, html.EscapeString(title), html.EscapeString(description))
	fmt.Fprintf(&b, patterns, d.id)
	b.WriteString(d.b.String())
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

// patterns are laid over colours.
const patterns = `<defs>` +
	`<pattern id="%[1]s-stripes" patternUnits="userSpaceOnUse" width="7" height="7" patternTransform="rotate(45)"><line class="over" x1="0" y1="0" x2="0" y2="7"/></pattern>` +
	`<pattern id="%[1]s-dots" patternUnits="userSpaceOnUse" width="6" height="6"><circle class="over-dot" cx="3" cy="3" r="1.1"/></pattern>` +
	`<pattern id="%[1]s-bars" patternUnits="userSpaceOnUse" width="5" height="5"><line class="over" x1="0" y1="0" x2="0" y2="5"/></pattern>` +
	`<pattern id="%[1]s-hatch" patternUnits="userSpaceOnUse" width="6" height="6" patternTransform="rotate(-45)"><line class="hatch" x1="0" y1="0" x2="0" y2="6"/></pattern>` +
	`</defs>`
