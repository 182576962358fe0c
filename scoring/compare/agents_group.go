package compare

import (
	"math"
	"slices"
)

// agentGroup is agents who are linked by exams in common, however many steps
// apart: only inside one can an easy menu be told from a good agent.
type agentGroup struct {
	roll             *roll
	agents, exams    []int // places in the roll, in order
	rated, satisfied int64
	lone             []int // of the exams, those that one agent alone sat, beside others that agents have in common
	sat              []int // the others
	common           int64 // ratings under those
	method           Method
	tau              Estimate
	p                []float64 // by agent, of a model: that of the effect, both sides
	up               []bool    // and whether it is rather over none
	failed           bool      // the model found no optimum
}

// groups finds the connected sets of agents and exams, in the order of their
// first agents. Agents without ratings are in none.
func (r *roll) groups() []*agentGroup {
	above := make([]int, len(r.exams)) // a forest of exams
	for e := range above {
		above[e] = e
	}
	root := func(e int) int {
		for above[e] != e {
			above[e] = above[above[e]]
			e = above[e]
		}
		return e
	}
	for _, s := range r.agents {
		for _, c := range s.cells {
			above[root(c.exam)] = root(s.cells[0].exam)
		}
	}
	var all []*agentGroup
	at := map[int]*agentGroup{}
	for i, s := range r.agents {
		if s.rated == 0 {
			continue
		}
		top := root(s.cells[0].exam)
		if at[top] == nil {
			at[top] = &agentGroup{roll: r, tau: Estimate{Status: NoData}}
			all = append(all, at[top])
		}
		g := at[top]
		g.agents = append(g.agents, i)
		g.rated, g.satisfied = g.rated+s.rated, g.satisfied+s.satisfied
	}
	for e := range r.exams {
		g := at[root(e)]
		g.exams = append(g.exams, e)
	}
	return all
}

// largest gives the group of most agents, of most ratings among equals; nil
// without any.
func largest(groups []*agentGroup) *agentGroup {
	var most *agentGroup
	for _, g := range groups {
		if most == nil || len(g.agents) > len(most.agents) || len(g.agents) == len(most.agents) && g.rated > most.rated {
			most = g
		}
	}
	return most
}

// mark fills in the marks of the group and its exams.
func (g *agentGroup) mark(number int, out *AgentMarks) {
	target, limits := float64(g.satisfied)/float64(g.rated), map[int64]Funnel{}
	for _, i := range g.agents {
		m := &out.Agents[i]
		m.Group = number
		if _, ok := limits[m.Rated]; !ok {
			limits[m.Rated] = FunnelLimits(target, m.Rated)
		}
		m.Funnel = limits[m.Rated]
	}
	for _, e := range g.exams {
		out.Exams[e].Group = number
	}
	g.compare(out)
	switch {
	case len(g.agents) == 1:
		g.method = AloneMethod
		out.Agents[g.agents[0]].Adjusted = out.Agents[g.agents[0]].Raw
	case len(g.agents) < MinAgents || !g.markByModel(out):
		g.failed = len(g.agents) >= MinAgents
		g.method = ObservedExpected
		g.markByExpected(out)
	default:
		g.method = MixedModel
		g.discrimination(out)
	}
	for _, i := range g.agents {
		out.Agents[i].Method = g.method
	}
}

// compare parts the exams that agents have in common from those that one agent
// alone sat: how hard such a one is and how good the agent is are one figure,
// which tells nothing of either. A group of one has the mix that it has.
func (g *agentGroup) compare(out *AgentMarks) {
	agents := map[int]int{}
	for _, i := range g.agents {
		for _, c := range g.roll.agents[i].cells {
			agents[c.exam]++
		}
	}
	for _, e := range g.exams {
		if agents[e] == 1 && len(g.agents) > 1 {
			g.lone = append(g.lone, e)
			continue
		}
		g.sat, g.common = append(g.sat, e), g.common+out.Exams[e].Rated
	}
	for _, e := range g.sat {
		out.Exams[e].Share = float64(out.Exams[e].Rated) / float64(g.common)
	}
}

// cells gives the ratings of one agent under the exams that agents have in
// common, with their places among those, and how many they are.
func (g *agentGroup) cells(agent int) (cells []cell, x, n float64) {
	for _, c := range g.roll.agents[agent].cells {
		if place, ok := slices.BinarySearch(g.sat, c.exam); ok {
			cells, x, n = append(cells, cell{place, c.x, c.n}), x+c.x, n+c.n
		}
	}
	return cells, x, n
}

// markByExpected holds each agent's satisfied against what the shares of the
// exams let expect, times the share of the group. The interval is Wilson's of
// the raw share, on the same scale.
func (g *agentGroup) markByExpected(out *AgentMarks) {
	var satisfied int64
	for _, e := range g.sat {
		satisfied += out.Exams[e].Satisfied
	}
	pooled := float64(satisfied) / float64(g.common)
	for _, i := range g.agents {
		cells, x, n := g.cells(i)
		var expected float64
		for _, c := range cells {
			of := out.Exams[g.sat[c.exam]]
			expected += c.n * float64(of.Satisfied) / float64(of.Rated)
		}
		e := share(int64(x), int64(n))
		if expected > 0 { // else nobody was satisfied, and the raw share is as good
			scale := pooled * n / expected
			e.Value, e.Lo, e.Hi = math.Min(1, e.Value*scale), math.Min(1, e.Lo*scale), math.Min(1, e.Hi*scale)
		}
		out.Agents[i].Adjusted = enough(e)
	}
}

// discrimination says how well each exam alone tells agents apart.
func (g *agentGroup) discrimination(out *AgentMarks) {
	x, n := make([][]int64, len(out.Exams)), make([][]int64, len(out.Exams))
	for _, i := range g.agents {
		for _, c := range g.roll.agents[i].cells {
			x[c.exam], n[c.exam] = append(x[c.exam], int64(c.x)), append(n[c.exam], int64(c.n))
		}
	}
	for _, e := range g.sat {
		if len(x[e]) >= MinAgents {
			out.Exams[e].Wanted = FitBetaBinomial(x[e], n[e]).Wanted(PayReliability)
		}
	}
}

// call gives the tiers: to agents with enough ratings and a reliable mark, by
// whether the effect differs from none beyond chance among all of them.
func call(all []AgentMark, groups []*agentGroup) {
	var who []*AgentMark
	var p []float64
	var up []bool
	for _, g := range groups {
		for a, of := range g.p {
			if m := &all[g.agents[a]]; m.Adjusted.N >= MinRatings && m.Reliability >= MinReliability {
				who, p, up = append(who, m), append(p, of), append(up, g.up[a])
			}
		}
	}
	// An adjusted p is no less than the p, so the interval excludes 0 too.
	for i, q := range BenjaminiHochberg(p) {
		switch {
		case q >= TierFDR:
			who[i].Tier = Expected
		case up[i]:
			who[i].Tier = Above
		default:
			who[i].Tier = Below
		}
	}
}
