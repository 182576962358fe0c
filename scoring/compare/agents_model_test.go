package compare

import (
	"fmt"
	"math"
	"testing"
)

// dense integrates one agent's likelihood, and moments of the effect and of
// the score, over a fine grid: what the quadrature stands for.
func dense(cells []cell, mu, mix []float64, tau float64) (log, mean, sd, score float64) {
	const points, reach = 2001, 9
	var weights, effects []float64
	most := math.Inf(-1)
	for i := range points {
		v := -reach + 2*reach*float64(i)/(points-1)
		h := -v * v / 2
		for _, c := range cells {
			_, log1p := logistic(mu[c.exam] + tau*v)
			h += c.x*(mu[c.exam]+tau*v) - c.n*log1p
		}
		weights, effects, most = append(weights, h), append(effects, tau*v), math.Max(most, h)
	}
	var sum, square float64
	for i, h := range weights {
		w := math.Exp(h - most)
		sum += w
		mean += w * effects[i]
		square += w * effects[i] * effects[i]
		score += w * standard(mu, mix, effects[i])
	}
	mean /= sum
	return most + math.Log(sum*2*reach/(points-1)/math.Sqrt(2*math.Pi)), mean, math.Sqrt(square/sum - mean*mean), score / sum
}

var modelCases = [][]cell{
	{{0, 9, 10}, {1, 3, 4}},
	{{0, 10, 10}},
	{{1, 0, 3}},
	{{0, 130, 200}, {1, 55, 60}},
	{{0, 1, 1}},
	{{0, 1600, 2000}},
}

// TestQuadrature: nine points do for what a fine grid gives.
func TestQuadrature(t *testing.T) {
	mu, mix := []float64{1.5, 0.3}, []float64{0.7, 0.3}
	for _, tau := range []float64{0.05, 0.35, 1.5} {
		m := newMixed(modelCases, 2, quadraturePoints, 0)
		for a, cells := range modelCases {
			log, mean, sd, score := dense(cells, mu, mix, tau)
			f := modelFit{mu: mu, tau: tau}
			p := m.posterior(a, f, mix)
			name := fmt.Sprintf("tau %.2f, %v", tau, cells)
			near(t, name+": likelihood", m.integrate(a, mu, tau), log, 1e-4)
			near(t, name+": mean", p.mean, mean, 1e-3*tau)
			near(t, name+": sd", p.sd, sd, 1e-3*tau)
			near(t, name+": score", p.score, score, 1e-4)
		}
	}
}

// TestSlopeOfTheLikelihood holds the gradient against differences.
func TestSlopeOfTheLikelihood(t *testing.T) {
	m := newMixed(modelCases, 2, quadraturePoints, weakPrecision)
	at := func(x []float64) (float64, []float64) {
		g := make([]float64, 3)
		return m.likelihood(x[:2], math.Exp(x[2]), g), g
	}
	for _, x := range [][]float64{{1.5, 0.3, -1}, {0, 0, 0}, {-2, 1, -3}} {
		_, gradient := at(x)
		for i := range x {
			const h = 1e-4
			moved := append([]float64{}, x...)
			moved[i] += h
			over, _ := at(moved)
			moved[i] -= 2 * h
			under, _ := at(moved)
			near(t, fmt.Sprintf("slope %d at %v", i, x), gradient[i], (over-under)/(2*h), 1e-3*math.Max(1, math.Abs(gradient[i])))
		}
	}
}

// TestFitIsTheMaximum looks around the fit with another integration.
func TestFitIsTheMaximum(t *testing.T) {
	for seed := range uint64(4) {
		f := newFloor(seed, 30, 0.35, 2, 0.5)
		for a := range 30 {
			f.rate(a, 0, 60)
			f.rate(a, 1, 20+a)
		}
		r := readRoll(f.in)
		g := r.groups()[0]
		out := &AgentMarks{}
		out.Agents, out.Exams = r.marks()
		g.compare(out)
		m, _, mix := g.model(out)
		fit, ok := m.fit()
		if !ok || fit.tau == 0 {
			t.Fatalf("seed %d: %+v, %v", seed, fit, ok)
		}
		height := func(mu []float64, tau float64) (sum float64) {
			for _, cells := range m.agents {
				log, _, _, _ := dense(cells, mu, mix, tau)
				sum += log
			}
			return sum
		}
		top := height(fit.mu, fit.tau)
		for _, step := range []float64{0.03, -0.03} {
			for e := range fit.mu {
				mu := append([]float64{}, fit.mu...)
				mu[e] += step
				if h := height(mu, fit.tau); h > top {
					t.Errorf("seed %d: mu %d moved by %v is likelier: %v over %v", seed, e, step, h, top)
				}
			}
			if h := height(fit.mu, fit.tau*(1+4*step)); h > top {
				t.Errorf("seed %d: tau %v moved by %v is likelier: %v over %v", seed, fit.tau, 4*step, h, top)
			}
		}
	}
}

// TestNoSpreadIsFound: agents who vary less than chance have no tau, and one
// rating each says nothing of it.
func TestNoSpreadIsFound(t *testing.T) {
	for name, counts := range map[string]cell{"less than chance": {0, 40, 50}, "one rating each": {0, 1, 1}} {
		var agents [][]cell
		for a := range 40 {
			c := counts
			if c.n == 1 && a%5 == 0 {
				c.x = 0
			}
			agents = append(agents, []cell{c})
		}
		f, ok := newMixed(agents, 1, quadraturePoints, weakPrecision).fit()
		if !ok || f.tau != 0 || math.Abs(expit(f.mu[0])-0.8) > 0.01 {
			t.Errorf("%s: %+v, %v; want no tau and a share of 0.8", name, f, ok)
		}
	}
}

// TestAllOrNothingHasNoModel: agents with whom every caller is of one opinion
// differ without end.
func TestAllOrNothingHasNoModel(t *testing.T) {
	f := newFloor(1, 20, 0, 1)
	for a := range 20 {
		f.add(a, 0, a%2*500, 500)
	}
	out := Agents(f.in)
	if out.Method != ObservedExpected || !hasCode(out.Warnings, NoModel) || out.Spread.Status != NoData {
		t.Errorf("method %s, spread %+v, warnings %v", out.Method, out.Spread, out.Warnings)
	}
	for _, m := range out.Agents {
		if m.Tier != Untold || m.Reliability != 0 {
			t.Fatalf("%+v", m)
		}
	}
}

// TestOneMoreSatisfiedLowersNothing: neither the mark nor either end of its
// interval, up to an agent of whom nobody was dissatisfied.
func TestOneMoreSatisfiedLowersNothing(t *testing.T) {
	for _, ratings := range []int{20, 30, 70} {
		var last Estimate
		for x := ratings / 2; x <= ratings; x++ {
			f := newFloor(1, 6, 0, 1.5)
			for a, others := range []int{74, 78, 80, 81, 87} {
				f.add(a, 0, others, 100)
			}
			f.add(5, 0, x, ratings)
			m := Agents(f.in).Agents[5].Adjusted
			if m.Value < last.Value-1e-9 || m.Lo < last.Lo-0.01 || m.Hi < last.Hi-0.01 {
				t.Errorf("%d of %d satisfied: %.4f (%.4f to %.4f), with one less %.4f (%.4f to %.4f)", x, ratings, m.Value, m.Lo, m.Hi, last.Value, last.Lo, last.Hi)
			}
			last = m
		}
		if last.Lo < 0.75 {
			t.Errorf("all of %d satisfied: at least %.3f, want no less than about all agents'", ratings, last.Lo)
		}
	}
}
