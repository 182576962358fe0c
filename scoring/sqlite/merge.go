package sqlite

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"time"

	"aftercall/scoring"
)

// allDays lists the days of agent_day, each found by its key: with it, an
// agent's cells are found without reading those of all the others.
const allDays = `(WITH RECURSIVE days (day) AS (SELECT min(day) FROM agent_day
	UNION ALL SELECT (SELECT min(day) FROM agent_day WHERE day > days.day) FROM days WHERE day IS NOT NULL)
	SELECT day FROM days)`

// MergeAgents counts one agent's figures under another, in one transaction:
// the roll-ups move, and whatever comes later for from, or for whoever was
// merged into from before, is counted under into. Calls keep the agent whom
// they were said to be of. The totals of from stay as they stand, and into gets
// those that it lacks at 0: nobody who counts by them sees a jump. Merging the
// same again changes nothing. Errors wrap scoring.ErrNoAgent if the store does
// not know one of the two, or scoring.ErrInvalid if the two are one, one is
// scoring.Unknown, or one was merged elsewhere.
func (s *Store) MergeAgents(ctx context.Context, from, into string) (scoring.Merged, error) {
	done := make(chan scoring.Merged, 1) // handed over by return, so that nobody reads it after giving up
	err := s.task(ctx, "merge agents in", func(c *conn, b *batch) error {
		m, err := s.writer.merge(ctx, c, b, from, into)
		done <- m
		return err
	})
	if err != nil {
		return scoring.Merged{}, err
	}
	return <-done, nil
}

// merge does what MergeAgents says, inside of a transaction.
func (w *writer) merge(ctx context.Context, c *conn, b *batch, from, into string) (scoring.Merged, error) {
	m := scoring.Merged{From: from, Into: into}
	if err := scoring.CheckMerge(from, into, w.known); err != nil {
		return m, err
	}
	if w.agents[from].mergedInto == into {
		m.Already = true
		return m, nil
	}
	err := c.each(ctx, func(row []driver.Value) { m.Surveys = row[0].(int64) },
		`SELECT coalesce(sum(n), 0) FROM agent_day WHERE day IN `+allDays+` AND agent = ?`, from)
	if err != nil {
		return m, err
	}
	err = c.each(ctx, func(row []driver.Value) {
		b.totals[scoring.Series{Kind: scoring.Kind(row[0].(string)), Agent: into, Label: row[1].(string)}] += 0
	}, `SELECT kind, label FROM totals WHERE agent = ?`, from)
	if err != nil {
		return m, err
	}
	detail, err := json.Marshal(m)
	if err != nil {
		return m, err
	}
	for _, step := range []struct {
		sql  string
		args []driver.Value
	}{
		{`INSERT INTO counts_agent SELECT queue, epoch, ?, version, language, question, result, heard, n FROM counts_agent
			WHERE agent = ? ON CONFLICT DO UPDATE SET n = n + excluded.n`, []driver.Value{into, from}},
		{`DELETE FROM counts_agent WHERE agent = ?`, []driver.Value{from}},
		{`INSERT INTO agent_day SELECT day, ?, queue, version, result, n FROM agent_day
			WHERE day IN ` + allDays + ` AND agent = ? ON CONFLICT DO UPDATE SET n = n + excluded.n`, []driver.Value{into, from}},
		{`DELETE FROM agent_day WHERE day IN ` + allDays + ` AND agent = ?`, []driver.Value{from}},
		{`UPDATE agents SET merged_into = ? WHERE ? IN (id, merged_into)`, []driver.Value{into, from}},
		{`UPDATE agents SET last_day = max(last_day, ?) WHERE id = ?`, []driver.Value{w.agents[from].lastDay, into}},
		{`INSERT INTO audit (at, action, detail, n) VALUES (?, 'agents merge', ?, ?)`, []driver.Value{millis(time.Now()), string(detail), m.Surveys}},
	} {
		if _, err := c.run(ctx, step.sql, step.args...); err != nil {
			return m, err
		}
	}
	clear(w.calls) // those of from are remembered as counted under from
	_, err = w.loadAgents()
	return m, err
}

// known gives what is remembered of an agent, but for the time.
func (w *writer) known(id string) (scoring.KnownAgent, bool) {
	known, ok := w.agents[id]
	return scoring.KnownAgent{ID: id, LastDay: known.lastDay, MergedInto: known.mergedInto}, ok
}

// AgentDays gives what the agents' days hold of one agent; of one who was
// merged, or whom nobody knows, that is nothing. Errors wrap the error of ctx,
// or what the file suffers from.
func (s *Store) AgentDays(ctx context.Context, agent string) (d scoring.AgentDays, err error) {
	err = s.readers.QueryRowContext(ctx, `SELECT coalesce(min(day), ''), coalesce(max(day), ''), coalesce(sum(n), 0) FROM agent_day
		WHERE day IN `+allDays+` AND agent = ?`, agent).Scan(&d.First, &d.Last, &d.Surveys)
	return d, translate("read an agent's days from", s.path, err)
}
