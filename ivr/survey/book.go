package survey

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"aftercall/ivr/layout"
	"aftercall/scoring"
)

// Book holds everything a call can be asked, rendered in every language, so
// that a call that comes in only has to look things up. It does not change
// after [NewBook]; a new configuration is a new book.
type Book struct {
	catalogue layout.Catalogue // the experiments are in it
	seed      string
	drawn     map[Split]drawn // of the splits that belong to an experiment
	asks      map[rendered]Ask
	thanks    map[rendered][]layout.Item
	asked     map[rendered]string // language, by the queue's kept name and what its callers want
}

// rendered names a layout, a survey or a queue in one language.
type rendered struct{ name, language string }

// Split names the split of one question in one queue.
type Split struct {
	Queue    string // scoring.Unknown for the default
	Question string
}

// NewBook renders every layout and every thank-you in every language of the
// site in which it is whole. The catalogue must be without faults, and the
// experiments without [Misfits] in it, no two of them over one question of one
// queue. It fails with the first sound that the library does not have.
func NewBook(c layout.Catalogue, seed string, experiments []scoring.Experiment, lib layout.Library) (*Book, error) {
	c = divide(c, experiments)
	b := &Book{catalogue: c, seed: seed, drawn: map[Split]drawn{}, asks: map[rendered]Ask{}, thanks: map[rendered][]layout.Item{}, asked: map[rendered]string{}}
	for _, e := range experiments {
		for _, w := range e.Queues {
			b.drawn[Split{w.Queue, e.Question}] = drawn{e.Name, e.Seed}
		}
	}
	for _, language := range c.Languages {
		for _, q := range b.queues() {
			b.asked[rendered{q.Name, language}] = c.Asked(q, language)
		}
		for _, l := range c.Layouts {
			if len(c.Lacks(l, language)) > 0 {
				continue
			}
			q, _ := c.Question(l.Question)
			s, _ := c.Scale(q.Scale)
			r, err := c.Render(l, language, lib)
			if err != nil {
				return nil, err
			}
			b.asks[rendered{l.Name, language}] = Ask{Layout: l, Scale: s, Sound: r}
		}
		for _, s := range c.Surveys {
			if s.Thanks.In(language) == "" {
				continue
			}
			items, err := layout.RenderThanks(s, language, lib)
			if err != nil {
				return nil, err
			}
			b.thanks[rendered{s.Name, language}] = items
		}
	}
	return b, nil
}

// Queue gives the name under which calls of a queue are kept: its own if it
// is listed, else [scoring.Unknown] and false.
func (b *Book) Queue(name string) (string, bool) {
	if _, ok := b.catalogue.Queue(name); !ok {
		return scoring.Unknown, false
	}
	return name, true
}

// Language gives the language in which a caller of a queue is asked, for what
// the channel says: "zh_CN", "zh" and "ZH-cn" are zh-CN where the site has
// that. ok is false if the site has nothing like it; then it is the site's
// first, as it is where the queue lacks texts in the language.
func (b *Book) Language(queue, said string) (language string, ok bool) {
	language, ok = b.match(said)
	queue, _ = b.Queue(queue)
	return b.asked[rendered{queue, language}], ok
}

// match gives the site's language for what a channel says.
func (b *Book) match(said string) (language string, ok bool) {
	said = strings.ToLower(strings.ReplaceAll(said, "_", "-"))
	if said == "cn" { // Asterisk's own sound packages call Mandarin so
		said = "zh"
	}
	primary, _, _ := strings.Cut(said, "-")
	for _, exact := range []bool{true, false} {
		for _, l := range b.catalogue.Languages {
			have := strings.ToLower(l)
			base, _, _ := strings.Cut(have, "-")
			if have == said || !exact && primary != "" && base == primary {
				return l, true
			}
		}
	}
	return b.catalogue.Languages[0], said == ""
}

