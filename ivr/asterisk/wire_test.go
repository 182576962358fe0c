package asterisk

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
)

// frame is an event in one frame of a text, as a server sends it; first is
// its first byte.
func frame(first byte, text string) []byte {
	n := len(text)
	return append([]byte{first, 127, 0, 0, 0, 0, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, text...)
}

// TestWireTrouble: what cannot be read off the event connection ends it, and
// the question that was open is asked again on the next; what can be read
// counts. Nobody loses a rating, and it shows.
func TestWireTrouble(t *testing.T) {
	pressed := func() string { return key("c1", "1") }
	for _, c := range []struct {
		name    string
		happens func(w *world)
		ends    bool // the connection
		rates   bool // the caller, by that very event
	}{
		{"cut in the middle of a frame", func(w *world) { w.SendRaw(frame(0x81, pressed())[:40]); w.cut() }, true, false},
		{"longer than is read", func(w *world) {
			w.SendRaw(frame(0x81, strings.Replace(pressed(), "{", `{"padding":"`+strings.Repeat("x", maxEvent)+`",`, 1)))
		}, true, false},
		{"almost that long", func(w *world) {
			w.Send(strings.Replace(pressed(), "{", `{"padding":"`+strings.Repeat("x", maxEvent-1000)+`",`, 1))
		}, false, true},
		{"in a binary frame", func(w *world) { w.SendBinary(pressed()) }, false, true},
		{"compressed, though nobody agreed to that", func(w *world) { w.SendRaw(frame(0xc1, pressed())) }, true, false},
		{"of a kind that does not exist", func(w *world) { w.SendRaw(frame(0x83, pressed())) }, true, false},
		{"in two frames", func(w *world) {
			w.SendRaw(append(frame(0x01, pressed()[:20]), frame(0x80, pressed()[20:])...))
		}, false, true},
		{"goodbye", func(w *world) { w.SendRaw([]byte{0x88, 2, 0x03, 0xe9}) }, true, false},
		{"no frame at all", func(w *world) { w.SendRaw([]byte("HTTP/1.1 500 no\r\n\r\n")) }, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, nil, func(w *world) {
				w.enters("c1")
				before := w.Count("events")
				c.happens(w)
				synctest.Wait()
				if ended := !w.node.Status().Connected; ended != c.ends {
					t.Errorf("the connection ended: %v, want %v", ended, c.ends)
				}
				if c.ends {
					w.pass(firstRetry)
					if n := w.Count("events") - before; n != 1 || !w.node.Status().Connected {
						t.Errorf("%d new connections, status %+v, want one", n, w.node.Status())
					}
				}
				if !c.rates {
					w.wantStory("c1/1", "call")
					w.says(w.Playback("PlaybackStarted", "c1", 0))
					w.says(key("c1", "3"))
				}
				w.thanked("c1")
				want := map[bool]string{true: "call, rated 1 satisfied, completed", false: "call, rated 3 dissatisfied, completed"}[c.rates]
				w.wantStory("c1/1", want)
				if n := len(w.store.keys("c1/1")); n != 1 {
					t.Errorf("%d keys kept, want the one that could be read", n)
				}
			})
		})
	}
}

// TestBurst: thousands of events in one go, more than wait for the
// dispatcher, are all counted, and a caller among them is neither lost nor
// held.
func TestBurst(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.enters("c1")
		nobody := key("nobody", "1")
		var all []byte
		for range queueBound + 500 {
			all = append(all, frame(0x81, nobody)...)
		}
		all = append(all, frame(0x81, key("c1", "1"))...)
		w.SendRaw(all)
		synctest.Wait()
		seen := w.metric("aftercall_ari_events_total", "ignored") + w.metric("aftercall_ari_events_total", "dropped")
		if seen < queueBound+500 {
			t.Errorf("%v events counted, want %d", seen, queueBound+500)
		}
		w.says(key("c1", "1")) // once more, if the first was among those
		w.thanked("c1")
		w.wantStory("c1/1", "call, rated 1 satisfied, completed")
	})
}

// TestFullQueue: with the dispatcher held up, what does not fit is dropped and
// counted, a caller whose entry was among it is released, and whoever was
// asked goes on.
func TestFullQueue(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.enters("c1")
		w.node.mu.Lock() // holds the dispatcher up
		var all []byte
		for i := range queueBound + 100 {
			all = append(all, frame(0x81, key(fmt.Sprint("nobody", i), "1"))...)
		}
		w.SendRaw(append(all, frame(0x81, w.Start("late", "v1", "agent=a", "queue=support", "uniqueid=late"))...))
		for w.metric("aftercall_ari_events_total", "dropped") < 100 {
			runtime.Gosched() // no time passes, and nobody sleeps, until the lock is free
		}
		w.node.mu.Unlock()
		synctest.Wait()
		w.pass(eventLimit)
		w.wantMetric(100, "aftercall_ari_events_total", "dropped") // the entry, and the rest but the one that is dispatched
		if w.Count("continue late") != 1 || w.Count("play late") != 0 {
			t.Errorf("requests %v, want the caller released unasked", w.Requests())
		}
		w.wantMetric(1, "aftercall_calls_unasked_total", "unheard")
		w.says(key("c1", "1"))
		w.thanked("c1")
		w.wantStory("c1/1", "call, rated 1 satisfied, completed")
	})
}
