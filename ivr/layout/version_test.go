package layout

import (
	"testing"
	"time"
)

// changes of a layout, its question or its scale that somebody hears, or that
// change what a key means.
var changes = map[string]func(*Layout, *Question, *Scale){
	"name":               func(l *Layout, _ *Question, _ *Scale) { l.Name = "strict" },
	"lead-in":            func(l *Layout, _ *Question, _ *Scale) { l.LeadIn++ },
	"ask pause":          func(l *Layout, _ *Question, _ *Scale) { l.AskPause = 0 },
	"phrase":             func(l *Layout, _ *Question, _ *Scale) { l.Phrase[1].Say += "。" },
	"option key":         func(l *Layout, _ *Question, _ *Scale) { l.Options[0].Key = "5" },
	"option verdict":     func(l *Layout, _ *Question, _ *Scale) { l.Options[0].Verdict = "very_satisfied" },
	"option pause":       func(l *Layout, _ *Question, _ *Scale) { l.Options[0].Pause = 0 },
	"option order":       func(l *Layout, _ *Question, _ *Scale) { l.Options[0], l.Options[1] = l.Options[1], l.Options[0] },
	"option gone":        func(l *Layout, _ *Question, _ *Scale) { l.Options = l.Options[:2] },
	"wait":               func(l *Layout, _ *Question, _ *Scale) { l.Wait = Delay(time.Second) },
	"barge-in":           func(l *Layout, _ *Question, _ *Scale) { l.BargeIn = false },
	"retries":            func(l *Layout, _ *Question, _ *Scale) { l.NoInput.Times = 0 },
	"retry text":         func(l *Layout, _ *Question, _ *Scale) { l.WrongKey.Say[0].Say = "no" },
	"action":             func(l *Layout, _ *Question, _ *Scale) { l.Actions = nil },
	"times of an action": func(l *Layout, _ *Question, _ *Scale) { l.Actions[0].Times = 1 },
	"question":           func(_ *Layout, q *Question, _ *Scale) { q.Ask[0].Say = "how was it" },
	"verdict id":         func(_ *Layout, _ *Question, s *Scale) { s.Verdicts[0].ID = "bad" },
	"verdict value":      func(_ *Layout, _ *Question, s *Scale) { s.Verdicts[0].Value = 0 },
	"verdict satisfied":  func(_ *Layout, _ *Question, s *Scale) { s.Verdicts[1].Satisfied = true },
	"verdict label":      func(_ *Layout, _ *Question, s *Scale) { s.Verdicts[1].Label[1].Say = "还行" },
	"language gone":      func(l *Layout, _ *Question, _ *Scale) { l.Phrase = l.Phrase[:1] },
}

// noChanges make no difference to anybody.
var noChanges = map[string]func(*Layout, *Question, *Scale){
	"order of languages": func(l *Layout, q *Question, s *Scale) {
		for _, t := range []Texts{l.Phrase, l.NoInput.Say, l.WrongKey.Say, q.Ask, s.Verdicts[0].Label, s.Verdicts[2].Label} {
			t[0], t[1] = t[1], t[0]
		}
	},
	"pause behind the last option": func(l *Layout, _ *Question, _ *Scale) { l.Options[2].Pause = Delay(3 * time.Second) },
}

func TestVersion(t *testing.T) {
	first := Version(toyLayout(), toyQuestion(), toyScale())
	if len(first) != 16 {
		t.Errorf("version %q, want 16 digits", first)
	}
	seen := map[string]string{first: "no change"}
	for name, change := range changes {
		l, q, s := toyLayout(), toyQuestion(), toyScale()
		change(&l, &q, &s)
		v := Version(l, q, s)
		if other := seen[v]; other != "" {
			t.Errorf("%s: has the version of %s", name, other)
		}
		seen[v] = name
	}
	for name, change := range noChanges {
		l, q, s := toyLayout(), toyQuestion(), toyScale()
		change(&l, &q, &s)
		if v := Version(l, q, s); v != first {
			t.Errorf("%s: the version changed", name)
		}
	}
	none, empty := toyLayout(), toyLayout()
	none.Actions, empty.Actions, none.NoInput.Say, empty.NoInput.Say = nil, []Action{}, nil, Texts{}
	if Version(none, toyQuestion(), toyScale()) != Version(empty, toyQuestion(), toyScale()) {
		t.Error("no list and an empty list have different versions")
	}
}

// TestVersionTouchesNothing: what is hashed is not what is changed for it.
func TestVersionTouchesNothing(t *testing.T) {
	l, q, s := toyLayout(), toyQuestion(), toyScale()
	l.Options[2].Pause = Delay(time.Second)
	l.Phrase[0], l.Phrase[1] = l.Phrase[1], l.Phrase[0]
	Version(l, q, s)
	if l.Options[2].Pause != Delay(time.Second) || l.Phrase[0].Language != "zh-CN" {
		t.Errorf("the layout was changed: %+v", l)
	}
}

// TestHash: the rendition's hash follows the sounds, and they only.
func TestHash(t *testing.T) {
	hash := func(change func(*Layout), language string, lib Library) string {
		l := toyLayout()
		if change != nil {
			change(&l)
		}
		r, err := Render(l, toyQuestion(), toyScale(), language, lib)
		if err != nil {
			t.Fatal(err)
		}
		return r.Hash
	}
	first := hash(nil, "en", tones{})
	for name, same := range map[string]string{
		"another wait":                       hash(func(l *Layout) { l.Wait = Delay(time.Second) }, "en", tones{}),
		"another name":                       hash(func(l *Layout) { l.Name = "x" }, "en", tones{}),
		"another text of the other language": hash(func(l *Layout) { l.Phrase[1].Say = "{key}{label}" }, "en", tones{}),
	} {
		if same != first {
			t.Errorf("%s: the hash changed although the sounds did not", name)
		}
	}
	for name, other := range map[string]string{
		"another language": hash(nil, "zh-CN", tones{}),
		"another voice":    hash(nil, "en", shrill{}),
		"another pause":    hash(func(l *Layout) { l.Options[0].Pause = 0 }, "en", tones{}),
		"no retry text":    hash(func(l *Layout) { l.NoInput.Times = 0 }, "en", tones{}),
	} {
		if other == first {
			t.Errorf("%s: the hash did not change", name)
		}
	}
}

// shrill speaks the same texts with another voice.
type shrill struct{ tones }

func (shrill) Speech(x Speech) (Sound, error) {
	s, err := tones{}.Speech(x)
	s.Hash += " shrill"
	return s, err
}
