package sqlite

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"aftercall/scoring"
)

const (
	removeBound = 250    // calls in one transaction: records of calls get in between
	roundBound  = 20_000 // calls that are looked up at a time
)

// selection is which calls a removal is for, of those that have ended.
type selection struct {
	from, id string // id is the column by which they are found fastest
	args     []driver.Value
}

func selected(r scoring.Removal) (selection, error) {
	if (r.Before == "") == (len(r.Callers) == 0) {
		return selection{}, fmt.Errorf("%w: removal by day %q and of %d callers, want one of the two", scoring.ErrInvalid, r.Before, len(r.Callers))
	}
	if r.Before == "" {
		who, args, err := ofCallers(r.Callers)
		return selection{`callers w CROSS JOIN calls c ON c.id = w.call WHERE c.ended_at IS NOT NULL AND ` + who, "w.call", args}, err
	}
	if _, err := time.Parse(time.DateOnly, r.Before); err != nil {
		return selection{}, fmt.Errorf("%w: day %q, want the form 2006-01-02", scoring.ErrInvalid, r.Before)
	}
	return selection{`calls c WHERE c.ended_at IS NOT NULL AND c.day < ?`, "c.id", []driver.Value{r.Before}}, nil
}

// ofCallers is the condition for rows of callers of whom exactly this is kept.
func ofCallers(callers []scoring.Caller) (condition string, args []driver.Value, err error) {
	for _, c := range callers {
		if c.Reveal() == "" {
			return "", nil, fmt.Errorf("%w: a caller of whom nothing is kept, want one who can be looked for", scoring.ErrInvalid)
		}
		condition += ` OR w.value = ? AND w.form = ? AND w.key = ?`
		args = append(args, c.Reveal(), string(c.Form), c.Key)
	}
	return `(false` + condition + `)`, args, nil
}

// RemoveCalls removes calls that have ended with all that belongs to them, in
// transactions of a bounded size, and leaves an audit row that grows with each
// of them. Totals and roll-ups stay as they stand, and so does what a recount
// makes of them. step carries out each transaction: it may wait before, or
// refuse; nil = at once. It has to see to it that no record of such a call
// waits anywhere: one that came again would be of a new call.
//
// When an erasure returns without an error, what was kept of the callers is
// gone from the database to the last byte, and from its log too unless
// Removed.Lingers: doing it again finishes what was cut off. What was done
// before an error is done, and told. Errors wrap scoring.ErrInvalid, those of
// step and ctx, or what the file suffers from.
func (s *Store) RemoveCalls(ctx context.Context, r scoring.Removal, step func(context.Context, func() error) error) (scoring.Removed, error) {
	if step == nil {
		step = func(_ context.Context, do func() error) error { return do() }
	}
	run := removalRun{why: r.Why(), before: r.Before, done: scoring.Removed{Outcomes: map[scoring.Outcome]int64{}}}
	from, err := selected(r)
	if err != nil {
		return run.done, fmt.Errorf("remove calls from %q: %w", s.path, err)
	}
	for last := int64(0); ; {
		ids, err := s.leaving(ctx, from, last)
		if err != nil {
			return run.done, translate("read calls to remove from", s.path, err)
		}
		if len(ids) == 0 {
			return s.scrub(ctx, r, run.done)
		}
		for part := range slices.Chunk(ids, removeBound) {
			if err := step(ctx, func() error { return s.removePart(ctx, from, part, &run) }); err != nil {
				return run.done, err
			}
			last = part[len(part)-1]
		}
	}
}

// leaving lists calls behind one, oldest first.
func (s *Store) leaving(ctx context.Context, from selection, behind int64) (ids []int64, err error) {
	err = s.direct(ctx, func(d driver.Conn) error {
		return each(ctx, d, func(row []driver.Value) { ids = append(ids, row[0].(int64)) },
			`SELECT c.id FROM `+from.from+` AND `+from.id+` > ? ORDER BY `+from.id+` LIMIT ?`, append(slices.Clone(from.args), behind, int64(roundBound))...)
	})
	return ids, err
}

// removalRun is a removal on its way.
type removalRun struct {
	why, before string
	done        scoring.Removed
	audit       int64 // its row; 0 = none yet
}

// removePart removes some calls in one transaction, of which what is done and
// the audit row tell when it is durable.
func (s *Store) removePart(ctx context.Context, from selection, ids []int64, run *removalRun) error {
	next := make(chan removalRun, 1) // handed over by return, so that nobody reads it after giving up
	now := *run
	err := s.task(ctx, "remove calls from", func(c *conn, _ *batch) error {
		after, err := s.writer.remove(ctx, c, from, ids, now)
		next <- after
		return err
	})
	if err == nil {
		*run = <-next
	}
	return err
}

// remove does the work of removePart inside of a transaction.
func (w *writer) remove(ctx context.Context, c *conn, from selection, ids []int64, run removalRun) (removalRun, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return run, err
	}
	ids = ids[:0:0]
	err = c.each(ctx, func(row []driver.Value) { ids = append(ids, row[0].(int64)) },
		`SELECT c.id FROM `+from.from+` AND `+from.id+` IN (SELECT value FROM json_each(?))`, append(slices.Clone(from.args), string(list))...)
	if err != nil || len(ids) == 0 { // they are gone already
		return run, err
	}
	if list, err = json.Marshal(ids); err != nil {
		return run, err
	}
	for _, r := range rollups {
		_, err := c.run(ctx, `INSERT INTO removed_`+r.table+` `+r.rows(` AND c.id IN (SELECT value FROM json_each(?))`)+
			` ON CONFLICT DO UPDATE SET n = n + excluded.n`, string(list))
		if err != nil {
			return run, err
		}
	}
	outcomes := maps.Clone(run.done.Outcomes)
	err = c.each(ctx, func(row []driver.Value) { outcomes[scoring.Outcome(row[0].(string))] += row[1].(int64) },
		`SELECT outcome, count(*) FROM answers WHERE call IN (SELECT value FROM json_each(?)) GROUP BY 1`, string(list))
	if err != nil {
		return run, err
	}
	if _, err := c.run(ctx, `DELETE FROM calls WHERE id IN (SELECT value FROM json_each(?))`, string(list)); err != nil {
		return run, err
	}
	clear(w.calls) // they are not to be remembered either
	run.done = scoring.Removed{Calls: run.done.Calls + int64(len(ids)), Outcomes: outcomes}
	return run, run.note(ctx, c)
}

// note writes the audit row of a run, or has it tell more.
func (run *removalRun) note(ctx context.Context, c *conn) error {
	detail, err := json.Marshal(struct {
		Before   string                    `json:"before,omitempty"`
		Outcomes map[scoring.Outcome]int64 `json:"outcomes"`
	}{run.before, run.done.Outcomes})
	if err != nil {
		return err
	}
	if run.audit != 0 {
		_, err := c.run(ctx, `UPDATE audit SET detail = ?, n = ? WHERE id = ?`, string(detail), run.done.Calls, run.audit)
		return err
	}
	result, err := c.run(ctx, `INSERT INTO audit (at, action, detail, n) VALUES (?, ?, ?, ?)`, millis(time.Now()), run.why, string(detail), run.done.Calls)
	if err == nil {
		run.audit, err = result.LastInsertId()
	}
	return err
}