// Plan gives a call everything it is asked: a layout for each question of its
// queue's survey, by weight and by the hash of seed and call id; the seed is
// that of the experiment, where one runs. The assignments carry no epoch yet.
func (b *Book) Plan(id scoring.CallID, queue, language string) (Plan, []scoring.Assignment, string) {
	q, _ := b.catalogue.Queue(queue)
	s, _ := b.catalogue.Survey(q.Survey)
	kept, _ := b.Queue(queue)
	p := Plan{Thanks: b.thanks[rendered{s.Name, language}]}
	var given []scoring.Assignment
	for i, question := range s.Questions {
		arms := b.catalogue.Arms(q, question)
		name := arms[layout.Choose(b.by(kept, question).seed, question, id.String(), arms)].Layout
		ask := b.asks[rendered{name, language}]
		p.Questions = append(p.Questions, ask)
		given = append(given, scoring.Assignment{
			Question: question, Position: i + 1, Primary: question == s.Primary,
			Layout: name, Version: ask.Sound.Version, Rendition: ask.Sound.Hash,
		})
	}
	return p, given, s.Name
}

// by says by what the calls of a queue's kept name are divided for a question.
func (b *Book) by(queue, question string) drawn {
	if d, ok := b.drawn[Split{queue, question}]; ok {
		return d
	}
	return drawn{seed: b.seed}
}

// Splits gives every split: a change of its arms begins a new epoch, and so do
// other sounds.
func (b *Book) Splits() ([]scoring.Split, error) {
	var out []scoring.Split
	for _, q := range b.queues() {
		s, _ := b.catalogue.Survey(q.Survey)
		for _, question := range s.Questions {
			by := b.by(q.Name, question)
			e := scoring.Epoch{Queue: q.Name, Question: question, Experiment: by.experiment, Seed: by.seed}
			for _, a := range b.catalogue.Arms(q, question) {
				e.Arms = append(e.Arms, scoring.EpochArm{Layout: a.Layout, Version: b.version(a.Layout), Weight: a.Weight,
					Renditions: b.renditions(q.Name, a.Layout)})
			}
			split, err := e.Split()
			if err != nil {
				return nil, err
			}
			out = append(out, split)
		}
	}
	return out, nil
}

// renditions gives the hashes of what callers of a queue can hear of a layout,
// by language.
func (b *Book) renditions(queue, name string) map[string]string {
	hashes := map[string]string{}
	for _, wanted := range b.catalogue.Languages {
		language := b.asked[rendered{queue, wanted}]
		if ask, whole := b.asks[rendered{name, language}]; whole { // an arm of weight 0 need not be
			hashes[language] = ask.Sound.Hash
		}
	}
	return hashes
}

// Fallbacks lists every queue and language of the site in which its callers
// are not asked; see [layout.Catalogue.Fallbacks].
func (b *Book) Fallbacks() []layout.Fallback { return b.catalogue.Fallbacks() }

// version of a layout is the same in every language.
func (b *Book) version(name string) string {
	return b.asks[rendered{name, b.catalogue.Languages[0]}].Sound.Version
}

// queues lists every queue with the default among them under its kept name.
func (b *Book) queues() []layout.Queue {
	d := b.catalogue.Default
	d.Name = scoring.Unknown
	return append([]layout.Queue{d}, b.catalogue.Queues...)
}

// Definitions lists every layout with its question and scale.
func (b *Book) Definitions() ([]scoring.Layout, error) {
	var out []scoring.Layout
	for _, l := range b.catalogue.Layouts {
		q, _ := b.catalogue.Question(l.Question)
		s, _ := b.catalogue.Scale(q.Scale)
		j, err := json.Marshal(map[string]any{"layout": l, "question": q, "scale": s})
		if err != nil {
			return nil, fmt.Errorf("layout %q: %w", l.Name, err)
		}
		out = append(out, scoring.Layout{Version: b.version(l.Name), Name: l.Name, Question: q.Name, Definition: j})
	}
	return out, nil
}

// Longest gives the longest time that the survey of any queue can take, in
// any language and with any of its layouts, and the name of that survey.
func (b *Book) Longest() (time.Duration, string) {
	var most time.Duration
	var name string
	for _, q := range b.queues() {
		for _, wanted := range b.catalogue.Languages {
			language := b.asked[rendered{q.Name, wanted}]
			s, _ := b.catalogue.Survey(q.Survey)
			d := layout.Length(b.thanks[rendered{s.Name, language}])
			for _, question := range s.Questions {
				d += b.longest(q, question, language)
			}
			if d > most {
				most, name = d, s.Name
			}
		}
	}
	return most, name
}

func (b *Book) longest(q layout.Queue, question, language string) time.Duration {
	var most time.Duration
	for _, a := range b.catalogue.Arms(q, question) {
		ask := b.asks[rendered{a.Layout, language}]
		most = max(most, layout.Longest(ask.Layout, ask.Sound))
	}
	return most
}
