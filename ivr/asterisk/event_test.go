package asterisk

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestEverythingTwice: an event that comes again changes nothing.
func TestEverythingTwice(t *testing.T) {
	bubble(t, nil, func(w *world) {
		twice := func(e string) { w.says(e, e) }
		twice(w.Start("c1", "v1", "agent=a", "queue=support", "uniqueid=c1", "visit=1"))
		for i := range 3 {
			twice(w.Playback("PlaybackStarted", "c1", i))
			w.pass(time.Second)
			if i < 2 {
				twice(w.Playback("PlaybackContinuing", "c1", i))
			}
		}
		twice(w.Playback("PlaybackFinished", "c1", 2))
		twice(key("c1", "1"))
		twice(w.Playback("PlaybackStarted", "c1", 0))
		w.pass(time.Second)
		twice(w.Playback("PlaybackFinished", "c1", 0))
		end := event("StasisEnd", "channel", object{"id": "c1"})
		w.says(end, end)
		w.wantStory("c1/1", "call, rated 1 satisfied, completed")
		w.wantMetric(1, "aftercall_calls_ended_total")
		if keys := len(w.store.keys("c1/1")); keys != 2 {
			t.Errorf("%d keys kept, want 2: every one received", keys)
		}
		if got := w.store.last("c1/1").Answers[0]; got.Heard != 2 || got.Reading != 1 || got.PressMS != 3000 {
			t.Errorf("answer %+v, want 2 options heard, reading 1, at 3000 ms", got)
		}
	})
}

// TestSoundsEnd: the start of a sound tells of the end of the one before, and
// with that how long it took. One that took no time was not there. An event
// that comes again, or late, tells of nothing.
func TestSoundsEnd(t *testing.T) {
	for _, c := range []struct {
		name  string
		items []int // that start, in this order
		every time.Duration
		want  string
	}{
		{"all are there", []int{0, 1, 2}, time.Second, "call, rated 1 satisfied, completed"},
		{"one is missing", []int{0, 1, 2}, 5 * time.Millisecond, "call, error, audio"},
		{"each comes twice", []int{0, 0, 1, 1, 2, 2}, time.Second, "call, rated 1 satisfied, completed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, nil, func(w *world) {
				w.says(w.Start("c1", "v1", "agent=a", "queue=support", "uniqueid=c1", "visit=1"))
				for _, item := range c.items {
					w.says(w.Playback("PlaybackStarted", "c1", item))
					w.pass(c.every)
				}
				old := w.Playback("PlaybackStarted", "c1", 0)
				w.pass(3 * time.Second)
				w.says(old)
				if strings.Contains(c.want, "rated") {
					w.says(key("c1", "1"))
					w.thanked("c1")
				} else {
					w.hangsUp("c1")
				}
				w.wantStory("c1/1", c.want)
			})
		})
	}
}

// TestFilter: Asterisk is asked for the events that are needed alone.
func TestFilter(t *testing.T) {
	var asked atomic.Value
	bubble(t, func(w *world) {
		w.On("filter", func(_ http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			asked.Store(string(body))
		})
	}, func(*world) {})
	want := `{"allowed":[{"type":"StasisStart"},{"type":"StasisEnd"},{"type":"ChannelHangupRequest"},{"type":"ChannelDtmfReceived"},{"type":"PlaybackStarted"},{"type":"PlaybackFinished"},{"type":"ApplicationReplaced"}]}`
	if got := asked.Load(); got != want {
		t.Errorf("asked for %v, want %s", got, want)
	}
}

// TestSecondStart: the event that began a visit comes again after its end.
func TestSecondStart(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.enters("c1")
		w.says(key("c1", "1"))
		w.thanked("c1")
		w.says(w.Start("c1", "v1", "agent=a", "queue=support", "uniqueid=c1", "visit=1"))
		w.wantStory("c1/1", "call, rated 1 satisfied, completed, call")
		w.wantMetric(1, "aftercall_calls_unasked_total", "known")
		w.wantMetric(1, "aftercall_calls_ended_total")
		if n := w.Count("continue c1"); n != 2 {
			t.Errorf("released %d times, want twice: the caller must not wait", n)
		}
	})
}

// TestBackAtOnce: a caller who left and came again while the store still
// takes the end of the first visit is asked again, and the first visit has
// nothing more to say to the channel.
func TestBackAtOnce(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.enters("c1")
		gate := make(chan struct{})
		w.store.hold(gate)
		w.says(key("c1", "1")) // its rating waits for the store
		w.Forget("c1")
		w.says(event("StasisEnd", "channel", object{"id": "c1"}), w.Start("c1", "v1", "agent=a", "queue=support", "uniqueid=c1", "visit=2"))
		close(gate)
		synctest.Wait()
		if n := w.Count("play c1"); n != 2 || w.Count("continue c1") != 0 {
			t.Errorf("requests %v, want one menu for each visit and no release", w.Requests())
		}
		w.says(w.Playback("PlaybackStarted", "c1", 0))
		w.says(key("c1", "3"))
		w.thanked("c1")
		w.wantStory("c1/1", "call, rated 1 satisfied, completed")
		w.wantStory("c1/2", "call, rated 3 dissatisfied, completed")
	})
}

