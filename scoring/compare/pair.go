package compare

import (
	"cmp"
	"math"
	"slices"

	"aftercall/ivr/layout"
	"aftercall/scoring"
)

// planned is the frozen size of one pair's part of an experiment.
type planned struct{ offered, rated float64 }

// plannedOf divides the size of an experiment between its arms: two of them
// are a pair.
func plannedOf(e *scoring.Experiment) planned {
	if e == nil {
		return planned{1, 1} // not used: nothing is decided
	}
	part := 2 / float64(max(len(e.Layouts), 2))
	return planned{math.Max(1, float64(e.Size)*part), math.Max(1, float64(e.Ratings)*part)}
}

// sameQuantity reports whether the answers to two layouts are one quantity:
// the same options in the same words.
func sameQuantity(differences []layout.Difference) bool {
	return !slices.Contains(differences, layout.ByOptions) && !slices.Contains(differences, layout.ByWording)
}

func (c *cube) differences(a, b int) []layout.Difference {
	return layout.Differ(c.arms[a].Definition, c.arms[b].Definition)
}

// blank is a pair of which nothing is known but what it differs in.
func (c *cube) blank(a, b int, why Status) Pair {
	p := Pair{Layout: c.arms[b].Name, Reference: c.arms[a].Name, Differences: c.differences(a, b)}
	p.Comparable = sameQuantity(p.Differences)
	none := Estimate{Status: why}
	for _, k := range []*Contrast{&p.Answered, &p.Dissatisfied, &p.SatisfiedOffered, &p.HungUpAfterFirst, &p.Satisfied} {
		*k = Contrast{Difference: none, Safe: Interval{-1, 1}, P: 1, Adjusted: 1, Inflation: 1}
	}
	p.Lee, p.Tipping, p.Win, p.OddsRatio, p.WithinAgents = Bounds{Status: why}, none, none, none, none
	p.ByQueue = Test{P: 1, Status: why}
	p.NotShown = true
	return p
}

// pair holds arm b against arm a.
func (c *cube) pair(a, b int, plan planned, agents []scoring.AgentCount) Pair {
	p := c.blank(a, b, NotComparable)
	p.Answered, p.Path = c.contrast(a, b, answered, plan.offered)
	p.HungUpAfterFirst, _ = c.contrast(a, b, hungUpAfterFirst, plan.offered)
	p.WithinAgents = c.withinAgents(a, b, agents)
	p.ByQueue = c.byQueue(a, b)
	if p.Comparable {
		p.Dissatisfied, _ = c.contrast(a, b, dissatisfied, plan.offered)
		p.SatisfiedOffered, _ = c.contrast(a, b, satisfiedOffered, plan.offered)
		p.Satisfied, _ = c.contrast(a, b, satisfiedRated, plan.rated)
		p.ratings(c, a, b)
	}
	return p
}

// ratings fills in what is said of those who rated.
func (p *Pair) ratings(c *cube, a, b int) {
	x, y := c.standard(a, a, b), c.standard(b, a, b)
	p.Lee = lee(y, x, p.Satisfied)
	p.NotShown = p.Lee.Status != OK || p.Lee.CI.Lo <= 0 && p.Lee.CI.Hi >= 0
	p.Tipping = tipping(y, x)
	var tables []Fourfold
	for _, s := range c.strata {
		tables = append(tables, fourfold(s.total, a, b, satisfiedRated))
	}
	win := StratifiedWin(c.rows(a, b), Confidence)
	p.Win = Estimate{Value: win.Theta, Lo: win.Lo, Hi: win.Hi, N: c.whole[a].rated + c.whole[b].rated, Status: win.Status}
	p.OddsRatio = MH(tables, Confidence).OddsRatio
}

// shares is what an arm has per offered call, over a mix of strata. effective
// is the number of calls in one stratum that would tell as much.
type shares struct{ offered, rated, satisfied, worst, effective float64 }

func (s shares) response() float64 { return ratio(s.rated, s.offered) }
func (s shares) ofRated() float64  { return ratio(s.satisfied, s.rated) }

// told brings a count to the number of calls that tell it.
func (s shares) told(n float64) int64 { return int64(math.Round(ratio(n*s.effective, s.offered))) }

// standard gives the shares of an arm as they would be if every arm of a list
// had met the same mix of strata: those in which all of them were offered,
// with the weights of Mantel and Haenszel (1 by the sum of 1/n over the arms),
// so that no arm of few calls speaks for a large stratum. A ramp of weights
// while the service changes would else look like a difference of menus. In a
// single stratum these are the plain counts.
func (c *cube) standard(arm int, list ...int) shares {
	var out shares
	var size, own, spread float64
	for _, s := range c.strata {
		t := s.total
		var parts float64
		for _, i := range list {
			parts += 1 / float64(t[i].offered) // infinite without a call: no weight
		}
		weight, n := 1/parts, float64(t[arm].offered)
		if weight == 0 {
			continue
		}
		size += weight
		own += n
		spread += weight * weight / n
		out.rated += weight / n * float64(t[arm].rated)
		out.satisfied += weight / n * float64(t[arm].satisfied)
		out.worst += weight / n * float64(t[arm].worst)
	}
	if size == 0 {
		return shares{}
	}
	scale := own / size // back to the number of calls that the arm has
	return shares{own, out.rated * scale, out.satisfied * scale, out.worst * scale, size * size / spread}
}

