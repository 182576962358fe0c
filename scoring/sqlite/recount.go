package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"time"
)

// rollup says how one roll-up follows from the rows: its key, and the query
// that gives its columns in the order of the table.
type rollup struct{ table, key, from string }

var rollups = []rollup{
	{"counts_agent", "queue, epoch, agent, version, language, question, result, heard",
		`SELECT c.queue, q.epoch, ` + agent + `, q.version, c.language, a.question, ` + result + `, a.heard, count(*) AS n` +
			counted + ` GROUP BY 1, 2, 3, 4, 5, 6, 7, 8`},
	{"counts_day", "queue, epoch, day, version, language, question, result, heard",
		`SELECT c.queue, q.epoch, c.day, q.version, c.language, a.question, ` + result + `, a.heard, count(*) AS n` +
			counted + ` GROUP BY 1, 2, 3, 4, 5, 6, 7, 8`},
	{"agent_day", "day, agent, queue, version, result",
		`SELECT c.day, ` + agent + `, c.queue, q.version, ` + result + `, count(*) AS n` + counted + ` AND q.is_primary GROUP BY 1, 2, 3, 4, 5`},
	{"timing", "version, bucket, result",
		fmt.Sprintf(`SELECT q.version, iif(a.outcome = 'rated', a.press_ms / %d, %d) AS bucket, `, timingStep, timingUnset) +
			result + `, count(*) AS n` + counted + ` GROUP BY 1, 2, 3`},
}

const (
	result  = `iif(a.outcome = 'rated', a.verdict, a.outcome) AS result`
	agent   = `coalesce((SELECT nullif(merged_into, '') FROM agents WHERE id = c.agent), c.agent) AS agent`
	counted = ` FROM answers a JOIN assignments q ON q.call = a.call AND q.question = a.question
		JOIN calls c ON c.id = a.call WHERE NOT c.test`
)

// Recount rebuilds the roll-ups from the rows in one transaction and reports
// how many cells were not as the rows say. Totals are not touched: they may
// exceed the rows. Nothing is written while it runs, so it is for a quiet
// hour: ctx interrupts it, and then nothing has changed.
func (s *Store) Recount(ctx context.Context) (changed int, err error) {
	total := 0
	err = s.task(ctx, "recount", func(c *conn, _ *batch) error {
		for _, r := range rollups {
			n, err := recount(ctx, c, r)
			if err != nil {
				return err
			}
			total += n
		}
		_, err := c.run(ctx, `INSERT INTO audit (at, action, detail, n) VALUES (?, 'recount', 'cells changed', ?)`,
			millis(time.Now()), int64(total))
		return err
	})
	if err != nil {
		return 0, err
	}
	return total, nil
}

// recount rebuilds one roll-up. The cells that differ are the keys of the
// rows that only one side has.
func recount(ctx context.Context, c *conn, r rollup) (changed int, err error) {
	if _, err := c.run(ctx, `CREATE TEMP TABLE fresh AS `+r.from); err != nil {
		return 0, err
	}
	err = c.each(ctx, func(row []driver.Value) { changed = int(row[0].(int64)) }, differing(r.table, r.key))
	if err == nil && changed > 0 {
		if _, err = c.run(ctx, `DELETE FROM `+r.table); err == nil {
			_, err = c.run(ctx, `INSERT INTO `+r.table+` SELECT * FROM fresh`)
		}
	}
	if err == nil {
		_, err = c.run(ctx, `DROP TABLE temp.fresh`)
	}
	return changed, err
}

func differing(table, key string) string {
	return fmt.Sprintf(`SELECT count(*) FROM (
		SELECT %[2]s FROM (SELECT * FROM %[1]s EXCEPT SELECT * FROM fresh)
		UNION SELECT %[2]s FROM (SELECT * FROM fresh EXCEPT SELECT * FROM %[1]s))`, table, key)
}
