package sqlite

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"aftercall/scoring"
)

const selectExperiments = `SELECT name, question, layouts, queues, seed, size, ratings, started_at, ended_at
	FROM experiments ORDER BY started_at, name`

// StartExperiment keeps a new experiment. Starting the very same one again
// changes nothing. Errors wrap scoring.ErrInvalid if it contradicts itself, or
// scoring.ErrExists if its name is taken or another running experiment splits
// one of its queues for its question.
func (s *Store) StartExperiment(ctx context.Context, e scoring.Experiment) error {
	if err := e.Check(); err != nil {
		return err
	}
	e = stored(e)
	return s.task(ctx, "start an experiment in", func(c *conn, _ *batch) error {
		all, err := experiments(ctx, c.driver)
		if err != nil {
			return err
		}
		for _, other := range all {
			if reflect.DeepEqual(other, e) {
				return nil
			}
			if err := apart(e, other); err != nil {
				return err
			}
		}
		return keep(ctx, c, "experiment start", e)
	})
}

// ChangeExperiment gives a running experiment other weights; the queues must
// be the same. Errors wrap scoring.ErrNoExperiment, or scoring.ErrInvalid if
// the experiment would contradict itself.
func (s *Store) ChangeExperiment(ctx context.Context, name string, queues []scoring.QueueWeights) error {
	queues = stored(scoring.Experiment{Queues: queues}).Queues
	return s.task(ctx, "change an experiment in", func(c *conn, _ *batch) error {
		e, err := named(ctx, c, name)
		if err != nil {
			return err
		}
		if e.EndedAt != nil {
			return fmt.Errorf("experiment %q: %w: it ended at %s", name, scoring.ErrNoExperiment, e.EndedAt.Format(time.RFC3339))
		}
		if have, want := queueNames(queues), queueNames(e.Queues); !slices.Equal(have, want) {
			return fmt.Errorf("experiment %q: %w: weights for queues %q, want them for those that it has, %q", name, scoring.ErrInvalid, have, want)
		}
		if reflect.DeepEqual(e.Queues, queues) {
			return nil
		}
		e.Queues = queues
		if err := e.Check(); err != nil {
			return err
		}
		return keep(ctx, c, "experiment change", e)
	})
}

// StopExperiment ends a running experiment. Ending it again at the same
// instant changes nothing. Errors wrap scoring.ErrNoExperiment, or
// scoring.ErrInvalid if it would end before its start.
func (s *Store) StopExperiment(ctx context.Context, name string, at time.Time) error {
	at = instant(millis(at))
	return s.task(ctx, "stop an experiment in", func(c *conn, _ *batch) error {
		e, err := named(ctx, c, name)
		if err != nil {
			return err
		}
		if e.EndedAt != nil {
			if e.EndedAt.Equal(at) {
				return nil
			}
			return fmt.Errorf("experiment %q: %w: it ended at %s", name, scoring.ErrNoExperiment, e.EndedAt.Format(time.RFC3339))
		}
		e.EndedAt = &at
		if err := e.Check(); err != nil {
			return err
		}
		return keep(ctx, c, "experiment stop", e)
	})
}

// Experiments gives every experiment, oldest first.
func (s *Store) Experiments(ctx context.Context) (all []scoring.Experiment, err error) {
	err = s.direct(ctx, func(d driver.Conn) error {
		all, err = experiments(ctx, d)
		return err
	})
	return all, translate("read experiments from", s.path, err)
}

// stored gives an experiment as the store gives it back, with nothing in it
// that the caller could still change.
func stored(e scoring.Experiment) scoring.Experiment {
	e.StartedAt = instant(millis(e.StartedAt))
	if e.EndedAt != nil {
		at := instant(millis(*e.EndedAt))
		e.EndedAt = &at
	}
	e.Layouts, e.Queues = slices.Clone(e.Layouts), slices.Clone(e.Queues)
	for i := range e.Queues {
		e.Queues[i].Weights = slices.Clone(e.Queues[i].Weights)
	}
	return e
}

// apart refuses an experiment that cannot stand beside another.
func apart(e, other scoring.Experiment) error {
	if other.Name == e.Name {
		return fmt.Errorf("experiment %q: %w of this name, started at %s: want a name of its own",
			e.Name, scoring.ErrExists, other.StartedAt.Format(time.RFC3339))
	}
	if e.EndedAt != nil || other.EndedAt != nil || other.Question != e.Question {
		return nil
	}
	for _, queue := range queueNames(e.Queues) {
		if slices.Contains(queueNames(other.Queues), queue) {
			return fmt.Errorf("experiment %q: %w, %q, which splits question %q in queue %q: want that one stopped first",
				e.Name, scoring.ErrExists, other.Name, e.Question, queue)
		}
	}
	return nil
}

// queueNames lists queues by name, sorted.
func queueNames(queues []scoring.QueueWeights) []string {
	var names []string
	for _, q := range queues {
		names = append(names, q.Queue)
	}
	slices.Sort(names)
	return names
}

// keep stores an experiment as it now stands, and that this was done.
func keep(ctx context.Context, c *conn, action string, e scoring.Experiment) error {
	layouts, err := json.Marshal(e.Layouts)
	queues, err2 := json.Marshal(e.Queues)
	whole, err3 := json.Marshal(e)
	if err := errors.Join(err, err2, err3); err != nil {
		return err
	}
	var ended driver.Value
	if e.EndedAt != nil {
		ended = millis(*e.EndedAt)
	}
	_, err = c.run(ctx, `INSERT INTO experiments (name, question, layouts, queues, seed, size, ratings, started_at, ended_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET queues = excluded.queues, ended_at = excluded.ended_at`,
		e.Name, e.Question, string(layouts), string(queues), e.Seed, e.Size, e.Ratings, millis(e.StartedAt), ended)
	if err != nil {
		return err
	}
	_, err = c.run(ctx, `INSERT INTO audit (at, action, detail, n) VALUES (?, ?, ?, 1)`, millis(time.Now()), action, string(whole))
	return err
}

// named finds the experiment of that name.
func named(ctx context.Context, c *conn, name string) (scoring.Experiment, error) {
	all, err := experiments(ctx, c.driver)
	if err != nil {
		return scoring.Experiment{}, err
	}
	i := slices.IndexFunc(all, func(e scoring.Experiment) bool { return e.Name == name })
	if i < 0 {
		return scoring.Experiment{}, fmt.Errorf("experiment %q: %w: the store holds none of that name", name, scoring.ErrNoExperiment)
	}
	return all[i], nil
}

// experiments reads every experiment, oldest first.
func experiments(ctx context.Context, d driver.Conn) ([]scoring.Experiment, error) {
	var all []scoring.Experiment
	var faults []error
	err := each(ctx, d, func(row []driver.Value) {
		e := scoring.Experiment{Name: row[0].(string), Question: row[1].(string), Seed: row[4].(string),
			Size: row[5].(int64), Ratings: row[6].(int64), StartedAt: instant(row[7].(int64))}
		if ms, ended := row[8].(int64); ended {
			at := instant(ms)
			e.EndedAt = &at
		}
		err := errors.Join(json.Unmarshal([]byte(row[2].(string)), &e.Layouts), json.Unmarshal([]byte(row[3].(string)), &e.Queues))
		if err != nil {
			faults = append(faults, fmt.Errorf("experiment %q: %w", e.Name, err))
		}
		all = append(all, e)
	}, selectExperiments)
	return all, errors.Join(append(faults, err)...)
}
