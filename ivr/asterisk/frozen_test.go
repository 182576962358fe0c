package asterisk

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

// icy is a connection on which nothing is read while it is frozen.
type icy struct {
	net.Conn
	frozen *atomic.Pointer[chan struct{}]
}

func (c icy) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if until := c.frozen.Load(); until != nil {
		<-*until
	}
	return n, err
}

// TestFrozenBehindTheLastReading: Asterisk stands still while the caller's last
// wait for a key runs out. A key that was pressed meanwhile counts, and a silence
// is not the caller's where the connection is given up.
func TestFrozenBehindTheLastReading(t *testing.T) {
	for _, c := range []struct {
		name, key string
		thaws     time.Duration // behind the freeze
		want      string
	}{
		{"a key", "1", 4500 * time.Millisecond, "call, rated 1 satisfied, completed"},
		{"no key", "", 4500 * time.Millisecond, "call, no_input, silent"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var frozen atomic.Pointer[chan struct{}]
			bubble(t, func(w *world) {
				w.node.client.http.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
					conn, err := w.net.Dial(ctx, network, addr)
					return icy{conn, &frozen}, err
				}
			}, func(w *world) {
				w.enters("c1")
				for range 2 { // readings
					w.reads("c1")
					w.pass(time.Second)
					if w.Count("play c1") < 2 {
						w.pass(5 * time.Second)
					}
				}
				until := make(chan struct{})
				frozen.Store(&until)
				if c.key != "" {
					w.Send(key("c1", c.key))
				}
				w.pass(c.thaws)
				frozen.Store(nil)
				close(until)
				w.pass(3 * time.Second)
				if c.key != "" {
					w.thanked("c1")
				} else {
					w.hangsUp("c1")
				}
				w.wantStory("c1/1", c.want)
			})
		})
	}
}

// TestAnswersAreLate: an Asterisk that takes its time for every answer holds up
// nobody for ever.
func TestAnswersAreLate(t *testing.T) {
	const takes = 400 * time.Millisecond
	var slow atomic.Bool
	bubble(t, func(w *world) {
		w.node.client.http.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := w.net.Dial(ctx, network, addr)
			return sluggish{conn, &slow, takes}, err
		}
	}, func(w *world) {
		w.enters("c1")
		slow.Store(true)
		for range 2 { // readings
			w.reads("c1")
			w.pass(10 * time.Second) // the wait for a key, and what Asterisk takes
		}
		slow.Store(false)
		w.pass(takes)
		if w.Count("play c1") != 2 || w.Count("continue c1") == 0 {
			t.Errorf("requests %v, want two readings, and the caller given back", w.Requests())
		}
		w.hangsUp("c1")
		w.wantStory("c1/1", "call, no_input, silent")
	})
}

// sluggish is a connection on which everything comes late.
type sluggish struct {
	net.Conn
	slow  *atomic.Bool
	takes time.Duration
}

func (c sluggish) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.slow.Load() {
		<-time.After(c.takes)
	}
	return n, err
}
