package asterisk

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"aftercall/ivr/survey"
	"aftercall/scoring"

	"github.com/google/go-cmp/cmp"
)

// hangsUp ends a visit by the caller's hanging up.
func (w *world) hangsUp(channel string) {
	w.Forget(channel)
	w.says(event("StasisEnd", "channel", object{"id": channel}))
}

func TestHangUp(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.enters("c1")
		w.hangsUp("c1")
		w.wantStory("c1/1", "call, hangup, caller_left")
		if w.Count("continue c1") != 0 || w.Count("stop c1_1-0.1") != 0 {
			t.Errorf("requests %v, want none to a channel that is gone", w.Requests())
		}
	})
}

// TestHangUpByOthers: whom Asterisk hangs up, because it is shut down or was
// told to, did not hang up.
func TestHangUpByOthers(t *testing.T) {
	for body, want := range map[string]string{
		`"soft":true,"cause":4`: "call, error, lost",
		`"cause":16`:            "call, hangup, caller_left", // as Asterisk words a goodbye
	} {
		bubble(t, nil, func(w *world) {
			w.enters("c1")
			w.says(`{"type":"ChannelHangupRequest","application":"aftercall","channel":{"id":"c1"},` + body + `}`)
			w.hangsUp("c1")
			w.wantStory("c1/1", want)
		})
	}
}

// TestWhatIsStoredFirst: the record of who came, before any sound.
func TestWhatIsStoredFirst(t *testing.T) {
	bubble(t, nil, func(w *world) {
		gate := make(chan struct{})
		w.store.hold(gate)
		w.says(w.Start("node1-5.1", "v1", "agent=PJSIP%2F1001", "agentname=Wang%20Fang%2C%20A", "agentid=wf", "queue=support", "visit=2", "uniqueid=node1-5.1", "linkedid=node1-5.0", "talk=61", "codec=alaw"))
		if w.Count("play node1-5.1") != 0 {
			t.Error("plays before the call is stored")
		}
		came := time.Now()
		close(gate)
		synctest.Wait()
		w.hangsUp("node1-5.1")
		r := w.store.records[0]
		talk := int64(61_000)
		want := scoring.Call{LinkedID: "node1-5.0", Node: "node1", Trunk: "PJSIP/trunk", Queue: "support", Survey: "service",
			Agent: scoring.Agent{ID: "wf", Interface: "PJSIP/1001", Name: "Wang Fang, A"}, Language: "en", Codec: "alaw", TalkMS: &talk,
			StartedAt: came, Day: "2000-01-01"}
		if d := cmp.Diff(&want, r.Call); d != "" {
			t.Errorf("call differs (-want +got):\n%s", d)
		}
		given := r.Assignments[0]
		if given.Layout != "habit" || given.Epoch != 7 || !given.Primary || given.Version == "" || given.Rendition == "" {
			t.Errorf("assignment %+v, want layout habit, epoch 7, primary, with version and rendition", given)
		}
	})
}

// TestRequestFaults: what a survey comes to when Asterisk refuses or does not
// answer one kind of request.
func TestRequestFaults(t *testing.T) {
	for _, c := range []struct {
		name, operation string
		fault           reply
		story           string
		released        int
	}{
		{"channel gone at play", "play", status(404), "call, error, audio", 1},
		{"play refused", "play", status(409), "call, error, audio", 1},
		{"server error at play", "play", status(500), "call, error, audio", 1},
		{"no answer to play", "play", never, "call, error, audio", 1},
		{"no answer to continue", "continue", never, "call, no_input, silent", survey.Releases},
		{"continue refused", "continue", status(500), "call, no_input, silent", survey.Releases},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(w *world) { w.On(c.operation, c.fault) }, func(w *world) {
				w.says(w.Start("c1", "v1", "agent=a", "queue=support", "uniqueid=c1"))
				for range 2 { // readings
					plays := w.List("c1") != ""
					if plays {
						w.reads("c1")
					}
					w.pass(8 * time.Second)
				}
				w.pass(survey.Releases * (RequestLimit + survey.LeaveLimit))
				w.wantStory("c1/1", c.story)
				if n := w.Count("continue c1"); n != c.released {
					t.Errorf("released %d times, want %d", n, c.released)
				}
			})
		})
	}
}

