package scoring

import (
	"fmt"
	"slices"
	"time"

	"aftercall/ivr/layout"
)

// Bounds of an experiment.
const (
	MaxArms   = 9
	MaxWeight = 10_000
	MinSize   = 200 // offered surveys: under this nothing is ever tested
	MaxSize   = 100_000_000
)

// Check reports the first fault that would make the experiment contradict
// itself or compare nothing, wrapped in [ErrInvalid]. Whether its layouts and
// queues are there only the configuration knows.
func (e Experiment) Check() error {
	fault := func(format string, a ...any) error {
		return fmt.Errorf("experiment %q: %w: "+format, append([]any{e.Name, ErrInvalid}, a...)...)
	}
	switch {
	case !layout.IsName(e.Name):
		return fault("name, want letters, digits, _ . - and at most 64 characters")
	case e.Question == "":
		return fault("no question, want the one whose layouts are compared")
	case len(e.Layouts) < 2 || len(e.Layouts) > MaxArms:
		return fault("%d layouts, want 2 to %d", len(e.Layouts), MaxArms)
	case len(e.Queues) == 0:
		return fault("no queue, want at least one")
	case e.Size < MinSize || e.Size > MaxSize:
		return fault("size %d, want %d to %d surveys", e.Size, MinSize, MaxSize)
	case e.Ratings < 1 || e.Ratings > e.Size:
		return fault("%d ratings expected, want 1 to the size, %d", e.Ratings, e.Size)
	case e.StartedAt.IsZero():
		return fault("no start, want the time at which it begins")
	case e.EndedAt != nil && e.EndedAt.Before(e.StartedAt):
		return fault("ends %s, want no time before its start, %s", e.EndedAt.Format(time.RFC3339), e.StartedAt.Format(time.RFC3339))
	}
	for i, name := range e.Layouts {
		if name == "" || slices.Contains(e.Layouts[:i], name) {
			return fault("layout %d is %q, want a name that no other arm has", i+1, name)
		}
	}
	return e.checkQueues(fault)
}

// checkQueues checks how the queues are split.
func (e Experiment) checkQueues(fault func(format string, a ...any) error) error {
	used := make([]bool, len(e.Layouts)) // arms that get calls in some queue
	seen := map[string]bool{}
	for _, q := range e.Queues {
		switch {
		case q.Queue == "" || len(q.Queue) > MaxID:
			return fault("queue %q, want a name of 1 to %d bytes", q.Queue, MaxID)
		case seen[q.Queue]:
			return fault("queue %q is there twice", q.Queue)
		case len(q.Weights) != len(e.Layouts):
			return fault("queue %q: %d weights, want one for each of %d layouts", q.Queue, len(q.Weights), len(e.Layouts))
		}
		seen[q.Queue] = true
		arms := 0
		for i, w := range q.Weights {
			if w < 0 || w > MaxWeight {
				return fault("queue %q: layout %q: weight %d, want 0 to %d", q.Queue, e.Layouts[i], w, MaxWeight)
			}
			if w > 0 {
				used[i] = true
				arms++
			}
		}
		if arms < 2 {
			return fault("queue %q: %d layouts with a weight above 0, want at least 2 to compare", q.Queue, arms)
		}
	}
	if i := slices.Index(used, false); i >= 0 {
		return fault("layout %q has weight 0 in every queue, want it above 0 in one", e.Layouts[i])
	}
	return nil
}
