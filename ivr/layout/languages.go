package layout

import "fmt"

// Fallback is a queue whose callers are not asked in a language of the site,
// because texts that they could hear do not stand in it.
type Fallback struct {
	Queue   string   // "" = every queue that is not listed
	Wanted  string   // the language that callers want
	Heard   string   // in which they are asked: the site's first
	Missing []string // paths of the missing texts: layout "gap": phrase
}

// Fallbacks lists every queue and language of the site in which its callers
// are not asked.
func (c Catalogue) Fallbacks() []Fallback {
	var all []Fallback
	for _, q := range append([]Queue{c.Default}, c.Queues...) {
		for _, language := range c.Languages {
			if missing := c.untold(q, language); len(missing) > 0 {
				all = append(all, Fallback{Queue: q.Name, Wanted: language, Heard: c.Languages[0], Missing: missing})
			}
		}
	}
	return all
}

// Asked gives the language in which callers of a queue are asked who want a
// language of the site: that one if everything that they could hear stands in
// it, else the site's first. It is the same whichever layout a call gets, so
// that a missing text does not make the arms of a comparison sound different.
func (c Catalogue) Asked(q Queue, language string) string {
	if len(c.untold(q, language)) > 0 {
		return c.Languages[0]
	}
	return language
}

// untold gives the paths of the texts that callers of a queue could hear and
// that do not stand in a language.
func (c Catalogue) untold(q Queue, language string) []string {
	var missing []string
	for _, a := range q.Layouts {
		if a.Weight == 0 {
			continue // nobody gets it
		}
		l, _ := c.Layout(a.Layout)
		for _, path := range c.Lacks(l, language) {
			missing = append(missing, fmt.Sprintf("layout %q: %s", l.Name, path))
		}
	}
	s, _ := c.Survey(q.Survey)
	if s.Thanks.In(language) == "" {
		missing = append(missing, fmt.Sprintf("survey %q: thanks", s.Name))
	}
	return missing
}

// Lacks names the texts of a layout's menu that do not stand in a language:
// it can be heard in that language if there is none.
func (c Catalogue) Lacks(l Layout, language string) []string {
	q, _ := c.Question(l.Question)
	s, _ := c.Scale(q.Scale)
	var missing []string
	need := func(path string, t Texts) {
		if t.In(language) == "" {
			missing = append(missing, path)
		}
	}
	need("ask", q.Ask)
	need("phrase", l.Phrase)
	for _, o := range l.Options {
		v, _ := s.Verdict(o.Verdict)
		need(fmt.Sprintf("verdict %q: label", v.ID), v.Label)
	}
	if l.NoInput.Times > 0 {
		need("no_input: say", l.NoInput.Say)
	}
	if l.WrongKey.Times > 0 {
		need("wrong_key: say", l.WrongKey.Say)
	}
	if l.Confirm != nil {
		need("confirm: say", l.Confirm.Say)
	}
	return missing
}
