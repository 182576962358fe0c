package survey

import (
	"time"

	"aftercall/ivr/layout"
	"aftercall/scoring"
)

// ask begins the first reading of the open question.
func (s *Survey) ask(now time.Time) {
	s.reading, s.most, s.silences, s.wrongs, s.backs = 0, 0, 0, 0, 0
	s.asked, s.missed = now, s.deaf
	s.repeats = map[string]int{}
	s.read(now, nil)
}

// read reads the menu once more, with something said first.
func (s *Survey) read(now time.Time, first []layout.Item) {
	s.phase = playing
	s.reading++
	s.heard = 0
	s.began = time.Time{}
	s.start(now, layout.Join(first, s.plan.Questions[s.open].Sound.Menu))
}

// start plays a list.
func (s *Survey) start(now time.Time, items []layout.Item) {
	s.play++
	s.items, s.at, s.onAir, s.held = items, -1, true, -1
	s.do(Play{ID: s.play, Items: items})
	s.wake(now.Add(StartLimit))
}

// silence ends the list on the air.
func (s *Survey) silence() {
	if s.onAir {
		s.do(StopPlay{ID: s.play})
		s.onAir = false
	}
}

// current reports whether an event's list is the one on the air.
func (s *Survey) current(play int) bool {
	return play == s.play && s.onAir
}

func (s *Survey) started(now time.Time, e Started) {
	if !s.current(e.Play) {
		return
	}
	// An event may have been lost: go on to the next sound of that name.
	next := -1
	for i := s.at + 1; i < len(s.items); i++ {
		if s.items[i].Media == e.Media {
			next = i
			break
		}
	}
	if next < 0 {
		return
	}
	if s.choice != nil {
		s.choice.told = true
	} else if s.began.IsZero() && s.phase == playing {
		s.began = now.Add(-s.items[next].Start)
	}
	s.at = next
	s.hear(next)
	left := layout.Length(s.items) - s.items[next].Start
	s.wake(now.Add(left + EndSlack))
}

// hear counts the options among the first n sounds of the list.
func (s *Survey) hear(n int) {
	if s.phase != playing {
		return
	}
	for _, it := range s.items[:n] {
		if it.Part == layout.OptionPart {
			s.heard = max(s.heard, it.Option)
		}
	}
	s.most = max(s.most, s.heard)
}

func (s *Survey) ended(now time.Time, e Ended) {
	if !s.current(e.Play) || s.at < 0 || s.items[s.at].Media != e.Media {
		return
	}
	it := s.items[s.at]
	if e.Took > 0 && e.Took < ShortItem && it.End-it.Start >= 2*ShortItem {
		s.silence()
		s.doubt(now)
		return
	}
	s.hear(s.at + 1)
}

func (s *Survey) finished(now time.Time, e Finished) {
	if !s.current(e.Play) {
		return
	}
	s.onAir = false
	// A sound that is missing within a list is skipped in silence: the list
	// is then shorter than it should be.
	if e.Failed || e.Took > 0 && e.Took < layout.Length(s.items)-ShortList {
		s.doubt(now)
		return
	}
	s.listEnded(now)
}

// doubt is reached when a list broke off. A caller who hangs up ends the list
// a moment before leaving, and must not be taken for a fault of ours.
func (s *Survey) doubt(now time.Time) {
	if s.phase == thanking {
		s.leave(now)
		return
	}
	s.phase = doubting
	s.wake(now.Add(DoubtLimit))
}

func (s *Survey) listEnded(now time.Time) {
	if s.phase == thanking {
		s.leave(now)
		return
	}
	s.hear(len(s.items))
	s.phase = waiting
	s.wake(now.Add(s.patience()))
	if s.held >= 0 {
		// Without barge-in the list was read to its end first; now the last
		// key that came during it counts.
		k := &s.pending.keys[s.held]
		k.Use = s.use(now, k.Key)
		s.act(now, *k)
	}
}

// key takes a key. Every key is kept, whatever becomes of it.
func (s *Survey) key(now time.Time, key string) {
	s.seq++
	k := scoring.Keypress{Seq: s.seq, Question: s.question(s.open), Key: key, Reading: s.reading, MS: s.since(now), At: now}
	k.Use = s.use(now, key)
	if k.Use == scoring.Late && s.unspoken(now) {
		k.Question, k.Reading, k.MS = s.question(s.open-1), 0, 0
	}
	if k.Use == scoring.Early {
		s.held = len(s.pending.keys)
	}
	s.pending.keys = append(s.pending.keys, k)
	s.act(now, k)
}

// act does what a key means.
func (s *Survey) act(now time.Time, k scoring.Keypress) {
	if s.choice != nil {
		s.confirm(now, k)
		return
	}
	ask := s.plan.Questions[s.open]
	switch k.Use {
	case scoring.Accepted:
		s.choose(now, k)
	case scoring.Action:
		s.repeats[k.Key]++
		s.silence()
		s.read(now, nil)
	case scoring.Wrong:
		s.wrong(now, ask)
	}
}

// use says what a key means where it came.
func (s *Survey) use(now time.Time, key string) scoring.Use {
	l := s.plan.Questions[s.open].Layout
	_, rates := l.Option(key)
	action, acts := l.Action(key)
	switch {
	case s.phase != playing && s.phase != waiting && s.phase != doubting, s.unspoken(now), s.doubled(now, key):
		return scoring.Late
	case s.phase == playing && !l.BargeIn:
		return scoring.Early
	case s.choice != nil:
		return s.reply(key)
	case rates:
		return scoring.Accepted
	case acts && s.repeats[key] < action.Times:
		return scoring.Action
	}
	return scoring.Wrong
}

// unspoken reports whether a further question is up of which the caller can
// hardly have heard anything. Until then a key belongs to the question
// before: the second press of a double press must not rate what the caller
// has not heard.
func (s *Survey) unspoken(now time.Time) bool {
	if s.phase != playing || s.open == 0 || s.reading > 1 || s.choice != nil {
		return false
	}
	return s.at < 0 || s.at == 0 && s.items[0].Part == layout.Silence || now.Sub(s.asked) < DoublePress
}

func (s *Survey) wrong(now time.Time, ask Ask) {
	s.wrongs++
	s.silence()
	if s.wrongs > ask.Layout.WrongKey.Times {
		s.giveUp(now, scoring.Invalid, scoring.WrongKeys)
		return
	}
	s.read(now, ask.Sound.WrongKey)
}

// noKey is reached when the wait for a key is over.
func (s *Survey) noKey(now time.Time) {
	if s.choice != nil {
		s.stand(now)
		return
	}
	ask := s.plan.Questions[s.open]
	s.silences++
	if s.silences <= ask.Layout.NoInput.Times {
		s.read(now, ask.Sound.NoInput)
		return
	}
	if s.wrongs > 0 {
		s.giveUp(now, scoring.Invalid, scoring.WrongKeys)
		return
	}
	s.giveUp(now, scoring.NoInput, scoring.Silent)
}

// since is the time from the start of the reading, in ms; 0 before its first
// sound.
func (s *Survey) since(now time.Time) int64 {
	if s.began.IsZero() {
		return 0
	}
	return max(now.Sub(s.began).Milliseconds(), 0)
}

func (s *Survey) question(i int) string { return s.plan.Questions[i].Layout.Question }
