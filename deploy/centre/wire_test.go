package centre

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
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
func parts(v Visit) []Segment { return stretches(v, partPause) }

// stretches are those between silences of so many ms.
func stretches(v Visit, pause int) []Segment {
	var list []Segment
	for _, s := range spoken(v) {
		if n := len(list); n > 0 && s.StartMS-list[n-1].EndMS < pause {
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
	const (
		slowest = 200 // ms from the end of the key to silence
		pause   = 260 // ms: the thank-you comes 300 after what was cut, and neither holds such a silence
	)
	quickest := math.MaxInt
	for _, h := range s.heard {
		v := h.Visits[0]
		p, key := stretches(v, pause), v.Presses[0]
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

// another gives the shipped layouts and one more, made from gap.
func another(t *testing.T, name string, changes ...string) (file string) {
	t.Helper()
	b, err := os.ReadFile("../../configs/layouts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(b), "  - name: gap ")
	gap, after, both := strings.Cut(rest, "  - name: worst-first ")
	if !ok || !both {
		t.Fatal("the shipped layouts have no gap before worst-first")
	}
	made := strings.NewReplacer(changes...).Replace(gap)
	file = filepath.Join(t.TempDir(), "layouts.yaml")
	text := before + "  - name: gap " + gap + "  - name: " + name + " " + made + "  - name: worst-first " + after
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestTimelines: every preset in every language, and a layout whose pauses are
// no whole frames of 20 ms, is heard as "check --explain" prints it. Nothing else runs beside it,
// because it is about milliseconds.
func TestTimelines(t *testing.T) {
	var rows []row
	for _, name := range append(presets, "odd") {
		for _, language := range [][2]string{{"en", "en"}, {"zh", "zh-CN"}} {
			rows = append(rows, row{
				name: "timeline " + name + " " + language[0], queue: Queue{Layouts: arms(name), Language: language[0]},
				calls: 2, acts: `[{after_part: 4, press: "1"}]`, language: language[1], check: onTime,
			})
		}
	}
	odd := another(t, "odd", "*lead_in", "507ms", "*ask_pause", "489ms", "satisfied, pause: 3s", "satisfied, pause: 2989ms", "fair, pause: 3s", "fair, pause: 3007ms")
	c := openRows(t, rows, Options{Agents: 40, Layouts: odd})
	t.Run("row", func(t *testing.T) {
		for _, r := range rows {
			t.Run(r.name, func(t *testing.T) {
				t.Parallel()
				c.play(t, r)
			})
		}
	})
}

// sentence is a line of a printed timeline, in ms from the start of a reading.
type sentence struct {
	start, end int // end of the speech
	said       string
}

// printed reads the timeline of a layout in a language as an operator does.
func (c *Centre) printed(t *testing.T, name, language string) []sentence {
	t.Helper()
	text, err := c.Program(t.Context(), "check", "--explain", name)
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ = strings.Cut(text, "\nIn "+language+": ")
	var list []sentence
	for line := range strings.Lines(text) {
		var times []int // of an option: start, answerable, end
		f := strings.Fields(line)
		for len(f) > 0 {
			s, err := strconv.ParseFloat(f[0], 64)
			if err != nil || !strings.Contains(f[0], ".") {
				break
			}
			times, f = append(times, int(math.Round(s*1000))), f[1:]
		}
		switch {
		case len(times) >= 2:
			list = append(list, sentence{times[0], times[1], strings.Join(f, " ")})
		case len(list) > 0:
			return list
		}
	}
	t.Fatalf("no timeline of %s in %s in what check --explain prints:\n%s", name, language, text)
	return nil
}

// tolerance is how far from its time a sentence may be heard, in ms.
const tolerance = 60

// onTime: every sentence begins and every silence between two of them lasts as
// the printed timeline says. A busy machine can hold up a caller's sound, so of
// the callers the one who heard it nearest to its time counts, and where all
// were held up, others call.
func onTime(t *testing.T, s scene) {
	const rounds = 3
	want := s.printed(t, s.calls[0].Questions[0].Layout, s.row.language)
	if len(want) != 4 {
		t.Fatalf("the printed timeline has %d sentences, want a question and three options: %+v", len(want), want)
	}
	best := late(s.visit(), want)
	for round, heard := 1, s.heard; ; round++ {
		for _, h := range heard {
			for i, m := range late(h.Visits[0], want) {
				best[i].start = closer(best[i].start, m.start)
				best[i].pause = closer(best[i].pause, m.pause)
			}
		}
		if round == rounds || !slices.ContainsFunc(best, lateness.tooFar) {
			break
		}
		t.Logf("round %d: %+v ms: held up", round, best)
		heard = s.robots(t, s.row)
	}
	for i, m := range best {
		t.Logf("%q: %d ms after its time, silence before it %d ms too long", want[i].said, m.start, m.pause)
		if m.tooFar() {
			t.Errorf("%q: heard %d ms after its time, behind a silence %d ms longer than printed, want both within %d", want[i].said, m.start, m.pause, tolerance)
		}
	}
}

// lateness is how far one sentence was off, in ms: its start and the silence
// before it. The question's own start is where the clock begins.
type lateness struct{ start, pause int }

func (l lateness) tooFar() bool {
	return max(l.start, -l.start, l.pause, -l.pause) > tolerance
}

// late measures each sentence of a menu. Sentences are found by time: speech
// has pauses of its own.
func late(v Visit, want []sentence) []lateness {
	said := spoken(v)
	began, last := said[0].StartMS-want[0].start, 0 // of the menu on the caller's clock; the segment that ended the sentence before
	var list []lateness
	for i, w := range want {
		var m lateness
		if i > 0 {
			first := nearest(said, func(p Segment) int { return p.StartMS - began - w.start })
			m.start = said[first].StartMS - began - w.start
			m.pause = said[first].StartMS - said[last].EndMS - (w.start - want[i-1].end)
		}
		last = nearest(said, func(p Segment) int { return p.EndMS - began - w.end })
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
