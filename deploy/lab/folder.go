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

// Folder holds what one run of a program writes. Its lock file is locked as
// long as the program lives, which tells a living run from a dead one.
type Folder struct {
	Path string
	lock *os.File
}

// runFolder is the folder of one run of Asterisk.
type runFolder struct {
	Folder
	host   string // path on this machine
	inside string // path as Asterisk sees it
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

// NewFolder removes what dead runs left in base and makes a locked folder
// there for this one, readable by everybody.
func NewFolder(base string) (Folder, error) {
	if err := os.MkdirAll(base, 0o755); err != nil {
		return Folder{}, fmt.Errorf("run folder: %w, want a place where %q can be made (make setup)", err, base)
	}
	// Between making a folder and locking it, another program must not take
	// it for a dead run.
	baseLock, err := os.Open(base)
	if err != nil {
		return Folder{}, fmt.Errorf("run folder: %w", err)
	}
	defer baseLock.Close()
	if err := syscall.Flock(int(baseLock.Fd()), syscall.LOCK_EX); err != nil {
		return Folder{}, fmt.Errorf("run folder: lock %q: %w", base, err)
	}
	if err := removeDead(base); err != nil {
		return Folder{}, err
	}
	f := Folder{Path: filepath.Join(base, "run-"+randomText()[:8])}
	if err := os.Mkdir(f.Path, 0o755); err != nil {
		return Folder{}, fmt.Errorf("run folder: %w", err)
	}
	if f.lock, err = lockFolder(f.Path); err != nil {
		return Folder{}, errors.Join(fmt.Errorf("run folder: %w", err), os.RemoveAll(f.Path))
	}
	return f, nil
}

// Remove removes the folder and all that is in it.
func (f Folder) Remove() error { return errors.Join(os.RemoveAll(f.Path), f.lock.Close()) }

// newRunFolder makes a folder with the sub-folders that Asterisk expects.
func newRunFolder(root string) (runFolder, error) {
	folder, err := NewFolder(baseFolder(root))
	if err != nil {
		return runFolder{}, err
	}
	f := runFolder{Folder: folder, host: folder.Path}
	f.inside = "/" + strings.TrimPrefix(strings.TrimPrefix(f.host, filepath.Clean(root)), "/")
	for _, sub := range []string{"etc", "db", "keys", "log", "run", "sounds", "spool", "var", "cache"} {
		if err := os.Mkdir(filepath.Join(f.host, sub), 0o755); err != nil {
			return runFolder{}, errors.Join(fmt.Errorf("run folder: %w", err), f.Remove())
		}
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
