package spill

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"aftercall/scoring"
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
		var rec scoring.Record
		if json.Unmarshal(line, &rec) == nil {
			r.held[rec.ID]++
		}
		r.size += int64(len(line))
		r.stats.Pending++
		if err != nil { // the last line, cut off by a crash: ended here, judged by Replay
			_, err := r.file.WriteAt([]byte{'\n'}, r.size)
			r.size++
			return err
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

// Replay writes what waits in the file to the store, oldest first, and
// empties the file when all of it is there. A line that can never be stored
// is put aside in the file of the same name with .rejected behind it. done is
// how many records the store took; what it did not take stays in the file.
func (r *Recorder) Replay(ctx context.Context) (done int, err error) {
	r.replaying.Lock()
	defer r.replaying.Unlock()
	for {
		from, to, err := r.unread()
		if err != nil || from == to {
			return done, err
		}
		lines := bufio.NewReader(io.NewSectionReader(r.file, from, to-from))
		for from < to {
			line, err := lines.ReadBytes('\n')
			if err != nil {
				return done, fmt.Errorf("read spill file %q: %w", r.path, err)
			}
			stored, err := r.replay(ctx, line)
			if err != nil {
				return done, fmt.Errorf("replay %q: %w", r.path, err)
			}
			if stored {
				done++
			}
			from += int64(len(line))
		}
	}
}

// unread gives the part of the file that is not in the store. Where that is
// nothing, the file is emptied before anybody can append to it.
func (r *Recorder) unread() (from, to int64, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return 0, 0, fmt.Errorf("replay %q: %w", r.path, ErrClosed)
	}
	if r.done == r.size && r.size > 0 {
		if err := errors.Join(r.file.Truncate(0), r.file.Sync()); err != nil {
			return 0, 0, fmt.Errorf("empty spill file %q: %w", r.path, err)
		}
		r.done, r.size = 0, 0
	}
	return r.done, r.size, nil
}

// replay brings one line to the store, or puts it aside.
func (r *Recorder) replay(ctx context.Context, line []byte) (stored bool, err error) {
	var rec scoring.Record
	if fault := json.Unmarshal(line, &rec); fault != nil {
		return false, r.reject(line, nil, fault)
	}
	waiting, cancel := context.WithTimeout(ctx, r.limit)
	defer cancel()
	_, err = r.write(waiting, rec)
	// Nothing of this call is in front of the line any more, so a call that
	// the store does not hold now is one that it never will.
	if errors.Is(err, scoring.ErrInvalid) || errors.Is(err, scoring.ErrNoCall) {
		return false, r.reject(line, &rec.ID, err)
	}
	if err != nil {
		return false, err
	}
	r.answered(true)
	r.advance(line, &rec.ID)
	return true, nil
}

// advance takes note that a line has left the file's care.
func (r *Recorder) advance(line []byte, id *scoring.CallID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done += int64(len(line))
	r.stats.Pending--
	if id == nil {
		return
	}
	if r.held[*id]--; r.held[*id] == 0 {
		delete(r.held, *id)
	}
}

// reject puts a line aside, durably.
func (r *Recorder) reject(line []byte, id *scoring.CallID, fault error) error {
	name := r.path + ".rejected"
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(line)
	if err := errors.Join(err, file.Sync(), file.Close(), syncFolder(name)); err != nil {
		return err
	}
	r.log.Error("spilled line put aside", "file", name, "bytes", len(bytes.TrimSpace(line)), "error", fault)
	r.advance(line, id)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stats.Rejected++
	return nil
}
