package lab

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Alone waits until no other program on this machine holds the lab, and holds
// it: tests that measure what callers hear would disturb each other. folder is
// the repository's. The system lets go of it when the program ends, however.
func Alone(folder string) (release func() error, err error) {
	path := filepath.Join(folder, ".lab", "alone.lock")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("lab: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lab: %w", err)
	}
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if err == nil {
			return f.Close, nil
		}
		if err != syscall.EINTR {
			_ = f.Close()
			return nil, fmt.Errorf("lab: %q: %w", path, err)
		}
	}
}
