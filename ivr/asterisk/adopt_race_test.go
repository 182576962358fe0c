package asterisk

import (
	"context"
	"fmt"
	"testing"
	"time"

	"aftercall/scoring"
)

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

// TestStopWhileAdopting: an Asterisk that does not answer while a survey is
// taken up again holds nobody up.
func TestStopWhileAdopting(t *testing.T) {
	bubble(t, func(w *world) {
		w.leftOpen("c1", func(r *scoring.CallRow) { r.Resumed = 3 })
		w.on("stop", never)
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
