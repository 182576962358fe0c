package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// private is the mode of every file of a store: it says who rated whom.
const private fs.FileMode = 0o600

// locate gives the one path by which a store is locked: absolute, and past
// symbolic links, so that two names of a database are one store.
func locate(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("open database %q: %w", path, err)
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real, nil
	}
	if folder, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		return filepath.Join(folder, filepath.Base(path)), nil
	}
	return path, nil // the folder is not there: making the file says so
}

// hold locks the store at path for this process, until the file it gives is
// closed, and sees to it that the database is there and private. The lock has
// a file of its own, which stays: to close another descriptor of the database
// itself would undo SQLite's locks.
func hold(path string, existing bool) (lock *os.File, err error) {
	if _, err := os.Stat(path); existing && err != nil {
		return nil, fmt.Errorf("open database %q: %w, want a database that the service has made", path, err)
	}
	lock, err = os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, private)
	if err != nil {
		return nil, fault("lock database", path, err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = fmt.Errorf("open database %q: %w, want one service per store", path, ErrInUse)
		} else {
			err = fault("lock database", path, err)
		}
		return nil, errors.Join(err, lock.Close())
	}
	if err := errors.Join(lock.Chmod(private), secure(path)); err != nil {
		return nil, errors.Join(fault("open database", path, err), lock.Close())
	}
	return lock, nil
}

// secure makes the database, empty, if it is not there, before SQLite would
// with what the umask leaves, and takes the rights of others from what is
// there. SQLite gives files that it makes beside it the same mode.
func secure(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, private)
	if err == nil {
		return errors.Join(file.Chmod(private), file.Close())
	}
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if mode := info.Mode().Perm(); mode&^private != 0 {
			if err := os.Chmod(name, mode&private); err != nil {
				return err
			}
		}
	}
	return nil
}

// fault gives an error of the system the sentinel that SQLite's would have.
func fault(operation, path string, err error) error {
	kind := ErrIO
	switch {
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		kind = ErrReadOnly
	case errors.Is(err, syscall.ENOSPC):
		kind = ErrFull
	}
	return fmt.Errorf("%s %q: %w: %w", operation, path, kind, err)
}
