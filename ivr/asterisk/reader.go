package asterisk

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"aftercall/scoring/metrics"

	"github.com/coder/websocket"
)

// Limits of the event connection.
const (
	pingEvery  = 2 * time.Second
	pingLimit  = 4 * time.Second // without a pong the connection counts as lost
	maxEvent   = 1 << 20         // bytes
	queueBound = 8192            // events that wait for the dispatcher
)

// arrival is something that came for a call or a node, stamped once.
type arrival struct {
	at    time.Time
	event any // what Asterisk said (*said), or a survey.Event
}

// reader is one event connection. It only reads, decodes and enqueues: a
// client that stops reading for a moment is thrown out by Asterisk.
//
// The library's own event loop is not used: an event type that it does not
// know ends the process, and its bus loses events beyond 100 unread.
type reader struct {
	conn  *websocket.Conn
	queue chan arrival
	meter *metrics.Service
	// unheard is told the channel of a caller whose entry cannot be handed on.
	// It must not wait.
	unheard func(channel string)
}

// dial opens the event connection of the application. From then on, callers
// who enter Stasis() with its name are ours.
func (c *client) dial(ctx context.Context, unheard func(channel string)) (*reader, error) {
	u, err := url.Parse(c.server.URL)
	if err != nil {
		return nil, fmt.Errorf("url: %w", err)
	}
	u.Scheme = strings.Replace(u.Scheme, "http", "ws", 1)
	u = u.JoinPath("events")
	u.RawQuery = url.Values{"app": {c.server.App}}.Encode()
	ctx, cancel := context.WithTimeout(ctx, RequestLimit)
	defer cancel()
	login := base64.StdEncoding.EncodeToString([]byte(c.server.Username + ":" + c.server.Password))
	conn, _, err := websocket.Dial(ctx, u.String(), &websocket.DialOptions{HTTPClient: c.http, HTTPHeader: http.Header{"Authorization": {"Basic " + login}}})
	if err != nil {
		return nil, fmt.Errorf("node %q: events: %w", c.server.Name, err)
	}
	conn.SetReadLimit(maxEvent)
	return &reader{conn: conn, queue: make(chan arrival, queueBound), meter: c.meter, unheard: unheard}, nil
}

// read enqueues what comes until the connection ends, then closes the queue.
func (r *reader) read(ctx context.Context) error {
	defer close(r.queue)
	// A Read with a context that can end registers with it for the header of an
	// event and for each piece that it reads of it: here it is done once for all.
	stop := context.AfterFunc(ctx, func() { _ = r.conn.CloseNow() })
	defer stop()
	ctx = context.WithoutCancel(ctx)
	for {
		_, data, err := r.conn.Read(ctx)
		if err != nil {
			return err
		}
		at := time.Now()
		event, fault := decode(data)
		if fault != "" {
			r.meter.Event(fault)
			if channel := entered(data); channel != "" {
				r.unheard(channel)
			}
			continue
		}
		select {
		case r.queue <- arrival{at, event}:
		default:
			r.meter.Event(metrics.Dropped)
			if event.Type == stasisStart {
				r.unheard(event.Channel.ID)
			}
		}
	}
}

// settle waits until all that Asterisk has said so far is in the queue: the
// answer to a ping comes behind it.
func (r *reader) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, RequestLimit)
	defer cancel()
	return r.conn.Ping(ctx)
}

// ping notices a connection that stands and carries nothing.
func (r *reader) ping(ctx context.Context) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		limit, cancel := context.WithTimeout(ctx, pingLimit)
		err := r.conn.Ping(limit)
		cancel()
		if err != nil {
			_ = r.conn.CloseNow() // read returns with its error
			return
		}
	}
}
