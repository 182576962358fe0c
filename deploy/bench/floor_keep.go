package bench

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// What aftercall hands to the disk for a survey where they come one by one: the
// first two records each have a commit of their own, and the third goes along
// with another's (BenchmarkSteady of scoring/sqlite).
const (
	commitSize  = 37 << 10             // bytes
	journalSize = 4 << 20 / commitSize // commits: as many bytes as SQLite's log has
)

// keeper puts a record on the disk, and returns when it is there: of a caller who
// came, with an empty key, or of the key that the caller pressed.
type keeper func(channel, key string) error

// journal keeps as many bytes as aftercall does, in a file that is written over
// and over, as SQLite's log is.
func journal(path string) (keeper, io.Closer, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, nil, err
	}
	_, err = f.Write(make([]byte, journalSize*commitSize))
	if err == nil {
		err = f.Sync() // a file that grows costs more than one that is written over
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	record, kept := bytes.Repeat([]byte{'.'}, commitSize), int64(0)
	return func(string, string) error {
		if _, err := f.WriteAt(record, kept%journalSize*commitSize); err != nil {
			return err
		}
		kept++
		return unix.Fdatasync(int(f.Fd()))
	}, f, nil
}

// database keeps a row for the caller and one for the key in SQLite, each with a
// commit of its own that is synced: what one would write in an afternoon. There
// are no indexes but of the keys, no roll-ups and no totals, so that a commit
// writes some 9 kB.
func database(ctx context.Context, path string) (keeper, io.Closer, error) {
	db, err := sql.Open("sqlite3", "file:"+path+"?_journal_mode=WAL&_synchronous=FULL")
	if err != nil {
		return nil, nil, err
	}
	db.SetMaxOpenConns(1)
	_, err = db.ExecContext(ctx, `CREATE TABLE calls (channel TEXT PRIMARY KEY, came INTEGER NOT NULL);
		CREATE TABLE answers (channel TEXT PRIMARY KEY, key TEXT NOT NULL, at INTEGER NOT NULL)`)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	call, err := db.PrepareContext(ctx, `INSERT INTO calls (channel, came) VALUES (?, ?)`)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	answer, err := db.PrepareContext(ctx, `INSERT INTO answers (channel, key, at) VALUES (?, ?, ?)`)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return func(channel, key string) error {
		// Without a context: the driver starts a goroutine for one that can end.
		if key == "" {
			_, err := call.Exec(channel, time.Now().UnixMilli())
			return err
		}
		_, err := answer.Exec(channel, key, time.Now().UnixMilli())
		return err
	}, db, nil
}
