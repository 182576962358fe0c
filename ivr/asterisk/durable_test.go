package asterisk

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"aftercall/scoring"

	"github.com/google/go-cmp/cmp"
)

// durable gives how many keys were observed until their rating was durable,
// and how long that took in all.
func (w *world) durable() (n uint64, took time.Duration) {
	w.t.Helper()
	return w.histogram("aftercall_key_durable_seconds")
}

// histogram gives how often something was observed, and how long it took in all.
func (w *world) histogram(name string) (n uint64, took time.Duration) {
	w.t.Helper()
	families, err := w.reg.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			h := f.Metric[0].GetHistogram()
			return h.GetSampleCount(), time.Duration(h.GetSampleSum() * float64(time.Second))
		}
	}
	w.t.Fatalf("no %s", name)
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

// TestPatientRecords: only the end of a call without anything else waits for
// company, and is not in what the disk is judged by.
func TestPatientRecords(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.enters("rated")
		w.says(key("rated", "1"))
		w.thanked("rated")
		w.hangsUp("rated")
		w.enters("pressed")
		w.says(key("pressed", "1"))
		w.says(key("pressed", "3"))
		w.thanked("pressed")
		w.hangsUp("pressed")
		w.enters("silent")
		w.hangsUp("silent")
		patient := map[string][]bool{}
		for _, r := range w.store.records {
			patient[r.ID.String()] = append(patient[r.ID.String()], r.Patient)
		}
		want := map[string][]bool{"rated/1": {false, false, true}, "pressed/1": {false, false, false}, "silent/1": {false, false}}
		if d := cmp.Diff(want, patient); d != "" {
			t.Errorf("which records are patient differs (-want +got):\n%s", d)
		}
		if n, _ := w.histogram("aftercall_store_write_seconds"); n != 7 {
			t.Errorf("%d writes observed, want 7: all but the patient one", n)
		}
	})
}
