package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"
	"time"
)

// rollup says how one roll-up follows from the rows: its key, in the order of
// the table, what gives it, and which answers count.
type rollup struct{ table, key, from, only string }

var rollups = []rollup{
	{"counts_agent", "queue, epoch, agent, version, language, question, result, heard",
		`c.queue AS queue, q.epoch AS epoch, c.agent AS agent, q.version AS version, c.language AS language, a.question AS question, ` + result + `, a.heard AS heard`, ""},
	{"counts_day", "queue, epoch, day, version, language, question, result, heard",
		`c.queue AS queue, q.epoch AS epoch, c.day AS day, q.version AS version, c.language AS language, a.question AS question, ` + result + `, a.heard AS heard`, ""},
	{"agent_day", "day, agent, queue, version, result",
		`c.day AS day, c.agent AS agent, c.queue AS queue, q.version AS version, ` + result, " AND q.is_primary"},
	{"timing", "version, bucket, result",
		fmt.Sprintf(`q.version AS version, iif(a.outcome = 'rated', a.press_ms / %d, %d) AS bucket, `, timingStep, timingUnset) + result, ""},
}

const (
	result  = `iif(a.outcome = 'rated', a.verdict, a.outcome) AS result`
	counted = ` FROM answers a JOIN assignments q ON q.call = a.call AND q.question = a.question
		JOIN calls c ON c.id = a.call WHERE NOT c.test`

	// creditedTo gives the agent under whom an agent is counted.
	creditedTo = `coalesce((SELECT nullif(merged_into, '') FROM agents WHERE id = agent), agent) AS agent`
)

// rows is the query for the cells of those rows that a condition picks, by the
// agent whom each was said to be of.
func (r rollup) rows(condition string) string {
	places := make([]string, strings.Count(r.key, ",")+1)
	for i := range places {
		places[i] = fmt.Sprint(i + 1)
	}
	return `SELECT ` + r.from + `, count(*) AS n` + counted + r.only + condition + ` GROUP BY ` + strings.Join(places, ", ")
}

// whole is the query for all cells: what rows hold and what removed ones held,
// each under the agent who counts now.
func (r rollup) whole() string {
	return `SELECT ` + r.key + `, sum(n) AS n FROM (SELECT ` + strings.Replace(r.key, "agent", creditedTo, 1) + `, n FROM (` +
		r.rows("") + ` UNION ALL SELECT * FROM removed_` + r.table + `)) GROUP BY ` + r.key
}

// Recount rebuilds the roll-ups from the rows, and from what is kept of removed
// ones, in one transaction and reports how many cells were not as those say.
// Totals are not touched: they cannot be rebuilt. Nothing is written while it
// runs, so it is for a quiet hour: ctx interrupts it, and then nothing has changed.
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
	if _, err := c.run(ctx, `CREATE TEMP TABLE fresh AS `+r.whole()); err != nil {
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
