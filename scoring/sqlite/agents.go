package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"time"

	"aftercall/scoring"
)

// knownAgent is what the writer remembers of an agent.
type knownAgent struct{ lastDay, mergedInto string }

// countedUnder gives the agent under whom an agent's calls are counted.
func (w *writer) countedUnder(agent string) string {
	if into := w.agents[agent].mergedInto; into != "" {
		return into
	}
	return agent
}

// declare makes a total stand, and its agent known.
func (w *writer) declare(b *batch, s scoring.Series) {
	if s.Agent != "" {
		s.Agent = w.countedUnder(s.Agent)
		b.agentOn(s.Agent, "")
	}
	b.totals[s] += 0
}

// loadAgents takes over what the file knows of agents, and gives them in the
// order in which they became known.
func (w *writer) loadAgents() (order []string, err error) {
	clear(w.agents)
	err = w.conn.allAgents.each(func(row []driver.Value) {
		id := row[0].(string)
		w.agents[id] = knownAgent{lastDay: row[1].(string), mergedInto: row[2].(string)}
		order = append(order, id)
	})
	return order, err
}

// flushAgents writes who became known and whose last day moved.
func (w *writer) flushAgents() error {
	for _, id := range w.batch.agentsIn {
		day := w.batch.agentsOn[id]
		if known, ok := w.agents[id]; ok && day <= known.lastDay {
			continue
		}
		if err := w.conn.addAgent.put(id, millis(time.Now()), day); err != nil {
			return err
		}
	}
	return nil
}

// rememberAgents keeps what a commit made durable.
func (w *writer) rememberAgents() {
	for id, day := range w.batch.agentsOn {
		known := w.agents[id]
		known.lastDay = max(known.lastDay, day)
		w.agents[id] = known
	}
}

// KnownAgents gives everybody whom figures are kept under, in the order in
// which they became known. Errors wrap the error of ctx, or what the file
// suffers from.
func (s *Store) KnownAgents(ctx context.Context) ([]scoring.KnownAgent, error) {
	var list []scoring.KnownAgent
	err := s.direct(ctx, func(d driver.Conn) error {
		return each(ctx, d, func(row []driver.Value) {
			list = append(list, scoring.KnownAgent{ID: row[0].(string), KnownAt: instant(row[1].(int64)), LastDay: row[2].(string), MergedInto: row[3].(string)})
		}, `SELECT id, known_at, last_day, merged_into FROM agents ORDER BY seq`)
	})
	return list, translate("read agents from", s.path, err)
}

// AgentCells gives the cells of the agents' days, summed over a period, in the
// order of agent, queue, version and result. It reads the days of the period
// and nothing before them. Errors wrap scoring.ErrInvalid (a day of another
// form), the error of ctx, or what the file suffers from.
func (s *Store) AgentCells(ctx context.Context, p scoring.Period) ([]scoring.AgentCell, error) {
	for _, day := range []string{p.From, p.To} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			return nil, fmt.Errorf("read agents' days: %w: day %q, want the form 2006-01-02", scoring.ErrInvalid, day)
		}
	}
	query, args := `SELECT agent, queue, version, result, sum(n) FROM agent_day WHERE day >= ?`, []driver.Value{p.From}
	if p.To != "" {
		query, args = query+` AND day <= ?`, append(args, p.To)
	}
	if p.Queue != "" {
		query, args = query+` AND queue = ?`, append(args, p.Queue)
	}
	var list []scoring.AgentCell
	err := s.direct(ctx, func(d driver.Conn) error {
		return each(ctx, d, func(row []driver.Value) {
			list = append(list, scoring.AgentCell{Agent: row[0].(string), Queue: row[1].(string), Version: row[2].(string), Result: row[3].(string), N: row[4].(int64)})
		}, query+` GROUP BY agent, queue, version, result ORDER BY agent, queue, version, result`, args...)
	})
	return list, translate("read agents' days from", s.path, err)
}
