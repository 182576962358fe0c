package centre

import (
	"math"
	"slices"
	"testing"
	"time"

	"aftercall/ivr/layout"
)

// Parts of a survey beside question and options.
const (
	retry  = 1
	thanks = 1
)

// partPause is the silence that ends a part, in ms: longer than any pause
// inside a sentence, shorter than any between two options.
const partPause = 350

// spoken is the speech of a visit behind the agent's talk.
func spoken(v Visit) []Segment {
	return slices.DeleteFunc(slices.Clone(v.Segments), func(s Segment) bool { return s.Kind != "speech" || s.StartMS < v.TalkEndMS })
}

// parts are the stretches of speech of a visit: from first to last sound.
func parts(v Visit) []Segment {
	var list []Segment
	for _, s := range spoken(v) {
		if n := len(list); n > 0 && s.StartMS-list[n-1].EndMS < partPause {
			list[n-1].EndMS = s.EndMS
			continue
		}
		list = append(list, s)
	}
	return list
}

// heardParts: so many parts were heard.
func heardParts(n int) func(*testing.T, scene) {
	return func(t *testing.T, s scene) {
		if got := parts(s.visit()); len(got) != n {
			t.Errorf("heard %d parts, want %d: %+v", len(got), n, got)
		}
	}
}

// pressedAfter: the time of the accepted key that is stored lies behind the
// option's last word, by no more than the caller took for it.
func pressedAfter(option int) func(*testing.T, scene) {
	return func(t *testing.T, s scene) {
		q := s.calls[0].Questions[0]
		_, heard := s.layout(t, q.Layout, "en")
		named := ms(heard.Timeline()[option-1].Answerable)
		const slowest = 1500
		if at := int(q.Answer.PressMS); at < named+partPause-60 || at > named+slowest {
			t.Errorf("pressed %d ms into the reading, want %d to %d", at, named+partPause, named+slowest)
		}
	}
}

// silencedAndThanked: the menu falls silent at the key, then comes the
// thank-you, then the operator's dialplan. A busy machine can hold up one
// caller's key, so the quickest of the callers counts.
func silencedAndThanked(t *testing.T, s scene) {
	const slowest = 200 // ms from the end of the key to silence
	quickest := math.MaxInt
	for _, h := range s.heard {
		v := h.Visits[0]
		p, key := parts(v), v.Presses[0]
		if len(p) != 1+thanks {
			t.Fatalf("%s: heard %d parts, want the cut intro and the thank-you: %+v", h.Caller, len(p), p)
		}
		if p[0].EndMS < key.StartMS {
			t.Errorf("%s: the intro ended at %d ms, before the key at %d ms: nothing was cut", h.Caller, p[0].EndMS, key.StartMS)
		}
		if p[1].StartMS < key.EndMS {
			t.Errorf("%s: the thank-you began at %d ms, the key ended at %d ms", h.Caller, p[1].StartMS, key.EndMS)
		}
		if at, _ := releasedAt(h); at < p[1].EndMS {
			t.Errorf("%s: released at %d ms, in the thank-you that ended at %d ms", h.Caller, at, p[1].EndMS)
		}
		quickest = min(quickest, p[0].EndMS-key.EndMS)
	}
	if quickest > slowest {
		t.Errorf("the intro ended %d ms after the key, want at most %d", quickest, slowest)
	}
}

// presets ask the same question, each in its way.
var presets = []string{"habit", "strict", "gap", "worst-first", "reversed"}

// TestTimelines: every preset in every language is heard as it is written.
// Nothing else runs beside it, because it is about milliseconds.
func TestTimelines(t *testing.T) {
	var rows []row
	for _, name := range presets {
		for _, language := range [][2]string{{"en", "en"}, {"zh", "zh-CN"}} {
			rows = append(rows, row{
				name: "timeline " + name + " " + language[0], queue: Queue{Layouts: arms(name), Language: language[0]},
				calls: 3, acts: `[{after_part: 4, press: "1"}]`, language: language[1], check: onTime,
			})
		}
	}
	c := openRows(t, rows, Options{Agents: 40})
	t.Run("row", func(t *testing.T) {
		for _, r := range rows {
			t.Run(r.name, func(t *testing.T) {
				t.Parallel()
				c.play(t, r)
			})
		}
	})
}

// frame is what Asterisk sends at a time: every sound ends in a whole one, so
// each makes what follows late by up to this much.
const frame = 20 * time.Millisecond

// onTime: every sentence begins and every silence between two of them lasts as
// the layout says. A busy machine can hold up one caller's sound, so of the
// callers the one who heard it nearest to its time counts.
func onTime(t *testing.T, s scene) {
	const tolerance = 60 // ms
	l, r := s.layout(t, s.calls[0].Questions[0].Layout, s.row.language)
	best := late(s.visit(), l, r.Menu)
	for _, h := range s.heard[1:] {
		for i, m := range late(h.Visits[0], l, r.Menu) {
			best[i].start = closer(best[i].start, m.start)
			best[i].pause = closer(best[i].pause, m.pause)
		}
	}
	for _, m := range best {
		if max(m.start, -m.start) > tolerance {
			t.Errorf("%s %d: heard %d ms after its time, want within %d", m.Part, m.Option, m.start, tolerance)
		}
		if max(m.pause, -m.pause) > tolerance {
			t.Errorf("silence before %s %d: %d ms longer than its %s, want within %d", m.Part, m.Option, m.pause, m.silence, tolerance)
		}
	}
	if len(best) < 4 {
		t.Errorf("the menu has %d sentences, want a question and three options", len(best))
	}
}

// lateness is how far one sentence was off, in ms.
type lateness struct {
	layout.Item
	silence      layout.Delay // before it, as the layout says; the lead-in ends in the agent's talk
	start, pause int
}

// late measures each sentence of a menu. Sentences are found by time: speech
// has pauses of its own.
func late(v Visit, l layout.Layout, menu []layout.Item) []lateness {
	said := spoken(v)
	var list []lateness
	began, last := 0, 0 // of the menu on the caller's clock; the segment that ended the sentence before
	for _, it := range onWire(menu) {
		m := lateness{Item: it}
		switch {
		case it.Part == layout.Silence:
			continue
		case it.Option == 1:
			m.silence = l.AskPause
		case it.Option > 1:
			m.silence = l.Options[it.Option-2].Pause
		}
		if len(list) == 0 {
			began = said[0].StartMS - ms(it.Start)
		} else {
			first := nearest(said, func(p Segment) int { return p.StartMS - began - ms(it.Start) })
			m.start = said[first].StartMS - began - ms(it.Start)
			m.pause = said[first].StartMS - said[last].EndMS - ms(m.silence.D())
		}
		last = nearest(said, func(p Segment) int { return p.EndMS - began - ms(it.End) })
		list = append(list, m)
	}
	return list
}

// closer is the number that is nearer to 0.
func closer(a, b int) int {
	if a*a <= b*b {
		return a
	}
	return b
}

// onWire moves the items of a list to where whole frames put them.
func onWire(items []layout.Item) []layout.Item {
	var list []layout.Item
	var at time.Duration
	for _, it := range items {
		length := it.End - it.Start
		it.Start, it.End = at, at+length
		list = append(list, it)
		at += (length + frame - 1) / frame * frame
	}
	return list
}

// nearest is the segment with the least distance, before or after.
func nearest(list []Segment, distance func(Segment) int) int {
	best := 0
	for i, s := range list {
		if d := distance(s); d*d < distance(list[best])*distance(list[best]) {
			best = i
		}
	}
	return best
}
