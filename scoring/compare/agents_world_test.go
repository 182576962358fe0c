package compare

import (
	"fmt"
	"math"
	"math/rand/v2"

	"aftercall/ivr/layout"
	"aftercall/scoring"
)

// floor is a floor of agents whose true effects are known.
type floor struct {
	rnd    *rand.Rand
	in     AgentsInput
	effect []float64
	mu     []float64   // by exam: log odds
	queue  []string    // by exam
	rated  [][]float64 // by agent and exam
}

// exams are the layouts of a floor, over and over.
var exams = []layout.Definition{habit, worstFirst, reversed, gap, strict}

// newFloor has so many agents, who differ by tau, sit exams of these log odds.
func newFloor(seed uint64, agents int, tau float64, mu ...float64) *floor {
	f := &floor{rnd: rand.New(rand.NewPCG(seed, 6)), mu: mu, in: AgentsInput{Definitions: map[string]layout.Definition{}}}
	for e := range mu {
		d := exams[e%len(exams)]
		f.in.Definitions[fmt.Sprint("v", e)] = d
		f.queue = append(f.queue, "support")
	}
	for range agents {
		f.effect = append(f.effect, tau*f.rnd.NormFloat64())
		f.rated = append(f.rated, make([]float64, len(mu)))
	}
	return f
}

func (f *floor) id(agent int) string { return fmt.Sprintf("agent-%05d", agent) }

// rate has n callers of an agent rate under an exam.
func (f *floor) rate(agent, exam, n int) {
	p, x := expit(f.mu[exam]+f.effect[agent]), 0
	for range n {
		if f.rnd.Float64() < p {
			x++
		}
	}
	f.add(agent, exam, x, n)
}

// add counts x satisfied of n.
func (f *floor) add(agent, exam, x, n int) {
	f.rated[agent][exam] += float64(n)
	for result, n := range map[string]int{"satisfied": x, "dissatisfied": n - x, "hangup": n / 3} {
		f.in.Cells = append(f.in.Cells, scoring.AgentCell{Agent: f.id(agent), Queue: f.queue[exam], Version: fmt.Sprint("v", exam), Result: result, N: int64(n)})
	}
}

// truth gives every agent's share of satisfied under the mix of all.
func (f *floor) truth() []float64 {
	mix, sum := make([]float64, len(f.mu)), 0.
	for _, row := range f.rated {
		for e, n := range row {
			mix[e] += n
			sum += n
		}
	}
	all := make([]float64, len(f.effect))
	for a, u := range f.effect {
		for e, n := range mix {
			all[a] += n / sum * expit(f.mu[e]+u)
		}
	}
	return all
}

// uneven gives every agent about so many ratings, in a mix of two exams that
// differs between agents.
func uneven(seed uint64, agents int, tau float64, perAgent int) *floor {
	f := newFloor(seed, agents, tau, 1.8, 1.0)
	for a := range agents {
		n := perAgent/2 + f.rnd.IntN(perAgent+1)
		part := math.Pow(f.rnd.Float64(), 2)
		if f.rnd.IntN(2) == 0 {
			part = 1 - part
		}
		easy := int(part * float64(n))
		f.rate(a, 0, easy)
		f.rate(a, 1, n-easy)
	}
	return f
}

// homes has queues with so many agents each, who have most of their ratings
// there and a few in a queue that is everybody's.
func homes(seed uint64, queues, each int, tau float64, most, shared int) *floor {
	mu := []float64{1.5}
	for q := range queues {
		mu = append(mu, 1+0.3*float64(q%4))
	}
	f := newFloor(seed, queues*each, tau, mu...)
	for e := range mu {
		f.queue[e] = fmt.Sprint("queue-", e)
	}
	for a := range queues * each {
		f.rate(a, 1+a/each, most)
		f.rate(a, 0, shared)
	}
	return f
}
