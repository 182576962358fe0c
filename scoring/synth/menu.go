package synth

import (
	"cmp"
	"slices"
	"time"

	"aftercall/ivr/layout"
)

// Menu is a layout with how it sounds, in each language in which it is heard.
type Menu struct {
	layout.Definition
	Renditions []layout.Rendition
}

// menu is a layout with what the generator must know of it.
type menu struct {
	layout   layout.Layout
	scale    layout.Scale
	version  string
	sounds   map[string]sound // by language
	factor   float64          // of the share who answer
	deceives bool             // the silence behind the first option is long
	keyOne   int              // option on key 1, -1 = none
	wrong    string           // a key that means nothing, "" = every key means something
	means    [len(opinions)][]float64
}

// sound is a menu in one language.
type sound struct {
	layout.Rendition
	times  []layout.OptionTime
	length time.Duration
}

func newMenu(m Menu, t Truth) *menu {
	l := m.Layout
	out := &menu{layout: l, scale: m.Scale, version: layout.Version(l, m.Question, m.Scale), sounds: map[string]sound{}, factor: 1}
	for _, r := range m.Renditions {
		out.sounds[r.Language] = sound{r, r.Timeline(), layout.Length(r.Menu)}
	}
	for _, f := range t.LayoutFactors {
		if f.Layout == l.Name {
			out.factor = f.Factor
		}
	}
	out.deceives = len(l.Options) > 1 && l.Options[0].Pause >= t.GapEffect.From
	out.keyOne = slices.IndexFunc(l.Options, func(o layout.Option) bool { return o.Key == "1" })
	for _, key := range layout.Keys {
		_, rates := l.Option(string(key))
		_, acts := l.Action(string(key))
		if !rates && !acts && (l.Confirm == nil || string(key) != l.Confirm.Again) {
			out.wrong = string(key)
		}
	}
	out.means = means(l, m.Scale, t.Opinions.Very)
	return out
}

// means gives, by opinion, the share that each option gets of the callers who
// say what they think: the best option of the satisfied, or, of two that count
// as satisfied, the one below; the worst of the dissatisfied; the middle one,
// or either of two, of those between.
func means(l layout.Layout, s layout.Scale, very float64) (shares [len(opinions)][]float64) {
	value := func(i int) layout.Verdict {
		v, _ := s.Verdict(l.Options[i].Verdict)
		return v
	}
	rank := make([]int, len(l.Options)) // options, worst first
	for i := range rank {
		rank[i] = i
	}
	slices.SortFunc(rank, func(a, b int) int { return cmp.Compare(value(a).Value, value(b).Value) })
	for i := range shares {
		shares[i] = make([]float64, len(rank))
	}
	n := len(rank)
	best := rank[n-1]
	if n > 1 && value(rank[n-2]).Satisfied {
		shares[satisfied][rank[n-2]] = 1 - very
		shares[satisfied][best] = very
	} else {
		shares[satisfied][best] = 1
	}
	shares[dissatisfied][rank[0]] = 1
	shares[fair][rank[(n-1)/2]] += 0.5
	shares[fair][rank[n/2]] += 0.5
	return shares
}
