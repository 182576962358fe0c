package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"aftercall/scoring"
)

const (
	scrubWait  = 50   // ms that the writer waits for readers, who keep the log
	scrubTries = 40   // of them
	busyWait   = 5000 // ms, as in writePragmas
)

// scrub has the bytes of what was removed gone from the file, as far as SQLite
// has not seen to it: an erasure writes the table of callers anew, because rows
// that moved between its pages leave copies; and the log is emptied.
func (s *Store) scrub(ctx context.Context, r scoring.Removal, done scoring.Removed) (scoring.Removed, error) {
	if done.Calls == 0 && r.Why() == scoring.Retention {
		return done, nil
	}
	if r.Why() == scoring.Erasure {
		if err := s.task(ctx, "write callers anew in", rewriteCallers(ctx)); err != nil {
			return done, err
		}
	}
	var err error
	done.Lingers, err = s.EmptyLog(ctx)
	return done, err
}

func rewriteCallers(ctx context.Context) func(c *conn, _ *batch) error {
	return func(c *conn, _ *batch) error {
		for _, step := range []string{
			`CREATE TABLE callers_anew (call INTEGER NOT NULL PRIMARY KEY REFERENCES calls (id) ON DELETE CASCADE,
				form TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL) STRICT`,
			`INSERT INTO callers_anew SELECT * FROM callers`,
			`DROP TABLE callers`, // whose pages are cleared
			`ALTER TABLE callers_anew RENAME TO callers`,
		} {
			if _, err := c.run(ctx, step); err != nil {
				return err
			}
		}
		return nil
	}
}

// EmptyLog moves what stands in the write-ahead log into the database and cuts
// the log to nothing. Where somebody reads the database as it was before, it
// tries again for 2 s; lingers tells that it was in vain. Writing goes on.
func (s *Store) EmptyLog(ctx context.Context) (lingers bool, err error) {
	for range scrubTries {
		if lingers, err = s.emptyLog(ctx); err != nil || !lingers {
			return lingers, err
		}
		select {
		case <-ctx.Done():
			return true, ctx.Err()
		case <-time.After(scrubWait * time.Millisecond):
		}
	}
	return true, nil
}

// emptyLog tries once, on the writer's own connection: its memory stays as it is.
func (s *Store) emptyLog(ctx context.Context) (busy bool, err error) {
	got := make(chan bool, 1)
	_, err = s.submit(ctx, job{name: "empty the log of", direct: func(c *conn) error {
		if _, err := c.run(ctx, fmt.Sprintf(`PRAGMA busy_timeout = %d`, scrubWait)); err != nil {
			return err
		}
		err := c.each(ctx, func(row []driver.Value) { got <- row[0].(int64) != 0 }, `PRAGMA wal_checkpoint(TRUNCATE)`)
		_, err2 := c.run(ctx, fmt.Sprintf(`PRAGMA busy_timeout = %d`, busyWait))
		return errors.Join(err, err2)
	}})
	if err != nil {
		return true, err
	}
	return <-got, nil
}

// outside runs f on the connection between transactions. Behind a failure the
// connection is opened anew.
func (w *writer) outside(name string, f func(c *conn) error) (err error) {
	defer func() { w.note(err) }()
	if w.conn == nil {
		if err := w.reopen(); err != nil {
			return err
		}
	}
	if err := f(w.conn); err != nil {
		return errors.Join(translate(name, w.path, err), w.drop())
	}
	return nil
}
