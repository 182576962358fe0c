package centre

import (
	"slices"
	"testing"

	"aftercall/ivr/layout"
	"aftercall/scoring"
	"aftercall/scoring/sqlite"

	"github.com/google/go-cmp/cmp"
)

// TestExperiment: an experiment is started, changed and stopped through the
// running service while callers come. Each is asked by what was in force when
// it came, and stored under that epoch; who is in a survey finishes it.
func TestExperiment(t *testing.T) {
	t.Parallel()
	rows := []row{
		{name: "tried", calls: 8, acts: atOnce},
		{name: "between", acts: `[{quiet: 4s, press: "1"}]`, want: []string{"1: habit rated satisfied 3 by 1, reading 1, heard 3; key 1 accepted; completed"}},
	}
	c := openRows(t, rows, Options{Agents: 10})
	tried, between := rows[0], rows[1]
	between.queue = tried.queue
	experiment := func(want string, args ...string) {
		t.Helper()
		said, err := c.Program(t.Context(), append([]string{"experiment"}, args...)...)
		if err != nil {
			t.Fatal(err)
		}
		if want != "" && said != want {
			t.Errorf("experiment %v: %q, want %q", args, said, want)
		}
	}

	caller := c.dial(t, between)
	c.until(t, inProgress)
	experiment("", "start", "gaps", "--layouts", "gap,habit", "--queue", "tried=3:1", "--size", "4000", "--seed", "e2e")
	first := c.dial(t, tried)
	c.untilAll(t, func(rows []scoring.CallRow) bool { return len(rows) > 1 })
	experiment("Experiment gaps has other weights.\n", "change", "gaps", "--queue", "tried=1:3")
	second := c.dial(t, tried)()
	experiment("Experiment gaps has ended: its queues go by the configured split.\n", "stop", "gaps")
	third := c.dial(t, tried)()

	scene{row: between, calls: c.settled(t, caller())}.stored(t)
	heard := slices.Concat(first(), second, third)
	s := scene{Centre: c, row: tried, heard: heard, calls: c.settled(t, heard)}
	c.account(t, s)
	epochs := c.epochs(t, "tried")
	configured, arms := []layout.Arm{{Layout: "habit", Weight: 1}}, func(gap, habit int) []layout.Arm {
		return []layout.Arm{{Layout: "gap", Weight: gap}, {Layout: "habit", Weight: habit}}
	}
	want := []division{{"", "demo", configured}, {"gaps", "e2e", arms(3, 1)}, {"gaps", "e2e", arms(1, 3)}, {"", "demo", configured}}
	var order []int64
	var got []division
	for _, e := range epochs {
		order, got = append(order, e.ID), append(got, divisionOf(e))
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("epochs of the queue (-want +got):\n%s", d)
	}
	byEpoch, byLayout := make([]int, len(epochs)), map[string]int{}
	for _, r := range s.calls {
		q := r.Questions[0]
		at := slices.Index(order, q.Epoch)
		if at < 0 {
			t.Fatalf("call %s is stored under epoch %d, want one of %v", r.ID, q.Epoch, order)
		}
		byEpoch[at]++
		byLayout[q.Layout]++
		by := want[at]
		if given := by.Arms[layout.Choose(by.Seed, "service", r.ID.String(), by.Arms)].Layout; q.Layout != given || q.Answer.Outcome != scoring.Rated {
			t.Errorf("call %s: layout %q, %s; want %q, rated", r.ID, q.Layout, q.Answer.Outcome, given)
		}
	}
	if byEpoch[0] != 0 || byEpoch[1] == 0 || byEpoch[2] < len(second) || byEpoch[3] != len(third) || byLayout["gap"] == 0 || byLayout["habit"] <= len(third) {
		t.Errorf("calls by epoch %v and by layout %v, want some under each of the experiment, in both layouts, and %d behind it", byEpoch, byLayout, len(third))
	}
}

// division is what divides the calls of an epoch.
type division struct {
	Experiment, Seed string
	Arms             []layout.Arm
}

func divisionOf(e scoring.Epoch) division {
	d := division{Experiment: e.Experiment, Seed: e.Seed}
	for _, a := range e.Arms {
		d.Arms = append(d.Arms, layout.Arm{Layout: a.Layout, Weight: a.Weight})
	}
	return d
}

// epochs reads those of a queue from the store.
func (c *Centre) epochs(t *testing.T, queue string) []scoring.Epoch {
	t.Helper()
	store, err := sqlite.OpenReadOnly(t.Context(), c.Store())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	all, err := store.EpochList(t.Context(), "service")
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(e scoring.Epoch) bool { return e.Queue != queue })
}
