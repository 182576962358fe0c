package asterisk

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"aftercall/ivr/survey"
	"aftercall/scoring"
)

// listener is a call in progress that only keeps what it is told. It is in
// the application unless it is forgotten.
func (w *world) listener(channel string) *call {
	w.Start(channel)
	c := &call{node: w.node, channel: channel, inbox: make(chan arrival, inboxBound), log: w.node.surveys.Log}
	w.node.mu.Lock()
	defer w.node.mu.Unlock()
	w.node.calls[channel] = c
	return c
}

// told gives what a listener was told, as text, and ends it.
func (w *world) told(c *call) (out []string) {
	synctest.Wait()
	w.node.mu.Lock()
	defer w.node.mu.Unlock()
	delete(w.node.calls, c.channel)
	for len(c.inbox) > 0 {
		switch e := (<-c.inbox).event.(type) {
		case *said:
			out = append(out, e.Type)
		default:
			out = append(out, fmt.Sprintf("%T", e))
		}
	}
	return out
}

// TestCutAndRestored: every call is told that keys do not reach us, and when
// they do again; what was said on the new connection comes first.
func TestCutAndRestored(t *testing.T) {
	bubble(t, nil, func(w *world) {
		here, gone, left := w.listener("here"), w.listener("gone"), w.listener("left")
		w.On("filter", func(http.ResponseWriter, *http.Request) {
			<-time.After(time.Millisecond) // the connection stands on both sides
			w.Forget("left")
			w.Send(key("here", "1"), event("StasisEnd", "channel", object{"id": "left"}))
		})
		w.cut()
		w.Forget("gone")
		w.pass(firstRetry + time.Millisecond)
		for _, c := range []struct {
			call *call
			want []string
		}{
			{here, []string{"survey.Cut", dtmfReceived, "survey.Restored"}},
			{gone, []string{"survey.Cut", "survey.Left"}},
			{left, []string{"survey.Cut", stasisEnd}},
		} {
			if got := w.told(c.call); !slices.Equal(got, c.want) {
				t.Errorf("call %s was told %v, want %v", c.call.channel, got, c.want)
			}
		}
	})
}

// TestSilenceWhileDeaf: a caller who pressed nothing that we could hear is
// not stored as one who pressed nothing; who is asked again and still presses
// nothing is.
func TestSilenceWhileDeaf(t *testing.T) {
	for name, story := range map[string]string{"cut for good": "call, error, lost", "cut": "call, no_input, silent", "stands": "call, no_input, silent"} {
		t.Run(name, func(t *testing.T) {
			bubble(t, nil, func(w *world) {
				w.enters("c1")
				w.reads("c1")
				switch name {
				case "cut":
					w.cut()
					w.pass(firstRetry + time.Millisecond)
					w.says(w.Playback("PlaybackStarted", "c1", 0))
					w.reads("c1")
				case "cut for good":
					w.On("events", status(503))
					w.cut()
				}
				w.pass(6 * time.Second) // the wait of the first reading ran out
				w.reads("c1")
				w.pass(6 * time.Second)
				w.wantStory("c1/1", story)
			})
		})
	}
}

// TestHangUpBehindACut: a hang-up that the new connection tells of is one.
func TestHangUpBehindACut(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.enters("c1")
		w.On("filter", func(http.ResponseWriter, *http.Request) {
			<-time.After(time.Millisecond) // the connection stands on both sides
			w.Forget("c1")
			w.Send(event("StasisEnd", "channel", object{"id": "c1"}))
		})
		w.cut()
		w.pass(firstRetry + time.Millisecond)
		w.wantStory("c1/1", "call, hangup, caller_left")
	})
}

// TestEntryBehindALook: a caller who comes after Asterisk said who is there,
// and before we have gone through that, is not taken for one who is gone.
func TestEntryBehindALook(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.On("filter", func(http.ResponseWriter, *http.Request) {
			<-time.After(time.Millisecond) // the connection stands on both sides
			w.On("application", func(rw http.ResponseWriter, _ *http.Request) {
				w.On("application", nil)
				w.Send(w.Start("c1", "v1", "agent=a", "queue=support", "uniqueid=c1"))
				_ = json.NewEncoder(rw).Encode(object{"channel_ids": []string{}})
			})
		})
		w.cut()
		w.pass(firstRetry + time.Millisecond)
		w.says(w.Playback("PlaybackStarted", "c1", 0))
		w.says(key("c1", "1"))
		w.thanked("c1")
		w.wantStory("c1/1", "call, rated 1 satisfied, completed")
	})
}

// TestDeafByReplacement: whose events another client gets are cut off too,
// and that client's callers are none of ours.
func TestDeafByReplacement(t *testing.T) {
	bubble(t, nil, func(w *world) {
		c := w.listener("c1")
		w.says(`{"type":"ApplicationReplaced","application":"aftercall"}`)
		for i := range 6 { // they come and go
			w.Start(fmt.Sprint("theirs", i))
			w.pass(firstDeserted - time.Second)
			w.Forget(fmt.Sprint("theirs", i))
		}
		if got := w.told(c); !slices.Equal(got, []string{"survey.Cut"}) {
			t.Errorf("told %v, want the cut", got)
		}
		if n := w.Count("events"); n != 1 {
			t.Errorf("%d connections, want the other client left alone", n)
		}
	})
}

