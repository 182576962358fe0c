package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"

	"aftercall/scoring"
)

// MarkSynthetic marks a store as one of invented calls and keeps what they
// were invented from, in JSON. It comes before the first call; marking again
// with the same truth changes nothing. Errors wrap scoring.ErrInvalid.
func (s *Store) MarkSynthetic(ctx context.Context, truth json.RawMessage) error {
	var kept bytes.Buffer
	if err := json.Compact(&kept, truth); err != nil {
		return fmt.Errorf("mark %q as synthetic: %w: truth: %w, want JSON", s.path, scoring.ErrInvalid, err)
	}
	return s.task(ctx, "mark as synthetic", func(c *conn, _ *batch) error {
		var before string
		var calls bool
		err := c.each(ctx, func(row []driver.Value) { before, calls = row[0].(string), row[1].(int64) != 0 },
			`SELECT coalesce((SELECT value FROM meta WHERE key = 'synthetic'), ''), EXISTS (SELECT 1 FROM calls)`)
		switch {
		case err != nil || before == kept.String():
			return err
		case calls:
			return fmt.Errorf("%w: it holds calls already, want a store without any", scoring.ErrInvalid)
		}
		_, err = c.run(ctx, `INSERT INTO meta (key, value) VALUES ('synthetic', ?)
			ON CONFLICT (key) DO UPDATE SET value = excluded.value`, kept.String())
		return err
	})
}

// Truth gives what the calls of a store were invented from; nil = they are
// real.
func (s *Store) Truth(ctx context.Context) (json.RawMessage, error) {
	var truth string
	err := s.readers.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = 'synthetic'`).Scan(&truth)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, translate("read the truth of", s.path, err)
	}
	return json.RawMessage(truth), nil
}

// WriteAll makes records durable in one transaction: all of them, or none.
// It is for many records of whole surveys, which it writes faster than Write
// does. The records must not be changed afterwards. Errors are those of Write.
func (s *Store) WriteAll(ctx context.Context, records []scoring.Record) error {
	for _, r := range records {
		if err := errors.Join(r.Check(), checkTwice(r)); err != nil {
			return err
		}
	}
	return s.task(ctx, "write to", func(c *conn, b *batch) error {
		for i := range records {
			if _, err := s.writer.apply(c, b, &records[i]); err != nil {
				return err
			}
		}
		return nil
	})
}
