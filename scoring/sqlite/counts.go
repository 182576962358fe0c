package sqlite

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"aftercall/scoring"
)

// DayCounts gives the cells of the days' roll-up that q names, in the order of
// queue, epoch, day, version, language, result and options heard. An epoch's
// cells stand under the queue that it is of. Errors wrap scoring.ErrInvalid,
// the error of ctx, or what the file suffers from.
func (s *Store) DayCounts(ctx context.Context, q scoring.CountQuery) ([]scoring.DayCount, error) {
	query, args, err := countQuery("counts_day", "day, version, language, result, heard, n", "day, version, language, result, heard", q)
	if err != nil {
		return nil, err
	}
	var list []scoring.DayCount
	err = s.direct(ctx, func(d driver.Conn) error {
		return each(ctx, d, func(row []driver.Value) {
			list = append(list, scoring.DayCount{Queue: row[0].(string), Epoch: row[1].(int64), Day: row[2].(string),
				Version: row[3].(string), Language: row[4].(string), Result: row[5].(string), Heard: int(row[6].(int64)), N: row[7].(int64)})
		}, query, args...)
	})
	return list, translate("read counts by day from", s.path, err)
}

// AgentCounts gives the cells of the agents' roll-up that q names, summed over
// the options heard, in the order of queue, epoch, agent, version, language
// and result. It knows no days: q's From and To do not narrow it. Errors are
// those of DayCounts.
func (s *Store) AgentCounts(ctx context.Context, q scoring.CountQuery) ([]scoring.AgentCount, error) {
	q.From, q.To = "", ""
	const cell = "agent, version, language, result"
	query, args, err := countQuery("counts_agent", cell+", sum(n)", cell, q)
	if err != nil {
		return nil, err
	}
	var list []scoring.AgentCount
	err = s.direct(ctx, func(d driver.Conn) error {
		return each(ctx, d, func(row []driver.Value) {
			list = append(list, scoring.AgentCount{Queue: row[0].(string), Epoch: row[1].(int64), Agent: row[2].(string),
				Version: row[3].(string), Language: row[4].(string), Result: row[5].(string), N: row[6].(int64)})
		}, query, args...)
	})
	return list, translate("read counts by agent from", s.path, err)
}

// countQuery writes the query of a roll-up. Epochs are looked up first, so
// that the roll-up is entered by queue and epoch, which its key begins with,
// and nothing else of it is read.
func countQuery(table, columns, key string, q scoring.CountQuery) (query string, args []driver.Value, err error) {
	if q.Question == "" {
		return "", nil, fmt.Errorf("read counts: %w: no question, want one", scoring.ErrInvalid)
	}
	for _, day := range []string{q.From, q.To} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			return "", nil, fmt.Errorf("read counts: %w: day %q, want the form 2006-01-02", scoring.ErrInvalid, day)
		}
	}
	where := ""
	narrow := func(condition string, value driver.Value) { where, args = where+condition, append(args, value) }
	from := table + " c"
	narrow(" WHERE c.question = ?", q.Question)
	if len(q.Epochs) > 0 {
		list, err := json.Marshal(q.Epochs)
		if err != nil {
			return "", nil, err
		}
		from = "epochs e CROSS JOIN " + table + " c ON c.queue = e.queue AND c.epoch = e.id"
		narrow(" AND e.id IN (SELECT value FROM json_each(?))", string(list))
	}
	if len(q.Versions) > 0 {
		list, err := json.Marshal(q.Versions)
		if err != nil {
			return "", nil, err
		}
		narrow(" AND version IN (SELECT value FROM json_each(?))", string(list))
	}
	if q.Queue != "" {
		narrow(" AND c.queue = ?", q.Queue)
	}
	if q.From != "" {
		narrow(" AND day >= ?", q.From)
	}
	if q.To != "" {
		narrow(" AND day <= ?", q.To)
	}
	group := ""
	if table == "counts_agent" {
		group = " GROUP BY c.queue, c.epoch, " + key
	}
	return "SELECT c.queue, c.epoch, " + columns + " FROM " + from + where + group + " ORDER BY c.queue, c.epoch, " + key, args, nil
}
