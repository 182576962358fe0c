package compare

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"aftercall/ivr/layout"
	"aftercall/scoring"
)

// cube is the counts of a comparison by stratum, day and arm: built in one
// pass over the cells, and small (strata x their days x arms) from then on.
type cube struct {
	arms   []Arm
	days   []string // with surveys, in order
	strata []stratum
	groups []group                // by queue and epoch, in order
	whole  []armCounts            // by arm, over everything
	alone  map[string][]armCounts // by queue and arm
	today  string                 // a day that is not over
}

// group is one queue in one epoch: results in detail by arm, languages and
// days together.
type group struct {
	queue   string
	epoch   int64
	results []map[string]int64 // by arm
}

// stratum is a set of calls between whose arms chance alone decided: one
// queue in one epoch, in one language.
type stratum struct {
	place
	first int       // index of its first day
	byDay [][]tally // from that day on, by arm
	total []tally   // of all its days, by arm
}

// tally is what is compared of one arm.
type tally struct {
	offered, rated, satisfied, worst, hungFirst, started int64
}

func (t *tally) add(u tally) {
	t.offered += u.offered
	t.rated += u.rated
	t.satisfied += u.satisfied
	t.worst += u.worst
	t.hungFirst += u.hungFirst
	t.started += u.started
}

// armCounts is one arm in detail.
type armCounts struct {
	tally
	outcomes map[string]int64
	verdicts map[string]int64
	hungUp   map[int]int64 // by options heard
	presses  map[press]int64
}

type press struct {
	verdict string
	heard   int
}

// place is the key of a stratum.
type place struct {
	queue    string
	epoch    int64
	language string
}

// newCube counts the cells of the arms' versions; others are left out.
func newCube(in Input) *cube {
	c := &cube{arms: in.Arms, today: in.Today, whole: newCounts(len(in.Arms)), alone: map[string][]armCounts{}}
	readers := make([]reader, len(in.Arms))
	armOf := map[string]int{}
	for i, a := range in.Arms {
		readers[i] = newReader(a.Definition)
		for _, v := range a.Versions {
			armOf[v] = i
		}
	}
	ours := slices.DeleteFunc(slices.Clone(in.Days), func(d scoring.DayCount) bool {
		_, is := armOf[d.Version]
		return !is || d.N <= 0
	})
	at, dayOf := c.lay(ours)
	groups := map[place]int{}
	for _, d := range ours {
		arm := armOf[d.Version]
		t := readers[arm].tally(d.Result, d.Heard, d.N)
		s := &c.strata[at[place{d.Queue, d.Epoch, d.Language}]]
		s.byDay[dayOf[d.Day]-s.first][arm].add(t)
		s.total[arm].add(t)
		if c.alone[d.Queue] == nil {
			c.alone[d.Queue] = newCounts(len(c.arms))
		}
		c.whole[arm].count(d, t)
		c.alone[d.Queue][arm].count(d, t)
		c.group(groups, place{queue: d.Queue, epoch: d.Epoch})[arm][d.Result] += d.N
	}
	slices.SortFunc(c.groups, func(a, b group) int { return cmp.Or(cmp.Compare(a.queue, b.queue), cmp.Compare(a.epoch, b.epoch)) })
	return c
}

// lay makes the days and the strata, in order and empty, each stratum from its
// first day to its last: epochs are short where there are many.
func (c *cube) lay(cells []scoring.DayCount) (at map[place]int, dayOf map[string]int) {
	type stretch struct{ first, last string }
	at, dayOf = map[place]int{}, map[string]int{}
	stretches := map[place]stretch{}
	for _, d := range cells {
		dayOf[d.Day] = 0
		p := place{d.Queue, d.Epoch, d.Language}
		s, known := stretches[p]
		if !known {
			s = stretch{d.Day, d.Day}
		}
		stretches[p] = stretch{min(s.first, d.Day), max(s.last, d.Day)}
	}
	c.days = slices.Sorted(maps.Keys(dayOf))
	for i, day := range c.days {
		dayOf[day] = i
	}
	for i, p := range slices.SortedFunc(maps.Keys(stretches), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.queue, b.queue), cmp.Compare(a.epoch, b.epoch), cmp.Compare(a.language, b.language))
	}) {
		at[p] = i
		first := dayOf[stretches[p].first]
		s := stratum{place: p, first: first, byDay: make([][]tally, dayOf[stretches[p].last]-first+1), total: make([]tally, len(c.arms))}
		for day := range s.byDay {
			s.byDay[day] = make([]tally, len(c.arms))
		}
		c.strata = append(c.strata, s)
	}
	return at, dayOf
}

