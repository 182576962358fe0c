package compare

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// levels is what the ratings tell of the exams' levels, the agents' effects
// being unknown (Breslow and Clayton 1993).
type levels struct {
	information *mat.SymDense
	factors     mat.Cholesky
	logDet      float64       // of the information
	variance    *mat.SymDense // its inverse
	toMix       []float64     // covariance of each level with that of the standard mix
	mix         float64       // variance of the level of the standard mix
}

func (m *mixed) levels() *levels {
	l := &levels{information: mat.NewSymDense(m.exams, nil)}
	for e := range m.exams {
		l.information.SetSym(e, e, m.weak)
	}
	return l
}

// take adds the ratings of an agent with an effect. It gives, by cell, how far
// the effect falls as the level of its exam rises by one.
func (l *levels) take(cells []cell, mu []float64, tau, effect float64) []float64 {
	follow, sum := make([]float64, len(cells)), 0.
	for i, c := range cells {
		p := expit(mu[c.exam] + effect)
		follow[i] = c.n * p * (1 - p)
		sum += follow[i]
	}
	v := tau * tau / (1 + tau*tau*sum)
	for i, c := range cells {
		l.add(c.exam, c.exam, follow[i]-v*follow[i]*follow[i])
		for j, d := range cells[:i] {
			l.add(c.exam, d.exam, -v*follow[i]*follow[j])
		}
	}
	for i := range follow {
		follow[i] *= v
	}
	return follow
}

func (l *levels) add(e, f int, x float64) {
	l.information.SetSym(e, f, l.information.At(e, f)+x)
}

// factorise reports whether the information tells the levels apart.
func (l *levels) factorise() bool {
	if !l.factors.Factorize(l.information) {
		return false
	}
	l.logDet = l.factors.LogDet()
	return true
}

// settle makes of the information what is not known of the levels.
func (l *levels) settle(mu, mix []float64) {
	l.variance = mat.NewSymDense(len(mu), nil)
	if !l.factorise() || l.factors.InverseTo(l.variance) != nil {
		return
	}
	var sum float64
	slope := make([]float64, len(mu)) // of the score by each level
	for e, w := range mix {
		p := expit(mu[e])
		slope[e] = w * p * (1 - p)
		sum += slope[e]
	}
	to := mat.NewVecDense(len(mu), nil)
	to.MulVec(l.variance, mat.NewVecDense(len(mu), slope))
	for e := range mu {
		l.toMix = append(l.toMix, to.AtVec(e)/sum)
		l.mix += slope[e] / sum * l.toMix[e]
	}
}

// against is the variance of the level of the standard mix against the levels
// that an agent was rated under, as far as the effect follows those.
func (l *levels) against(cells []cell, follow []float64) float64 {
	v := l.mix
	for i, c := range cells {
		v -= 2 * follow[i] * l.toMix[c.exam]
		for j, d := range cells {
			v += follow[i] * follow[j] * l.variance.At(c.exam, d.exam)
		}
	}
	return math.Max(0, v)
}
