package compare

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// TwoRows is the ratings of two layouts in one stratum, by verdict in
// ascending order.
type TwoRows struct{ A, B []int64 }

// Win says how often a random rater of B rates higher than one of A, ties
// split. Under NoData, NoOverlap, TooFew and NotComparable it holds nothing.
type Win struct {
	Theta, SE float64 // probability, 0 to 1, and its standard error
	Lo, Hi    float64 // interval made on the logit scale; of no width when Degenerate
	// Statistic, DF and P test Theta = 1/2, after Brunner and Munzel (2000).
	// Degenerate: DF is 0, and the statistic is normal by the variance that
	// Mann and Whitney (1947) give it without a difference.
	Statistic, DF, P float64
	LoT, HiT         float64  // interval by Student's t; may leave 0 to 1
	OddsRatio        Estimate // P(B > A) / P(A > B), ties dropped; Infinite when A is never higher
	Status           Status
}

// WinProbability holds the ratings of layout b against those of a, verdicts
// ascending: theta and its variance from placements, as Brunner and Munzel
// (2000), so unequal variances do no harm.
func WinProbability(a, b []int64, conf float64) Win {
	return StratifiedWin([]TwoRows{{a, b}}, conf)
}

// StratifiedWin is the win probability over strata, each with the weight
// nA nB/(N+1) of van Elteren (1960); the estimate is that of Kawaguchi and
// Koch (sanon). Strata with fewer than two ratings on a side are left out. P
// has the degrees of freedom of Satterthwaite (1946) over all variances.
func StratifiedWin(strata []TwoRows, conf float64) Win {
	var all []placement
	var sides [2]int64
	met := false
	for _, s := range strata {
		if len(s.A) != len(s.B) {
			return noWin(NotComparable)
		}
		a, nA := weigh(s.A)
		b, nB := weigh(s.B)
		sides[0] += nA
		sides[1] += nB
		met = met || nA > 0 && nB > 0
		if nA >= 2 && nB >= 2 {
			all = append(all, placed(a, b, nA, nB))
		}
	}
	switch {
	case sides[0] == 0 || sides[1] == 0:
		return noWin(NoData)
	case !met:
		return noWin(NoOverlap)
	case len(all) == 0:
		return noWin(TooFew)
	}
	return combine(all, conf)
}

func noWin(s Status) Win { return Win{OddsRatio: Estimate{Status: s}, Status: s} }

// placement is where the raters of two layouts stand among each other in one
// stratum. Probabilities and their variances.
type placement struct {
	n            int64
	weight       float64
	up, down     float64 // P(B > A), P(A > B)
	theta, lower float64 // P(B > A) + P(tie)/2, and 1 minus that
	vUp, vDown   float64
	v            [2]float64 // of theta, the part of each side
	df           [2]float64
	null         float64 // variance of theta without a difference
	apart        bool    // one verdict only, or no overlap: theta does not vary
}

func placed(a, b []float64, nA, nB int64) placement {
	fA, fB := float64(nA), float64(nB)
	p := placement{n: nA + nB, weight: fA * fB / (fA + fB + 1), df: [2]float64{fA - 1, fB - 1}}
	upA, downA := besides(b, fB) // of a rater of A: share of B above, below
	upB, downB := besides(a, fA)
	for k := range a {
		p.up += a[k] / fA * upA[k]
		p.down += a[k] / fA * downA[k]
	}
	tie := 0.
	for k := range a {
		tie += a[k] / fA * (b[k] / fB)
	}
	p.theta, p.lower = p.up+tie/2, p.down+tie/2
	gainA, gainB := make([]float64, len(a)), make([]float64, len(a))
	for k := range a {
		gainA[k], gainB[k] = (upA[k]-downA[k])/2, (upB[k]-downB[k])/2
	}
	p.vUp = spread(a, upA, fA)/fA + spread(b, downB, fB)/fB
	p.vDown = spread(a, downA, fA)/fA + spread(b, upB, fB)/fB
	p.v = [2]float64{spread(a, gainA, fA) / fA, spread(b, gainB, fB) / fB}
	p.null = nullVariance(a, b, fA, fB)
	if p.apart = separate(a, b); p.apart {
		p.v = [2]float64{}
	}
	return p
}

// besides gives the shares of a row above and below each verdict.
func besides(row []float64, n float64) (above, below []float64) {
	above, below = make([]float64, len(row)), make([]float64, len(row))
	sum := 0.
	for k, c := range row {
		below[k] = sum / n
		sum += c
		above[k] = (n - sum) / n
	}
	return above, below
}

