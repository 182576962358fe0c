package report

import (
	"slices"

	"aftercall/configs/i18n"
	"aftercall/scoring/compare"
)

// Bounds of a table that is read on one screen.
const (
	mostColumns = 4 // layouts side by side; more stand below each other
	mostFigures = 3 // figures side by side where layouts stand below each other
)

// grid is a table of figures by layout.
type grid struct {
	head    string // of the figures' names
	layouts []string
	rows    []gridRow
}

// gridRow is one figure for every layout.
type gridRow struct {
	name  string
	cells []cell
}

// cell is a figure, with the class of what is decided: less or more answers,
// or another decision; "" for all else.
type cell struct {
	Text string
	Ink  string
}

// inks are the ANSI colours of what is decided.
var inks = map[string]string{"less": "31", "more": "32", "other": "33"}

// answers is the class of a decided difference in answers.
func answers(x float64) string {
	if x < 0 {
		return "less"
	}
	return "more"
}

func plain(texts ...string) []cell {
	cells := make([]cell, len(texts))
	for i, t := range texts {
		cells[i].Text = t
	}
	return cells
}

// measured is what each layout measured.
func (w words) measured(arms []compare.ArmFigures) grid {
	g := grid{rows: []gridRow{
		{name: w.T("report.offered")}, {name: w.T("report.answered")}, {name: w.T("report.dissatisfied")},
		{name: w.T("report.hung_up_after_one")}, {name: w.T("report.ratings")}, {name: w.T("report.satisfied")},
		{name: w.T("report.true_with_chance")},
	}}
	for _, a := range arms {
		g.column(a.Name, plain(count(a.Offered), w.figure(a.Answered), w.figure(a.Dissatisfied), w.figure(a.HungUpAfterFirst),
			count(a.Rated), w.figure(a.Satisfied), w.bounds(a.TrueSatisfied)))
	}
	return g
}

// column adds a layout with a cell for each row.
func (g *grid) column(layout string, cells []cell) {
	g.layouts = append(g.layouts, layout)
	for i, c := range cells {
		g.rows[i].cells = append(g.rows[i].cells, c)
	}
}

// contrasts is every layout against the reference.
func (w words) contrasts(c compare.Comparison) grid {
	g := grid{head: w.T("report.against", c.Pairs[0].Reference), rows: []gridRow{
		{name: w.T("report.answered")}, {name: w.T("report.dissatisfied")},
		{name: w.T("report.hung_up_after_one")}, {name: w.T("report.satisfied")},
	}}
	for _, p := range c.Pairs {
		cells := plain(w.difference(p.Answered, p.Answered.Safe), w.difference(p.Dissatisfied, p.Dissatisfied.Safe),
			w.difference(p.HungUpAfterFirst, oneLook(p.HungUpAfterFirst)), w.satisfied(p))
		if p.Answered.Called {
			cells[0].Ink = answers(p.Answered.Difference.Value)
		}
		if p.Dissatisfied.Called {
			cells[1].Ink = "other"
		}
		g.column(p.Layout, cells)
	}
	return g
}

// table writes a grid: a column for each layout or, if they are too many, a
// row for each and few figures at a time.
func (t *text) table(g grid) error {
	if len(g.layouts) <= mostColumns {
		table := i18n.NewTable(append([]string{g.head}, g.layouts...)...)
		for _, r := range g.rows {
			table.Row(append([]string{r.name}, t.painted(r.cells)...)...)
		}
		return table.Print(&t.out)
	}
	for rows := range slices.Chunk(g.rows, mostFigures) {
		if &rows[0] != &g.rows[0] {
			t.line("")
		}
		heads := []string{g.head}
		for _, r := range rows {
			heads = append(heads, r.name)
		}
		table := i18n.NewTable(heads...)
		for i, name := range g.layouts {
			cells := []string{name}
			for _, r := range rows {
				cells = append(cells, t.painted(r.cells[i:i+1])...)
			}
			table.Row(cells...)
		}
		if err := table.Print(&t.out); err != nil {
			return err
		}
	}
	return nil
}

func (t *text) painted(cells []cell) []string {
	texts := make([]string, len(cells))
	for i, c := range cells {
		texts[i] = t.paint(c.Text, c.Ink)
	}
	return texts
}

// queues writes what each queue measured by itself.
func (t *text) queues(c compare.Comparison) error {
	t.line("")
	t.say("report.queue_note")
	for _, q := range c.Queues {
		t.line("")
		t.say("report.queue", q.Queue)
		if err := t.table(t.queue(q, c.Experiment != nil)); err != nil {
			return err
		}
	}
	return nil
}

// queue is what the layouts measured in one queue; differences only between
// calls that were split at random.
func (w words) queue(q compare.QueueFigures, random bool) grid {
	g := w.measured(q.Arms)
	if !random || len(q.Pairs) == 0 {
		return g
	}
	against := gridRow{name: w.T("report.answered_against", q.Arms[0].Name), cells: make([]cell, len(q.Arms))}
	for _, p := range q.Pairs {
		for i, a := range q.Arms {
			if a.Name == p.Layout {
				against.cells[i].Text = w.difference(p.Answered, p.Answered.Safe)
			}
		}
	}
	g.rows = append(g.rows, against)
	return g
}

// brokenSplit writes how many calls each layout got and should have got, and
// what may be the cause. Nothing else can be trusted.
func (t *text) brokenSplit(c compare.Comparison) {
	t.line("")
	for _, l := range t.shares(c) {
		t.line(l)
	}
	t.under(t.T("report.causes"), t.causes(c))
}
