package main

import (
	"context"
	"errors"
	"time"

	"aftercall/scoring"
	"aftercall/scoring/spill"
)

const (
	retainAfter = 5 * time.Minute // the site's midnight: others have to do then
	retainRetry = time.Minute     // after one that could not be done
	retainLimit = 6 * time.Hour   // for one run, which takes turns with callers' records
	retainPause = 50 * time.Millisecond
)

// retention is when rows are removed that were kept for long enough.
type retention struct {
	wanted chan struct{} // holds a token while somebody wants a run at once
}

func newRetention() retention { return retention{make(chan struct{}, 1)} }

// want has rows looked through at once: the configuration is new, or the log
// still holds what was erased.
func (r retention) want() {
	select {
	case r.wanted <- struct{}{}:
	default: // one is wanted already
	}
}

// retainRows removes rows that were kept for long enough, at once, after every
// midnight of the site, and whenever it is wanted, until ctx ends.
func (s *service) retainRows(ctx context.Context) {
	for {
		next := time.NewTimer(s.retainOnce(ctx))
		select {
		case <-ctx.Done():
			next.Stop()
			return
		case <-next.C:
		case <-s.retain.wanted:
			next.Stop()
		}
	}
}

// retainOnce removes what is to be removed now, and tells how long it has time
// until the next look.
func (s *service) retainOnce(ctx context.Context) time.Duration {
	ctx, cancel := context.WithTimeout(ctx, retainLimit)
	defer cancel()
	c := s.now.Load().config
	now := time.Now().In(c.Zone)
	pause := nextDay(now).Add(retainAfter).Sub(now)
	lingers, err := s.store.EmptyLog(ctx) // of what an erasure could not empty it of
	if days := c.Privacy.KeepDays(); days > 0 && err == nil {
		var done scoring.Removed
		done, err = s.store.RemoveCalls(ctx, scoring.Removal{Before: dayBefore(now, days)}, s.turns)
		lingers = lingers || done.Lingers
		if done.Calls > 0 {
			s.log.Info("calls removed that were kept for long enough", "before", dayBefore(now, days), "calls", done.Calls, "outcomes", done.Outcomes)
		}
		s.meter.Removed(scoring.Retention, done.Calls)
	}
	switch {
	case ctx.Err() != nil:
	case errors.Is(err, spill.ErrWaiting):
		s.log.Info("calls are not removed while records wait in the spill file", "retry_in", retainRetry)
		return retainRetry
	case err != nil:
		s.log.Error("calls that were kept for long enough are not removed", "error", err, "retry_in", retainRetry)
		return retainRetry
	case lingers:
		s.log.Warn("the database's log still holds what was removed: somebody reads the database", "retry_in", retainRetry)
		return retainRetry
	}
	return pause
}

// turns carries out one part of a removal, and leaves the store to others for a
// while.
func (s *service) turns(ctx context.Context, do func() error) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(retainPause):
	}
	return s.recorder.Idle(do)
}

// dayBefore is the first civil date that stays of a time that was kept for so
// many days: today's is not over.
func dayBefore(now time.Time, days int) string {
	return time.Date(now.Year(), now.Month(), now.Day()-days, 12, 0, 0, 0, now.Location()).Format(time.DateOnly)
}
