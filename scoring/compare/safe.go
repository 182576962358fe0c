package compare

import "math"

// Safe is an interval that holds at every look, and not only at one that was
// chosen beforehand.
type Safe struct {
	Interval
	P   float64 // 0 to 1; the least over the looks is valid at every look
	Rho float64 // tuning: the interval is narrowest about the planned size
}

// AlwaysValid makes the asymptotic confidence sequence of Waudby-Smith, Arbour,
// Sinha, Kennedy and Ramdas (2021), as GrowthBook has it, around an estimate
// with a standard error. n is the units in both arms so far, nStar the planned
// number, which must not follow what was seen; alpha is the error, such as
// Level. Where it cannot be made (se of 0, nothing counted or planned) it is
// [-1, 1], which holds of every difference of shares, with P 1.
func AlwaysValid(est, se, n, nStar, alpha float64) Safe {
	if !(alpha > 0 && alpha < 1) {
		alpha = Level
	}
	none := Safe{Interval: Interval{-1, 1}, P: 1}
	if !finite(est, se, n, nStar) || se <= 0 || n <= 0 || nStar <= 0 {
		return none
	}
	square := (-2*math.Log(alpha) + math.Log1p(-2*math.Log(alpha))) / nStar // rho squared
	grown := n * square
	half := se * math.Sqrt(2*(grown+1)/grown*(math.Log1p(grown)/2-math.Log(alpha)))
	z := est / se
	p := math.Exp(math.Log1p(grown)/2 - grown/(grown+1)*z*z/2)
	s := Safe{Interval: Interval{est - half, est + half}, P: min(1, p), Rho: math.Sqrt(square)}
	if !finite(s.Lo, s.Hi, s.P, s.Rho) {
		return none
	}
	return s
}

// SampleSize is how many units each arm needs to tell share p1 from p2 in one
// two-sided test at level alpha, with this probability of success (R's
// power.prop.test). 0 = no number does, or the request makes no sense.
func SampleSize(p1, p2, alpha, power float64) float64 {
	between := func(x float64) bool { return x > 0 && x < 1 }
	share := func(x float64) bool { return x >= 0 && x <= 1 }
	if !share(p1) || !share(p2) || p1 == p2 || !between(alpha) || !between(power) {
		return 0
	}
	mean := (p1 + p2) / 2
	root := normal(1-alpha)*math.Sqrt(2*mean*(1-mean)) + quantile(power)*math.Sqrt(p1*(1-p1)+p2*(1-p2))
	if n := root / (p1 - p2) * (root / (p1 - p2)); root > 0 && finite(n) {
		return n
	}
	return 0
}
