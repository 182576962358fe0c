package synth

import (
	"math"
	"math/rand/v2"
	"time"

	"aftercall/scoring"
)

// Expected is what follows from a truth, without chance: what a comparison
// should find. Shares are of all callers, as if each had heard the layout.
type Expected struct {
	Satisfied    float64          `json:"satisfied"` // true share of satisfied callers
	Fair         float64          `json:"fair"`
	Dissatisfied float64          `json:"dissatisfied"`
	Surveys      int64            `json:"surveys"`
	Layouts      []LayoutExpected `json:"layouts"`
	Agents       []AgentExpected  `json:"agents"`
}

// LayoutExpected is what a layout measures.
type LayoutExpected struct {
	Layout    string          `json:"layout"`
	Answered  float64         `json:"answered"`  // of offered
	Satisfied float64         `json:"satisfied"` // of answered; 0 if nobody answers
	Verdicts  []VerdictShares `json:"verdicts"`  // in the order they are read
}

// VerdictShares is how many choose a verdict.
type VerdictShares struct {
	Verdict string  `json:"verdict"`
	Offered float64 `json:"offered"` // share of offered
}

// AgentExpected is what callers truly think of an agent.
type AgentExpected struct {
	Agent     string  `json:"agent"`
	Queue     string  `json:"queue"`
	Satisfied float64 `json:"satisfied"` // over all days, weighted by their calls
}

// opinion is what a caller thinks of the service.
type opinion int

const (
	satisfied opinion = iota
	fair
	dissatisfied
)

var opinions = [...]opinion{satisfied, fair, dissatisfied}

// agent is one agent of one queue.
type agent struct {
	scoring.Agent
	queue string
	base  float64 // share of satisfied callers on a day without points
}

// size is the planned number of surveys.
func (t Truth) size() int64 {
	if t.Experiment.Size > 0 {
		return t.Experiment.Size
	}
	return max(t.surveys(), scoring.MinSize)
}

// surveys is how many calls are invented.
func (t Truth) surveys() int64 {
	var sum int64
	for day := 1; day <= t.Days; day++ {
		sum += int64(t.calls(day))
	}
	return sum
}

// date is the civil date of a day, as a time that means nothing else.
func (t Truth) date(day int) time.Time {
	first, _ := time.Parse(time.DateOnly, t.FirstDay)
	return first.AddDate(0, 0, day-1)
}

// weekday counts from Monday, 0.
func (t Truth) weekday(day int) int { return (int(t.date(day).Weekday()) + 6) % 7 }

// calls is how many calls come on a day.
func (t Truth) calls(day int) int {
	if len(t.WeekdayCalls) != 7 {
		return t.CallsPerDay // a fault that check names
	}
	return int(math.Round(float64(t.CallsPerDay) * t.WeekdayCalls[t.weekday(day)]))
}

// shift is what a day adds to the share of satisfied callers of every agent.
func (t Truth) shift(day int) float64 {
	return (t.WeekdayPoints[t.weekday(day)] + t.TrendPoints*float64(day-1)) / 100
}

// satisfied is the share of satisfied callers on a day with a shift.
func (a agent) satisfied(shift float64) float64 { return min(max(a.base+shift, 0), 1) }

// fair is the part of the callers who are not satisfied that finds it fair.
func (t Truth) fair() float64 { return t.Opinions.Fair / (1 - t.Opinions.Satisfied) }

// weights gives the weights in force on a day.
func (t Truth) weights(day int) []scoring.QueueWeights {
	var all []scoring.QueueWeights
	for _, q := range t.Queues {
		w := q.Weights
		if len(w) == 0 {
			for range t.Experiment.Layouts {
				w = append(w, 1)
			}
		}
		for _, r := range t.Ramps {
			if r.Day <= day && (r.Queue == "" || r.Queue == q.Name) {
				w = r.Weights
			}
		}
		all = append(all, scoring.QueueWeights{Queue: q.Name, Weights: w})
	}
	return all
}

