package compare

import (
	"cmp"
	"maps"
	"slices"

	"aftercall/ivr/layout"
	"aftercall/scoring"
)

// overall runs the tests over all arms.
func (c *cube) overall() Overall {
	o := Overall{Outcomes: GeneralAssociation(c.tables(c.resultColumns())), Answered: c.answeredTest(), Dose: c.dose()}
	none := Test{P: 1, Status: NotComparable}
	o.Ratings, o.Means = none, none
	if c.oneQuantity() {
		columns, values := c.verdictColumns()
		tables := c.tables(columns)
		o.Ratings, o.Means = VanElteren(tables), MeanScores(tables, values)
	}
	return o
}

// oneQuantity reports whether the answers to all arms are.
func (c *cube) oneQuantity() bool {
	for i := range c.arms {
		if !sameQuantity(c.differences(0, i)) {
			return false
		}
	}
	return true
}

// column collects results.
type column func(result string) bool

func is(id string) column { return func(result string) bool { return result == id } }

func rated(result string) bool { return !isOutcome(result) }

// verdictColumns gives a column for each verdict, worst first, and its value.
func (c *cube) verdictColumns() (columns []column, values []float64) {
	for _, v := range verdictsOf(c.arms[0], nil) {
		columns, values = append(columns, is(v.ID)), append(values, float64(v.Value))
	}
	return columns, values
}

// resultColumns gives a column for each outcome; rated falls into the
// verdicts where they are one quantity.
func (c *cube) resultColumns() []column {
	columns := []column{rated}
	if c.oneQuantity() {
		columns, _ = c.verdictColumns()
	}
	for _, o := range scoring.Outcomes[1:] {
		columns = append(columns, is(string(o)))
	}
	return columns
}

// tables counts every queue and epoch by arm and column.
func (c *cube) tables(columns []column) [][][]int64 {
	var out [][][]int64
	for _, g := range c.groups {
		table := make([][]int64, len(c.arms))
		for arm, results := range g.results {
			table[arm] = make([]int64, len(columns))
			for result, n := range results {
				for i, holds := range columns {
					if holds(result) {
						table[arm][i] += n
					}
				}
			}
		}
		out = append(out, table)
	}
	return out
}

// answeredTest tests whether the share answered is the same in every arm.
func (c *cube) answeredTest() Test {
	if len(c.groups) == 1 {
		x, n := c.answeredCounts()
		return Homogeneity(x, n)
	}
	return GeneralAssociation(c.tables([]column{rated, isOutcome}))
}

func (c *cube) answeredCounts() (x, n []int64) {
	for _, w := range c.whole {
		x, n = append(x, w.rated), append(n, w.offered)
	}
	return x, n
}

// dose tests the trend of the share answered in the length of the gap, where
// at least three arms differ in nothing else. It pools the strata, so it is
// for one queue and epoch.
func (c *cube) dose() Test {
	seconds := map[int]float64{0: c.arms[0].Definition.Layout.Gap().D().Seconds()}
	different := map[float64]bool{seconds[0]: true}
	for i, a := range c.arms {
		if slices.Equal(c.differences(0, i), []layout.Difference{layout.ByGap}) {
			s := a.Definition.Layout.Gap().D().Seconds()
			seconds[i], different[s] = s, true
		}
	}
	if len(different) < 3 || len(c.groups) != 1 {
		return Test{P: 1, Status: TooFew}
	}
	var x, n []int64
	var scores []float64
	for _, i := range slices.SortedFunc(maps.Keys(seconds), func(i, j int) int { return cmp.Compare(seconds[i], seconds[j]) }) {
		x, n, scores = append(x, c.whole[i].rated), append(n, c.whole[i].offered), append(scores, seconds[i])
	}
	return Trend(x, n, scores)
}
