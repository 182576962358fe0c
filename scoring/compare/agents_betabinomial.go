package compare

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/optimize"
	"gonum.org/v1/gonum/stat/distuv"
)

// BetaBinomial is how the shares of agents under one exam spread: as a beta
// distribution. Degenerate: they do not spread beyond chance, so that Alpha
// and Beta are infinite and given as 0; NoData: nothing was counted; TooFew: of
// one agent only; NotConverged: no optimum.
type BetaBinomial struct {
	Alpha, Beta float64
	Mean        float64 // share, 0 to 1
	Status      Status
}

// mostRatings is an Alpha+Beta from which the spread is none.
const mostRatings = 1e7

// FitBetaBinomial finds the most likely one for x[i] satisfied of n[i] rated.
// The search begins at the analysis of variance; if that finds no more variance
// between than within, there is no spread. Agents without ratings, and counts
// that are no part of their n, are left out.
func FitBetaBinomial(x, n []int64) BetaBinomial {
	var xs, ns []float64
	var with, of float64
	for i := range min(len(x), len(n)) {
		if n[i] > 0 && x[i] >= 0 && x[i] <= n[i] {
			xs, ns = append(xs, float64(x[i])), append(ns, float64(n[i]))
			with, of = with+float64(x[i]), of+float64(n[i])
		}
	}
	switch {
	case of == 0:
		return BetaBinomial{Status: NoData}
	case len(xs) == 1:
		return BetaBinomial{Mean: with / of, Status: TooFew}
	}
	mean := with / of
	r := intraclass(xs, ns, mean, of)
	if !(r > 1/mostRatings) || mean == 0 || mean == 1 {
		return BetaBinomial{Mean: mean, Status: Degenerate}
	}
	size := max((1-r)/r, 1e-3)
	counts := newSpreads(xs, ns)
	problem := optimize.Problem{
		Func: func(theta []float64) float64 { f, _ := counts.likelihood(theta); return -f / of },
		Grad: func(grad, theta []float64) {
			_, g := counts.likelihood(theta)
			grad[0], grad[1] = -g[0]/of, -g[1]/of
		},
	}
	result, _ := optimize.Minimize(problem, []float64{math.Log(mean / (1 - mean)), math.Log(size)}, &optimize.Settings{
		GradientThreshold: 1e-9, FuncEvaluations: 500, Converger: &optimize.FunctionConverge{Absolute: 1e-15, Iterations: 10},
	}, &optimize.BFGS{})
	if result == nil || !finite(result.F) || !finite(result.X...) {
		return BetaBinomial{Mean: mean, Status: NotConverged}
	}
	mean, size = expit(result.X[0]), math.Exp(result.X[1])
	if !(size < mostRatings) {
		return BetaBinomial{Mean: with / of, Status: Degenerate}
	}
	return BetaBinomial{Alpha: mean * size, Beta: (1 - mean) * size, Mean: mean, Status: OK}
}

// intraclass is the correlation of two ratings of one agent, by the analysis
// of variance (Donner 1986). It may be under 0; NaN if nobody has two ratings.
func intraclass(x, n []float64, mean, of float64) float64 {
	var between, within, squares float64
	for i := range x {
		p := x[i] / n[i]
		between += n[i] * (p - mean) * (p - mean)
		within += n[i] * p * (1 - p)
		squares += n[i] * n[i]
	}
	k := float64(len(x))
	between, within = between/(k-1), within/(of-k)
	usual := (of - squares/of) / (k - 1)
	return (between - within) / (between + (usual-1)*within)
}

// spreads is what the likelihood of a beta-binomial distribution is made of:
// how many agents have so many satisfied, others and ratings.
type spreads struct{ satisfied, other, rated []times }

// times is how often a number occurs.
type times struct{ number, agents float64 }

func newSpreads(x, n []float64) spreads {
	rest := make([]float64, len(x))
	for i := range x {
		rest[i] = n[i] - x[i]
	}
	return spreads{occurring(x), occurring(rest), occurring(n)}
}

// occurring counts equal numbers, in order; 0 adds nothing to a likelihood.
func occurring(all []float64) (list []times) {
	for _, x := range slices.Sorted(slices.Values(all)) {
		switch last := len(list) - 1; {
		case x == 0:
		case last >= 0 && list[last].number == x:
			list[last].agents++
		default:
			list = append(list, times{x, 1})
		}
	}
	return list
}

// likelihood gives the logarithm of it at (logit mean, ln size), and its
// gradient. It is the sum of ln B(x+a, n-x+b) - ln B(a, b).
func (s spreads) likelihood(theta []float64) (f float64, gradient [2]float64) {
	mean, size := expit(theta[0]), math.Exp(theta[1])
	a, b := mean*size, (1-mean)*size
	sum := func(list []times, of float64) (value, slope float64) {
		for _, t := range list {
			value += t.agents * rise(of, t.number)
			slope += t.agents * (mathext.Digamma(of+t.number) - mathext.Digamma(of))
		}
		return value, slope
	}
	fa, byA := sum(s.satisfied, a)
	fb, byB := sum(s.other, b)
	fs, whole := sum(s.rated, size)
	byA, byB = byA-whole, byB-whole
	return fa + fb - fs, [2]float64{(byA - byB) * mean * (1 - mean) * size, byA*a + byB*b}
}

// Posterior is the share of an agent with x of n ratings satisfied, 0 to 1,
// drawn towards all agents' as far as chance may have moved it. Without a
// spread it is theirs, Degenerate. Statuses of the fit go through; an x that is
// no part of n counts as no ratings.
func (b BetaBinomial) Posterior(x, n int64, conf float64) Estimate {
	if x < 0 || n < x {
		x, n = 0, 0
	}
	switch b.Status {
	case OK:
	case Degenerate:
		return around(b.Mean, 0, 0, n, 0, 1)
	default:
		return Estimate{Lo: 0, Hi: 1, N: n, Status: b.Status}
	}
	if !(conf > 0 && conf < 1) {
		conf = Confidence
	}
	d := distuv.Beta{Alpha: b.Alpha + float64(x), Beta: b.Beta + float64(n-x)}
	mean := d.Mean()
	e := Estimate{Value: mean, Lo: min(mean, d.Quantile((1-conf)/2)), Hi: max(mean, d.Quantile((1+conf)/2)), N: n, Status: OK}
	if !finite(e.Value, e.Lo, e.Hi) {
		return Estimate{Lo: 0, Hi: 1, N: n, Status: NotConverged}
	}
	return e
}

// Reliability is n/(n+Alpha+Beta), the share of the variance of n ratings'
// share that is the agent's own; 0 without a spread.
func (b BetaBinomial) Reliability(n int64) float64 {
	if b.Status != OK || n <= 0 {
		return 0
	}
	return float64(n) / (float64(n) + b.Alpha + b.Beta)
}

// Wanted is how many ratings give a reliability, over 0 and under 1; 0 = no
// number does.
func (b BetaBinomial) Wanted(reliability float64) int64 {
	if b.Status != OK {
		return 0
	}
	return wantedAt(reliability, b.Alpha+b.Beta)
}
