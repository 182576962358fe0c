package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"

	"aftercall/scoring"
)

const selectTotals = `SELECT kind, question, layout, queue, agent, label, n FROM totals`

const selectCalls = `SELECT id, uniqueid, visit, linkedid, node, trunk, queue, agent, interface, member, survey,
	language, codec, talk_ms, test, started_at, day, earlier, resumed, reason, ended_at,
	coalesce(w.form, ''), coalesce(w.key, ''), w.value FROM calls LEFT JOIN callers w ON w.call = id `

const defaultLimit = 50

// Calls gives the calls that q names, newest first, as they entered the store:
// each with the agent whom it was said to be of, and for an agent also those of
// whoever was merged into that one. Errors wrap scoring.ErrInvalid, the error of ctx, or what the file suffers from.
func (s *Store) Calls(ctx context.Context, q scoring.Query) ([]scoring.CallRow, error) {
	if q.Limit < 0 {
		return nil, fmt.Errorf("read calls: %w: limit %d, want 1 or more, or 0 for %d", scoring.ErrInvalid, q.Limit, defaultLimit)
	}
	if q.Limit == 0 {
		q.Limit = defaultLimit
	}
	where, args := "WHERE true", []any{}
	if q.Queue != "" {
		where, args = where+" AND queue = ?", append(args, q.Queue)
	}
	if q.Agent != "" {
		where, args = where+" AND agent IN (SELECT ? UNION SELECT id FROM agents WHERE merged_into = ?)", append(args, q.Agent, q.Agent)
	}
	return s.calls(ctx, selectCalls+where+" ORDER BY id DESC LIMIT ?", append(args, q.Limit)...)
}

