package bench

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// rate finds the highest rate of new surveys at which the dialplan-only survey
// and aftercall lose nothing: every call goes through, every caller hears the
// thank-you and is hung up on in time, every answer is kept, for 10 s. As
// Asterisk does it without being told otherwise, each call record is a
// transaction of its own, so the disk may be what limits the dialplan. SIPp runs
// on the same processors and takes its share of them. What the two carry is found
// in the same way, by turns: doubled until it fails, then bisected. A rate that
// fails is tried once more.
var rate = Part{Name: "rate", Title: "the highest rate of surveys that this machine carries", Run: runRate}

// search closes in on a rate from both sides.
type search struct {
	contender
	carried, failed int // calls/s; failed 0 = none yet
	next            int
}

// result takes in how the next rate went and says what comes then, in steps
// that are worth the time.
func (h *search) result(well bool, step int) (done bool) {
	if well {
		h.carried = h.next
	} else {
		h.failed = h.next
	}
	switch {
	case h.failed == 0:
		h.next *= 2
	case h.failed-h.carried <= step:
		return true
	default:
		h.next = h.carried + (h.failed-h.carried)/2/step*step
	}
	return false
}

func runRate(ctx context.Context, s *Suite) (err error) {
	st, all, err := openStage(ctx, s, (*stage).plain, (*stage).ours)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	seconds, start, most, step := Pick(s, 10, 1), Pick(s, 40, 2), Pick(s, 1280, 2), Pick(s, 5, 2)
	searches := make([]*search, len(all))
	for i, c := range all {
		searches[i] = &search{contender: c, next: start}
		if _, err := st.callers(ctx, c, 5, 5); err != nil { // whoever fails here fails at any rate
			return err
		}
	}
	for open := searches; len(open) > 0; {
		var still []*search
		for _, h := range open {
			well, err := st.carries(ctx, h, seconds)
			if err != nil {
				return err
			}
			if done := h.result(well, step); !done && h.next <= most {
				still = append(still, h)
			}
		}
		open = still
	}
	var figures []Series
	for _, h := range searches {
		if h.carried == 0 {
			return fmt.Errorf("%s carries not even %d/s", h.Name, h.failed)
		}
		if h.failed == 0 {
			h.Name += ", at least"
		}
		figures = append(figures, Series{Name: h.Name, Unit: "surveys/s", Values: []float64{float64(h.carried)}})
	}
	ratio := Ratio("d to a", figures[len(figures)-1], figures[0])
	return s.Print(fmt.Sprintf("Highest rate without a failed call for %d s, found to %d/s in one search; SIPp's callers run on the same processors", seconds, step), append(figures, ratio)...)
}

// patience is the time from the key to the hang-up, 140 ms of key and 900 ms of
// thank-you in it, that a caller does not put up with.
const patience = 2500 * time.Millisecond

// late tells of callers who waited too long, or dialled at a lower rate than they
// should: SIPp does not say when it falls behind.
func (l load) late(name string, rate int) error {
	spread := l.Ends[len(l.Ends)-1] - l.Ends[0]
	if most := time.Duration(len(l.Ends)-1)*time.Second/time.Duration(rate)*21/20 + spread + 100*time.Millisecond; l.Span > most {
		return fmt.Errorf("%s, %d/s: %d calls ended within %s, want %s at most: they came at a lower rate", name, rate, len(l.Ends), l.Span, most)
	}
	if last := l.Ends[len(l.Ends)-1]; last > patience {
		return fmt.Errorf("%s, %d/s: a caller was hung up on %s behind the key, want %s at most", name, rate, last, patience)
	}
	return nil
}

// carries tries a rate, twice if need be.
func (st *stage) carries(ctx context.Context, h *search, seconds int) (bool, error) {
	for range 2 {
		l, err := st.callers(ctx, h.contender, h.next*seconds, h.next)
		if err == nil {
			err = l.late(h.Name, h.next)
		}
		if ctx.Err() != nil {
			return false, errors.Join(ctx.Err(), err)
		}
		if err == nil {
			st.s.Say("rate, %s: %d/s is carried", h.Name, h.next)
			return true, nil
		}
		st.s.Say("rate: %.300s", err)
		if err := st.calm(ctx, h.contender); err != nil {
			return false, err
		}
	}
	return false, nil
}

// calm ends what a failed try left on the phone, and waits until all that will
// be kept of it is.
func (st *stage) calm(ctx context.Context, c contender) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if _, err := st.Asterisk.CLI(ctx, "channel request hangup all"); err != nil {
		return err
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for last := -1; ; {
		said, err := st.Asterisk.CLI(ctx, "core show channels count")
		if err != nil {
			return err
		}
		n, err := c.Kept(ctx)
		if err != nil {
			return err
		}
		if strings.Contains(said, "\n0 active channels") || strings.HasPrefix(said, "0 active channels") {
			if n == last {
				return nil
			}
			last = n
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("callers of a rate that failed are still on the phone: %w: %s", ctx.Err(), said)
		}
	}
}
