package prompt

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// WriteFile writes a file of a user's choice, which is there whole or not at
// all. It refuses to take the place of anything but a file: /dev/stdout is a
// link, and would be one no more.
func WriteFile(path string, from io.Reader) error {
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("file %q: is no regular file, want one, or - for standard output", path)
	}
	return placeFile(filepath.Dir(path), filepath.Base(path), from)
}

// placeFile puts a file into a folder whole or not at all, readable by all,
// whatever the umask.
func placeFile(folder, name string, from io.Reader) (err error) {
	tmp, err := os.CreateTemp(folder, ".placing-")
	var p *fs.PathError
	if errors.As(err, &p) { // its name says nothing to anybody
		return fmt.Errorf("file %q: %w", filepath.Join(folder, name), p.Err)
	}
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("file %q: %w", filepath.Join(folder, name), err), os.Remove(tmp.Name()))
		}
	}()
	_, err = io.Copy(tmp, from)
	if err = errors.Join(err, tmp.Chmod(0o644), tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), filepath.Join(folder, name))
}

// syncFolder makes what was renamed in a folder outlast a power cut.
func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
