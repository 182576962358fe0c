package compare

import "math"

// How far tau is looked at.
const (
	tauFall   = 5. // fall of the logarithm of the likelihood beyond which a tau counts for nothing
	tauPoints = 9
)

// tauGrid is taus about the most likely one: what is not known of it.
type tauGrid struct {
	p    []float64   // of each tau, if all are as likely beforehand
	mean [][]float64 // of each agent's effect, by tau
	v    [][]float64 // and its variance
}

// grid looks at the taus that the ratings allow, at the mu of the fit, which
// hardly depend on tau. Of few agents tau is hardly known, and an interval that
// took the most likely one for true would be too narrow.
func (m *mixed) grid(f modelFit) tauGrid {
	from, to := m.reach(f, -1, tauFall), m.reach(f, 1, tauFall)
	var g tauGrid
	var sum float64
	for j := range tauPoints {
		tau := from + (to-from)*(float64(j)+0.5)/tauPoints
		p := math.Exp(-max(0, m.look(f, tau, &g)))
		g.p = append(g.p, p)
		sum += p
	}
	for j := range g.p {
		g.p[j] /= sum
	}
	return g
}

// look adds one tau to a grid and gives how far the likelihood has fallen. The
// variances hold what is not known of the level of all exams together, as far
// as an agent's own ratings leave it open.
func (m *mixed) look(f modelFit, tau float64, g *tauGrid) (fall float64) {
	mean, v, known := make([]float64, len(m.agents)), make([]float64, len(m.agents)), 0.
	for a := range m.agents {
		fall += f.level[a] - m.integrate(a, f.mu, tau)
		at, sd := m.effect(tau)
		mean[a], v[a] = at, sd*sd
		known += 1 - sd*sd/(tau*tau)
	}
	level := tau * tau / max(known, 1e-9)
	for a := range v {
		left := v[a] / (tau * tau)
		v[a] += left * left * level
	}
	g.mean, g.v = append(g.mean, mean), append(g.v, v)
	return fall
}

// deviation is the standard deviation of an agent's effect about a mean.
func (g tauGrid) deviation(agent int, mean float64) float64 {
	var square float64
	for j, p := range g.p {
		d := g.mean[j][agent] - mean
		square += p * (g.v[j][agent] + d*d)
	}
	return math.Sqrt(square)
}

// fall is how far the logarithm of the likelihood is under that of the fit at
// another tau.
func (m *mixed) fall(f modelFit, tau float64) float64 {
	var fall float64
	for a := range m.agents {
		fall += f.level[a] - m.integrate(a, f.mu, tau)
	}
	return fall
}

// reach finds the tau under (side -1) or over (1) that of the fit at which the
// likelihood has fallen so far: near the fit it falls with the square. It is
// from 0 to greatestTau.
func (m *mixed) reach(f modelFit, side, far float64) float64 {
	step := max(f.tau, firstTau) * math.Sqrt(far/float64(len(m.agents)))
	for range 12 {
		tau := min(max(f.tau+side*step, 0), greatestTau)
		fall := m.fall(f, tau)
		if fall < far && (tau == 0 || tau == greatestTau) {
			return tau
		}
		step = math.Abs(tau-f.tau) * min(4, max(0.1, math.Sqrt(far/max(fall, 1e-3))))
		if math.Abs(fall/far-1) < 0.3 {
			break
		}
	}
	return min(max(f.tau+side*step, 0), greatestTau)
}

// spread tells tau with the interval of the likelihood ratio.
func (m *mixed) spread(f modelFit) Estimate {
	z := normal(Confidence)
	return Estimate{Value: f.tau, Lo: m.reach(f, -1, z*z/2), Hi: m.reach(f, 1, z*z/2), N: int64(len(m.agents)), Status: OK}
}
