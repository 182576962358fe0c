package asterisk

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"aftercall/ivr/survey"
)

// TestStopInMidSurvey: callers in progress are released at once, and recorded.
func TestStopInMidSurvey(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.enters("c1")
		w.says(w.Start("c2", "v1", "agent=a", "queue=support", "uniqueid=c2"))
		w.stop()
		begun := time.Now()
		<-w.ended
		if took := time.Since(begun); took != 0 {
			t.Errorf("took %s, want no time at all", took)
		}
		w.wantStory("c1/1", "call, error, stopped")
		w.wantStory("c2/1", "call, error, stopped")
		if w.Count("continue c1") != 1 || w.Count("continue c2") != 1 {
			t.Errorf("requests %v, want each caller released once", w.Requests())
		}
		if s := w.node.Status(); s.Connected || s.Error != "stopped" {
			t.Errorf("status %+v, want stopped", s)
		}
	})
}

// TestStopWithARatingOnItsWay: the caller who has just rated is thanked, and
// whoever comes meanwhile is sent on.
func TestStopWithARatingOnItsWay(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.enters("c1")
		gate := make(chan struct{})
		w.store.hold(gate)
		w.says(key("c1", "1"))
		w.stop()
		synctest.Wait()
		w.says(w.Start("late", "v1", "uniqueid=late"))
		close(gate)
		synctest.Wait()
		w.thanked("c1")
		w.wantStory("c1/1", "call, rated 1 satisfied, completed")
		w.wantStory("late/1", "")
		w.wantMetric(1, "aftercall_calls_unasked_total", "stopping")
		if w.Count("continue late") != 1 {
			t.Errorf("requests %v, want the late caller released", w.Requests())
		}
	})
}

// TestStopWithAFrozenAsterisk: nothing is answered any more; the records are
// written all the same, and Run returns in time (bubble looks at the clock).
func TestStopWithAFrozenAsterisk(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.enters("c1")
		w.enters("c2")
		w.says(key("c2", "1")) // its thank-you never begins
		for _, o := range []string{"application", "play", "stop", "continue", "events"} {
			w.On(o, never)
		}
		w.stop()
		<-w.ended
		w.wantStory("c1/1", "call, error, stopped")
		w.wantStory("c2/1", "call, rated 1 satisfied, completed")
	})
}

// TestDrain: whoever is being asked has time to answer and to be thanked, and
// whoever comes meanwhile is sent on.
func TestDrain(t *testing.T) {
	bubble(t, func(w *world) { w.drain = 30 * time.Second }, func(w *world) {
		w.enters("c1")
		w.enters("c2")
		w.stop()
		synctest.Wait()
		w.says(w.Start("late", "v1", "uniqueid=late"))
		w.pass(time.Second)
		w.says(key("c1", "1"))
		w.thanked("c1")
		w.cut() // the connection is made again for whoever is left
		w.pass(firstRetry)
		w.says(w.Playback("PlaybackStarted", "c2", 0))
		w.pass(time.Second)
		w.says(key("c2", "3"))
		w.thanked("c2")
		begun := time.Now()
		<-w.ended
		if took := time.Since(begun); took != 0 {
			t.Errorf("took another %s, want none: nobody is left to wait for", took)
		}
		w.wantStory("c1/1", "call, rated 1 satisfied, completed")
		w.wantStory("c2/1", "call, rated 3 dissatisfied, completed")
		w.wantStory("late/1", "")
		w.wantMetric(1, "aftercall_calls_unasked_total", "stopping")
	})
}

// TestStopBehindTheDrain: whoever has not answered by then is released.
func TestStopBehindTheDrain(t *testing.T) {
	bubble(t, func(w *world) { w.drain = 2 * time.Second }, func(w *world) {
		w.enters("c1")
		w.stop()
		begun := time.Now()
		<-w.ended
		if took := time.Since(begun); took != w.drain {
			t.Errorf("took %s, want the drain of %s", took, w.drain)
		}
		w.wantStory("c1/1", "call, error, stopped")
		if w.Count("continue c1") != 1 {
			t.Errorf("requests %v, want the caller released once", w.Requests())
		}
	})
}

