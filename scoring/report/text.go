// Package report says what a comparison of layouts found: as one screen of
// text, as CSV and JSON for other programs, and as one HTML file with plots.
// Every figure stands with its interval and what it rests on; nothing is
// coloured or called that the comparison does not call.
//
// The way in: [Text], [CSV], [JSON] and [HTML], each with a
// [compare.Comparison].
package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"aftercall/configs/i18n"
	"aftercall/scoring/compare"
)

// Options says how a report is to look.
type Options struct {
	Colour   bool   // ANSI colours, for what is decided and nothing else
	ByQueue  bool   // a table for each queue
	Invented bool   // the calls are not real: say so
	Queue    string // of several, the one that alone was compared; "" for all
}

// text is a report under way.
type text struct {
	words
	Options
	out bytes.Buffer
}

// Text writes a comparison as one screen.
func Text(w io.Writer, c compare.Comparison, p i18n.Printer, o Options) error {
	t := &text{words: words{p}, Options: o}
	t.head(c)
	switch {
	case c.Verdict.State == compare.Nothing:
	case c.Verdict.State == compare.SplitBroken:
		t.brokenSplit(c)
	default:
		if err := t.figures(c); err != nil {
			return err
		}
	}
	t.verdict(c)
	if o.ByQueue && c.Verdict.State != compare.SplitBroken {
		if err := t.queues(c); err != nil {
			return err
		}
	}
	_, err := w.Write(t.out.Bytes())
	return err
}

func (t *text) line(s string) { fmt.Fprintln(&t.out, s) }

func (t *text) say(key string, args ...any) { t.line(t.T(key, args...)) }

// under writes lines behind a head, the head once.
func (t *text) under(head string, lines []string) {
	if len(lines) == 0 {
		return
	}
	t.line(head)
	for _, l := range lines {
		t.line("  " + l)
	}
}

func (t *text) head(c compare.Comparison) {
	if t.Invented {
		t.say("report.invented")
	}
	if c.Experiment == nil {
		t.say("report.not_randomised")
	}
	for i, l := range t.facts(c, t.Queue) {
		if i == 0 {
			l = t.T("report.title") + "  " + l
		}
		t.line(l)
	}
	if c.Verdict.State != compare.Nothing {
		for _, l := range append(t.menus(c), t.differing(c)...) {
			t.line("  " + l)
		}
	}
}

// facts says what was compared, when, and whether calls were split as planned.
func (w words) facts(c compare.Comparison, queue string) []string {
	what := w.T("report.question", c.Question)
	if c.Experiment != nil {
		what = w.T("report.experiment", c.Experiment.Name, c.Question)
	}
	lines := []string{what}
	if c.From != "" {
		period := w.T("report.period", c.From, c.To, count(int64(c.Days)), count(c.Offered))
		if c.Experiment != nil {
			period += w.T("report.planned", count(c.Experiment.Size))
		}
		lines = append(lines, period)
	}
	if queue != "" {
		lines = append(lines, w.T("report.only_queue", queue))
	}
	if c.Experiment != nil && c.Verdict.State != compare.Nothing {
		lines = append(lines, w.split(c.Split))
	}
	return lines
}

func (w words) split(s compare.SplitCheck) string {
	switch {
	case s.Failed:
		return w.T("report.split_failed")
	case s.Status == compare.OK:
		return w.T("report.split_ok")
	}
	return w.T("report.split_none")
}

// menus says what each layout reads.
func (w words) menus(c compare.Comparison) []string {
	var lines []string
	for _, a := range c.Arms {
		read := slices.Clone(a.Verdicts)
		slices.SortFunc(read, func(x, y compare.Verdicts) int { return x.Position - y.Position })
		var options []string
		for _, v := range read {
			options = append(options, w.T("report.option", v.Key, w.label(v)))
		}
		if g := a.Definition.Layout.Gap().D(); g > 0 {
			options = append(options, w.T("report.gap", round(g.Seconds(), 1)))
		}
		lines = append(lines, w.T("report.reads", a.Name, w.list(options)))
	}
	return lines
}

func (w words) differing(c compare.Comparison) []string {
	var lines []string
	for _, p := range c.Pairs {
		lines = append(lines, w.T("report.differ", p.Layout, p.Reference, w.differ(p.Differences)))
	}
	return lines
}

// figures writes the tables and what is to be read beside them.
func (t *text) figures(c compare.Comparison) error {
	t.line("")
	if err := t.table(t.measured(c.Arms)); err != nil {
		return err
	}
	if c.Experiment == nil {
		return nil
	}
	if len(c.Pairs) > 0 {
		t.line("")
		if err := t.table(t.contrasts(c)); err != nil {
			return err
		}
	}
	t.line("")
	for _, l := range t.notes(c) {
		t.line(l)
	}
	t.under(t.T("report.order"), t.orders(c))
	t.under(t.T("report.gap_head"), t.gaps(c))
	return nil
}

// verdict writes what it comes to, why, and what to mind.
func (t *text) verdict(c compare.Comparison) {
	t.line("")
	said := t.state(c.Verdict)
	if c.Verdict.State == compare.Worse {
		said = t.paint(said, "less")
	}
	t.line(t.T("report.verdict") + "  " + said + t.choose(c))
	for _, r := range t.reasons(c) {
		t.line("  " + r)
	}
	t.under(t.T("report.warnings"), t.remarks(c.Warnings))
}

// reasons says why the verdict is what it is, before that that figures are not
// one scale, where this is shown.
func (w words) reasons(c compare.Comparison) (lines []string) {
	v := c.Verdict
	if len(v.Fewer) > 0 || slices.ContainsFunc(c.Order, func(o compare.Order) bool { return o.Shown }) {
		lines = append(lines, w.T("state.apart"))
	}
	lines = append(lines, w.remarks(v.Reasons)...)
	if v.Smallest > 0 {
		lines = append(lines, w.T("report.smallest", percent(v.Smallest)))
	}
	return lines
}

func (w words) remarks(all []compare.Remark) []string {
	var lines []string
	for _, r := range all {
		lines = append(lines, w.remark(r))
	}
	return lines
}

// paint colours what is decided, if colours are wanted.
func (t *text) paint(s, ink string) string {
	if !t.Colour || ink == "" {
		return s
	}
	return "\x1b[" + inks[ink] + "m" + s + "\x1b[0m"
}
