package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/mattn/go-sqlite3"
)

// copyStep is how many pages are copied before they are brought to the disk:
// more at a time, and commits of the service wait behind them.
const copyStep = 1024

// ErrCopying: another program writes the same copy.
var ErrCopying = errors.New("another program is writing it")

// Backup copies the database at path, as it is at one moment, to the file to:
// beside a running service or without one, readable to its owner only. It gets
// its name when it is whole, checked and on the disk. A file of that name is
// refused with fs.ErrExist unless replace is set; the store's own files, and
// those of others, are refused with fs.ErrInvalid. While it copies, the -wal file of
// the store grows by what is written. Errors also wrap fs.ErrNotExist, ErrCopying or
// what a file suffers from; if there is one, or ctx ends, nothing is left.
func Backup(ctx context.Context, path, to string, replace bool, others ...string) (Holding, error) {
	path, err := locate(path)
	if err != nil {
		return Holding{}, err
	}
	if err := whole(path); err != nil {
		return Holding{}, err
	}
	if to, err = filepath.Abs(to); err != nil {
		return Holding{}, fmt.Errorf("copy database to %q: %w", to, err)
	}
	for _, own := range append(others, path, path+"-wal", path+"-shm", path+".lock", path+restored) {
		if same(own, to) {
			return Holding{}, fmt.Errorf("copy database to %q: %w: that is a file of the store itself", to, fs.ErrInvalid)
		}
	}
	if info, err := os.Lstat(to); err == nil && (!replace || !info.Mode().IsRegular()) {
		return Holding{}, fmt.Errorf("copy database to %q: %w, want a name that is free", to, fs.ErrExist)
	}
	return backup(ctx, path, to)
}

// same tells whether two names are, or would be, of one file.
func same(a, b string) bool {
	x, errA := os.Stat(a)
	y, errB := os.Stat(b)
	if errA == nil && errB == nil {
		return os.SameFile(x, y)
	}
	a, errA = locate(a)
	b, errB = locate(b)
	return errA == nil && errB == nil && a == b
}