// TestStopWithALongThankYou: a thank-you is spared for a while only.
func TestStopWithALongThankYou(t *testing.T) {
	long := toy
	long.Surveys = slices.Clone(toy.Surveys)
	long.Surveys[0].Thanks = en("long thank you")
	bubble(t, func(w *world) {
		book, err := survey.NewBook(long, "seed", nil, toneLibrary{})
		if err != nil {
			t.Fatal(err)
		}
		w.asked = &Asking{Book: book}
	}, func(w *world) {
		w.enters("c1")
		w.says(key("c1", "1"))
		w.says(w.Playback("PlaybackStarted", "c1", 0))
		w.stop()
		begun := time.Now()
		<-w.ended
		if took := time.Since(begun); took != thanking {
			t.Errorf("took %s, want %s: nobody is left to wait for", took, thanking)
		}
		if w.Count("stop c1_1-0.2") != 1 || w.Count("continue c1") != 1 {
			t.Errorf("requests %v, want the thank-you stopped and the caller released", w.Requests())
		}
		w.wantStory("c1/1", "call, rated 1 satisfied, completed")
	})
}

// TestStopInAFrozenThankYou: an Asterisk that answers nothing is still asked
// to release the caller before the call is given up.
func TestStopInAFrozenThankYou(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.enters("c1")
		w.says(key("c1", "1"))
		w.says(w.Playback("PlaybackStarted", "c1", 0))
		w.On("stop", never)
		w.On("continue", never)
		w.stop()
		<-w.ended
		if w.Count("stop c1_1-0.2") != 1 || w.Count("continue c1") < 1 { // it may be tried again
			t.Errorf("requests %v, want the thank-you stopped and the caller released", w.Requests())
		}
		w.wantStory("c1/1", "call, rated 1 satisfied, completed")
	})
}

// TestStopWithoutAConnection: with no Asterisk there is nothing to wait for.
func TestStopWithoutAConnection(t *testing.T) {
	bubble(t, func(w *world) { w.On("application", status(503)) }, func(w *world) {
		w.stop()
		begun := time.Now()
		<-w.ended
		if took := time.Since(begun); took != 0 {
			t.Errorf("took %s, want no time at all", took)
		}
	})
}

// TestStopBehindACut: calls whose connection is gone are released too.
func TestStopBehindACut(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.enters("c1")
		w.On("events", status(503))
		w.cut()
		w.stop()
		<-w.ended
		w.wantStory("c1/1", "call, error, stopped")
		if w.Count("continue c1") != 1 {
			t.Errorf("requests %v, want the caller released", w.Requests())
		}
	})
}

// TestArrivalsWhileStopping: callers who come at the very moment of the stop
// are surveyed or sent on, and none outlives Run.
func TestArrivalsWhileStopping(t *testing.T) {
	for range 20 {
		bubble(t, nil, func(w *world) {
			for _, c := range []string{"c1", "c2", "c3", "c4"} {
				w.Send(w.Start(c, "v1", "agent=a", "queue=support", "visit=1"))
				if c == "c2" {
					w.stop()
				}
			}
			<-w.ended
			for _, c := range []string{"c1", "c2", "c3", "c4"} {
				if s := w.store.story(c + "/1"); s != "" && s != "call, error, stopped" {
					t.Errorf("call %s: stored %q, want all or nothing", c, s)
				}
			}
		})
	}
}

// TestStopWithAReleaseOnItsWay: requests for callers without a survey end
// before Run does (bubble counts what is under way).
func TestStopWithAReleaseOnItsWay(t *testing.T) {
	bubble(t, func(w *world) {
		w.Holds("old")
		w.On("channel", status(500))
		w.On("continue", never)
	}, func(w *world) {
		if w.Count("continue old") != 1 {
			t.Errorf("requests %v, want the leftover released", w.Requests())
		}
	})
}
