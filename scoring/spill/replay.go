package spill

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

const (
	waveBound     = 256              // lines that are on their way to the store together
	waveBytes     = 4 << 20          // about the most that they hold
	replayLimit   = 10 * time.Second // for the store to confirm one of them: nobody waits for it
	progressEvery = 10_000           // records between two words in the log
)

// takeStock learns what an earlier run left in the file.
func (r *Recorder) takeStock() error {
	lines := bufio.NewReader(r.file)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if len(line) == 0 {
			return nil
		}
		last := err != nil
		if last { // cut off by a crash: ended here, judged by Replay
			if _, err := r.file.WriteAt([]byte{'\n'}, r.size+int64(len(line))); err != nil {
				r.dirty = true // no room even for that: nobody was told that it is safe
				r.log.Error("the last line of the spill file was cut off by a crash and is given up", "file", r.path, "bytes", len(line), "error", err)
				return nil
			}
			line = append(line, '\n')
		}
		if rec, err := parse(line); err == nil {
			r.held[rec.ID]++
		}
		r.size += int64(len(line))
		r.stats.Pending++
		if last {
			return nil
		}
	}
}

// Run replays what waits in the file: at once, and then as often as every
// says, until ctx ends. What goes wrong is logged and tried again.
func (r *Recorder) Run(ctx context.Context, every time.Duration) error {
	if every <= 0 {
		return fmt.Errorf("replay %q: every %v, want more than 0", r.path, every)
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if r.Stats().Pending > 0 {
			done, err := r.Replay(ctx)
			if err != nil {
				r.log.Warn("replay stopped", "file", r.path, "pending", r.Stats().Pending, "error", err)
			}
			if done > 0 {
				r.log.Info("spilled records are in the store", "file", r.path, "records", done)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Replay writes what waits in the file to the store, oldest first, many calls
// at a time but the records of one call in their order, and empties the file
// when all of it is there. A line that can never be stored is put aside in the
// file of the same name with .rejected behind it. done is how many records the
// store took, up to the first that it did not; what lies behind stays in the
// file, even if some of it was taken. Only ctx bounds it as a whole.
// What is held in memory is tried behind it.
func (r *Recorder) Replay(ctx context.Context) (done int, err error) {
	r.replaying.Lock()
	defer r.replaying.Unlock()
	done, err = r.replay(ctx)
	return done + r.again(ctx), err
}

func (r *Recorder) replay(ctx context.Context) (done int, err error) {
	wave := 1 // the first alone: a store that is not there has to refuse one record only
	for {
		file, from, to, err := r.unread(ctx)
		if err != nil || from == to {
			return done, err
		}
		lines := bufio.NewReader(io.NewSectionReader(file, from, to-from))
		for from < to {
			items, err := read(lines, wave, to-from)
			if err != nil {
				return done, fmt.Errorf("read spill file %q: %w", r.path, err)
			}
			r.deliver(ctx, items)
			stored, bytes, err := r.settle(items)
			before := done
			done += stored
			if err != nil {
				return done, fmt.Errorf("replay %q: %w", r.path, err)
			}
			if done/progressEvery > before/progressEvery {
				r.log.Info("replaying", "file", r.path, "done", done, "pending", r.Stats().Pending)
			}
			from += bytes
			wave = waveBound
		}
	}
}

// Idle runs f while nothing waits in the file, on its way there or in memory, or
// answers ErrWaiting: what removes calls from the store must not meet a record of
// theirs that comes again. Records may be written meanwhile, but none is replayed.
func (r *Recorder) Idle(f func() error) error {
	if !r.replaying.TryLock() { // something waits, or nobody would replay
		return ErrWaiting
	}
	defer r.replaying.Unlock()
	r.mu.Lock()
	// Also lines that are in the store, until the file is emptied of them.
	waits := r.size > 0 || len(r.held) > 0 || len(r.kept) > 0
	r.mu.Unlock()
	if waits {
		return ErrWaiting
	}
	return f()
}

// unread gives the part of the file that is not in the store. Where that is
// nothing, the file is emptied before anybody can append to it.
func (r *Recorder) unread(ctx context.Context) (file *os.File, from, to int64, err error) {
	select {
	case r.disk <- struct{}{}:
		defer func() { <-r.disk }()
	case <-ctx.Done():
		return nil, 0, 0, fmt.Errorf("replay %q: %w", r.path, ctx.Err())
	}
	r.mu.Lock()
	from, to, closed := r.done, r.size, r.closed
	r.mu.Unlock()
	if closed {
		return nil, 0, 0, fmt.Errorf("replay %q: %w", r.path, ErrClosed)
	}
	if to > 0 {
		if err := r.named(to); err != nil { // what is told of it now is of a file that nobody finds again
			r.log.Error("the spill file is not where it was", "file", r.path, "error", err)
		}
	}
	if from < to || to == 0 {
		return r.file, from, to, nil
	}
	if err := r.empty(); err != nil {
		return nil, 0, 0, fmt.Errorf("empty spill file %q: %w", r.path, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done, r.size = 0, 0
	return nil, 0, 0, nil
}

// reject puts a line aside, durably.
func (r *Recorder) reject(one *item) error {
	name := r.path + ".rejected"
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND|noLink, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(one.line)
	if err := errors.Join(err, file.Chmod(0o600), file.Sync(), file.Close(), syncFolder(name)); err != nil {
		return err
	}
	r.log.Error("spilled line put aside", "file", name, "bytes", len(bytes.TrimSpace(one.line)), "error", one.fault)
	r.advance(one)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stats.Rejected++
	return nil
}
