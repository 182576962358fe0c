package layout

import (
	"fmt"
	"time"
)

// Part says what an item of a menu is to the caller.
type Part string

const (
	Silence    Part = "silence"
	AskPart    Part = "ask"
	OptionPart Part = "option"
	RetryPart  Part = "retry" // what is said before the menu is read again
	ThanksPart Part = "thanks"
)

// Item is one sound of a list that is played in one go. Start and End are
// measured from the start of the list.
type Item struct {
	Part   Part          `json:"part"`
	Option int           `json:"option,omitempty"` // number of the option in reading order, from 1
	Say    string        `json:"say,omitempty"`    // the text; of a silence empty
	Media  string        `json:"media"`            // what Asterisk is told to play
	Start  time.Duration `json:"start"`
	End    time.Duration `json:"end"`
}

// Frame is what Asterisk sends at a time. A sound that ends within one is
// filled up with silence, and what follows comes that much later.
const Frame = 20 * time.Millisecond

// Sound is a local file that Asterisk can play.
type Sound struct {
	Media  string        // as Asterisk is told: sound:/…/name
	Hash   string        // of the audio; the same hash is the same sound
	Length time.Duration // to the sample
}

// Speech is one text as it is said at one place of the menus.
type Speech struct {
	Language string
	Say      string
	// Place is where it is said, "habit/option-1": the layout or the survey,
	// and ask, option-N, no-input, wrong-key or thanks. A recording by a human
	// is found by it.
	Place string
}

// Library finds the sound for a text, or a silence.
type Library interface {
	Speech(s Speech) (Sound, error)
	Silence(d time.Duration) (Sound, error)
}

// Rendition is a layout as it is heard in one language: every sound, in
// order, and when it starts and ends.
type Rendition struct {
	Language string
	Version  string // of the layout
	Hash     string // of the audio and the language
	Menu     []Item // silence, question, options with their pauses
	NoInput  []Item // said before the menu is read again to a silent caller
	WrongKey []Item // said before the menu is read again after a wrong key
}

// Length is how long a list of items plays.
func Length(items []Item) time.Duration {
	if len(items) == 0 {
		return 0
	}
	return items[len(items)-1].End
}

// Join puts lists behind each other and moves their times along.
func Join(lists ...[]Item) []Item {
	var all []Item
	for _, l := range lists {
		base := Length(all)
		for _, it := range l {
			it.Start += base
			it.End += base
			all = append(all, it)
		}
	}
	return all
}

// OptionTime says when one option of a menu is on the air, from the start of
// the reading.
type OptionTime struct {
	Option     int
	Start      time.Duration
	Answerable time.Duration // its key has been named: from here on it counts as heard
	End        time.Duration // the next thing begins, or the wait
}

// Timeline says when each option starts, can be answered and ends.
func (r Rendition) Timeline() []OptionTime {
	var t []OptionTime
	for i, it := range r.Menu {
		if it.Part != OptionPart {
			continue
		}
		end := it.End
		if i+1 < len(r.Menu) {
			end = r.Menu[i+1].Start
			if r.Menu[i+1].Part == Silence {
				end = r.Menu[i+1].End
			}
		}
		t = append(t, OptionTime{Option: it.Option, Start: it.Start, Answerable: it.End, End: end})
	}
	return t
}

// builder collects items and the first error of the library.
type builder struct {
	lib      Library
	language string
	of       string        // layout or survey
	at, air  time.Duration // where the list is by its definition, and by whole frames
	items    []Item
	hashes   []string
	err      error
}

// add adds a sound that takes some length of the list by its definition, and
// another on the air.
func (b *builder) add(it Item, length, air time.Duration, s Sound, err error) {
	if err != nil && b.err == nil {
		b.err = err
	}
	it.Media, it.Start = s.Media, b.at
	b.at += length
	b.air += air
	it.End = b.at
	b.items = append(b.items, it)
	b.hashes = append(b.hashes, s.Hash)
}

// say adds a text; place is its part of [Speech.Place].
func (b *builder) say(part Part, option int, place, text string) {
	s, err := b.lib.Speech(Speech{Language: b.language, Say: text, Place: b.of + "/" + place})
	length := (s.Length + Frame - 1) / Frame * Frame
	b.add(Item{Part: part, Option: option, Say: text}, length, length, s, err)
}

// pause adds a silence. Its sound has the number of whole frames that brings
// the list nearest to where its definition says that it is, so that no pause
// makes what follows late by more than half a frame, however many there are.
func (b *builder) pause(d Delay) {
	if d <= 0 {
		return
	}
	sound := (b.at + d.D() - b.air).Round(Frame)
	if sound <= 0 {
		b.at += d.D()
		return
	}
	s, err := b.lib.Silence(sound)
	b.add(Item{Part: Silence}, d.D(), sound, s, err)
}

func (b *builder) take() []Item {
	items := b.items
	b.items, b.at, b.air = nil, 0, 0
	return items
}

// Render turns a layout into what is heard in a language. It fails with the
// first sound that the library does not have.
func Render(l Layout, q Question, s Scale, language string, lib Library) (Rendition, error) {
	b := &builder{lib: lib, language: language, of: l.Name}
	r := Rendition{Language: language, Version: Version(l, q, s)}
	b.pause(l.LeadIn)
	b.say(AskPart, 0, "ask", q.Ask.In(language))
	b.pause(l.AskPause)
	for i, o := range l.Options {
		b.say(OptionPart, i+1, fmt.Sprintf("option-%d", i+1), l.Sentence(o, s, language))
		if i+1 < len(l.Options) {
			b.pause(o.Pause)
		}
	}
	r.Menu = b.take()
	if l.NoInput.Times > 0 {
		b.say(RetryPart, 0, "no-input", l.NoInput.Say.In(language))
		r.NoInput = b.take()
	}
	if l.WrongKey.Times > 0 {
		b.say(RetryPart, 0, "wrong-key", l.WrongKey.Say.In(language))
		r.WrongKey = b.take()
	}
	if b.err != nil {
		return Rendition{}, fmt.Errorf("layout %q in %s: %w", l.Name, language, b.err)
	}
	r.Hash = hash(struct {
		Language string
		Sounds   []string
	}{language, b.hashes})
	return r, nil
}

// RenderThanks gives what a caller hears once the rating is safe.
func RenderThanks(s Survey, language string, lib Library) ([]Item, error) {
	b := &builder{lib: lib, language: language, of: s.Name}
	b.pause(s.ThanksPause)
	b.say(ThanksPart, 0, "thanks", s.Thanks.In(language))
	if b.err != nil {
		return nil, fmt.Errorf("survey %q in %s: %w", s.Name, language, b.err)
	}
	return b.take(), nil
}

// Longest is the longest time that one question can take, from the first
// sound to the end of the last wait: every retry and every repeat used.
func Longest(l Layout, r Rendition) time.Duration {
	one := Length(r.Menu) + l.Wait.D()
	return time.Duration(l.Readings())*one +
		time.Duration(l.NoInput.Times)*Length(r.NoInput) +
		time.Duration(l.WrongKey.Times)*Length(r.WrongKey)
}