// Zone gives the time zone, by its IANA name, that the days in the store are
// days of. Errors wrap the error of ctx, or what the file suffers from.
func (s *Store) Zone(ctx context.Context) (zone string, err error) {
	err = s.readers.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = 'zone'`).Scan(&zone)
	return zone, translate("read the time zone of", s.path, err)
}

// OpenCalls gives at most limit calls that have no end yet, oldest first.
func (s *Store) OpenCalls(ctx context.Context, limit int) ([]scoring.CallRow, error) {
	if limit < 1 {
		return nil, fmt.Errorf("read open calls: %w: limit %d, want 1 or more", scoring.ErrInvalid, limit)
	}
	return s.calls(ctx, selectCalls+"WHERE ended_at IS NULL ORDER BY id LIMIT ?", limit)
}

// calls reads calls with all that belongs to them, as of one moment.
func (s *Store) calls(ctx context.Context, query string, args ...any) (rows []scoring.CallRow, err error) {
	defer func() { err = translate("read calls from", s.path, err) }()
	tx, err := s.readers.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }() // it changed nothing
	ids := []int64{}
	err = scan(ctx, tx, func(r *sql.Rows) error {
		id, row, err := scanCall(r)
		ids, rows = append(ids, id), append(rows, row)
		return err
	}, query, args...)
	if err != nil {
		return nil, err
	}
	at := make(map[int64]*scoring.CallRow, len(ids))
	for i, id := range ids {
		at[id] = &rows[i]
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	if err := addQuestions(ctx, tx, at, string(list)); err != nil {
		return nil, err
	}
	return rows, addKeys(ctx, tx, at, string(list))
}

// direct hands over the driver of a connection that reads: for reads of very
// many rows, each of which database/sql would convert and copy.
func (s *Store) direct(ctx context.Context, f func(driver.Conn) error) error {
	held, err := s.readers.Conn(ctx)
	if err != nil {
		return err
	}
	err = held.Raw(func(d any) error { return f(d.(driver.Conn)) })
	return errors.Join(err, held.Close())
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// scan hands over the rows of a query one by one.
func scan(ctx context.Context, q querier, row func(*sql.Rows) error, query string, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := row(rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

func scanCall(r *sql.Rows) (id int64, row scoring.CallRow, err error) {
	var started int64
	var talk, ended sql.NullInt64
	var reason sql.NullString
	var earlier string
	var value sql.NullString
	c := &row.Call
	err = r.Scan(&id, &row.ID.UniqueID, &row.ID.Visit, &c.LinkedID, &c.Node, &c.Trunk, &c.Queue, &c.Agent.ID,
		&c.Agent.Interface, &c.Agent.Name, &c.Survey, &c.Language, &c.Codec, &talk, &c.Test, &started, &c.Day, &earlier, &row.Resumed, &reason, &ended,
		&c.Caller.Form, &c.Caller.Key, &value)
	if err == nil && earlier != "" {
		err = json.Unmarshal([]byte(earlier), &c.Earlier)
	}
	if value.Valid {
		c.Caller = scoring.NewCaller(c.Caller.Form, c.Caller.Key, value.String)
	}
	c.StartedAt = instant(started)
	if talk.Valid {
		c.TalkMS = &talk.Int64
	}
	if ended.Valid {
		row.End = &scoring.End{Reason: scoring.Reason(reason.String), At: instant(ended.Int64)}
	}
	return id, row, err
}

func addQuestions(ctx context.Context, tx querier, at map[int64]*scoring.CallRow, ids string) error {
	return scan(ctx, tx, func(r *sql.Rows) error {
		var call int64
		var q scoring.AskedRow
		var outcome, verdict, entry sql.NullString
		var value, reading, press, heard, when sql.NullInt64
		err := r.Scan(&call, &q.Question, &q.Position, &q.Primary, &q.Layout, &q.Version, &q.Rendition, &q.Epoch,
			&outcome, &verdict, &value, &entry, &reading, &press, &heard, &when)
		if err != nil {
			return err
		}
		if outcome.Valid {
			q.Answer = &scoring.Answer{Question: q.Question, Outcome: scoring.Outcome(outcome.String), Verdict: verdict.String,
				Value: int(value.Int64), Entry: entry.String, Reading: int(reading.Int64), PressMS: press.Int64,
				Heard: int(heard.Int64), At: instant(when.Int64)}
		}
		at[call].Questions = append(at[call].Questions, q)
		return nil
	}, `SELECT q.call, q.question, position, is_primary, layout, version, rendition, epoch,
			outcome, verdict, value, entry, reading, press_ms, heard, at
		FROM assignments q LEFT JOIN answers a ON a.call = q.call AND a.question = q.question
		WHERE q.call IN (SELECT value FROM json_each(?)) ORDER BY q.call, position, q.question`, ids)
}

func addKeys(ctx context.Context, tx querier, at map[int64]*scoring.CallRow, ids string) error {
	return scan(ctx, tx, func(r *sql.Rows) error {
		var call, when int64
		var k scoring.Keypress
		err := r.Scan(&call, &k.Seq, &k.Question, &k.Key, &k.Reading, &k.MS, &k.Use, &when)
		if err != nil {
			return err
		}
		k.At = instant(when)
		at[call].Keys = append(at[call].Keys, k)
		return nil
	}, `SELECT call, seq, question, key, reading, ms, use, at FROM keypresses
		WHERE call IN (SELECT value FROM json_each(?)) ORDER BY call, seq`, ids)
}

// Counts gives every cell of the agents' roll-up, with the layout's name from
// the layouts kept; a version that was never kept stands for its own name.
func (s *Store) Counts(ctx context.Context) ([]scoring.Count, error) {
	var list []scoring.Count
	err := scan(ctx, s.readers, func(r *sql.Rows) error {
		var c scoring.Count
		err := r.Scan(&c.Queue, &c.Epoch, &c.Agent, &c.Layout, &c.Version, &c.Language, &c.Question, &c.Result, &c.Heard, &c.N)
		list = append(list, c)
		return err
	}, `SELECT queue, epoch, agent, coalesce(l.name, c.version), c.version, language, c.question, result, heard, n
		FROM counts_agent c LEFT JOIN layouts l ON l.version = c.version`)
	return list, translate("read counts from", s.path, err)
}

// loadTotals takes over the totals on a store that is opened for reading.
func (s *Store) loadTotals(ctx context.Context) error {
	fresh := newTotals()
	err := scan(ctx, s.readers, func(r *sql.Rows) error {
		var t scoring.Total
		err := r.Scan(&t.Kind, &t.Question, &t.Layout, &t.Queue, &t.Agent, &t.Label, &t.N)
		fresh.add(t.Series, t.N)
		return err
	}, selectTotals)
	s.totals.take(fresh)
	return translate("read the totals of", s.path, err)
}
