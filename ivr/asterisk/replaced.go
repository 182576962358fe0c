package asterisk

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"aftercall/ivr/survey"
	"aftercall/scoring/metrics"
)

// regainEvery is the time between two looks whether a name that another
// client took is free again.
const regainEvery = 5 * time.Second

// replaced: another client connected with our application's name. It gets all
// events from now on, ours gets none, and Asterisk gives nothing back when
// that client leaves.
func (n *Node) replaced() {
	n.surveys.Meter.Event(metrics.Handled)
	n.surveys.Meter.Replaced(n.server.Name)
	n.tellAll(survey.Cut{})
	n.mu.Lock()
	n.taken = true
	n.mu.Unlock()
	n.set(false, "another client took the application name "+strconv.Quote(n.server.App)+": all events go there; give each client a name of its own")
	n.surveys.Log.Error("another client took our application name: no caller is asked by this service until that client is gone; give each client a name of its own", "app", n.server.App)
}

// regain ends the connection once the client that took our name is gone, so
// that another is made. As long as that client is there, connecting would
// only take the name from it: two services would throw each other out for
// ever. Asterisk forgets a name when its client and its callers are gone. If
// callers are left behind whom nobody follows, the name is taken for their
// sake: see deserted.
func (n *Node) regain(ctx context.Context, r *reader) {
	tick := time.NewTicker(regainEvery)
	defer tick.Stop()
	var left watch
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		n.mu.Lock()
		taken := n.taken
		n.mu.Unlock()
		if !taken {
			continue
		}
		channels, err := n.client.registered(ctx)
		switch {
		case errors.Is(err, ErrGone):
			n.surveys.Log.Info("our application name is free again", "app", n.server.App)
		case err == nil && n.deserted(channels, &left):
			n.surveys.Log.Warn("took our application name again: callers were left in it", "app", n.server.App, "callers", len(left.callers))
		default:
			continue
		}
		_ = r.conn.CloseNow() // read returns with its error
		return
	}
}

// Without a client Asterisk lets nobody new into an application, but keeps who
// is there, in silence, until the dialplan's limit. What cannot be seen is
// whether a client is still there. So callers count as deserted when nobody
// new came for so long, each time twice as long as before: two services that
// share a name by mistake must not throw each other out again and again. Hours
// later it is another client's fault.
const (
	firstDeserted = 15 * time.Second
	lastDeserted  = 10 * time.Minute
	forgiven      = 2 * time.Hour
)

// watch is who is in the application without a survey of ours, and since when
// nobody has come to them.
type watch struct {
	callers []string
	since   time.Time
}

// deserted tells whether callers were left behind by the client that took our
// name.
func (n *Node) deserted(channels []string, w *watch) bool {
	channels = slices.DeleteFunc(channels, func(id string) bool { return n.owned(id, nil) })
	came := slices.ContainsFunc(channels, func(id string) bool { return !slices.Contains(w.callers, id) })
	w.callers = channels
	if came || len(channels) == 0 {
		w.since = time.Now()
		return false
	}
	if time.Since(n.retaken) > forgiven {
		n.patience = firstDeserted
	}
	if time.Since(w.since) < n.patience {
		return false
	}
	n.retaken = time.Now()
	n.patience = min(2*n.patience, lastDeserted)
	return true
}
