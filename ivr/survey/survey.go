// Package survey is the conversation with one caller as a pure state machine:
// it is told the time and what happened, and says what to do next. It has no
// clock, no goroutine, no log and no I/O, so every story of a call can be
// told to it in a test.
//
// The way in: [New] begins a survey and [Resume] takes one up again that was
// interrupted, [Survey.Step] takes one [Event] after
// the other and returns the [Command]s to carry out, in order, until
// [Survey.Done]. [Checker] holds what must be true of any such story.
//
// The order of commands is a contract: what a [Save] carries must be durable
// before [Saved] is reported, and the thank-you is only ever played after
// that.
package survey

import (
	"time"

	"aftercall/ivr/layout"
	"aftercall/scoring"
)

// Limits of one call. They bound how long a caller can wait for something
// that does not happen.
const (
	StartLimit  = 5 * time.Second        // from Play to the first sound
	EndSlack    = 3 * time.Second        // from the computed end of a list to its end
	SaveLimit   = 3 * time.Second        // from Save to Saved
	DoublePress = 1 * time.Second        // from a key that counted: the next was hardly meant for what it led to
	DoubtLimit  = 1 * time.Second        // from a list that broke off to Left, if the caller hung up
	LeaveLimit  = 2 * time.Second        // from Release to Left
	Releases    = 3                      // tries to give a caller back, if nobody says that it worked
	OverSlack   = 8 * time.Second        // a whole survey beyond Plan.Longest
	ShortItem   = 50 * time.Millisecond  // a sound that ends sooner was not there
	ShortList   = 250 * time.Millisecond // a list that ends earlier by this much lacks a sound
)

// Ask is one question as this call gets it.
type Ask struct {
	Layout layout.Layout
	Scale  layout.Scale
	Sound  layout.Rendition
}

// Plan is everything one call is asked.
type Plan struct {
	Questions []Ask
	Thanks    []layout.Item
}

// Longest is the longest time this plan can take a caller who does what takes
// longest, without faults of ours.
func (p Plan) Longest() time.Duration {
	d := layout.Length(p.Thanks)
	for _, a := range p.Questions {
		d += layout.Longest(a.Layout, a.Sound)
	}
	return d
}

// Event is something that happened to the call.
type Event interface{ event() }

type (
	// Started: a sound of a list began.
	Started struct {
		Play  int
		Media string
	}
	// Ended: a sound ended and the list goes on. Took is by Asterisk's clock,
	// 0 if not known.
	Ended struct {
		Play  int
		Media string
		Took  time.Duration
	}
	// Finished: the list ended. Took is of the whole list by Asterisk's
	// clock, 0 if not known.
	Finished struct {
		Play   int
		Failed bool
		Took   time.Duration
	}
	// Key: the caller pressed a key.
	Key struct{ Key string }
	// Wakeup: the time of the last Wake has come.
	Wakeup struct{}
	// Saved: what the Save of this number carried is durable, or, with
	// Failed, could not be made so.
	Saved struct {
		Save   int
		Failed bool
	}
	// Left: the caller is not in our hands any more. Reason CallerLeft: hung
	// up, or left as we asked; Lost: Asterisk went away. Late is how much
	// further Asterisk's clock went than time did, because it was set: the
	// dialplan's limit goes by that clock.
	Left struct {
		Reason scoring.Reason
		Late   time.Duration
	}
	// Stop: the caller is to be released without further questions, though
	// thanked for a rating that is on its way. Told again: at once.
	Stop struct{}
	// Cut: the connection that events come by was lost. A key pressed from
	// now on does not reach us.
	Cut struct{}
	// Restored: events come again.
	Restored struct{}
)

func (Started) event()  {}
func (Ended) event()    {}
func (Finished) event() {}
func (Key) event()      {}
func (Wakeup) event()   {}
func (Saved) event()    {}
func (Left) event()     {}
func (Stop) event()     {}
func (Cut) event()      {}
func (Restored) event() {}

// Command is something to do for the call.
type Command interface{ command() }

