package scoring

import (
	"encoding/json"
	"fmt"
	"time"
)

// Experiment is a division of the calls of some queues between the layouts of
// one question, kept in the store. The layouts themselves live in the
// configuration. While it runs it takes the place of the configured split of
// its queues for its question.
type Experiment struct {
	Name     string   `json:"name"`
	Question string   `json:"question"`
	Layouts  []string `json:"layouts"` // the arms by name, at least two; the first is what the others are held against
	// Queues are split between the arms, each with weights of its own. Weights
	// may change while it runs; every change begins an epoch.
	Queues []QueueWeights `json:"queues"`
	Seed   string         `json:"seed"`
	// Size is the planned number of offered surveys, all arms and queues
	// together, and Ratings how many of them are expected to be rated. Both are
	// frozen at the start: they tune the always-valid intervals, which hold
	// only if nobody adjusts them to what was seen.
	Size      int64      `json:"size"`
	Ratings   int64      `json:"ratings"`
	StartedAt time.Time  `json:"started_at"`
	EndedAt   *time.Time `json:"ended_at"` // nil = running
}

// QueueWeights is how one queue is split: a weight for each arm, in their
// order. A weight of 0 keeps the arm out of the queue.
type QueueWeights struct {
	Queue   string `json:"queue"` // Unknown = every queue that the configuration does not list
	Weights []int  `json:"weights"`
}

// Epoch is a period in which nothing about the split of one question in one
// queue changed: not the layouts, their versions or sounds, the weights, the
// seed, nor the experiment.
type Epoch struct {
	ID         int64      `json:"id"`
	Queue      string     `json:"queue"`
	Question   string     `json:"question"`
	Experiment string     `json:"experiment,omitempty"` // "" = the configured split
	Seed       string     `json:"seed"`
	Arms       []EpochArm `json:"arms"`
	StartedAt  time.Time  `json:"started_at"`
	EndedAt    *time.Time `json:"ended_at"` // nil = it lasts
}

// EpochArm is one layout of an epoch.
type EpochArm struct {
	Layout  string `json:"layout"`
	Version string `json:"version"`
	Weight  int    `json:"weight"`
	// Renditions are the hashes of what can be heard of it, by language.
	Renditions map[string]string `json:"renditions,omitempty"`
}

// Split gives the epoch's split as the store keeps it: all of the epoch but
// its id and its times.
func (e Epoch) Split() (Split, error) {
	text, err := json.Marshal(struct {
		Experiment string     `json:"experiment,omitempty"`
		Seed       string     `json:"seed"`
		Arms       []EpochArm `json:"arms"`
	}{e.Experiment, e.Seed, e.Arms})
	if err != nil {
		return Split{}, fmt.Errorf("split of question %q in queue %q: %w", e.Question, e.Queue, err)
	}
	return Split{Queue: e.Queue, Question: e.Question, Arms: string(text)}, nil
}

// DayCount is one cell of the days' roll-up: how many questions ended so.
// Result is the verdict when rated, else the outcome.
type DayCount struct {
	Queue    string `json:"queue"`
	Epoch    int64  `json:"epoch"`
	Day      string `json:"day"` // civil date of the site
	Version  string `json:"version"`
	Language string `json:"language"`
	Result   string `json:"result"`
	Heard    int    `json:"heard"`
	N        int64  `json:"n"`
}

// AgentCount is one cell of the agents' roll-up, summed over what was heard.
type AgentCount struct {
	Queue    string `json:"queue"`
	Epoch    int64  `json:"epoch"`
	Agent    string `json:"agent"`
	Version  string `json:"version"`
	Language string `json:"language"`
	Result   string `json:"result"`
	N        int64  `json:"n"`
}

// CountQuery narrows what is read from the roll-ups of one question. Empty
// fields do not narrow.
type CountQuery struct {
	Question string   // must be set
	Queue    string   // one queue
	Epochs   []int64  // these epochs
	Versions []string // these versions of layouts
	From, To string   // civil dates, both inclusive; days' roll-up only
}
