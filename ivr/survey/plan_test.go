package survey

import (
	"slices"
	"strings"
	"testing"
	"time"

	"aftercall/ivr/layout"
)

// toneLibrary has a sound for everything: speech of one second, named by its
// text; silences named by their length.
type toneLibrary struct{}

func (toneLibrary) Speech(s layout.Speech) (layout.Sound, error) {
	return layout.Sound{Media: strings.ReplaceAll(s.Say, " ", "-"), Hash: s.Say, Length: time.Second}, nil
}

func (toneLibrary) Silence(d time.Duration) (layout.Sound, error) {
	return layout.Sound{Media: d.String(), Hash: d.String(), Length: d}, nil
}

func en(say string) layout.Texts { return layout.Texts{{Language: "en", Say: say}} }

var threeWay = layout.Scale{Name: "service", Verdicts: []layout.Verdict{
	{ID: "dissatisfied", Value: 1, Label: en("dissatisfied")},
	{ID: "fair", Value: 2, Label: en("fair")},
	{ID: "satisfied", Value: 3, Satisfied: true, Label: en("satisfied")},
}}

func menu(name string) layout.Layout {
	const gap = layout.Delay(500 * time.Millisecond)
	return layout.Layout{
		Name: name, Question: name, LeadIn: gap, AskPause: gap, Phrase: en("{label} {key}"),
		Options: []layout.Option{{Key: "1", Verdict: "satisfied", Pause: gap}, {Key: "2", Verdict: "fair", Pause: gap}, {Key: "3", Verdict: "dissatisfied"}},
		Wait:    layout.Delay(5 * time.Second), BargeIn: true,
		NoInput:  layout.Retry{Times: 1, Say: en("nothing heard")},
		WrongKey: layout.Retry{Times: 2, Say: en("wrong key")},
		Actions:  []layout.Action{{Key: "0", Do: layout.Repeat, Times: 2}},
	}
}

// confirming asks to confirm, with the keys of the first two options.
func confirming(name string) layout.Layout {
	l := menu(name)
	l.Confirm = &layout.Confirm{Say: en("chose {label} {key} or {again}"), Key: "1", Again: "2", Times: 2, Wait: layout.Delay(4 * time.Second)}
	return l
}

// plans are what the stories and the fuzz test are played with.
func plans(t testing.TB) map[string]Plan {
	deaf := menu("service")
	deaf.BargeIn = false
	strict := menu("service")
	confirmingDeaf, worstFirst := confirming("service"), confirming("resolved")
	confirmingDeaf.BargeIn = false
	slices.Reverse(worstFirst.Options)
	strict.NoInput.Times, strict.WrongKey.Times, strict.Actions = 0, 0, nil
	all := map[string][]layout.Layout{
		"one": {menu("service")}, "two": {menu("service"), menu("resolved")},
		"no-barge-in": {deaf}, "no-retries": {strict},
		"confirm": {confirming("service")}, "confirm-two": {confirming("service"), worstFirst},
		"confirm-no-barge-in": {confirmingDeaf},
	}
	out := map[string]Plan{}
	for name, layouts := range all {
		var p Plan
		for _, l := range layouts {
			q := layout.Question{Name: l.Question, Scale: "service", Ask: en("rate " + l.Question)}
			r, err := layout.Render(l, q, threeWay, "en", toneLibrary{})
			if err != nil {
				t.Fatal(err)
			}
			p.Questions = append(p.Questions, Ask{Layout: l, Scale: threeWay, Sound: r})
		}
		thanks, err := layout.RenderThanks(layout.Survey{Name: name, ThanksPause: layout.Delay(300 * time.Millisecond), Thanks: en("thank you")}, "en", toneLibrary{})
		if err != nil {
			t.Fatal(err)
		}
		p.Thanks = thanks
		out[name] = p
	}
	return out
}
