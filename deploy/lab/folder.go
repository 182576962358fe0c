package lab

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// runFolder holds everything one run writes. Its lock file is locked as long
// as the program lives, which tells a living run from a dead one.
type runFolder struct {
	host   string // path on this machine
	inside string // path as Asterisk sees it
	lock   *os.File
}

const (
	lockName    = "lock"
	logName     = "lab.log"
	consoleName = "console" // what Asterisk writes before its log is open
)

// randomText is 26 letters and digits in lower case.
func randomText() string { return strings.ToLower(rand.Text()) }

// baseFolder is where the runs of a root lie: inside it, so that Asterisk can
// reach them from its own root folder without a mount. On the machine's own
// root every user has another one.
func baseFolder(root string) string {
	if root == "/" {
		return filepath.Join(os.TempDir(), fmt.Sprintf("aftercall-lab-%d", os.Getuid()))
	}
	return filepath.Join(root, "var/lib/aftercall-lab")
}

// newRunFolder removes what dead runs left and makes a locked folder with the
// sub-folders that Asterisk expects.
func newRunFolder(root string) (runFolder, error) {
	base := baseFolder(root)
	if err := os.MkdirAll(base, 0o755); err != nil {
		return runFolder{}, fmt.Errorf("run folder: %w, want a root that %q can be made in (make setup)", err, base)
	}
	// Between making a folder and locking it, another Start must not take it
	// for a dead run.
	baseLock, err := os.Open(base)
	if err != nil {
		return runFolder{}, fmt.Errorf("run folder: %w", err)
	}
	defer baseLock.Close()
	if err := syscall.Flock(int(baseLock.Fd()), syscall.LOCK_EX); err != nil {
		return runFolder{}, fmt.Errorf("run folder: lock %q: %w", base, err)
	}
	if err := removeDead(base); err != nil {
		return runFolder{}, err
	}
	f := runFolder{host: filepath.Join(base, "run-"+randomText()[:8])}
	f.inside = "/" + strings.TrimPrefix(strings.TrimPrefix(f.host, filepath.Clean(root)), "/")
	for _, sub := range []string{"etc", "db", "keys", "log", "run", "sounds", "spool", "var", "cache"} {
		if err := os.MkdirAll(filepath.Join(f.host, sub), 0o755); err != nil {
			return runFolder{}, fmt.Errorf("run folder: %w", err)
		}
	}
	if f.lock, err = lockFolder(f.host); err != nil {
		return runFolder{}, errors.Join(fmt.Errorf("run folder: %w", err), os.RemoveAll(f.host))
	}
	return f, nil
}

// lockFolder fails with EWOULDBLOCK when the folder's run is alive.
func lockFolder(folder string) (*os.File, error) {
	lock, err := os.OpenFile(filepath.Join(folder, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %q: %w", lock.Name(), err), lock.Close())
	}
	return lock, nil
}

func removeDead(base string) error {
	folders, err := filepath.Glob(filepath.Join(base, "run-*"))
	if err != nil {
		return fmt.Errorf("run folder: %w", err)
	}
	for _, folder := range folders {
		lock, err := lockFolder(folder)
		if err != nil {
			continue // alive, or another user's
		}
		if err := errors.Join(os.RemoveAll(folder), lock.Close()); err != nil {
			return fmt.Errorf("run folder of a dead run: %w", err)
		}
	}
	return nil
}

func (f runFolder) remove() error { return errors.Join(os.RemoveAll(f.host), f.lock.Close()) }
