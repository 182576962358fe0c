// Package sqlite keeps the records of surveys in one SQLite file: the rows,
// the roll-ups that everything shown or compared is read from, and the
// cumulative totals behind the Prometheus counters.
//
// The way in: [Open] gives a [Store]; [Store.Write] makes a record durable;
// [Store.Totals], [Store.Counts] and [Store.Calls] read back; comparisons read
// [Store.DayCounts] and [Store.AgentCounts]. Experiments live here too, from
// [Store.StartExperiment] to [Store.StopExperiment], and what is known of
// agents: [Store.KnownAgents], [Store.MergeAgents]. One goroutine writes, and
// commits what waits together; a record is answered when the commit that holds
// it is on the disk.
package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/mattn/go-sqlite3"
)

const readersBound = 4 // connections that read at the same time

// Options says how a store is opened.
type Options struct {
	// Zone is the site's time zone by its IANA name (Europe/Berlin). The days
	// in the database are days of this zone; it is kept when the database is
	// made and cannot be changed.
	Zone string
	// Log hears of migrations and of failed commits; nil = nobody.
	Log *slog.Logger

	// Existing refuses to make a database where there is none.
	Existing bool

	connect func(dsn string) (driver.Conn, error) // the writer's; nil = the driver itself
	copied  bool                                  // no copy is made before tables change
}

// Store is one open database. Its methods may be called from any goroutine.
type Store struct {
	path    string
	readers *sql.DB
	totals  totals
	writer  *writer      // nil = opened for reading only
	unlock  func() error // may be called again; nil = opened for reading only
}

// Health is the writer's state as it was at one moment.
type Health struct {
	LastCommit time.Time // the last one that went well; zero = none yet
	LastError  error     // of the last commit; nil when it went well
	Queued     int       // records and tasks that wait
	Bound      int       // most that may wait; more are refused with ErrQueueFull
	Refused    uint64    // writes refused because the queue was full
}

// Open opens the database at path, makes it if it is not there, and brings
// its tables up to date; a copy of a database with older tables is left
// beside it. Until Close, path with .lock behind it is locked: no other
// process, and no second Open, gets the store. Every file is readable to its
// owner only. Errors wrap ErrInUse, ErrZone, ErrNewerSchema, fs.ErrNotExist
// (with Options.Existing), or what the file suffers from (ErrBusy,
// ErrReadOnly, ErrCorrupt, ErrIO, ...). ctx bounds the opening; tables that
// are out of date can take minutes (measured: 11 s for each million surveys),
// and are as they were if ctx ends first.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	if o.Zone == "" {
		return nil, fmt.Errorf("open database %q: no time zone, want an IANA name such as Europe/Berlin", path)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.connect == nil {
		o.connect = (&sqlite3.SQLiteDriver{}).Open
	}
	path, err := locate(path)
	if err != nil {
		return nil, err
	}
	lock, made, err := hold(path, o.Existing)
	if err != nil {
		return nil, err
	}
	s, err := openHeld(ctx, path, o)
	if err != nil && made {
		err = errors.Join(err, unmake(path))
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	if err := lock.Truncate(pidWidth + 1); err != nil { // made: from now on an empty one is a fault
		return nil, errors.Join(fault("open database", path, err), s.Close(), lock.Close())
	}
	s.unlock = sync.OnceValue(lock.Close)
	return s, nil
}

// openHeld opens a database that this process has locked.
func openHeld(ctx context.Context, path string, o Options) (*Store, error) {
	if err := prepare(ctx, path, o, migrations); err != nil {
		return nil, err
	}
	readers, err := sql.Open("sqlite3", readDSN(path)+"&mode=rw")
	if err != nil {
		return nil, translate("open database", path, err)
	}
	readers.SetMaxOpenConns(readersBound)
	s := &Store{path: path, readers: readers}
	s.writer = newWriter(path, o, &s.totals)
	if err := s.writer.reopen(); err != nil {
		return nil, errors.Join(err, readers.Close())
	}
	go s.writer.run()
	return s, nil
}

// OpenReadOnly opens the database at path for reading, beside a running
// service or without one, and changes nothing. Errors wrap fs.ErrNotExist,
// ErrNewerSchema, ErrOlderSchema, or what the file suffers from. What writes answers
// ErrReadOnly.
func OpenReadOnly(ctx context.Context, path string) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open database %q: %w", path, err)
	}
	if err := whole(path); err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open database %q: %w, want a database that the service has made", path, fs.ErrNotExist)
	}
	readers, err := openReaders(ctx, path)
	if err != nil {
		return nil, err
	}
	s := &Store{path: path, readers: readers}
	if err := s.loadTotals(ctx); err != nil {
		return nil, errors.Join(err, readers.Close())
	}
	return s, nil
}

// Close writes what is queued, ends the writer and closes the file. It can
// take as long as the writes that wait; later calls of Write answer ErrClosed.
func (s *Store) Close() error {
	var err error
	if s.writer != nil {
		err = s.writer.close()
	}
	err = errors.Join(err, translate("close", s.path, s.readers.Close()))
	if s.unlock != nil {
		err = errors.Join(err, s.unlock())
	}
	return err
}

// Health tells how the writer does, without touching the file.
func (s *Store) Health() Health {
	if s.writer == nil {
		return Health{}
	}
	return s.writer.health()
}
