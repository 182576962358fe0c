package compare

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// FunnelLimits are where the share of n ratings lies by chance if the true one
// is target: quantiles of the binomial distribution, interpolated as by
// Spiegelhalter (2005), for 95 and 99.8 %. Nothing counted, or a target that
// is no share, is the whole range.
func FunnelLimits(target float64, n int64) Funnel {
	if n <= 0 || !(target >= 0 && target <= 1) {
		return Funnel{Hi95: 1, Hi998: 1}
	}
	at := func(p float64) float64 { return binomialLimit(target, n, p) }
	return Funnel{Lo95: at(0.025), Hi95: at(0.975), Lo998: at(0.001), Hi998: at(0.999)}
}

// binomialLimit finds the least r with F(r) >= p, from where a normal
// distribution would have it, and takes off the part of its step that is over.
func binomialLimit(target float64, n int64, p float64) float64 {
	if target == 0 || target == 1 {
		return target
	}
	b := distuv.Binomial{N: float64(n), P: target}
	under := func(r int64) bool { return r < 0 || r < n && b.CDF(float64(r)) < p }
	z, sd := quantile(p), b.StdDev()
	r := int64(min(max(math.Round(b.Mean()+z*sd+(1-2*target)*(z*z-1)/6), 0), b.N)) // Cornish and Fisher
	step := int64(1)
	lo, hi := r, r
	for !under(lo) {
		lo, step = lo-step, 2*step
	}
	for step = 1; under(hi); step *= 2 {
		lo, hi = hi, min(n, hi+step)
	}
	for hi-lo > 1 {
		if middle := lo + (hi-lo)/2; under(middle) {
			lo = middle
		} else {
			hi = middle
		}
	}
	above, below := b.CDF(float64(hi)), 0.
	if hi > 0 {
		below = b.CDF(float64(hi - 1))
	}
	part := 0.5 // where rounding tells no step
	if above > below {
		part = (above - p) / (above - below)
	}
	return min(1, max(0, (float64(hi)-part)/float64(n)))
}
