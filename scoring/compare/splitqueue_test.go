package compare

import (
	"testing"

	"aftercall/scoring"
)

// TestSplitByQueue: a queue whose calls do not come as planned is found by its
// own p, and the other's stays; the epochs of a queue multiply.
func TestSplitByQueue(t *testing.T) {
	w := newWorld(3, 9000, habit, gap)
	good, bad := w.epoch("good", 1, 1), w.epoch("bad", 3, 1)
	for d := range 30 {
		w.calls(good, d, 200, usual, usual)
		w.calls(bad, d, 200, usual, usual)
	}
	in := w.input()
	in.Epochs[bad-1].Arms[0].Weight = 1 // what is planned, though 3:1 came
	got := SplitByQueue(in)
	if len(got) != 2 || got["good"] < 0.05 || got["bad"] > 1e-6 {
		t.Errorf("p by queue %v, want good over 0.05 and bad under 1e-6", got)
	}
	if all := Compare(in).Split; !all.Failed || all.Assigned.P < got["bad"] {
		t.Errorf("all queues %+v, want an alarm, and no more evidence than the queue that is off has (%v)", all.Assigned, got["bad"])
	}
	in.Experiment = nil
	if got := SplitByQueue(in); len(got) != 0 {
		t.Errorf("without an experiment: %v, want none", got)
	}
}

// TestSplitByQueueIsTheLesser: menus that do not begin under one layout are
// found though calls were assigned as planned.
func TestSplitByQueueIsTheLesser(t *testing.T) {
	w := newWorld(3, 9000, habit, gap)
	e := w.epoch("support", 1, 1)
	broken := chances{{"satisfied", 1}: 0.5}
	for d := range 30 {
		w.calls(e, d, 100, usual, broken)
		w.count(w.in.Epochs[0], d, 1, result{string(scoring.Failed), 0}, 20)
		w.count(w.in.Epochs[0], d, 0, result{"satisfied", 1}, 20)
	}
	in := w.input()
	all := Compare(in).Split
	if got := SplitByQueue(in)["support"]; got != all.Started.P || got >= all.Assigned.P || got > SplitAlarm {
		t.Errorf("p %v, want that of the menus that began, %v, and under that of the assigned, %v", got, all.Started.P, all.Assigned.P)
	}
}

// TestManyBrokenEpochs: calls that reached a layout without weight in two
// epochs of a queue are as sure a fault as in one.
func TestManyBrokenEpochs(t *testing.T) {
	w := newWorld(1, 9000, habit, gap)
	for d := range 2 {
		e := w.epoch("support", 1, 1)
		w.calls(e, d, 50, usual, usual)
		w.in.Epochs[e-1].Arms[1].Weight = 0
	}
	in := w.input()
	if got := SplitByQueue(in)["support"]; got != 0 {
		t.Errorf("p %v, want 0", got)
	}
	if s := Compare(in).Split; !s.Failed || s.Assigned.P != 0 {
		t.Errorf("%+v, want an alarm with p 0", s)
	}
}
