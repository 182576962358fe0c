package asterisk

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"aftercall/ivr/survey"
	"aftercall/scoring"
	"aftercall/scoring/metrics"
)

// adoptBound is how many callers without a survey are looked into at a time:
// each costs a few requests, and Asterisk takes few connections at once.
const adoptBound = 8

// adopt takes care of callers who are in the application without a survey:
// the service was restarted, or the event of their entry did not reach us. A
// survey that an earlier run left open is taken up again; whoever was never
// asked is. It reports whether all of them were looked into.
func (n *Node) adopt(ctx context.Context, channels []string) bool {
	var mu sync.Mutex
	all := true
	var looks sync.WaitGroup
	places := make(chan struct{}, adoptBound)
	for _, id := range channels {
		places <- struct{}{}
		looks.Go(func() {
			defer func() { <-places }()
			if !n.adoptOne(ctx, id) {
				mu.Lock()
				defer mu.Unlock()
				all = false
			}
		})
	}
	looks.Wait()
	return all
}

func (n *Node) adoptOne(ctx context.Context, channel string) bool {
	i := n.inquire(channel)
	if i == nil {
		return n.owned(channel, nil) // else another look is at it, and what comes of that is not known
	}
	defer n.inquired(channel, i)
	came, err := n.client.channel(ctx, channel, n.surveys.Asking().Keep)
	switch {
	case errors.Is(err, ErrGone), errors.Is(err, errElsewhere):
		return true
	case ctx.Err() != nil: // the connection is over; the next one looks again
		return false
	case err != nil:
		n.surveys.Log.Error("cannot tell whose survey a caller is in", "channel", channel, "error", err)
		n.inquired(channel, i) // the release takes its time, and the next connection looks again
		n.leftover(channel)
		return false
	}
	n.surveys.Log.Info("caller found in the application without a survey", "channel", channel)
	came.inquiry = i
	n.enter(ctx, came) // whose call is in the store and has ended is sent on
	return true
}

// inquiry is a channel that Asterisk is asked about. What it answers is out of
// date once an event has told more.
type inquiry struct{ stale bool } // guarded by the node's lock

// inquire begins an inquiry. It gives nil if the channel is in the hands of a
// survey, or inquired about already.
func (n *Node) inquire(channel string) *inquiry {
	n.mu.Lock()
	defer n.mu.Unlock()
	if c := n.calls[channel]; c != nil && !c.over || n.inquiries[channel] != nil {
		return nil
	}
	i := &inquiry{}
	n.inquiries[channel] = i
	return i
}

// inquired ends an inquiry, unless it was ended before.
func (n *Node) inquired(channel string, i *inquiry) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.inquiries[channel] == i {
		delete(n.inquiries, channel)
	}
}

// outdate takes note that an event told of a channel. The lock is held.
func (n *Node) outdate(channel string) {
	if i := n.inquiries[channel]; i != nil {
		i.stale = true
	}
}

// recover takes up or closes everything that an earlier run left open on this
// Asterisk: callers who are still in the application are adopted, and calls
// whose caller is not there any more are closed.
func (n *Node) recover(ctx context.Context, channels []string) {
	if !n.adopt(ctx, channels) {
		return // whoever was not looked into may still come; the rest waits for the next connection
	}
	led := map[scoring.CallID]bool{} // whoever was adopted has taken its call, or is about to
	n.mu.Lock()
	for _, c := range n.calls {
		led[c.id] = true
	}
	n.mu.Unlock()
	n.surveys.CloseLeft(ctx, func(r scoring.CallRow) bool { return r.Call.Node == n.server.Name && !led[r.ID] })
}

// CloseLeft closes the calls that are meant: an earlier run left them open and
// their caller is not in the application any more. What is still open when ctx
// ends stays among the leftovers.
func (s Surveys) CloseLeft(ctx context.Context, meant func(scoring.CallRow) bool) {
	for _, id := range s.Left.list(meant) {
		if ctx.Err() != nil {
			return
		}
		if row, ok := s.Left.Take(id); ok {
			s.Meter.Recovered(metrics.NotThere)
			s.close(context.WithoutCancel(ctx), row)
		}
	}
}

// close closes a call whose survey nobody leads any more.
func (s Surveys) close(ctx context.Context, row scoring.CallRow) {
	r := survey.Close(row, time.Now())
	s.Meter.Ended(r.End.Reason)
	if _, err := s.Write(ctx, r); err != nil {
		s.Log.Error("a record was not stored", "call", row.ID.String(), "error", err)
		return
	}
	s.Log.Warn("closed a call that an earlier run left open", "call", row.ID.String(), "reason", r.End.Reason)
}

// resume takes up the survey of a caller that an earlier run left open, with
// the layouts that the call was given. ok is false if that cannot be: then
// the call is closed and the caller was sent on.
func (c *call) resume(ctx context.Context, row scoring.CallRow) (starter, bool) {
	s := c.node.surveys
	plan, i, ok := c.asking.Book.Resume(row)
	if !ok {
		c.log.Warn("survey cannot be taken up again: its layouts or sounds are not what the caller heard before")
		c.node.sendOn(c.channel, c)
		s.Meter.Recovered(metrics.Released)
		s.close(ctx, row)
		return nil, false
	}
	i.Until = c.entry.until
	c.ahead = survey.Last(row).Sub(c.entry.at)
	c.generation = i.Resumed
	if _, err := c.write(ctx, scoring.Record{ID: c.id, Resumed: i.Resumed}); err != nil {
		i.Until = time.Now() // what cannot be stored is not asked
	}
	c.silence(ctx, plan, i.Resumed)
	return func(now time.Time) (machine, []survey.Command) {
		resumed, first := c.node.open(now, plan, i)
		result := metrics.Resumed
		if slices.Contains(first, survey.Command(survey.Release{})) {
			result = metrics.Released
		}
		s.Meter.Recovered(result)
		c.log.Info("survey found that an earlier run left open", "answered", len(i.Answers), "times", i.Resumed, "result", result)
		return resumed, first
	}, true
}

// silence ends what an earlier run may have left on the air, within the limit
// of two requests. Lists have numbers, and the first is the likeliest.
func (c *call) silence(ctx context.Context, p survey.Plan, generations int) {
	ctx, cancel := context.WithTimeout(ctx, 2*RequestLimit)
	defer cancel()
	lists := 1
	for _, a := range p.Questions {
		lists += a.Layout.Readings() + a.Layout.Confirmations() + survey.Resumptions
	}
	for g := generations - 1; g >= 0; g-- {
		for list := 1; list <= lists; list++ {
			err := c.node.client.stop(ctx, playback(c.channel, c.id.Visit, g, list))
			if !errors.Is(err, ErrGone) {
				return // it is silent now, or Asterisk does not answer
			}
		}
	}
}
