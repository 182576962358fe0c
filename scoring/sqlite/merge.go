package sqlite

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
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
// they were said to be of. The totals of from stay as they stand: nobody who
// counts by them sees a jump. Merging the same again changes nothing. Errors
// wrap scoring.ErrNoAgent if the store does not know one of the two, or
// scoring.ErrInvalid if the two are one, one is scoring.Unknown, or one was
// merged elsewhere.
func (s *Store) MergeAgents(ctx context.Context, from, into string) (scoring.Merged, error) {
	for _, id := range []string{from, into} {
		if id == scoring.Unknown {
			return scoring.Merged{}, fmt.Errorf("agent %q: %w: it is what calls without an agent are kept under, want an agent", id, scoring.ErrInvalid)
		}
	}
	if from == into {
		return scoring.Merged{}, fmt.Errorf("agent %q: %w: want another agent to merge into", from, scoring.ErrInvalid)
	}
	done := make(chan scoring.Merged, 1) // handed over by return, so that nobody reads it after giving up
	err := s.task(ctx, "merge agents in", func(c *conn, _ *batch) error {
		m, err := s.writer.merge(ctx, c, from, into)
		done <- m
		return err
	})
	if err != nil {
		return scoring.Merged{}, err
	}
	return <-done, nil
}

// merge does what MergeAgents says, inside of a transaction.
func (w *writer) merge(ctx context.Context, c *conn, from, into string) (scoring.Merged, error) {
	m := scoring.Merged{From: from, Into: into}
	if err := w.mergeable(from, into); err != nil {
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
	return m, w.loadAgents()
}

// mergeable refuses agents who are not known, and those who were merged
// elsewhere.
func (w *writer) mergeable(from, into string) error {
	for _, id := range []string{from, into} {
		known, ok := w.agents[id]
		switch {
		case !ok:
			return fmt.Errorf("agent %.200q: %w in the store, want one of whom it has a survey or who is in the roster", id, scoring.ErrNoAgent)
		case known.mergedInto != "" && (id == into || known.mergedInto != into):
			return fmt.Errorf("agent %q: %w: was merged into %q, want one who was not merged", id, scoring.ErrInvalid, known.mergedInto)
		}
	}
	return nil
}