// TestGoneAtPlay: a caller who hangs up just before the menu plays hung up;
// that Asterisk then knows the channel no more is no fault of ours.
func TestGoneAtPlay(t *testing.T) {
	bubble(t, nil, func(w *world) {
		e := w.Start("c1", "v1", "agent=a", "queue=support", "uniqueid=c1")
		w.Forget("c1")
		w.says(e)
		w.says(event("StasisEnd", "channel", object{"id": "c1"}))
		w.wantStory("c1/1", "call, hangup, caller_left")
		w.wantMetric(1, "aftercall_ari_requests_total", "play", "gone")
		w.wantMetric(0, "aftercall_ari_requests_total", "stop")
	})
}

// TestSoundsThatDoNotPlayAreTold: an Asterisk that cannot play a sound ends
// every survey alike, so the log has to say what to look at.
func TestSoundsThatDoNotPlayAreTold(t *testing.T) {
	var log strings.Builder
	bubble(t, func(w *world) {
		w.node.surveys.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
		w.On("play", status(500))
	}, func(w *world) {
		w.says(w.Start("c1", "v1", "agent=a", "queue=support", "uniqueid=c1", "visit=1"))
		w.pass(survey.DoubtLimit)
		w.wantStory("c1/1", "call, error, audio")
		if got := log.String(); !strings.Contains(got, "level=WARN") || !strings.Contains(got, "aftercall prompts check") || !strings.Contains(got, "call=c1/1") {
			t.Errorf("log: %s", got)
		}
	})
}

// TestPlayInDoubt: a list that Asterisk did not say yes to may play all the
// same: it is stopped before the caller is released.
func TestPlayInDoubt(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.On("play", func(rw http.ResponseWriter, r *http.Request) {
			w.does("play", rw, r)
			status(500)(rw, r)
		})
		w.says(w.Start("c1", "v1", "agent=a", "queue=support", "uniqueid=c1"))
		w.pass(survey.DoubtLimit)
		w.wantStory("c1/1", "call, error, audio")
		want := []string{"play c1", "stop c1_1-0.1", "continue c1"}
		if got := w.Requests()[len(w.Requests())-3:]; !slices.Equal(got, want) {
			t.Errorf("requests %v, want %v", got, want)
		}
	})
}

// TestThanksNotPlayed: a rating counts whether or not the thank-you plays.
func TestThanksNotPlayed(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.enters("c1")
		w.On("play", status(500))
		w.says(key("c1", "1"))
		w.wantStory("c1/1", "call, rated 1 satisfied, completed")
		w.wantMetric(1, "aftercall_ari_requests_total", "play", "refused")
	})
}

// TestSlowAsterisk: requests that are answered just within the limit.
func TestSlowAsterisk(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.enters("c1")
		w.On("stop", func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(RequestLimit - time.Millisecond):
			case <-r.Context().Done():
			}
		})
		w.says(key("c1", "1"))
		w.pass(RequestLimit)
		w.thanked("c1")
		w.wantStory("c1/1", "call, rated 1 satisfied, completed")
		w.wantMetric(0, "aftercall_ari_requests_total", "no_reply")
	})
}

// slowLog takes its time over every error.
type slowLog struct{ slog.Handler }

func (h slowLog) WithAttrs(a []slog.Attr) slog.Handler { return slowLog{h.Handler.WithAttrs(a)} }

func (h slowLog) Handle(ctx context.Context, r slog.Record) error {
	if r.Level == slog.LevelError {
		<-time.After(survey.StartLimit)
	}
	return h.Handler.Handle(ctx, r)
}

// TestWhatCameBeforeTheAlarm: a call that was held up finds an event and its
// alarm at once; the event came first and counts first.
func TestWhatCameBeforeTheAlarm(t *testing.T) {
	for range 8 { // of two things that are ready either may be taken
		bubble(t, func(w *world) { w.node.surveys.Log = slog.New(slowLog{w.node.surveys.Log.Handler()}) }, func(w *world) {
			w.enters("c1")
			w.On("stop", status(500))
			w.On("play", func(rw http.ResponseWriter, r *http.Request) {
				w.does("play", rw, r)
				w.Send(w.Playback("PlaybackStarted", "c1", 0))
				<-time.After(time.Millisecond) // by now the event has reached the call
			})
			w.says(key("c1", "7"))
			w.pass(survey.StartLimit + time.Second)
			w.On("stop", nil)
			w.says(key("c1", "1"))
			w.pass(time.Second)
			w.hangsUp("c1")
			w.wantStory("c1/1", "call, rated 1 satisfied, completed")
		})
	}
}

