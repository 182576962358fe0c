package compare

import (
	"fmt"
	"testing"
)

// BenchmarkAgents is the cost of marks, which grows with agents by exam and not
// with ratings.
func BenchmarkAgents(b *testing.B) {
	for _, size := range []struct{ agents, exams, queues int }{{500, 3, 1}, {10_000, 6, 1}, {10_000, 200, 100}} {
		in := crowd(size.agents, size.exams, size.queues)
		b.Run(fmt.Sprintf("%d agents, %d exams, %d cells", size.agents, size.exams, len(in.Cells)/3), func(b *testing.B) {
			for b.Loop() {
				if out := Agents(in); out.Method != MixedModel || out.Spread.Status != OK {
					b.Fatal(out.Method, out.Spread)
				}
			}
		})
	}
}

// crowd has every agent work in one queue or, every tenth, in two, under each
// of its exams.
func crowd(agents, exams, queues int) AgentsInput {
	mu := make([]float64, exams)
	for e := range mu {
		mu[e] = 1.0 + 0.8*float64(e%3)/2
	}
	f := newFloor(1, agents, 0.35, mu...)
	each := exams / queues
	for e := range mu {
		f.queue[e] = fmt.Sprint("queue-", e/each)
	}
	for a := range agents {
		for q := range 2 {
			if q == 1 && (queues == 1 || a%10 != 0) {
				break
			}
			for e := range each {
				f.rate(a, (a+q*37)%queues*each+e, 20+a%30)
			}
		}
	}
	return f.in
}
