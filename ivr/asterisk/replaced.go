package asterisk

import (
	"context"
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
// ever. Asterisk forgets a name when its client and its callers are gone.
func (n *Node) regain(ctx context.Context, r *reader) {
	tick := time.NewTicker(regainEvery)
	defer tick.Stop()
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
		registered, err := n.client.registered(ctx)
		if err != nil || registered {
			continue
		}
		n.surveys.Log.Info("our application name is free again", "app", n.server.App)
		_ = r.conn.CloseNow() // read returns with its error
		return
	}
}