// lee is Lee of shares, y minus x. Its interval adds what chance does to the
// plain difference, on both sides and at every look: without it, two menus that
// are answered alike would have every small difference shown.
func lee(y, x shares, plain Contrast) Bounds {
	if y.rated == 0 || x.rated == 0 || !plain.Difference.Known() {
		return Bounds{Status: NoData}
	}
	b, _ := leeBounds(y.ofRated(), y.response(), x.ofRated(), x.response())
	b.CI = Interval{
		Lo: clip(b.Lo - (plain.Difference.Value - plain.Safe.Lo)),
		Hi: clip(b.Hi + (plain.Safe.Hi - plain.Difference.Value)),
	}
	return b
}

// tipping is the share of satisfied among x's silent callers that would make
// both menus alike in satisfied, if y's silent callers think as its raters do.
// Outside of 0 to 1 nothing erases the difference.
func tipping(y, x shares) Estimate {
	if y.rated == 0 || x.offered-x.rated <= 0 {
		return Estimate{Status: NoData}
	}
	v := (y.ofRated()*x.offered - x.satisfied) / (x.offered - x.rated)
	return Estimate{Value: v, Lo: v, Hi: v, N: int64(math.Round(x.offered - x.rated)), Status: Degenerate}
}

// rows gives the ratings of two arms with the same options by queue and
// epoch, worst verdict first.
func (c *cube) rows(a, b int) []TwoRows {
	var out []TwoRows
	for _, g := range c.groups {
		r := TwoRows{A: c.marks(g, a, a), B: c.marks(g, b, a)}
		if sum(r.A) > 0 && sum(r.B) > 0 {
			out = append(out, r)
		}
	}
	return out
}

// marks gives how often an arm was given each verdict that the arm like
// offers, worst first.
func (c *cube) marks(g group, arm, like int) []int64 {
	var counts []int64
	for _, v := range verdictsOf(c.arms[like], nil) {
		counts = append(counts, g.results[arm][v.ID])
	}
	return counts
}

func sum(all []int64) (n int64) {
	for _, x := range all {
		n += x
	}
	return n
}

// withinAgents is the difference in answered between callers of the same
// agents.
func (c *cube) withinAgents(a, b int, agents []scoring.AgentCount) Estimate {
	type key struct {
		place
		agent string
	}
	armOf := map[string]int{}
	for _, i := range []int{a, b} {
		for _, v := range c.arms[i].Versions {
			armOf[v] = i
		}
	}
	tables := map[key]*Fourfold{}
	for _, x := range agents {
		arm, ours := armOf[x.Version]
		if !ours {
			continue
		}
		k := key{place{x.Queue, x.Epoch, x.Language}, x.Agent}
		if tables[k] == nil {
			tables[k] = &Fourfold{}
		}
		f := tables[k]
		switch rated := !isOutcome(x.Result); {
		case arm == b && rated:
			f.A += x.N
		case arm == b:
			f.B += x.N
		case rated:
			f.C += x.N
		default:
			f.D += x.N
		}
	}
	var list []Fourfold
	for _, f := range tables {
		list = append(list, *f)
	}
	slices.SortFunc(list, func(f, g Fourfold) int { // sums of floats in one order: one result
		return cmp.Or(cmp.Compare(f.A, g.A), cmp.Compare(f.B, g.B), cmp.Compare(f.C, g.C), cmp.Compare(f.D, g.D))
	})
	return MH(list, Confidence).Difference
}

// byQueue tests whether the difference in answered is the same in every queue
// (Breslow-Day with Tarone's correction): what all queues and epochs vary,
// without what the epochs of one queue vary among themselves.
func (c *cube) byQueue(a, b int) Test {
	few := Test{P: 1, Status: TooFew}
	if len(c.queues()) < 2 {
		return few
	}
	var all, own []Fourfold
	within := Test{Status: OK}
	for i, s := range c.strata {
		f := fourfold(s.total, a, b, answered)
		if n := len(own); n > 0 && s.queue == c.strata[i-1].queue && s.epoch == c.strata[i-1].epoch {
			own[n-1].add(f)
		} else {
			own = append(own, f)
		}
		if i+1 < len(c.strata) && c.strata[i+1].queue == s.queue {
			continue
		}
		if len(own) > 1 {
			_, t := BreslowDay(own)
			if t.Status != OK {
				return few
			}
			within.Statistic, within.DF = within.Statistic+t.Statistic, within.DF+t.DF
		}
		all, own = append(all, own...), nil
	}
	_, t := BreslowDay(all)
	if t.Status != OK || within.DF == 0 {
		return t
	}
	if t.DF <= within.DF {
		return few
	}
	return chiSquare(t.Statistic-within.Statistic, t.DF-within.DF)
}
