package asterisk

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"aftercall/scoring"
)

// durable gives how many keys were observed until their rating was durable,
// and how long that took in all.
func (w *world) durable() (n uint64, took time.Duration) {
	w.t.Helper()
	families, err := w.reg.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "aftercall_key_durable_seconds" {
			h := f.Metric[0].GetHistogram()
			return h.GetSampleCount(), time.Duration(h.GetSampleSum() * float64(time.Second))
		}
	}
	w.t.Fatal("no aftercall_key_durable_seconds")
	return 0, 0
}

// TestKeyDurable: observed is a key that settled a rating, once, from its
// arrival until the store has it; neither other keys nor other records.
func TestKeyDurable(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.enters("silent")
		w.hangsUp("silent")
		w.enters("c1")
		w.says(key("c1", "9"))
		w.says(w.Playback("PlaybackStarted", "c1", 0))
		gate := make(chan struct{})
		w.store.hold(gate)
		w.says(key("c1", "1"))
		w.pass(300 * time.Millisecond)
		if n, _ := w.durable(); n != 0 {
			t.Errorf("%d keys observed before the rating is durable, want none", n)
		}
		close(gate)
		synctest.Wait()
		w.says(key("c1", "3"))
		w.thanked("c1")
		if n, took := w.durable(); n != 1 || took.Round(time.Millisecond) != 300*time.Millisecond {
			t.Errorf("%d keys observed, %s in all, want one of 300ms", n, took)
		}
	})
}

// TestKeyNotDurable: a key whose rating was not stored is not observed.
func TestKeyNotDurable(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.enters("c1")
		w.store.on(func(context.Context, scoring.Record) (scoring.Receipt, error) { return scoring.Receipt{}, errDisk })
		w.says(key("c1", "1"))
		w.hangsUp("c1")
		if n, _ := w.durable(); n != 0 {
			t.Errorf("%d keys observed, want none", n)
		}
	})
}
