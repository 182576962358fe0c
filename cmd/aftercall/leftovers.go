package main

import (
	"context"
	"time"

	"aftercall/ivr/asterisk"
	"aftercall/scoring"
)

const (
	mostOpen      = 1 << 20          // calls that an earlier run can have left open
	overdueEvery  = 15 * time.Second // between two looks for those that nobody can take up any more
	overdueAfter  = time.Minute      // beyond the dialplan's limit a caller cannot be with us any more
	longestSurvey = 5 * time.Minute  // that any configuration allows
)

// closeOverdue closes calls that an earlier run left open and that no node
// can take up any more: the dialplan has long taken their callers back. By the
// clock alone that is said only where no node will look: the clock may have
// been set since. That their node is not in the configuration says nothing of
// those of a moment ago: it may have another name there.
func (s *service) closeOverdue(ctx context.Context) {
	const past = longestSurvey + dialplanSlack + overdueAfter
	all, before := time.Since(s.began) > past, time.Now().Add(-past)
	looked := map[string]bool{}
	for _, n := range servers(s.now.Load().config) {
		looked[n.Name] = true
	}
	s.surveys.CloseLeft(ctx, func(r scoring.CallRow) bool {
		return all || !looked[r.Call.Node] && r.Call.StartedAt.Before(before)
	})
}

// watchLeftovers closes what is overdue until nothing is left or ctx ends.
// What is still open then, the next start finds.
func (s *service) watchLeftovers(ctx context.Context) {
	tick := time.NewTicker(overdueEvery)
	defer tick.Stop()
	for s.left.Len() > 0 {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.closeOverdue(ctx)
		}
	}
}

// findLeftovers reads what an earlier run left open.
func (s *service) findLeftovers(ctx context.Context) error {
	rows, err := s.store.OpenCalls(ctx, mostOpen)
	if err != nil {
		return err
	}
	s.left = asterisk.NewLeftovers(rows)
	if len(rows) > 0 {
		s.log.Warn("an earlier run left calls open: their callers are looked for", "calls", len(rows))
	}
	return nil
}
