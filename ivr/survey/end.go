package survey

import (
	"slices"
	"time"

	"aftercall/scoring"
)

// settle gives the open question its answer.
func (s *Survey) settle(a scoring.Answer) {
	a.Question = s.question(s.settled)
	if s.settled == s.open {
		a.Reading, a.Heard = s.reading, s.most
	}
	s.pending.answers = append(s.pending.answers, a)
	s.settled++
}

// settleRest gives every question that has no answer yet its own: the open
// one how it ended, those behind it that they were not reached.
func (s *Survey) settleRest(now time.Time, open scoring.Outcome) {
	for s.settled < len(s.plan.Questions) {
		o := scoring.NotReached
		if s.settled == s.open {
			o = open
		}
		s.settle(scoring.Answer{Outcome: o, At: now})
	}
}

// batch is what has to become durable.
type batch struct {
	answers []scoring.Answer
	keys    []scoring.Keypress
}

// save hands over what is not known to be durable: what came since the last
// Save, and what that one carried if it was not confirmed. Saving twice does
// no harm; losing a rating would.
func (s *Survey) save(end *scoring.End) {
	s.saves++
	s.sent.answers = append(s.sent.answers, s.pending.answers...)
	s.sent.keys = append(s.sent.keys, s.pending.keys...)
	s.pending = batch{}
	s.do(Save{ID: s.saves, Answers: slices.Clone(s.sent.answers), Keypresses: slices.Clone(s.sent.keys), End: end, Resumed: s.resumed})
}

// Keys lists the keys that are not known to be durable, oldest first, as they
// stand now: of a key that came early, the use changes when the menu ends.
func (s *Survey) Keys() []scoring.Keypress {
	return slices.Concat(s.sent.keys, s.pending.keys)
}

func (s *Survey) saved(now time.Time, e Saved) {
	if e.Save != s.saves || s.phase != saving {
		return
	}
	if e.Failed {
		s.unsaved(now)
		return
	}
	s.sent = batch{}
	switch {
	case s.settled < len(s.plan.Questions):
		s.open++
		s.ask(now)
	case s.rated > 0:
		s.phase = thanking
		s.start(now, s.plan.Thanks)
	default:
		s.leave(now)
	}
}

// unsaved: neither store nor spill file took the answer. It is tried once
// more with the end of the call; the caller is not thanked for what may be
// lost.
func (s *Survey) unsaved(now time.Time) {
	s.reason = scoring.StoreFailed
	s.settleRest(now, scoring.Failed)
	s.leave(now)
}

// giveUp ends the survey at a question that was not rated. Whoever rated
// another one is thanked.
func (s *Survey) giveUp(now time.Time, o scoring.Outcome, why scoring.Reason) {
	if s.missed {
		// Who knows what the caller pressed while we were deaf.
		o, why = scoring.Failed, scoring.Lost
	}
	s.reason = why
	s.settleRest(now, o)
	if s.rated == 0 {
		s.leave(now)
		return
	}
	s.phase = saving
	s.save(nil)
	s.wake(now.Add(SaveLimit))
}

// fail ends the survey for a fault of ours. What the caller chose stands.
func (s *Survey) fail(now time.Time, why scoring.Reason) {
	s.silence()
	s.heed()
	if s.choice != nil {
		s.rate(now)
		s.save(nil)
	}
	if s.settled < len(s.plan.Questions) {
		s.reason = why
		s.settleRest(now, scoring.Failed)
	}
	s.leave(now)
}

// stop releases the caller without further questions. A rating on its way to
// the store is still thanked for, unless it is the second Stop.
func (s *Survey) stop(now time.Time) {
	again := s.stopping
	s.stopping = true
	s.heed()
	if s.choice != nil {
		s.stand(now)
	}
	switch s.phase {
	case playing, waiting, doubting:
		s.fail(now, scoring.Stopped)
	case saving, thanking:
		if s.settled < len(s.plan.Questions) {
			s.reason = scoring.Stopped
			s.settleRest(now, scoring.Failed)
		}
		if again {
			s.silence()
			s.leave(now)
		}
	}
}

// leave gives the caller back to the dialplan.
func (s *Survey) leave(now time.Time) {
	s.phase = leaving
	s.releases++
	s.do(Release{})
	s.wake(now.Add(LeaveLimit))
}

// left closes the call: the caller is gone. A caller who leaves when the
// survey should long be over did not hang up: the dialplan's time limit took
// a caller from us whom we had lost sight of, or whose clock was set forward:
// late is by how much.
func (s *Survey) left(now time.Time, why scoring.Reason, late time.Duration) {
	s.heed()
	if s.choice != nil {
		s.rate(now)
	}
	if s.settled < len(s.plan.Questions) {
		if why == scoring.CallerLeft && !now.Add(late).Before(s.over) {
			why = scoring.Overdue
		}
		s.reason = why
		open := scoring.HungUp
		if why != scoring.CallerLeft {
			open = scoring.Failed
		}
		s.settleRest(now, open)
	}
	s.phase = done
	s.save(&scoring.End{Reason: s.reason, At: now})
}

// unheard is reached when nothing was heard of a list, or not all: it did not
// play, or the connection was away. What the caller chose before stands.
func (s *Survey) unheard(now time.Time) {
	s.heed()
	switch {
	case s.choice != nil:
		s.stand(now)
	case s.missed:
		s.fail(now, scoring.Lost)
	default:
		s.fail(now, scoring.AudioFailed)
	}
}

// wakeup decides what a time that has come means.
func (s *Survey) wakeup(now time.Time) {
	if now.Before(s.alarm) {
		s.do(Wake{At: s.alarm})
		return
	}
	if s.phase != leaving && !now.Before(s.over) {
		s.fail(now, scoring.Overdue)
		return
	}
	switch s.phase {
	case playing, thanking:
		// The end of the list did not come. If its last sound had begun, it
		// was only the event that went missing.
		if s.at == len(s.items)-1 {
			s.silence()
			s.listEnded(now)
			return
		}
		s.unheard(now)
	case doubting:
		s.unheard(now)
	case waiting:
		s.noKey(now)
	case saving:
		s.unsaved(now)
	case leaving:
		if s.releases < Releases {
			s.leave(now)
			return
		}
		s.left(now, scoring.CallerLeft, 0)
	}
}
