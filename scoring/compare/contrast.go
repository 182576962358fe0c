package compare

import "math"

// metric is a share that arms are compared in.
type metric func(tally) (x, n int64)

var (
	answered         metric = func(t tally) (x, n int64) { return t.rated, t.offered }
	dissatisfied     metric = func(t tally) (x, n int64) { return t.worst, t.offered }
	satisfiedOffered metric = func(t tally) (x, n int64) { return t.satisfied, t.offered }
	hungUpAfterFirst metric = func(t tally) (x, n int64) { return t.hungFirst, t.offered }
	satisfiedRated   metric = func(t tally) (x, n int64) { return t.satisfied, t.rated }
)

// The days that make more variation than chance: from so many days on, and
// when a chi-square test rejects at this level, standard errors are widened.
const (
	varyingDays  = 10
	varyingLevel = 0.01
)

// contrast follows the difference of two arms in one metric from day to day:
// b minus a, stratified. plan is the planned number of units of both arms.
func (c *cube) contrast(a, b int, of metric, plan float64) (Contrast, []PathPoint) {
	w := watch{tables: make([]Fourfold, len(c.strata)), plan: plan, least: 1}
	var path []PathPoint
	today := make([]Fourfold, len(c.strata))
	for day := range c.days {
		clear(today)
		for i := range c.strata {
			if arms := c.strata[i].on(day); arms != nil {
				today[i] = fourfold(arms, a, b, of)
				w.tables[i].add(today[i])
			}
		}
		w.look(today, c.days[day] != c.today)
		path = append(path, PathPoint{Day: c.days[day], Value: w.now.Difference.Value, Safe: w.now.Safe, P: w.least, SplitP: 1})
	}
	if len(c.days) == 0 {
		w.look(nil, true)
	}
	return w.now, path
}

func fourfold(arms []tally, a, b int, of metric) Fourfold {
	x1, n1 := of(arms[b])
	x0, n0 := of(arms[a])
	return Fourfold{A: x1, B: n1 - x1, C: x0, D: n0 - x0}
}

func (f *Fourfold) add(g Fourfold) {
	f.A += g.A
	f.B += g.B
	f.C += g.C
	f.D += g.D
}

// ready reports whether there are enough units, events and non-events in each
// arm for large-sample intervals to hold. They count as far as the other arm
// has as many units in the same stratum: what stands against nothing, or
// against a few, tells no more than these do.
func ready(tables []Fourfold) bool {
	var a, b, c, d float64
	for _, f := range tables {
		x, y, u, v, n1, n2 := f.sides()
		both := math.Min(n1, n2)
		a, b, c, d = a+both*ratio(x, n1), b+both*ratio(y, n1), c+both*ratio(u, n2), d+both*ratio(v, n2)
	}
	const rounding = 1e-9
	return min(a, b, c, d)+rounding >= MinEvents && a+b+rounding >= MinPerArm
}

// watch looks at a difference once a day. What it said of a day stays said:
// it never goes back with what came later. A day that is not over counts, and
// decides nothing yet: in the evening nobody would know what was seen at noon.
type watch struct {
	tables []Fourfold // so far, by stratum
	plan   float64
	days   []dayDifference
	now    Contrast
	least  float64 // p so far
	toward float64 // the difference at the least p
}

// dayDifference is the difference of one day, with the variance that chance
// gives it.
type dayDifference struct{ difference, variance float64 }

func (w *watch) look(today []Fourfold, over bool) {
	if d, ok := differenceOf(today, w.tables); ok {
		w.days = append(w.days, d)
	}
	mh := MH(w.tables, Confidence)
	c := Contrast{Difference: mh.Difference, Safe: Interval{-1, 1}, P: w.least, Adjusted: 1, Inflation: 1}
	if mh.Status != OK && mh.Status != Infinite {
		w.now = c
		return
	}
	c.Inflation = inflation(w.days, mh.Difference.Value)
	se := mh.DifferenceSE * c.Inflation
	half := normal(Confidence) * se
	c.Difference.Lo, c.Difference.Hi = clip(c.Difference.Value-half), clip(c.Difference.Value+half)
	if f, alone := only(w.tables); alone && c.Inflation == 1 {
		c.Difference = Newcombe(f.A, f.A+f.B, f.C, f.C+f.D, Confidence)
	}
	if ready(w.tables) {
		safe := AlwaysValid(c.Difference.Value, se, float64(c.Difference.N), w.plan, Level)
		c.Safe = Interval{clip(safe.Lo), clip(safe.Hi)}
		if over && safe.P < w.least {
			w.least, w.toward = safe.P, c.Difference.Value
		}
	}
	c.P, c.turned = w.least, w.toward*c.Difference.Value < 0
	w.now = c
}

// clip keeps a difference of shares between -1 and 1.
func clip(d float64) float64 { return math.Max(-1, math.Min(1, d)) }

// only gives the one table that says something, if there is just one.
func only(tables []Fourfold) (f Fourfold, alone bool) {
	for _, t := range tables {
		if t.A+t.B == 0 || t.C+t.D == 0 {
			continue
		}
		if alone {
			return f, false
		}
		f, alone = t, true
	}
	return f, alone
}

// differenceOf gives the stratified difference of one day. Its variance is
// that of the shares so far, not of the day's own: a day without an event
// does not claim to be certain.
func differenceOf(today, soFar []Fourfold) (d dayDifference, ok bool) {
	var weights float64
	for i, t := range today {
		n1, n0 := float64(t.A+t.B), float64(t.C+t.D)
		if n1 == 0 || n0 == 0 {
			continue
		}
		weight := n1 * n0 / (n1 + n0)
		weights += weight
		d.difference += weight * (float64(t.A)/n1 - float64(t.C)/n0)
		s := soFar[i]
		p1, p0 := smoothed(s.A, s.B), smoothed(s.C, s.D)
		d.variance += weight * weight * (p1*(1-p1)/n1 + p0*(1-p0)/n0)
	}
	if weights == 0 {
		return d, false
	}
	d.difference /= weights
	d.variance /= weights * weights
	return d, true
}

// smoothed is the share with half an event and half a non-event more, which
// is never 0 or 1 (Jeffreys' prior).
func smoothed(with, without int64) float64 {
	return (float64(with) + 0.5) / (float64(with+without) + 1)
}

// inflation is what the standard error is multiplied by because days differ
// more than chance lets them: the root of chi-square by its degrees of
// freedom, where that is significant; else 1.
func inflation(days []dayDifference, overall float64) float64 {
	if len(days) < varyingDays {
		return 1
	}
	var chi2 float64
	for _, d := range days {
		chi2 += (d.difference - overall) * (d.difference - overall) / d.variance
	}
	df := float64(len(days) - 1)
	if chi2 <= df || chiSquare(chi2, df).P >= varyingLevel {
		return 1
	}
	return math.Sqrt(chi2 / df)
}
