package main

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"aftercall/configs"
	"aftercall/ivr/layout"
	"aftercall/scoring"
	"aftercall/scoring/sqlite"
)

// runningIn gives the experiments that have not ended, the oldest first.
func runningIn(ctx context.Context, store *sqlite.Store) ([]scoring.Experiment, error) {
	all, err := store.Experiments(ctx)
	return slices.DeleteFunc(all, func(e scoring.Experiment) bool { return e.EndedAt != nil }), err
}

// experimentState is an experiment as it stands.
type experimentState struct {
	scoring.Experiment
	State  string   `json:"state"`            // running, suspended or ended
	Faults []string `json:"faults,omitempty"` // what keeps a suspended one from splitting calls
	// Pending: the service could not follow the last command yet, and splits
	// calls as before it.
	Pending bool `json:"pending,omitempty"`
}

// follows reports whether what is in force is an experiment as it is kept.
func (now *inForce) follows(e scoring.Experiment) bool {
	i := slices.IndexFunc(now.running, func(r scoring.Experiment) bool { return r.Name == e.Name })
	if i < 0 || e.EndedAt != nil {
		return i < 0 == (e.EndedAt != nil)
	}
	return reflect.DeepEqual(now.running[i].Queues, e.Queues)
}

func states(all []scoring.Experiment, unfit suspended) []experimentState {
	out := []experimentState{}
	for _, e := range all {
		s := experimentState{Experiment: e, State: "running"}
		if e.EndedAt != nil {
			s.State = "ended"
		} else if faults, is := unfit[e.Name]; is {
			s.State = "suspended"
			for _, f := range faults {
				s.Faults = append(s.Faults, f.Error())
			}
		}
		out = append(out, s)
	}
	return out
}

// beyond gives the faults of the experiments that were not suspended before:
// a reload may not take from a running experiment what it needs.
func (unfit suspended) beyond(before suspended) error {
	var faults configs.Faults
	for name, why := range unfit {
		if _, already := before[name]; already {
			continue
		}
		for _, f := range why {
			f.Text += "; want the configuration as it was, or the experiment stopped: aftercall experiment stop " + name
			faults = append(faults, f)
		}
	}
	if faults == nil {
		return nil
	}
	slices.SortFunc(faults, func(a, b layout.Fault) int { return cmp.Compare(a.Error(), b.Error()) })
	return faults
}

// fitting refuses an experiment that contradicts itself, or that the
// configuration cannot run beside those that run.
func fitting(c *configs.Config, running []scoring.Experiment, e scoring.Experiment, lib layout.Library) error {
	if err := e.Check(); err != nil {
		return err
	}
	others := slices.DeleteFunc(slices.Clone(running), func(o scoring.Experiment) bool { return o.Name == e.Name })
	_, unfit, err := divided(c, append(others, e), lib)
	if err != nil {
		return err
	}
	if faults, is := unfit[e.Name]; is {
		return faults
	}
	return nil
}

// reweighted refuses weights that a running experiment cannot have. Of one
// that does not run, or has other queues, the store says so.
func reweighted(c *configs.Config, running []scoring.Experiment, name string, queues []scoring.QueueWeights, lib layout.Library) error {
	i := slices.IndexFunc(running, func(e scoring.Experiment) bool { return e.Name == name })
	if i < 0 {
		return nil
	}
	e := running[i]
	e.Queues = queues
	return fitting(c, running, e, lib)
}

// endOf is the time at which a running experiment is stopped: now, and not
// before its start where the clock was set back meanwhile.
func endOf(running []scoring.Experiment, name string) time.Time {
	at := time.Now()
	for _, e := range running {
		if e.Name == name && at.Before(e.StartedAt) {
			at = e.StartedAt
		}
	}
	return at
}

// startExperiment starts an experiment. If the service is killed in between,
// its next start puts into force what the store holds.
func (s *service) startExperiment(ctx context.Context, e scoring.Experiment) error {
	err := s.alter(ctx, func(now *inForce, running []scoring.Experiment) error {
		if err := fitting(now.config, running, e, now.lib); err != nil {
			return err
		}
		return s.store.StartExperiment(ctx, e)
	})
	return s.told(err, "experiment started", "experiment", e.Name, "question", e.Question, "layouts", e.Layouts, "queues", e.Queues, "size", e.Size)
}

func (s *service) changeExperiment(ctx context.Context, name string, queues []scoring.QueueWeights) error {
	err := s.alter(ctx, func(now *inForce, running []scoring.Experiment) error {
		if err := reweighted(now.config, running, name, queues, now.lib); err != nil {
			return err
		}
		return s.store.ChangeExperiment(ctx, name, queues)
	})
	return s.told(err, "experiment changed", "experiment", name, "queues", queues)
}

func (s *service) stopExperiment(ctx context.Context, name string) error {
	err := s.alter(ctx, func(_ *inForce, running []scoring.Experiment) error {
		return s.store.StopExperiment(ctx, name, endOf(running, name))
	})
	return s.told(err, "experiment stopped", "experiment", name)
}

// alter changes the experiments in the store, and then what is in force.
// Surveys in progress finish on the layouts that they began with.
func (s *service) alter(ctx context.Context, change func(now *inForce, running []scoring.Experiment) error) error {
	done, err := s.alone(ctx)
	if err != nil {
		return err
	}
	defer done()
	now := s.now.Load()
	running, err := runningIn(ctx, s.store)
	if err != nil {
		return err
	}
	if err := change(now, running); err != nil {
		return err
	}
	next, err := s.divide(ctx, now.config, now.lib)
	if err == nil {
		err = s.declare(ctx, next)
	}
	if err != nil {
		return fmt.Errorf("it is kept, but calls are split as before until the next reload or start: %w", err)
	}
	s.follow(next)
	return nil
}

// told logs what became of a command.
func (s *service) told(err error, what string, about ...any) error {
	if err != nil {
		s.log.Warn("not done: "+what, append(about, "error", err)...)
		return err
	}
	s.log.Info(what, about...)
	return nil
}
