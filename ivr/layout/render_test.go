package layout

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

// TestTimeline compares what a caller hears, and when, with a golden text.
func TestTimeline(t *testing.T) {
	var got strings.Builder
	for _, language := range []string{"en", "zh-CN"} {
		r, err := Render(toyLayout(), toyQuestion(), toyScale(), language, tones{})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&got, "%s\n", language)
		for _, list := range [][]Item{r.Menu, r.NoInput, r.WrongKey} {
			for _, it := range list {
				fmt.Fprintf(&got, "  %6s %6s  %-7s %d %s\n", it.Start, it.End, it.Part, it.Option, it.Media)
			}
			fmt.Fprintf(&got, "  %6s\n", Length(list))
		}
		for _, o := range r.Timeline() {
			fmt.Fprintf(&got, "  option %d starts %s, answerable %s, ends %s\n", o.Option, o.Start, o.Answerable, o.End)
		}
		fmt.Fprintf(&got, "  longest %s\n", Longest(toyLayout(), r))
	}
	const golden = "testdata/timeline.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Error(err)
	}
	if d := cmp.Diff(string(want), got.String()); d != "" {
		t.Errorf("timeline differs (-want +got):\n%s", d)
	}
}

// TestLongest: every retry and every repeat, each with the wait behind it.
func TestLongest(t *testing.T) {
	l := toyLayout()
	r := Rendition{Menu: []Item{{End: 10 * time.Second}}, NoInput: []Item{{End: 2 * time.Second}}, WrongKey: []Item{{End: 3 * time.Second}}}
	// 1 + 1 silent + 2 wrong + 2 repeats = 6 readings of 10 s + 5 s.
	if got, want := Longest(l, r), 6*15*time.Second+2*time.Second+2*3*time.Second; got != want {
		t.Errorf("Longest = %s, want %s", got, want)
	}
	l.NoInput.Times, l.WrongKey.Times, l.Actions = 0, 0, nil
	if got, want := Longest(l, r), 15*time.Second; got != want {
		t.Errorf("Longest without retries = %s, want %s", got, want)
	}
}

// TestPausesOfAnyLength: Asterisk sends whole frames of 20 ms; each sentence
// still begins within half a frame of where the layout says.
func TestPausesOfAnyLength(t *testing.T) {
	l := toyLayout()
	l.LeadIn, l.AskPause = Delay(511*time.Millisecond), Delay(5*time.Millisecond)
	l.Options[0].Pause, l.Options[1].Pause = Delay(7*time.Millisecond), Delay(1009*time.Millisecond)
	r, err := Render(l, toyQuestion(), toyScale(), "en", tones{})
	if err != nil {
		t.Fatal(err)
	}
	want := []time.Duration{511, 511 + 700 + 5, 511 + 700 + 5 + 600 + 7, 511 + 700 + 5 + 600 + 7 + 600 + 1009}
	var air time.Duration
	for _, it := range r.Menu {
		if it.Part == Silence {
			d, err := time.ParseDuration(strings.TrimPrefix(it.Media, "sound:"))
			if err != nil || d%Frame != 0 {
				t.Errorf("the sound of a silence is %q, want whole frames of %s", it.Media, Frame)
			}
			air += d
			continue
		}
		if it.Start != want[0]*time.Millisecond {
			t.Errorf("%q starts at %s, want %d ms", it.Say, it.Start, want[0])
		}
		if off := air - it.Start; off.Abs() > Frame/2 {
			t.Errorf("%q is on the air %s from its time, want at most half of %s", it.Say, off, Frame)
		}
		want = want[1:]
		air += it.End - it.Start
	}
	if len(want) > 0 {
		t.Errorf("%d sentences are missing", len(want))
	}
}

// mute lacks the sound of one text.
type mute struct {
	tones
	say string
}

var errMute = errors.New("no such sound")

func (m mute) Speech(s Speech) (Sound, error) {
	if s.Say == m.say {
		return Sound{}, errMute
	}
	return m.tones.Speech(s)
}

func TestRenderLacksASound(t *testing.T) {
	for _, say := range []string{"rate us", "fair 2", "nothing", "wrong"} {
		_, err := Render(toyLayout(), toyQuestion(), toyScale(), "en", mute{say: say})
		if want := `layout "habit" in en: no such sound`; !errors.Is(err, errMute) || err.Error() != want {
			t.Errorf("without %q: %v, want %s", say, err, want)
		}
	}
	_, err := RenderThanks(toyCatalogue().Surveys[0], "en", mute{say: "thanks"})
	if want := `survey "service" in en: no such sound`; !errors.Is(err, errMute) || err.Error() != want {
		t.Errorf("without thanks: %v, want %s", err, want)
	}
}

func TestJoin(t *testing.T) {
	a := []Item{{Media: "a", End: time.Second}}
	b := []Item{{Media: "b", End: time.Second}, {Media: "c", Start: time.Second, End: 3 * time.Second}}
	got := Join(nil, a, b)
	want := []Item{{Media: "a", End: time.Second}, {Media: "b", Start: time.Second, End: 2 * time.Second}, {Media: "c", Start: 2 * time.Second, End: 4 * time.Second}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("joined lists differ (-want +got):\n%s", d)
	}
	if a[0].End != time.Second || b[1].Start != time.Second {
		t.Error("Join changed what it was given")
	}
}

