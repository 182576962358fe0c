package compare

import (
	"math"
	"slices"
	"time"
)

// trafficDays is how many whole days the traffic is measured over.
const trafficDays = 7

// verdict says what the comparison comes to. Nothing is called before a whole
// week, and nothing but the two metrics of the family calls anything.
func (c *cube) verdict(in Input, out *Comparison) Verdict {
	v := Verdict{State: Undecided}
	switch {
	case out.Offered == 0:
		return Verdict{State: Nothing, Reasons: []Remark{{Code: NoSurveys}}}
	case in.Experiment == nil:
		return Verdict{State: NotRandomised, Reasons: []Remark{{Code: WasNotRandom}}}
	case out.Split.Assigned.P < SplitAlarm:
		return Verdict{State: SplitBroken, Reasons: []Remark{{SplitIsOff, []any{out.Split.Assigned.P}}}}
	case out.Split.Failed:
		return Verdict{State: SplitBroken, Reasons: []Remark{{StartsAreOff, []any{out.Split.Started.P}}}}
	}
	wants := c.wants(out)
	v.findings(out)
	v.size(c, in, out)
	alike, comparable := true, false
	for _, p := range out.Pairs {
		alike = alike && isAlike(p)
		comparable = comparable || p.Comparable
	}
	running := in.Experiment.EndedAt == nil
	switch {
	case len(v.Worse) > 0:
		v.State = Worse
	case len(wants) > 0 && running:
		v.State = Collecting
	case len(wants) == 0 && alike && comparable:
		v.State = Alike
	case len(wants) == 0 && alike:
		v.State = CannotCompare
	case running && v.Missing > 0:
		v.State = KeepRunning
	}
	if v.State != Worse {
		v.Reasons = append(wants, v.Reasons...)
	}
	v.Reasons = append(v.Reasons, v.horizon(out, running)...)
	return v
}

// isAlike reports whether the difference in answers is inside the band at
// every look so far.
func isAlike(p Pair) bool {
	return p.Answered.Difference.Known() && p.Answered.Safe.Lo >= -AlikeBand && p.Answered.Safe.Hi <= AlikeBand
}

// wants names what must come before anything is called.
func (c *cube) wants(out *Comparison) []Remark {
	var all []Remark
	if out.Days < MinDays {
		all = append(all, Remark{WantDays, []any{out.Days, MinDays}})
	}
	for _, a := range out.Arms {
		silent := a.Offered - a.Rated
		switch {
		case a.Offered < MinPerArm:
			all = append(all, Remark{WantOffered, []any{a.Name, a.Offered, MinPerArm}})
		case a.Rated < MinEvents || silent < MinEvents:
			all = append(all, Remark{WantEvents, []any{a.Name, a.Rated, silent, MinEvents}})
		}
	}
	return all
}

// findings lists what was called, and of each pair what its answers say.
func (v *Verdict) findings(out *Comparison) {
	for _, p := range out.Pairs {
		d := p.Answered
		args := func(d Contrast) []any {
			return []any{p.Layout, p.Reference, d.Difference.Value, d.Safe.Lo, d.Safe.Hi, d.Difference.N}
		}
		switch {
		case d.Called && d.Difference.Value < 0:
			v.worse(p.Layout)
			v.Reasons = append(v.Reasons, Remark{AnsweredFewer, args(d)})
		case d.Called:
			v.worse(p.Reference)
			v.Reasons = append(v.Reasons, Remark{AnsweredMore, args(d)})
		case isAlike(p):
			v.Reasons = append(v.Reasons, Remark{AnsweredAlike, args(d)})
		case d.Tested():
			v.Reasons = append(v.Reasons, Remark{AnsweredOpen, args(d)})
		}
		switch d := p.Dissatisfied; {
		case !p.Comparable:
			v.Reasons = append(v.Reasons, Remark{AnswersDiffer, []any{p.Layout, p.Reference, p.Differences}})
		case d.Called && d.Difference.Value < 0:
			v.Fewer = append(v.Fewer, p.Layout)
			v.Reasons = append(v.Reasons, Remark{FewerDissat, args(d)})
		case d.Called:
			v.Fewer = append(v.Fewer, p.Reference)
			v.Reasons = append(v.Reasons, Remark{MoreDissat, args(d)})
		}
	}
	slices.Sort(v.Fewer)
	v.Fewer = slices.Compact(v.Fewer)
}

func (v *Verdict) worse(layout string) {
	if !slices.Contains(v.Worse, layout) {
		v.Worse = append(v.Worse, layout)
	}
}

// size says how far the experiment is, and what its size can tell.
func (v *Verdict) size(c *cube, in Input, out *Comparison) {
	v.Missing = max(0, in.Experiment.Size-out.Offered)
	if in.Experiment.EndedAt == nil {
		v.PerDay = c.perDay(in.Today)
	}
	if v.PerDay > 0 {
		v.DaysLeft = int(math.Ceil(float64(v.Missing) / v.PerDay))
	}
	plan := plannedOf(in.Experiment).offered
	for _, p := range out.Pairs {
		d := p.Answered
		if !d.Tested() {
			continue
		}
		z := normal(Confidence)
		se := (d.Difference.Hi - d.Difference.Lo) / 2 / z * math.Sqrt(float64(d.Difference.N)/plan)
		v.Smallest = math.Max(v.Smallest, (safeMultiplier(1, Level)+quantile(Power))*se)
	}
}

// horizon says what is still to come.
func (v *Verdict) horizon(out *Comparison, running bool) []Remark {
	switch size := out.Experiment.Size; {
	case v.Missing == 0:
		return []Remark{{SizeReached, []any{out.Offered, size}}}
	case !running:
		return []Remark{{EndedEarly, []any{out.Offered, size}}}
	case v.DaysLeft > 0:
		return []Remark{{SizeToCome, []any{v.Missing, v.PerDay, v.DaysLeft}}}
	default:
		return []Remark{{SizeUnknown, []any{v.Missing}}}
	}
}

// perDay is the surveys on a day of the last whole week before today, or of
// as much of it as the comparison covers. The first day may have begun late,
// so it counts only if there is no other.
func (c *cube) perDay(today string) float64 {
	end, err := time.Parse(time.DateOnly, today)
	if err != nil || len(c.days) == 0 {
		return 0
	}
	first := max(end.AddDate(0, 0, -trafficDays).Format(time.DateOnly), next(c.days[0]))
	if first >= today {
		first = c.days[0]
	}
	var offered int64
	for i, day := range c.days {
		if day < first || day >= today {
			continue
		}
		for _, s := range c.strata {
			for _, t := range s.on(i) {
				offered += t.offered
			}
		}
	}
	return float64(offered) / float64(max(1, daysFrom(first, today)))
}

// next is the day after a civil date, the date itself if it is none.
func next(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.AddDate(0, 0, 1).Format(time.DateOnly)
}
