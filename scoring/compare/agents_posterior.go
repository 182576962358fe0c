package compare

import "math"

// farOff is more ratings than anybody waits for.
const farOff = 10_000_000

// posterior is what is known of one agent's effect after the ratings.
type posterior struct {
	mean, sd float64 // on the scale of log odds
	score    float64 // expected share of satisfied under the standard mix
}

// posterior reads it off the nodes of one agent, with the tau of the fit.
func (m *mixed) posterior(agent int, f modelFit, mix []float64) posterior {
	m.integrate(agent, f.mu, f.tau)
	var p posterior
	p.mean, p.sd = m.effect(f.tau)
	for k, weight := range m.at.p {
		p.score += weight * standard(f.mu, mix, f.tau*m.at.v[k])
	}
	return p
}

// effect gives the mean and the standard deviation of the effect of the agent
// integrated last, on the scale of log odds.
func (m *mixed) effect(tau float64) (mean, sd float64) {
	for k, weight := range m.at.p {
		mean += weight * tau * m.at.v[k]
	}
	var square float64
	for k, weight := range m.at.p {
		d := tau*m.at.v[k] - mean
		square += weight * d * d
	}
	return mean, math.Sqrt(square)
}

// standard is the share of satisfied under the standard mix of exams of an
// agent with an effect.
func standard(mu, mix []float64, effect float64) (share float64) {
	for e, w := range mix {
		share += w * expit(mu[e]+effect)
	}
	return share
}

// markByModel marks the agents of a group by the mixed model. It reports false,
// and marks nobody, if that has no optimum.
func (g *agentGroup) markByModel(out *AgentMarks) bool {
	m, n, mix := g.model(out)
	f, ok := m.fit()
	if !ok {
		return false
	}
	for i, e := range g.sat {
		out.Exams[e].Expected = around(expit(f.mu[i]), 0, 0, out.Exams[e].Rated, 0, 1)
	}
	g.tau = m.spread(f)
	typical, grid, at := standardInformation(f, mix), m.grid(f, mix), m.look(f, f.tau, mix)
	for a, i := range g.agents {
		p := m.posterior(a, f, mix)
		under, over := grid.under(a, 0)
		g.p, g.up = append(g.p, 2*min(under, over)), append(g.up, over > under)
		lo, hi := grid.within(a, Confidence)
		out.Agents[i].take(p, n[a], standard(f.mu, mix, lo), standard(f.mu, mix, hi))
		out.Agents[i].rely(at.v[a], f.tau, typical)
	}
	return true
}

// model gives the mixed model of the group, the ratings of each agent in it,
// and the standard mix of its exams.
func (g *agentGroup) model(out *AgentMarks) (m *mixed, n []int64, mix []float64) {
	for _, e := range g.sat {
		mix = append(mix, out.Exams[e].Share)
	}
	agents := make([][]cell, len(g.agents))
	for a, i := range g.agents {
		cells, _, rated := g.cells(i)
		agents[a], n = cells, append(n, int64(rated))
	}
	return newMixed(agents, len(g.sat), quadraturePoints, weakPrecision), n, mix
}

// take fills in what the model says of an agent. The score rises with the
// effect, so the ends of its interval are those of the score.
func (m *AgentMark) take(p posterior, n int64, lo, hi float64) {
	m.Adjusted = enough(Estimate{Value: p.score, N: n, Status: OK, Lo: min(p.score, lo), Hi: max(p.score, hi)})
}

// rely fills in how reliable the mark is, by the variance that is left of the
// agent's effect. typical is what one rating tells where the agent's own say
// nothing of that; where they leave all of it, more of them would too.
func (m *AgentMark) rely(left, tau, typical float64) {
	if tau == 0 {
		return
	}
	m.Reliability = min(1, max(0, 1-left/(tau*tau)))
	switch {
	case m.Reliability == 1:
		m.Wanted = wantedAt(PayReliability, 1/typical)
	case m.Reliability > 0:
		m.Wanted = wantedAt(PayReliability, float64(m.Adjusted.N)*(1-m.Reliability)/m.Reliability)
	}
}

// standardInformation is what one rating under the standard mix tells of an
// agent without an effect, as variance between over variance within.
func standardInformation(f modelFit, mix []float64) float64 {
	var sum float64
	for e, w := range mix {
		p := expit(f.mu[e])
		sum += w * p * (1 - p) * f.tau * f.tau
	}
	return sum
}

// wantedAt is the number of ratings n that gives a reliability, n/(n+size); 0 =
// more than anybody waits for.
func wantedAt(reliability, size float64) int64 {
	n := math.Ceil(size*reliability/(1-reliability) - 1e-9)
	if !(n > 0 && n <= farOff) {
		return 0
	}
	return int64(n)
}
