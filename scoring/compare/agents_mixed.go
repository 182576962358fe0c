package compare

import (
	"math"

	"gonum.org/v1/gonum/integrate/quad"
)

// mixed is the logistic model of agents: the log odds of satisfied are
// mu[exam] + tau*v, where v, the agent's effect, is standard normal. It is
// what lme4's glmer fits for cbind(x, n-x) ~ 0 + exam + (1 | agent).
type mixed struct {
	agents [][]cell // exams from 0
	exams  int
	// weak is the precision of a normal prior around 0 on every mu, which
	// keeps exams finite under which all or none are satisfied; 0 = none.
	weak      float64
	node, log []float64 // of the quadrature for a weight of 1: places, logarithms of weights
	peaks     []float64 // by agent: the last one found, from where the next is looked for
	at        nodes     // of the last agent integrated
}

// nodes are the places at which one agent's effect was looked at.
type nodes struct {
	v    []float64 // the effect, in units of tau
	p    []float64 // its probability given the ratings; their sum is 1
	left []float64 // satisfied beyond what is expected, by node and cell
}

// newMixed makes a model with so many points of quadrature an agent.
func newMixed(agents [][]cell, exams, points int, weak float64) *mixed {
	m := &mixed{agents: agents, exams: exams, weak: weak, peaks: make([]float64, len(agents)),
		node: make([]float64, points), log: make([]float64, points),
		at: nodes{v: make([]float64, points), p: make([]float64, points)}}
	quad.Hermite{}.FixedLocations(m.node, m.log, math.Inf(-1), math.Inf(1))
	for k, z := range m.node {
		m.log[k] = math.Log(m.log[k]) + z*z
	}
	return m
}

// integrate gives the logarithm of one agent's likelihood over all effects, by
// adaptive Gauss-Hermite quadrature (Pinheiro and Bates 1995), and leaves the
// nodes in m.at. Binomial coefficients, which nothing depends on, are left out.
func (m *mixed) integrate(agent int, mu []float64, tau float64) float64 {
	cells, at := m.agents[agent], &m.at
	centre, width := m.peak(agent, mu, tau)
	at.left = at.left[:0]
	most := math.Inf(-1)
	for k, z := range m.node {
		v := centre + math.Sqrt2*width*z
		h := m.log[k] - v*v/2
		for _, c := range cells {
			eta := mu[c.exam] + tau*v
			p, log1p := logistic(eta)
			h += c.x*eta - c.n*log1p
			at.left = append(at.left, c.x-c.n*p)
		}
		at.v[k], at.p[k] = v, h
		most = math.Max(most, h)
	}
	var sum float64
	for k, h := range at.p {
		at.p[k] = math.Exp(h - most)
		sum += at.p[k]
	}
	for k := range at.p {
		at.p[k] /= sum
	}
	return most + math.Log(sum) + math.Log(width/math.SqrtPi)
}

// peak finds the most probable effect and its width, a standard deviation.
func (m *mixed) peak(agent int, mu []float64, tau float64) (v, width float64) {
	lo, hi := math.Inf(-1), math.Inf(1)
	v = m.peaks[agent]
	for range maxSteps {
		slope, curve := -v, 1.0
		for _, c := range m.agents[agent] {
			p := expit(mu[c.exam] + tau*v)
			slope += tau * (c.x - c.n*p)
			curve += tau * tau * c.n * p * (1 - p)
		}
		width = 1 / math.Sqrt(curve)
		step := slope / curve
		if math.Abs(step) < 1e-6*width {
			v += step
			break
		}
		v, lo, hi = newton(v, step, lo, hi)
	}
	m.peaks[agent] = v
	return v, width
}

// maxSteps ends a search for the root of a falling function: halving alone
// crosses all that a number can be told by.
const maxSteps = 200

// newton takes a Newton step from v towards the root of a falling function,
// and halves the stretch that must hold it where the step would leave it.
func newton(v, step, lo, hi float64) (next, newLo, newHi float64) {
	if step > 0 {
		lo = v
	} else {
		hi = v
	}
	if next = v + step; next <= lo || next >= hi {
		next = lo/2 + hi/2
	}
	return next, lo, hi
}

// likelihood gives the logarithm of the penalised likelihood of all agents and
// fills in its gradient by every mu and, last, by ln tau: the expectation over
// the nodes of what it would be if the effects were known.
func (m *mixed) likelihood(mu []float64, tau float64, gradient []float64) float64 {
	clear(gradient)
	var sum float64
	for e, x := range mu {
		sum -= m.weak * x * x / 2
		gradient[e] -= m.weak * x
	}
	for a, cells := range m.agents {
		sum += m.integrate(a, mu, tau)
		var byTau float64
		for k, p := range m.at.p {
			left := m.at.left[k*len(cells):]
			for i, c := range cells {
				gradient[c.exam] += p * left[i]
				byTau += p * left[i] * m.at.v[k] * tau
			}
		}
		gradient[m.exams] += byTau
	}
	return sum
}

// equal gives the mu that fit best if agents do not differ (tau = 0), by exam,
// and the precision of each.
func (m *mixed) equal() (mu, precision []float64) {
	x, n := make([]float64, m.exams), make([]float64, m.exams)
	for _, cells := range m.agents {
		for _, c := range cells {
			x[c.exam], n[c.exam] = x[c.exam]+c.x, n[c.exam]+c.n
		}
	}
	mu, precision = make([]float64, m.exams), make([]float64, m.exams)
	for e := range mu {
		lo, hi := -widest, widest
		for range maxSteps {
			p := expit(mu[e])
			precision[e] = n[e]*p*(1-p) + m.weak
			step := (x[e] - n[e]*p - m.weak*mu[e]) / precision[e]
			if math.Abs(step) < 1e-10 {
				break
			}
			mu[e], lo, hi = newton(mu[e], step, lo, hi)
		}
	}
	return mu, precision
}

// widest is the greatest log odds of an exam.
const widest = 40.

// logistic gives expit(eta) and ln(1 + e^eta).
func logistic(eta float64) (p, log1p float64) {
	if eta > 0 {
		e := math.Exp(-eta)
		return 1 / (1 + e), eta + math.Log1p(e)
	}
	e := math.Exp(eta)
	return e / (1 + e), math.Log1p(e)
}
