package compare

import "math"

// How far tau is looked at.
const (
	tauFall   = 5. // fall of the logarithm of the likelihood beyond which a tau counts for nothing
	tauPoints = 9
)

// tauGrid is taus about the most likely one: what is not known of it.
type tauGrid struct {
	p  []float64 // of each tau, if all are as likely beforehand
	at []tauLook
}

// tauLook is what one tau makes of the agents.
type tauLook struct {
	fall float64   // of the logarithm of the likelihood from that of the fit
	mean []float64 // of each agent's effect
	v    []float64 // and its variance
}

// grid looks at the taus that the ratings allow, at the mu of the fit, which
// hardly depend on tau. Of few agents tau is hardly known, and an interval that
// took the most likely one for true would be too narrow.
func (m *mixed) grid(f modelFit, mix []float64) tauGrid {
	from, to := m.reach(f, -1, tauFall), m.reach(f, 1, tauFall)
	var g tauGrid
	least := math.Inf(1)
	for j := range tauPoints {
		at := m.look(f, from+(to-from)*(float64(j)+0.5)/tauPoints, mix)
		g.at, least = append(g.at, at), min(least, at.fall)
	}
	var sum float64
	for _, at := range g.at {
		p := math.Exp(least - at.fall)
		g.p, sum = append(g.p, p), sum+p
	}
	for j := range g.p {
		g.p[j] /= sum
	}
	return g
}

// look gives what one tau makes of the agents. The variances hold what is not
// known of the exams' levels, which is much where an exam was sat by few agents
// who sat little else: how hard it is and how good they are is then one figure.
func (m *mixed) look(f modelFit, tau float64, mix []float64) tauLook {
	at, l := tauLook{mean: make([]float64, len(m.agents)), v: make([]float64, len(m.agents))}, m.levels()
	follow := make([][]float64, len(m.agents))
	for a := range m.agents {
		at.fall += f.level[a] - m.integrate(a, f.mu, tau)
		mean, sd := m.effect(tau)
		at.mean[a], at.v[a], follow[a] = mean, sd*sd, l.take(m.agents[a], f.mu, tau, mean)
	}
	l.settle(f.mu, mix)
	at.fall += l.logDet/2 - f.logDet/2
	for a, cells := range m.agents {
		at.v[a] += l.against(cells, follow[a])
	}
	return at
}

// under is how probable it is that an agent's effect is under x, and over how
// probable that it is over it.
func (g tauGrid) under(agent int, x float64) (under, over float64) {
	for j, p := range g.p {
		z := (x - g.at[j].mean[agent]) / math.Sqrt(2*g.at[j].v[agent])
		under += p * math.Erfc(-z) / 2
		over += p * math.Erfc(z) / 2
	}
	return under, over
}

// within gives the ends between which an agent's effect is with a probability.
// They need not be as far from the most likely one: whom nobody found wanting
// may be far above, and is not far below for that.
func (g tauGrid) within(agent int, conf float64) (lo, hi float64) {
	var mean, square float64
	for j, p := range g.p {
		x := g.at[j].mean[agent]
		mean, square = mean+p*x, square+p*(g.at[j].v[agent]+x*x)
	}
	sd := math.Sqrt(max(square-mean*mean, 0))
	end := func(p float64) float64 {
		x, lo, hi := mean+quantile(p)*sd, math.Inf(-1), math.Inf(1)
		for range maxSteps {
			missing, density := g.missing(agent, x, p)
			if math.Abs(missing) < 1e-6 {
				break
			}
			step := missing / density
			x, lo, hi = newton(x, min(max(step, -sd), sd), lo, hi)
		}
		return x
	}
	return end((1 - conf) / 2), end((1 + conf) / 2)
}

// missing is how much less than p is under x, and the density there.
func (g tauGrid) missing(agent int, x, p float64) (missing, density float64) {
	missing = p
	for j, of := range g.p {
		sd := math.Sqrt(g.at[j].v[agent])
		z := (x - g.at[j].mean[agent]) / sd
		missing -= of * math.Erfc(-z/math.Sqrt2) / 2
		density += of * math.Exp(-z*z/2) / (sd * math.Sqrt(2*math.Pi))
	}
	return missing, density
}

// fall is how far the logarithm of the likelihood is under that of the fit at
// another tau, with the mu integrated out (Cox and Reid 1987): else many mu
// would take for themselves what is the agents'.
func (m *mixed) fall(f modelFit, tau float64) float64 {
	var fall float64
	l := m.levels()
	for a, cells := range m.agents {
		fall += f.level[a] - m.integrate(a, f.mu, tau)
		mean, _ := m.effect(tau)
		l.take(cells, f.mu, tau, mean)
	}
	l.factorise()
	return fall + l.logDet/2 - f.logDet/2
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
