package report

import (
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
	cells []string
}

// measured is what each layout measured.
func (w words) measured(arms []compare.ArmFigures) grid {
	g := w.counted(arms)
	ratings := gridRow{name: w.T("report.ratings")}
	bounds := gridRow{name: w.T("report.true_satisfied")}
	for _, a := range arms {
		ratings.cells = append(ratings.cells, count(a.Rated))
		bounds.cells = append(bounds.cells, w.bounds(a.TrueSatisfied))
	}
	g.rows = append(g.rows[:4:4], append([]gridRow{ratings}, append(g.rows[4:], bounds)...)...)
	return g
}

// counted is what each layout measured, without what it takes to know more.
func (w words) counted(arms []compare.ArmFigures) grid {
	g := grid{rows: []gridRow{
		{name: w.T("report.offered")}, {name: w.T("report.answered")}, {name: w.T("report.dissatisfied")},
		{name: w.T("report.hung_up_after_one")}, {name: w.T("report.satisfied")},
	}}
	for _, a := range arms {
		g.layouts = append(g.layouts, a.Name)
		for i, cell := range []string{
			count(a.Offered), w.figure(a.Answered), w.figure(a.Dissatisfied), w.figure(a.HungUpAfterFirst), w.figure(a.Satisfied),
		} {
			g.rows[i].cells = append(g.rows[i].cells, cell)
		}
	}
	return g
}

// contrasts is every layout against the reference.
func (t *text) contrasts(c compare.Comparison) grid {
	g := grid{head: t.T("report.against", c.Pairs[0].Reference), rows: []gridRow{
		{name: t.T("report.answered")}, {name: t.T("report.dissatisfied")},
		{name: t.T("report.hung_up_after_one")}, {name: t.T("report.satisfied")},
	}}
	for _, p := range c.Pairs {
		g.layouts = append(g.layouts, p.Layout)
		answered, dissatisfied := t.difference(p.Answered, p.Answered.Safe), t.difference(p.Dissatisfied, p.Dissatisfied.Safe)
		if p.Answered.Called {
			answered = t.paint(answered, ink(p.Answered.Value))
		}
		if p.Dissatisfied.Called {
			dissatisfied = t.paint(dissatisfied, "33")
		}
		for i, cell := range []string{
			answered, dissatisfied, t.difference(p.HungUpAfterFirst, oneLook(p.HungUpAfterFirst)), t.satisfied(p),
		} {
			g.rows[i].cells = append(g.rows[i].cells, cell)
		}
	}
	return g
}

// table writes a grid: a column for each layout or, if they are too many, a
// row for each and few figures at a time.
func (t *text) table(g grid) error {
	if len(g.layouts) <= mostColumns {
		table := i18n.NewTable(append([]string{g.head}, g.layouts...)...)
		for _, r := range g.rows {
			table.Row(append([]string{r.name}, r.cells...)...)
		}
		return table.Print(&t.out)
	}
	for from := 0; from < len(g.rows); from += mostFigures {
		rows := g.rows[from:min(from+mostFigures, len(g.rows))]
		if from > 0 {
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
				cells = append(cells, r.cells[i])
			}
			table.Row(cells...)
		}
		if err := table.Print(&t.out); err != nil {
			return err
		}
	}
	return nil
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
	g := w.counted(q.Arms)
	if !random || len(q.Pairs) == 0 {
		return g
	}
	against := gridRow{name: w.T("report.answered_against", q.Arms[0].Name), cells: make([]string, len(q.Arms))}
	for _, p := range q.Pairs {
		for i, a := range q.Arms {
			if a.Name == p.Layout {
				against.cells[i] = w.difference(p.Answered, p.Answered.Safe)
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
