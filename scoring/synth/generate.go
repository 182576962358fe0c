package synth

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"aftercall/ivr/layout"
	"aftercall/scoring"
)

// Node is the Asterisk that invented calls came by. Their ids begin with it,
// and lack the dot that stands in every unique id of Asterisk.
const Node = "synth"

const (
	opens  = 8              // hour at which the first call of a day may come
	open   = 12 * time.Hour // for so long
	enters = 200 * time.Millisecond
	thanks = 3 * time.Second // a thank-you with the silence before it
)

// Site is what the configuration gives.
type Site struct {
	Zone   *time.Location // days begin by it
	Menus  []Menu         // at least those that the truth names
	Survey string         // what callers are asked who are asked one question
	Longer string         // what they are asked who are asked a second
}

// Generator invents the calls of a truth.
type Generator struct {
	truth   Truth
	site    Site
	arms    []*menu // of the experiment, in its order
	second  *menu   // nil = none
	agents  []agent
	byQueue map[string][]agent
}

// New makes a generator. The error names every fault of the truth, a line
// each, or every layout that the site lacks.
func New(t Truth, s Site) (*Generator, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	g := &Generator{truth: t, site: s, byQueue: map[string][]agent{}}
	if err := g.menus(); err != nil {
		return nil, err
	}
	g.agents = t.staff()
	for _, a := range g.agents {
		g.byQueue[a.queue] = append(g.byQueue[a.queue], a)
	}
	g.truth.Expected = g.expect()
	return g, nil
}

// menus finds the layouts that the truth names.
func (g *Generator) menus() error {
	c := &checker{}
	find := func(path, name string) *menu {
		i := slices.IndexFunc(g.site.Menus, func(m Menu) bool { return m.Layout.Name == name })
		if i < 0 {
			c.add(path, "layout %q is not there", name)
			return nil
		}
		m := newMenu(g.site.Menus[i], g.truth)
		for _, l := range g.truth.Languages {
			if _, ok := m.sounds[l.Name]; !ok {
				c.add(path, "layout %q cannot be heard in language %q", name, l.Name)
			}
		}
		return m
	}
	for _, name := range g.truth.Experiment.Layouts {
		m := find("experiment.layouts", name)
		if m != nil && len(g.arms) > 0 && g.arms[0] != nil && m.layout.Question != g.arms[0].layout.Question {
			c.add("experiment.layouts", "layout %q asks question %q, want %q as the first does", name, m.layout.Question, g.arms[0].layout.Question)
		}
		g.arms = append(g.arms, m)
	}
	if name := g.truth.Second.Layout; name != "" {
		g.second = find("second.layout", name)
		if g.second != nil && g.arms[0] != nil && g.second.layout.Question == g.arms[0].layout.Question {
			c.add("second.layout", "layout %q asks question %q, want another than the first", name, g.second.layout.Question)
		}
	}
	return errors.Join(c.faults...)
}

// Truth gives the truth with what follows from it.
func (g *Generator) Truth() Truth { return g.truth }

// Layouts gives the layouts as a store keeps them.
func (g *Generator) Layouts() ([]scoring.Layout, error) {
	var all []scoring.Layout
	for _, m := range g.site.Menus {
		j, err := json.Marshal(m.Definition)
		if err != nil {
			return nil, fmt.Errorf("layout %q: %w", m.Layout.Name, err)
		}
		all = append(all, scoring.Layout{Version: layout.Version(m.Layout, m.Question, m.Scale), Name: m.Layout.Name,
			Question: m.Question.Name, Definition: j})
	}
	return all, nil
}

// Begins gives the instant at which a day begins; Days + 1 is the end.
func (g *Generator) Begins(day int) time.Time {
	y, m, d := g.truth.date(day).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, g.site.Zone)
}

// Experiment gives the experiment as it begins. Of the planned surveys as many
// are taken to be rated as the first layout's share who answer says.
func (g *Generator) Experiment() scoring.Experiment {
	t := g.truth
	size := t.size()
	return scoring.Experiment{
		Name: t.Experiment.Name, Question: g.arms[0].layout.Question, Layouts: t.Experiment.Layouts, Queues: t.weights(1),
		Seed: t.Experiment.Seed, Size: size, Ratings: max(int64(float64(size)*t.Expected.Layouts[0].Answered), 1), StartedAt: g.Begins(1),
	}
}

// Weights gives the weights of a day, and whether they are others than those
// of the day before.
func (g *Generator) Weights(day int) (weights []scoring.QueueWeights, changed bool) {
	changed = slices.ContainsFunc(g.truth.Ramps, func(r Ramp) bool { return r.Day == day })
	return g.truth.weights(day), changed
}

