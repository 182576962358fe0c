package compare

import (
	"math"
	"slices"
)

// MeanScore is the mean of the scores that were given, counts[k] times
// scores[k], with an adjusted Wald interval that is never of no width: three
// ratings are added for it, 0.75 on the lowest score, 0.75 on the highest and
// 1.5 halfway. For the scores -1, 0, 1 this is the rule of Rocks (2016) for
// the net promoter score. Value and interval lie between the lowest and the
// highest score; of one or two ratings the interval may leave out their mean. Nothing counted is NoData with that whole range; one score
// only is Degenerate; counts and scores that do not fit together are
// NotComparable.
func MeanScore(counts []int64, scores []float64, conf float64) Estimate {
	if len(scores) == 0 || len(counts) != len(scores) || !finite(scores...) {
		return Estimate{Status: NotComparable}
	}
	lowest, highest := slices.Min(scores), slices.Max(scores)
	row, n := weigh(counts)
	if n == 0 {
		return Estimate{Lo: lowest, Hi: highest, Status: NoData}
	}
	if lowest == highest {
		return Estimate{Value: lowest, Lo: lowest, Hi: lowest, N: n, Status: Degenerate}
	}
	total := float64(n)
	mean, middle := 0., lowest/2+highest/2
	for k, c := range row {
		mean += c / total * scores[k]
	}
	adjusted := (mean*total + 3*middle) / (total + 3)
	square := func(s float64) float64 { return (s - adjusted) * (s - adjusted) }
	spread := 0.75*(square(lowest)+square(highest)) + 1.5*square(middle)
	for k, c := range row {
		spread += c * square(scores[k])
	}
	se := math.Sqrt(spread) / (total + 3)
	mean = min(max(mean, lowest), highest) // what rounding left outside
	e := around(adjusted, se, normal(conf), n, lowest, highest)
	if e.Status == NotConverged {
		return Estimate{N: n, Status: NotComparable}
	}
	e.Value = mean
	return e
}

// Net is the share of positive minus the share of negative, from -1 to 1: the
// net promoter rule. Statuses and source are those of MeanScore.
func Net(positive, neutral, negative int64, conf float64) Estimate {
	return MeanScore([]int64{negative, neutral, positive}, []float64{-1, 0, 1}, conf)
}

// weigh gives counts as numbers to reckon with, and their sum. What is under 0
// was not counted.
func weigh(counts []int64) (row []float64, sum int64) {
	row = make([]float64, len(counts))
	for k, c := range counts {
		c = max(0, c)
		row[k] = float64(c)
		sum += c
	}
	return row, sum
}
