package asterisk

import (
	"context"
	"slices"
	"sync"
	"time"

	"aftercall/ivr/survey"
)

// eventLimit is how long the event of a caller who is in the application may
// be on its way to us.
const eventLimit = 2 * time.Second

// lookEvery is the time between two looks for callers without a survey.
const lookEvery = 10 * time.Second

// session is one event connection: connect, find out what happened meanwhile,
// then hand on events until the connection ends.
func (n *Node) session(ctx context.Context) error {
	note, err := n.identify(ctx)
	if err != nil {
		return err
	}
	// Who is in the application before we connect did not come to this
	// connection: new callers are sent on by Asterisk while nobody listens.
	before, err := n.client.channels(ctx)
	if err != nil {
		return err
	}
	r, err := n.client.dial(ctx, n.unheard)
	if err != nil {
		return err
	}
	n.listenTo(r)
	defer n.listenTo(nil) // when everybody has been told
	defer n.tellAll(survey.Cut{})
	defer r.conn.CloseNow() //nolint:errcheck // the connection is over either way
	ctx, cancel := context.WithCancel(ctx)
	var helpers sync.WaitGroup
	defer helpers.Wait()
	defer cancel()
	n.mu.Lock()
	n.taken = false
	n.mu.Unlock()
	failed := make(chan error, 1)
	helpers.Go(func() { failed <- r.read(ctx) })
	helpers.Go(func() { r.ping(ctx) })
	if err := n.client.filter(ctx); err != nil {
		n.surveys.Log.Warn("Asterisk sends every type of event: works, costs more", "error", err)
	}
	strangers, err := n.resync(ctx, r, before, note)
	if err != nil {
		return err
	}
	helpers.Go(func() { n.look(ctx, strangers) })
	helpers.Go(func() { n.regain(ctx, r) })
	n.surveys.Log.Info("connected to Asterisk", "app", n.server.App)
	for a := range r.queue {
		n.dispatch(ctx, a)
	}
	return <-failed
}

// resync compares the calls we know with the channels in the application:
// whoever is gone is told so, whoever is still there is told that events come
// again, and whoever was there before us without a survey is adopted. It
// returns those who came since: their events may be on the way.
func (n *Node) resync(ctx context.Context, r *reader, before []string, note string) (strangers []string, err error) {
	n.mu.Lock()
	last := n.serial // later calls began on this connection
	n.mu.Unlock()
	now, err := n.client.channels(ctx)
	if err != nil {
		return nil, err
	}
	// Whoever left since we connected said so: what was told comes before
	// what is concluded.
	if err := r.settle(ctx); err != nil {
		return nil, err
	}
	n.set(true, note) // unless what is told now says otherwise
	for range len(r.queue) {
		n.dispatch(ctx, <-r.queue)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for id, c := range n.calls {
		switch {
		case c.over || c.serial > last:
		case !slices.Contains(now, id):
			c.lose()
		case n.status.Connected:
			c.tell(arrival{time.Now(), survey.Restored{}})
		}
	}
	var orphans []string
	for _, id := range now {
		switch {
		case n.calls[id] != nil:
		case slices.Contains(before, id):
			orphans = append(orphans, id)
		default:
			strangers = append(strangers, id)
		}
	}
	n.helpers.Go(func() { n.recover(ctx, orphans) })
	return strangers, nil
}

// look adopts callers who are in the application without a survey at two
// looks, one after the other: the event of their entry did not reach us.
// The first look comes early: whoever came at the very moment of a
// reconnection was told to the old connection, and seen by resync.
func (n *Node) look(ctx context.Context, before []string) {
	next := time.NewTimer(eventLimit)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
		next.Reset(lookEvery)
		now, err := n.strays(ctx)
		if err != nil {
			n.surveys.Log.Warn("cannot tell whether callers wait without a survey", "error", err)
			continue
		}
		n.adopt(ctx, slices.DeleteFunc(slices.Clone(now), func(id string) bool { return !slices.Contains(before, id) }))
		before = now
	}
}

// strays lists the channels in the application without a survey. If another
// client took the application's name they are that client's.
func (n *Node) strays(ctx context.Context) ([]string, error) {
	all, err := n.client.channels(ctx)
	if err != nil || !n.Status().Connected {
		return nil, err
	}
	return slices.DeleteFunc(all, func(id string) bool { return n.owned(id, nil) }), nil
}

// owned reports whether a channel is in the hands of a survey in progress
// other than c.
func (n *Node) owned(channel string, c *call) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	o := n.calls[channel]
	return o != nil && o != c && !o.over
}

// listenTo names the event connection that surveys hear by from now on.
func (n *Node) listenTo(r *reader) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.reader = r
}

// upToDate reports whether all that Asterisk had to say so far has been read:
// it answers, or the connection is lost and the surveys know. It takes as long
// as a request at most.
func (n *Node) upToDate(ctx context.Context) bool {
	n.mu.Lock()
	r := n.reader
	n.mu.Unlock()
	return r == nil || r.settle(ctx) == nil
}
