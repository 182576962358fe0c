package scoring

import (
	"fmt"
	"slices"
	"time"
)

// Limits on what comes from outside: longer values are cut where they enter
// (ivr/asterisk), so a record that exceeds them is a fault of ours.
const (
	MaxID   = 128 // bytes of a unique id, an agent id, a queue
	MaxName = 256 // bytes of a free name

	MaxEarlier = 20 // agents of one call before the rated one
)

// Check reports the first fault that would make the record contradict itself
// or the definitions of this package, wrapped in [ErrInvalid].
func (r Record) Check() error {
	fault := func(format string, a ...any) error {
		return fmt.Errorf("call %s: %w: "+format, append([]any{r.ID, ErrInvalid}, a...)...)
	}
	if r.ID.UniqueID == "" || len(r.ID.UniqueID) > MaxID || r.ID.Visit < 1 {
		return fault("id: want a unique id of 1 to %d bytes and a visit from 1", MaxID)
	}
	if r.Call == nil && len(r.Assignments) > 0 {
		return fault("assignments without a call, want both in one record")
	}
	if c := r.Call; c != nil {
		if _, err := time.Parse(time.DateOnly, c.Day); err != nil {
			return fault("day %q, want the form 2006-01-02", c.Day)
		}
		if c.Agent.ID == "" || c.Queue == "" || c.StartedAt.IsZero() {
			return fault("agent id, queue and start must be set")
		}
		if !IsAgentID(c.Agent.ID) { // it becomes a label
			return fault("agent id %.200q, want letters, digits, @ / _ . : + * # - and at most %d bytes", c.Agent.ID, MaxID)
		}
		if f := c.Caller.Form; f != "" && (f == CallerNone || !slices.Contains(CallerForms, f)) {
			return fault("caller kept as %.20q, want one of %v", f, CallerForms[1:])
		}
		if len(c.Earlier) > MaxEarlier {
			return fault("%d earlier agents, want at most %d", len(c.Earlier), MaxEarlier)
		}
	}
	if r.Resumed < 0 {
		return fault("resumed %d times, want 0 or more", r.Resumed)
	}
	for _, a := range r.Assignments {
		if a.Question == "" || a.Layout == "" || a.Version == "" || a.Position < 1 {
			return fault("assignment of question %q: question, layout, version and position must be set", a.Question)
		}
	}
	for _, a := range r.Answers {
		if !slices.Contains(Outcomes, a.Outcome) {
			return fault("question %q: outcome %q, want one of %v", a.Question, a.Outcome, Outcomes)
		}
		if rated := a.Outcome == Rated; rated != (a.Verdict != "") || rated != (a.Entry != "") {
			return fault("question %q: outcome %q with verdict %q and entry %q", a.Question, a.Outcome, a.Verdict, a.Entry)
		}
		if a.PressMS < 0 || a.Heard < 0 || a.Reading < 0 {
			return fault("question %q: negative reading, press time or options heard", a.Question)
		}
	}
	for _, k := range r.Keypresses {
		if k.Seq < 1 || k.Key == "" {
			return fault("keypress %d %q: want a sequence number from 1 and a key", k.Seq, k.Key)
		}
	}
	if r.End != nil && !slices.Contains(Reasons, r.End.Reason) {
		return fault("end: reason %q, want one of %v", r.End.Reason, Reasons)
	}
	return nil
}

// Day gives the civil date of t in zone, the form that [Call].Day holds.
func Day(t time.Time, zone *time.Location) string { return t.In(zone).Format(time.DateOnly) }
