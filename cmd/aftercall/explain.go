package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"aftercall/configs"
	"aftercall/configs/i18n"
	"aftercall/ivr/layout"
	"aftercall/ivr/prompt"
)

// explainer shows menus as a caller hears them.
type explainer struct {
	out       io.Writer
	words     i18n.Printer
	catalogue layout.Catalogue
	lib       layout.Library
	estimated bool // lib is not what callers hear
}

// newExplainer takes the sounds as they are built or, if one is missing, an
// estimate of them all.
func newExplainer(out io.Writer, words i18n.Printer, c *configs.Config) (*explainer, error) {
	e := &explainer{out: out, words: words, catalogue: c.Catalogue}
	lib, err := sounds(c)
	if err != nil {
		return nil, err
	}
	e.lib = lib
	if _, err := newBook(c, lib); err != nil {
		e.lib, e.estimated = prompt.Estimate{}, true
	}
	return e, nil
}

// layouts finds layouts by name, or all if none is named.
func layouts(c layout.Catalogue, names []string) ([]layout.Layout, error) {
	if len(names) == 0 {
		return c.Layouts, nil
	}
	var found []layout.Layout
	for _, name := range names {
		l, ok := c.Layout(name)
		if !ok {
			return nil, noLayout(c, name)
		}
		found = append(found, l)
	}
	return found, nil
}

func noLayout(c layout.Catalogue, name string) error {
	var known []string
	for _, l := range c.Layouts {
		known = append(known, l.Name)
	}
	return fmt.Errorf("layout %q is not in the configuration, want one of: %s", name, strings.Join(known, ", "))
}

// explain writes each layout with its timeline in every language and what
// lint says of it.
func (e *explainer) explain(all []layout.Layout) error {
	e.line("explain.legend")
	if e.estimated {
		e.line("explain.estimated")
	}
	for _, l := range all {
		if err := e.layout(l); err != nil {
			return err
		}
	}
	return nil
}

// count says how many warnings there are of layouts that callers can get.
func (e *explainer) count() error {
	n, seen := 0, map[string]bool{}
	for _, q := range append([]layout.Queue{e.catalogue.Default}, e.catalogue.Queues...) {
		for _, a := range q.Layouts {
			l, _ := e.catalogue.Layout(a.Layout)
			if seen[l.Name] || a.Weight == 0 {
				continue
			}
			seen[l.Name] = true
			heard, err := e.heard(l)
			if err != nil {
				return err
			}
			question, _ := e.catalogue.Question(l.Question)
			s, _ := e.catalogue.Scale(question.Scale)
			n += len(layout.Lint(l, s, heard))
		}
	}
	if n > 0 {
		e.line("explain.remarks", n)
	}
	return nil
}

func (e *explainer) line(key string, args ...any) { fmt.Fprintln(e.out, e.words.T(key, args...)) }

func (e *explainer) layout(l layout.Layout) error {
	q, _ := e.catalogue.Question(l.Question)
	s, _ := e.catalogue.Scale(q.Scale)
	fmt.Fprintln(e.out)
	e.line("explain.layout", l.Name, q.Name, layout.Version(l, q, s))
	heard, err := e.heard(l)
	if err != nil {
		return err
	}
	for _, language := range e.catalogue.Languages {
		if lacks := e.catalogue.Lacks(l, language); len(lacks) > 0 {
			e.line("explain.not_whole", language, strings.Join(lacks, ", "))
		}
	}
	for _, r := range heard {
		e.line("explain.language", r.Language, layout.Length(r.Menu).Seconds(), l.Wait.D().Seconds(), layout.Longest(l, r).Seconds())
		if err := e.timeline(l, r); err != nil {
			return err
		}
	}
	e.rules(l, heard)
	for _, m := range layout.Lint(l, s, heard) {
		e.line("explain.remark", e.remark(m))
	}
	return nil
}

// heard renders a layout in every language that it can be heard in.
func (e *explainer) heard(l layout.Layout) ([]layout.Rendition, error) {
	var all []layout.Rendition
	for _, language := range e.catalogue.Languages {
		if len(e.catalogue.Lacks(l, language)) > 0 {
			continue
		}
		r, err := e.catalogue.Render(l, language, e.lib)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// timeline writes a line for each sentence of a menu, and the whole as a bar.
func (e *explainer) timeline(l layout.Layout, r layout.Rendition) error {
	var heads []string
	for _, head := range []string{"starts", "answerable", "ends", "key", "said"} {
		heads = append(heads, e.words.T("column."+head))
	}
	t := i18n.NewTable(heads...)
	options := r.Timeline()
	for _, it := range r.Menu {
		switch it.Part {
		case layout.Silence:
		case layout.OptionPart:
			o := options[it.Option-1]
			t.Row(seconds(o.Start), seconds(o.Answerable), seconds(o.End), l.Options[it.Option-1].Key, it.Say)
		default:
			t.Row(seconds(it.Start), "", seconds(it.End), "", it.Say)
		}
	}
	if err := t.Print(e.out); err != nil {
		return err
	}
	_, err := fmt.Fprintln(e.out, bar(l, r))
	return err
}

func seconds(d time.Duration) string { return fmt.Sprintf("%6.2f", d.Seconds()) }

// barStep is the time that one character of a bar stands for.
const barStep = 250 * time.Millisecond

// bar draws a menu and the wait behind it to scale.
func bar(l layout.Layout, r layout.Rendition) string {
	var b strings.Builder
	end := layout.Length(r.Menu)
	for at := barStep / 2; at < end+l.Wait.D(); at += barStep {
		b.WriteString(sign(l, r, at))
	}
	return b.String()
}

// sign is the character for what is on the air at a time.
func sign(l layout.Layout, r layout.Rendition, at time.Duration) string {
	if at >= layout.Length(r.Menu) {
		return "_"
	}
	for _, it := range r.Menu {
		switch {
		case at < it.Start || at >= it.End:
		case it.Part == layout.AskPart:
			return "?"
		case it.Part == layout.OptionPart:
			return l.Options[it.Option-1].Key
		}
	}
	return "."
}

// rules writes what keys do besides rating.
func (e *explainer) rules(l layout.Layout, heard []layout.Rendition) {
	if l.BargeIn {
		e.line("explain.barge_in")
	} else {
		e.line("explain.no_barge_in")
	}
	if l.NoInput.Times > 0 {
		e.line("explain.no_input", l.NoInput.Times)
	} else {
		e.line("explain.no_input_ends")
	}
	if l.WrongKey.Times > 0 {
		e.line("explain.wrong_key", l.WrongKey.Times)
	} else {
		e.line("explain.wrong_key_ends")
	}
	for _, a := range l.Actions {
		e.line("explain.repeat", a.Key, a.Times)
	}
	if c := l.Confirm; c != nil {
		var longest time.Duration
		for _, r := range heard {
			for _, items := range r.Confirm {
				longest = max(longest, layout.Length(items))
			}
		}
		e.line("explain.confirm", longest.Seconds(), c.Wait.D().Seconds(), c.Key, c.Again, c.Times)
	}
}

// remark words what lint says.
func (e *explainer) remark(m layout.Remark) string {
	args := make([]any, len(m.Args))
	for i, a := range m.Args {
		args[i] = a
		if t, ok := a.(layout.Texts); ok {
			args[i] = t.In(e.words.Language())
			if args[i] == "" {
				args[i] = t.In(e.catalogue.Languages[0])
			}
		}
	}
	return e.words.T("lint."+string(m.Rule), args...)
}
