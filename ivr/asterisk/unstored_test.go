package asterisk

import (
	"context"
	"testing"

	"aftercall/scoring"
)

// TestNotStoredAtFirst: a caller who could not be stored goes on unasked. That
// is tried once more, whole and with its end, so that the call is not missing,
// nor open for ever if the store took it after all.
func TestNotStoredAtFirst(t *testing.T) {
	bubble(t, func(w *world) {
		failed := false
		w.store.fault = func(context.Context, scoring.Record) (scoring.Receipt, error) {
			if failed {
				return scoring.Receipt{}, nil
			}
			failed = true
			return scoring.Receipt{}, errDisk
		}
	}, func(w *world) {
		w.says(w.Start("c1", "v1", "agent=PJSIP/1001", "queue=support", "uniqueid=c1", "visit=1"))
		if w.Count("play c1") != 0 || w.Count("continue c1") != 1 {
			t.Errorf("requests %v, want the caller released unasked", w.Requests())
		}
		w.wantStory("c1/1", "call, error, store")
		if r := w.store.last("c1/1"); r.Call == nil || r.End == nil {
			t.Errorf("record %+v, want the call with its end", r)
		}
	})
}
