package compare

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat"

	"aftercall/scoring"
)

// The simulations have fixed seeds: they give the same figures on every run.
// Limits lie several standard errors from what is expected.

// TestAdjustedIsNearerToTheTruth: menus of which one is harder by 0.8 on the
// scale of log odds, and agents who get them in unequal shares.
func TestAdjustedIsNearerToTheTruth(t *testing.T) {
	const runs = 15
	var raw, adjusted, rawOrder, adjustedOrder float64
	for run := range uint64(runs) {
		f := uneven(run, 200, 0.35, 100)
		out := Agents(f.in)
		truth := f.truth()
		var rawMarks, marks []float64
		for _, m := range out.Agents {
			rawMarks, marks = append(rawMarks, m.Raw.Value), append(marks, m.Adjusted.Value)
		}
		raw, adjusted = raw+distance(rawMarks, truth)/runs, adjusted+distance(marks, truth)/runs
		rawOrder, adjustedOrder = rawOrder+spearman(rawMarks, truth)/runs, adjustedOrder+spearman(marks, truth)/runs
	}
	t.Logf("200 agents, unequal menus, %d runs: root mean square error raw %.4f, adjusted %.4f; rank correlation with the truth raw %.3f, adjusted %.3f", runs, raw, adjusted, rawOrder, adjustedOrder)
	if adjusted > 0.7*raw {
		t.Errorf("error adjusted %.4f, raw %.4f: want at most 0.7 of it", adjusted, raw)
	}
	if adjustedOrder < rawOrder+0.05 {
		t.Errorf("rank correlation adjusted %.3f, raw %.3f: want 0.05 more", adjustedOrder, rawOrder)
	}
}

func distance(a, b []float64) float64 {
	var sum float64
	for i := range a {
		sum += (a[i] - b[i]) * (a[i] - b[i])
	}
	return math.Sqrt(sum / float64(len(a)))
}

func spearman(a, b []float64) float64 {
	return stat.Correlation(ranks(a), ranks(b), nil)
}

func ranks(all []float64) []float64 {
	order, rank := make([]int, len(all)), make([]float64, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(all[i], all[j]) })
	for r, i := range order {
		rank[i] = float64(r)
	}
	return rank
}

// tallied is what some floors came to.
type tallied struct {
	agents, flagged, wrong, told, floors int // floors: on which anybody is flagged
	shown, covered                       int // adjusted scores, and those whose interval holds the truth
}

func (c tallied) coverage() float64 { return float64(c.covered) / float64(c.shown) }

// simulate marks floors and holds the marks against the truth.
func simulate(t *testing.T, name string, runs int, of func(seed uint64) *floor) tallied {
	t.Helper()
	var c tallied
	for run := range uint64(runs) {
		f := of(run)
		out, truth, before := Agents(f.in), f.truth(), c.flagged
		for a, m := range out.Agents {
			c.agents++
			if m.Tier != Untold {
				c.told++
			}
			if m.Tier == Above || m.Tier == Below {
				c.flagged++
				if (m.Tier == Above) != (f.effect[a] > 0) {
					c.wrong++
				}
			}
			if m.Adjusted.Known() {
				c.shown++
				if m.Adjusted.Lo <= truth[a] && truth[a] <= m.Adjusted.Hi {
					c.covered++
				}
			}
		}
		if c.flagged > before {
			c.floors++
		}
	}
	t.Logf("%s, %d runs: %d agents, %.1f %% told apart, %.2f %% above or below (in %d runs), %.2f %% on the wrong side; the interval holds the truth in %.1f %%",
		name, runs, c.agents, percent(c.told, c.agents), percent(c.flagged, c.agents), c.floors, percent(c.wrong, c.agents), 100*c.coverage())
	return c
}

func percent(x, n int) float64 { return 100 * float64(x) / float64(n) }

// TestNobodyIsFlaggedByChance: agents who do not differ, whose menus do.
func TestNobodyIsFlaggedByChance(t *testing.T) {
	for _, s := range []struct{ agents, perAgent, runs int }{{200, 150, 30}, {200, 1000, 5}, {8, 150, 300}} {
		name := fmt.Sprintf("no differences, %d agents with about %d ratings", s.agents, s.perAgent)
		c := simulate(t, name, s.runs, func(seed uint64) *floor { return uneven(seed, s.agents, 0, s.perAgent) })
		if c.flagged*1000 > c.agents {
			t.Errorf("%s: %d of %d agents above or below, want at most 0.1 %%", name, c.flagged, c.agents)
		}
	}
}

// TestFewAreOnTheWrongSide: agents who differ; and as many as there should be
// are found.
func TestFewAreOnTheWrongSide(t *testing.T) {
	for _, s := range []struct{ agents, perAgent, runs, found int }{{200, 150, 15, 7}, {200, 600, 5, 35}, {10, 600, 100, 20}} {
		name := fmt.Sprintf("tau 0.35, %d agents with about %d ratings", s.agents, s.perAgent)
		c := simulate(t, name, s.runs, func(seed uint64) *floor { return uneven(seed, s.agents, 0.35, s.perAgent) })
		if c.wrong*100 >= c.agents {
			t.Errorf("%s: %d of %d agents on the wrong side, want under 1 %%", name, c.wrong, c.agents)
		}
		if c.flagged*100 < c.agents*s.found {
			t.Errorf("%s: %d of %d agents above or below, want %d %%", name, c.flagged, c.agents, s.found)
		}
	}
}

