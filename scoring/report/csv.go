package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"

	"aftercall/scoring/compare"
)

// JSON writes a comparison whole, for other programs, and whether its calls
// are invented.
func JSON(w io.Writer, c compare.Comparison, o Options) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Invented bool `json:"invented"`
		compare.Comparison
	}{o.Invented, c})
}

// csvHeads are the columns of CSV. Shares and differences are fractions; an
// empty queue means all of them.
var csvHeads = []string{"layout", "queue", "metric", "value", "lo", "hi", "n", "status"}

// valueColumn is where a value stands among them.
const valueColumn = 3

// CSV writes a line for each layout, queue and metric, for spreadsheets and
// other programs: in one language, its numbers with six digits. Where the
// calls are invented, the first line counts them as such.
func CSV(w io.Writer, c compare.Comparison, o Options) error {
	rows := [][]string{csvHeads}
	if o.Invented {
		rows = append(rows, countRow("", "", "invented", c.Offered, c.Offered))
	}
	for _, a := range c.Arms {
		rows = append(rows, armRows(a, "")...)
	}
	compared := c.Experiment != nil && !c.Split.Failed
	for _, p := range c.Pairs {
		if compared {
			rows = append(rows, pairRows(p)...)
		}
	}
	for _, q := range c.Queues {
		for _, a := range q.Arms {
			rows = append(rows, armRows(a, q.Queue)...)
		}
		for _, p := range q.Pairs {
			rows = append(rows, contrastRow(p.Layout, q.Queue, "answered_difference", p.Answered))
		}
	}
	for _, r := range rows {
		for i := range r[:valueColumn] {
			r[i] = harmless(r[i])
		}
	}
	return writeCSV(w, rows)
}

// writeCSV writes everything in one go: the writer of encoding/csv breaks what
// is long anywhere, also inside of a character, which is no text to a screen.
func writeCSV(w io.Writer, rows [][]string) error {
	var whole bytes.Buffer
	if err := csv.NewWriter(&whole).WriteAll(rows); err != nil {
		return err
	}
	_, err := w.Write(whole.Bytes())
	return err
}

// harmless keeps a text from being taken for a formula by a spreadsheet.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

func armRows(a compare.ArmFigures, queue string) [][]string {
	rows := [][]string{countRow(a.Name, queue, "offered", a.Offered, a.Offered)}
	for _, m := range []struct {
		name string
		e    compare.Estimate
	}{
		{"answered", a.Answered}, {"satisfied", a.Satisfied}, {"mean", a.Mean}, {"net", a.Net},
		{"satisfied_offered", a.SatisfiedOffered}, {"dissatisfied", a.Dissatisfied}, {"hung_up_after_one", a.HungUpAfterFirst},
	} {
		if m.e.Status != "" { // a queue has no mean
			rows = append(rows, estimateRow(a.Name, queue, m.name, m.e))
		}
	}
	b := a.TrueSatisfied
	rows = append(rows,
		rangeRow(a.Name, queue, "true_satisfied", compare.Interval{Lo: b.Lo, Hi: b.Hi}, a.Offered, b.Status),
		rangeRow(a.Name, queue, "true_satisfied_interval", b.CI, a.Offered, b.Status))
	for _, o := range a.Outcomes {
		rows = append(rows, countRow(a.Name, queue, "outcome_"+o.Name, o.N, a.Offered))
	}
	for _, v := range a.Verdicts {
		rows = append(rows, countRow(a.Name, queue, "verdict_"+v.ID, v.N, a.Rated))
	}
	return rows
}

// pairRows are the differences to the reference, with the interval that is
// safe at any look for the two that decide.
func pairRows(p compare.Pair) [][]string {
	rows := [][]string{
		contrastRow(p.Layout, "", "answered_difference", p.Answered),
		contrastRow(p.Layout, "", "dissatisfied_difference", p.Dissatisfied),
		estimateRow(p.Layout, "", "satisfied_offered_difference", p.SatisfiedOffered.Difference),
		estimateRow(p.Layout, "", "hung_up_after_one_difference", p.HungUpAfterFirst.Difference),
	}
	if p.Comparable {
		b, n := p.Lee, p.Satisfied.Difference.N
		rows = append(rows,
			rangeRow(p.Layout, "", "satisfied_difference_same_callers", compare.Interval{Lo: b.Lo, Hi: b.Hi}, n, b.Status),
			rangeRow(p.Layout, "", "satisfied_difference_same_callers_interval", b.CI, n, b.Status))
		if !p.NotShown {
			rows = append(rows, estimateRow(p.Layout, "", "satisfied_difference", p.Satisfied.Difference))
		}
	}
	return rows
}

func contrastRow(layout, queue, metric string, c compare.Contrast) []string {
	e := c.Difference
	e.Lo, e.Hi = c.Safe.Lo, c.Safe.Hi
	return estimateRow(layout, queue, metric, e)
}

func estimateRow(layout, queue, metric string, e compare.Estimate) []string {
	cells := estimateCells(e)
	return []string{layout, queue, metric, cells[0], cells[1], cells[2], strconv.FormatInt(e.N, 10), string(e.Status)}
}

// estimateCells are a value and the ends of its interval, empty where there is
// none.
func estimateCells(e compare.Estimate) []string {
	cells := make([]string, 3)
	if e.Known() {
		cells[0] = number(e.Value)
	}
	if e.Status == compare.OK {
		cells[1], cells[2] = number(e.Lo), number(e.Hi)
	}
	return cells
}

// rangeRow is a metric that has two ends and no value.
func rangeRow(layout, queue, metric string, i compare.Interval, n int64, status compare.Status) []string {
	row := estimateRow(layout, queue, metric, compare.Estimate{Lo: i.Lo, Hi: i.Hi, N: n, Status: status})
	row[valueColumn] = ""
	return row
}

func countRow(layout, queue, metric string, x, n int64) []string {
	return []string{layout, queue, metric, strconv.FormatInt(x, 10), "", "", strconv.FormatInt(n, 10), string(compare.OK)}
}

func number(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }
