package asterisk

import (
	"slices"

	"aftercall/scoring"
)

// resolve gives the agent, and those before, the ids that figures are kept
// under, by the roster of that day (2006-01-02). An interface of the agent's
// that cannot be an id where one is needed is a fault of agentid.
func (a *arguments) resolve(r scoring.Roster, day string) {
	id, ok := idOf(a.agent, r, day)
	a.agent.ID = id
	if !ok && !slices.Contains(a.faults, "agentid") {
		a.faults = append(a.faults, "agentid")
	}
	for i, e := range a.earlier {
		a.earlier[i].ID, _ = idOf(e, r, day)
	}
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
