package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var embedded embed.FS

var migrations = func() fs.FS {
	sub, err := fs.Sub(embedded, "migrations")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	return sub
}()

// Every pragma stands in the DSN: one that is run on a pool reaches a single
// connection of it. Each connection is used by one goroutine at a time.
const (
	writePragmas = "?mode=rw&_foreign_keys=on&_journal_mode=WAL&_synchronous=FULL&_busy_timeout=5000&_txlock=immediate&_secure_delete=on&_mutex=no"
	readPragmas  = "?_query_only=on&_busy_timeout=5000&_mutex=no"
)

func writeDSN(path string) string { return location(path) + writePragmas }
func readDSN(path string) string  { return location(path) + readPragmas }

// location writes path as the URI that SQLite reads, in which ? # and % mean something.
func location(path string) string { return "file:" + (&url.URL{Path: path}).EscapedPath() }

// prepare brings the tables up to date and checks the zone.
func prepare(ctx context.Context, path string, o Options, steps fs.FS) (err error) {
	db, err := sql.Open("sqlite3", writeDSN(path))
	if err != nil {
		return translate("open database", path, err)
	}
	db.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, translate("close", path, db.Close())) }()
	have, err := schemaVersion(ctx, db)
	if err != nil {
		return translate("open database", path, err)
	}
	migrator, err := goose.NewProvider(goose.DialectSQLite3, db, steps,
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return fmt.Errorf("migrations of this program: %w", err)
	}
	want := newest(migrator)
	switch {
	case have > want:
		return fmt.Errorf("open database %q: %w: schema %d, this program knows %d", path, ErrNewerSchema, have, want)
	case have == 0 && o.Existing:
		return fmt.Errorf("open database %q: %w: it has no tables, want a database that the service has made", path, ErrCorrupt)
	case have < want:
		if err := migrate(ctx, db, migrator, path, have, o); err != nil {
			return err
		}
	}
	if err := keepCopies(path, o.Log); err != nil { // also of a start that was killed
		return err
	}
	return checkZone(ctx, db, path, o.Zone)
}

func newest(migrator *goose.Provider) int64 {
	sources := migrator.ListSources()
	return sources[len(sources)-1].Version
}

// schemaVersion is the last migration that was run on db; 0 = none.
func schemaVersion(ctx context.Context, db *sql.DB) (version int64, err error) {
	var tables int
	err = db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema WHERE name = ?`, goose.DefaultTablename).Scan(&tables)
	if err != nil || tables == 0 {
		return 0, err
	}
	err = db.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&version)
	return version, err
}

func migrate(ctx context.Context, db *sql.DB, migrator *goose.Provider, path string, have int64, o Options) error {
	if have > 0 && !o.copied {
		if _, err := backup(ctx, path, pending(path, have)); err != nil {
			return err
		}
		o.Log.Info("database copied before its tables change", "database", path, "copy", pending(path, have), "schema", have)
	}
	done, err := migrator.Up(ctx)
	if err != nil {
		return errors.Join(translate("change the tables of", path, err), unneeded(ctx, db, path, have))
	}
	for _, step := range done {
		o.Log.Info("tables changed", "database", path, "schema", step.Source.Version, "took", step.Duration)
	}
	return nil
}

// unneeded removes the copy of a database whose tables are as they were: a
// service that is started again and again would fill the disk with them.
func unneeded(ctx context.Context, db *sql.DB, path string, have int64) error {
	if now, err := schemaVersion(context.WithoutCancel(ctx), db); err != nil || now != have {
		return err // the copy stays
	}
	return gone(pending(path, have))
}

// pending is the name of the copy of a database whose tables are to change. A
// start that is killed meanwhile leaves one, and the next writes over it.
func pending(path string, schema int64) string {
	return fmt.Sprintf("%s.schema%d.pending", path, schema)
}

// keepCopies gives the copies of a database whose tables have changed the names
// under which they stay.
func keepCopies(path string, log *slog.Logger) error {
	copies, err := filepath.Glob(escape(path) + ".schema*.pending")
	if err != nil {
		return err
	}
	for _, name := range copies {
		kept := fmt.Sprintf("%s.%s.backup", strings.TrimSuffix(name, ".pending"), time.Now().UTC().Format("20060102T150405.000"))
		if err := errors.Join(os.Rename(name, kept), syncFolder(kept)); err != nil {
			return fmt.Errorf("keep the copy of database %q: %w", path, err)
		}
		log.Info("a copy from before the tables changed is kept", "database", path, "copy", kept)
	}
	return nil
}

// escape has filepath.Glob take a path for what it is.
func escape(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// checkZone keeps the zone of a new database and refuses another later.
func checkZone(ctx context.Context, db *sql.DB, path, zone string) error {
	var kept string
	_, err := db.ExecContext(ctx, `INSERT INTO meta (key, value) VALUES ('zone', ?) ON CONFLICT (key) DO NOTHING`, zone)
	if err == nil {
		err = db.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = 'zone'`).Scan(&kept)
	}
	if err != nil {
		return translate("read the time zone of", path, err)
	}
	if kept != zone {
		return fmt.Errorf("open database %q: %w: it holds days of %q, want site.time_zone to stay so; it is %q", path, ErrZone, kept, zone)
	}
	return nil
}

// openReaders opens a pool that needs to write nothing; see openPlain.
func openReaders(ctx context.Context, path string) (*sql.DB, error) {
	db, err := openAt(ctx, path, readDSN(path)+"&mode=ro")
	if _, missing := os.Stat(path + "-wal"); errors.Is(err, ErrIO) && errors.Is(missing, fs.ErrNotExist) {
		return openAt(ctx, path, readDSN(path)+"&mode=ro&immutable=1")
	}
	return db, err
}

func openAt(ctx context.Context, path, dsn string) (*sql.DB, error) {
	db, err := sql.Open("sqlite3", dsn)
	if err != nil {
		return nil, translate("open database", path, err)
	}
	if err := checkVersion(ctx, db, path); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func checkVersion(ctx context.Context, db *sql.DB, path string) error {
	have, err := schemaVersion(ctx, db)
	if err != nil {
		return translate("open database", path, err)
	}
	want, err := knownSchema()
	if err != nil {
		return err
	}
	switch {
	case have > want:
		return fmt.Errorf("open database %q: %w: schema %d, this program knows %d", path, ErrNewerSchema, have, want)
	case have < want:
		return fmt.Errorf("open database %q: %w: schema %d, want %d: start the service once to bring it up to date", path, ErrOlderSchema, have, want)
	}
	return nil
}

// knownSchema is the schema of this program: its newest migration.
func knownSchema() (int64, error) {
	none, err := sql.Open("sqlite3", ":memory:") // goose wants one, and asks it nothing
	if err != nil {
		return 0, err
	}
	steps, err := goose.NewProvider(goose.DialectSQLite3, none, migrations, goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return 0, errors.Join(fmt.Errorf("migrations of this program: %w", err), none.Close())
	}
	return newest(steps), none.Close()
}
