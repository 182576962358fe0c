package sqlite

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/mattn/go-sqlite3"

	"aftercall/scoring"
)

// What can go wrong, for [errors.Is]. The text of an error that wraps one of
// these also names the operation, the database and the driver's own words.
var (
	ErrBusy        = errors.New("the database is locked by another program")
	ErrFull        = errors.New("no space left for the database")
	ErrReadOnly    = errors.New("the database cannot be written")
	ErrCorrupt     = errors.New("the file is damaged or no database")
	ErrIO          = errors.New("the file cannot be opened, read or written")
	ErrMoved       = errors.New("another file, or none, stands where the database was opened")
	ErrInUse       = errors.New("the store is in use by another process")
	ErrQueueFull   = errors.New("too many records wait for the database")
	ErrClosed      = errors.New("the store is closed")
	ErrZone        = errors.New("the database was made for another time zone")
	ErrNewerSchema = errors.New("the database was made by a newer program")
	ErrOlderSchema = errors.New("the database was made by an older program")
)

// sentinels translates the driver's result codes.
var sentinels = map[sqlite3.ErrNo]error{
	sqlite3.ErrBusy:       ErrBusy,
	sqlite3.ErrLocked:     ErrBusy,
	sqlite3.ErrFull:       ErrFull,
	sqlite3.ErrReadonly:   ErrReadOnly,
	sqlite3.ErrPerm:       ErrReadOnly,
	sqlite3.ErrCorrupt:    ErrCorrupt,
	sqlite3.ErrNotADB:     ErrCorrupt,
	sqlite3.ErrIoErr:      ErrIO,
	sqlite3.ErrCantOpen:   ErrIO,
	sqlite3.ErrConstraint: scoring.ErrInvalid,
}

// taken tells that a row was not inserted because its key is taken.
func taken(err error) bool {
	var driver sqlite3.Error
	return errors.As(err, &driver) && (driver.ExtendedCode == sqlite3.ErrConstraintUnique || driver.ExtendedCode == sqlite3.ErrConstraintPrimaryKey)
}

// translate names the operation and the database in a driver's error, and
// gives it a sentinel by its code. This and taken are the only places that know
// the codes.
func translate(operation, path string, err error) error {
	if err == nil {
		return nil
	}
	var driver sqlite3.Error
	if errors.As(err, &driver) {
		if driver.SystemErrno == syscall.ENOSPC || driver.SystemErrno == syscall.EDQUOT { // beside the database SQLite calls it an error of the disk
			return fmt.Errorf("%s %q: %w: %w", operation, path, ErrFull, err)
		}
		if known, ok := sentinels[driver.Code]; ok {
			return fmt.Errorf("%s %q: %w: %w", operation, path, known, err)
		}
	}
	return fmt.Errorf("%s %q: %w", operation, path, err)
}
