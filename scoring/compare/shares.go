package compare

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// normal is the z between which and -z a normal variable falls with
// probability conf. A conf outside (0, 1) counts as Confidence.
func normal(conf float64) float64 {
	if !(conf > 0 && conf < 1) {
		conf = Confidence
	}
	return math.Sqrt2 * math.Erfcinv(1-conf)
}

// quantile is that of the standard normal distribution.
func quantile(p float64) float64 { return -math.Sqrt2 * math.Erfcinv(2*p) }

// tails is the two-sided p of a normal variable. Far out it is 0, never NaN.
func tails(z float64) float64 { return math.Erfc(math.Abs(z) / math.Sqrt2) }

// chiSquare is the test of a statistic that is chi-squared without an effect.
func chiSquare(statistic, df float64) Test {
	if !finite(statistic) || df < 1 {
		return Test{Status: NotConverged}
	}
	statistic = max(0, statistic)
	if df == 1 {
		return Test{Statistic: statistic, DF: df, P: tails(math.Sqrt(statistic)), Status: OK}
	}
	return Test{Statistic: statistic, DF: df, P: distuv.ChiSquared{K: df}.Survival(statistic), Status: OK}
}

// flat is a test that nothing could have moved, because what it looks at does
// not vary.
func flat(df float64) Test { return Test{DF: df, P: 1, Status: Degenerate} }

func finite(figures ...float64) bool {
	for _, x := range figures {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return false
		}
	}
	return true
}

// around is an estimate with a symmetric normal interval, cut off at the ends
// of what the figure can be. A standard error of 0 makes it Degenerate.
func around(value, se, z float64, n int64, least, most float64) Estimate {
	if !finite(value, se) {
		return Estimate{N: n, Status: NotConverged}
	}
	if se <= 0 {
		return Estimate{Value: value, Lo: value, Hi: value, N: n, Status: Degenerate}
	}
	return Estimate{Value: value, Lo: max(least, value-z*se), Hi: min(most, value+z*se), N: n, Status: OK}
}

// Wilson is the share x of n, from 0 to 1, with the score interval of Wilson
// (1927). Nothing counted, or an x that is no part of n, is NoData with the
// interval [0, 1].
func Wilson(x, n int64, conf float64) Estimate {
	if n <= 0 || x < 0 || x > n {
		return Estimate{Lo: 0, Hi: 1, Status: NoData}
	}
	z, f := normal(conf), float64(n)
	p, zz := float64(x)/f, z*z/f
	centre := (p + zz/2) / (1 + zz)
	half := math.Sqrt(zz*(p*(1-p)+zz/4)) / (1 + zz)
	e := Estimate{Value: p, Lo: max(0, centre-half), Hi: min(1, centre+half), N: n, Status: OK}
	if x == 0 {
		e.Lo = 0
	}
	if x == n {
		e.Hi = 1
	}
	return e
}

// Newcombe is the difference x1/n1 - x2/n2, from -1 to 1, with the interval of
// Newcombe (1998), method 10. N is both sides together. A side of which
// nothing was counted is NoData with the interval [-1, 1].
func Newcombe(x1, n1, x2, n2 int64, conf float64) Estimate {
	a, b := Wilson(x1, n1, conf), Wilson(x2, n2, conf)
	if a.Status != OK || b.Status != OK {
		return Estimate{Lo: -1, Hi: 1, N: a.N + b.N, Status: NoData}
	}
	d := a.Value - b.Value
	return Estimate{
		Value:  d,
		Lo:     max(-1, d-math.Hypot(a.Value-a.Lo, b.Hi-b.Value)),
		Hi:     min(1, d+math.Hypot(a.Hi-a.Value, b.Value-b.Lo)),
		N:      n1 + n2,
		Status: OK,
	}
}

// Homogeneity tests whether the shares x[i] of n[i] are the same, by Pearson's
// chi-square (1900) without correction. Places where nothing was counted are
// left out. NoData: nothing was counted; NoOverlap: in one place only;
// Degenerate (P 1): the share is 0 or 1 everywhere; NotComparable: lists of
// unequal length, or an x that is no part of its n.
func Homogeneity(x, n []int64) Test {
	with, of, status := pool(x, n)
	if status != OK {
		return Test{Status: status}
	}
	p, chi, df := with/of, 0., -1.
	for i := range x {
		if n[i] > 0 {
			d := float64(x[i]) - float64(n[i])*p
			chi, df = chi+d*d/(float64(n[i])*p*(1-p)), df+1
		}
	}
	switch {
	case df == 0:
		return Test{Status: NoOverlap}
	case with == 0 || with == of:
		return flat(df)
	}
	return chiSquare(chi, df)
}

// Trend tests whether the shares x[i] of n[i] rise or fall with a score, such
// as the seconds of a gap: Cochran (1954) and Armitage (1955), as R's
// prop.trend.test. Statuses are those of Homogeneity; Degenerate too if every
// score is the same.
func Trend(x, n []int64, scores []float64) Test {
	with, of, status := pool(x, n)
	switch {
	case len(scores) != len(x) || !finite(scores...):
		return Test{Status: NotComparable}
	case status != OK:
		return Test{Status: status}
	}
	places, mean, p := 0, 0., with/of
	for i, s := range scores {
		if n[i] > 0 {
			places++
			mean += float64(n[i]) / of * s
		}
	}
	gain, v := 0., 0.
	for i, s := range scores {
		if d := s - mean; math.Abs(d) > 1e-14*math.Abs(s) { // else nothing but rounding
			gain += d * (float64(x[i]) - float64(n[i])*p)
			v += d * d * float64(n[i])
		}
	}
	switch {
	case places < 2:
		return Test{Status: NoOverlap}
	case v == 0 || with == 0 || with == of:
		return flat(1)
	}
	z := gain / math.Sqrt(v) / math.Sqrt(p*(1-p))
	return chiSquare(z*z, 1)
}

// pool adds up shares.
func pool(x, n []int64) (with, of float64, s Status) {
	if len(x) != len(n) {
		return 0, 0, NotComparable
	}
	for i := range x {
		if x[i] < 0 || x[i] > n[i] {
			return 0, 0, NotComparable
		}
		with, of = with+float64(x[i]), of+float64(n[i])
	}
	if of == 0 {
		return 0, 0, NoData
	}
	return with, of, OK
}
