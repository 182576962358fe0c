package centre

import (
	"slices"
	"testing"

	"aftercall/ivr/layout"
	"aftercall/scoring"
)

// TestCallers plays every row at the same time in one centre: a row's calls
// are found by their callers.
func TestCallers(t *testing.T) {
	t.Parallel()
	rows := slices.Concat(ratings, troubles, visits, faultyArguments(), []row{split})
	c := openRows(t, rows, Options{Agents: 20, Dialled: meddled})
	t.Run("row", func(t *testing.T) {
		for _, r := range rows {
			t.Run(r.name, func(t *testing.T) {
				t.Parallel()
				c.play(t, r)
			})
		}
	})
	countedFaults(t, c, rows)
	c.scrape(t, "/metrics/agents")
}

// split: which layout a call gets follows from its id, and both are given.
var split = row{
	name: "split", queue: Queue{Layouts: arms("habit", "strict")}, calls: 40, acts: atOnce,
	check: func(t *testing.T, s scene) {
		if len(s.calls) != s.row.calls {
			t.Errorf("%d calls in the store, want %d", len(s.calls), s.row.calls)
		}
		given := map[string]int{}
		for _, r := range s.calls {
			q := r.Questions[0]
			given[q.Layout]++
			want := s.row.queue.Layouts[layout.Choose("demo", "service", r.ID.String(), s.row.queue.Layouts)].Layout
			if q.Layout != want || q.Answer.Outcome != scoring.Rated {
				t.Errorf("call %s: layout %q, %s; want %q, rated", r.ID, q.Layout, q.Answer.Outcome, want)
			}
		}
		if given["habit"] == 0 || given["strict"] == 0 {
			t.Errorf("layouts were given %v times, want both", given)
		}
	},
}

// Callers who rate.
var ratings = []row{
	{
		name: "satisfied after option 1", acts: `[{after_part: 2, press: "1"}]`,
		want: []string{"1: habit rated satisfied 3 by 1, reading 1, heard 1; key 1 accepted; completed"}, check: pressedAfter(1),
	},
	{
		name: "fair after option 2", acts: `[{after_part: 3, press: "2"}]`,
		want: []string{"1: habit rated fair 2 by 2, reading 1, heard 2; key 2 accepted; completed"}, check: pressedAfter(2),
	},
	{
		name: "dissatisfied after option 3", acts: `[{after_part: 4, press: "3"}]`,
		want: []string{"1: habit rated dissatisfied 1 by 3, reading 1, heard 3; key 3 accepted; completed"}, check: pressedAfter(3),
	},
	{
		name: "strict, very satisfied after option 1", queue: Queue{Layouts: arms("strict")}, acts: `[{after_part: 2, press: "5"}]`,
		want: []string{"1: strict rated very_satisfied 4 by 5, reading 1, heard 1; key 5 accepted; completed"}, check: pressedAfter(1),
	},
	{
		name: "strict, satisfied after option 2", queue: Queue{Layouts: arms("strict")}, acts: `[{after_part: 3, press: "3"}]`,
		want: []string{"1: strict rated satisfied 3 by 3, reading 1, heard 2; key 3 accepted; completed"}, check: pressedAfter(2),
	},
	{
		name: "strict, dissatisfied after option 3", queue: Queue{Layouts: arms("strict")}, acts: `[{after_part: 4, press: "1"}]`,
		want: []string{"1: strict rated dissatisfied 1 by 1, reading 1, heard 3; key 1 accepted; completed"}, check: pressedAfter(3),
	},
	{
		name: "barge-in", calls: 3, acts: `[{at: 300ms, press: "1"}]`, want: slices.Repeat(asked, 3), check: silencedAndThanked,
	},
	{
		name: "repeat", acts: `[{after_part: 4, press: "0"}, {after_part: 6, press: "2"}]`,
		want:  []string{"1: habit rated fair 2 by 2, reading 2, heard 3; key 0 action; key 2 accepted; completed"},
		check: heardParts(4 + 2 + thanks),
	},
	{
		name: "wrong key, then right", acts: `[{after_part: 2, press: "9"}, {after_part: 5, press: "1"}]`,
		want:  []string{"1: habit rated satisfied 3 by 1, reading 2, heard 1; key 9 wrong; key 1 accepted; completed"},
		check: heardParts(2 + retry + 2 + thanks),
	},
}

