package spill

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"aftercall/scoring"
)

// entry is a line on its way to the file.
type entry struct {
	id    scoring.CallID
	line  []byte
	reply chan error // one word fits: the appender never waits for who asked
}

// enqueue puts a record behind those that wait for the file, and gives the
// channel on which its fate is told. The caller holds mu.
func (r *Recorder) enqueue(rec scoring.Record) <-chan error {
	e := entry{id: rec.ID, reply: make(chan error, 1)}
	line, err := json.Marshal(rec)
	e.line = append(line, '\n')
	if r.closed {
		err = ErrClosed
	}
	if err != nil {
		e.reply <- err
		return e.reply
	}
	select {
	case r.appends <- e:
		r.held[e.id]++
	default:
		e.reply <- ErrSlow
	}
	return e.reply
}

// confirmed waits until a record is on the disk, for as long as the file has.
func (r *Recorder) confirmed(fate <-chan error) (err error) {
	late := time.NewTimer(fileLimit)
	defer late.Stop()
	select {
	case err = <-fate:
	case <-late.C:
		err = ErrSlow
	}
	return err
}

// appender is the goroutine that writes to the file, from Open until Close has
// closed the queue. What waits while the disk is busy goes to it together.
func (r *Recorder) appender() {
	defer close(r.ended)
	for first := range r.appends {
		batch := []entry{first}
		for range len(r.appends) {
			batch = append(batch, <-r.appends)
		}
		r.disk <- struct{}{}
		r.add(batch)
		<-r.disk
	}
	r.failed = r.file.Close()
}

// add puts a batch at the end of the file and tells each of its fate. The
// caller holds the disk's token.
func (r *Recorder) add(batch []entry) {
	var lines []byte
	for _, e := range batch {
		lines = append(lines, e.line...)
	}
	r.mu.Lock()
	size := r.size
	r.mu.Unlock()
	err := r.append(lines, size)
	r.mu.Lock()
	for _, e := range batch {
		if err != nil {
			r.release(e.id)
			continue
		}
		r.stats.Spilled++
		r.stats.Pending++
	}
	if err == nil {
		r.size += int64(len(lines))
	}
	r.mu.Unlock()
	for _, e := range batch {
		e.reply <- err
	}
}

// append writes whole lines behind the first size bytes of the file, durably.
func (r *Recorder) append(lines []byte, size int64) error {
	if err := r.named(size); err != nil {
		return err
	}
	if r.dirty { // what a failed append left must not run into these lines
		if err := r.file.Truncate(size); err != nil {
			return err
		}
	}
	r.dirty = true
	if _, err := r.file.WriteAt(lines, size); err != nil {
		return err
	}
	if err := r.sync(r.file); err != nil {
		return err
	}
	r.dirty = false
	return nil
}

// named sees to it that the file can be found again by its name: one that was
// removed while it was open is made anew, with the size bytes that it holds. The caller
// holds the disk's token.
func (r *Recorder) named(size int64) error {
	mine, err := r.file.Stat()
	if err != nil {
		return err
	}
	switch there, err := os.Stat(r.path); {
	case err == nil && os.SameFile(mine, there):
		return nil
	case err == nil:
		return fmt.Errorf("%q is another file than the one that was opened, want nobody to touch it while the service runs", r.path)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	fresh, err := openFile(r.path)
	if err != nil {
		return err
	}
	_, err = io.Copy(fresh, io.NewSectionReader(r.file, 0, size))
	if err = errors.Join(err, r.sync(fresh)); err != nil {
		return errors.Join(err, fresh.Close(), os.Remove(r.path))
	}
	r.log.Warn("the spill file was removed while it was open, and is made anew", "file", r.path, "bytes", size)
	old := r.file
	r.file = fresh
	return old.Close() // a replay that reads it begins again
}

// empty cuts the file to nothing. The caller holds the disk's token.
func (r *Recorder) empty() error { return errors.Join(r.file.Truncate(0), r.sync(r.file)) }

// release lets go of a call by one record. The caller holds mu.
func (r *Recorder) release(id scoring.CallID) {
	if r.held[id]--; r.held[id] == 0 {
		delete(r.held, id)
	}
}
