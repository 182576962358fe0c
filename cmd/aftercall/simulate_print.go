package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"aftercall/configs/i18n"
	"aftercall/ivr/layout"
	"aftercall/scoring"
)

// transcript writes what a caller hears and does, at the second at which it
// happens, and at the end what was kept of it.
type transcript struct {
	out       io.Writer
	words     i18n.Printer
	catalogue layout.Catalogue
	began     time.Time
	now       time.Time
	said      map[int]scoring.Use // of a key, by its number
	stored    scoring.Record
	err       error // the first of out
}

func (t *transcript) print(text string) {
	if _, err := fmt.Fprintln(t.out, text); err != nil && t.err == nil {
		t.err = err
	}
}

// say writes a text of the catalogue, line one with the time before it.
func (t *transcript) say(key string, a ...any) { t.print(t.words.T(key, a...)) }

func (t *transcript) line(key string, a ...any) { t.at(t.words.T(key, a...)) }

func (t *transcript) at(text string) {
	t.print(fmt.Sprintf("%6.2f s  %s", t.now.Sub(t.began).Seconds(), text))
}

func (t *transcript) head(h rehearsal, f simulateFlags) {
	t.say("simulate.head", h.plan.Questions[0].Layout.Name, h.plan.Questions[0].Sound.Language, h.survey)
	if h.estimated != nil {
		t.say("simulate.estimated", h.estimated)
	}
	if !f.scripted {
		t.say("simulate.keys")
	}
	t.print("")
}

// sound writes a sound that begins.
func (t *transcript) sound(it layout.Item) {
	switch it.Part {
	case layout.Silence:
		t.line("simulate.silence", (it.End - it.Start).Seconds())
	case layout.OptionPart:
		t.line("simulate.option", it.Option, it.Say)
	default:
		t.at(it.Say)
	}
}

// keys writes what became of each key, and again where that changed.
func (t *transcript) keys(keys []scoring.Keypress) {
	for _, k := range keys {
		if t.said[k.Seq] != k.Use {
			t.said[k.Seq] = k.Use
			t.line("simulate.key", k.Key, t.words.T("use."+string(k.Use)))
		}
	}
}

// summary writes what would be stored, and which keys of the script nobody
// was there to press.
func (t *transcript) summary(h rehearsal, left []press) error {
	if len(left) > 0 {
		texts := make([]string, len(left))
		for i, p := range left {
			texts[i] = p.String()
		}
		t.say("simulate.unpressed", strings.Join(texts, " "))
	}
	t.print("")
	t.say("simulate.stored")
	ask, rendition := h.plan.Questions[0], "-"
	if h.estimated == nil {
		rendition = ask.Sound.Hash
	}
	t.table([]string{"layout", "language", "version", "rendition", "reason"}, [][]string{{
		ask.Layout.Name, ask.Sound.Language, ask.Sound.Version, rendition, t.words.T("reason." + string(t.stored.End.Reason)),
	}})
	var answers, keys [][]string
	for _, a := range t.stored.Answers {
		answers = append(answers, t.answer(a))
	}
	t.table([]string{"question", "result", "verdict", "value", "key", "ms", "reading", "heard"}, answers)
	for _, k := range t.stored.Keypresses {
		keys = append(keys, []string{k.Key, fmt.Sprint(k.MS), fmt.Sprint(k.Reading), t.words.T("use." + string(k.Use))})
	}
	if len(keys) > 0 {
		t.table([]string{"key", "ms", "reading", "use"}, keys)
	}
	return t.err
}

// answer gives the cells of one answer.
func (t *transcript) answer(a scoring.Answer) []string {
	verdict, value, key, ms := "-", "-", "-", "-"
	if a.Outcome == scoring.Rated {
		verdict = label(t.catalogue)(a.Question, a.Verdict, t.words.Language())
		value, key, ms = fmt.Sprint(a.Value), a.Entry, fmt.Sprint(a.PressMS)
	}
	return []string{a.Question, t.words.T("outcome." + string(a.Outcome)), verdict, value, key, ms, fmt.Sprint(a.Reading), fmt.Sprint(a.Heard)}
}

func (t *transcript) table(heads []string, rows [][]string) {
	for i, head := range heads {
		heads[i] = t.words.T("column." + head)
	}
	table := i18n.NewTable(heads...)
	for _, row := range rows {
		table.Row(row...)
	}
	t.print("")
	if err := table.Print(t.out); err != nil && t.err == nil {
		t.err = err
	}
}
