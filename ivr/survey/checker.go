package survey

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"aftercall/ivr/layout"
	"aftercall/scoring"
)

// Checker holds what must be true of every story of a call. It knows only the
// plan, what happened and what the survey asked for, never how the survey
// works inside. Tests call [Checker.After] after every step.
type Checker struct {
	plan     Plan
	over     time.Time // nobody is held longer
	alarm    time.Time
	playing  int // list on the air, 0 = none
	plays    int
	gone     bool // the caller left
	releases int  // of the caller into the dialplan
	ended    bool
	base     int // keys that were stored before a resumption
	keys     int // received
	stored   map[int]scoring.Keypress
	answers  map[string]scoring.Answer
	durable  map[string]bool // questions whose answer was confirmed
	saves    map[int][]scoring.Answer
	told     told           // what the caller was told to have chosen
	tells    map[string]int // by question, how often
}

// NewChecker begins to watch a survey that began at a time with a plan, and
// takes the commands of [New].
func NewChecker(now time.Time, p Plan, first []Command) (*Checker, error) {
	return NewResumedChecker(now, p, Interrupted{}, first)
}

// NewResumedChecker begins to watch a survey that was taken up again, and
// takes the commands of [Resume].
func NewResumedChecker(now time.Time, p Plan, i Interrupted, first []Command) (*Checker, error) {
	c := &Checker{
		plan: p, over: now.Add(p.Longest() + OverSlack + Releases*LeaveLimit), base: i.Seq,
		stored: map[int]scoring.Keypress{}, answers: map[string]scoring.Answer{},
		durable: map[string]bool{}, saves: map[int][]scoring.Answer{}, tells: map[string]int{},
	}
	for _, a := range i.Answers {
		c.answers[a.Question], c.durable[a.Question] = a, true
	}
	return c, c.commands(now, first)
}

// After checks one step: what happened and what the survey asked for.
func (c *Checker) After(now time.Time, e Event, out []Command) error {
	if c.ended && len(out) > 0 {
		return fmt.Errorf("%d commands after the end of the call", len(out))
	}
	switch e := e.(type) {
	case Key:
		if !c.ended {
			c.keys++
		}
	case Finished:
		if e.Play == c.playing {
			c.playing = 0
		}
	case Saved:
		if !e.Failed {
			for _, a := range c.saves[e.Save] {
				c.durable[a.Question] = true
			}
		}
	case Left:
		c.gone = true
	}
	return errors.Join(c.commands(now, out), c.bounds(now))
}

func (c *Checker) commands(now time.Time, out []Command) error {
	var errs []error
	for _, cmd := range out {
		switch cmd := cmd.(type) {
		case Play:
			errs = append(errs, c.play(cmd))
		case StopPlay:
			if cmd.ID != c.playing {
				errs = append(errs, fmt.Errorf("stop of list %d while %d is on the air", cmd.ID, c.playing))
			}
			c.playing = 0
		case Wake:
			c.alarm = cmd.At
		case Save:
			errs = append(errs, c.save(cmd))
		case Release:
			if c.releases++; c.releases > Releases || c.gone || c.playing != 0 {
				errs = append(errs, fmt.Errorf("release %d, gone %v, with list %d on the air", c.releases, c.gone, c.playing))
			}
		}
	}
	return errors.Join(errs...)
}

// play: one list at a time, to a caller who is there, and no thanks for what
// is not durable.
func (c *Checker) play(p Play) error {
	c.plays++
	if c.playing != 0 || c.releases > 0 || c.gone || p.ID != c.plays || len(p.Items) == 0 {
		return fmt.Errorf("list %d (%d sounds) played as number %d with list %d on the air, %d releases, gone %v", p.ID, len(p.Items), c.plays, c.playing, c.releases, c.gone)
	}
	c.playing = p.ID
	if err := c.tell(p.Items); err != nil {
		return err
	}
	if !slices.ContainsFunc(p.Items, func(it layout.Item) bool { return it.Part == layout.ThanksPart }) {
		return nil
	}
	thanked := 0
	for q, a := range c.answers {
		if a.Outcome == scoring.Rated {
			thanked++
			if !c.durable[q] {
				return fmt.Errorf("thanked for question %q before it was durable", q)
			}
		}
	}
	if thanked == 0 {
		return errors.New("thanked without a rating")
	}
	return nil
}

