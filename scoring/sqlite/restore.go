package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"aftercall/scoring"
)

// restored stands behind the path of a database in the name of a copy that is
// whole and on the disk, and is to take its place: from then on a restore is
// carried to its end, by the next that opens the store if need be.
const restored = ".restored"

// unfinished stands behind it while that copy is being made.
const unfinished = ".restore-unfinished"

// Restored is what became of a restore.
type Restored struct {
	Examination
	// Kept is where the database stands that was there before; "" = there was none.
	Kept string `json:"kept,omitempty"`
	// Raised is how many surveys more the totals count than the backup's did:
	// each was raised to what it had been, so that no counter fell.
	Raised int64 `json:"raised"`
	// Fallen says why the totals of the database that was there could not be
	// read: counters may have fallen.
	Fallen string `json:"fallen,omitempty"`
}

// Restore puts a copy of the database at from in the place of the one at path,
// which is kept under another name, if [Examine] finds no fault in it, or with
// force only faults that are Curable; else Restored.Faults has them and nothing
// has changed. Tables that are out of date are changed in the copy first. Each
// total is the higher one of both: Prometheus takes a counter that falls for
// one that began anew, and would count all of it again. before is called when
// nothing stands in the way any more, and can still refuse; nil = nothing.
// The store must not be open; until the copy is whole and on the disk the old
// one stands as it was, and from then on whoever opens the store gets the new
// one. Errors wrap ErrInUse, fs.ErrInvalid where from is a file of the store,
// or what a file suffers from.
func Restore(ctx context.Context, path, from string, o Options, force bool, before func() error) (r Restored, err error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if path, err = locate(path); err != nil {
		return r, err
	}
	lock, err := lockStore(path)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if err := finishRestore(path); err != nil { // one that was cut off
		return r, err
	}
	for _, own := range []string{path, path + "-wal", path + "-shm", path + ".lock", path + unfinished} {
		if same(own, from) {
			return r, fmt.Errorf("restore %q: %w: that is a file of the store itself", from, fs.ErrInvalid)
		}
	}
	if r.Examination, err = Examine(ctx, from, o.Zone); err != nil || !r.fit(force) {
		return r, err
	}
	part := path + unfinished
	err = r.prepare(ctx, path, from, part, o)
	if err == nil && r.fit(force) && before != nil {
		err = before()
	}
	if err != nil || !r.fit(force) {
		return r, errors.Join(err, removeCopy(part))
	}
	if err := errors.Join(os.Rename(part, path+restored), syncFolder(path)); err != nil {
		return r, fault("restore database", path, err)
	}
	if _, err := os.Lstat(path); err == nil {
		r.Kept, err = keptAs(path)
		if err != nil {
			return r, err
		}
	}
	return r, finishRestore(path)
}

// fit tells whether what was found may be restored.
func (r *Restored) fit(force bool) bool { return len(r.Faults) == 0 || force && r.Curable() }

// prepare makes the database that is to be put in place.
func (r *Restored) prepare(ctx context.Context, path, from, part string, o Options) (err error) {
	file, err := begin(part)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := copyInto(ctx, from, part, file); err != nil {
		return err
	}
	if _, err := checkCopy(ctx, part); err != nil {
		return err
	}
	o.Existing, o.copied = true, true
	if err := prepare(ctx, part, o, migrations); err != nil {
		return err
	}
	if r.Older { // its figures can be looked at only now
		if r.Examination, err = Examine(ctx, part, o.Zone); err != nil {
			return err
		}
	}
	r.Raised, err = raiseTotals(ctx, path, part, from)
	if errors.Is(err, errPresent) {
		r.Fallen, err = err.Error(), nil
	}
	if err != nil {
		return err
	}
	if log, left := os.Stat(part + "-wal"); left == nil && log.Size() > 0 {
		return fmt.Errorf("restore database %q: %w: what was written to its copy did not get from the -wal file into it", path, ErrIO)
	}
	return fault("restore database", path, errors.Join(removeBeside(part), file.Sync()))
}

// errPresent: the database that is to be replaced cannot be read.
var errPresent = errors.New("the database that stood there")

// raiseTotals raises the totals in the copy to those of the database at path,
// makes their agents known, and notes that in the audit.
func raiseTotals(ctx context.Context, path, part, from string) (raised int64, err error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("%w is gone", errPresent)
	}
	present, err := openPlain(ctx, path)
	if err == nil {
		err = present.Close()
	}
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errPresent, err)
	}
	db, err := sql.Open("sqlite3", writeDSN(part))
	if err != nil {
		return 0, translate("open database", part, err)
	}
	db.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, translate("close", part, db.Close())) }()
	if _, err := db.ExecContext(ctx, `ATTACH ? AS present`, location(path)+"?mode=ro"); err != nil {
		return 0, fmt.Errorf("%w: %w", errPresent, translate("open database", path, err))
	}
	if _, err := db.ExecContext(ctx, `CREATE TEMP TABLE higher AS SELECT p.*, coalesce(t.n, 0) AS had FROM present.totals p
		LEFT JOIN main.totals t USING (kind, question, layout, queue, agent, label) WHERE t.n IS NULL OR p.n > t.n`); err != nil {
		return 0, fmt.Errorf("%w: %w", errPresent, translate("read the totals of", path, err))
	}
	if err := db.QueryRowContext(ctx, `SELECT coalesce(sum(n - had), 0) FROM temp.higher WHERE kind = ?`, string(scoring.AgentOutcome)).Scan(&raised); err != nil {
		return 0, translate("restore to", part, err)
	}
	return raised, translate("restore to", part, takeTotals(ctx, db, from, raised))
}

// takeTotals writes what raiseTotals found.
func takeTotals(ctx context.Context, db *sql.DB, from string, raised int64) error {
	detail, err := json.Marshal(map[string]string{"from": from})
	if err != nil {
		return err
	}
	now := millis(time.Now())
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{`INSERT INTO agents (id, known_at, last_day) SELECT agent, ?, '' FROM temp.higher WHERE agent <> '' GROUP BY agent ORDER BY min(rowid)
			ON CONFLICT (id) DO NOTHING`, []any{now}},
		{`INSERT INTO totals (kind, question, layout, queue, agent, label, n)
			SELECT kind, question, layout, queue, agent, label, n FROM temp.higher WHERE true
			ON CONFLICT DO UPDATE SET n = excluded.n`, nil},
		{`INSERT INTO audit (at, action, detail, n) VALUES (?, 'restore', ?, ?)`, []any{now, string(detail), raised}},
	} {
		if _, err := tx.ExecContext(ctx, step.sql, step.args...); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}

// keptAs gives the name under which the database at path is kept when the
// restored one takes its place. It follows from that one, so that a restore
// that was cut off goes on under the same name.
func keptAs(path string) (string, error) {
	info, err := os.Stat(path + restored)
	if err != nil {
		return "", fault("restore database", path, err)
	}
	return path + ".replaced." + info.ModTime().UTC().Format("20060102T150405.000"), nil
}

// finishRestore puts a restored database in its place, if there is one. The
// caller has locked the store. Each step can be the last: the next call goes on.
func finishRestore(path string) error {
	if _, err := os.Lstat(path + restored); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	kept, err := keptAs(path)
	if err != nil {
		return err
	}
	for _, end := range []string{"", "-wal", "-shm", "-journal"} { // the log of the old one would be taken for the new one's
		if err := os.Rename(path+end, kept+end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fault("restore database", path, err)
		}
	}
	if err := errors.Join(syncFolder(path), os.Rename(path+restored, path), syncFolder(path)); err != nil {
		return fault("restore database", path, err)
	}
	return nil
}