type (
	// Play plays a list of sounds in one go.
	Play struct {
		ID    int
		Items []layout.Item
	}
	// StopPlay ends a list at once.
	StopPlay struct{ ID int }
	// Wake asks for a Wakeup at a time; it replaces the one before.
	Wake struct{ At time.Time }
	// Save makes answers and keypresses durable and, as the last one of a
	// call, its end. Saves are carried out in order.
	Save struct {
		ID         int
		Answers    []scoring.Answer
		Keypresses []scoring.Keypress
		End        *scoring.End
		Resumed    int // how often the survey was taken up again so far
	}
	// Release gives the caller back to the operator's dialplan.
	Release struct{}
)

func (Play) command()     {}
func (StopPlay) command() {}
func (Wake) command()     {}
func (Save) command()     {}
func (Release) command()  {}

// phase is what the survey is waiting for.
type phase int

const (
	playing  phase = iota // the menu is being read, or a choice read back
	waiting               // that is over, no key yet
	doubting              // that broke off: has the caller hung up, or is a prompt broken?
	saving                // an answer is on its way to the store
	thanking              // the thank-you is playing
	leaving               // released, not gone yet
	done                  // the end has been handed over
)

// Survey is the survey of one call.
type Survey struct {
	plan  Plan
	phase phase
	over  time.Time // no survey goes on after this
	alarm time.Time

	open     int // index of the question being asked
	reading  int // of the open question, from 1
	began    time.Time
	heard    int // options read out in this reading
	most     int // options read out in any reading
	silences int // readings that ended without a key
	wrongs   int // wrong keys
	repeats  map[string]int
	held     int       // index in pending.keys of the last early key, -1 = none
	choice   *choice   // what the caller chose and has not confirmed yet; nil = nothing
	backs    int       // choices that were taken back, of the open question
	backAt   time.Time // when the last one was
	asked    time.Time // when the open question was begun
	deaf     bool      // keys do not reach us
	missed   bool      // keys may have been missed since the question was begun, or asked again
	again    int       // times that a question was asked again for that
	resumed  int       // times that the survey was taken up again
	stopping bool

	play  int
	items []layout.Item
	at    int  // item on the air, -1 before the first
	onAir bool // the list is not known to have ended

	seq     int
	pending batch // not handed over yet
	sent    batch // handed over, not confirmed
	saves   int
	settled int // questions with an answer
	rated   int
	reason  scoring.Reason

	releases int

	out []Command
}

// New begins a survey at a time. The plan must have at least one question
// with a menu.
func New(now time.Time, p Plan) (*Survey, []Command) {
	s := &Survey{plan: p, reason: scoring.Completed}
	s.over = now.Add(p.Longest() + OverSlack)
	s.ask(now)
	return s, s.take()
}

// Done reports whether the survey has handed over its end: no event changes
// anything any more.
func (s *Survey) Done() bool { return s.phase == done }

// Step tells the survey what happened and when, and returns what to do, in
// order. Times must not run backwards by more than they may jitter; events of
// lists that are not playing any more are ignored.
func (s *Survey) Step(now time.Time, e Event) []Command {
	if s.phase == done {
		return nil
	}
	switch e := e.(type) {
	case Started:
		s.started(now, e)
	case Ended:
		s.ended(now, e)
	case Finished:
		s.finished(now, e)
	case Key:
		s.key(now, e.Key)
	case Wakeup:
		s.wakeup(now)
	case Saved:
		s.saved(now, e)
	case Left:
		s.left(now, e.Reason, e.Late)
	case Stop:
		s.stop(now)
	case Cut:
		s.deaf, s.missed = true, true
	case Restored:
		s.restored(now)
	}
	return s.take()
}

func (s *Survey) take() []Command {
	out := s.out
	s.out = nil
	return out
}

func (s *Survey) do(c Command) { s.out = append(s.out, c) }

// wake asks to be woken, at the latest when the survey must be over.
func (s *Survey) wake(at time.Time) {
	if s.phase < leaving && at.After(s.over) {
		at = s.over
	}
	if !at.Equal(s.alarm) {
		s.alarm = at
		s.do(Wake{At: at})
	}
}
