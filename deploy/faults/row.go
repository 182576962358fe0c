package faults

import (
	"fmt"
	"maps"
	"slices"

	"aftercall/deploy/centre"
	"aftercall/scoring"
)

// Verdict is what a key means.
type Verdict struct {
	ID    string
	Value int
}

// checkRow holds one survey in the store against what its caller heard and
// pressed.
func (e Evidence) checkRow(h centre.Heard, r scoring.CallRow, thanked bool, fault func(string, ...any)) {
	if r.End == nil {
		fault("the survey has no end")
	}
	var pressed, kept []string
	for _, p := range h.Visits[0].Presses {
		pressed = append(pressed, p.Key)
	}
	for i, k := range r.Keys {
		kept = append(kept, k.Key)
		if k.Seq != i+1 {
			fault("key %d of the store has number %d", i+1, k.Seq)
		}
	}
	if overtaken(h) && len(kept) == len(pressed)-1 {
		pressed = pressed[:len(kept)]
	}
	switch {
	case !e.Deaf && !slices.Equal(pressed, kept):
		fault("pressed %v, the store has %v", pressed, kept)
	case !within(kept, pressed):
		fault("the store has keys %v, which do not follow from %v", kept, pressed)
	}
	if len(r.Questions) != 1 {
		fault("%d questions in the store, want 1", len(r.Questions))
		return
	}
	a := r.Questions[0].Answer
	if a == nil {
		fault("the question has no answer")
		return
	}
	rated := a.Outcome == scoring.Rated
	switch want := e.Means[a.Entry]; {
	case thanked && !rated:
		fault("was thanked, and the store says %s (%s)", a.Outcome, ended(r))
	case rated && !slices.Contains(pressed, a.Entry):
		fault("is rated with %q, pressed was %v", a.Entry, pressed)
	case rated && (a.Verdict != want.ID || a.Value != want.Value):
		fault("pressed %q and is rated %s %d, want %s %d", a.Entry, a.Verdict, a.Value, want.ID, want.Value)
	case a.Outcome == scoring.HungUp && h.EndedBy != "caller":
		fault("did not hang up, and the store says so")
	case a.Outcome == scoring.NoInput && r.Resumed == 0 && len(pressed) > 0:
		fault("pressed %v, and the store says that nothing was", pressed)
	}
}

// farewell is how long before the goodbye, in ms, a key may be that Asterisk
// never reads: the one goes by SIP, the other by RTP.
const farewell = 500

// overtaken tells whether a caller hung up upon the last key.
func overtaken(h centre.Heard) bool {
	keys := h.Visits[0].Presses
	if h.EndedBy != "caller" || len(keys) == 0 || len(h.Segments) == 0 {
		return false
	}
	return h.Segments[len(h.Segments)-1].EndMS-keys[len(keys)-1].EndMS < farewell
}

func ended(r scoring.CallRow) string {
	if r.End == nil {
		return "open"
	}
	return string(r.End.Reason)
}

// within tells whether every key of part comes in whole, in that order.
func within(part, whole []string) bool {
	for _, k := range part {
		i := slices.Index(whole, k)
		if i < 0 {
			return false
		}
		whole = whole[i+1:]
	}
	return true
}

// checkTotals holds the counters against the rows, and against themselves.
func (e Evidence) checkTotals() (faults []string) {
	want := centre.Counted(e.Rows)
	for _, series := range slices.Sorted(maps.Keys(both(want, e.Totals))) {
		if want[series] != e.Totals[series] {
			faults = append(faults, fmt.Sprintf("%s shows %v, the store's rows give %v", series, e.Totals[series], want[series]))
		}
	}
	last := centre.Figures{}
	for _, f := range append(slices.Clone(e.Watched), e.Totals) {
		for series, v := range last {
			if f[series] < v {
				faults = append(faults, fmt.Sprintf("%s fell from %v to %v", series, v, f[series]))
			}
		}
		last = f
	}
	return faults
}

func both(a, b centre.Figures) centre.Figures {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}
