package survey

import (
	"testing"
	"time"

	"aftercall/scoring"
)

// FuzzSurvey turns bytes into what can happen to a call, in any order and at
// any time, and holds the checker against every step. In the end the caller
// hangs up, if the call is not over by then.
func FuzzSurvey(f *testing.F) {
	all := plans(f)
	names := []string{"one", "two", "no-barge-in", "no-retries", "confirm", "confirm-two", "confirm-no-barge-in"}
	f.Add([]byte{0, 10, 1, 20, 1, 40, 50})
	f.Add([]byte{1, 10, 41, 60, 10, 42, 60, 70})
	f.Add([]byte{129, 10, 1, 20, 210, 213, 50, 100})
	f.Add([]byte{220, 212, 213, 10, 50, 100, 130})
	f.Add([]byte{2, 255, 255, 255, 255, 255, 255})
	f.Add([]byte{4, 10, 1, 20, 40, 10, 5, 5, 67, 20, 40, 10, 5, 80, 100}) // chosen, taken back, chosen again
	f.Add([]byte{5, 10, 1, 40, 41, 10, 130, 5, 53, 100, 10, 66, 212, 213, 20, 200})
	f.Add([]byte{6, 10, 1, 66, 130, 10, 41, 130, 5, 67, 130})
	f.Add([]byte{130, 10, 1, 53, 10, 5, 212, 213, 10, 41, 180})
	f.Fuzz(func(t *testing.T, story []byte) {
		if len(story) == 0 {
			return
		}
		p := all[names[int(story[0])%len(names)]]
		now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
		s, out, check, err := begin(now, p, story[0])
		if err != nil {
			t.Fatal(err)
		}
		w := &world{}
		w.see(out)
		step := func(e Event) {
			out := s.Step(now, e)
			if err := check.After(now, e, out); err != nil {
				t.Fatalf("%T %+v: %v", e, e, err)
			}
			w.see(out)
		}
		for _, b := range story[1:] {
			until := now.Add(time.Duration(b%7) * 300 * time.Millisecond)
			for !s.Done() && !w.alarm.After(until) {
				now = w.alarm
				step(Wakeup{})
			}
			now = until
			step(w.event(b))
		}
		for i := 0; i < 100 && !s.Done(); i++ {
			now = w.alarm
			step(Wakeup{})
		}
		if !s.Done() {
			t.Fatal("a caller who is left alone is never released")
		}
		step(Left{Reason: scoring.CallerLeft})
	})
}

// begin begins a survey, or, with the highest bit set, takes one up again
// whose first question may be rated and whose time may be short.
func begin(now time.Time, p Plan, how byte) (*Survey, []Command, *Checker, error) {
	if how < 128 {
		s, out := New(now, p)
		check, err := NewChecker(now, p, out)
		return s, out, check, err
	}
	i := Interrupted{Seq: int(how % 3), Resumed: 1, Until: now.Add(time.Duration(how%32) * time.Second)}
	if how%5 == 0 {
		i.Until = time.Time{}
	}
	if how%2 == 0 {
		l := p.Questions[0].Layout
		i.Answers = []scoring.Answer{{Question: l.Question, Outcome: scoring.Rated, Verdict: l.Options[0].Verdict, Entry: l.Options[0].Key, Reading: 1}}
	}
	s, out := Resume(now, p, i)
	check, err := NewResumedChecker(now, p, i, out)
	return s, out, check, err
}

// world knows enough of the commands to make likely events of them.
type world struct {
	play  Play
	next  int
	save  int
	alarm time.Time
}

func (w *world) see(out []Command) {
	for _, c := range out {
		switch c := c.(type) {
		case Play:
			w.play, w.next = c, 0
		case Save:
			w.save = c.ID
		case Wake:
			w.alarm = c.At
		}
	}
}

func (w *world) event(b byte) Event {
	media := ""
	if n := len(w.play.Items); n > 0 { // none if the caller was released at once
		media = w.play.Items[w.next%n].Media
	}
	switch b / 10 {
	case 0, 1, 2:
		w.next++
		return Started{Play: w.play.ID, Media: media}
	case 3:
		return Ended{Play: w.play.ID, Media: media, Took: time.Duration(b%3) * 40 * time.Millisecond}
	case 4, 5, 6, 7, 8:
		return Key{Key: string("0123456789*#A"[int(b)%13])}
	case 9, 10, 11:
		return Saved{Save: w.save, Failed: b%5 == 0}
	case 12:
		return Saved{Save: w.save - 1}
	case 13, 14, 15:
		return Finished{Play: w.play.ID, Failed: b%7 == 0}
	case 16:
		return Finished{Play: w.play.ID - 1}
	case 17:
		return Started{Play: w.play.ID + 1, Media: media}
	case 18:
		return Stop{}
	case 19:
		return Left{Reason: scoring.Lost}
	case 20:
		return Left{Reason: scoring.CallerLeft}
	}
	switch b % 4 {
	case 0:
		return Cut{}
	case 1:
		return Restored{}
	}
	return Wakeup{}
}
