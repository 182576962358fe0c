package scoring

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// trial gives an experiment without a fault.
func trial() Experiment {
	return Experiment{Name: "order.1", Question: "service", Layouts: []string{"habit", "worst-first", "gap"},
		Queues: []QueueWeights{{Queue: "support", Weights: []int{1, 1, 0}}, {Queue: Unknown, Weights: []int{0, 1, MaxWeight}}},
		Seed:   "s", Size: 6000, Ratings: 4000, StartedAt: morning}
}

func TestExperimentCheck(t *testing.T) {
	before := morning.Add(-time.Second)
	for _, c := range []struct {
		name   string
		change func(*Experiment)
		want   string // behind `experiment "…": invalid record: `; "" = no fault
	}{
		{"sound", func(*Experiment) {}, ""},
		{"ended at once", func(e *Experiment) { e.EndedAt = &e.StartedAt }, ""},
		{"in Chinese", func(e *Experiment) { e.Name = "满意度-1" }, ""},
		{"smallest", func(e *Experiment) { e.Size, e.Ratings = MinSize, 1 }, ""},
		{"largest", func(e *Experiment) { e.Size, e.Ratings = MaxSize, MaxSize }, ""},
		{"no name", func(e *Experiment) { e.Name = "" }, "name, want letters, digits, _ . - and at most 64 characters"},
		{"name like an option", func(e *Experiment) { e.Name = "-x" }, "name, want letters, digits, _ . - and at most 64 characters"},
		{"name too long", func(e *Experiment) { e.Name = strings.Repeat("x", 65) }, "name, want letters, digits, _ . - and at most 64 characters"},
		{"no question", func(e *Experiment) { e.Question = "" }, "no question, want the one whose layouts are compared"},
		{"one layout", func(e *Experiment) { e.Layouts = e.Layouts[:1] }, "1 layouts, want 2 to 9"},
		{"ten layouts", func(e *Experiment) { e.Layouts = make([]string, 10) }, "10 layouts, want 2 to 9"},
		{"layout twice", func(e *Experiment) { e.Layouts[2] = "habit" }, `layout 3 is "habit", want a name that no other arm has`},
		{"layout without a name", func(e *Experiment) { e.Layouts[0] = "" }, `layout 1 is "", want a name that no other arm has`},
		{"no queue", func(e *Experiment) { e.Queues = nil }, "no queue, want at least one"},
		{"queue without a name", func(e *Experiment) { e.Queues[0].Queue = "" }, `queue "", want a name of 1 to 128 bytes`},
		{"queue's name too long", func(e *Experiment) { e.Queues[0].Queue = strings.Repeat("q", 129) },
			`queue "` + strings.Repeat("q", 129) + `", want a name of 1 to 128 bytes`},
		{"queue twice", func(e *Experiment) { e.Queues[1].Queue = "support" }, `queue "support" is there twice`},
		{"weights missing", func(e *Experiment) { e.Queues[0].Weights = []int{1, 1} }, `queue "support": 2 weights, want one for each of 3 layouts`},
		{"weight under 0", func(e *Experiment) { e.Queues[0].Weights[0] = -1 }, `queue "support": layout "habit": weight -1, want 0 to 10000`},
		{"weight too high", func(e *Experiment) { e.Queues[1].Weights[2]++ }, `queue "unknown": layout "gap": weight 10001, want 0 to 10000`},
		{"one arm in a queue", func(e *Experiment) { e.Queues[0].Weights[1] = 0 }, `queue "support": 1 layouts with a weight above 0, want at least 2 to compare`},
		{"arm without calls", func(e *Experiment) { e.Queues = e.Queues[:1] }, `layout "gap" has weight 0 in every queue, want it above 0 in one`},
		{"too small", func(e *Experiment) { e.Size = 199 }, "size 199, want 200 to 100000000 surveys"},
		{"too large", func(e *Experiment) { e.Size = MaxSize + 1 }, "size 100000001, want 200 to 100000000 surveys"},
		{"no ratings", func(e *Experiment) { e.Ratings = 0 }, "0 ratings expected, want 1 to the size, 6000"},
		{"more ratings than surveys", func(e *Experiment) { e.Ratings = 6001 }, "6001 ratings expected, want 1 to the size, 6000"},
		{"no start", func(e *Experiment) { e.StartedAt = time.Time{} }, "no start, want the time at which it begins"},
		{"ends before its start", func(e *Experiment) { e.EndedAt = &before },
			"ends 2026-03-28T22:29:59Z, want no time before its start, 2026-03-28T22:30:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := trial()
			c.change(&e)
			err := e.Check()
			if c.want == "" {
				if err != nil {
					t.Errorf("fault %v, want none", err)
				}
				return
			}
			if want := `experiment "` + e.Name + `": invalid record: ` + c.want; !errors.Is(err, ErrInvalid) || err.Error() != want {
				t.Errorf("fault %v, want %s", err, want)
			}
		})
	}
}
