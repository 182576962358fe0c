package centre

import (
	"fmt"
	"slices"
	"strings"

	"aftercall/scoring"
)

// Account holds what the callers heard and pressed against what the store
// says of them, and names every difference: each caller whose agent hung up
// first was surveyed, and the survey is in the store once, with its end and
// with the keys that the caller pressed; who hung up in the talk was not
// asked. uniqueIDs gives Asterisk's unique id of each caller's call.
func Account(heard []Heard, rows []scoring.CallRow, uniqueIDs map[string]string) []string {
	byCall := map[string][]scoring.CallRow{}
	for _, r := range rows {
		byCall[r.ID.UniqueID] = append(byCall[r.ID.UniqueID], r)
	}
	var faults []string
	for _, h := range heard {
		id, ok := uniqueIDs[h.Caller]
		if !ok {
			faults = append(faults, fmt.Sprintf("%s (%s): Asterisk never saw the call", h.Caller, h.Persona))
			continue
		}
		for _, f := range accountCall(h, byCall[id]) {
			faults = append(faults, fmt.Sprintf("%s (%s, call %s): %s", h.Caller, h.Persona, id, f))
		}
		delete(byCall, id)
	}
	for id := range byCall {
		faults = append(faults, fmt.Sprintf("the store holds call %s, which no caller made", id))
	}
	slices.Sort(faults)
	return faults
}

// accountCall compares one caller with the visits in the store.
func accountCall(h Heard, rows []scoring.CallRow) []string {
	var faults []string
	fault := func(format string, a ...any) { faults = append(faults, fmt.Sprintf(format, a...)) }
	if h.Error != "" {
		fault("%s", h.Error)
	}
	visits := map[int]scoring.CallRow{}
	for _, r := range rows {
		if _, twice := visits[r.ID.Visit]; twice {
			fault("visit %d is in the store twice", r.ID.Visit)
		}
		visits[r.ID.Visit] = r
	}
	for i, v := range h.Visits {
		r, stored := visits[i+1]
		delete(visits, i+1)
		surveyed := v.SurveyStartMS != nil
		switch end := h.talkEnd(i); {
		case end == byAgent && !surveyed:
			fault("visit %d: the agent hung up and no survey was heard", i+1)
		case end == byCaller && stored:
			fault("visit %d: the caller hung up in the talk and is in the store", i+1)
		case surveyed && !stored:
			fault("visit %d was surveyed and is not in the store", i+1)
		}
		if !stored {
			continue
		}
		if f := accountVisit(v, r); f != "" {
			fault("visit %d: %s", i+1, f)
		}
	}
	for n := range visits {
		fault("the store holds visit %d, which the caller did not make", n)
	}
	return faults
}

// talkEnd is who ended the talk with an agent.
type talkEnd int

const (
	byAgent talkEnd = iota
	byCaller
	unclear // the caller left between the talk and the first word of a survey
)

// talkEnd tells who ended talk i: whoever heard anything behind it, or did not
// hang up, was left by the agent.
func (h Heard) talkEnd(i int) talkEnd {
	v := h.Visits[i]
	switch {
	case h.EndedBy != "caller" || i+1 < len(h.Visits) || v.SurveyStartMS != nil:
		return byAgent
	case slices.ContainsFunc(v.Segments, func(s Segment) bool { return s.StartMS >= v.TalkEndMS }):
		return unclear
	}
	return byCaller
}

func accountVisit(v Visit, r scoring.CallRow) string {
	if r.End == nil {
		return "has no end"
	}
	var pressed, kept []string
	for _, p := range v.Presses {
		pressed = append(pressed, p.Key)
	}
	for _, k := range r.Keys {
		kept = append(kept, k.Key)
	}
	if !slices.Equal(pressed, kept) {
		return fmt.Sprintf("pressed %v, the store has %v", pressed, kept)
	}
	for _, q := range r.Questions {
		switch a := q.Answer; {
		case a == nil:
			return fmt.Sprintf("question %q has no answer", q.Question)
		case a.Outcome == scoring.Rated && !slices.Contains(pressed, a.Entry):
			return fmt.Sprintf("question %q is rated with %q, pressed was %s", q.Question, a.Entry, strings.Join(pressed, " "))
		case a.Outcome == scoring.Failed:
			return fmt.Sprintf("question %q ended in an error of ours (%s)", q.Question, r.End.Reason)
		}
	}
	return ""
}
