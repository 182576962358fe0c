package layout

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// confirming is the toy layout with a step to confirm.
func confirming() Layout {
	l := toyLayout()
	l.Confirm = &Confirm{Say: both("{label}: {key} keeps, {again} not", "{label}，确认按{key}，重选按{again}"), Key: "1", Again: "2", Times: 2, Wait: Delay(4 * time.Second)}
	return l
}

// TestConfirmFaults: each fault of the step, and the keys of options are none.
func TestConfirmFaults(t *testing.T) {
	const path = `layout "habit": confirm`
	for name, c := range map[string]struct {
		change func(*Confirm)
		want   []Fault
	}{
		"sound":               {func(*Confirm) {}, nil},
		"keys of options":     {func(c *Confirm) { c.Key, c.Again = "3", "1" }, nil},
		"keys of no option":   {func(c *Confirm) { c.Key, c.Again = "#", "*" }, nil},
		"most":                {func(c *Confirm) { c.Times, c.Wait = MaxRetries, Delay(MaxWait) }, nil},
		"one key":             {func(c *Confirm) { c.Again = "1" }, []Fault{{path + ": again", `key "1" is used twice`}}},
		"no keys":             {func(c *Confirm) { c.Key, c.Again = "", "10" }, []Fault{{path + ": key", `key "", want one of 0-9 * # in quotes`}, {path + ": again", `key "10", want one of 0-9 * # in quotes`}}},
		"never again":         {func(c *Confirm) { c.Times = 0 }, []Fault{{path, "times 0, want 1 to 5"}}},
		"too often":           {func(c *Confirm) { c.Times = 6 }, []Fault{{path, "times 6, want 1 to 5"}}},
		"no wait":             {func(c *Confirm) { c.Wait = 0 }, []Fault{{path + ": wait", "0s, want 1s to 30s"}}},
		"wait without a unit": {func(c *Confirm) { c.Wait = 4 }, []Fault{{path + ": wait", "4ns is under 1ms, want a number with a unit such as 500ms or 3s (did you forget the unit?)"}}},
		"text of one language": {func(c *Confirm) { c.Say = c.Say[1:] },
			[]Fault{{path + ": say", "no text in language en, the site's first"}}},
		"says no label": {func(c *Confirm) { c.Say[0].Say = "{key} or {again}" },
			[]Fault{{path + ": say: en", `"{key} or {again}" does not contain {label}`}}},
		"names no key": {func(c *Confirm) { c.Say[1].Say = "{label}" },
			[]Fault{{path + ": say: zh-CN", `"{label}" does not contain {key}`}, {path + ": say: zh-CN", `"{label}" does not contain {again}`}}},
	} {
		cat := toyCatalogue()
		l := confirming()
		c.change(l.Confirm)
		cat.Layouts[0] = l
		if d := cmp.Diff(c.want, cat.Faults()); d != "" {
			t.Errorf("%s: faults differ (-want +got):\n%s", name, d)
		}
	}
}

// TestRenderConfirm: one sentence for each option, in reading order, and the
// menu is what it is without the step.
func TestRenderConfirm(t *testing.T) {
	r, err := Render(confirming(), toyQuestion(), toyScale(), "en", tones{})
	if err != nil {
		t.Fatal(err)
	}
	var want [][]Item
	for i, label := range []string{"good", "fair", "bad"} {
		say := label + ": 1 keeps, 2 not"
		want = append(want, []Item{{Part: ConfirmPart, Option: i + 1, Say: say, Media: "sound:en-" + label + ":-1-keeps,-2-not", End: time.Duration(len(say)) * 100 * time.Millisecond}})
	}
	if d := cmp.Diff(want, r.Confirm); d != "" {
		t.Errorf("sentences differ (-want +got):\n%s", d)
	}
	plain, err := Render(toyLayout(), toyQuestion(), toyScale(), "en", tones{})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([][]Item{plain.Menu, plain.NoInput, plain.WrongKey}, [][]Item{r.Menu, r.NoInput, r.WrongKey}); d != "" || plain.Confirm != nil {
		t.Errorf("the step changed the menu (-without +with):\n%s", d)
	}
	l := confirming()
	l.Options[0].Key = "{again}"
	if got, want := l.Confirmation(l.Options[0], toyScale(), "zh-CN"), "满意，确认按1，重选按2"; got != want {
		t.Errorf("sentence %q, want %q: the step's keys, not the option's", got, want)
	}
	_, err = Render(confirming(), toyQuestion(), toyScale(), "en", mute{say: "bad: 1 keeps, 2 not"})
	if want := `layout "habit" in en: no such sound`; !errors.Is(err, errMute) || err.Error() != want {
		t.Errorf("without the last sentence: %v, want %s", err, want)
	}
}

