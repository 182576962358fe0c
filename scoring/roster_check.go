package scoring

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"aftercall/ivr/layout"
)

// NewRoster makes the roster of these agents and names everything that is
// wrong with them, in the order in which they stand, overlaps in time behind
// the rest. The roster is of no use if anything is. Paths are those of the
// list: agent "7": alias 2.
func NewRoster(agents []RosterAgent) (Roster, []layout.Fault) {
	k := &rosterChecker{ids: map[string]bool{}, claims: map[alias][]claim{}}
	for i, a := range agents {
		k.agent(i, a)
	}
	k.overlaps()
	r := Roster{spans: make(map[alias][]span, len(k.claims))}
	for key, claims := range k.claims {
		for _, c := range claims {
			r.spans[key] = append(r.spans[key], c.span)
		}
	}
	return r, k.faults
}

// maxCalled is the most bytes of an id or a name by which an agent is called
// in a fault: longer ones are no sound ids.
const maxCalled = 200

// claim is one sound alias as it stands in the list.
type claim struct {
	span
	seq  int // of the alias in the list
	path string
	what string // interface "PJSIP/1001"
}

// rosterChecker collects faults and sound aliases.
type rosterChecker struct {
	ids    map[string]bool
	claims map[alias][]claim
	seq    int
	faults []layout.Fault
}

func (k *rosterChecker) add(path, format string, a ...any) {
	k.faults = append(k.faults, layout.Fault{Path: path, Text: fmt.Sprintf(format, a...)})
}

func (k *rosterChecker) agent(i int, a RosterAgent) {
	path := fmt.Sprintf("agent %d", i+1)
	for _, by := range []string{a.Name, a.ID} {
		if by != "" && len(by) <= maxCalled {
			path = fmt.Sprintf("agent %q", by)
		}
	}
	switch {
	case a.ID == "":
		k.add(path, "has no id")
	case !IsAgentID(a.ID):
		k.add(path, "id, want letters, digits, @ / _ . : + * # - and at most %d bytes", MaxID)
	case a.ID == Unknown:
		k.add(path, "id is what calls without an agent are kept under, want another")
	case k.ids[a.ID]:
		k.add(path, "is defined twice")
	}
	k.ids[a.ID] = true
	k.text(path+": name", a.Name)
	k.text(path+": team", a.Team)
	for i, l := range a.Aliases {
		k.alias(a.ID, fmt.Sprintf("%s: alias %d", path, i+1), l)
	}
}

// text checks a text that people or Asterisk read.
func (k *rosterChecker) text(path, s string) bool {
	switch {
	case len(s) > MaxName:
		k.add(path, "has %d bytes, want at most %d", len(s), MaxName)
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		k.add(path, "%q, want no control characters", s)
	default:
		return true
	}
	return false
}

// alias checks an alias by itself and claims it if it is sound.
func (k *rosterChecker) alias(id, path string, l Alias) {
	before := len(k.faults)
	key, what := alias{false, Station(l.Interface)}, fmt.Sprintf("interface %q", l.Interface)
	if l.Member != "" {
		key, what = alias{true, l.Member}, fmt.Sprintf("member %q", l.Member)
	}
	if (l.Interface == "") == (l.Member == "") {
		k.add(path, "interface or member, want exactly one of them")
	}
	tech, rest, _ := strings.Cut(l.Interface, "/")
	if k.text(path+": interface", l.Interface) && l.Interface != "" && (tech == "" || rest == "") {
		k.add(path+": interface", "%q, want one such as PJSIP/1001", l.Interface)
	}
	k.text(path+": member", l.Member)
	from, to := k.day(path+": from", l.From), k.day(path+": to", l.To)
	if from && to && l.To != "" && l.From > l.To {
		k.add(path, "from %s is after to %s, want the first day and the last", l.From, l.To)
	}
	if len(k.faults) > before {
		return
	}
	k.seq++
	k.claims[key] = append(k.claims[key], claim{span{l.From, cmp.Or(l.To, endOfTime), id}, k.seq, path, what})
}

// day checks a civil date that may be missing.
func (k *rosterChecker) day(path, s string) bool {
	if _, err := time.Parse(time.DateOnly, s); s != "" && err != nil {
		k.add(path, "%q, want a date such as 2026-01-31", s)
		return false
	}
	return true
}

// overlaps puts the claims of every alias in order of time and names those
// that begin before an earlier one has ended.
func (k *rosterChecker) overlaps() {
	type overlap struct{ earlier, later claim } // in the list
	var found []overlap
	for _, claims := range k.claims {
		slices.SortStableFunc(claims, func(a, b claim) int { return cmp.Compare(a.from, b.from) })
		longest := claims[0]
		for _, c := range claims[1:] {
			switch {
			case c.from > longest.to:
			case c.seq > longest.seq:
				found = append(found, overlap{longest, c})
			default:
				found = append(found, overlap{c, longest})
			}
			if c.to > longest.to {
				longest = c
			}
		}
	}
	slices.SortFunc(found, func(a, b overlap) int {
		return cmp.Or(cmp.Compare(a.later.seq, b.later.seq), cmp.Compare(a.earlier.seq, b.earlier.seq))
	})
	for _, o := range found {
		k.add(o.later.path, "%s overlaps in time with %s, want dates apart", o.later.what, o.earlier.path)
	}
}
