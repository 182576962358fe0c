package survey

import (
	"time"

	"aftercall/ivr/layout"
	"aftercall/scoring"
)

// Resumptions is how often a question is asked again because the connection
// was away while it was asked. Beyond that, its silence is our fault.
const Resumptions = 2

// Restarts is how often a survey is taken up again by another run. A service
// that is started again and again must not ask a caller again and again.
const Restarts = 5

// Interrupted is what is known of a survey that an earlier run of the service
// left open, or could not begin when its caller came, who is still there.
type Interrupted struct {
	Answers []scoring.Answer // of the plan's first questions, in their order
	Seq     int              // of the last key that was stored; 0 = none
	Resumed int              // how often it was taken up again, this time included; 0 = it begins now
	Until   time.Time        // the dialplan takes the caller back then; zero = not known
}

// Resume takes a survey up again at its first question without an answer,
// from the start of the menu: nobody knows what was heard of it. A caller
// whose questions all have an answer is thanked for a rating. Where the time
// that is left is too short to ask, or this is more than [Restarts], the
// caller is released; see [Survey.Step] for the rest.
func Resume(now time.Time, p Plan, i Interrupted) (*Survey, []Command) {
	s := &Survey{plan: p, reason: ended(i.Answers), seq: i.Seq, resumed: i.Resumed, settled: len(i.Answers), open: len(i.Answers)}
	for _, a := range i.Answers {
		if a.Outcome == scoring.Rated {
			s.rated++
		}
	}
	s.over = now.Add(p.Longest() + OverSlack)
	if latest := i.Until.Add(-leaveEarly); !i.Until.IsZero() && latest.Before(s.over) {
		s.over = latest
	}
	switch {
	case i.Resumed > Restarts, now.Add(s.least()).After(s.over):
		s.open = min(s.open, len(p.Questions)-1)
		s.fail(now, scoring.Lost)
	case s.settled < len(p.Questions):
		s.ask(now)
	default:
		s.open = len(p.Questions) - 1
		if s.rated == 0 {
			s.leave(now)
			break
		}
		s.phase = thanking
		s.start(now, p.Thanks)
	}
	return s, s.take()
}

// leaveEarly is how long before the dialplan's own limit a survey is over, so
// that the caller is released by us and the reason is ours to tell.
const leaveEarly = 2 * time.Second

// least is the time that what is left takes a caller who presses no key: one
// reading of every open question, or of its choice if there is one, and the
// thank-you.
func (s *Survey) least() time.Duration {
	d := layout.Length(s.plan.Thanks)
	open := s.plan.Questions[s.settled:]
	if s.choice != nil {
		d += layout.Length(s.sentence()) + s.patience()
		open = open[1:]
	}
	for _, a := range open {
		d += layout.Length(a.Sound.Menu) + a.Layout.Wait.D()
	}
	return d
}

// restored: events come again. What was pressed meanwhile is lost for good,
// so the question that was open is asked again, from the start of its menu. A
// choice stays, because the caller made it before, and is read back again:
// the caller may just have tried to take it back.
func (s *Survey) restored(now time.Time) {
	s.deaf = false
	again := s.missed && s.again < Resumptions && (s.phase == playing || s.phase == waiting)
	if !again || now.Add(s.least()).After(s.over) {
		return
	}
	s.missed = false
	s.again++
	s.resumed++
	s.silence()
	s.heed()
	if s.choice != nil {
		s.readBack(now)
		return
	}
	s.read(now, nil)
}

// ended is why a survey ended whose questions have these answers.
func ended(answers []scoring.Answer) scoring.Reason {
	for _, a := range answers {
		switch a.Outcome {
		case scoring.Rated:
		case scoring.NoInput:
			return scoring.Silent
		case scoring.Invalid:
			return scoring.WrongKeys
		case scoring.HungUp:
			return scoring.CallerLeft
		default:
			return scoring.Lost
		}
	}
	return scoring.Completed
}

// Last is the latest instant that is known of a call.
func Last(row scoring.CallRow) time.Time {
	last := row.Call.StartedAt
	later := func(at time.Time) {
		if at.After(last) {
			last = at
		}
	}
	for _, q := range row.Questions {
		if q.Answer != nil {
			later(q.Answer.At)
		}
	}
	for _, k := range row.Keys {
		later(k.At)
	}
	return last
}

// Close gives the record that closes a call whose caller is gone and whose
// survey nobody leads any more: a question without an answer is an error of
// ours. If every question has its answer, they say why the survey ended. The
// end is not before what is known of the call, though the clock was set back.
func Close(row scoring.CallRow, now time.Time) scoring.Record {
	if last := Last(row); last.After(now) {
		now = last
	}
	r := scoring.Record{ID: row.ID, End: &scoring.End{At: now}}
	var all []scoring.Answer
	outcome := scoring.Failed
	for _, q := range row.Questions {
		if q.Answer != nil {
			all = append(all, *q.Answer)
			continue
		}
		a := scoring.Answer{Question: q.Question, Outcome: outcome, At: now}
		outcome = scoring.NotReached
		r.Answers, all = append(r.Answers, a), append(all, a)
	}
	r.End.Reason = ended(all)
	return r
}

// Resume gives the plan of a survey that an earlier run began, with the
// layouts that the call was given, and what is known of it. ok is false if a
// layout, its sounds, the survey or the language is not what the caller heard
// before: a call never gets two layouts for one question.
func (b *Book) Resume(row scoring.CallRow) (p Plan, i Interrupted, ok bool) {
	thanks, ok := b.thanks[rendered{row.Call.Survey, row.Call.Language}]
	if !ok || len(row.Questions) == 0 {
		return Plan{}, Interrupted{}, false
	}
	p.Thanks = thanks
	i.Resumed = row.Resumed + 1
	for n, q := range row.Questions {
		ask, known := b.asks[rendered{q.Layout, row.Call.Language}]
		if !known || ask.Layout.Question != q.Question || ask.Sound.Version != q.Version || ask.Sound.Hash != q.Rendition {
			return Plan{}, Interrupted{}, false
		}
		p.Questions = append(p.Questions, ask)
		switch {
		case q.Answer == nil:
		case len(i.Answers) < n:
			return Plan{}, Interrupted{}, false // answered behind one that is open: not a survey of ours
		default:
			i.Answers = append(i.Answers, *q.Answer)
		}
	}
	for _, k := range row.Keys {
		i.Seq = max(i.Seq, k.Seq)
	}
	return p, i, true
}