// Callers who do not rate.
var troubles = []row{
	{
		name:  "silent",
		want:  []string{"1: habit no_input, reading 2, heard 3; silent"},
		check: heardParts(4 + retry + 4),
	},
	{
		name: "wrong keys only", acts: `[{after_part: 2, press: "9"}, {after_part: 5, press: "8"}, {after_part: 8, press: "7"}]`,
		want: []string{"1: habit invalid, reading 3, heard 1; key 9 wrong; key 8 wrong; key 7 wrong; wrong_keys"},
	},
	{
		name: "hangs up in the intro", acts: `[{at: 300ms, hangup: true}]`, gone: true,
		want: []string{"1: habit hangup, reading 1, heard 0; caller_left"},
	},
	{
		name: "hangs up after option 1", acts: `[{after_part: 2, hangup: true}]`, gone: true,
		want: []string{"1: habit hangup, reading 1, heard 1; caller_left"},
	},
	{
		name: "hangs up after option 2", acts: `[{after_part: 3, hangup: true}]`, gone: true,
		want: []string{"1: habit hangup, reading 1, heard 2; caller_left"},
	},
	{
		name: "hangs up after option 3", acts: `[{after_part: 4, hangup: true}]`, gone: true,
		want: []string{"1: habit hangup, reading 1, heard 3; caller_left"},
	},
	{name: "hangs up in the talk", acts: `[{talk: 100ms, hangup: true}]`, gone: true, check: neverAsked},
	{name: "nobody answers", queue: Queue{Unstaffed: true}, check: func(t *testing.T, s scene) {
		if n := len(s.heard[0].Visits); n != 0 {
			t.Errorf("talked to %d agents, want none", n)
		}
	}},
}

// Callers who are asked more than once.
var visits = []row{
	{
		name: "back to the queue", queue: Queue{Visits: 2}, acts: `[{after_part: 2, press: "1"}, {visit: 2, after_part: 3, press: "2"}]`,
		want: []string{
			"1: habit rated satisfied 3 by 1, reading 1, heard 1; key 1 accepted; completed",
			"2: habit rated fair 2 by 2, reading 1, heard 2; key 2 accepted; completed",
		},
	},
	{
		name: "two questions", queue: Queue{Survey: "service-and-resolved", Layouts: arms("habit", "resolved-yes-no")},
		acts:  `[{after_part: 2, press: "1"}, {after_part: 5, press: "2"}]`,
		want:  []string{"1: habit rated satisfied 3 by 1, reading 1, heard 1; resolved-yes-no rated not_resolved 0 by 2, reading 1, heard 2; key 1 accepted; key 2 accepted; completed"},
		check: heardParts(2 + 3 + thanks),
	},
	{
		name: "two questions, double press", queue: Queue{Survey: "service-and-resolved", Layouts: arms("habit", "resolved-yes-no")},
		acts:  `[{after_part: 2, press: "11"}, {after_part: 5, press: "2"}]`,
		want:  []string{"1: habit rated satisfied 3 by 1, reading 1, heard 1; resolved-yes-no rated not_resolved 0 by 2, reading 1, heard 2; key 1 accepted; key 1 late; key 2 accepted; completed"},
		check: heardParts(2 + 3 + thanks),
	},
}

// neverAsked: not a word of a survey was heard.
func neverAsked(t *testing.T, s scene) {
	for _, h := range s.heard {
		for i, v := range h.Visits {
			if v.SurveyStartMS != nil {
				t.Errorf("%s: a survey was heard after talk %d", h.Caller, i+1)
			}
		}
	}
}
