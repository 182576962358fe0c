package compare

import (
	"math/rand/v2"
	"slices"
	"testing"

	"aftercall/scoring"
)

// TestAMenuOfOneAgentTellsNothing: of it, how hard it is and how good the agent
// is are one figure. The marks are those of the other ratings alone.
func TestAMenuOfOneAgentTellsNothing(t *testing.T) {
	for _, agents := range []int{3, 20} { // without a model and with one
		f := homes(1, agents, 1, 0.35, 300, 60)
		out := Agents(f.in)
		f.in.Cells = slices.DeleteFunc(f.in.Cells, func(c scoring.AgentCell) bool { return c.Queue != "queue-0" })
		for a, alone := range Agents(f.in).Agents {
			m := out.Agents[a]
			if m.Adjusted != alone.Adjusted || m.Reliability != alone.Reliability || m.Wanted != alone.Wanted || m.Tier != alone.Tier {
				t.Errorf("%d agents, %s: %+v, without the queue of its own %+v", agents, m.Agent, m, alone)
			}
			if m.Rated != 360 || m.Adjusted.N != 60 {
				t.Errorf("%d agents, %s: %d ratings, %d in the mark, want 360 and 60", agents, m.Agent, m.Rated, m.Adjusted.N)
			}
		}
		for _, e := range out.Exams {
			if (e.Share == 0) != (e.Rated == 300) || e.Expected.Known() && e.Rated == 300 || e.Group != 1 {
				t.Errorf("%d agents: %+v", agents, e)
			}
		}
		if !hasCode(out.Warnings, LoneExams) {
			t.Errorf("%d agents: warnings %v, want %s", agents, out.Warnings, LoneExams)
		}
	}
	c := simulate(t, "20 queues of one agent with 300 ratings, 60 in common", 20, func(seed uint64) *floor {
		f := homes(seed, 20, 1, 0.35, 300, 60)
		for _, row := range f.rated {
			clear(row[1:]) // the mix is of the common queue
		}
		return f
	})
	if c.coverage() < 0.925 || c.coverage() > 0.985 {
		t.Errorf("the interval holds the truth in %.3f, want 0.925 to 0.985", c.coverage())
	}
}

// TestOneMoreSatisfiedLowersNoMark, on small floors of any shape; of a model
// only marks of which anything is known, because where it finds a spread that
// it did not find with one less, all marks move.
func TestOneMoreSatisfiedLowersNoMark(t *testing.T) {
	seen := map[Method]int{}
	for seed := range uint64(600) {
		rnd := rand.New(rand.NewPCG(seed, 9))
		agents, mu := 2+rnd.IntN(8), make([]float64, 1+rnd.IntN(4))
		for e := range mu {
			mu[e] = rnd.Float64()*4 - 1
		}
		f := newFloor(seed, agents, 0.6, mu...)
		for a := range agents {
			for e := range mu {
				if rnd.IntN(3) > 0 {
					f.rate(a, e, 1+rnd.IntN([]int{10, 60, 300}[rnd.IntN(3)]))
				}
			}
		}
		before := Agents(f.in)
		for i, c := range f.in.Cells {
			if c.Result != "dissatisfied" || c.N == 0 || rnd.IntN(4) > 0 {
				continue
			}
			f.in.Cells[i].N--
			better := c
			better.Result, better.N = "satisfied", 1
			after := Agents(AgentsInput{Cells: append(f.in.Cells, better), Definitions: f.in.Definitions})
			f.in.Cells[i].N++
			for a, m := range before.Agents {
				if now := after.Agents[a]; m.Agent == c.Agent && m.Method == now.Method && (m.Method != MixedModel || m.Reliability > 0 && now.Reliability > 0) {
					seen[m.Method]++
					if now.Adjusted.Value < m.Adjusted.Value-1e-6 {
						t.Errorf("seed %d, %s by %s: %.4f with one more satisfied, %.4f before", seed, m.Agent, m.Method, now.Adjusted.Value, m.Adjusted.Value)
					}
				}
			}
		}
	}
	if seen[MixedModel] < 200 || seen[ObservedExpected] < 200 {
		t.Errorf("looked at %v", seen)
	}
}
