package spill

import (
	"context"

	"aftercall/scoring"
)

// keptBound is how many ends of calls are held in memory.
const keptBound = 10_000

// missed takes note of a record that is not durable. The end of a call, which
// carries all that is not known to be durable of it, is held on to: without it
// the call would stay open in the store for as long as this program runs.
func (r *Recorder) missed(rec scoring.Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stats.Failed++
	if rec.End == nil || r.closed {
		return
	}
	if len(r.kept) == keptBound {
		r.log.Error("the end of a call is lost: too many wait for store and spill file", "call", rec.ID.String())
		return
	}
	rec.Patient = false // those behind it wait
	r.kept = append(r.kept, rec)
	r.stats.Pending++
}

// again tries what neither store nor file took, oldest first, up to the first
// that they do not take now.
func (r *Recorder) again(ctx context.Context) (done int) {
	for {
		r.mu.Lock()
		if len(r.kept) == 0 {
			r.mu.Unlock()
			return done
		}
		rec := r.kept[0]
		r.mu.Unlock()
		receipt, err := r.put(ctx, rec)
		if err != nil && !atFault(err) {
			return done
		}
		r.mu.Lock()
		r.kept = r.kept[1:] // others are only put behind it
		r.stats.Pending--
		r.mu.Unlock()
		if err == nil && !receipt.Spilled {
			done++
		}
	}
}
