package layout

import (
	"cmp"
	"slices"
)

// Difference is one respect in which two layouts differ for a caller.
type Difference string

// The respects. Handling is all that is not said of the others: the wait for
// a key, barge-in, retries, repeat keys, the confirm step.
const (
	ByOptions  Difference = "options"  // other verdicts can be chosen, or they count otherwise
	ByWording  Difference = "wording"  // the question, the labels or the phrase around them
	ByOrder    Difference = "order"    // what both offer is read in another order
	ByKey      Difference = "key"      // what both offer is on another key
	ByGap      Difference = "gap"      // silences before or between what is said
	ByHandling Difference = "handling" // what happens to keys and silence
)

// Differences lists every respect, in the order in which they are named.
var Differences = []Difference{ByOptions, ByWording, ByOrder, ByKey, ByGap, ByHandling}

// Definition is a layout with all that gives it its meaning.
type Definition struct {
	Layout   Layout   `json:"layout"`
	Question Question `json:"question"`
	Scale    Scale    `json:"scale"`
}

// Differ names every respect in which two layouts differ, in the order of
// Differences; none = a caller cannot tell them apart. Order and key are told
// of the verdicts that both offer, gaps by their place in the reading.
func Differ(a, b Definition) []Difference {
	differs := map[Difference]bool{
		ByOptions:  !sameOptions(a, b),
		ByWording:  a.wording() != b.wording() || labelsDiffer(a, b),
		ByOrder:    !slices.Equal(a.shared(b), b.shared(a)),
		ByKey:      keysDiffer(a, b),
		ByGap:      !slices.Equal(a.silences(), b.silences()),
		ByHandling: a.handling() != b.handling(),
	}
	var out []Difference
	for _, d := range Differences {
		if differs[d] {
			out = append(out, d)
		}
	}
	return out
}

// Mirrored reports whether b reads exactly what a reads, in the opposite
// order, and differs in nothing else.
func Mirrored(a, b Definition) bool {
	back := slices.Clone(b.offered())
	slices.Reverse(back)
	return slices.Equal(Differ(a, b), []Difference{ByOrder}) && slices.Equal(a.offered(), back)
}

// offered lists the verdicts in the order in which they are read.
func (d Definition) offered() []string {
	var ids []string
	for _, o := range d.Layout.Options {
		ids = append(ids, o.Verdict)
	}
	return ids
}

// shared lists the verdicts that other offers too, in reading order.
func (d Definition) shared(other Definition) []string {
	theirs := other.offered()
	return slices.DeleteFunc(d.offered(), func(id string) bool { return !slices.Contains(theirs, id) })
}

// sameOptions reports whether the same verdicts can be chosen, with the same
// values and the same share in satisfaction.
func sameOptions(a, b Definition) bool {
	if len(a.offered()) != len(b.offered()) {
		return false
	}
	for _, id := range a.offered() {
		va, _ := a.Scale.Verdict(id)
		vb, ok := b.Scale.Verdict(id)
		if !ok || va.Value != vb.Value || va.Satisfied != vb.Satisfied || !slices.Contains(b.offered(), id) {
			return false
		}
	}
	return true
}

func keysDiffer(a, b Definition) bool {
	theirs := map[string]string{}
	for _, o := range b.Layout.Options {
		theirs[o.Verdict] = o.Key
	}
	return slices.ContainsFunc(a.Layout.Options, func(o Option) bool {
		key, both := theirs[o.Verdict]
		return both && key != o.Key
	})
}

func labelsDiffer(a, b Definition) bool {
	return slices.ContainsFunc(a.shared(b), func(id string) bool {
		va, _ := a.Scale.Verdict(id)
		vb, _ := b.Scale.Verdict(id)
		return !slices.Equal(va.Label.sorted(), vb.Label.sorted())
	})
}

// wording is the hash of what is said in a reading besides the labels.
func (d Definition) wording() string {
	return hash([]Texts{d.Question.Ask.sorted(), d.Layout.Phrase.sorted()})
}

// silences lists the silences of a reading in order.
func (d Definition) silences() []Delay {
	l := d.Layout
	all := []Delay{l.LeadIn, l.AskPause}
	for i, o := range l.Options {
		if i+1 < len(l.Options) {
			all = append(all, o.Pause)
		}
	}
	return all
}

// Gap is the longest silence behind an option before the next.
func (l Layout) Gap() Delay {
	var most Delay
	for i, o := range l.Options {
		if i+1 < len(l.Options) {
			most = max(most, o.Pause)
		}
	}
	return most
}

// handling is the hash of what happens to keys and silence, and of what is
// said then.
func (d Definition) handling() string {
	l := d.Layout
	for _, r := range []*Retry{&l.NoInput, &l.WrongKey} {
		if r.Say = r.Say.sorted(); r.Times == 0 {
			r.Say = nil // never said
		}
	}
	var confirm Confirm
	if l.Confirm != nil {
		confirm = *l.Confirm
		confirm.Say = confirm.Say.sorted()
	}
	actions := slices.SortedFunc(slices.Values(l.Actions), func(a, b Action) int { return cmp.Compare(a.Key, b.Key) })
	return hash(struct {
		Wait     Delay
		BargeIn  bool
		NoInput  Retry
		WrongKey Retry
		Actions  []Action
		Confirm  Confirm
	}{l.Wait, l.BargeIn, l.NoInput, l.WrongKey, actions, confirm})
}
