// Package layout is the common vocabulary of what callers are asked and how:
// scales and their verdicts, questions, layouts and their options, surveys,
// and which layout a call gets. Plain data and pure functions; it imports
// nothing of ours, so everybody may import it.
//
// The way in: a [Catalogue] holds every definition and [Catalogue.Faults]
// names what is wrong with it. [Choose] gives a call its layout, [Render]
// turns a layout into the list of sounds that a caller hears, with its
// timeline.
package layout

import (
	"strings"
)

// Keys are the keys of a telephone, in the order of the keypad.
const Keys = "123456789*0#"

// Text is what is said in one language.
type Text struct {
	Language string `mapstructure:"language" json:"language"` // BCP 47: en, zh-CN
	Say      string `mapstructure:"say" json:"say"`
}

// Texts is one text in every language it is known in.
type Texts []Text

// In gives the text in a language, "" if there is none.
func (t Texts) In(language string) string {
	for _, x := range t {
		if x.Language == language {
			return x.Say
		}
	}
	return ""
}

// Scale is an ordered set of verdicts, worst first.
type Scale struct {
	Name     string    `mapstructure:"name" json:"name"`
	Verdicts []Verdict `mapstructure:"verdicts" json:"verdicts"`
}

// Verdict is one thing a caller can say of the service. The value belongs to
// the verdict, never to the key that stands for it in a layout.
type Verdict struct {
	ID        string `mapstructure:"id" json:"id"`
	Value     int    `mapstructure:"value" json:"value"`         // rises with satisfaction
	Satisfied bool   `mapstructure:"satisfied" json:"satisfied"` // counts as satisfied in CSAT
	Label     Texts  `mapstructure:"label" json:"label"`
}

// Verdict finds a verdict by id.
func (s Scale) Verdict(id string) (Verdict, bool) {
	for _, v := range s.Verdicts {
		if v.ID == id {
			return v, true
		}
	}
	return Verdict{}, false
}

// Question is what is asked, on one scale.
type Question struct {
	Name  string `mapstructure:"name" json:"name"`
	Scale string `mapstructure:"scale" json:"scale"`
	Ask   Texts  `mapstructure:"ask" json:"ask"` // said before the options
}

// Layout is one way to ask a question: which key means what, in which order
// the options are read, and how long the menu is silent between them.
type Layout struct {
	Name     string   `mapstructure:"name" json:"name"`
	Question string   `mapstructure:"question" json:"question"`
	LeadIn   Delay    `mapstructure:"lead_in" json:"lead_in"`     // silence before the first word
	AskPause Delay    `mapstructure:"ask_pause" json:"ask_pause"` // silence between the question and the first option
	Phrase   Texts    `mapstructure:"phrase" json:"phrase"`       // with {label} and {key}
	Options  []Option `mapstructure:"options" json:"options"`     // in the order they are read
	Wait     Delay    `mapstructure:"wait" json:"wait"`           // for a key after the last option
	BargeIn  bool     `mapstructure:"barge_in" json:"barge_in"`   // a key counts at once; without it, the last key of a reading counts at its end
	NoInput  Retry    `mapstructure:"no_input" json:"no_input"`
	WrongKey Retry    `mapstructure:"wrong_key" json:"wrong_key"`
	Actions  []Action `mapstructure:"actions" json:"actions"`
	Confirm  *Confirm `mapstructure:"confirm" json:"confirm,omitempty"` // nil: a rating key settles the question at once
}

// Option is one line of the menu.
type Option struct {
	Key     string `mapstructure:"key" json:"key"` // one of Keys
	Verdict string `mapstructure:"verdict" json:"verdict"`
	Pause   Delay  `mapstructure:"pause" json:"pause"` // silence after it, before the next; of the last option: unused
}

// Retry says how often the menu is read again, and what is said first.
type Retry struct {
	Times int   `mapstructure:"times" json:"times"`
	Say   Texts `mapstructure:"say" json:"say"`
}

// Repeat is the one thing an action can do: the menu is read again.
const Repeat = "repeat"

// Action is a key that asks for something instead of rating.
type Action struct {
	Key   string `mapstructure:"key" json:"key"`
	Do    string `mapstructure:"do" json:"do"`       // Repeat
	Times int    `mapstructure:"times" json:"times"` // how often; after that the key is a wrong one
}

// Confirm reads a choice back to the caller, who can keep it or choose again.
// It stands unless the caller takes it back: silence keeps it.
type Confirm struct {
	Say   Texts  `mapstructure:"say" json:"say"`     // with {label}, {key} and {again}
	Key   string `mapstructure:"key" json:"key"`     // keeps the choice
	Again string `mapstructure:"again" json:"again"` // takes it back: the menu is read again
	Times int    `mapstructure:"times" json:"times"` // how often; the choice after that stands at once
	Wait  Delay  `mapstructure:"wait" json:"wait"`   // for a key after the sentence
}

// Option finds what a key rates in this layout.
func (l Layout) Option(key string) (Option, bool) {
	for _, o := range l.Options {
		if o.Key == key {
			return o, true
		}
	}
	return Option{}, false
}

// Action finds what a key asks for in this layout.
func (l Layout) Action(key string) (Action, bool) {
	for _, a := range l.Actions {
		if a.Key == key {
			return a, true
		}
	}
	return Action{}, false
}

// Readings is how often the menu can be read to one caller at most.
func (l Layout) Readings() int {
	n := 1 + l.NoInput.Times + l.WrongKey.Times
	for _, a := range l.Actions {
		n += a.Times
	}
	if l.Confirm != nil {
		n += l.Confirm.Times
	}
	return n
}

// Confirmations is how often a choice can be read back to one caller at most.
func (l Layout) Confirmations() int {
	if l.Confirm == nil {
		return 0
	}
	return l.Confirm.Times
}

// Sentence is what is said for one option in a language: the phrase with
// label and key filled in.
func (l Layout) Sentence(o Option, s Scale, language string) string {
	v, _ := s.Verdict(o.Verdict)
	return strings.NewReplacer("{label}", v.Label.In(language), "{key}", o.Key).Replace(l.Phrase.In(language))
}

// Confirmation is what is said in a language to a caller who chose an option.
// The layout must ask for it.
func (l Layout) Confirmation(o Option, s Scale, language string) string {
	v, _ := s.Verdict(o.Verdict)
	c := l.Confirm
	return strings.NewReplacer("{label}", v.Label.In(language), "{key}", c.Key, "{again}", c.Again).Replace(c.Say.In(language))
}

// Survey is what one call is asked.
type Survey struct {
	Name        string   `mapstructure:"name" json:"name"`
	Questions   []string `mapstructure:"questions" json:"questions"`       // in the order they are asked
	Primary     string   `mapstructure:"primary" json:"primary"`           // the question that agents' figures show
	ThanksPause Delay    `mapstructure:"thanks_pause" json:"thanks_pause"` // silence between the last key and the thank-you
	Thanks      Texts    `mapstructure:"thanks" json:"thanks"`
}

// Queue says what callers of one queue are asked, and with which layouts.
type Queue struct {
	Name    string `mapstructure:"name" json:"name"`
	Survey  string `mapstructure:"survey" json:"survey"`
	Layouts []Arm  `mapstructure:"layouts" json:"layouts"` // for each question of the survey at least one
}

// Arm is a layout with its share of the calls among the arms of its question.
type Arm struct {
	Layout string `mapstructure:"layout" json:"layout"`
	Weight int    `mapstructure:"weight" json:"weight"`
}
