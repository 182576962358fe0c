package bench

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"text/tabwriter"
)

// Series is one figure as the rounds gave it.
type Series struct {
	Name            string
	Unit            string // ms, ns/event, surveys/s; "" for a ratio
	Values          []float64
	AtMost, AtLeast float64 // what the median should reach; 0 = not said
}

// Add appends the value of one round.
func (s *Series) Add(v float64) { s.Values = append(s.Values, v) }

// Median of the rounds; of an even number of them the mean of the middle two.
// NaN if there is none.
func (s Series) Median() float64 {
	n := len(s.Values)
	if n == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(s.Values))
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// Reached tells whether the median is where it should be; true if nothing was
// said.
func (s Series) Reached() bool {
	m := s.Median()
	return (s.AtMost == 0 || m <= s.AtMost) && (s.AtLeast == 0 || m >= s.AtLeast)
}

// Ratio divides two figures round by round: what slows a machine for a round
// slows both. It has no value unless both have one of every round.
func Ratio(name string, of, to Series) Series {
	r := Series{Name: name}
	if len(of.Values) != len(to.Values) { // of other rounds
		return r
	}
	for i := range of.Values {
		r.Add(of.Values[i] / to.Values[i])
	}
	return r
}

// aim says what should be reached, and whether it is.
func (s Series) aim() string {
	word := "reached"
	if !s.Reached() {
		word = "NOT REACHED"
	}
	switch {
	case s.AtMost != 0:
		return fmt.Sprintf("at most %s: %s", number(s.AtMost), word)
	case s.AtLeast != 0:
		return fmt.Sprintf("at least %s: %s", number(s.AtLeast), word)
	}
	return ""
}

// number prints a value with three figures at least, few that mean nothing.
func number(v float64) string {
	if math.IsNaN(v) {
		return "-"
	}
	if a := math.Abs(v); a >= 1000 {
		return strconv.FormatFloat(math.Round(v), 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// Print writes figures as one table, with a line above that says what they are
// of.
func (s *Suite) Print(title string, figures ...Series) error {
	fmt.Fprintf(s.Out, "\n%s\n", title)
	t := tabwriter.NewWriter(s.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  figure\tmedian\tlowest\thighest\tn\tunit\tto reach")
	for _, f := range figures {
		lowest, highest := math.NaN(), math.NaN()
		if len(f.Values) > 0 {
			lowest, highest = slices.Min(f.Values), slices.Max(f.Values)
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%d\t%s\t%s\n", f.Name, number(f.Median()), number(lowest), number(highest), len(f.Values), f.Unit, f.aim())
	}
	return t.Flush()
}