var chinese = map[string]string{
	"rate us": "请评价", "good 1": "满意请按1", "fair 2": "一般请按2", "bad 3": "不满意请按3", "nothing": "没有听到", "wrong": "按键错误", "thanks": "谢谢",
}

// TestSounds: every text and silence that can be heard, each once, in a
// stable order.
func TestSounds(t *testing.T) {
	c := toyCatalogue()
	second := toyLayout()
	second.Name, second.Options = "again", second.Options[:2]
	c.Layouts = append(c.Layouts, second)
	speech, silence := c.Sounds()
	want := []Speech{
		{"en", "rate us", "habit/ask"}, {"en", "good 1", "habit/option-1"}, {"en", "fair 2", "habit/option-2"},
		{"en", "bad 3", "habit/option-3"}, {"en", "nothing", "habit/no-input"}, {"en", "wrong", "habit/wrong-key"},
		{"en", "rate us", "again/ask"}, {"en", "good 1", "again/option-1"}, {"en", "fair 2", "again/option-2"},
		{"en", "nothing", "again/no-input"}, {"en", "wrong", "again/wrong-key"}, {"en", "thanks", "service/thanks"},
	}
	for _, s := range want[:6] {
		want = append(want, Speech{"zh-CN", chinese[s.Say], s.Place})
	}
	for _, s := range want[6:12] {
		want = append(want, Speech{"zh-CN", chinese[s.Say], s.Place})
	}
	if d := cmp.Diff(want, speech); d != "" {
		t.Errorf("texts differ (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]Delay{Delay(500 * time.Millisecond), Delay(1500 * time.Millisecond), Delay(300 * time.Millisecond)}, silence); d != "" {
		t.Errorf("silences differ (-want +got):\n%s", d)
	}
}

// TestDelayFaults: a length of time without a unit arrives as nanoseconds,
// and is told apart from a wrong length.
func TestDelayFaults(t *testing.T) {
	for _, c := range []struct {
		wait Delay
		want string
	}{
		{5, "5ns is under 1ms, want a number with a unit such as 500ms or 3s (did you forget the unit?)"},
		{Delay(1500 * time.Microsecond), "1.5ms, want whole milliseconds"},
		{Delay(-time.Second), "-1s, want 1s to 30s"},
		{0, "0s, want 1s to 30s"},
		{Delay(time.Minute), "1m0s, want 1s to 30s"},
		{Delay(MaxWait), ""}, {Delay(MinWait), ""},
	} {
		cat := toyCatalogue()
		cat.Layouts[0].Wait = c.wait
		var want []Fault
		if c.want != "" {
			want = []Fault{{Path: `layout "habit": wait`, Text: c.want}}
		}
		if d := cmp.Diff(want, cat.Faults()); d != "" {
			t.Errorf("faults of a wait of %d ns differ (-want +got):\n%s", c.wait, d)
		}
	}
}

// TestTextsAreOneLine: an engine that works by lines would take two for two texts.
func TestTextsAreOneLine(t *testing.T) {
	for _, say := range []string{"rate\nus", "rate us\n", "rate\x00us"} {
		c := toyCatalogue()
		c.Questions[0].Ask[0].Say = say
		want := []Fault{{`question "service": ask: en`, fmt.Sprintf("%q holds a control character, want one line", say)}}
		if d := cmp.Diff(want, c.Faults()); d != "" {
			t.Errorf("faults differ (-want +got):\n%s", d)
		}
	}
}

func TestDelayText(t *testing.T) {
	var d Delay
	if err := d.UnmarshalText([]byte("1m30s")); err != nil || d.D() != 90*time.Second {
		t.Errorf("1m30s is %s, %v", d, err)
	}
	if b, err := d.MarshalText(); err != nil || string(b) != "1m30s" {
		t.Errorf("90 s are written %q, %v", b, err)
	}
	err := d.UnmarshalText([]byte("5"))
	if want := `"5" is no length of time, want a number with a unit such as 500ms or 3s`; err == nil || err.Error() != want {
		t.Errorf("a bare 5: %v, want %s", err, want)
	}
	if d.D() != 90*time.Second {
		t.Errorf("a refused text changed the delay to %s", d)
	}
}

func TestTexts(t *testing.T) {
	x := both("yes", "是")
	if x.In("en") != "yes" || x.In("zh-CN") != "是" || x.In("zh") != "" || Texts(nil).In("en") != "" {
		t.Errorf("texts %v: en %q, zh-CN %q, zh %q", x, x.In("en"), x.In("zh-CN"), x.In("zh"))
	}
	l := toyLayout()
	if got := l.Sentence(l.Options[0], toyScale(), "zh-CN"); got != "满意请按1" {
		t.Errorf("sentence %q, want 满意请按1", got)
	}
	l.Phrase = Texts{{"en", "{key}{key} {label}"}}
	if got := l.Sentence(Option{Key: "{label}", Verdict: "fair"}, toyScale(), "en"); got != "{label}{label} fair" {
		t.Errorf("what is filled in was filled in again: %q", got)
	}
}
