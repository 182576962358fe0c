package compare

import (
	"slices"

	"aftercall/scoring"
)

// manyErrors is the share of surveys ended by a fault of ours that is worth a
// word.
const manyErrors = 0.01

// queuesLevel is the level of the test whether queues differ.
const queuesLevel = 0.01

// warnings names what a reader should know before believing the figures.
func (c *cube) warnings(in Input, out *Comparison) []Remark {
	var all []Remark
	add := func(code Code, args ...any) { all = append(all, Remark{code, args}) }
	for _, a := range out.Arms {
		armWarnings(a, add)
	}
	if out.Days == 1 {
		add(OneDay, out.From)
	}
	if ids := agents(in.Agents); len(ids) == 1 {
		add(OneAgent, ids[0])
	}
	if n := c.mostEpochs(); in.Experiment != nil && n > 1 {
		add(WeightsChanged, n)
	}
	if in.Experiment == nil || out.Split.Failed {
		return all
	}
	for _, p := range out.Pairs {
		pairWarnings(p, add)
	}
	for _, o := range out.Order {
		if o.Status == OK && !o.Simple {
			add(OrderNotSimple, o.BestFirst, o.WorstFirst)
		}
	}
	c.agreementWarnings(out, add)
	return all
}

func armWarnings(a ArmFigures, add func(Code, ...any)) {
	switch {
	case a.Offered == 0:
		add(ArmWithout, a.Name)
	case a.Rated == 0:
		add(ArmUnrated, a.Name, a.Offered)
	}
	var left int64
	for _, v := range a.LeftOut {
		left += v.Offered
	}
	if left > 0 {
		add(VersionsLeft, a.Name, left)
	}
	if len(a.Versions) > 1 {
		add(VersionsPooled, a.Name, len(a.Versions))
	}
	for _, o := range a.Outcomes {
		if o.Name == string(scoring.Failed) && float64(o.N) > manyErrors*float64(a.Offered) {
			add(Errors, a.Name, o.N, a.Offered)
		}
	}
}

func pairWarnings(p Pair, add func(Code, ...any)) {
	if p.Answered.Inflation > 1 {
		add(DaysVary, p.Layout, p.Reference, p.Answered.Inflation)
	}
	if p.ByQueue.Status == OK && p.ByQueue.P < queuesLevel {
		add(QueuesDiffer, p.Layout, p.Reference)
	}
	if p.Answered.Difference.Status == NoOverlap {
		add(NoOverlapInPair, p.Layout, p.Reference)
	}
}

// agreementWarnings says which measured shares of satisfied cannot be true,
// whatever the silent callers think: beyond chance, not by it.
func (c *cube) agreementWarnings(out *Comparison, add func(Code, ...any)) {
	if out.Agreement.Status != OK {
		return
	}
	list := c.comparableArms()
	lo, hi := 0., 1.
	for _, arm := range list {
		s := c.standard(arm, list...)
		rated := s.told(s.rated)
		b := Manski(min(s.told(s.satisfied), rated), rated, s.told(s.offered), Confidence)
		lo, hi = max(lo, b.CI.Lo), min(hi, b.CI.Hi)
	}
	if lo > hi {
		add(AgreementEmpty)
		return
	}
	for _, arm := range list {
		s := c.standard(arm, list...)
		rated := s.told(s.rated)
		measured := share(min(s.told(s.satisfied), rated), rated)
		if measured.Known() && (measured.Hi < lo || measured.Lo > hi) {
			add(OutsideOthers, out.Arms[arm].Name, s.ofRated())
		}
	}
}

// mostEpochs is the number of epochs of the queue that had most.
func (c *cube) mostEpochs() int {
	most := map[string]int{}
	n := 0
	for _, g := range c.groups {
		most[g.queue]++
		n = max(n, most[g.queue])
	}
	return n
}

// agents lists who was rated, at most two of them.
func agents(counts []scoring.AgentCount) []string {
	var ids []string
	for _, a := range counts {
		if !slices.Contains(ids, a.Agent) {
			ids = append(ids, a.Agent)
		}
		if len(ids) > 1 {
			break
		}
	}
	return ids
}
