package main

import (
	"fmt"
	"io"
	"slices"

	"aftercall/configs/i18n"
	"aftercall/scoring"
)

// summary prints what the store holds, by layout and by agent: plain counts
// with what they are counts of. Percentages wait until there are enough.
func summary(out io.Writer, counts []scoring.Count, p i18n.Printer) {
	fmt.Fprintf(out, "\n%s\n", p.T("demo.title"))
	table(out, p, "demo.by_layout", "column.layout", counts, func(c scoring.Count) string { return c.Layout })
	table(out, p, "demo.by_agent", "column.agent", counts, func(c scoring.Count) string { return c.Agent })
}

// results is the order of the columns: verdicts best first, then outcomes.
func results(counts []scoring.Count) []string {
	order := []string{"very_satisfied", "satisfied", "fair", "dissatisfied"}
	for _, o := range scoring.Outcomes {
		order = append(order, string(o))
	}
	var used []string
	for _, r := range order {
		if slices.ContainsFunc(counts, func(c scoring.Count) bool { return c.Result == r }) {
			used = append(used, r)
		}
	}
	return used
}

func table(out io.Writer, p i18n.Printer, title, head string, counts []scoring.Count, by func(scoring.Count) string) {
	columns := results(counts)
	cells, asked, rated := map[[2]string]int64{}, map[string]int64{}, map[string]int64{}
	var keys []string
	for _, c := range counts {
		k := by(c)
		if !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
		cells[[2]string{k, c.Result}] += c.N
		asked[k] += c.N
		if !slices.Contains(scoring.Outcomes, scoring.Outcome(c.Result)) {
			rated[k] += c.N
		}
	}
	slices.Sort(keys)
	fmt.Fprintf(out, "\n%s\n", p.T(title))
	heads := []string{p.T(head), p.T("column.offered"), p.T("column.rated")}
	for _, r := range columns {
		heads = append(heads, name(p, r))
	}
	t := i18n.NewTable(heads...)
	for _, k := range keys {
		row := []string{k, fmt.Sprint(asked[k]), fmt.Sprint(rated[k])}
		for _, r := range columns {
			row = append(row, fmt.Sprint(cells[[2]string{k, r}]))
		}
		t.Row(row...)
	}
	_ = t.Print(out) // nobody reads a summary that cannot be written
}

// name of a result: outcomes are in the catalogue, verdicts in the layouts.
func name(p i18n.Printer, result string) string {
	if slices.Contains(scoring.Outcomes, scoring.Outcome(result)) {
		return p.T("outcome." + result)
	}
	return result
}
