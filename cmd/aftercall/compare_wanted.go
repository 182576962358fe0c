package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"aftercall/scoring"
)

// comparing is what a command line wants compared: an experiment, or layouts.
type comparing struct {
	experiment string // "" = the one that runs
	layouts    []string
	question   string
	from, to   string // civil dates, both inclusive, "" = open
	queue      string // "" = all
	pool       bool   // all versions of a layout count
	days       bool   // the days' counts are enough, without the agents'
}

// check refuses what cannot be asked for together.
func (q comparing) check() error {
	if len(q.layouts) == 0 {
		for _, f := range []struct{ name, value string }{{"question", q.question}, {"from", q.from}, {"to", q.to}} {
			if f.value != "" {
				return fmt.Errorf("--%s %q: an experiment has its own, want it with --layouts only", f.name, f.value)
			}
		}
		return nil
	}
	for i, name := range q.layouts {
		if slices.Contains(q.layouts[:i], name) {
			return fmt.Errorf("--layouts: %q is there twice", name)
		}
	}
	switch {
	case q.experiment != "":
		return fmt.Errorf("experiment %q and --layouts %s: want one of the two", q.experiment, strings.Join(q.layouts, ","))
	case len(q.layouts) < 2 || len(q.layouts) > scoring.MaxArms:
		return fmt.Errorf("--layouts %s: want 2 to %d layouts", strings.Join(q.layouts, ","), scoring.MaxArms)
	}
	for _, f := range []struct{ name, day string }{{"from", q.from}, {"to", q.to}} {
		if _, err := time.Parse(time.DateOnly, f.day); f.day != "" && err != nil {
			return fmt.Errorf("--%s %q: no such day, want one like 2026-03-01", f.name, f.day)
		}
	}
	if q.from != "" && q.to != "" && q.from > q.to {
		return fmt.Errorf("--from %s is after --to %s", q.from, q.to)
	}
	return nil
}

// chosen finds an experiment by name or, without one, the only one that runs.
func chosen(all []scoring.Experiment, name string) (scoring.Experiment, error) {
	var names []string
	var fits []scoring.Experiment
	for _, e := range all {
		names = append(names, e.Name)
		if e.Name == name || name == "" && e.EndedAt == nil {
			fits = append(fits, e)
		}
	}
	switch {
	case len(fits) == 1:
		return fits[0], nil
	case len(all) == 0 && name == "":
		return scoring.Experiment{}, errors.New("there is no experiment, want --layouts a,b for figures of any layouts")
	case len(all) == 0:
		return scoring.Experiment{}, fmt.Errorf("experiment %q is not known: there is none, want --layouts a,b for figures of any layouts", name)
	case name != "":
		return scoring.Experiment{}, fmt.Errorf("experiment %q is not known, want one of: %s", name, known(names))
	case len(fits) == 0:
		return scoring.Experiment{}, fmt.Errorf("no experiment runs, want the name of one: %s", known(names))
	}
	return scoring.Experiment{}, fmt.Errorf("%d experiments run, want the name of one: %s", len(fits), known(names))
}

// known lists names for an error, each once.
func known(names []string) string {
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}
