package compare

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"aftercall/ivr/layout"
	"aftercall/scoring"
)

// cellsOf draws cells of some agents under some exams, with counts as a site
// has them, or none, or far too many.
func cellsOf(t *rapid.T) AgentsInput {
	in := AgentsInput{Definitions: map[string]layout.Definition{"v0": habit, "v1": strict, "v2": {}}}
	agents := rapid.IntRange(0, 12).Draw(t, "agents")
	n := rapid.OneOf(count(), rapid.Int64Range(0, 30), rapid.SampledFrom([]int64{10_000_000, math.MaxInt64, math.MinInt64}))
	if rapid.Bool().Draw(t, "usual") {
		n = rapid.Int64Range(0, 200)
	}
	for a := range agents {
		id := fmt.Sprint("agent ", a)
		if rapid.IntRange(0, 9).Draw(t, "known") == 0 {
			id = scoring.Unknown
		}
		for range rapid.IntRange(0, 4).Draw(t, "cells") {
			in.Cells = append(in.Cells, scoring.AgentCell{
				Agent: id, Queue: rapid.SampledFrom([]string{"", "support", "sales"}).Draw(t, "queue"),
				Version: rapid.SampledFrom([]string{"v0", "v0", "v1", "v2", "gone"}).Draw(t, "version"),
				Result:  rapid.SampledFrom([]string{"satisfied", "dissatisfied", "fair", "very_satisfied", "hangup", "rated", ""}).Draw(t, "result"),
				N:       n.Draw(t, "n"),
			})
		}
	}
	return in
}

// marked demands what holds of all marks.
func marked(t *rapid.T, out AgentMarks) {
	look(t, "Agents", out)
	share := map[int]float64{}
	for _, e := range out.Exams {
		share[e.Group] += e.Share
		if e.Rated < e.Satisfied || e.Wanted < 0 || e.Group < 1 || e.Group > out.Groups {
			t.Fatalf("%+v", e)
		}
	}
	for group, sum := range share {
		if math.Abs(sum-1) > 1e-9 {
			t.Fatalf("the mix of group %d adds up to %v", group, sum)
		}
	}
	for i, m := range out.Agents {
		for name, e := range map[string]Estimate{"answered": m.Answered, "raw": m.Raw, "adjusted": m.Adjusted} {
			holds(t, name, e)
			if e.Lo < 0 || e.Hi > 1 || e.Known() && e.N < FewRatings {
				t.Fatalf("%s: %+v", name, e)
			}
		}
		f := m.Funnel
		if !(0 <= f.Lo998 && f.Lo998 <= f.Lo95+1e-9 && f.Lo95 <= f.Hi95+1e-9 && f.Hi95 <= f.Hi998+1e-9 && f.Hi998 <= 1) {
			t.Fatalf("%+v", f)
		}
		told := m.Tier != Untold
		if m.Reliability < 0 || m.Reliability > 1 || m.Wanted < 0 || told && (m.Rated < MinRatings || m.Reliability < MinReliability || m.Method != MixedModel) {
			t.Fatalf("%+v", m)
		}
		if m.Offered < m.Rated || m.Rated < m.Satisfied || (m.Group == 0) != (m.Rated == 0) || m.Agent == scoring.Unknown {
			t.Fatalf("%+v", m)
		}
		if i > 0 && out.Agents[i-1].Agent >= m.Agent {
			t.Fatalf("%s before %s", out.Agents[i-1].Agent, m.Agent)
		}
	}
	if _, err := json.Marshal(out); err != nil {
		t.Fatal(err)
	}
}

func TestAgentsAreTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { marked(t, Agents(cellsOf(t))) })
}

func TestBetaBinomialAndFunnelAreTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, n := counts().Draw(t, "x"), counts().Draw(t, "n")
		b := FitBetaBinomial(x, n)
		parts := make([]int64, min(len(x), len(n)))
		for i := range parts {
			parts[i] = max(0, min(x[i], n[i]))
		}
		for _, b := range []BetaBinomial{b, FitBetaBinomial(parts, n)} {
			look(t, "FitBetaBinomial", b)
			for _, k := range append(n, 0, 10) {
				holds(t, "Posterior", b.Posterior(k/2, k, conf().Draw(t, "conf")))
				if r := b.Reliability(k); !(r >= 0 && r <= 1) {
					t.Fatalf("reliability %v", r)
				}
			}
			if b.Wanted(0.7) < 0 {
				t.Fatal(b.Wanted(0.7))
			}
		}
		look(t, "FunnelLimits", FunnelLimits(rapid.OneOf(score(), rapid.Float64Range(0, 1)).Draw(t, "target"), count().Draw(t, "of")))
	})
}

// TestAgentsOfAnySize: what a site may come to, each with what must be said.
func TestAgentsOfAnySize(t *testing.T) {
	one := newFloor(1, 10_000, 0.35, 1)
	for a := range 10_000 {
		one.rate(a, 0, 1)
	}
	many := newFloor(1, 12, 0.35, 1, 0.2)
	for a := range 12 {
		for e := range 2 {
			p := expit(many.mu[e] + many.effect[a])
			many.add(a, e, int(p*1e7), 1e7)
		}
	}
	satisfied := newFloor(1, 300, 0, 1, 1)
	for a := range 300 {
		satisfied.add(a, a%2, 100, 100)
		satisfied.add(a, (a+1)%2, 50, 50)
	}
	single := newFloor(1, 1, 0, 1, 0, -1)
	for e := range 3 {
		single.rate(0, e, 100)
	}
	for name, c := range map[string]struct {
		in     AgentsInput
		method Method
		told   bool
	}{
		"10,000 agents with one rating": {one.in, MixedModel, false},
		"ten million ratings a cell":    {many.in, MixedModel, true},
		"everything satisfied":          {satisfied.in, MixedModel, false},
		"one agent, all exams":          {single.in, AloneMethod, false},
	} {
		begun := time.Now()
		out := Agents(c.in)
		t.Logf("%s: %s, spread %.3f, %v, in %v", name, out.Method, out.Spread.Value, out.Warnings, time.Since(begun).Round(time.Millisecond))
		told := 0
		for _, m := range out.Agents {
			if m.Tier != Untold {
				told++
			}
		}
		if out.Method != c.method || (told > 0) != c.told {
			t.Errorf("%s: %s with %d told apart, want %s", name, out.Method, told, c.method)
		}
	}
	for a, m := range Agents(many.in).Agents {
		near(t, m.Agent, m.Adjusted.Value, many.truth()[a], 1e-4)
	}
}
