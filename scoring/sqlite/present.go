package sqlite

import (
	"fmt"
	"io/fs"
	"os"
)

// place is a file of the database as it was when it was opened.
type place struct {
	name string
	is   fs.FileInfo // nil = not known yet
}

// look takes note of the file that stands there.
func (p *place) look() (err error) {
	p.is, err = os.Stat(p.name)
	return err
}

// kept reports ErrMoved unless the file that was opened stands there still.
// What is written to a file that was removed or put elsewhere would be safe
// only until it is closed.
func (p *place) kept() error {
	if p.is == nil {
		return nil
	}
	if now, err := os.Stat(p.name); err == nil && os.SameFile(p.is, now) {
		return nil
	}
	return fmt.Errorf("%w: %q, want it back", ErrMoved, p.name)
}

// inPlace reports ErrMoved where the files that are written to do not stand in
// their place any more.
func (w *writer) inPlace() error {
	if err := w.file.kept(); err != nil || w.conn == nil {
		return err
	}
	return w.wal.kept()
}

// places takes note of what is written to: the database once, its -wal file
// with every connection.
func (w *writer) places() error {
	if w.file.is == nil {
		if err := w.file.look(); err != nil {
			return err
		}
	}
	return w.wal.look()
}
