package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"aftercall/scoring"
)

// CallsOf gives the calls of callers of whom exactly this is kept, newest
// first and limit of them at most, and how many there are in all. Errors wrap
// scoring.ErrInvalid, the error of ctx, or what the file suffers from.
func (s *Store) CallsOf(ctx context.Context, callers []scoring.Caller, limit int) (rows []scoring.CallRow, all int, err error) {
	who, args, err := ofCallers(callers)
	if err == nil && limit < 1 {
		err = fmt.Errorf("%w: limit %d, want 1 or more", scoring.ErrInvalid, limit)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read calls of callers: %w", err)
	}
	var ids []int64 // looked up first: the rest of the query finds them by their key
	err = s.direct(ctx, func(d driver.Conn) error {
		return each(ctx, d, func(row []driver.Value) { ids = append(ids, row[0].(int64)) },
			`SELECT w.call FROM callers w WHERE `+who+` ORDER BY w.call DESC`, args...)
	})
	if err != nil {
		return nil, 0, translate("read callers from", s.path, err)
	}
	list, err := json.Marshal(ids[:min(len(ids), limit)])
	if err != nil || len(ids) == 0 {
		return nil, 0, err
	}
	rows, err = s.calls(ctx, selectCalls+`WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id DESC`, string(list))
	return rows, len(ids), err
}

// CallerCounts tells in which ways callers are kept, and how many calls in each.
func (s *Store) CallerCounts(ctx context.Context) ([]scoring.CallerCount, error) {
	var list []scoring.CallerCount
	err := scan(ctx, s.readers, func(r *sql.Rows) error {
		var c scoring.CallerCount
		err := r.Scan(&c.Form, &c.Key, &c.Lost, &c.Calls)
		list = append(list, c)
		return err
	}, `SELECT coalesce(w.form, ''), coalesce(w.key, ''), w.value IS '', count(*)
		FROM calls c LEFT JOIN callers w ON w.call = c.id GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`)
	return list, translate("count callers in", s.path, err)
}

// Audit gives the last rows of what was done to the stored records, newest
// first. Errors wrap scoring.ErrInvalid for a limit under 1.
func (s *Store) Audit(ctx context.Context, limit int) ([]scoring.AuditRow, error) {
	if limit < 1 {
		return nil, fmt.Errorf("read the audit: %w: limit %d, want 1 or more", scoring.ErrInvalid, limit)
	}
	var list []scoring.AuditRow
	err := scan(ctx, s.readers, func(r *sql.Rows) error {
		var a scoring.AuditRow
		var at int64
		err := r.Scan(&at, &a.Action, &a.Detail, &a.N)
		a.At = instant(at)
		list = append(list, a)
		return err
	}, `SELECT at, action, detail, n FROM audit ORDER BY id DESC LIMIT ?`, limit)
	return list, translate("read the audit of", s.path, err)
}

// Note leaves a row in the audit: that an action was done to n calls. detail is
// kept as JSON and must hold nothing personal.
func (s *Store) Note(ctx context.Context, action string, detail any, n int) error {
	text, err := json.Marshal(detail)
	if err != nil {
		return errors.Join(scoring.ErrInvalid, err)
	}
	return s.task(ctx, "note "+action+" in", func(c *conn, _ *batch) error {
		_, err := c.run(ctx, `INSERT INTO audit (at, action, detail, n) VALUES (?, ?, ?, ?)`, millis(time.Now()), action, string(text), int64(n))
		return err
	})
}

// RemovedCalls tells how many calls were removed so far, for each reason.
func (s *Store) RemovedCalls(ctx context.Context) (map[string]int64, error) {
	all := map[string]int64{}
	for _, why := range scoring.Removals {
		var n int64
		err := s.readers.QueryRowContext(ctx, `SELECT coalesce(sum(n), 0) FROM audit WHERE action = ?`, why).Scan(&n)
		if err != nil {
			return nil, translate("read the audit of", s.path, err)
		}
		all[why] = n
	}
	return all, nil
}
