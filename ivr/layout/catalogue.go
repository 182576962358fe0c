package layout

import (
	"fmt"
	"slices"
	"time"
)

// Catalogue is every definition of a site.
type Catalogue struct {
	Languages []string // every text stands in the first, the site's own, and should in the others
	Scales    []Scale
	Questions []Question
	Layouts   []Layout
	Surveys   []Survey
	Default   Queue   // for calls of a queue that is not listed; its Name is empty
	Queues    []Queue // by name
}

// Scale finds a scale by name.
func (c Catalogue) Scale(name string) (Scale, bool) {
	return find(c.Scales, func(s Scale) bool { return s.Name == name })
}

// Question finds a question by name.
func (c Catalogue) Question(name string) (Question, bool) {
	return find(c.Questions, func(q Question) bool { return q.Name == name })
}

// Layout finds a layout by name.
func (c Catalogue) Layout(name string) (Layout, bool) {
	return find(c.Layouts, func(l Layout) bool { return l.Name == name })
}

// Survey finds a survey by name.
func (c Catalogue) Survey(name string) (Survey, bool) {
	return find(c.Surveys, func(s Survey) bool { return s.Name == name })
}

// Queue finds what callers of a queue are asked; ok is false if the queue is
// not listed, then it is the default.
func (c Catalogue) Queue(name string) (q Queue, ok bool) {
	q, ok = find(c.Queues, func(q Queue) bool { return q.Name == name })
	if !ok {
		return c.Default, false
	}
	return q, true
}

// PrimaryScales lists the scales of the primary questions that callers of some
// queue are asked, each once, that of the default first.
func (c Catalogue) PrimaryScales() []Scale {
	var scales []Scale
	for _, q := range append([]Queue{c.Default}, c.Queues...) {
		survey, _ := c.Survey(q.Survey)
		primary, _ := c.Question(survey.Primary)
		s, ok := c.Scale(primary.Scale)
		if ok && !slices.ContainsFunc(scales, func(o Scale) bool { return o.Name == s.Name }) {
			scales = append(scales, s)
		}
	}
	return scales
}

// PrimaryFirst reports whether the primary question comes first in every queue.
func (c Catalogue) PrimaryFirst() bool {
	for _, q := range append([]Queue{c.Default}, c.Queues...) {
		if s, ok := c.Survey(q.Survey); ok && len(s.Questions) > 0 && s.Questions[0] != s.Primary {
			return false
		}
	}
	return true
}

// Arms lists the arms of one question in a queue.
func (c Catalogue) Arms(q Queue, question string) []Arm {
	var arms []Arm
	for _, a := range q.Layouts {
		if l, ok := c.Layout(a.Layout); ok && l.Question == question {
			arms = append(arms, a)
		}
	}
	return arms
}

// Sounds lists every text at each of its places and every silence that the
// layouts and surveys need in the languages in which they are whole, each
// once, in a stable order.
func (c Catalogue) Sounds() ([]Speech, []Delay) {
	n := &needs{}
	for _, language := range c.Languages {
		for _, l := range c.Layouts {
			if len(c.Lacks(l, language)) > 0 {
				continue
			}
			// The lister has every sound, so rendering cannot fail.
			_, _ = c.Render(l, language, n)
		}
		for _, s := range c.Surveys {
			if s.Thanks.In(language) != "" {
				_, _ = RenderThanks(s, language, n)
			}
		}
	}
	return n.speech, n.silence
}

// Render turns a layout of the catalogue into what is heard in a language in
// which it is whole; see the function Render.
func (c Catalogue) Render(l Layout, language string, lib Library) (Rendition, error) {
	q, _ := c.Question(l.Question)
	s, _ := c.Scale(q.Scale)
	return Render(l, q, s, language, lib)
}

// needs is a library that has every sound and notes which were asked for.
type needs struct {
	speech  []Speech
	silence []Delay
}

func (n *needs) Speech(s Speech) (Sound, error) {
	if !slices.Contains(n.speech, s) {
		n.speech = append(n.speech, s)
	}
	return Sound{}, nil
}

func (n *needs) Silence(d time.Duration) (Sound, error) {
	if !slices.Contains(n.silence, Delay(d)) {
		n.silence = append(n.silence, Delay(d))
	}
	return Sound{}, nil
}

func find[T any](all []T, is func(T) bool) (T, bool) {
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i], true
	}
	var none T
	return none, false
}

// Fault is one thing wrong with a definition.
type Fault struct {
	Path string // where: layout "gap": option 2
	Text string // what, and what is wanted
}

// Error gives path and text.
func (f Fault) Error() string { return fmt.Sprintf("%s: %s", f.Path, f.Text) }
