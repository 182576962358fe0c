package scoring

import (
	"fmt"
	"time"
)

// KnownAgent is one whom figures are kept under.
type KnownAgent struct {
	ID      string    `json:"id"`
	KnownAt time.Time `json:"known_at"` // by the roster, or by a first call
	LastDay string    `json:"last_day"` // the last civil date with a survey; "" = none yet
	// MergedInto is the agent under whom this one's calls are counted now;
	// "" = not merged. It never names one who was merged.
	MergedInto string `json:"merged_into,omitempty"`
}

// AgentCell is one cell of the agents' days, summed over a period: how many
// primary questions ended so. Result is the verdict when rated, else the
// outcome.
type AgentCell struct {
	Agent   string `json:"agent"`
	Queue   string `json:"queue"`
	Version string `json:"version"` // of the layout
	Result  string `json:"result"`
	N       int64  `json:"n"`
}

// Period narrows what is read of the agents' days. Empty fields do not narrow.
type Period struct {
	From, To string // civil dates, both inclusive
	Queue    string
}

// Merged is what was done when one agent's figures were counted under another.
type Merged struct {
	From    string `json:"from"`
	Into    string `json:"into"`
	Surveys int64  `json:"surveys"` // moved: primary questions that had ended
	// Already: the store counted From under Into before; nothing has changed.
	Already bool `json:"already,omitempty"`
}

// AgentDays is what there is of one agent.
type AgentDays struct {
	First, Last string // civil dates with surveys; "" = none
	Surveys     int64  // primary questions that ended
}

// CheckMerge reports the first thing that keeps one agent's figures from being
// counted under another, by what find knows of agents: an error that wraps
// [ErrNoAgent], or [ErrInvalid] if the two are one, one is Unknown, or one was
// merged elsewhere. That from was merged into into before is none.
func CheckMerge(from, into string, find func(id string) (KnownAgent, bool)) error {
	for _, id := range []string{from, into} {
		if id == Unknown {
			return fmt.Errorf("agent %q: %w: it is what calls without an agent are kept under, want an agent", id, ErrInvalid)
		}
	}
	if from == into {
		return fmt.Errorf("agent %.200q: %w: want another agent to merge into", from, ErrInvalid)
	}
	for _, id := range []string{from, into} {
		known, ok := find(id)
		switch {
		case !ok:
			return fmt.Errorf("agent %.200q: %w in the store, want one of whom it has a survey, or who is in the roster", id, ErrNoAgent)
		case known.MergedInto != "" && (id == into || known.MergedInto != into):
			return fmt.Errorf("agent %q: %w: was merged into %q, want one who was not merged", id, ErrInvalid, known.MergedInto)
		}
	}
	return nil
}