// save: answers and keys never change once handed over, and the end comes
// once, with everything.
func (c *Checker) save(s Save) error {
	if _, again := c.saves[s.ID]; again || c.ended {
		return fmt.Errorf("save %d again or after the end", s.ID)
	}
	c.saves[s.ID] = s.Answers
	for _, k := range s.Keypresses {
		if old, ok := c.stored[k.Seq]; ok && old != k {
			return fmt.Errorf("key %d was %+v and is now %+v", k.Seq, old, k)
		}
		c.stored[k.Seq] = k
	}
	for _, a := range s.Answers {
		if err := c.answer(a); err != nil {
			return err
		}
	}
	accepted := map[string]scoring.Keypress{}
	for _, k := range c.stored {
		if k.Use == scoring.Accepted {
			if _, again := accepted[k.Question]; again {
				return fmt.Errorf("question %q accepted two keys", k.Question)
			}
			accepted[k.Question] = k
		}
	}
	for _, a := range s.Answers {
		k := accepted[a.Question]
		if a.Outcome == scoring.Rated && (k.Key != a.Entry || k.Reading != a.Reading || k.MS != a.PressMS) {
			return fmt.Errorf("question %q was rated %+v, but the accepted key is %+v", a.Question, a, k)
		}
	}
	if err := c.takenBack(); err != nil {
		return err
	}
	if s.End != nil {
		return errors.Join(c.end(*s.End), c.bare(s))
	}
	return nil
}

// bare: where an end comes with nothing else, the answers say as much, so that
// [Close] tells the same of a call whose end was not stored.
func (c *Checker) bare(s Save) error {
	var all []scoring.Answer
	for _, q := range c.plan.Questions {
		all = append(all, c.answers[q.Layout.Question])
	}
	if why := ended(all); len(s.Answers) == 0 && why != s.End.Reason {
		return fmt.Errorf("ended for reason %q, the answers alone say %q", s.End.Reason, why)
	}
	return nil
}

func (c *Checker) answer(a scoring.Answer) error {
	old, known := c.answers[a.Question]
	if known && old != a {
		return fmt.Errorf("question %q was %+v and is now %+v", a.Question, old, a)
	}
	ask, ok := c.ask(a.Question)
	if !ok {
		return fmt.Errorf("answer to question %q, which is not in the plan", a.Question)
	}
	if !known {
		if err := c.asTold(ask, a); err != nil {
			return err
		}
	}
	o, rates := ask.Layout.Option(a.Entry)
	if a.Outcome == scoring.Rated && (!rates || o.Verdict != a.Verdict || a.Reading < 1) {
		return fmt.Errorf("question %q: key %q rated %q in reading %d", a.Question, a.Entry, a.Verdict, a.Reading)
	}
	if a.Heard > len(ask.Layout.Options) || a.Reading > ask.Layout.Readings()+Resumptions {
		return fmt.Errorf("question %q: heard %d options in %d readings", a.Question, a.Heard, a.Reading)
	}
	c.answers[a.Question] = a
	return nil
}

// ask finds a question of the plan.
func (c *Checker) ask(question string) (Ask, bool) {
	i := slices.IndexFunc(c.plan.Questions, func(q Ask) bool { return q.Layout.Question == question })
	if i < 0 {
		return Ask{}, false
	}
	return c.plan.Questions[i], true
}

func (c *Checker) end(e scoring.End) error {
	c.ended = true
	if len(c.answers) != len(c.plan.Questions) {
		return fmt.Errorf("ended with %d answers to %d questions", len(c.answers), len(c.plan.Questions))
	}
	if len(c.stored) != c.keys {
		return fmt.Errorf("ended with %d of %d keys kept", len(c.stored), c.keys)
	}
	for i := c.base + 1; i <= c.base+c.keys; i++ {
		if c.stored[i].Seq != i {
			return fmt.Errorf("key %d is missing", i)
		}
	}
	if !slices.Contains(scoring.Reasons, e.Reason) {
		return fmt.Errorf("ended for reason %q", e.Reason)
	}
	return nil
}

// bounds: nobody is trapped. There is always a time at which the survey goes
// on by itself, and a time after which it is over.
func (c *Checker) bounds(now time.Time) error {
	if c.gone && !c.ended {
		return errors.New("the caller left and the call was not ended")
	}
	if c.ended {
		return nil
	}
	if c.alarm.IsZero() || c.alarm.After(c.over) {
		return fmt.Errorf("alarm at %s, want one before %s", c.alarm, c.over)
	}
	return nil
}