// staff draws the agents. Each queue has as many as its share of the calls
// asks for, and one at least.
func (t Truth) staff() []agent {
	r := rand.New(rand.NewPCG(t.Seed, 0))
	odds := make([]float64, t.Agents.Number)
	for i := range odds {
		odds[i] = r.NormFloat64() * t.Agents.Spread
	}
	middle := centre(odds, t.Opinions.Satisfied)
	var all []agent
	for i, q := range t.places() {
		all = append(all, agent{Agent: scoring.Agent{ID: name("agent", i), Interface: name("PJSIP/synth", i), Name: name("Agent", i)},
			queue: q, base: logistic(middle + odds[i])})
	}
	return all
}

// places gives the queue of each agent.
func (t Truth) places() []string {
	var sum, so float64
	for _, q := range t.Queues {
		sum += q.Share
	}
	var all []string
	for i, q := range t.Queues {
		so += q.Share
		upTo := int(math.Round(so / sum * float64(t.Agents.Number)))
		// One at least, and one left for each queue that follows.
		upTo = min(max(upTo, len(all)+1), t.Agents.Number-(len(t.Queues)-1-i))
		for len(all) < upTo {
			all = append(all, q.Name)
		}
	}
	return all
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// centre gives the log odds to which the agents' own are added, so that the
// mean of their shares is mean. By bisection: the mean rises with it.
func centre(odds []float64, mean float64) float64 {
	lo, hi := -50., 50.
	for range 100 {
		middle := (lo + hi) / 2
		var sum float64
		for _, o := range odds {
			sum += logistic(middle + o)
		}
		if sum < mean*float64(len(odds)) {
			lo = middle
		} else {
			hi = middle
		}
	}
	return (lo + hi) / 2
}

// expect computes what follows from the truth.
func (g *Generator) expect() *Expected {
	t := g.truth
	e := &Expected{Surveys: t.surveys()}
	share := map[string]float64{} // of the calls that one agent of a queue has
	var sum float64
	for _, q := range t.Queues {
		sum += q.Share
	}
	for _, q := range t.Queues {
		share[q.Name] = q.Share / sum / float64(len(g.byQueue[q.Name]))
	}
	calls, shifts := make([]float64, t.Days), make([]float64, t.Days)
	for i := range calls {
		calls[i], shifts[i] = float64(t.calls(i+1)), t.shift(i+1)
	}
	for _, a := range g.agents {
		var all float64
		for i := range calls {
			all += a.satisfied(shifts[i]) * calls[i]
		}
		all /= float64(max(e.Surveys, 1))
		e.Agents = append(e.Agents, AgentExpected{a.ID, a.queue, all})
		e.Satisfied += all * share[a.queue]
	}
	e.Fair = (1 - e.Satisfied) * t.fair()
	e.Dissatisfied = 1 - e.Satisfied - e.Fair
	for _, m := range g.arms {
		e.Layouts = append(e.Layouts, m.expect(t, [...]float64{satisfied: e.Satisfied, fair: e.Fair, dissatisfied: e.Dissatisfied}))
	}
	return e
}

// expect computes what a layout measures of callers who think so.
func (m *menu) expect(t Truth, think [len(opinions)]float64) LayoutExpected {
	e := LayoutExpected{Layout: m.layout.Name}
	chosen := make([]float64, len(m.layout.Options))
	for _, o := range opinions {
		would := (1 - t.Errors) * think[o] * t.Answering.of(o) * m.factor
		deceived := 0.
		if m.deceives {
			deceived = t.GapEffect.Share
		}
		chosen[0] += would * deceived * (1 - t.GapEffect.HangUp.of(o))
		rest := would * (1 - deceived)
		chosen[0] += rest * t.OrderEffect
		rest *= 1 - t.OrderEffect
		if m.keyOne >= 0 {
			chosen[m.keyOne] += rest * t.KeyEffect
			rest *= 1 - t.KeyEffect
		}
		for i, share := range m.means[o] {
			chosen[i] += rest * share
		}
	}
	for i, option := range m.layout.Options {
		v, _ := m.scale.Verdict(option.Verdict)
		e.Answered += chosen[i]
		if v.Satisfied {
			e.Satisfied += chosen[i]
		}
		e.Verdicts = append(e.Verdicts, VerdictShares{v.ID, chosen[i]})
	}
	if e.Answered > 0 {
		e.Satisfied /= e.Answered
	}
	return e
}
