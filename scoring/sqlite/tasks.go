package sqlite

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"aftercall/scoring"
)

// PutLayouts keeps layouts by their version. A version that is there stays as
// it stands. A definition that is no JSON is refused with scoring.ErrInvalid.
func (s *Store) PutLayouts(ctx context.Context, layouts []scoring.Layout) error {
	for _, l := range layouts {
		if l.Version == "" || l.Name == "" || !json.Valid(l.Definition) {
			return fmt.Errorf("layout %q: %w: want a name, a version and a definition in JSON", l.Name, scoring.ErrInvalid)
		}
	}
	return s.task(ctx, "keep layouts in", func(c *conn, _ *batch) error {
		for _, l := range layouts {
			_, err := c.run(ctx, `INSERT INTO layouts (version, name, question, definition) VALUES (?, ?, ?, ?)
				ON CONFLICT (version) DO NOTHING`, l.Version, l.Name, l.Question, string(l.Definition))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Epochs gives the id, from 1, of the epoch that each split's queue and
// question are in. Where the arms differ from the last ones of that queue and
// question, or there are none, an epoch begins at the time at. All of them
// begin, or none.
func (s *Store) Epochs(ctx context.Context, splits []scoring.Split, at time.Time) ([]int64, error) {
	for _, x := range splits {
		if !json.Valid([]byte(x.Arms)) {
			return nil, fmt.Errorf("epoch of queue %q, question %q: %w: arms %q, want JSON", x.Queue, x.Question, scoring.ErrInvalid, x.Arms)
		}
	}
	found := make([]int64, len(splits)) // handed over by return, so that nobody reads it after giving up
	err := s.task(ctx, "begin epochs in", func(c *conn, _ *batch) (err error) {
		for i, x := range splits {
			if found[i], err = epoch(ctx, c, x, at); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

func epoch(ctx context.Context, c *conn, x scoring.Split, at time.Time) (id int64, err error) {
	var last string
	err = c.each(ctx, func(row []driver.Value) { id, last = row[0].(int64), row[1].(string) },
		`SELECT id, split FROM epochs WHERE queue = ? AND question = ? ORDER BY id DESC LIMIT 1`, x.Queue, x.Question)
	if err != nil || (id != 0 && last == x.Arms) {
		return id, err
	}
	result, err := c.run(ctx, `INSERT INTO epochs (queue, question, split, started_at) VALUES (?, ?, ?, ?)`,
		x.Queue, x.Question, x.Arms, millis(at))
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

// declareBound is the most totals that are made to stand in one transaction:
// records of calls get in between.
const declareBound = 2000

// Declare makes totals stand, at 0 where they are new: a Prometheus series
// that is born at 1 loses its first rating. Their agents are known from then
// on, in the order in which they come. What stands already costs the writer
// nothing. If ctx ends first, some may stand.
func (s *Store) Declare(ctx context.Context, series []scoring.Series) error {
	missing := slices.DeleteFunc(slices.Clone(series), s.totals.holds)
	for {
		part := missing[:min(len(missing), declareBound)]
		missing = missing[len(part):]
		err := s.task(ctx, "declare totals in", func(_ *conn, b *batch) error {
			for _, one := range part {
				s.writer.declare(b, one)
			}
			return nil
		})
		if err != nil || len(missing) == 0 {
			return err
		}
	}
}