// TestStrangeEvents: what is no event of ours is counted and changes nothing.
func TestStrangeEvents(t *testing.T) {
	known := `"channel":{"id":"c1"}`
	for _, c := range []struct{ name, event, counted string }{
		{"type the library does not know", `{"type":"ChannelToneDetected",` + known + `}`, "ignored"},
		{"type nobody reads", `{"type":"ChannelVarset",` + known + `}`, "ignored"},
		{"no type", `{}`, "undecodable"},
		{"no object", `[1,2]`, "undecodable"},
		{"null", `null`, "undecodable"},
		{"half an object", `{"type":"StasisEnd","channel":{"id":"c1`, "undecodable"},
		{"nothing", ``, "undecodable"},
		{"key with a bad time", `{"type":"ChannelDtmfReceived","timestamp":"yesterday","digit":"1",` + known + `}`, "undecodable"},
		{"end with a bad time", `{"type":"StasisEnd","timestamp":17,` + known + `}`, "undecodable"},
		{"start without a channel", `{"type":"StasisStart","args":["v1","uniqueid=x"]}`, "handled"},
		{"key of nobody", key("nobody", "1"), "ignored"},
		{"end of nobody", `{"type":"StasisEnd","channel":{"id":"nobody"}}`, "ignored"},
		{"playback of nobody", `{"type":"PlaybackFinished","playback":{"id":"nobody_1.1"}}`, "ignored"},
		{"playback of another program", `{"type":"PlaybackFinished","playback":{"id":"beep","state":"done"}}`, "ignored"},
		{"playback of a list not played", `{"type":"PlaybackFinished","playback":{"id":"c1_1-0.9","state":"failed"}}`, "handled"},
		{"playback of an earlier call", `{"type":"PlaybackFinished","playback":{"id":"c1_0.1","state":"failed"}}`, "handled"},
		{"playback with no number", `{"type":"PlaybackFinished","playback":{"id":"c1_x","state":"failed"}}`, "handled"},
		{"no key", key("c1", ""), "handled"},
		{"two keys", key("c1", "13"), "handled"},
		{"a letter", key("c1", "é"), "handled"},
		{"a space", key("c1", " "), "handled"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, nil, func(w *world) {
				w.enters("c1")
				before := w.metric("aftercall_ari_events_total", c.counted)
				w.says(c.event)
				if got := w.metric("aftercall_ari_events_total", c.counted) - before; got != 1 {
					t.Errorf("counted %v times as %s, want once", got, c.counted)
				}
				w.says(key("c1", "3"))
				w.thanked("c1")
				w.wantStory("c1/1", "call, rated 3 dissatisfied, completed")
				if keys := w.store.keys("c1/1"); len(keys) != 1 {
					t.Errorf("keys %+v, want the one that was pressed", keys)
				}
			})
		})
	}
}

// TestReplaced: the node says so when another client has its name.
func TestReplaced(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.says(`{"type":"ApplicationReplaced","application":"aftercall"}`)
		if s := w.node.Status(); s.Connected || !strings.Contains(s.Error, `another client took the application name "aftercall"`) {
			t.Errorf("status %+v, want it to say that the name was taken", s)
		}
		w.wantMetric(1, "aftercall_ari_replaced_total", "node1")
		w.wantMetric(0, "aftercall_ari_connected", "node1")
	})
}

// TestFlood: more events than a call can keep are dropped and counted; the
// call and everybody else go on.
func TestFlood(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.enters("c1")
		w.enters("c2")
		gate := make(chan struct{})
		w.store.hold(gate)
		w.says(key("c1", "1"))
		for range inboxBound + 10 {
			w.Send(key("c1", "2"))
		}
		synctest.Wait()
		w.wantMetric(10, "aftercall_ari_events_total", "dropped")
		close(gate)
		synctest.Wait()
		w.says(key("c2", "1"))
		w.thanked("c1")
		w.thanked("c2")
		w.wantStory("c1/1", "call, rated 1 satisfied, completed")
		w.wantStory("c2/1", "call, rated 1 satisfied, completed")
	})
}

// TestOverload: who comes beyond the bound is sent on, and nobody waits for
// that.
func TestOverload(t *testing.T) {
	bubble(t, nil, func(w *world) {
		for i := range MaxActive {
			w.Send(w.Start(fmt.Sprint("c", i), "v1", "agent=a", "queue=support", "visit=1"))
		}
		synctest.Wait()
		if n := w.node.Status().Active; n != MaxActive {
			t.Fatalf("%d surveys in progress, want %d", n, MaxActive)
		}
		w.On("continue", never)
		w.says(w.Start("beyond", "v1", "uniqueid=beyond"))
		w.says(key("c0", "1")) // while the request for the other hangs
		w.wantStory("c0/1", "call, rated 1 satisfied")
		w.wantStory("beyond/1", "")
		w.wantMetric(1, "aftercall_calls_unasked_total", "overloaded")
		if w.Count("continue beyond") != 1 {
			t.Error("the caller beyond the bound was not released")
		}
		w.On("continue", nil) // for the others; Run waits for the one that hangs
	})
}

// TestSameVisitWhileItIsWritten: a caller who left while the store still takes
// the entry comes again as the same visit: asked twice, one visit would have
// the records of two surveys.
func TestSameVisitWhileItIsWritten(t *testing.T) {
	bubble(t, nil, func(w *world) {
		gate := make(chan struct{})
		w.store.hold(gate)
		start := w.Start("c1", "v1", "agent=a", "queue=support", "uniqueid=c1", "visit=1")
		w.says(start, event("StasisEnd", "channel", object{"id": "c1"}))
		w.store.on(nil)
		w.says(start, w.Start("c2", "v1", "agent=a", "queue=support", "uniqueid=c1", "visit=1")) // a dialplan that mixes up its callers
		close(gate)
		synctest.Wait()
		if w.Count("play c1")+w.Count("play c2") != 0 || w.Count("continue c1") != 1 || w.Count("continue c2") != 1 {
			t.Errorf("requests %v, want the callers sent on unasked", w.Requests())
		}
		w.wantStory("c1/1", "call, hangup, caller_left")
		w.wantMetric(2, "aftercall_calls_unasked_total", "known")
	})
}
