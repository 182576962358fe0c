package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"

	"aftercall/configs/i18n"
	"aftercall/scoring/compare"
)

//go:embed report.html
var pageText string

var pageTemplate = template.Must(template.New("report").Parse(pageText))

// page is what the template fills in.
type page struct {
	words
	Options
	compare.Comparison
	Lang    string
	Name    string
	Facts   []string
	Menus   []string
	State   string
	Reasons []string
	Notes   []string
	Orders  []string
	Gaps    []string
	Remarks []string
	Causes  []string
	Shares  []string
	Tables  []pageTable
	Charts  []chart
	Tests   [][]string
	Queues  []pageTable
}

// pageTable is a grid under a title.
type pageTable struct {
	Title string
	Heads []string
	Rows  []pageRow
}

type pageRow struct {
	Name  string
	Cells []cell
}

// HTML writes a comparison as one page that holds everything it shows: no
// script, and nothing is fetched from elsewhere.
func HTML(w io.Writer, c compare.Comparison, p i18n.Printer, o Options) error {
	say := words{p}
	g := page{words: say, Options: o, Comparison: c, Lang: p.Language(), Name: c.Question,
		Facts: say.facts(c, o.Queue), State: say.state(c.Verdict) + say.choose(c), Reasons: say.reasons(c), Remarks: say.remarks(c.Warnings)}
	if c.Experiment != nil {
		g.Name = c.Experiment.Name
	}
	switch c.Verdict.State {
	case compare.Nothing:
	case compare.SplitBroken:
		g.Menus = append(say.menus(c), say.differing(c)...)
		g.Shares, g.Causes = say.shares(c), say.causes(c)
	default:
		g.Menus = append(say.menus(c), say.differing(c)...)
		g.fill(c)
	}
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, g); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

// fill adds the figures.
func (g *page) fill(c compare.Comparison) {
	g.Tables = append(g.Tables, onPage(g.T("report.figures"), g.measured(c.Arms))...)
	if c.Experiment != nil && len(c.Pairs) > 0 {
		contrasts := g.contrasts(c)
		title := contrasts.head
		contrasts.head = ""
		g.Tables = append(g.Tables, onPage(title, contrasts)...)
		g.Notes, g.Orders, g.Gaps = g.notes(c), g.orders(c), g.gaps(c)
		g.Tests = g.tests(c)
	}
	g.Charts = g.charts(c)
	for _, q := range c.Queues {
		if len(c.Queues) > 1 || g.ByQueue {
			g.Queues = append(g.Queues, onPage(g.T("report.queue", q.Queue), g.queue(q, c.Experiment != nil))...)
		}
	}
}

// onPage turns a grid so that it fits: many layouts stand below each other,
// with few figures at a time.
func onPage(title string, g grid) []pageTable {
	if len(g.layouts) <= mostColumns {
		t := pageTable{Title: title, Heads: append([]string{g.head}, g.layouts...)}
		for _, r := range g.rows {
			t.Rows = append(t.Rows, pageRow{r.name, r.cells})
		}
		return []pageTable{t}
	}
	var all []pageTable
	for rows := range slices.Chunk(g.rows, mostFigures) {
		t := pageTable{Title: title, Heads: []string{g.head}}
		for _, r := range rows {
			t.Heads = append(t.Heads, r.name)
		}
		for i, name := range g.layouts {
			row := pageRow{Name: name}
			for _, r := range rows {
				row.Cells = append(row.Cells, r.cells[i])
			}
			t.Rows = append(t.Rows, row)
		}
		all, title = append(all, t), ""
	}
	return all
}

// tests lists what decides nothing: for statisticians.
func (g *page) tests(c compare.Comparison) [][]string {
	o := c.Overall
	rows := [][]string{
		g.test("report.test_outcomes", o.Outcomes), g.test("report.test_answered", o.Answered),
		g.test("report.test_ratings", o.Ratings), g.test("report.test_means", o.Means), g.test("report.test_dose", o.Dose),
		{g.T("report.test_split"), "", small(c.Split.Assigned.Final)},
		{g.T("report.test_split_safe"), "", small(min(c.Split.Assigned.P, c.Split.Started.P))},
	}
	for _, p := range c.Pairs {
		for _, m := range g.contrastsOf(p)[:2] {
			if m.Difference.Known() {
				rows = append(rows, []string{g.T("report.test_decides", m.name, p.Layout, p.Reference), "", small(m.Adjusted)})
			}
		}
		queues := g.test("report.test_queues", p.ByQueue)
		queues[0] = g.T("report.test_queues", p.Layout, p.Reference)
		rows = append(rows, queues,
			[]string{g.T("report.agents", p.Layout, p.Reference), g.estimate(p.WithinAgents, 100, 1), ""})
		if p.Comparable {
			rows = append(rows,
				[]string{g.T("report.win", p.Layout, p.Reference), g.estimate(p.Win, 100, 0), ""},
				[]string{g.T("report.odds", p.Layout, p.Reference), g.estimate(p.OddsRatio, 1, 2), ""},
				[]string{g.T("report.lee", p.Layout, p.Reference), g.lee(p.Lee), ""})
		}
	}
	return rows
}

func (w words) test(key string, t compare.Test) []string {
	switch t.Status {
	case compare.OK:
	case compare.TooFew: // too few queues or gaps, and more calls make them no more
		return []string{w.T(key), w.T("report.not_tested"), ""}
	default:
		return []string{w.T(key), w.status(t.Status), ""}
	}
	return []string{w.T(key), fmt.Sprintf("χ² %.2f (%.0f)", t.Statistic, t.DF), small(t.P)}
}

// small says a p as precisely as it matters.
func small(p float64) string {
	if p < 0.0001 {
		return "< 0.0001"
	}
	return round(p, 4)
}

func (w words) estimate(e compare.Estimate, times float64, decimals int) string {
	switch {
	case !e.Known():
		return w.status(e.Status)
	case e.Status == compare.Degenerate:
		return round(times*e.Value, decimals)
	}
	return w.T("report.with", round(times*e.Value, decimals), round(times*e.Lo, decimals), round(times*e.Hi, decimals))
}

func (w words) lee(b compare.Bounds) string {
	if b.Status != compare.OK {
		return w.status(b.Status)
	}
	return w.T("report.with", w.T("report.range", points(b.Lo), points(b.Hi)), points(b.CI.Lo), points(b.CI.Hi))
}
