package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"aftercall/ivr/layout"
	"aftercall/ivr/survey"
	"aftercall/scoring"
)

// simulation is Asterisk and the store to one survey, on a clock of its own
// that goes from one thing that happens to the next: lists play to the
// millisecond, and whatever is saved is durable at once. What the survey asks
// for is carried out as ivr/asterisk does.
type simulation struct {
	survey *survey.Survey
	check  *survey.Checker
	caller *caller
	show   *transcript

	now    time.Time
	alarm  time.Time
	air    *broadcast      // nil = nothing plays
	stored *scoring.Record // what was saved so far
}

// newSimulation is of a survey that begins at a time.
func newSimulation(began time.Time, who *caller, show *transcript) *simulation {
	who.began, show.began, show.now = began, began, began
	return &simulation{caller: who, show: show, now: began, stored: &show.stored}
}

// run goes on until the survey has handed over its end, the caller does not
// want to hear more ([errQuit]) or ctx ends.
func (s *simulation) run(ctx context.Context, p survey.Plan) error {
	var first []survey.Command
	var err error
	s.survey, first = survey.New(s.now, p)
	if s.check, err = survey.NewChecker(s.now, p, first); err != nil {
		return broken(err)
	}
	if err := s.follow(s.carryOut(first)); err != nil {
		return err
	}
	for !s.survey.Done() && s.show.err == nil {
		at, event := s.next()
		_, idle := event.(survey.Wakeup)
		key, when, err := s.caller.press(ctx, s.now, at, idle)
		if err != nil {
			return err
		}
		s.tick(when)
		if key != 0 {
			event = s.pressed(key)
		}
		if event == nil {
			continue
		}
		if err := s.happens(event); err != nil {
			return err
		}
	}
	return s.show.err
}

// tick moves the clock, which never goes back.
func (s *simulation) tick(to time.Time) {
	if to.After(s.now) {
		s.now, s.show.now = to, to
	}
}

// next is what happens if the caller does nothing, and when: the next of the
// sounds or the survey's alarm. Where both fall together the sound is first.
func (s *simulation) next() (time.Time, survey.Event) {
	if s.air != nil {
		if at, event := s.air.next(); !at.After(s.alarm) {
			return at, event
		}
	}
	return s.alarm, survey.Wakeup{}
}

// pressed is what the survey hears of something that was typed; nil if
// nothing.
func (s *simulation) pressed(key byte) survey.Event {
	switch {
	case key == hangUp:
		s.air = nil
		s.show.line("simulate.hangup")
		return survey.Left{Reason: scoring.CallerLeft}
	case isKey(key):
		return survey.Key{Key: string(key)}
	}
	s.show.line("simulate.strange", string([]byte{key}))
	return nil
}

// happens tells the survey of something and carries out what comes of it.
func (s *simulation) happens(e survey.Event) error {
	ended := false
	switch e.(type) {
	case survey.Started:
		s.show.sound(s.air.item())
		s.air.step++
	case survey.Ended:
		s.air.step++
	case survey.Finished:
		s.air, ended = nil, true
	}
	if err := s.follow([]survey.Event{e}); err != nil {
		return err
	}
	if ended && s.air == nil && !s.survey.Done() {
		s.show.line("simulate.waiting", s.alarm.Sub(s.now).Seconds())
		if s.caller.asks() {
			s.show.say("simulate.enter")
		}
	}
	return nil
}

// follow tells the survey what came of its commands, until nothing comes.
func (s *simulation) follow(events []survey.Event) error {
	for len(events) > 0 {
		e := events[0]
		out := s.survey.Step(s.now, e)
		if err := s.check.After(s.now, e, out); err != nil {
			return broken(err)
		}
		s.show.keys(s.survey.Keys())
		events = append(events[1:], s.carryOut(out)...)
	}
	return nil
}

// broken is a fault of the survey machine, which no layout can make.
func broken(err error) error { return fmt.Errorf("the survey broke a rule of its own: %w", err) }

// carryOut does what the survey asks for, in order, and returns what came of
// it.
func (s *simulation) carryOut(out []survey.Command) (came []survey.Event) {
	for _, cmd := range out {
		switch cmd := cmd.(type) {
		case survey.Wake:
			s.alarm = cmd.At
		case survey.Play:
			s.air = &broadcast{play: cmd, began: s.now}
		case survey.StopPlay:
			s.air = nil
			s.show.line("simulate.cut")
		case survey.Release:
			s.show.line("simulate.released")
			came = append(came, survey.Left{Reason: scoring.CallerLeft})
		case survey.Save:
			s.save(cmd)
			came = append(came, survey.Saved{Save: cmd.ID})
		}
	}
	return came
}

// save keeps what the store would keep: the first answer and key of a number
// stays.
func (s *simulation) save(cmd survey.Save) {
	for _, a := range cmd.Answers {
		if !slices.ContainsFunc(s.stored.Answers, func(b scoring.Answer) bool { return a.Question == b.Question }) {
			s.stored.Answers = append(s.stored.Answers, a)
		}
	}
	for _, k := range cmd.Keypresses {
		if !slices.ContainsFunc(s.stored.Keypresses, func(b scoring.Keypress) bool { return k.Seq == b.Seq }) {
			s.stored.Keypresses = append(s.stored.Keypresses, k)
		}
	}
	if cmd.End != nil {
		s.stored.End = cmd.End
	}
}

// broadcast is a list on the air. Of each sound its start and its end are
// told, of the last one the end of the list.
type broadcast struct {
	play  survey.Play
	began time.Time
	step  int // starts and ends that were told
}

// item is the sound whose start or end comes next.
func (b *broadcast) item() layout.Item { return b.play.Items[b.step/2] }

// next is what is told next, and when.
func (b *broadcast) next() (time.Time, survey.Event) {
	it := b.item()
	switch {
	case b.step%2 == 0:
		return b.began.Add(it.Start), survey.Started{Play: b.play.ID, Media: it.Media}
	case b.step/2+1 < len(b.play.Items):
		return b.began.Add(it.End), survey.Ended{Play: b.play.ID, Media: it.Media, Took: it.End - it.Start}
	}
	return b.began.Add(it.End), survey.Finished{Play: b.play.ID, Took: layout.Length(b.play.Items)}
}
