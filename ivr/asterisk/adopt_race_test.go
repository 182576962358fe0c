package asterisk

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"aftercall/scoring"
)

// meanwhile has something happen between Asterisk's word on a channel and its
// reaching us.
func (w *world) meanwhile(happens func()) {
	w.On("variable", func(rw http.ResponseWriter, r *http.Request) {
		w.On("variable", nil)
		happens()
		<-time.After(time.Millisecond) // what was said is dispatched
		w.does("variable", rw, r)
	})
}

// stopsInTime stops the node, which has no drain.
func (w *world) stopsInTime() {
	w.t.Helper()
	w.stop()
	begun := time.Now()
	<-w.ended
	if took := time.Since(begun); took > StopLimit {
		w.t.Errorf("Run returned %s after its end, want %s at most", took, StopLimit)
	}
}

// TestHangUpWhileAdopted: a caller who hangs up while we ask Asterisk about
// them is not taken for one whose prompt does not play.
func TestHangUpWhileAdopted(t *testing.T) {
	bubble(t, func(w *world) {
		w.leftOpen("c1")
		w.meanwhile(func() {
			w.Forget("c1")
			w.Send(event("StasisEnd", "channel", object{"id": "c1"}))
		})
	}, func(w *world) {
		w.pass(20 * time.Second)
		w.wantStory("c1/1", "error, lost") // as for everybody whose hang-up nobody followed
		if w.Count("play c1") != 0 {
			t.Errorf("requests %v, want none to a channel that is gone", w.Requests())
		}
	})
}

// TestNextVisitWhileAdopted: what Asterisk said of a channel a moment ago does
// not end the visit that has begun there since.
func TestNextVisitWhileAdopted(t *testing.T) {
	bubble(t, func(w *world) {
		w.leftOpen("c1")
		w.meanwhile(func() {
			w.Send(event("StasisEnd", "channel", object{"id": "c1"}),
				w.Start("c1", "v1", "agent=PJSIP/1001", "queue=support", "uniqueid=c1", "visit=2"))
		})
	}, func(w *world) {
		w.pass(time.Second)
		w.says(w.Playback("PlaybackStarted", "c1", 0), key("c1", "1"))
		w.thanked("c1")
		w.wantStory("c1/2", "call, rated 1 satisfied, completed")
		w.wantStory("c1/1", "error, lost")
	})
}

// TestStopWhileAdopting: an Asterisk that does not answer while a survey is
// taken up again holds nobody up.
func TestStopWhileAdopting(t *testing.T) {
	bubble(t, func(w *world) {
		w.leftOpen("c1", func(r *scoring.CallRow) { r.Resumed = 3 })
		w.On("stop", never)
	}, func(w *world) {
		w.stopsInTime()
		w.wantStory("c1/1", "error, stopped")
	})
}

// TestStopWhileClosing: many calls of an earlier run and a store that is slow
// do not hold up the stop; whatever is still open the next start finds.
func TestStopWhileClosing(t *testing.T) {
	bubble(t, func(w *world) {
		for i := range 1000 {
			w.left = append(w.left, w.row(fmt.Sprint("gone", i)))
		}
		w.store.on(func(context.Context, scoring.Record) (scoring.Receipt, error) {
			<-time.After(time.Second)
			return scoring.Receipt{}, nil
		})
	}, func(w *world) {
		w.stopsInTime()
		if n := w.node.surveys.Left.Len(); n < 990 {
			t.Errorf("%d calls are still open, want nearly all", n)
		}
	})
}

// TestShortOfTimeUnasked: a caller who was never asked, and whom the dialplan
// takes back before a survey can be over, is released by us.
func TestShortOfTimeUnasked(t *testing.T) {
	bubble(t, func(w *world) {
		w.Start("c1", "v1", "agent=PJSIP/1001", "queue=support", "uniqueid=c1", "visit=1")
		w.Limit("c1", "7.5")
	}, func(w *world) {
		if w.Count("play c1") != 0 || w.Count("continue c1") != 1 {
			t.Errorf("requests %v, want the caller released unasked", w.Requests())
		}
		w.wantStory("c1/1", "call, error, lost")
		w.hangsUp("c1")
	})
}