// TestSoundsOfConfirm: the sentences are among what must be spoken, each at a
// place of its own behind the other texts of the layout.
func TestSoundsOfConfirm(t *testing.T) {
	c := toyCatalogue()
	c.Layouts[0] = confirming()
	speech, _ := c.Sounds()
	want := []Speech{{"en", "good: 1 keeps, 2 not", "habit/confirm-1"}, {"en", "fair: 1 keeps, 2 not", "habit/confirm-2"}, {"en", "bad: 1 keeps, 2 not", "habit/confirm-3"}}
	if d := cmp.Diff(want, speech[6:9]); d != "" || len(speech) != 20 {
		t.Errorf("%d texts, want 20; those of the step differ (-want +got):\n%s", len(speech), d)
	}
}

// TestLongestWithConfirm: each choose-again costs a reading more, and its
// sentence, the longest, with the wait; the choice behind the last stands at once.
func TestLongestWithConfirm(t *testing.T) {
	l := confirming()
	r := Rendition{Menu: []Item{{End: 10 * time.Second}}, NoInput: []Item{{End: 2 * time.Second}}, WrongKey: []Item{{End: 3 * time.Second}},
		Confirm: [][]Item{{{End: 5 * time.Second}}, {{End: 7 * time.Second}}, {{End: 6 * time.Second}}}}
	// 6 readings as without the step, and 2 more; 2 choices read back for 7 s + 4 s.
	if got, want := Longest(l, r), 8*15*time.Second+2*time.Second+2*3*time.Second+2*11*time.Second; got != want || l.Readings() != 8 || l.Confirmations() != 2 {
		t.Errorf("Longest = %s in %d readings with %d choices, want %s in 8 with 2", got, l.Readings(), l.Confirmations(), want)
	}
	l.Confirm = nil
	if got, want := Longest(l, r), 6*15*time.Second+2*time.Second+2*3*time.Second; got != want || l.Confirmations() != 0 {
		t.Errorf("Longest without the step = %s, want %s", got, want)
	}
}

// TestVersionWithoutConfirm: layouts without the step keep the version and
// the renditions under which answers were stored before there was one.
func TestVersionWithoutConfirm(t *testing.T) {
	for language, want := range map[string]string{"en": "d51d3ccdae8cd6a0", "zh-CN": "376c650a46d5d1a5"} {
		r, err := Render(toyLayout(), toyQuestion(), toyScale(), language, tones{})
		if err != nil {
			t.Fatal(err)
		}
		if r.Version != "94ed1494b8f78098" || r.Hash != want {
			t.Errorf("in %s: version %s, rendition %s, want 94ed1494b8f78098, %s", language, r.Version, r.Hash, want)
		}
	}
}

// TestVersionOfConfirm: whatever a caller hears or can do in the step makes
// another version, the order of its languages does not, and what is hashed is
// not changed for it.
func TestVersionOfConfirm(t *testing.T) {
	version := func(change func(*Confirm)) string {
		l := confirming()
		change(l.Confirm)
		return Version(l, toyQuestion(), toyScale())
	}
	first := version(func(*Confirm) {})
	seen := map[string]string{first: "no change", Version(toyLayout(), toyQuestion(), toyScale()): "no step"}
	for name, change := range map[string]func(*Confirm){
		"text":  func(c *Confirm) { c.Say[1].Say += "。" },
		"key":   func(c *Confirm) { c.Key = "#" },
		"again": func(c *Confirm) { c.Again = "*" },
		"times": func(c *Confirm) { c.Times = 1 },
		"wait":  func(c *Confirm) { c.Wait++ },
	} {
		v := version(change)
		if other := seen[v]; other != "" {
			t.Errorf("%s: has the version of %s", name, other)
		}
		seen[v] = name
	}
	if len(seen) != 7 {
		t.Errorf("%d versions, want 7: a layout with the step is another than one without", len(seen))
	}
	l := confirming()
	l.Confirm.Say[0], l.Confirm.Say[1] = l.Confirm.Say[1], l.Confirm.Say[0]
	if Version(l, toyQuestion(), toyScale()) != first {
		t.Error("order of languages: the version changed")
	}
	if l.Confirm.Say[0].Language != "zh-CN" {
		t.Errorf("the layout was changed: %+v", l.Confirm)
	}
}

// TestHashOfConfirm: the rendition's hash follows the sentences.
func TestHashOfConfirm(t *testing.T) {
	hash := func(change func(*Confirm)) string {
		l := confirming()
		change(l.Confirm)
		r, err := Render(l, toyQuestion(), toyScale(), "en", tones{})
		if err != nil {
			t.Fatal(err)
		}
		return r.Hash
	}
	first := hash(func(*Confirm) {})
	if hash(func(c *Confirm) { c.Say[0].Say += " now" }) == first || hash(func(c *Confirm) { c.Again = "*" }) == first {
		t.Error("another sentence: the hash did not change")
	}
	if hash(func(c *Confirm) { c.Wait, c.Times, c.Say[1].Say = Delay(time.Second), 1, "{label}{key}{again}" }) != first {
		t.Error("another wait and a text of the other language: the hash changed although the sounds did not")
	}
}