// Splits gives the splits of a day, each of which is an epoch: of every queue
// and question. Behind the last day, all calls get the first layout again.
func (g *Generator) Splits(day int) ([]scoring.Split, error) {
	e := scoring.Epoch{Question: g.arms[0].layout.Question, Experiment: g.truth.Experiment.Name, Seed: g.truth.Experiment.Seed}
	arms, weights := g.arms, g.truth.weights(day)
	if day > g.truth.Days {
		e.Experiment, arms = "", g.arms[:1]
	}
	var all []scoring.Epoch
	for i, q := range g.truth.Queues {
		e.Queue, e.Arms = q.Name, nil
		for k, m := range arms {
			e.Arms = append(e.Arms, m.arm(weights[i].Weights[k]))
		}
		if len(arms) == 1 {
			e.Arms[0].Weight = 1
		}
		all = append(all, e)
		if g.second != nil {
			all = append(all, scoring.Epoch{Queue: q.Name, Question: g.second.layout.Question, Seed: e.Seed, Arms: []scoring.EpochArm{g.second.arm(1)}})
		}
	}
	var splits []scoring.Split
	for _, e := range all {
		s, err := e.Split()
		if err != nil {
			return nil, err
		}
		splits = append(splits, s)
	}
	return splits, nil
}

func (m *menu) arm(weight int) scoring.EpochArm {
	a := scoring.EpochArm{Layout: m.layout.Name, Version: m.version, Weight: weight, Renditions: map[string]string{}}
	for language, s := range m.sounds {
		a.Renditions[language] = s.Hash
	}
	return a
}

// Records gives the calls of a day, oldest first, each as one whole record.
// epochs are those of Splits of that day, in its order.
func (g *Generator) Records(day int, epochs []int64) iter.Seq[scoring.Record] {
	return func(yield func(scoring.Record) bool) {
		r := rand.New(rand.NewPCG(g.truth.Seed, uint64(day)))
		n := g.truth.calls(day)
		weights, shift := g.truth.weights(day), g.truth.shift(day)
		y, m, d := g.truth.date(day).Date()
		first := time.Date(y, m, d, opens, 0, 0, 0, g.site.Zone)
		for i := range n {
			at := first.Add(time.Duration((float64(i) + r.Float64()) / float64(n) * float64(open))).Truncate(time.Millisecond).UTC()
			c := g.visitor(r, scoring.CallID{UniqueID: fmt.Sprintf("%s-%d-%d-%d", Node, g.truth.Seed, day, i+1), Visit: 1}, at, shift)
			if !yield(g.record(c, weights[c.queue].Weights, epochs)) {
				return
			}
		}
	}
}

// visitor draws who calls, on a day with a shift, and what they think.
func (g *Generator) visitor(r *rand.Rand, id scoring.CallID, at time.Time, shift float64) *caller {
	t := &g.truth
	c := &caller{Rand: r, truth: t, at: at, id: id}
	c.queue = pick(r, len(t.Queues), func(i int) float64 { return t.Queues[i].Share })
	c.language = t.Languages[pick(r, len(t.Languages), func(i int) float64 { return t.Languages[i].Share })].Name
	staff := g.byQueue[t.Queues[c.queue].Name]
	c.agent = staff[r.IntN(len(staff))]
	c.opinion = dissatisfied
	switch {
	case r.Float64() < c.agent.satisfied(shift):
		c.opinion = satisfied
	case r.Float64() < t.fair():
		c.opinion = fair
	}
	return c
}

// record lets a caller go through the survey.
func (g *Generator) record(c *caller, weights []int, epochs []int64) scoring.Record {
	arms := make([]layout.Arm, len(g.arms))
	for i, m := range g.arms {
		arms[i] = layout.Arm{Layout: m.layout.Name, Weight: weights[i]}
	}
	first := g.arms[layout.Choose(g.truth.Experiment.Seed, g.arms[0].layout.Question, c.id.String(), arms)]
	asked, survey, each := []*menu{first}, g.site.Survey, 1
	if g.second != nil {
		each = 2
		if c.Float64() < g.truth.Second.Share {
			asked, survey = append(asked, g.second), g.site.Longer
		}
	}
	out := scoring.Record{ID: c.id, Call: &scoring.Call{
		Node: Node, Trunk: Node, Queue: g.truth.Queues[c.queue].Name, Agent: c.agent.Agent, Survey: survey, Language: c.language,
		StartedAt: c.at, Day: scoring.Day(c.at, g.site.Zone),
	}}
	for i, m := range asked {
		out.Assignments = append(out.Assignments, scoring.Assignment{Question: m.layout.Question, Position: i + 1, Primary: i == 0,
			Layout: m.layout.Name, Version: m.version, Rendition: m.sounds[c.language].Hash, Epoch: epochs[c.queue*each+i]})
	}
	c.at = c.at.Add(enters)
	reason, rated := scoring.Completed, 0
	for _, m := range asked {
		if reason != scoring.Completed {
			c.answers = append(c.answers, scoring.Answer{Question: m.layout.Question, Outcome: scoring.NotReached, At: c.at})
			continue
		}
		if reason = c.ask(m); reason == scoring.Completed {
			rated++
		}
	}
	if rated > 0 && reason != scoring.CallerLeft {
		c.at = c.at.Add(thanks)
	}
	out.Answers, out.Keypresses, out.End = c.answers, c.keys, &scoring.End{Reason: reason, At: c.at}
	return out
}

// pick draws one of n by their shares, which are divided by their sum.
func pick(r *rand.Rand, n int, share func(int) float64) int {
	var sum float64
	for i := range n {
		sum += share(i)
	}
	at := r.Float64() * sum
	for i := range n {
		if at -= share(i); at < 0 {
			return i
		}
	}
	return n - 1
}

// name numbers things from 1, so that they sort by number.
func name(of string, i int) string { return fmt.Sprintf("%s-%05d", of, i+1) }
