package scoring

import "time"

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
