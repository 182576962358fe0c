package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	_ "aftercall/scoring/sqlite" // brings the driver
)

// multiplied makes a store of another one in which every survey stands so many
// times, under ids of its own: an hour's work of aftercall synth in minutes.
// Every cell of the roll-ups is so many times as large, which aftercall
// recount agrees with. What the callers' truth is does not change.
func multiplied(ctx context.Context, from, to string, times int) (err error) {
	if err := copyFile(from, to); err != nil {
		return err
	}
	db, err := sql.Open("sqlite3", "file:"+to+"?mode=rw&_journal_mode=OFF&_synchronous=OFF&_locking_mode=EXCLUSIVE&_cache_size=-262144")
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, db.Close()) }()
	var last int64
	if err := db.QueryRowContext(ctx, `SELECT max(id) FROM calls`).Scan(&last); err != nil {
		return err
	}
	for copy := 1; copy < times; copy++ {
		for _, table := range []string{"calls", "assignments", "answers", "keypresses"} {
			if err := again(ctx, db, table, int64(copy)*last, copy); err != nil {
				return fmt.Errorf("rows of %s, copy %d: %w", table, copy, err)
			}
		}
	}
	for _, column := range []string{"counts_agent.n", "counts_day.n", "agent_day.n", "timing.n", "totals.n", "experiments.size"} {
		table, column, _ := strings.Cut(column, ".")
		if _, err := db.ExecContext(ctx, `UPDATE `+table+` SET `+column+` = `+column+` * ?`, times); err != nil {
			return err
		}
	}
	_, err = db.ExecContext(ctx, `PRAGMA journal_mode = WAL`) // as it was
	return err
}

// again appends the rows of the first copy to a table, moved by so many calls.
func again(ctx context.Context, db *sql.DB, table string, moved int64, copy int) error {
	id := "call"
	if table == "calls" {
		id = "id"
	}
	rows, err := db.QueryContext(ctx, `SELECT name FROM pragma_table_info(?)`, table)
	if err != nil {
		return err
	}
	defer rows.Close()
	var columns []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		switch name {
		case id:
			name = fmt.Sprintf("%s + %d", id, moved)
		case "uniqueid": // in front, so that the index grows at its end
			name = fmt.Sprintf("'x%03d-' || uniqueid", copy)
		}
		columns = append(columns, name)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, fmt.Sprintf(`INSERT INTO %s SELECT %s FROM %s WHERE %s <= %d`,
		table, strings.Join(columns, ", "), table, id, moved/int64(copy)))
	return err
}

// copyFile writes a new file.
func copyFile(from, to string) (err error) {
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return errors.Join(err, w.Close())
}
