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
	query, args, err := dayQuery(q)
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
// and result. It knows no days: From and To do not narrow it. Errors are those
// of DayCounts.
func (s *Store) AgentCounts(ctx context.Context, q scoring.CountQuery) ([]scoring.AgentCount, error) {
	q.From, q.To = "", ""
	query, args, err := agentQuery(q)
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

func dayQuery(q scoring.CountQuery) (query string, args []driver.Value, err error) {
	from, order, args, err := narrowed("counts_day", q)
	return `SELECT c.queue, c.epoch, day, version, language, result, heard, n` + from +
		` ORDER BY ` + order + `, day, version, language, c.question, result, heard`, args, err
}

func agentQuery(q scoring.CountQuery) (query string, args []driver.Value, err error) {
	from, order, args, err := narrowed("counts_agent", q)
	order += `, agent, version, language, c.question, result`
	return `SELECT c.queue, c.epoch, agent, version, language, result, sum(n)` + from +
		` GROUP BY ` + order + ` ORDER BY ` + order, args, err
}

// narrowed writes what a roll-up is read from, and how its order begins. Where
// epochs are named they are looked up first, and the roll-up is entered by
// queue and epoch, with which its key begins. Rows come as they lie in the
// key, so that nothing is sorted; the + keeps SQLite from taking the question
// for a constant, after which it would not see that.
func narrowed(table string, q scoring.CountQuery) (from, order string, args []driver.Value, err error) {
	if q.Question == "" {
		return "", "", nil, fmt.Errorf("read counts: %w: no question, want one", scoring.ErrInvalid)
	}
	for _, day := range []string{q.From, q.To} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			return "", "", nil, fmt.Errorf("read counts: %w: day %q, want the form 2006-01-02", scoring.ErrInvalid, day)
		}
	}
	epochs, err := json.Marshal(q.Epochs)
	if err != nil {
		return "", "", nil, err
	}
	versions, err := json.Marshal(q.Versions)
	if err != nil {
		return "", "", nil, err
	}
	from, order, args = ` FROM `+table+` c WHERE +c.question = ?`, `c.queue, c.epoch`, []driver.Value{q.Question}
	if len(q.Epochs) > 0 {
		from = ` FROM epochs e INDEXED BY epochs_last CROSS JOIN ` + table + ` c ON c.queue = e.queue AND c.epoch = e.id
			WHERE +c.question = ? AND +e.question = ? AND e.id IN (SELECT value FROM json_each(?))`
		order, args = `e.queue, e.question, e.id`, append(args, q.Question, string(epochs))
	}
	narrow := func(by bool, condition string, value string) {
		if by {
			from, args = from+condition, append(args, value)
		}
	}
	narrow(len(q.Versions) > 0, ` AND version IN (SELECT value FROM json_each(?))`, string(versions))
	narrow(q.Queue != "", ` AND c.queue = ?`, q.Queue)
	narrow(q.From != "", ` AND day >= ?`, q.From)
	narrow(q.To != "", ` AND day <= ?`, q.To)
	return from, order, args, nil
}
