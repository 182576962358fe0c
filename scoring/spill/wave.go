package spill

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"sync"

	"aftercall/scoring"
)

// item is a line of the file on its way to the store.
type item struct {
	line  []byte
	rec   *scoring.Record // nil = the line is no record
	fault error           // it can never be stored
	err   error           // it could not be stored now
}

// errBehind: an earlier record of the same call was not stored.
var errBehind = errors.New("waits behind an earlier record of its call")

// parse reads a line. A crash can leave a block of zeros in front of a record
// that was written behind it.
func parse(line []byte) (*scoring.Record, error) {
	var rec scoring.Record
	if err := json.Unmarshal(bytes.TrimLeft(line, "\x00"), &rec); err != nil {
		return nil, err
	}
	return &rec, nil
}

// read takes up to n lines of the next size bytes, and no more behind the one
// with which they are waveBytes.
func read(lines *bufio.Reader, n int, size int64) (items []*item, err error) {
	for taken := 0; len(items) < n && size > 0 && taken < waveBytes; {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return nil, err
		}
		size -= int64(len(line))
		taken += len(line)
		one := &item{line: line}
		one.rec, one.fault = parse(line)
		items = append(items, one)
	}
	return items, nil
}

// deliver brings items to the store: the calls side by side, so that the
// store commits them together, the records of a call one behind the other.
func (r *Recorder) deliver(ctx context.Context, items []*item) {
	calls := map[scoring.CallID][]*item{}
	for _, one := range items {
		if one.fault == nil {
			calls[one.rec.ID] = append(calls[one.rec.ID], one)
		}
	}
	var all sync.WaitGroup
	for _, call := range calls {
		all.Go(func() {
			var stopped error
			for _, one := range call {
				if one.err = stopped; stopped == nil {
					r.bring(ctx, one)
				}
				if one.err != nil {
					stopped = errBehind
				}
			}
		})
	}
	all.Wait()
}

func (r *Recorder) bring(ctx context.Context, one *item) {
	waiting, cancel := context.WithTimeout(ctx, max(r.limit, replayLimit))
	defer cancel()
	_, err := r.write(waiting, *one.rec)
	// Nothing of this call is in front of the line any more, so a call that
	// the store does not hold now is one that it never will.
	if atFault(err) {
		one.fault = err
		return
	}
	one.err = err
}

// settle takes note of what became of items, in the order of the file, up to
// the first that was not stored.
func (r *Recorder) settle(items []*item) (stored int, bytes int64, err error) {
	for _, one := range items {
		switch {
		case one.err != nil:
			return stored, bytes, one.err
		case one.fault != nil:
			if err := r.reject(one); err != nil {
				return stored, bytes, err
			}
		default:
			r.answered(true)
			r.advance(one)
			stored++
		}
		bytes += int64(len(one.line))
	}
	return stored, bytes, nil
}

// advance takes note that a line has left the file's care.
func (r *Recorder) advance(one *item) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done += int64(len(one.line))
	r.stats.Pending--
	if one.rec != nil {
		r.release(one.rec.ID)
	}
}
