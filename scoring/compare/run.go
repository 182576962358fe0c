package compare

import (
	"cmp"
	"slices"
)

// Compare says everything that can be said of the input. Its cost grows with
// the cells of the roll-ups, not with surveys. It never fails: what is wrong
// with the data is said in statuses, warnings and the verdict. The input must
// have at least one arm, whose definition has options.
func Compare(in Input) Comparison {
	c := newCube(in)
	out := Comparison{Experiment: in.Experiment, Question: in.Question, Days: c.span(), Arms: c.figures()}
	for i := range out.Arms {
		out.Offered += out.Arms[i].Offered
		out.Arms[i].LeftOut = in.LeftOut[out.Arms[i].Name]
	}
	if len(c.days) > 0 {
		out.From, out.To = c.days[0], c.days[len(c.days)-1]
	}
	c.contrasts(in, &out)
	out.Queues = c.byQueues(in, out.Split.Failed)
	out.Warnings = c.warnings(in, &out)
	out.Verdict = c.verdict(in, &out)
	return out
}

// contrasts fills in what only calls that were divided at random can tell.
func (c *cube) contrasts(in Input, out *Comparison) {
	plan := plannedOf(in.Experiment)
	why, byDay := NotComparable, []float64(nil)
	if in.Experiment == nil {
		out.Split.Status, out.Agreement.Status = why, why
		out.Overall = noTests(why)
	} else {
		out.Split, byDay = c.check(in.Epochs)
	}
	if out.Split.Failed { // then no figure that compares is worth anything
		why = SplitFailed
		out.Agreement.Status, out.Overall = why, noTests(why)
	}
	for b := 1; b < len(c.arms); b++ {
		if in.Experiment == nil || out.Split.Failed {
			out.Pairs = append(out.Pairs, c.blank(0, b, why))
			continue
		}
		p := c.pair(0, b, plan, in.Agents)
		for i := range p.Path {
			p.Path[i].SplitP = byDay[i]
		}
		out.Pairs = append(out.Pairs, p)
	}
	if in.Experiment != nil && !out.Split.Failed {
		decide(out.Pairs, out.Days, looks(in))
		out.Agreement = c.agreement()
		out.Order, out.Gaps, out.Overall = c.orders(plan), c.gaps(plan), c.overall()
	}
}

func noTests(why Status) Overall {
	t := Test{P: 1, Status: why}
	return Overall{t, t, t, t, t}
}

// decide adjusts the p of the family, answered and dissatisfied of every pair,
// by Holm, and calls what stays under the level once a week has passed. What
// has turned since is not called: its p spoke against the other arm. times is
// in how many places the same could have been looked for.
func decide(pairs []Pair, days, times int) {
	var family []*Contrast
	var p []float64
	for i := range pairs {
		family = append(family, &pairs[i].Answered)
		if pairs[i].Comparable {
			family = append(family, &pairs[i].Dissatisfied)
		}
	}
	for _, c := range family {
		p = append(p, min(1, c.P*float64(times)))
	}
	for i, adjusted := range Holm(p) {
		family[i].Adjusted = adjusted
		family[i].Called = adjusted < Level && days >= MinDays && family[i].Difference.Known() && !family[i].turned
	}
}

// looks is how many queues could have been picked in the place of the one that
// was: who looks at each of them has so many chances of a false call.
func looks(in Input) int {
	if in.Queue == "" {
		return 1
	}
	return max(1, len(in.Experiment.Queues))
}

// agreement is what the bounds of all arms, as far as their answers are one
// quantity with the first one's, leave for the true share of satisfied.
func (c *cube) agreement() Range {
	list := c.comparableArms()
	r := Range{Lo: 0, Hi: 1, Status: OK}
	for _, arm := range list {
		s := c.standard(arm, list...)
		if s.offered == 0 {
			return Range{Lo: 0, Hi: 1, Status: NoData}
		}
		r.Lo = max(r.Lo, s.satisfied/s.offered)
		r.Hi = min(r.Hi, (s.satisfied+s.offered-s.rated)/s.offered)
	}
	return r
}

// comparableArms lists the first arm and those whose answers are one quantity
// with its, as far as they were offered.
func (c *cube) comparableArms() []int {
	var list []int
	for i := range c.arms {
		if c.whole[i].offered > 0 && (i == 0 || sameQuantity(c.differences(0, i))) {
			list = append(list, i)
		}
	}
	return list
}

// byQueues looks at every queue by itself.
func (c *cube) byQueues(in Input, failed bool) []QueueFigures {
	var out []QueueFigures
	for _, name := range c.queues() {
		one := c.only(name)
		q := QueueFigures{Queue: name, Arms: one.figures()}
		if in.Experiment != nil && !failed {
			plan := plannedOf(in.Experiment)
			for b := 1; b < len(one.arms); b++ {
				d, _ := one.contrast(0, b, answered, plan.offered)
				q.Pairs = append(q.Pairs, QueuePair{one.arms[b].Name, d})
			}
		}
		out = append(out, q)
	}
	slices.SortFunc(out, func(a, b QueueFigures) int { return cmp.Compare(a.Queue, b.Queue) })
	return out
}