// backup copies the database at path to the name to, whatever stands there.
func backup(ctx context.Context, path, to string) (h Holding, err error) {
	part := to + ".unfinished"
	file, err := begin(part)
	if err != nil {
		return h, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	err = copyInto(ctx, path, part, file)
	if err == nil {
		h, err = checkCopy(ctx, part)
	}
	if err != nil {
		return Holding{}, errors.Join(err, removeCopy(part))
	}
	if err := errors.Join(file.Sync(), os.Rename(part, to), syncFolder(to)); err != nil {
		return Holding{}, fault("copy database to", to, err)
	}
	return h, nil
}

// begin makes the file of a copy, empty, for its owner only, and locks it.
// What a run that was killed left of it is written over.
func begin(part string) (*os.File, error) {
	file, err := os.OpenFile(part, os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, private)
	if err != nil {
		return nil, fault("copy database to", part, err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errors.Join(fmt.Errorf("copy database to %q: %w", part, ErrCopying), file.Close())
	}
	if err == nil {
		err = inItsPlace(file, part)
	}
	if err == nil {
		err = errors.Join(file.Chmod(private), file.Truncate(0), removeBeside(part))
	}
	if err != nil {
		return nil, errors.Join(fault("copy database to", part, err), file.Close())
	}
	return file, nil
}

// inItsPlace refuses a file that has another name by now: whoever wrote it gave it the
// name of a copy that is whole, between our opening and locking it.
func inItsPlace(file *os.File, part string) error {
	mine, err := file.Stat()
	if err != nil {
		return err
	}
	if there, err := os.Lstat(part); err != nil || !os.SameFile(mine, there) {
		return ErrCopying
	}
	return nil
}

// copyInto copies the database at path, as of one moment, into an empty file.
// It goes step by step, and brings each to the disk: a copy in one go, or by
// VACUUM INTO, had commits wait for up to 1.7 s behind its writes (1.1 GB), at
// 4 MB a step 40 ms, and took no less time. In exchange it is not compact.
func copyInto(ctx context.Context, path, part string, file *os.File) (err error) {
	from, err := openPlain(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	held, err := from.Conn(ctx)
	if err != nil {
		return translate("copy database", path, err)
	}
	defer func() { err = errors.Join(err, held.Close()) }()
	// Until the end of this transaction the connection sees one moment.
	if _, err := held.ExecContext(ctx, `BEGIN; SELECT count(*) FROM sqlite_schema`); err != nil {
		return translate("copy database", path, err)
	}
	to, err := (&sqlite3.SQLiteDriver{}).Open(location(part) + "?mode=rw&_journal_mode=OFF&_synchronous=OFF")
	if err != nil {
		return translate("copy database to", part, err)
	}
	err = held.Raw(func(d any) error {
		pages, err := to.(*sqlite3.SQLiteConn).Backup("main", d.(*sqlite3.SQLiteConn), "main")
		if err != nil {
			return err
		}
		return errors.Join(copySteps(ctx, pages, file), pages.Finish())
	})
	if err == nil { // one file, whatever opens it: a store is in WAL mode
		err = each(ctx, to, func([]driver.Value) {}, `PRAGMA journal_mode = DELETE`)
	}
	return translate("copy database to", part, errors.Join(err, to.Close()))
}

func copySteps(ctx context.Context, pages *sqlite3.SQLiteBackup, file *os.File) error {
	for {
		done, err := pages.Step(copyStep)
		if err = errors.Join(err, ctx.Err()); err != nil || done {
			return err
		}
		if err := file.Sync(); err != nil {
			return err
		}
	}
}

// checkCopy looks whether a copy is sound, and what it holds.
func checkCopy(ctx context.Context, part string) (h Holding, err error) {
	db, err := openPlain(ctx, part)
	if err != nil {
		return h, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var found string
	if err := db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&found); err != nil {
		return h, translate("check", part, err)
	}
	if found != "ok" {
		return h, fmt.Errorf("check %q: %w: %s", part, ErrCorrupt, found)
	}
	h, err = holding(ctx, db)
	return h, translate("check", part, err)
}

// removeCopy removes a copy that is not whole, with what SQLite keeps beside
// it meanwhile.
func removeCopy(part string) error { return errors.Join(gone(part), removeBeside(part)) }

func removeBeside(part string) error {
	return errors.Join(gone(part+"-journal"), gone(part+"-wal"), gone(part+"-shm"))
}

// gone removes a file, if there is one.
func gone(name string) error {
	if err := os.Remove(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// syncFolder brings the names of files in a file's folder to the disk.
func syncFolder(path string) error {
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// openPlain opens a pool of one connection that writes nothing, on a database
// of any schema. SQLite wants to make its -shm file beside a database in WAL
// mode; where the folder refuses that and no -wal file stands there, nobody
// writes and the file can be read as it is.
func openPlain(ctx context.Context, path string) (*sql.DB, error) {
	db, err := openSingle(ctx, path, plainDSN(path))
	if errors.Is(err, ErrIO) {
		return openStill(ctx, path)
	}
	return db, err
}

// openStill does what openPlain does with a database that nobody writes:
// beside one without a -wal file nothing is made.
func openStill(ctx context.Context, path string) (*sql.DB, error) {
	if _, missing := os.Stat(path + "-wal"); errors.Is(missing, fs.ErrNotExist) {
		return openSingle(ctx, path, plainDSN(path)+"&immutable=1")
	}
	return openSingle(ctx, path, plainDSN(path))
}

func plainDSN(path string) string { return location(path) + "?_busy_timeout=5000&_mutex=no&mode=ro" }

func openSingle(ctx context.Context, path, dsn string) (*sql.DB, error) {
	db, err := sql.Open("sqlite3", dsn)
	if err != nil {
		return nil, translate("open database", path, err)
	}
	db.SetMaxOpenConns(1)
	if _, err := schemaVersion(ctx, db); err != nil {
		return nil, errors.Join(translate("open database", path, err), db.Close())
	}
	return db, nil
}
