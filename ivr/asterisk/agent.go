package asterisk

import (
	"regexp"
	"slices"
	"strings"

	"aftercall/scoring"
)

// resolve gives the agent, and those before, the ids that figures are kept
// under, by the roster of that day (2006-01-02). An interface of the agent's
// that cannot be an id where one is needed is a fault of agentid.
func (a *arguments) resolve(r scoring.Roster, day string) {
	if shown := withoutNumber(a.agent, r, day); shown != a.agent {
		a.agent = shown
		if !slices.Contains(a.faults, "agent") {
			a.faults = append(a.faults, "agent")
		}
	}
	id, ok := idOf(a.agent, r, day)
	a.agent.ID = id
	if !ok && !slices.Contains(a.faults, "agentid") {
		a.faults = append(a.faults, "agentid")
	}
	for i, e := range a.earlier {
		a.earlier[i] = withoutNumber(e, r, day)
		a.earlier[i].ID, _ = idOf(a.earlier[i], r, day)
	}
}

// telephone is what could be somebody's telephone number, grouped or not:
// extensions have fewer digits.
var telephone = regexp.MustCompile(`([0-9][^0-9]*){7}`)

// withoutNumber keeps telephone numbers out of what is stored: callers can be
// handed over to anybody, and a channel's name tells whom. Of an agent without
// a member name, whom no queue called, and who is not in the roster, an
// interface of seven digits or more is cut to its technology.
func withoutNumber(a scoring.Agent, r scoring.Roster, day string) scoring.Agent {
	if _, listed := r.ID(a, day); listed || a.Name != "" || !telephone.MatchString(a.Interface) {
		return a
	}
	a.Interface, _, _ = strings.Cut(a.Interface, "/")
	if a.ID == "" {
		a.ID = scoring.Unknown
	}
	return a
}

// idOf gives what an agent's figures are kept under: the id that the agent has
// already, because the dialplan named it, else the roster's for that day, else
// the interface, else unknown. It is not ok if there is an interface that
// cannot be an id and nothing else is known.
func idOf(a scoring.Agent, r scoring.Roster, day string) (id string, ok bool) {
	if a.ID != "" {
		return a.ID, true
	}
	if id, ok := r.ID(a, day); ok {
		return id, true
	}
	if scoring.IsAgentID(a.Interface) {
		return a.Interface, true
	}
	return scoring.Unknown, a.Interface == ""
}