// spread is the sample variance of a figure over the raters of a row.
func spread(row, figure []float64, n float64) float64 {
	mean, sum := 0., 0.
	for k, c := range row {
		mean += c / n * figure[k]
	}
	for k, c := range row {
		sum += c * (figure[k] - mean) * (figure[k] - mean)
	}
	return sum / (n - 1)
}

// separate reports whether two rows give the same verdict throughout, or verdicts
// of which all of one row are above all of the other.
func separate(a, b []float64) bool {
	given := func(c float64) bool { return c > 0 }
	firstA, firstB := slices.IndexFunc(a, given), slices.IndexFunc(b, given)
	lastA, lastB := firstA, firstB
	for k := range a {
		if given(a[k]) {
			lastA = k
		}
		if given(b[k]) {
			lastB = k
		}
	}
	return lastA < firstB || lastB < firstA || firstA == lastA && firstA == firstB && firstB == lastB
}

// nullVariance is the variance of theta without a difference, with ties.
func nullVariance(a, b []float64, nA, nB float64) float64 {
	n, free := nA+nB, 1.
	for k := range a {
		t := (a[k] + b[k]) / n
		free -= t * t * t
	}
	// (n+1) - sum(t^3-t)/(n(n-1)), brought to shares of n
	return max(0, free*n*n/(n-1)) / (12 * nA * nB)
}

func combine(all []placement, conf float64) Win {
	var total, up, down, theta, lower, v, df, null, vUp, vDown float64
	var n int64
	for _, p := range all {
		total += p.weight
		n += p.n
	}
	still := true
	for _, p := range all {
		w := p.weight / total
		up, down = up+w*p.up, down+w*p.down
		theta, lower = theta+w*p.theta, lower+w*p.lower
		null += w * w * p.null
		vUp, vDown = vUp+w*w*p.vUp, vDown+w*w*p.vDown
		still = still && p.apart
		for side, x := range p.v {
			v += w * w * x
			df += w * w * x * w * w * x / p.df[side]
		}
	}
	win := Win{Theta: theta, SE: math.Sqrt(v), Status: OK}
	win.OddsRatio = generalised(up, down, vUp, vDown, 4*v, n, conf)
	z := normal(conf)
	if still || v == 0 || df == 0 {
		win.SE, win.Status = 0, Degenerate
		win.Lo, win.Hi, win.LoT, win.HiT = theta, theta, theta, theta
		if win.P = 1; null > 0 {
			win.Statistic = (theta - 0.5) / math.Sqrt(null)
			win.P = tails(win.Statistic)
		}
		return win
	}
	centre, half := math.Log(theta)-math.Log(lower), z*win.SE/(theta*lower)
	win.Lo, win.Hi = expit(centre-half), expit(centre+half)
	win.Statistic, win.DF = (theta-lower)/2/win.SE, v*v/df
	win.P = 1.
	t := z
	if win.DF < manyDF {
		d := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: win.DF}
		win.P = min(1, 2*d.Survival(math.Abs(win.Statistic)))
		t = d.Quantile(0.5 + math.Erf(z/math.Sqrt2)/2)
	} else {
		win.P = tails(win.Statistic)
	}
	if win.LoT, win.HiT = theta-t*win.SE, theta+t*win.SE; !finite(win.LoT, win.HiT) {
		win.LoT, win.HiT = 0, 1
	}
	return win
}

// manyDF is where Student's t is normal to all digits that matter.
const manyDF = 1e7

func expit(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// generalised is the generalised odds ratio P(B > A)/P(A > B) of Agresti
// (1980), with an interval made on the log scale by the delta method. vGain is
// the variance of up - down.
func generalised(up, down, vUp, vDown, vGain float64, n int64, conf float64) Estimate {
	switch {
	case up == 0 && down == 0:
		return Estimate{N: n, Status: NoData}
	case down == 0:
		return Estimate{N: n, Status: Infinite}
	case up == 0:
		return Estimate{N: n, Status: Degenerate}
	}
	both := (vUp + vDown - vGain) / 2 // covariance
	v := vUp/(up*up) + vDown/(down*down) - 2*both/(up*down)
	return ratioOf(math.Log(up)-math.Log(down), math.Sqrt(max(0, v)), n, conf)
}

// ratioOf is a ratio with its interval, of its logarithm and that one's standard
// error.
func ratioOf(log, se float64, n int64, conf float64) Estimate {
	e := around(log, se, normal(conf), n, -logMost, logMost)
	if e.Known() {
		e.Value, e.Lo, e.Hi = math.Exp(e.Value), math.Exp(e.Lo), math.Exp(e.Hi)
	}
	return e
}

// logMost keeps the ends of a ratio's interval finite.
const logMost = 700.
