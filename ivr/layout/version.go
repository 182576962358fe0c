package layout

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
)

// Version is the hash of everything that defines a layout: its name, its
// structure, its texts in every language, its question and its scale. What
// makes no difference to anybody makes none to the version: the order of the
// languages of a text and of the actions, an empty list against none, the
// pause behind the last option, what a retry that never happens would say.
func Version(l Layout, q Question, s Scale) string {
	l.Phrase = l.Phrase.sorted()
	for _, r := range []*Retry{&l.NoInput, &l.WrongKey} {
		if r.Say = r.Say.sorted(); r.Times == 0 {
			r.Say = nil
		}
	}
	l.Options = slices.Clone(l.Options)
	if n := len(l.Options); n > 0 {
		l.Options[n-1].Pause = 0
	}
	l.Actions = slices.SortedFunc(slices.Values(l.Actions), func(a, b Action) int { return cmp.Compare(a.Key, b.Key) })
	if l.Confirm != nil {
		c := *l.Confirm
		c.Say, l.Confirm = c.Say.sorted(), &c
	}
	q.Ask = q.Ask.sorted()
	s.Verdicts = slices.Clone(s.Verdicts)
	for i := range s.Verdicts {
		s.Verdicts[i].Label = s.Verdicts[i].Label.sorted()
	}
	return hash(struct {
		Layout   Layout
		Question Question
		Scale    Scale
	}{l, q, s})
}

// sorted gives the texts by language, nil if there are none.
func (t Texts) sorted() Texts {
	if len(t) == 0 {
		return nil
	}
	return slices.SortedFunc(slices.Values(t), func(a, b Text) int { return cmp.Compare(a.Language, b.Language) })
}

// hash gives the first 16 hexadecimal digits of the SHA-256 of v as JSON.
func hash(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("layout: plain data does not marshal: %v", err)) // no type in use can fail
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}