// TestStoreFaults: what a caller gets when the store does not.
func TestStoreFaults(t *testing.T) {
	fails := func(context.Context, scoring.Record) (scoring.Receipt, error) { return scoring.Receipt{}, errDisk }
	spills := func(context.Context, scoring.Record) (scoring.Receipt, error) {
		return scoring.Receipt{Spilled: true}, nil
	}
	t.Run("the call is not stored", func(t *testing.T) {
		bubble(t, nil, func(w *world) {
			w.store.on(fails)
			w.says(w.Start("c1", "v1", "agent=a", "queue=support", "uniqueid=c1"))
			if w.Count("play c1") != 0 || w.Count("continue c1") != 1 {
				t.Errorf("requests %v, want the caller sent on unasked", w.Requests())
			}
			w.wantMetric(1, "aftercall_calls_ended_total", "store")
			// The totals of the agent must still be born, with the next call.
			w.store.on(nil)
			w.says(w.Start("c2", "v1", "agent=a", "queue=support", "uniqueid=c2"))
			w.says(w.Start("c3", "v1", "agent=a", "queue=support", "uniqueid=c3"))
			if a, b := len(w.store.records[0].Born), len(w.store.records[1].Born); a != 7 || b != 0 {
				t.Errorf("%d and %d totals declared, want 7 once", a, b)
			}
			w.hangsUp("c2")
			w.hangsUp("c3")
		})
	})
	t.Run("the call is spilled", func(t *testing.T) {
		bubble(t, nil, func(w *world) {
			w.store.on(spills)
			w.says(w.Start("c1", "v1", "agent=a", "queue=support", "uniqueid=c1"))
			if w.Count("play c1") != 0 || w.Count("continue c1") != 1 {
				t.Errorf("requests %v, want the caller sent on unasked", w.Requests())
			}
			w.wantMetric(1, "aftercall_calls_ended_total", "store")
			if got := w.store.spilled; len(got) != 2 || got[0].Call == nil || got[1].End == nil || got[1].Answers[0].Outcome != scoring.Failed {
				t.Errorf("spilled %+v, want the call, then its end as a fault of ours", got)
			}
		})
	})
	t.Run("the rating is spilled", func(t *testing.T) {
		bubble(t, nil, func(w *world) {
			w.enters("c1")
			w.store.on(spills)
			w.says(key("c1", "1"))
			w.thanked("c1") // it is durable
			if got := w.store.spilled; len(got) != 2 || got[0].Answers[0].Entry != "1" || got[1].End.Reason != scoring.Completed {
				t.Errorf("spilled %+v, want the rating, then the end", got)
			}
		})
	})
	t.Run("the rating is not stored", func(t *testing.T) {
		bubble(t, nil, func(w *world) {
			w.enters("c1")
			w.store.on(fails)
			w.says(key("c1", "1"))
			w.store.on(nil)
			w.pass(time.Second)
			if n := w.Count("play c1"); n != 1 {
				t.Errorf("%d lists played, want no thank-you", n)
			}
			w.wantMetric(1, "aftercall_calls_ended_total", "store")
		})
	})
	t.Run("the rating is stored late", func(t *testing.T) {
		bubble(t, nil, func(w *world) {
			w.enters("c1")
			gate := make(chan struct{})
			w.store.hold(gate)
			w.says(key("c1", "1"))
			w.pass(1900 * time.Millisecond)
			if n := w.Count("play c1"); n != 1 {
				t.Errorf("%d lists played before the rating is durable, want 1", n)
			}
			close(gate)
			synctest.Wait()
			w.thanked("c1")
			w.wantStory("c1/1", "call, rated 1 satisfied, completed")
		})
	})
}
