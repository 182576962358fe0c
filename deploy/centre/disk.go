package centre

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// FillDisk takes all the space that the disk of the store has left, until free
// gives it back.
func (c *Centre) FillDisk() (free func() error, err error) {
	path := filepath.Join(filepath.Dir(c.Store()), "filler")
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	for page := make([]byte, 4096); err == nil; {
		_, err = f.Write(page)
	}
	free = func() error { return os.Remove(path) }
	if err := f.Close(); err != nil {
		return nil, errors.Join(err, free())
	}
	if !errors.Is(err, syscall.ENOSPC) {
		return nil, errors.Join(fmt.Errorf("fill %q: %w, want no space left", path, err), free())
	}
	return free, nil
}
