package layout

import (
	"slices"
	"strings"
	"time"
)

// From here on lint has something to say.
const (
	// LongGap is a silence after which a menu sounds finished. Talk on the
	// telephone bears about one second (G. Jefferson, "standard maximum
	// silence", 1989); half a second more is left to callers' patience.
	LongGap = 1500 * time.Millisecond
	// ManyOptions is more than callers keep in mind while the rest is read.
	ManyOptions = 5
	// LongMenu is one reading that few hear to its end.
	LongMenu = 20 * time.Second
	// ManySilences and ManyTries are readings for callers who press nothing,
	// and for those who press a wrong key or ask for a repeat.
	ManySilences, ManyTries = 2, 3
)

// Rule is one thing that lint looks for.
type Rule string

// The rules. A gap is named by what was heard before it: only satisfied
// options, only others, some of both, or the question alone.
const (
	KeyOrder       Rule = "key_order"       // args: the keys as they are read
	GapFlatters    Rule = "gap_flatters"    // args: seconds, option, its key, its label (Texts)
	GapSlanders    Rule = "gap_slanders"    // the same
	GapHides       Rule = "gap_hides"       // args: seconds, option, options behind it
	GapBefore      Rule = "gap_before"      // args: seconds
	UnbalancedUp   Rule = "unbalanced_up"   // args: satisfied options, others
	UnbalancedDown Rule = "unbalanced_down" // the same
	TooManyOptions Rule = "many_options"    // args: options, ManyOptions
	TooLong        Rule = "long_menu"       // args: language, seconds, LongMenu in seconds
	ConfirmKeys    Rule = "confirm_keys"    // args: the keys that mean something else in the menu
	TooManyTries   Rule = "many_retries"    // args: readings, seconds of them all with their waits
)

// Remark is something that lint says of a layout: no fault, and yet it
// changes what callers press.
type Remark struct {
	Rule Rule
	Args []any // for the rule's text, which is not ours to know
}

// Lint looks at a layout as it is written and as it is heard in one or more
// languages. It warns and never refuses.
func Lint(l Layout, s Scale, heard []Rendition) []Remark {
	n := &linter{l: l, s: s}
	n.keyOrder()
	n.gaps()
	n.balance()
	if k := len(l.Options); k > ManyOptions {
		n.say(TooManyOptions, k, ManyOptions)
	}
	var longest time.Duration
	for _, r := range heard {
		if d := Length(r.Menu); d > LongMenu {
			n.say(TooLong, r.Language, d.Seconds(), LongMenu.Seconds())
		}
		longest = max(longest, Longest(l, r))
	}
	n.confirmKeys()
	if n.manyTries() {
		n.say(TooManyTries, l.Readings(), longest.Seconds())
	}
	return n.remarks
}

type linter struct {
	l       Layout
	s       Scale
	remarks []Remark
}

func (n *linter) say(r Rule, args ...any) { n.remarks = append(n.remarks, Remark{r, args}) }

// keyOrder looks whether the keys are read in the order of the keypad, or of
// the numbers from 0.
func (n *linter) keyOrder() {
	var keys []string
	for _, o := range n.l.Options {
		keys = append(keys, o.Key)
	}
	in := func(order string) bool {
		return slices.IsSortedFunc(keys, func(a, b string) int { return strings.Index(order, a) - strings.Index(order, b) })
	}
	if !in(Keys) && !in("0123456789*#") {
		n.say(KeyOrder, strings.Join(keys, " "))
	}
}

// gaps looks for silences after which the menu sounds finished, and which way
// they push what callers press.
func (n *linter) gaps() {
	if d := n.l.AskPause.D(); d >= LongGap {
		n.say(GapBefore, d.Seconds())
	}
	good, other := 0, 0
	for i, o := range n.l.Options[:max(len(n.l.Options)-1, 0)] {
		v, _ := n.s.Verdict(o.Verdict)
		if v.Satisfied {
			good++
		} else {
			other++
		}
		d := o.Pause.D()
		switch {
		case d < LongGap:
		case other == 0:
			n.say(GapFlatters, d.Seconds(), i+1, o.Key, v.Label)
		case good == 0:
			n.say(GapSlanders, d.Seconds(), i+1, o.Key, v.Label)
		default:
			n.say(GapHides, d.Seconds(), i+1, len(n.l.Options)-i-1)
		}
	}
}

// balance looks whether as many options say satisfied as not. One that does
// not may stand for the middle.
func (n *linter) balance() {
	good, other := 0, 0
	for _, o := range n.l.Options {
		if v, _ := n.s.Verdict(o.Verdict); v.Satisfied {
			good++
		} else {
			other++
		}
	}
	switch {
	case good > other:
		n.say(UnbalancedUp, good, other)
	case other > good+1:
		n.say(UnbalancedDown, good, other)
	}
}

// confirmKeys looks for keys that mean one thing in the menu and another when
// the choice is read back: a second press by habit keeps it unheard, or takes
// it back.
func (n *linter) confirmKeys() {
	if n.l.Confirm == nil {
		return
	}
	var both []string
	for _, key := range []string{n.l.Confirm.Key, n.l.Confirm.Again} {
		_, rates := n.l.Option(key)
		_, acts := n.l.Action(key)
		if rates || acts {
			both = append(both, key)
		}
	}
	if len(both) > 0 {
		n.say(ConfirmKeys, strings.Join(both, " "))
	}
}

func (n *linter) manyTries() bool {
	many := n.l.NoInput.Times > ManySilences || n.l.WrongKey.Times > ManyTries || n.l.Confirm != nil && n.l.Confirm.Times > ManyTries
	return many || slices.ContainsFunc(n.l.Actions, func(a Action) bool { return a.Times > ManyTries })
}
