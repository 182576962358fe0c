package sqlite

import (
	"context"
	"runtime"
	"time"

	"aftercall/scoring"
)

const (
	batchBound = 512 // records in one transaction
	turns      = 2   // of those who were answered, before a batch is taken

	// heldBound is how long a patient record waits for another. Of a survey's
	// three, two come that are not patient: at 20 surveys a second one of those
	// comes within it 98 times in 100. Longer would save nothing where it counts,
	// and what is held is lost with the process.
	heldBound = 100 * time.Millisecond
	heldShare = 4 // a record is held only if that is within so many parts of the time it has
)

// heldUntil gives until when a record may be held; zero = it may not.
func heldUntil(ctx context.Context, r *scoring.Record) time.Time {
	limit, limited := ctx.Deadline()
	if !r.Patient || limited && time.Until(limit) < heldShare*heldBound {
		return time.Time{}
	}
	return time.Now().Add(heldBound)
}

// gather takes what else waits, and waits for more only where nobody waits for
// what there is: while a commit is on its way to the disk, the next batch comes
// together by itself. Those who were just answered get their turn first: what
// they write next comes along.
func (w *writer) gather(first job) []job {
	jobs := w.hold(first)
	for range turns {
		runtime.Gosched()
	}
	for range min(len(w.queue), batchBound-len(jobs)) {
		jobs = append(jobs, <-w.queue)
	}
	return jobs
}

// hold keeps patient records until something comes that is not patient, or
// the first of them was held long enough, or they are a batch, or no more can
// come.
func (w *writer) hold(first job) []job {
	jobs := []job{first}
	if first.until.IsZero() {
		return jobs
	}
	late := time.NewTimer(time.Until(first.until))
	defer late.Stop()
	for len(jobs) < batchBound {
		select {
		case j, open := <-w.queue:
			if !open {
				return jobs
			}
			if jobs = append(jobs, j); j.until.IsZero() {
				return jobs
			}
		case <-late.C:
			return jobs
		}
	}
	return jobs
}
