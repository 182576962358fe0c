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
	MinAgents      = 5    // agents before how they differ can be estimated
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

// Method is how marks were made.
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
	// not here cannot be read: they are counted as Unread and nothing else.
	Definitions map[string]layout.Definition
}

// AgentMarks are the marks of all agents, made on one exam.
type AgentMarks struct {
	Method Method      `json:"method"`
	Agents []AgentMark `json:"agents"` // ordered by id; never ranked
	Exams  []Exam      `json:"exams"`  // ordered by queue, layout and version
	// Spread is the standard deviation of agents' effects on the scale of log
	// odds, 0 = they cannot be told apart. Of the largest group.
	Spread Estimate `json:"spread"`
	// Satisfied is the share of satisfied among all ratings of known agents.
	Satisfied Estimate `json:"satisfied"`
	Groups    int      `json:"groups"`  // sets of agents who are linked by menus in common; marks are comparable inside one
	Unknown   int64    `json:"unknown"` // surveys without a known agent
	Unread    int64    `json:"unread"`  // ratings under versions of layouts that the store does not know
	Warnings  []Remark `json:"warnings"`
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
	// mix of menus. TooFew under FewRatings.
	Adjusted Estimate `json:"adjusted"`
	// Reliability is the share of the mark's variance that is the agent's and
	// not chance, 0 to 1.
	Reliability float64 `json:"reliability"`
	// Wanted is how many ratings in all would give PayReliability; 0 = no number
	// would, because agents do not differ.
	Wanted int64  `json:"wanted"`
	Tier   Tier   `json:"tier"`
	Group  int    `json:"group"` // from 1
	Funnel Funnel `json:"funnel"`
}

// Funnel is where a raw share of so many ratings would lie by chance alone if
// the agent were like all (Spiegelhalter 2005).
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
	Share     float64 `json:"share"` // of the standard mix of its group
	// Expected is the share of satisfied of an agent without an effect, NoData
	// without a model.
	Expected Estimate `json:"expected"`
	Group    int      `json:"group"`
}

// Agents marks everybody on one exam. It is a pure function of the counts.
func Agents(in AgentsInput) AgentMarks { return AgentMarks{Method: NoMethod} }
