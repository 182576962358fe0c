package compare

import "math"

// A drift is warned of from so far, -1 to 1, if chance makes one less often.
const (
	driftShift = 0.05
	driftAlarm = 0.01
)

// satUnder is one agent under one exam.
type satUnder struct {
	agent string
	exam  examKey
}

// drift holds the second half of the period against the first inside every
// agent and exam, with the weights of Mantel and Haenszel.
func (r *roll) drift(in AgentsInput) MantelHaenszel {
	if in.FirstHalf == nil {
		return MH(nil, Confidence)
	}
	in.Cells = in.FirstHalf
	first := map[satUnder]tally{}
	readRoll(in).sat(func(at satUnder, t tally) { first[at] = t })
	var strata []Fourfold
	r.sat(func(at satUnder, whole tally) {
		before := first[at]
		after := tally{rated: whole.rated - before.rated, satisfied: whole.satisfied - before.satisfied}
		strata = append(strata, Fourfold{after.satisfied, after.rated - after.satisfied, before.satisfied, before.rated - before.satisfied})
	})
	return MH(strata, Confidence)
}

// sat hands over the ratings of every agent under every exam, in order.
func (r *roll) sat(do func(satUnder, tally)) {
	for _, s := range r.agents {
		for _, c := range s.cells {
			e := r.exams[c.exam]
			do(satUnder{s.id, examKey{e.Queue, e.Version}}, tally{rated: int64(c.n), satisfied: int64(c.x)})
		}
	}
}

// driftWarning says that satisfaction moved, if it did: a mark does not know on
// which days an agent worked.
func driftWarning(d MantelHaenszel, all []Remark) []Remark {
	moved := d.Difference
	if !moved.Known() || d.Test.Status != OK || d.Test.P >= driftAlarm || math.Abs(moved.Value) < driftShift {
		return all
	}
	code := SatisfiedRose
	if moved.Value < 0 {
		code = SatisfiedFell
	}
	return append(all, Remark{code, []any{int64(math.Round(100 * math.Abs(moved.Value))), moved.N}})
}
