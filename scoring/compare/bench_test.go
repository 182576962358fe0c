package compare

import (
	"fmt"
	"testing"

	"aftercall/scoring"
)

// BenchmarkCompare is the cost for the cells of 3 layouts, 10 queues, 3 epochs
// in each, 90 days, 2 languages and 500 agents: it does not grow with surveys.
func BenchmarkCompare(b *testing.B) {
	for _, perCell := range []int64{1, 100} {
		in := wide(perCell)
		b.Run(fmt.Sprintf("%d cells, %d surveys", len(in.Days)+len(in.Agents), surveys(in)), func(b *testing.B) {
			for b.Loop() {
				if out := Compare(in); out.Verdict.State == Nothing {
					b.Fatal(out.Verdict)
				}
			}
		})
	}
}

func surveys(in Input) (n int64) {
	for _, d := range in.Days {
		n += d.N
	}
	return n
}

func wide(perCell int64) Input {
	w := newWorld(1, 3_000_000, habit, worstFirst, gap)
	results := []result{{"satisfied", 1}, {"fair", 2}, {"dissatisfied", 3}, {"hangup", 0}, {"hangup", 1}, {"no_input", 3}, {"invalid", 3}}
	for q := range 10 {
		for e := range 3 {
			id := w.epoch(fmt.Sprint("queue-", q), 1, 1, 1)
			for d := range 30 {
				for arm := range 3 {
					for _, r := range results {
						w.count(w.in.Epochs[id-1], e*30+d, arm, r, perCell)
					}
				}
			}
			for a := range 50 {
				for arm := range 3 {
					for _, r := range results {
						w.in.Agents = append(w.in.Agents, scoring.AgentCount{Queue: fmt.Sprint("queue-", q), Epoch: id,
							Agent: fmt.Sprint("agent-", q*50+a), Version: w.in.Arms[arm].Versions[0], Language: "en", Result: r.name, N: perCell})
					}
				}
			}
		}
	}
	return w.input()
}
