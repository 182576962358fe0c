// Package spill makes records durable when the store does not: what the store
// does not confirm in time goes to a file, and from there to the store later.
//
// The way in: [Open] gives a [Recorder]; [Recorder.Write] takes the place of
// the store's own; [Recorder.Run] replays in the background.
//
// Records of one call reach the store in the order they were written: while
// one of them waits in the file, those behind it wait there too. A record
// that the store took although it did not say so in time comes twice, which
// changes nothing.
package spill

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"aftercall/scoring"
)

// impatience divides the limit while the store is not answering: it is still
// tried, so that its return is noticed, but no caller waits for it in full.
const impatience = 10

var (
	// ErrClosed: the recorder was closed.
	ErrClosed = errors.New("the spill file is closed")
	// ErrInUse: another program has the spill file open.
	ErrInUse = errors.New("the spill file is in use by another program")
)

// Stats are counts since Open, but Pending, which also counts what an earlier
// run left behind.
type Stats struct {
	Spilled  uint64 // records that went to the file
	Pending  int    // records in the file that are not in the store yet
	Rejected uint64 // lines that can never be stored and were put aside
	Failed   uint64 // records that neither the store nor the file took
}

// Recorder writes records to a store, or to its file. Its methods may be
// called from any goroutine.
type Recorder struct {
	path  string
	write func(context.Context, scoring.Record) (scoring.Receipt, error)
	limit time.Duration
	log   *slog.Logger

	replaying sync.Mutex // held by the one replay that runs

	mu     sync.Mutex
	file   *os.File
	closed bool
	size   int64                  // of the whole lines in the file
	done   int64                  // of those at its front that are in the store
	dirty  bool                   // an append failed: there may be more in the file than size
	held   map[scoring.CallID]int // records of a call that wait in the file
	silent bool                   // the last write was not confirmed
	stats  Stats
}

// Open opens the spill file at path, or makes it, readable to its owner only.
// write is the store's: it must return when its context ends. limit is how
// long the store has to confirm a record. A last line that a crash cut off is
// kept for Replay to put aside. Errors wrap ErrInUse or those of the file.
func Open(path string, write func(context.Context, scoring.Record) (scoring.Receipt, error), limit time.Duration, log *slog.Logger) (*Recorder, error) {
	if limit <= 0 {
		return nil, fmt.Errorf("open spill file %q: limit %v, want more than 0", path, limit)
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	file, err := openFile(path)
	if err != nil {
		return nil, fmt.Errorf("open spill file %q: %w", path, err)
	}
	r := &Recorder{path: path, write: write, limit: limit, log: log, file: file, held: map[scoring.CallID]int{}}
	if err := r.takeStock(); err != nil {
		return nil, errors.Join(fmt.Errorf("read spill file %q: %w", path, err), file.Close())
	}
	return r, nil
}

// openFile opens or makes a file that nobody else can read, with its name on the disk.
func openFile(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(ErrInUse, err, file.Close())
	}
	if err := errors.Join(file.Chmod(0o600), syncFolder(path)); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

func syncFolder(path string) error {
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// Write makes a record durable in the store or, when the store does not
// confirm it within the limit, in the file; Receipt.Spilled tells which. The
// end of ctx cuts the wait for the store short, not the way to the file. The
// error is nil when either took it, wraps scoring.ErrInvalid or
// scoring.ErrNoCall when the record is at fault, and else what the store and
// the file said.
func (r *Recorder) Write(ctx context.Context, rec scoring.Record) (scoring.Receipt, error) {
	if err := rec.Check(); err != nil {
		return scoring.Receipt{}, err
	}
	if spilled, err := r.behind(rec); spilled || err != nil {
		return scoring.Receipt{Spilled: spilled}, err
	}
	waiting, cancel := context.WithTimeout(ctx, r.patience())
	defer cancel()
	receipt, err := r.write(waiting, rec)
	if err == nil || errors.Is(err, scoring.ErrInvalid) || errors.Is(err, scoring.ErrNoCall) {
		r.answered(true)
		return receipt, err
	}
	if ctx.Err() == nil { // else the caller gave up, which says nothing about the store
		r.answered(false)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if failed := r.append(rec); failed != nil {
		return scoring.Receipt{}, fmt.Errorf("call %s: neither stored nor spilled: %w", rec.ID, errors.Join(err, failed))
	}
	r.log.Warn("record spilled", "call", rec.ID.String(), "file", r.path, "error", err)
	return scoring.Receipt{Spilled: true}, nil
}

// behind spills a record whose call has others in the file.
func (r *Recorder) behind(rec scoring.Record) (spilled bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false, fmt.Errorf("write call %s: %w", rec.ID, ErrClosed)
	}
	if r.held[rec.ID] == 0 {
		return false, nil
	}
	if err := r.append(rec); err != nil {
		return false, fmt.Errorf("call %s: not spilled behind its earlier records: %w", rec.ID, err)
	}
	return true, nil
}

func (r *Recorder) patience() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.silent {
		return r.limit / impatience
	}
	return r.limit
}

func (r *Recorder) answered(yes bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.silent = !yes
}

// append puts a record at the end of the file, durably. The caller holds mu.
func (r *Recorder) append(rec scoring.Record) (err error) {
	defer func() {
		if err != nil {
			r.stats.Failed++
		}
	}()
	if r.closed {
		return ErrClosed
	}
	line, err := json.Marshal(rec)
	if err != nil {
		return err
	}
	line = append(line, '\n')
	if r.dirty { // what a failed append left must not run into this line
		if err := r.file.Truncate(r.size); err != nil {
			return err
		}
	}
	r.dirty = true
	if _, err := r.file.WriteAt(line, r.size); err != nil {
		return err
	}
	if err := r.file.Sync(); err != nil {
		return err
	}
	r.dirty = false
	r.size += int64(len(line))
	r.held[rec.ID]++
	r.stats.Spilled++
	r.stats.Pending++
	return nil
}

// Stats tells what happened since Open.
func (r *Recorder) Stats() Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stats
}

// Close closes the file; what waits in it stays there for the next Open.
func (r *Recorder) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil
	}
	r.closed = true
	return r.file.Close()
}
