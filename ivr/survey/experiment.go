package survey

import (
	"fmt"
	"slices"

	"aftercall/ivr/layout"
	"aftercall/scoring"
)

// drawn says by what the calls of one split are divided.
type drawn struct {
	experiment string // "" = the configured split
	seed       string
}

// divide puts the arms of experiments in the place of the configured ones of
// their queues for their question, so that everything which follows from a
// queue's layouts follows from theirs.
func divide(c layout.Catalogue, experiments []scoring.Experiment) layout.Catalogue {
	c.Queues = slices.Clone(c.Queues)
	for _, e := range experiments {
		for _, w := range e.Queues {
			q := &c.Default
			if w.Queue != scoring.Unknown {
				q = &c.Queues[slices.IndexFunc(c.Queues, func(q layout.Queue) bool { return q.Name == w.Queue })]
			}
			configured := c.Arms(*q, e.Question)
			arms := slices.DeleteFunc(slices.Clone(q.Layouts), func(a layout.Arm) bool { return slices.Contains(configured, a) })
			for i, name := range e.Layouts {
				arms = append(arms, layout.Arm{Layout: name, Weight: w.Weights[i]})
			}
			q.Layouts = arms
		}
	}
	return c
}

// Misfits names everything that keeps an experiment, which does not contradict
// itself, from running with the definitions of a catalogue without faults.
func Misfits(c layout.Catalogue, e scoring.Experiment) []layout.Fault {
	path := fmt.Sprintf("experiment %q", e.Name)
	var faults []layout.Fault
	add := func(path, format string, args ...any) {
		faults = append(faults, layout.Fault{Path: path, Text: fmt.Sprintf(format, args...)})
	}
	if _, ok := c.Question(e.Question); !ok {
		add(path, "question %q is not defined", e.Question)
		return faults // nothing can ask it
	}
	for _, name := range e.Layouts {
		switch l, ok := c.Layout(name); {
		case !ok:
			add(path, "layout %q is not defined", name)
		case l.Question != e.Question:
			add(path, "layout %q asks question %q, want one that asks %q", name, l.Question, e.Question)
		}
	}
	for _, w := range e.Queues {
		in := fmt.Sprintf("%s: queue %q", path, w.Queue)
		q, ok := c.Queue(w.Queue)
		if !ok && w.Queue != scoring.Unknown {
			add(in, "is not listed, want one of the configuration, or %s for all that are not", scoring.Unknown)
			continue
		}
		if s, _ := c.Survey(q.Survey); !slices.Contains(s.Questions, e.Question) {
			add(in, "survey %q does not ask question %q", s.Name, e.Question)
		}
	}
	return faults
}
