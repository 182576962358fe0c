package scoring

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// RosterAgent is one agent of the roster: who is behind an id, and by what
// the queue knows them.
type RosterAgent struct {
	ID      string  `mapstructure:"id" json:"id"`     // what figures are kept under; see [IsAgentID]
	Name    string  `mapstructure:"name" json:"name"` // as people read it, at most MaxName bytes; may be empty
	Team    string  `mapstructure:"team" json:"team"` // as people read it, at most MaxName bytes; "" = none
	Aliases []Alias `mapstructure:"aliases" json:"aliases"`
}

// Alias is one thing that a queue calls an agent by, for a time: exactly one
// of Interface and Member is set.
type Alias struct {
	Interface string `mapstructure:"interface" json:"interface,omitempty"` // PJSIP/1001
	Member    string `mapstructure:"member" json:"member,omitempty"`       // the queue's member name
	From      string `mapstructure:"from" json:"from,omitempty"`           // first civil date of the site, 2006-01-02; "" = always was
	To        string `mapstructure:"to" json:"to,omitempty"`               // last civil date, inclusive; "" = goes on
}

// Roster finds an agent's id by what the queue calls the agent. The zero
// value knows nobody. It is never changed, so any number of goroutines may
// ask it.
type Roster struct {
	spans map[alias][]span // by first day; those of one alias do not overlap
}

// alias is what is looked up: an interface as Station gives it, or a member
// name.
type alias struct {
	member bool
	text   string
}

// span is a time in which an alias is somebody's.
type span struct {
	from, to string // civil dates, both inclusive; to is never empty
	id       string
}

// endOfTime is behind every date that can be written.
const endOfTime = "9999-12-31"

// agentID is what an agent's figures may be kept under: letters and digits of
// any script and what stands in Asterisk's interface names.
var agentID = regexp.MustCompile(`^[\p{L}\p{N}@/_.:+*#-]+$`)

// IsAgentID reports whether an agent's figures may be kept under id: 1 to
// MaxID bytes of letters, digits and @ / _ . : + * # -.
func IsAgentID(id string) bool { return len(id) <= MaxID && agentID.MatchString(id) }

// ID gives the id of the agent whom the queue called by a's name or interface
// on a day (2006-01-02); a.ID is not read. The member name wins: an agent who
// logs in at another desk keeps it there. It is not ok if nobody had either
// on that day.
func (r Roster) ID(a Agent, day string) (id string, ok bool) {
	for _, k := range []alias{{true, a.Name}, {false, Station(a.Interface)}} {
		spans := r.spans[k]
		i, _ := slices.BinarySearchFunc(spans, day, func(s span, day string) int { return cmp.Compare(s.to, day) })
		if i < len(spans) && spans[i].from <= day {
			return spans[i].id, true
		}
	}
	return "", false
}

// Station gives the form in which interfaces are compared. As in Asterisk,
// case does not matter in the technology (pjsip/1001 is PJSIP/1001), but in
// what stands behind it, and the options of a Local channel, behind its last
// slash, do not change who is called. Member names are compared as they stand.
func Station(iface string) string {
	tech, rest, _ := strings.Cut(iface, "/")
	tech = strings.ToLower(tech)
	if i := strings.LastIndexByte(rest, '/'); tech == "local" && i >= 0 {
		rest = rest[:i]
	}
	return tech + "/" + rest
}
