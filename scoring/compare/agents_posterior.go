package compare

import "math"

// farOff is more ratings than anybody waits for.
const farOff = 10_000_000

// posterior is what is known of one agent's effect after the ratings.
type posterior struct {
	mean, sd float64 // on the scale of log odds
	score    float64 // expected share of satisfied under the standard mix
	byTau    float64 // slope of the logarithm of the likelihood by ln tau
}

// posterior reads it off the nodes of one agent.
func (m *mixed) posterior(agent int, f modelFit, mix []float64) posterior {
	m.integrate(agent, f.mu, f.tau)
	var p posterior
	cells := len(m.agents[agent])
	for k, weight := range m.at.p {
		u := f.tau * m.at.v[k]
		p.mean += weight * u
		p.score += weight * standard(f.mu, mix, u)
		for _, left := range m.at.left[k*cells : (k+1)*cells] {
			p.byTau += weight * left * u
		}
	}
	var square float64
	for k, weight := range m.at.p {
		d := f.tau*m.at.v[k] - p.mean
		square += weight * d * d
	}
	p.sd = math.Sqrt(square)
	return p
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
	m, mix := g.model(out)
	f, ok := m.fit()
	if !ok {
		return false
	}
	for i, e := range g.exams {
		out.Exams[e].Expected = around(expit(f.mu[i]), 0, 0, out.Exams[e].Rated, 0, 1)
	}
	if f.tau == 0 {
		g.allAlike(out)
		return true
	}
	typical := standardInformation(f, mix)
	var information float64
	for a, i := range g.agents {
		p := m.posterior(a, f, mix)
		information += p.byTau * p.byTau
		out.Agents[i].take(p, f, mix, typical)
	}
	g.spread(f.tau, information)
	return true
}

// model gives the mixed model of the group, and the standard mix of its exams.
func (g *agentGroup) model(out *AgentMarks) (*mixed, []float64) {
	place, mix := map[int]int{}, make([]float64, len(g.exams))
	for i, e := range g.exams {
		place[e], mix[i] = i, out.Exams[e].Share
	}
	agents := make([][]cell, len(g.agents))
	for a, i := range g.agents {
		for _, c := range g.roll.agents[i].cells {
			agents[a] = append(agents[a], cell{place[c.exam], c.x, c.n})
		}
	}
	return newMixed(agents, len(g.exams), quadraturePoints, weakPrecision), mix
}

// allAlike marks everybody with the share of the group, which is what the
// model says if agents do not differ.
func (g *agentGroup) allAlike(out *AgentMarks) {
	g.tau = Estimate{N: int64(len(g.agents)), Status: Degenerate}
	all := share(g.satisfied, g.rated)
	for _, i := range g.agents {
		m := &out.Agents[i]
		m.Adjusted = enough(Estimate{Value: all.Value, Lo: all.Lo, Hi: all.Hi, N: m.Rated, Status: OK})
	}
}

// spread tells tau with an interval on the scale of its logarithm; the
// information is the sum of the agents' squared slopes (Berndt and others
// 1974).
func (g *agentGroup) spread(tau, information float64) {
	g.tau = around(tau, 0, 0, int64(len(g.agents)), 0, 0)
	if half := normal(Confidence) / math.Sqrt(information); half < math.Log(greatestTau/tau)+1 {
		g.tau.Lo, g.tau.Hi, g.tau.Status = tau*math.Exp(-half), tau*math.Exp(half), OK
	}
}

// take fills in what the model says of an agent. The effect is close to
// normal, and the score rises with it, so the ends of its interval are those of
// the score.
func (m *AgentMark) take(p posterior, f modelFit, mix []float64, typical float64) {
	z := normal(Confidence)
	m.effect, m.spread = p.mean, p.sd
	m.Adjusted = enough(Estimate{
		Value: p.score, N: m.Rated, Status: OK,
		Lo: min(p.score, standard(f.mu, mix, p.mean-z*p.sd)),
		Hi: max(p.score, standard(f.mu, mix, p.mean+z*p.sd)),
	})
	// What the ratings leave unknown, of what was: the variance within against
	// the variance between. One rating tells as much as the agent's own ratings
	// did, menus and all.
	m.Reliability = min(1, max(0, 1-p.sd*p.sd/(f.tau*f.tau)))
	perRating := typical
	if m.Reliability > 0 && m.Reliability < 1 {
		perRating = m.Reliability / (1 - m.Reliability) / float64(m.Rated)
	}
	m.Wanted = wantedAt(PayReliability, 1/perRating)
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
