package compare

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"aftercall/scoring"
)

// figures says what each arm measured.
func (c *cube) figures() []ArmFigures {
	all := make([]ArmFigures, len(c.arms))
	for i, a := range c.arms {
		t := c.whole[i].tally
		all[i] = ArmFigures{
			Arm: a, Offered: t.offered, Rated: t.rated,
			Answered:         share(t.rated, t.offered),
			Satisfied:        share(t.satisfied, t.rated),
			SatisfiedOffered: share(t.satisfied, t.offered),
			Dissatisfied:     share(t.worst, t.offered),
			HungUpAfterFirst: share(t.hungFirst, t.offered),
			TrueSatisfied:    Manski(t.satisfied, t.rated, t.offered, Confidence),
			Net:              Net(t.satisfied, t.rated-t.satisfied-t.worst, t.worst, Confidence),
		}
		c.whole[i].detail(&all[i])
	}
	return all
}

func share(x, n int64) Estimate { return Wilson(x, n, Confidence) }

// detail fills in what needs the counts by verdict and by options heard.
func (a *armCounts) detail(f *ArmFigures) {
	for _, o := range scoring.Outcomes {
		f.Outcomes = append(f.Outcomes, Count{string(o), a.outcomes[string(o)]})
	}
	f.Verdicts = verdictsOf(f.Arm, a.verdicts)
	var counts []int64
	var values []float64
	for _, v := range f.Verdicts {
		if _, ok := f.Definition.Scale.Verdict(v.ID); !ok {
			continue // of a scale that was pooled with another: its value is not known here
		}
		counts, values = append(counts, v.N), append(values, float64(v.Value))
	}
	f.Mean = MeanScore(counts, values, Confidence)
	most := len(f.Definition.Layout.Options)
	for heard := range a.hungUp {
		most = max(most, heard)
	}
	for heard := range most + 1 {
		f.HungUp = append(f.HungUp, Count{strconv.Itoa(heard), a.hungUp[heard]})
	}
	for _, p := range slices.SortedFunc(maps.Keys(a.presses), func(p, q press) int {
		return cmp.Or(cmp.Compare(p.verdict, q.verdict), cmp.Compare(p.heard, q.heard))
	}) {
		f.Presses = append(f.Presses, PressCount{p.verdict, p.heard, a.presses[p]})
	}
}

// verdictsOf lists the verdicts that can be or were given, worst first. One
// that was given and is no option any more (versions were pooled) has no key
// and no position.
func verdictsOf(a Arm, counts map[string]int64) []Verdicts {
	var all []Verdicts
	known := map[string]bool{}
	for _, v := range a.Definition.Scale.Verdicts {
		position := slices.Index(optionVerdicts(a), v.ID) + 1
		if position == 0 && counts[v.ID] == 0 {
			continue
		}
		known[v.ID] = true
		one := Verdicts{ID: v.ID, Value: v.Value, Satisfied: v.Satisfied, Position: position, N: counts[v.ID], Label: v.Label}
		if position > 0 {
			one.Key = a.Definition.Layout.Options[position-1].Key
		}
		all = append(all, one)
	}
	for _, id := range slices.Sorted(maps.Keys(counts)) {
		if !known[id] {
			all = append(all, Verdicts{ID: id, N: counts[id]})
		}
	}
	slices.SortStableFunc(all, func(a, b Verdicts) int { return cmp.Compare(a.Value, b.Value) })
	return all
}

func optionVerdicts(a Arm) []string {
	var ids []string
	for _, o := range a.Definition.Layout.Options {
		ids = append(ids, o.Verdict)
	}
	return ids
}
