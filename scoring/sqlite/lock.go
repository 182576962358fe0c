package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
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
// closed, and sees to it that the database is there and private. made tells
// that it was not there, and is empty.
func hold(path string, existing bool) (lock *os.File, made bool, err error) {
	if _, err := os.Stat(path); existing && err != nil {
		return nil, false, fmt.Errorf("open database %q: %w, want a database that the service has made", path, err)
	}
	if lock, err = lockStore(path); err != nil {
		return nil, false, err
	}
	if err := finishRestore(path); err != nil {
		return nil, false, errors.Join(err, lock.Close())
	}
	if err := halfMade(lock, path); err != nil {
		return nil, false, errors.Join(err, lock.Close())
	}
	if err := errors.Join(whole(path), soundLog(path)); err != nil {
		return nil, false, errors.Join(err, lock.Close())
	}
	if made, err = secure(lock, path); err != nil {
		return nil, false, errors.Join(fault("open database", path, err), lock.Close())
	}
	return lock, made, nil
}

// halfMade removes the empty database of a first start that was killed, which
// the lock's file tells from one that lost what it held.
func halfMade(lock *os.File, path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Size() > 0 || !info.Mode().IsRegular() {
		return nil
	}
	said := make([]byte, len(making))
	if _, err := lock.ReadAt(said, pidWidth+1); err != nil || string(said) != making {
		return nil
	}
	return fault("open database", path, os.Remove(path))
}

// lockStore locks the store at path, which need not be there. The lock has a
// file of its own, which stays, and says which process had it last: to close
// another descriptor of the database itself would undo SQLite's locks.
func lockStore(path string) (lock *os.File, err error) {
	lock, err = os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, private)
	if err != nil {
		return nil, fault("lock database", path, err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = fmt.Errorf("open database %q: %w%s, want one service per store", path, ErrInUse, holder(lock))
		} else {
			err = fault("lock database", path, err)
		}
		return nil, errors.Join(err, lock.Close())
	}
	_, err = lock.WriteAt(fmt.Appendf(nil, "%-*d\n", pidWidth, os.Getpid()), 0)
	if err := errors.Join(lock.Chmod(private), err); err != nil && !errors.Is(err, syscall.ENOSPC) { // for people only
		return nil, errors.Join(fault("lock database", path, err), lock.Close())
	}
	return lock, nil
}

const (
	pidWidth = 10 // characters, so that a shorter one covers a longer one
	making   = "the database is being made\n"
)

// holder says which process has a lock, as far as can be told.
func holder(lock *os.File) string {
	said := make([]byte, pidWidth)
	if _, err := lock.ReadAt(said, 0); err != nil {
		return ""
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(said)))
	if err != nil {
		return ""
	}
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return fmt.Sprintf(", process %d", pid)
	}
	return fmt.Sprintf(", process %d: %.200s", pid, strings.TrimSpace(strings.ReplaceAll(string(line), "\x00", " ")))
}

// whole refuses what no store leaves behind: a database that is no file, or
// that is gone or empty although one was there. SQLite would take an empty one
// for new, and throw its last records away with the -wal file.
func whole(path string) error {
	info, err := os.Stat(path)
	empty := err == nil && info.Mode().IsRegular() && info.Size() == 0
	log, noLog := os.Stat(path + "-wal")
	records := noLog == nil && log.Size() > 0
	refuse := func(what string) error {
		return fmt.Errorf("open database %q: %w: %s", path, ErrCorrupt, what)
	}
	_, cut := os.Lstat(path + restored)
	switch {
	case cut == nil:
		return refuse("a restore was cut off: starting the service carries it to its end")
	case err == nil && !info.Mode().IsRegular():
		return refuse("it is no file, want store.path to name one")
	case records && (empty || errors.Is(err, fs.ErrNotExist)):
		return refuse("it is gone or empty, and the -wal file beside it holds records: want the database put back to them, or a restored backup; to begin anew, move the -wal file away")
	case empty:
		return refuse("it is empty, want a restored backup; to begin anew, remove it")
	}
	return nil // where it cannot be looked at, opening it says why
}

// secure makes the database, empty, if it is not there, before SQLite would
// with what the umask leaves, and takes the rights of others from what is
// there. SQLite gives files that it makes beside it the same mode.
func secure(lock *os.File, path string) (made bool, err error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if _, err := lock.WriteAt([]byte(making), pidWidth+1); err != nil {
			return false, err
		}
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, private)
	if err == nil {
		return true, errors.Join(file.Chmod(private), file.Close())
	}
	if !errors.Is(err, fs.ErrExist) {
		return false, err
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return false, err
		}
		if mode := info.Mode().Perm(); mode&^private != 0 {
			if err := os.Chmod(name, mode&private); err != nil {
				return false, err
			}
		}
	}
	return false, nil
}

// unmake removes a database that this start made and could not fill: the next
// would refuse it.
func unmake(path string) error {
	if info, err := os.Stat(path); err != nil || info.Size() > 0 {
		return err
	}
	return os.Remove(path)
}

// fault gives an error of the system the sentinel that SQLite's would have.
func fault(operation, path string, err error) error {
	if err == nil {
		return nil
	}
	kind := ErrIO
	switch {
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		kind = ErrReadOnly
	case errors.Is(err, syscall.ENOSPC):
		kind = ErrFull
	}
	return fmt.Errorf("%s %q: %w: %w", operation, path, kind, err)
}
