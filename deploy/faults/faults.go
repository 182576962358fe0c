// Package faults breaks what the service stands on while callers are on the
// phone, on a real Asterisk, and holds what every caller heard and pressed
// against what was kept.
//
// The way in: [Evidence] is what is known when the callers are gone, and
// [Evidence.Check] names everything that must never be so. The tests open a
// centre, let callers call, break something, mend it, and check. How long each
// takes is set by -campaign: `make faults` is the long form, `go test` the
// short one.
package faults

import (
	"fmt"
	"slices"
	"time"

	"aftercall/deploy/centre"
	"aftercall/scoring"
)

// ThanksHz is the tone that stands for the thank-you in these tests, so that a
// caller's log says without doubt whether it was heard.
const ThanksHz = 2400

// Evidence is what is known when every caller is gone and the service is well
// again.
type Evidence struct {
	Heard   []centre.Heard
	Rows    []scoring.CallRow
	IDs     map[string]string        // Asterisk's unique id of each caller's call
	WentOn  map[string]time.Duration // from the end of the talk to the operator's dialplan, by Asterisk's own log, by caller
	Means   map[string]Verdict       // what each key that rates means in the layouts of the test
	Totals  centre.Figures           // as the service shows them at the end
	Watched []centre.Figures         // as it showed them on the way, oldest first

	// Trapped is the longest time, in ms, from the end of the talk to the
	// operator's dialplan; Unasked the same for callers who heard no survey and
	// are not in the store.
	Trapped, Unasked int
	// Deaf: keys may have been lost, because nobody listened to events for a
	// while. Else the store must have every key.
	Deaf bool
	// Set: Asterisk's clock was set, and its log tells no durations.
	Set bool
	// Died is when Asterisk itself was away: who was on the phone then heard
	// nothing more.
	Died []Span
	// Stood is when Asterisk stood still: nobody answered who called or said
	// goodbye then.
	Stood []Span
}

// Span is a stretch of time.
type Span struct{ From, To time.Time }

// during tells whether a caller was on the phone in one of the spans.
func during(h centre.Heard, spans []Span) bool {
	return slices.ContainsFunc(spans, func(s Span) bool { return h.DialledAt.Before(s.To) && s.From.Before(h.EndedAt) })
}

// Check names everything that must never be so, whatever broke.
func (e Evidence) Check() []string {
	byCall := map[string][]scoring.CallRow{}
	seen := map[scoring.CallID]bool{}
	var faults []string
	for _, r := range e.Rows {
		if seen[r.ID] {
			faults = append(faults, fmt.Sprintf("call %s is in the store twice", r.ID))
		}
		seen[r.ID] = true
		byCall[r.ID.UniqueID] = append(byCall[r.ID.UniqueID], r)
	}
	for _, h := range e.Heard {
		h = whole(h)
		id, known := e.IDs[h.Caller]
		if !known && !e.unanswered(h) {
			faults = append(faults, fmt.Sprintf("%s (%s): Asterisk never saw the call", h.Caller, h.Persona))
		}
		for _, f := range e.checkCaller(h, byCall[id]) {
			faults = append(faults, fmt.Sprintf("%s (%s, call %s): %s", h.Caller, h.Persona, id, f))
		}
		delete(byCall, id)
	}
	for id := range byCall {
		faults = append(faults, fmt.Sprintf("the store holds call %s, which no caller made", id))
	}
	faults = append(faults, e.checkTotals()...)
	slices.Sort(faults)
	return faults
}

// unanswered tells whether Asterisk may have left a caller without an answer.
func (e Evidence) unanswered(h centre.Heard) bool {
	return during(h, e.Died) || during(h, e.Stood)
}

// operatorHz is what the lab's dialplan plays behind the survey, for as long as its
// Wait() lasts.
const operatorHz = 1850

// lingers tells of a caller who is in the operator's hands and whose dialplan's
// Wait() may last for as long as Asterisk's clock was set back meanwhile.
func (e Evidence) lingers(h centre.Heard) bool { return e.Set && hears(h, operatorHz) >= 0 }

// checkCaller judges one caller, who goes through one queue once.
func (e Evidence) checkCaller(h centre.Heard, rows []scoring.CallRow) (faults []string) {
	fault := func(format string, a ...any) { faults = append(faults, fmt.Sprintf(format, a...)) }
	if h.Error != "" && !e.unanswered(h) && !e.lingers(h) {
		fault("%s", h.Error)
	}
	if len(h.Visits) == 0 {
		if len(rows) > 0 && !e.unanswered(h) { // whose agent Asterisk hung up before it died, or was not heard while it stood
			fault("nobody talked with the caller, and the store holds %d surveys", len(rows))
		}
		return faults
	}
	v := h.Visits[0]
	asked, thanked := spokenTo(v), hears(h, ThanksHz) >= 0
	switch {
	case len(rows) > 1:
		fault("%d surveys in the store, want one at most", len(rows))
	case asked && len(rows) == 0:
		fault("was asked and is not in the store")
	case thanked && len(rows) == 0:
		fault("was thanked and is not in the store")
	case len(rows) == 1:
		e.checkRow(h, rows[0], thanked, fault)
	}
	e.checkRelease(h, asked || thanked || len(rows) > 0, fault)
	return faults
}

// whole joins what a caller heard as several talks: the dialplan leads nobody
// to a second agent, but on a busy machine an agent's tone has holes.
func whole(h centre.Heard) centre.Heard {
	if len(h.Visits) < 2 {
		return h
	}
	one := h.Visits[len(h.Visits)-1]
	one.Segments, one.Presses = nil, nil
	for _, v := range h.Visits {
		one.Segments = append(one.Segments, v.Segments...)
		one.Presses = append(one.Presses, v.Presses...)
	}
	h.Visits = []centre.Visit{one}
	return h
}

// spoken is how long a sound in a survey is at least, in ms. On a busy machine
// pieces of a tone are heard as less.
const spoken = 300

// spokenTo tells whether a survey was heard.
func spokenTo(v centre.Visit) bool {
	return slices.ContainsFunc(v.Segments, func(s centre.Segment) bool {
		return s.Kind == "speech" && s.StartMS >= v.TalkEndMS && s.EndMS-s.StartMS >= spoken
	})
}

// checkRelease: nobody is kept. How long a caller was is told by Asterisk,
// because on a busy machine a tone may not be heard; but where its clock was
// set, by the caller, who hears the operator's tone or is told of an end.
func (e Evidence) checkRelease(h centre.Heard, ours bool, fault func(string, ...any)) {
	took, came := e.WentOn[h.Caller]
	if came && e.Set {
		took = h.EndedAt.Sub(h.DialledAt)
		if e.lingers(h) {
			took = time.Duration(hears(h, operatorHz)) * time.Millisecond
		}
	}
	most := e.Trapped
	if !ours {
		most = e.Unasked
	}
	switch ms := int(took.Milliseconds()); {
	case h.EndedBy == "caller" || !came && during(h, e.Died):
	case !came:
		fault("never came back into the operator's dialplan (ended by %s)", h.EndedBy)
	case ms > most:
		fault("came back into the operator's dialplan %d ms after the talk, want %d at most; with the service: %t", ms, most, ours)
	}
}

// hears is when a tone began, in ms; -1 = it was not heard.
func hears(h centre.Heard, hz int) int {
	i := slices.IndexFunc(h.Segments, func(s centre.Segment) bool { return s.Kind == "tone" && s.Hz == hz })
	if i < 0 {
		return -1
	}
	return h.Segments[i].StartMS
}
