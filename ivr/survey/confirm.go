package survey

import (
	"slices"
	"time"

	"aftercall/ivr/layout"
	"aftercall/scoring"
)

// choice is the option that a caller chose, until it is settled or taken
// back. Nothing of it is handed over before, so that what is stored never
// changes. It stands unless the caller takes it back: whoever hangs up, says
// nothing more or cannot hear us has rated all the same.
type choice struct {
	option int              // in reading order, from 0
	key    scoring.Keypress // that chose it
	at     time.Time        // when it counted
	told   bool             // the caller has begun to hear what was chosen
}

// choose is what a rating key does: the choice is read back to the caller if
// the layout asks for that, else it stands. So it does where the caller has
// chosen again as often as may be: what is read back can always be taken back.
func (s *Survey) choose(now time.Time, k scoring.Keypress) {
	l := s.plan.Questions[s.open].Layout
	i := slices.IndexFunc(l.Options, func(o layout.Option) bool { return o.Key == k.Key })
	s.choice = &choice{option: i, key: k, at: now}
	if l.Confirm == nil || s.backs == l.Confirm.Times {
		s.stand(now)
		return
	}
	s.silence()
	s.readBack(now)
}

// readBack tells the caller what was chosen.
func (s *Survey) readBack(now time.Time) {
	s.phase = playing
	s.start(now, s.sentence())
}

// sentence is what a caller hears of the choice.
func (s *Survey) sentence() []layout.Item {
	return s.plan.Questions[s.open].Sound.Confirm[s.choice.option]
}

// patience is how long a key is waited for behind a list.
func (s *Survey) patience() time.Duration {
	l := s.plan.Questions[s.open].Layout
	if s.choice != nil {
		return l.Confirm.Wait.D()
	}
	return l.Wait.D()
}

// reply says what a key means to a caller who chose.
func (s *Survey) reply(key string) scoring.Use {
	c := s.plan.Questions[s.open].Layout.Confirm
	if key == c.Key || key == c.Again {
		return scoring.Action
	}
	return scoring.Wrong
}

// confirm does what a key means to a caller who chose. A wrong one changes
// nothing.
func (s *Survey) confirm(now time.Time, k scoring.Keypress) {
	c := s.plan.Questions[s.open].Layout.Confirm
	switch {
	case k.Use != scoring.Action:
	case k.Key == c.Key:
		s.stand(now)
	default:
		s.takeBack(now)
	}
}

// doubled reports whether a key is likely the second press of a double press:
// the caller has not heard yet that a choice is read back, or has only just
// chosen with the same key, or taken back with it what it may rate in the menu.
func (s *Survey) doubled(now time.Time, key string) bool {
	if s.choice != nil {
		return !s.choice.told || key == s.choice.key.Key && now.Sub(s.choice.at) < DoublePress
	}
	c := s.plan.Questions[s.open].Layout.Confirm
	return c != nil && key == c.Again && now.Sub(s.backAt) < DoublePress
}

// takeBack forgets the choice and reads the menu again.
func (s *Survey) takeBack(now time.Time) {
	s.forget()
	s.backAt = now
	s.silence()
	s.read(now, nil)
}

// forget takes the choice back, and says so of the key that made it.
func (s *Survey) forget() {
	for i, k := range s.pending.keys {
		if k.Seq == s.choice.key.Seq {
			s.pending.keys[i].Use = scoring.TakenBack
		}
	}
	s.choice = nil
	s.backs++
}

// heed is for a sentence that is not read to its end. Without barge-in the
// key that takes the choice back would have counted there; whoever pressed it
// must not be rated with what they took back.
func (s *Survey) heed() {
	if s.choice == nil || s.held < 0 {
		return
	}
	c, k := s.plan.Questions[s.open].Layout.Confirm, &s.pending.keys[s.held]
	if k.Use == scoring.Early && k.Key == c.Again {
		k.Use = scoring.Action
		s.forget()
	}
}

// stand settles the open question with the choice and sends it to the store.
func (s *Survey) stand(now time.Time) {
	s.silence()
	s.rate(now)
	s.phase = saving
	s.save(nil)
	s.wake(now.Add(SaveLimit))
}

// rate gives the open question the choice as its answer.
func (s *Survey) rate(now time.Time) {
	ask, k := s.plan.Questions[s.open], s.choice.key
	v, _ := ask.Scale.Verdict(ask.Layout.Options[s.choice.option].Verdict)
	s.choice = nil
	s.settle(scoring.Answer{Outcome: scoring.Rated, Verdict: v.ID, Value: v.Value, Entry: k.Key, PressMS: k.MS, At: now})
	s.rated++
}
