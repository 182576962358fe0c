package asterisk

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

// TestConnectionFaults: whatever is wrong, the status says what, and as soon
// as it is cured the node is connected.
func TestConnectionFaults(t *testing.T) {
	for _, c := range []struct {
		name  string
		wrong func(*fake)
		cure  func(*fake)
		want  string // in the status
	}{
		{"wrong password", func(f *fake) { f.Admits("another") }, func(f *fake) { f.Admits("right") }, ErrLogin.Error()},
		{"password refused at the events only", func(f *fake) { f.On("events", status(401)) }, func(f *fake) { f.On("events", nil) }, "events: failed to WebSocket dial: expected handshake response status code 101 but got 401"},
		{"server error", func(f *fake) { f.On("application", status(500)) }, func(f *fake) { f.On("application", nil) }, `application: Asterisk answered 500: {"message":"so the test wants it"}`},
		{"no answer", func(f *fake) { f.On("application", never) }, func(f *fake) { f.On("application", nil) }, "application: Get \"http://asterisk/ari/applications/aftercall\": context deadline exceeded"},
		{"an answer by drops", func(f *fake) { f.On("application", drops) }, func(f *fake) { f.On("application", nil) }, "application: context deadline exceeded"},
		{"no answer to the handshake", func(f *fake) { f.On("events", never) }, func(f *fake) { f.On("events", nil) }, "deadline exceeded"},
		{"no ARI", func(f *fake) { f.On("application", status(404)); f.On("events", status(404)) }, func(f *fake) { f.On("application", nil); f.On("events", nil) }, "but got 404"},
		{"no JSON", func(f *fake) { f.On("application", html) }, func(f *fake) { f.On("application", nil) }, "invalid character '<'"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(w *world) { c.wrong(w.fake) }, func(w *world) {
				w.pass(RequestLimit)
				if s := w.node.Status(); s.Connected || !strings.Contains(s.Error, c.want) {
					t.Errorf("status %+v, want %q", s, c.want)
				}
				w.wantMetric(0, "aftercall_ari_connected", "node1")
				c.cure(w.fake)
				w.pass(lastRetry + RequestLimit)
				if s := w.node.Status(); !s.Connected || s.Error != "" {
					t.Errorf("status after the cure %+v, want connected", s)
				}
				w.wantMetric(1, "aftercall_ari_connected", "node1")
			})
		})
	}
}

// drops answers with a byte a second for as long as somebody reads.
func drops(w http.ResponseWriter, r *http.Request) {
	for r.Context().Err() == nil {
		if _, err := w.Write([]byte(" ")); err != nil || http.NewResponseController(w).Flush() != nil {
			return
		}
		<-time.After(time.Second)
	}
}

func html(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }

// TestRetries: attempts come less and less often, and never more than every
// few seconds.
func TestRetries(t *testing.T) {
	bubble(t, func(w *world) { w.On("application", status(503)) }, func(w *world) {
		w.pass(time.Minute)
		// At 0, 0.25, 0.75, 1.75, 3.75, 7.75 s, then every 5 s.
		if n := w.Count("application"); n != 16 {
			t.Errorf("%d attempts in a minute, want 16", n)
		}
	})
}

// TestFilterRefused: an Asterisk without the filter sends every event, and
// is used all the same.
func TestFilterRefused(t *testing.T) {
	bubble(t, func(w *world) { w.On("filter", status(404)) }, func(w *world) {
		w.enters("c1")
		w.says(key("c1", "3"))
		w.thanked("c1")
		w.wantStory("c1/1", "call, rated 3 dissatisfied, completed")
	})
}

// TestFrozenConnection: a connection on which nothing is answered is given
// up, and another made.
func TestFrozenConnection(t *testing.T) {
	pings := 0
	deaf := func(f *fake) reply {
		return func(w http.ResponseWriter, r *http.Request) {
			conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{OnPingReceived: func(context.Context, []byte) bool {
				pings++
				return pings == 1 // when the node connects, and never again
			}})
			if err != nil {
				f.t.Error(err)
				return
			}
			<-conn.CloseRead(context.WithoutCancel(r.Context())).Done()
		}
	}
	bubble(t, func(w *world) { w.On("events", deaf(w.fake)) }, func(w *world) {
		if !w.node.Status().Connected {
			t.Fatal("not connected to begin with")
		}
		w.On("events", nil)
		w.pass(pingEvery + pingLimit + firstRetry)
		if n := w.Count("events"); n != 2 || !w.node.Status().Connected {
			t.Errorf("%d connections, status %+v, want a second one", n, w.node.Status())
		}
	})
}

