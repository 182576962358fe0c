package asterisk

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"aftercall/scoring/metrics"
)

// eventLimit is how long the event of a caller who is in the application may
// be on its way to us.
const eventLimit = 2 * time.Second

// session is one event connection: connect, find out what happened meanwhile,
// then hand on events until the connection ends.
func (n *Node) session(ctx context.Context) error {
	// Who is in the application before we connect did not come to this
	// connection: new callers are sent on by Asterisk while nobody listens.
	before, err := n.client.channels(ctx)
	if err != nil {
		return err
	}
	r, err := n.client.dial(ctx)
	if err != nil {
		return err
	}
	defer r.conn.CloseNow() //nolint:errcheck // the connection is over either way
	ctx, cancel := context.WithCancel(ctx)
	var helpers sync.WaitGroup
	defer helpers.Wait()
	defer cancel()
	failed := make(chan error, 1)
	helpers.Go(func() { failed <- r.read(ctx) })
	helpers.Go(func() { r.ping(ctx) })
	if err := n.client.filter(ctx); err != nil {
		n.surveys.Log.Warn("Asterisk sends every type of event: works, costs more", "error", err)
	}
	strangers, err := n.resync(ctx, before)
	if err != nil {
		return err
	}
	helpers.Go(func() { n.lookAgain(ctx, strangers) })
	n.set(true, "")
	n.surveys.Log.Info("connected to Asterisk", "app", n.server.App)
	for a := range r.queue {
		n.dispatch(ctx, a)
	}
	return <-failed
}

// resync compares the calls we know with the channels in the application:
// whoever is gone is told so, and whoever was there before us without a
// survey is released. It returns those who came since: their events may be on
// the way.
func (n *Node) resync(ctx context.Context, before []string) (strangers []string, err error) {
	now, err := n.client.channels(ctx)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for id, c := range n.calls {
		if !c.over && !slices.Contains(now, id) {
			c.lose()
		}
	}
	for _, id := range now {
		switch {
		case n.calls[id] != nil:
		case slices.Contains(before, id):
			n.helpers.Go(func() { n.leftover(id) })
		default:
			strangers = append(strangers, id)
		}
	}
	return strangers, nil
}

// lookAgain releases who came at the very moment of a reconnection: Asterisk
// told the old connection, and nobody will ever tell us.
func (n *Node) lookAgain(ctx context.Context, strangers []string) {
	if len(strangers) == 0 {
		return
	}
	select {
	case <-ctx.Done():
		return
	case <-time.After(eventLimit):
	}
	now, err := n.client.channels(ctx)
	if err != nil {
		n.surveys.Log.Warn("cannot tell whether callers wait without a survey", "error", err)
		return
	}
	for _, id := range strangers {
		n.mu.Lock()
		known := n.calls[id] != nil
		n.mu.Unlock()
		if !known && slices.Contains(now, id) {
			n.leftover(id)
		}
	}
}

// leftover releases a caller who is in the application without a survey.
func (n *Node) leftover(channel string) {
	n.surveys.Meter.Unasked(metrics.Leftover)
	n.surveys.Log.Warn("released a caller whose survey was lost", "channel", channel)
	n.proceed(channel)
}

// proceed releases a channel that has no survey, or cannot have one.
func (n *Node) proceed(channel string) {
	ctx, cancel := context.WithTimeout(context.Background(), RequestLimit)
	defer cancel()
	if err := n.client.proceed(ctx, channel); err != nil && !errors.Is(err, ErrGone) {
		n.surveys.Log.Error("cannot release a caller: the dialplan's absolute time limit will", "channel", channel, "error", err)
	}
}
