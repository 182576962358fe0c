package synth

import (
	"math"
	"math/rand/v2"
	"time"

	"aftercall/ivr/layout"
	"aftercall/scoring"
)

// soonest is when a blind press comes at the earliest, from the first word of
// the menu: any sooner, the service takes it for the second press of a key
// that settled the question before.
const soonest = 1100 * time.Millisecond

// caller is one caller in a survey, as the service would see it.
type caller struct {
	*rand.Rand
	truth    *Truth
	id       scoring.CallID
	queue    int // in the truth
	agent    agent
	language string
	opinion  opinion
	at       time.Time // now
	answers  []scoring.Answer
	keys     []scoring.Keypress

	// Of the open question.
	menu    *menu
	sound   sound
	reading int
	lead    time.Duration // what is said before the menu in this reading
	heard   int           // most options in any reading
}

// ask lets the caller go through one question and says why it ended;
// Completed = rated.
func (c *caller) ask(m *menu) scoring.Reason {
	c.menu, c.sound, c.reading, c.lead, c.heard = m, m.sounds[c.language], 1, 0, 0
	t := c.truth
	switch {
	case c.Float64() < t.Errors:
		c.at = c.at.Add(5 * time.Second) // as long as the service waits for a sound
		return c.close(scoring.Failed, scoring.AudioFailed)
	case c.Float64() >= t.Answering.of(c.opinion)*m.factor:
		return c.silent()
	case m.deceives && c.Float64() < t.GapEffect.Share:
		return c.deceived()
	}
	return c.answer(c.choose())
}

// choose gives the option that the caller presses.
func (c *caller) choose() int {
	if c.Float64() < c.truth.OrderEffect {
		return 0
	}
	if c.menu.keyOne >= 0 && c.Float64() < c.truth.KeyEffect {
		return c.menu.keyOne
	}
	means := c.menu.means[c.opinion]
	return pick(c.Rand, len(means), func(i int) float64 { return means[i] })
}

// deceived is what a caller does to whom the menu sounds finished behind its
// first option: to hang up or to press it, before the next is read.
func (c *caller) deceived() scoring.Reason {
	first := c.sound.times[0]
	gap := first.End - first.Answerable
	if c.Float64() < c.truth.GapEffect.HangUp.of(c.opinion) {
		return c.hangUp(first.Answerable + c.within(gap*6/10, gap))
	}
	c.press(0, min(first.Answerable+c.reaction(), first.End-time.Millisecond))
	return scoring.Completed
}

// answer is how a caller presses the key of an option.
func (c *caller) answer(option int) scoring.Reason {
	p, l := c.truth.Press, c.menu.layout
	if l.NoInput.Times > 0 && c.Float64() < p.Late {
		c.again(c.sound.length+l.Wait.D(), c.sound.NoInput)
	}
	if l.WrongKey.Times > 0 && c.menu.wrong != "" && c.Float64() < p.WrongKey {
		c.slip(c.moment(0))
	}
	c.press(option, c.moment(option))
	return scoring.Completed
}

// moment gives when in the menu a caller presses the key of an option.
func (c *caller) moment(option int) time.Duration {
	p, o := c.truth.Press, c.sound.times[option]
	last := c.sound.length + c.menu.layout.Wait.D() - time.Millisecond
	switch {
	case c.Float64() < p.Blind:
		return c.within(min(c.menu.layout.LeadIn.D()+soonest, o.Start), o.Start)
	case c.Float64() < p.Patient:
		return min(c.sound.length+c.reaction(), last)
	}
	return min(o.Answerable+c.reaction(), last)
}

// silent is what a caller does who does not answer.
func (c *caller) silent() scoring.Reason {
	l, draw := c.menu.layout, c.Float64()
	switch s := c.truth.Silent; {
	case draw < s.HangUp:
		return c.hangUp(c.within(0, c.sound.length+l.Wait.D()/2))
	case draw < s.HangUp+s.WrongKeys && c.menu.wrong != "":
		for range l.WrongKey.Times {
			c.slip(c.moment(0))
		}
		c.pass(c.wrongKey(c.moment(0)))
		return c.close(scoring.Invalid, scoring.WrongKeys)
	}
	for range l.NoInput.Times {
		c.again(c.sound.length+l.Wait.D(), c.sound.NoInput)
	}
	c.pass(c.sound.length + l.Wait.D())
	return c.close(scoring.NoInput, scoring.Silent)
}

func (c *caller) hangUp(at time.Duration) scoring.Reason {
	c.pass(at)
	return c.close(scoring.HungUp, scoring.CallerLeft)
}

// again has the menu read once more after a time of this reading, with
// something said first.
func (c *caller) again(after time.Duration, first []layout.Item) {
	c.pass(after)
	c.reading++
	c.lead = layout.Length(first)
}

// slip is a wrong key that is forgiven.
func (c *caller) slip(at time.Duration) {
	c.again(c.wrongKey(at), c.sound.WrongKey)
}

// wrongKey presses a key that means nothing and gives when it counts.
func (c *caller) wrongKey(at time.Duration) time.Duration {
	c.key(c.menu.wrong, scoring.Wrong, at)
	return c.counts(at)
}

// counts gives when a key counts: without barge-in, at the end of the menu.
func (c *caller) counts(at time.Duration) time.Duration {
	if c.menu.layout.BargeIn {
		return at
	}
	return max(at, c.sound.length)
}

// pass lets time of the menu go by, in this reading.
func (c *caller) pass(until time.Duration) {
	for i, o := range c.sound.times {
		if o.Answerable <= until {
			c.heard = max(c.heard, i+1)
		}
	}
	c.at = c.at.Add(c.lead + until).Truncate(time.Millisecond)
}

func (c *caller) key(key string, use scoring.Use, at time.Duration) {
	c.keys = append(c.keys, scoring.Keypress{Seq: len(c.keys) + 1, Question: c.menu.layout.Question, Key: key, Reading: c.reading,
		MS: (c.lead + at).Milliseconds(), Use: use, At: c.at.Add(c.lead + at).Truncate(time.Millisecond)})
}

// press rates the question. A choice that is read back stands by silence.
func (c *caller) press(option int, at time.Duration) {
	l := c.menu.layout
	o := l.Options[option]
	c.key(o.Key, scoring.Accepted, at)
	c.pass(c.counts(at))
	if l.Confirm != nil && l.Confirm.Times > 0 {
		c.at = c.at.Add(layout.Length(c.sound.Confirm[option]) + l.Confirm.Wait.D())
	}
	c.close(scoring.Rated, scoring.Completed)
	v, _ := c.menu.scale.Verdict(o.Verdict)
	a := &c.answers[len(c.answers)-1]
	a.Verdict, a.Value, a.Entry, a.PressMS = v.ID, v.Value, o.Key, (c.lead + at).Milliseconds()
}

// close gives the open question its answer.
func (c *caller) close(o scoring.Outcome, why scoring.Reason) scoring.Reason {
	c.answers = append(c.answers, scoring.Answer{Question: c.menu.layout.Question, Outcome: o, Reading: c.reading, Heard: c.heard, At: c.at})
	return why
}

// reaction draws how long a caller takes to press a key.
func (c *caller) reaction() time.Duration {
	p := c.truth.Press
	return time.Duration(float64(p.Reaction.D()) * math.Exp(p.Spread*c.NormFloat64()))
}

func (c *caller) within(least, most time.Duration) time.Duration {
	return least + time.Duration(c.Float64()*float64(most-least))
}
