package sqlite

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
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
	return s.task(ctx, "keep layouts", func(c *conn, _ *batch) error {
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

// Epoch gives the id, from 1, of the epoch that queue and question are in.
// Where split, the experiment as JSON text, differs from the last one of that
// queue and question, or there is none, an epoch begins at the time at.
func (s *Store) Epoch(ctx context.Context, queue, question, split string, at time.Time) (id int64, err error) {
	if !json.Valid([]byte(split)) {
		return 0, fmt.Errorf("epoch of queue %q, question %q: %w: split %q, want JSON", queue, question, scoring.ErrInvalid, split)
	}
	var found int64 // handed over by return, so that nobody reads it after giving up
	err = s.task(ctx, "begin an epoch in", func(c *conn, _ *batch) error {
		var last string
		err := c.each(ctx, func(row []driver.Value) { found, last = row[0].(int64), row[1].(string) },
			`SELECT id, split FROM epochs WHERE queue = ? AND question = ? ORDER BY id DESC LIMIT 1`, queue, question)
		if err != nil || (found != 0 && last == split) {
			return err
		}
		result, err := c.run(ctx, `INSERT INTO epochs (queue, question, split, started_at) VALUES (?, ?, ?, ?)`,
			queue, question, split, millis(at))
		if err != nil {
			return err
		}
		found, err = result.LastInsertId()
		return err
	})
	if err != nil {
		return 0, err
	}
	return found, nil
}

// Declare makes totals stand, at 0 where they are new: a Prometheus series
// that is born at 1 loses its first rating.
func (s *Store) Declare(ctx context.Context, series []scoring.Series) error {
	return s.task(ctx, "declare totals in", func(_ *conn, b *batch) error {
		for _, one := range series {
			b.totals[one] += 0
		}
		return nil
	})
}
