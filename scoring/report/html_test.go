package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"aftercall/configs/i18n"
	"aftercall/scoring/compare"
)

func pageOf(t *testing.T, c compare.Comparison, language string) string {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, c, i18n.For(language), Options{ByQueue: true}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var drawings = regexp.MustCompile(`(?s)<svg .*?</svg>`)

// label is a text of a drawing.
type label struct {
	class, anchor, text string
	x, y                float64
}

// box is where a label stands.
func (l label) box() (left, right float64) {
	w := textWidth(l.text)
	switch l.anchor {
	case "middle":
		return l.x - w/2, l.x + w/2
	case "end":
		return l.x - w, l.x
	}
	return l.x, l.x + w
}

// numbers finds what a path or a list of lengths holds.
var numbers = regexp.MustCompile(`-?[\d.]+(e[-+]?\d+)?`)

// read parses a drawing, checks every number in it against its size and gives
// its labels.
func read(t *testing.T, svg string) (labels []label, elements map[string]int) {
	t.Helper()
	elements = map[string]int{}
	var height float64
	d := xml.NewDecoder(strings.NewReader(svg))
	var open *label
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return labels, elements
		}
		if err != nil {
			t.Fatalf("%v in %.200s", err, svg)
		}
		switch e := token.(type) {
		case xml.StartElement:
			elements[e.Name.Local]++
			at := map[string]string{}
			for _, a := range e.Attr {
				at[a.Name.Local] = a.Value
			}
			switch e.Name.Local {
			case "svg":
				size := strings.Fields(at["viewBox"])
				height, _ = strconv.ParseFloat(size[3], 64)
				if at["role"] != "img" || height <= 0 {
					t.Errorf("the drawing begins with %v", at)
				}
				for id := range strings.FieldsSeq(at["aria-labelledby"]) {
					if !strings.Contains(svg, `id="`+id+`"`) {
						t.Errorf("no %q in the drawing that is labelled by it", id)
					}
				}
			case "text":
				open = &label{class: at["class"], anchor: at["text-anchor"]}
				open.x, _ = strconv.ParseFloat(at["x"], 64)
				open.y, _ = strconv.ParseFloat(at["y"], 64)
			case "pattern", "defs":
				continue
			}
			for _, name := range []string{"x", "x1", "x2", "cx", "width", "y", "y1", "y2", "cy", "height", "r", "d"} {
				for _, n := range numbers.FindAllString(at[name], -1) {
					v, err := strconv.ParseFloat(n, 64)
					if err != nil || math.IsNaN(v) || math.IsInf(v, 0) || v < -1 || v > max(width, height)+1 {
						t.Errorf("%s has %s=%q, want numbers inside %v by %v", e.Name.Local, name, at[name], width, height)
					}
				}
			}
		case xml.CharData:
			if open != nil {
				open.text += string(e)
			}
		case xml.EndElement:
			if e.Name.Local == "text" {
				labels = append(labels, *open)
				open = nil
			}
		}
	}
}

// TestDrawings: each is whole XML with a title and a description, its numbers
// are inside it, no text leaves it and no two texts overlap.
func TestDrawings(t *testing.T) {
	for name, c := range states() {
		for _, language := range i18n.Languages {
			page := pageOf(t, c, language)
			for _, svg := range drawings.FindAllString(page, -1) {
				labels, elements := read(t, svg)
				if elements["title"] != 1 || elements["desc"] != 1 {
					t.Errorf("%s in %s: a drawing has %v", name, language, elements)
				}
				for i, a := range labels {
					left, right := a.box()
					if left < -2 || right > width+2 {
						t.Errorf("%s in %s: %+v leaves its drawing", name, language, a)
					}
					for _, b := range labels[:i] {
						from, to := b.box()
						if math.Abs(a.y-b.y) < 9 && left < to-1 && from < right-1 {
							t.Errorf("%s in %s: %+v lies over %+v", name, language, a, b)
						}
					}
				}
			}
		}
	}
}

// TestPage: which plots there are, that the page stands by itself, and that
// its elements close.
func TestPage(t *testing.T) {
	plots := map[string]int{
		"worse": 6, "keep_running": 6, "undecided": 6, "collecting": 3, "alike": 5, "not_comparable": 5, "few": 3, "nine": 6,
		"not_randomised": 3, "split_broken": 0, "nothing": 0,
	}
	all := states()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for _, language := range i18n.Languages {
			page := pageOf(t, all[name], language)
			if got := len(drawings.FindAllString(page, -1)); got != plots[name] {
				t.Errorf("%s has %d plots, want %d", name, got, plots[name])
			}
			if !strings.Contains(page, `<html lang="`+language+`">`) {
				t.Errorf("%s does not say that it is in %s", name, language)
			}
			for _, outside := range []string{"<script", "<link", "src=", "@import", "href=", "ZgotmplZ"} {
				if strings.Contains(page, outside) {
					t.Errorf("%s in %s holds %q", name, language, outside)
				}
			}
			if rest := regexp.MustCompile(`http[^"]*`).FindString(strings.ReplaceAll(page, "http://www.w3.org/2000/svg", "")); rest != "" {
				t.Errorf("%s refers to %s", name, rest)
			}
			closes(t, name, page)
		}
	}
}

// closes reads a page as HTML that could be XML: every element but those that
// are never closed is.
func closes(t *testing.T, name, page string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, []string{"meta"}, xml.HTMLEntity
	var open []string
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(name, err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			open = append(open, e.Name.Local)
		case xml.EndElement:
			if n := len(open) - 1; n < 0 || open[n] != e.Name.Local {
				t.Fatalf("%s: </%s> closes %v", name, e.Name.Local, open)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("%s: %v stay open", name, open)
	}
}

// TestPageEscapesNames: names from outside are texts, in tables and drawings.
func TestPageEscapesNames(t *testing.T) {
	c := states()["worse"]
	c.Arms[0].Name = `<b>&"x`
	page := pageOf(t, c, "en")
	if strings.Contains(page, "<b>") || strings.Count(page, "&lt;b&gt;&amp;") < 5 {
		t.Error("a name is taken for elements")
	}
}

// TestFigureNumbers: the table under a plot has the numbers of the page.
func TestFigureNumbers(t *testing.T) {
	page := pageOf(t, states()["worse"], "en")
	for _, want := range []string{"<td>-8.8</td><td>-11.5</td><td>-6.2</td><td>12,013</td><td>yes</td>", `<td class="less">-8.8 (-11.5 to -6.2)</td>`, "NOT SHOWN (-10.0 to", "58.4 % (3,510)"} {
		if !strings.Contains(page, escaped(want)) {
			t.Errorf("no %s in the page", want)
		}
	}
}

// TestFlowIsWhole: every survey that was offered goes somewhere.
func TestFlowIsWhole(t *testing.T) {
	for name, c := range states() {
		sums := map[string]int64{}
		for _, r := range (words{i18n.For("en")}).flow(c).Rows {
			n, err := strconv.ParseInt(strings.ReplaceAll(r[3], ",", ""), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			sums[r[0]] += n
		}
		for _, a := range c.Arms {
			if sums[a.Name] != a.Offered {
				t.Errorf("%s: %d callers of %s go somewhere, want %d", name, sums[a.Name], a.Name, a.Offered)
			}
		}
	}
}

// escaped gives a text as html/template writes it.
func escaped(s string) string { return strings.ReplaceAll(s, "+", "&#43;") }
