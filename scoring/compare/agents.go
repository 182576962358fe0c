package compare

import (
	"aftercall/ivr/layout"
	"aftercall/scoring"
)

// Thresholds of agents' figures.
const (
	MinRatings     = 30   // ratings before an agent is told apart from others
	MinReliability = 0.5  // and the reliability that the mark must have
	PayReliability = 0.7  // reliability from which pay may hang on a mark
	MinAgents      = 5    // agents with menus in common before how they differ can be estimated
	TierFDR        = 0.05 // share of false calls among the agents who are told apart
)

// Tier says how an agent's mark stands to what is expected of everybody.
type Tier string

// The tiers. An agent is above or below only if the interval of the agent's
// own effect excludes none and the call holds among all agents
// (Benjamini-Hochberg at TierFDR).
const (
	Above    Tier = "above"
	Expected Tier = "expected" // enough ratings to be told apart, and not shown to differ
	Below    Tier = "below"
	Untold   Tier = "untold" // too few ratings, too low a reliability, or nobody to be held against
)

// Tiers lists every tier.
var Tiers = []Tier{Above, Expected, Below, Untold}

// Method is how marks were made. Each group of agents has one.
type Method string

// The methods.
const (
	MixedModel       Method = "mixed_model"       // agents' effects and menus' difficulties estimated together, shrunk
	ObservedExpected Method = "observed_expected" // observed against expected, unshrunk: too few agents for a model, or it found no optimum; everybody is Untold
	AloneMethod      Method = "alone"             // one agent: the raw share, nobody to be held against
	NoMethod         Method = "none"              // no ratings
)

// AgentsInput is what agents are marked by: the primary question of every
// call of a period.
type AgentsInput struct {
	Cells []scoring.AgentCell // those of scoring.Unknown are counted and not marked
	// Definitions are the layouts by version. Ratings under a version that is
	// not here, or with a verdict that it does not have, cannot be read: they
	// are counted as Unread and nothing else. What else happened under such a
	// version is left out with them, so that Answered stays true.
	Definitions map[string]layout.Definition
	// FirstHalf are those of Cells that are of the first half of the period, by
	// which it is seen whether satisfaction moved within it; nil = not looked at.
	FirstHalf []scoring.AgentCell
}

// AgentMarks are the marks of all agents, made on one exam.
type AgentMarks struct {
	Method Method      `json:"method"` // of the largest group
	Agents []AgentMark `json:"agents"` // ordered by id; never ranked
	Exams  []Exam      `json:"exams"`  // ordered by queue, layout and version
	// Spread is the standard deviation of agents' effects on the scale of log
	// odds, 0 = they cannot be told apart. N is the agents. Of the largest
	// group; NoData without a model.
	Spread Estimate `json:"spread"`
	// Satisfied is the share of satisfied among all ratings of known agents.
	Satisfied Estimate `json:"satisfied"`
	// Drift is the share of satisfied in the second half of the period less that
	// in the first, -1 to 1, inside every agent and exam: what moved although
	// agents and menus were the same. NoData where the halves are not told apart.
	Drift    Estimate `json:"drift"`
	Groups   int      `json:"groups"`  // sets of agents who are linked by ratings under menus in common; marks are comparable inside one
	Unknown  int64    `json:"unknown"` // surveys without a known agent
	Unread   int64    `json:"unread"`  // ratings under versions of layouts that the store does not know
	Warnings []Remark `json:"warnings"`
}

// AgentMark is one agent's figures.
type AgentMark struct {
	Agent     string `json:"agent"`
	Offered   int64  `json:"offered"`
	Rated     int64  `json:"rated"`
	Satisfied int64  `json:"satisfied"`
	// Answered is rated of offered, Raw satisfied of rated: Wilson's interval.
	// TooFew under FewRatings.
	Answered Estimate `json:"answered"`
	Raw      Estimate `json:"raw"`
	// Adjusted is the share of satisfied as if every caller had heard the same
	// mix of menus. It rests on the ratings under menus that others of the group
	// have ratings under too: its N. TooFew under FewRatings.
	Adjusted Estimate `json:"adjusted"`
	// Reliability is the share of the mark's variance that is the agent's and
	// not chance, 0 to 1; 0 without a model.
	Reliability float64 `json:"reliability"`
	// Wanted is how many such ratings in all would give PayReliability; 0 = no
	// number would, because agents do not differ or those under the same menus
	// are too few, or nobody can tell without a model.
	Wanted int64  `json:"wanted"`
	Tier   Tier   `json:"tier"`
	Group  int    `json:"group"` // from 1; 0 = no ratings
	Method Method `json:"method"`
	Funnel Funnel `json:"funnel"`
}

// Funnel is where a raw share of so many ratings would lie by chance alone if
// the agent were like all of the group (Spiegelhalter 2005). Menus differ in
// difficulty and the raw share does not mind: it calls nobody.
type Funnel struct {
	Lo95  float64 `json:"lo95"`
	Hi95  float64 `json:"hi95"`
	Lo998 float64 `json:"lo998"`
	Hi998 float64 `json:"hi998"`
}

// Exam is one version of a layout in one queue: agents are marked as if all
// had sat the same mix of them.
type Exam struct {
	Queue     string  `json:"queue"`
	Layout    string  `json:"layout"`
	Version   string  `json:"version"`
	Rated     int64   `json:"rated"`
	Satisfied int64   `json:"satisfied"`
	Share     float64 `json:"share"` // of the standard mix of its group; 0 = one agent alone has ratings under it, while others have menus in common
	// Expected is the share of satisfied of an agent without an effect: of a
	// precision that is not told. NoData without a model.
	Expected Estimate `json:"expected"`
	// Wanted is how many ratings of an agent under this menu alone would give
	// PayReliability: how well it tells agents apart. 0 = no number would, or
	// under MinAgents agents were rated under it.
	Wanted int64 `json:"wanted"`
	Group  int   `json:"group"`
}

// Agents marks everybody on one exam. It is a pure function of the counts, and
// their order does not matter. Its cost grows with the cells of agents by exam.
func Agents(in AgentsInput) AgentMarks {
	r := readRoll(in)
	out := AgentMarks{Method: NoMethod, Spread: Estimate{Status: NoData}, Unknown: r.unknown, Unread: r.unread}
	out.Agents, out.Exams = r.marks()
	groups := r.groups()
	out.Groups = len(groups)
	var satisfied, rated int64
	for i, g := range groups {
		g.mark(i+1, &out)
		satisfied, rated = satisfied+g.satisfied, rated+g.rated
	}
	if g := largest(groups); g != nil {
		out.Method, out.Spread = g.method, g.tau
	}
	out.Satisfied = share(satisfied, rated)
	call(out.Agents, groups)
	drift := r.drift(in)
	out.Drift = drift.Difference
	out.Warnings = driftWarning(drift, agentWarnings(&out, groups))
	return out
}
