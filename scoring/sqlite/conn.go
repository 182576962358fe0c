package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
)

// conn is the writer's connection with its prepared statements. It talks to
// the driver directly: database/sql would add a lock and a copy to each of
// the few statements that a record costs.
type conn struct {
	driver driver.Conn
	all    []*statement

	begin, commit, version                       *statement
	findCall, findAssignments, lastCall          *statement
	addCall, addAssignment, addAnswer, addKey    *statement
	addCaller                                    *statement
	endCall, resumeCall                          *statement
	addAgentCell, addDayCell, addAgentDay, addMS *statement
	addTotal, addAgent, allAgents, allTotals     *statement
}

// statement is prepared once and run by the writer only.
type statement struct {
	prepared prepared
	args     []driver.NamedValue // used again by every run
}

type prepared interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

func newConn(c driver.Conn) (*conn, error) {
	new := &conn{driver: c}
	for _, p := range []struct {
		to  **statement
		sql string
	}{
		{&new.begin, `BEGIN IMMEDIATE`},
		{&new.commit, `COMMIT`},
		{&new.version, `PRAGMA data_version`},
		{&new.findCall, `SELECT id, queue, agent, language, day, test FROM calls WHERE uniqueid = ? AND visit = ?`},
		{&new.findAssignments, `SELECT question, is_primary, layout, version, epoch FROM assignments WHERE call = ?`},
		{&new.lastCall, `SELECT coalesce(max(id), 0) FROM calls`},
		{&new.allTotals, selectTotals},
		{&new.addCall, `INSERT INTO calls (id, uniqueid, visit, linkedid, node, trunk, queue, agent, interface, member,
			survey, language, codec, talk_ms, test, started_at, day, earlier, reason, ended_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		{&new.addCaller, `INSERT INTO callers (call, form, key, value) VALUES (?, ?, ?, ?)`},
		{&new.addAssignment, `INSERT INTO assignments (call, question, position, is_primary, layout, version, rendition, epoch)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`},
		{&new.addAnswer, `INSERT INTO answers (call, question, outcome, verdict, value, entry, reading, press_ms, heard, at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		{&new.addKey, `INSERT INTO keypresses (call, seq, question, key, reading, ms, use, at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`},
		{&new.endCall, `UPDATE calls SET reason = ?, ended_at = ? WHERE id = ? AND ended_at IS NULL`},
		{&new.resumeCall, `UPDATE calls SET resumed = max(resumed, ?) WHERE id = ?`},
		{&new.addAgentCell, `INSERT INTO counts_agent (queue, epoch, agent, version, language, question, result, heard, n)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n`},
		{&new.addDayCell, `INSERT INTO counts_day (queue, epoch, day, version, language, question, result, heard, n)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n`},
		{&new.addAgentDay, `INSERT INTO agent_day (day, agent, queue, version, result, n) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET n = n + excluded.n`},
		{&new.addMS, `INSERT INTO timing (version, bucket, result, n) VALUES (?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET n = n + excluded.n`},
		{&new.addTotal, `INSERT INTO totals (kind, question, layout, queue, agent, label, n) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET n = n + excluded.n`},
		{&new.addAgent, `INSERT INTO agents (id, known_at, last_day) VALUES (?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET last_day = max(last_day, excluded.last_day)`},
		{&new.allAgents, `SELECT id, last_day, merged_into FROM agents ORDER BY seq`},
	} {
		s, err := new.prepare(p.sql)
		if err != nil {
			return nil, errors.Join(err, new.close())
		}
		*p.to = s
	}
	return new, nil
}

func (c *conn) prepare(sql string) (*statement, error) {
	p, err := c.driver.Prepare(sql)
	if err != nil {
		return nil, err
	}
	s := &statement{prepared: p.(prepared)}
	c.all = append(c.all, s)
	return s, nil
}

// close ends the statements first: SQLite keeps a connection, and what it has
// locked, for as long as one of its statements lives.
func (c *conn) close() error {
	var errs []error
	for _, s := range c.all {
		errs = append(errs, s.prepared.Close())
	}
	return errors.Join(append(errs, c.driver.Close())...)
}

// run runs a statement that is needed rarely. ctx interrupts it.
func (c *conn) run(ctx context.Context, sql string, values ...driver.Value) (driver.Result, error) {
	s := statement{}
	return c.driver.(driver.ExecerContext).ExecContext(ctx, sql, s.bind(values))
}

// each runs a query that is needed rarely and hands over its rows one by one.
func (c *conn) each(ctx context.Context, row func([]driver.Value), sql string, values ...driver.Value) error {
	return each(ctx, c.driver, row, sql, values...)
}

// each runs a query on any connection and hands over its rows one by one.
func each(ctx context.Context, d driver.Conn, row func([]driver.Value), sql string, values ...driver.Value) error {
	s := statement{}
	rows, err := d.(driver.QueryerContext).QueryContext(ctx, sql, s.bind(values))
	if err != nil {
		return err
	}
	return drain(rows, row)
}

// bind fits values to the driver: each is nil, a string, a bool or an int64.
func (s *statement) bind(values []driver.Value) []driver.NamedValue {
	s.args = s.args[:0]
	for i, v := range values {
		s.args = append(s.args, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	return s.args
}

// put runs the statement. It goes by way of a query because the driver hands
// all values of a query to SQLite at once, but those of an exec one by one. The
// writer's statements have no context: only whole batches are given up, at
// BEGIN, by the busy timeout.
func (s *statement) put(values ...driver.Value) error {
	rows, err := s.prepared.QueryContext(context.Background(), s.bind(values))
	if err != nil {
		return err
	}
	return rows.Close()
}

// add inserts a row and reports false where there is one of that key already.
func (s *statement) add(values ...driver.Value) (added bool, err error) {
	err = s.put(values...)
	if err != nil && taken(err) {
		return false, nil
	}
	return err == nil, err
}

func (s *statement) each(row func([]driver.Value), values ...driver.Value) error {
	rows, err := s.prepared.QueryContext(context.Background(), s.bind(values))
	if err != nil {
		return err
	}
	return drain(rows, row)
}

func drain(rows driver.Rows, row func([]driver.Value)) error {
	values := make([]driver.Value, len(rows.Columns()))
	for {
		err := rows.Next(values)
		if errors.Is(err, io.EOF) {
			return rows.Close()
		}
		if err != nil {
			return errors.Join(err, rows.Close())
		}
		row(values)
	}
}
