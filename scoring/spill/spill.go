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

const (
	fileLimit  = 2 * time.Second // for the file to take a record
	queueBound = 4096            // records that may wait for the file
)

// impatience divides the limit while the store is not answering: it is still
// tried, so that its return is noticed, but no caller waits for it in full.
const impatience = 10

var (
	// ErrClosed: the recorder was closed.
	ErrClosed = errors.New("the spill file is closed")
	// ErrSlow: the file did not confirm a record in time, or too many wait for it.
	ErrSlow = errors.New("the spill file takes too long")
	// ErrWaiting: records wait in the file.
	ErrWaiting = errors.New("records wait in the spill file for the store")
	// ErrInUse: another program has the spill file open.
	ErrInUse = errors.New("the spill file is in use by another program")
)

// Stats are counts since Open, but Pending, which also counts what an earlier
// run left behind.
type Stats struct {
	Spilled  uint64 // records that went to the file
	Pending  int    // records in the file, or held in memory because the file failed too, that are not in the store yet
	Rejected uint64 // lines that can never be stored and were put aside
	Failed   uint64 // records that neither the store nor the file confirmed
	Refused  uint64 // records that were at fault and went nowhere
}

// Recorder writes records to a store, or to its file. Its methods may be
// called from any goroutine.
type Recorder struct {
	path  string
	write func(context.Context, scoring.Record) (scoring.Receipt, error)
	limit time.Duration
	log   *slog.Logger

	replaying sync.Mutex // held by the one replay that runs

	appends chan entry
	ended   chan struct{} // closed when the appender has closed the file
	failed  error         // of closing it

	disk  chan struct{} // holds one token while the file is written or emptied
	file  *os.File
	sync  func(*os.File) error // to the disk
	dirty bool                 // an append failed: there may be more in the file than size

	mu     sync.Mutex // never held while the disk is waited for
	closed bool
	size   int64                  // of the whole lines in the file
	done   int64                  // of those at its front that are in the store
	held   map[scoring.CallID]int // records of a call in the file or on their way to it
	silent bool                   // the last write was not confirmed
	kept   []scoring.Record       // ends of calls that neither store nor file took, oldest first
	stats  Stats
}

// Open opens the spill file at path, or makes it, readable to its owner only.
// write is the store's: it must return when its context ends. limit is how
// long the store has to confirm a record, twice that where nobody waits for it.
// A last line that a crash cut off is kept for Replay to put aside. Errors wrap
// ErrInUse or those of the file.
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
	r := &Recorder{path: path, write: write, limit: limit, log: log, file: file, held: map[scoring.CallID]int{},
		sync: (*os.File).Sync, disk: make(chan struct{}, 1), appends: make(chan entry, queueBound), ended: make(chan struct{})}
	if err := r.takeStock(); err != nil {
		return nil, errors.Join(fmt.Errorf("read spill file %q: %w", path, err), file.Close())
	}
	go r.appender()
	return r, nil
}

// noLink keeps a link from being followed: in a folder that others can write
// to, one could lead to any file of ours, which would be emptied.
const noLink = syscall.O_NOFOLLOW

// openFile opens or makes a file that nobody else can read, with its name on the disk.
func openFile(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|noLink, 0o600)
	if errors.Is(err, syscall.ELOOP) {
		err = fmt.Errorf("%w, want a file: a link is not followed", err)
	}
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(errors.New("is no regular file"), err, file.Close())
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
// confirm it within the limit, in the file, which has 2 s; Receipt.Spilled
// tells which. The end of ctx cuts the wait for the store short, not the way
// to the file. The error is nil when either took it, wraps scoring.ErrInvalid
// or scoring.ErrNoCall when the record is at fault, and else what the store
// and the file said; a record that the file confirms too late (ErrSlow) may
// still reach the store.
//
// The end of a call that neither took is held in memory, and tried again by
// [Recorder.Replay]; the error stands all the same.
func (r *Recorder) Write(ctx context.Context, rec scoring.Record) (scoring.Receipt, error) {
	if err := rec.Check(); err != nil {
		return scoring.Receipt{}, r.refuse(err)
	}
	receipt, err := r.put(ctx, rec)
	if err != nil && !atFault(err) {
		r.missed(rec)
	}
	return receipt, err
}

// put makes a sound record durable in the store or in the file.
func (r *Recorder) put(ctx context.Context, rec scoring.Record) (scoring.Receipt, error) {
	if spilled, err := r.behind(rec); spilled || err != nil {
		return scoring.Receipt{Spilled: spilled, Known: spilled && rec.Call != nil}, err
	}
	limit := r.patience()
	if rec.Patient { // nobody waits for it, and the store may hold it for a part of that
		limit *= 2
	}
	waiting, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	receipt, err := r.write(waiting, rec)
	if err == nil {
		r.answered(true)
		return receipt, nil
	}
	if atFault(err) {
		r.answered(true)
		return receipt, r.refuse(err)
	}
	if ctx.Err() == nil { // else the caller gave up, which says nothing about the store
		r.answered(false)
	}
	r.mu.Lock()
	wait := r.enqueue(rec)
	r.mu.Unlock()
	if failed := r.confirmed(wait); failed != nil {
		return scoring.Receipt{}, fmt.Errorf("call %s: neither stored nor spilled: %w", rec.ID, errors.Join(err, failed))
	}
	r.log.Warn("record spilled", "call", rec.ID.String(), "file", r.path, "error", err)
	return scoring.Receipt{Spilled: true}, nil
}

// atFault tells a bad record from a store in trouble.
func atFault(err error) bool {
	return errors.Is(err, scoring.ErrInvalid) || errors.Is(err, scoring.ErrNoCall)
}

func (r *Recorder) refuse(err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stats.Refused++
	return err
}

// behind spills a record whose call has others in the file.
func (r *Recorder) behind(rec scoring.Record) (spilled bool, err error) {
	r.mu.Lock()
	if r.closed || r.held[rec.ID] == 0 {
		defer r.mu.Unlock()
		if r.closed {
			return false, fmt.Errorf("write call %s: %w", rec.ID, ErrClosed)
		}
		return false, nil
	}
	wait := r.enqueue(rec)
	r.mu.Unlock()
	if err := r.confirmed(wait); err != nil {
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

// Stats tells what happened since Open. It never waits for a disk.
func (r *Recorder) Stats() Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stats
}

// Close closes the file; what waits in it stays there for the next Open. A
// file that hangs is closed when it is done; then Close answers ErrSlow after 2 s.
func (r *Recorder) Close() error {
	r.mu.Lock()
	if !r.closed {
		r.closed = true
		close(r.appends)
	}
	r.mu.Unlock()
	late := time.NewTimer(fileLimit)
	defer late.Stop()
	select {
	case <-r.ended:
		return r.failed
	case <-late.C:
		return fmt.Errorf("close spill file %q: %w", r.path, ErrSlow)
	}
}