// TestIntervalsHoldTheTruth: on large floors as often as they say, on small
// ones a little less.
func TestIntervalsHoldTheTruth(t *testing.T) {
	for _, s := range []struct {
		agents, perAgent, runs int
		tau, least             float64
	}{{200, 150, 20, 0.35, 0.93}, {200, 30, 20, 0.35, 0.92}, {100, 300, 20, 0.8, 0.93}, {10, 150, 300, 0.35, 0.90}, {6, 150, 300, 0.35, 0.88}} {
		name := fmt.Sprintf("tau %.2f, %d agents with about %d ratings", s.tau, s.agents, s.perAgent)
		c := simulate(t, name, s.runs, func(seed uint64) *floor { return uneven(seed, s.agents, s.tau, s.perAgent) })
		if c.coverage() < s.least || c.coverage() > 0.97 {
			t.Errorf("%s: the interval holds the truth in %.3f, want %.2f to 0.97", name, c.coverage(), s.least)
		}
	}
}

// TestSpreadHoldsTau: the interval of tau, and tau itself.
func TestSpreadHoldsTau(t *testing.T) {
	const runs, tau = 150, 0.35
	held, mean := 0, 0.
	for run := range uint64(runs) {
		s := Agents(uneven(run, 100, tau, 100).in).Spread
		mean += s.Value / runs
		if s.Lo <= tau && tau <= s.Hi {
			held++
		}
	}
	t.Logf("tau %.2f, 100 agents, %d runs: %.3f on average, the interval holds it in %.1f %%", tau, runs, mean, percent(held, runs))
	if math.Abs(mean-tau) > 0.02 || held*100 < 89*runs {
		t.Errorf("tau %.3f on average, held in %d of %d: want about %.2f, and 95 %%", mean, held, runs, tau)
	}
}

// TestTwoGroupsAreApart: two queues without an agent in common, one of which
// has harder callers. Marks are made inside each; who is on the better queue
// gains nothing by it.
func TestTwoGroupsAreApart(t *testing.T) {
	f := newFloor(4, 60, 0.35, 2.0, 0.5)
	f.queue[1] = "complaints"
	for a := range 60 {
		f.rate(a, a%2, 600)
	}
	out := Agents(f.in)
	if out.Groups != 2 || !hasCode(out.Warnings, GroupsApart) {
		t.Fatalf("%d groups, warnings %v, want 2 and %s", out.Groups, out.Warnings, GroupsApart)
	}
	tiers := map[int]map[Tier]int{1: {}, 2: {}}
	for a, m := range out.Agents {
		if m.Group != a%2+1 || m.Method != MixedModel {
			t.Fatalf("%s is in group %d by %s, want %d by %s", m.Agent, m.Group, m.Method, a%2+1, MixedModel)
		}
		tiers[m.Group][m.Tier]++
	}
	for group, n := range tiers {
		if n[Above] == 0 || n[Below] == 0 || n[Above] > 15 || n[Below] > 15 {
			t.Errorf("group %d: tiers %v, want a few above and below in each", group, n)
		}
	}
	alone := newFloor(4, 60, 0.35, 2.0, 0.5)
	alone.queue, alone.in.Cells = f.queue, slices.Clone(f.in.Cells)
	alone.in.Cells = slices.DeleteFunc(alone.in.Cells, func(c scoring.AgentCell) bool { return c.Queue == "complaints" })
	for _, m := range Agents(alone.in).Agents {
		i := slices.IndexFunc(out.Agents, func(x AgentMark) bool { return x.Agent == m.Agent })
		if both := out.Agents[i].Adjusted; math.Abs(both.Value-m.Adjusted.Value) > 1e-9 {
			t.Fatalf("%s: %.6f beside another group, %.6f without it", m.Agent, both.Value, m.Adjusted.Value)
		}
	}
	f.rate(0, 1, 30) // one agent who answers both queues links them
	if out := Agents(f.in); out.Groups != 1 || hasCode(out.Warnings, GroupsApart) {
		t.Errorf("%d groups with an agent in both queues, want 1", out.Groups)
	}
}

// TestQueuesOfFewAgents: who is good and how hard the queue is are nearly one
// figure there. The intervals say so, and so does the reliability.
func TestQueuesOfFewAgents(t *testing.T) {
	for _, s := range []struct{ queues, each, shared int }{{20, 2, 10}, {20, 3, 10}, {10, 5, 10}, {10, 5, 60}, {10, 10, 10}} {
		of := func(seed uint64) *floor { return homes(seed, s.queues, s.each, 0.35, 300, s.shared) }
		name := fmt.Sprintf("tau 0.35, %d queues of %d agents with 300 ratings, %d in common", s.queues, s.each, s.shared)
		c := simulate(t, name, 20, of)
		if c.coverage() < 0.925 || c.coverage() > 0.975 {
			t.Errorf("%s: the interval holds the truth in %.3f, want 0.925 to 0.975", name, c.coverage())
		}
		if c.wrong*200 > c.agents {
			t.Errorf("%s: %d of %d agents on the wrong side, want 0.5 %% at most", name, c.wrong, c.agents)
		}
		if s.each > 2 {
			continue
		}
		for run := range uint64(5) {
			for _, m := range Agents(of(run).in).Agents {
				if m.Reliability >= PayReliability {
					t.Errorf("%s: %s has a reliability of %.2f, want no pay to hang on it", name, m.Agent, m.Reliability)
				}
			}
		}
	}
}