// TestCutInMidSurvey: who is gone when the connection stands again is closed
// as lost, who is still there goes on.
func TestCutInMidSurvey(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.enters("gone")
		w.enters("here")
		w.cut()
		if w.node.Status().Connected {
			t.Error("connected after the cut")
		}
		w.Forget("gone")
		w.pass(firstRetry)
		if !w.node.Status().Connected {
			t.Error("not connected again")
		}
		w.says(key("here", "1"))
		w.thanked("here")
		w.wantStory("gone/1", "call, error, lost")
		w.wantStory("here/1", "call, rated 1 satisfied, completed")
		w.wantMetric(0, "aftercall_calls_unasked_total", "leftover")
	})
}

// TestEndThatWasMissed: a caller whose end did not reach us and who comes
// again is asked again.
func TestEndThatWasMissed(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.enters("c1")
		w.cut()
		w.pass(firstRetry)
		w.enters("c1", "v1", "agent=a", "queue=support", "uniqueid=c1", "visit=2")
		w.says(key("c1", "1"))
		w.thanked("c1")
		w.wantStory("c1/1", "call, error, lost")
		w.wantStory("c1/2", "call, rated 1 satisfied, completed")
	})
}

// TestGoneAndBackBehindACut: the same, where the new visit begins while the
// end of the old one is still being stored.
func TestGoneAndBackBehindACut(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.enters("c1")
		w.cut()
		w.Forget("c1")
		gate := make(chan struct{})
		w.store.hold(gate)
		w.pass(firstRetry)
		w.says(w.Start("c1", "v1", "agent=a", "queue=support", "uniqueid=c1", "visit=2"))
		close(gate)
		synctest.Wait()
		w.says(key("c1", "1"))
		w.thanked("c1")
		w.wantStory("c1/1", "call, error, lost")
		w.wantStory("c1/2", "call, rated 1 satisfied, completed")
	})
}

// TestLeftovers: callers of whom Asterisk does not say more are released at
// once.
func TestLeftovers(t *testing.T) {
	bubble(t, func(w *world) {
		w.Holds("old1", "old2")
		w.On("channel", status(500))
	}, func(w *world) {
		if w.Count("continue old1") != 1 || w.Count("continue old2") != 1 {
			t.Errorf("requests %v, want both released once", w.Requests())
		}
		w.wantMetric(2, "aftercall_calls_unasked_total", "leftover")
	})
}

// TestBetweenTwoConnections: of two callers who come while the connection is
// made anew, the one whose event was told to the old one is asked too.
func TestBetweenTwoConnections(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.On("filter", func(http.ResponseWriter, *http.Request) {
			<-time.After(time.Millisecond)                                       // the connection stands on both sides
			w.Start("limbo", "v1", "agent=a", "queue=support", "uniqueid=limbo") // nobody hears of it
			w.Send(w.Start("c1", "v1", "agent=a", "queue=support", "uniqueid=c1"))
		})
		w.cut()
		w.pass(firstRetry)
		w.pass(eventLimit)
		for _, c := range []string{"c1", "limbo"} {
			w.says(w.Playback("PlaybackStarted", c, 0))
			w.says(key(c, "1"))
			w.thanked(c)
			w.wantStory(c+"/1", "call, rated 1 satisfied, completed")
			if w.Count("continue "+c) != 1 {
				t.Errorf("requests %v, want %s released once", w.Requests(), c)
			}
		}
	})
}

// TestResyncFails: a connection on which nobody knows who is there is not
// used.
func TestResyncFails(t *testing.T) {
	broken := func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusBadGateway) }
	bubble(t, func(w *world) {
		w.On("filter", func(http.ResponseWriter, *http.Request) { w.On("application", broken) })
	}, func(w *world) {
		if s := w.node.Status(); s.Connected || !strings.Contains(s.Error, "application: Asterisk answered 502: no") {
			t.Errorf("status %+v, want the fault of the second look", s)
		}
		w.says(w.Start("c1", "v1", "uniqueid=c1")) // comes to a connection that is given up
		w.On("filter", nil)
		w.On("application", nil)
		w.pass(lastRetry)
		if !w.node.Status().Connected || w.Count("play c1") != 1 {
			t.Errorf("status %+v, requests %v, want connected and the caller asked", w.node.Status(), w.Requests())
		}
	})
}