// TestDeserted: the other client is gone, and its callers keep the name from
// being forgotten: it is taken for their sake, at ever longer intervals, until
// that is long ago.
func TestDeserted(t *testing.T) {
	bubble(t, nil, func(w *world) {
		for i, patience := range []time.Duration{firstDeserted, 2 * firstDeserted, 4 * firstDeserted, firstDeserted} {
			if i == 3 {
				w.pass(forgiven)
			}
			w.says(`{"type":"ApplicationReplaced","application":"aftercall"}`)
			left := fmt.Sprint("left", i)
			w.Start(left, "v1", "agent=a", "queue=support", "uniqueid="+left)
			w.pass(patience - time.Second)
			if n := w.Count("events"); n != i+1 {
				t.Errorf("%d connections, want the other client left alone for %s", n, patience)
			}
			for end := time.Now().Add(2*regainEvery + time.Second); w.Count("events") == i+1 && time.Now().Before(end); {
				w.pass(firstRetry)
			}
			if w.Count("events") != i+2 || w.Count("play "+left) != 1 {
				t.Errorf("%d connections, %d lists: want the name taken again and the caller asked", w.Count("events"), w.Count("play "+left))
			}
			w.says(w.Playback("PlaybackStarted", left, 0))
			w.hangsUp(left)
		}
	})
}

// TestNameRegained: once the other client is gone, the name is taken again;
// before that it is left to it.
func TestNameRegained(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.says(`{"type":"ApplicationReplaced","application":"aftercall"}`)
		w.pass(time.Minute)
		if n := w.Count("events"); n != 1 || w.node.Status().Connected {
			t.Errorf("%d connections, want the other client left alone", n)
		}
		w.On("application", status(404))
		w.pass(regainEvery + firstRetry)
		w.On("application", nil)
		if n := w.Count("events"); n != 2 || !w.node.Status().Connected {
			t.Errorf("%d connections, status %+v, want the name taken again", n, w.node.Status())
		}
		w.pass(2 * regainEvery)
		if n := w.Count("events"); n != 2 {
			t.Errorf("%d connections, want no third", n)
		}
	})
}

// TestReplacedWhileConnecting: the new connection's name was taken before we
// had looked around.
func TestReplacedWhileConnecting(t *testing.T) {
	bubble(t, nil, func(w *world) {
		c := w.listener("c1")
		w.On("filter", func(http.ResponseWriter, *http.Request) {
			<-time.After(time.Millisecond) // the connection stands on both sides
			w.Send(`{"type":"ApplicationReplaced","application":"aftercall"}`)
		})
		w.cut()
		w.pass(firstRetry + time.Millisecond)
		if got := w.told(c); !slices.Equal(got, []string{"survey.Cut", "survey.Cut"}) || w.node.Status().Connected {
			t.Errorf("told %v, status %+v, want the calls cut off", got, w.node.Status())
		}
	})
}

// TestSeriesOfManyAgents: when no more agents can be remembered, the totals
// are declared each time: a series born at 1 loses its first rating.
func TestSeriesOfManyAgents(t *testing.T) {
	bubble(t, nil, func(w *world) {
		for i := range maxBorn {
			w.node.declared(w.node.surveys.Asking(), fmt.Sprint("agent", i), "support")
		}
		for _, c := range []string{"c1", "c2"} {
			w.enters(c)
			w.hangsUp(c)
		}
		born := 0
		for _, r := range w.store.records {
			born += len(r.Born)
		}
		if born != 2*7 || len(w.node.born) != maxBorn {
			t.Errorf("%d totals declared, %d agents remembered, want 7 with each call, %d", born, len(w.node.born), maxBorn)
		}
	})
}

// TestHeldUp: an alarm that is long due tells that the service stood still.
// The key that was pressed meanwhile comes first, though it is read behind it.
func TestHeldUp(t *testing.T) {
	for key, want := range map[string]string{"1": "rated 1 satisfied, completed", "": "error, audio"} {
		t.Run("key "+key, func(t *testing.T) {
			bubble(t, nil, func(w *world) {
				c := w.listener("c1")
				c.alarm, c.id, c.entry.at = time.NewTimer(time.Hour), scoring.CallID{UniqueID: "c1", Visit: 1}, time.Now()
				plan, _, _ := w.node.surveys.Asking().Book.Plan(c.id, "support", "en")
				s, first := survey.New(time.Now(), plan)
				c.survey = s
				c.follow(w.t.Context(), c.carryOut(w.t.Context(), first))
				w.pass(survey.StartLimit + 2*heldUp) // the alarm rang, and nobody was there
				for range 2 {
					<-c.alarm.C
					c.wakeUp(w.t.Context())
					if key != "" {
						c.tell(arrival{time.Now(), survey.Key{Key: key}})
						key = ""
					}
				}
				c.hear(w.t.Context(), arrival{time.Now(), survey.Left{Reason: scoring.CallerLeft}})
				w.wantStory("c1/1", want)
				w.told(c)
			})
		})
	}
}

// TestRefusedAndKept: the store says that it did not take a call, and took it:
// the caller is sent on, and the call does not stay open.
func TestRefusedAndKept(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.store.on(func(_ context.Context, r scoring.Record) (scoring.Receipt, error) {
			w.store.on(nil)
			_, _ = w.store.Write(t.Context(), r)
			return scoring.Receipt{}, errDisk
		})
		w.says(w.Start("c1", "v1", "agent=a", "queue=support", "uniqueid=c1"))
		w.wantStory("c1/1", "call, call, error, store") // tried once more, whole
		if w.Count("continue c1") != 1 || w.Count("play c1") != 0 {
			t.Errorf("requests %v, want the caller sent on", w.Requests())
		}
		w.wantMetric(1, "aftercall_calls_ended_total")
	})
}
