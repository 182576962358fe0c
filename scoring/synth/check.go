package synth

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"aftercall/ivr/layout"
	"aftercall/scoring"
)

// Bounds of what is invented.
const (
	maxDays   = 3660
	maxPerDay = 1_000_000
	maxAgents = 10_000
)

// checker collects faults.
type checker struct{ faults []error }

func (c *checker) add(path, format string, a ...any) {
	c.faults = append(c.faults, layout.Fault{Path: "truth: " + path, Text: fmt.Sprintf(format, a...)})
}

// between refuses what is outside of least and most, and what is no number.
func (c *checker) between(path string, v, least, most float64) {
	if !(v >= least && v <= most) {
		c.add(path, "%.10g, want %.10g to %.10g", v, least, most)
	}
}

func (c *checker) share(path string, v float64) { c.between(path, v, 0, 1) }

func (c *checker) delay(path string, d layout.Delay) {
	if d.D() < 100*time.Millisecond || d.D() > 30*time.Second {
		c.add(path, "%s, want 100ms to 30s", d)
	}
}

func (c *checker) byOpinion(path string, b ByOpinion) {
	c.share(path+".satisfied", b.Satisfied)
	c.share(path+".fair", b.Fair)
	c.share(path+".dissatisfied", b.Dissatisfied)
}

func (c *checker) week(path string, list []float64, least, most float64) {
	if len(list) != 7 {
		c.add(path, "%d values, want 7, Monday first", len(list))
	}
	for i, v := range list {
		c.between(fmt.Sprintf("%s: %d", path, i+1), v, least, most)
	}
}

// check names every fault of the truth by itself, one a line.
func (t Truth) check() error {
	c := &checker{}
	if _, err := time.Parse(time.DateOnly, t.FirstDay); err != nil {
		c.add("first_day", "%q, want the form 2006-01-02", t.FirstDay)
	}
	c.between("days", float64(t.Days), 1, maxDays)
	c.between("calls_per_day", float64(t.CallsPerDay), 1, maxPerDay)
	c.week("weekday_calls", t.WeekdayCalls, 0, 10)
	c.week("weekday_points", t.WeekdayPoints, -50, 50)
	c.between("trend_points", t.TrendPoints, -50, 50)
	t.checkExperiment(c)
	t.checkQueues(c)
	t.checkCallers(c)
	t.checkMenus(c)
	return errors.Join(c.faults...)
}

// checkExperiment judges the experiment as it is on each day on which its
// weights change.
func (t Truth) checkExperiment(c *checker) {
	fits := t.Days >= 1 && t.Days <= maxDays
	weights := func(path string, weights []int) {
		if n := len(weights); n != len(t.Experiment.Layouts) {
			c.add(path, "%d, want one for each of %d layouts", n, len(t.Experiment.Layouts))
			fits = false
		}
	}
	for _, q := range t.Queues {
		if len(q.Weights) > 0 {
			weights(fmt.Sprintf("queue %q: weights", q.Name), q.Weights)
		}
	}
	for i, r := range t.Ramps {
		weights(fmt.Sprintf("ramp %d: weights", i+1), r.Weights)
	}
	if !fits {
		return // then there is no experiment to judge
	}
	e := scoring.Experiment{Name: t.Experiment.Name, Question: scoring.Unknown, Layouts: t.Experiment.Layouts,
		Size: t.size(), Ratings: 1, StartedAt: time.Unix(1, 0)}
	days := []int{1}
	for _, r := range t.Ramps {
		days = append(days, r.Day)
	}
	for _, day := range days {
		e.Queues = t.weights(day)
		if err := e.Check(); err != nil {
			c.add(fmt.Sprintf("day %d", day), "%v", err)
			return // the days behind it are likely to have the same fault
		}
	}
}

func (t Truth) checkQueues(c *checker) {
	if len(t.Queues) == 0 {
		c.add("queues", "none, want at least one")
	}
	var names []string
	for _, q := range t.Queues {
		path := fmt.Sprintf("queue %q", q.Name)
		if q.Name == "" || len(q.Name) > scoring.MaxID || slices.Contains(names, q.Name) {
			c.add(path, "want a name of 1 to %d bytes that no other has", scoring.MaxID)
		}
		names = append(names, q.Name)
		c.between(path+": share", q.Share, 1e-6, 1e6)
	}
	last := 1
	for i, r := range t.Ramps {
		path := fmt.Sprintf("ramp %d", i+1)
		if r.Day < 2 || r.Day > t.Days || r.Day < last {
			c.add(path+": day", "%d, want %d to %d, in order", r.Day, max(last, 2), t.Days)
		}
		last = r.Day
		if r.Queue != "" && !slices.Contains(names, r.Queue) {
			c.add(path, "queue %q does not stand among the queues", r.Queue)
		}
	}
}

func (t Truth) checkCallers(c *checker) {
	if len(t.Languages) == 0 {
		c.add("languages", "none, want at least one")
	}
	for i, l := range t.Languages {
		c.between(fmt.Sprintf("language %q: share", l.Name), l.Share, 1e-6, 1e6)
		if slices.ContainsFunc(t.Languages[:i], func(o Language) bool { return o.Name == l.Name }) {
			c.add(fmt.Sprintf("language %q", l.Name), "stands twice")
		}
	}
	c.between("agents.number", float64(t.Agents.Number), float64(max(len(t.Queues), 1)), maxAgents)
	c.between("agents.spread", t.Agents.Spread, 0, 5)
	c.between("opinions.satisfied", t.Opinions.Satisfied, 0.001, 0.999)
	c.share("opinions.fair", t.Opinions.Fair)
	if sum := t.Opinions.Satisfied + t.Opinions.Fair; sum > 1 {
		c.add("opinions", "satisfied and fair are %g together, want at most 1", sum)
	}
	c.share("opinions.very", t.Opinions.Very)
	c.byOpinion("answering", t.Answering)
	c.share("silent.hang_up", t.Silent.HangUp)
	c.share("silent.wrong_keys", t.Silent.WrongKeys)
	if sum := t.Silent.HangUp + t.Silent.WrongKeys; sum > 1 {
		c.add("silent", "hang_up and wrong_keys are %g together, want at most 1", sum)
	}
	c.share("errors", t.Errors)
	c.share("second.share", t.Second.Share)
}

func (t Truth) checkMenus(c *checker) {
	most := max(t.Answering.Satisfied, t.Answering.Fair, t.Answering.Dissatisfied)
	for _, f := range t.LayoutFactors {
		path := fmt.Sprintf("layout_factors: layout %q", f.Layout)
		if !slices.Contains(t.Experiment.Layouts, f.Layout) {
			c.add(path, "is none of the experiment, want one of %v", t.Experiment.Layouts)
		}
		if !(f.Factor >= 0 && f.Factor*most <= 1) {
			c.add(path, "%g times %g who answer, want 0 to 1", f.Factor, most)
		}
	}
	c.share("order_effect", t.OrderEffect)
	c.share("key_effect", t.KeyEffect)
	c.share("gap_effect.share", t.GapEffect.Share)
	c.byOpinion("gap_effect.hang_up", t.GapEffect.HangUp)
	c.delay("gap_effect.from", t.GapEffect.From)
	c.delay("press.reaction", t.Press.Reaction)
	c.between("press.spread", t.Press.Spread, 0, 2)
	c.share("press.blind", t.Press.Blind)
	c.share("press.patient", t.Press.Patient)
	c.share("press.late", t.Press.Late)
	c.share("press.wrong_key", t.Press.WrongKey)
}