// on gives what a stratum counted on a day, by arm; nil = it was not there.
func (s *stratum) on(day int) []tally {
	if day < s.first || day >= s.first+len(s.byDay) {
		return nil
	}
	return s.byDay[day-s.first]
}

// group finds the results of a queue in an epoch or makes them.
func (c *cube) group(at map[place]int, p place) []map[string]int64 {
	i, ok := at[p]
	if !ok {
		i = len(c.groups)
		at[p] = i
		g := group{queue: p.queue, epoch: p.epoch, results: make([]map[string]int64, len(c.arms))}
		for arm := range g.results {
			g.results[arm] = map[string]int64{}
		}
		c.groups = append(c.groups, g)
	}
	return c.groups[i].results
}

// only gives the cube of one queue, without its groups.
func (c *cube) only(queue string) *cube {
	q := &cube{arms: c.arms, days: c.days, whole: c.alone[queue], today: c.today}
	for _, s := range c.strata {
		if s.queue == queue {
			q.strata = append(q.strata, s)
		}
	}
	return q
}

// span is the number of days from the first to the last with surveys.
func (c *cube) span() int {
	if len(c.days) == 0 {
		return 0
	}
	return daysFrom(c.days[0], c.days[len(c.days)-1]) + 1
}

// daysFrom is the number of days between two civil dates, 0 if one is none.
func daysFrom(first, last string) int {
	a, err := time.Parse(time.DateOnly, first)
	b, err2 := time.Parse(time.DateOnly, last)
	if err != nil || err2 != nil {
		return 0
	}
	return int(b.Sub(a).Hours() / 24) // dates without a zone: every day has 24 hours
}

// queues lists the queues in order.
func (c *cube) queues() []string {
	var all []string
	for _, s := range c.strata {
		all = append(all, s.queue)
	}
	return slices.Compact(all)
}

func newCounts(arms int) []armCounts {
	all := make([]armCounts, arms)
	for i := range all {
		all[i] = armCounts{outcomes: map[string]int64{}, verdicts: map[string]int64{}, hungUp: map[int]int64{}, presses: map[press]int64{}}
	}
	return all
}

func (a *armCounts) count(d scoring.DayCount, t tally) {
	a.tally.add(t)
	if !isOutcome(d.Result) {
		a.outcomes[string(scoring.Rated)] += d.N
		a.verdicts[d.Result] += d.N
		a.presses[press{d.Result, d.Heard}] += d.N
		return
	}
	a.outcomes[d.Result] += d.N
	if d.Result == string(scoring.HungUp) {
		a.hungUp[d.Heard] += d.N
	}
}

// reader knows what a result of one arm counts as.
type reader struct {
	satisfied map[string]bool
	worst     string
}

func newReader(d layout.Definition) reader {
	r := reader{satisfied: map[string]bool{}, worst: worstOf(d)}
	for _, v := range d.Scale.Verdicts {
		r.satisfied[v.ID] = v.Satisfied
	}
	return r
}

func (r reader) tally(result string, heard int, n int64) tally {
	t := tally{offered: n, started: n}
	switch {
	case !isOutcome(result):
		t.rated = n
		if r.satisfied[result] {
			t.satisfied = n
		}
		if result == r.worst {
			t.worst = n
		}
	case result == string(scoring.HungUp) && heard == 1:
		t.hungFirst = n
	case result == string(scoring.NotReached), result == string(scoring.Failed) && heard == 0:
		t.started = 0
	}
	return t
}

// isOutcome tells an outcome from a verdict: a rated question is counted
// under its verdict.
func isOutcome(result string) bool {
	return slices.Contains(scoring.Outcomes, scoring.Outcome(result))
}

// worstOf gives the verdict of the lowest value among a layout's options, ""
// if it has none.
func worstOf(d layout.Definition) string {
	worst, least := "", 0
	for _, o := range d.Layout.Options {
		v, ok := d.Scale.Verdict(o.Verdict)
		if ok && (worst == "" || v.Value < least) {
			worst, least = v.ID, v.Value
		}
	}
	return worst
}
