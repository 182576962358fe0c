package sqlite

import (
	"cmp"
	"strconv"

	"aftercall/scoring"
)

const (
	timingStep  = 250 // ms to a bucket of the table timing
	timingUnset = -1  // its bucket for answers without a press time
)

// agentCell and its like are the keys of the roll-ups of the same name.
type agentCell struct {
	queue    string
	epoch    int64
	agent    string
	version  string
	language string
	question string
	result   string
	heard    int
}

type dayCell struct {
	queue    string
	epoch    int64
	day      string
	version  string
	language string
	question string
	result   string
	heard    int
}

type agentDay struct{ day, agent, queue, version, result string }

type timing struct {
	version string
	bucket  int64
	result  string
}

// batch collects what one transaction adds to the roll-ups, so that each cell
// is written once however many answers fall into it.
type batch struct {
	agents    map[agentCell]int64
	days      map[dayCell]int64
	agentDays map[agentDay]int64
	timings   map[timing]int64
	agentsOn  map[string]string        // the last day with a survey of each agent; "" = only made known
	agentsIn  []string                 // those of agentsOn, in the order in which they came
	totals    map[scoring.Series]int64 // a 0 makes the series stand
}

func newBatch() batch {
	return batch{agents: map[agentCell]int64{}, days: map[dayCell]int64{}, agentDays: map[agentDay]int64{},
		timings: map[timing]int64{}, agentsOn: map[string]string{}, totals: map[scoring.Series]int64{}}
}

func (b *batch) clear() {
	clear(b.agents)
	clear(b.days)
	clear(b.agentDays)
	clear(b.timings)
	clear(b.agentsOn)
	b.agentsIn = b.agentsIn[:0]
	clear(b.totals)
}

// agentOn notes a day with a survey of an agent, or "" that the agent is known.
func (b *batch) agentOn(id, day string) {
	if _, ok := b.agentsOn[id]; !ok {
		b.agentsIn = append(b.agentsIn, id)
	}
	b.agentsOn[id] = max(b.agentsOn[id], day)
}

// answer counts one answer that was stored for the first time.
func (b *batch) answer(c *call, q *assigned, a scoring.Answer) {
	outcome := string(a.Outcome)
	result := cmp.Or(a.Verdict, outcome)
	b.agents[agentCell{c.queue, q.epoch, c.agent, q.version, c.language, q.question, result, a.Heard}]++
	b.days[dayCell{c.queue, q.epoch, c.day, q.version, c.language, q.question, result, a.Heard}]++
	if q.primary {
		b.agentDays[agentDay{c.day, c.agent, c.queue, q.version, result}]++
		b.agentOn(c.agent, c.day)
		b.totals[scoring.Series{Kind: scoring.AgentOutcome, Agent: c.agent, Label: outcome}]++
	}
	asked := scoring.Series{Question: q.question, Layout: q.layout, Queue: c.queue}
	asked.Kind, asked.Label = scoring.LayoutOutcome, outcome
	b.totals[asked]++
	if a.Outcome != scoring.Rated {
		b.timings[timing{q.version, timingUnset, result}]++
		if a.Outcome == scoring.HungUp {
			b.totals[scoring.Series{Kind: scoring.LayoutHangup, Layout: q.layout, Label: strconv.Itoa(a.Heard)}]++
		}
		return
	}
	b.timings[timing{q.version, a.PressMS / timingStep, result}]++
	asked.Kind, asked.Label = scoring.LayoutVerdict, a.Verdict
	b.totals[asked]++
	b.totals[scoring.Series{Kind: scoring.LayoutBucket, Layout: q.layout, Label: seconds(a.PressMS)}]++
	b.totals[scoring.Series{Kind: scoring.LayoutMS, Layout: q.layout}] += a.PressMS
	if q.primary {
		b.totals[scoring.Series{Kind: scoring.AgentVerdict, Agent: c.agent, Label: a.Verdict}]++
	}
}

// flush writes the cells. Totals that stand and do not move are left out.
func (b *batch) flush(c *conn, standing *totals) error {
	for k, n := range b.agents {
		err := c.addAgentCell.put(k.queue, k.epoch, k.agent, k.version, k.language, k.question, k.result, int64(k.heard), n)
		if err != nil {
			return err
		}
	}
	for k, n := range b.days {
		err := c.addDayCell.put(k.queue, k.epoch, k.day, k.version, k.language, k.question, k.result, int64(k.heard), n)
		if err != nil {
			return err
		}
	}
	for k, n := range b.agentDays {
		if err := c.addAgentDay.put(k.day, k.agent, k.queue, k.version, k.result, n); err != nil {
			return err
		}
	}
	for k, n := range b.timings {
		if err := c.addMS.put(k.version, k.bucket, k.result, n); err != nil {
			return err
		}
	}
	for k, n := range b.totals {
		if n == 0 && standing.holds(k) {
			continue
		}
		if err := c.addTotal.put(string(k.Kind), k.Question, k.Layout, k.Queue, k.Agent, k.Label, n); err != nil {
			return err
		}
	}
	return nil
}
