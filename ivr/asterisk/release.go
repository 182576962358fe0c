package asterisk

import (
	"context"
	"errors"
	"time"

	"aftercall/ivr/survey"
	"aftercall/scoring/metrics"
)

// sendOnPause is the time between two tries to release a caller.
const sendOnPause = 500 * time.Millisecond

// leftover releases a caller who is in the application without a survey, and
// of whom Asterisk does not say more.
func (n *Node) leftover(channel string) {
	n.surveys.Meter.Unasked(metrics.Leftover)
	n.surveys.Log.Warn("released a caller whose survey was lost", "channel", channel)
	n.sendOn(channel, nil)
}

// unheard releases a caller whose entry could not be read, or was dropped. It
// does not wait. If a survey still goes on there, that one releases the
// channel.
func (n *Node) unheard(channel string) {
	if n.owned(channel, nil) {
		return
	}
	n.surveys.Meter.Unasked(metrics.Unheard)
	n.helpers.Go(func() {
		n.surveys.Log.Error("caller sent on unasked", "reason", metrics.Unheard, "channel", channel)
		n.sendOn(channel, nil)
	})
}

// sendOn gives a caller who is not asked back to the dialplan, in a few
// tries: until the dialplan's absolute time limit nobody else does. c is the
// caller's call, nil if there is none. A channel that left, or is in its next
// visit by now, is left alone.
func (n *Node) sendOn(channel string, c *call) {
	if channel == "" {
		return
	}
	var err error
	for try := range survey.Releases {
		if try > 0 {
			<-time.After(sendOnPause)
		}
		if n.owned(channel, c) || c != nil && c.hasLeft() {
			return
		}
		if err = n.client.proceed(context.Background(), channel); err == nil || errors.Is(err, ErrGone) {
			return
		}
	}
	n.surveys.Log.Error("cannot release a caller: the dialplan's absolute time limit will", "channel", channel, "error", err)
}
