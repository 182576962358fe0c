package faults

import (
	"strings"
	"testing"
	"time"

	"aftercall/deploy/centre"
	"aftercall/scoring"
)

// thanked is a caller who rated with 1 and heard the thank-you, and all that
// is kept of it.
func thanked() Evidence {
	at := time.UnixMilli(1_700_000_000_000)
	heard := centre.Heard{Caller: "r1", DialledAt: at, EndedAt: at.Add(6 * time.Second), Persona: "p", EndedBy: "far", Released: true,
		Segments: []centre.Segment{{Kind: "tone", Hz: 620, EndMS: 1000}, {Kind: "speech", StartMS: 1100, EndMS: 3000},
			{Kind: "tone", Hz: ThanksHz, StartMS: 3300, EndMS: 4100}},
		Visits: []centre.Visit{{TalkEndMS: 1000, Segments: []centre.Segment{{Kind: "speech", StartMS: 1100, EndMS: 3000}},
			Presses: []centre.Press{{Key: "1", StartMS: 2900, EndMS: 3000}}}},
	}
	row := scoring.CallRow{ID: scoring.CallID{UniqueID: "n-1.1", Visit: 1}, End: &scoring.End{Reason: scoring.Completed, At: at},
		Call: scoring.Call{Queue: "q", Agent: scoring.Agent{ID: "a"}, StartedAt: at},
		Questions: []scoring.AskedRow{{Assignment: scoring.Assignment{Question: "service", Layout: "habit"},
			Answer: &scoring.Answer{Question: "service", Outcome: scoring.Rated, Verdict: "satisfied", Value: 3, Entry: "1", Reading: 1, At: at}}},
		Keys: []scoring.Keypress{{Seq: 1, Question: "service", Key: "1", Use: scoring.Accepted, At: at}},
	}
	e := Evidence{Heard: []centre.Heard{heard}, Rows: []scoring.CallRow{row}, IDs: map[string]string{"r1": "n-1.1"}, WentOn: map[string]time.Duration{"r1": 3200 * time.Millisecond},
		Means: map[string]Verdict{"1": {"satisfied", 3}}, Trapped: 20_000, Unasked: 2000}
	e.Totals = centre.Counted(e.Rows)
	return e
}

// within is a moment of the caller's call.
func (e *Evidence) within() []Span { return []Span{{e.Heard[0].EndedAt.Add(-1), e.Heard[0].EndedAt}} }

// lingering makes the caller one who heard a tone at last and was never hung up on.
func (e *Evidence) lingering(hz int) {
	h := &e.Heard[0]
	h.EndedBy, h.Error, h.EndedAt = "limit", "still up after 4m0s", h.DialledAt.Add(4*time.Minute)
	h.Segments = append(h.Segments, centre.Segment{Kind: "tone", Hz: hz, StartMS: 4200, EndMS: 240_000})
}

// unrated makes the caller one who was not rated nor thanked.
func (e *Evidence) unrated(o scoring.Outcome) {
	a := e.Rows[0].Questions[0].Answer
	a.Outcome, a.Verdict, a.Value, a.Entry = o, "", 0, ""
	e.Heard[0].Segments = e.Heard[0].Segments[:2]
	e.Totals = centre.Counted(e.Rows)
}

// The checker finds each thing that must not be, and nothing where all is well.
func TestCheckFindsEveryFault(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		spoil func(*Evidence)
		says  string // "" = well
	}{
		{"well", func(*Evidence) {}, ""},
		{"the rating is lost", func(e *Evidence) { e.Rows, e.Totals = nil, nil }, "was asked and is not in the store"},
		{"thanked without a survey heard", func(e *Evidence) { e.Heard[0].Visits[0].Segments = nil; e.Rows, e.Totals = nil, nil }, "was thanked and is not in the store"},
		{"stored twice", func(e *Evidence) { e.Rows = append(e.Rows, e.Rows[0]); e.Totals = centre.Counted(e.Rows) }, "is in the store twice"},
		{"another outcome", func(e *Evidence) {
			a := e.Rows[0].Questions[0].Answer
			a.Outcome, a.Verdict, a.Value, a.Entry = scoring.NoInput, "", 0, ""
			e.Totals = centre.Counted(e.Rows)
		}, "was thanked, and the store says no_input"},
		{"another key", func(e *Evidence) { e.Heard[0].Visits[0].Presses[0].Key = "2"; e.Deaf = true }, `is rated with "1", pressed was [2]`},
		{"another verdict", func(e *Evidence) { e.Rows[0].Questions[0].Answer.Value = 1 }, `want satisfied 3`},
		{"a key is lost", func(e *Evidence) { e.Rows[0].Keys = nil; e.Totals = centre.Counted(e.Rows) }, "pressed [1], the store has []"},
		{"a key is lost while nobody listened", func(e *Evidence) { e.Rows[0].Keys, e.Deaf = nil, true; e.Totals = centre.Counted(e.Rows) }, ""},
		{"a key is lost in the goodbye", func(e *Evidence) {
			h, a := &e.Heard[0], e.Rows[0].Questions[0].Answer
			h.EndedBy, h.Segments = "caller", h.Segments[:2]
			a.Outcome, a.Verdict, a.Value, a.Entry = scoring.HungUp, "", 0, ""
			e.Rows[0].Keys = nil
			e.Totals = centre.Counted(e.Rows)
		}, ""},
		{"a key is invented", func(e *Evidence) {
			e.Rows[0].Keys = append(e.Rows[0].Keys, scoring.Keypress{Seq: 2, Question: "service", Key: "1", Use: scoring.Late})
			e.Deaf, e.Totals = true, centre.Counted(e.Rows)
		}, "do not follow from"},
		{"a hole in the keys", func(e *Evidence) { e.Rows[0].Keys[0].Seq = 2 }, "key 1 of the store has number 2"},
		{"in the operator's hands while the clock is set back", func(e *Evidence) { e.Set = true; e.lingering(operatorHz) }, ""},
		{"in nobody's hands while the clock is set back", func(e *Evidence) { e.Set = true; e.lingering(ThanksHz) }, "still up"},
		{"in the operator's hands for ever", func(e *Evidence) { e.lingering(operatorHz) }, "still up"},
		{"no end", func(e *Evidence) { e.Rows[0].End = nil }, "has no end"},
		{"no answer", func(e *Evidence) { e.Rows[0].Questions[0].Answer = nil; e.Totals = nil }, "has no answer"},
		{"a hole in the agent's tone", func(e *Evidence) {
			h := &e.Heard[0]
			h.Visits = []centre.Visit{{TalkEndMS: 400}, h.Visits[0]}
		}, ""},
		{"the rating is lost behind a hole in the agent's tone", func(e *Evidence) {
			h := &e.Heard[0]
			h.Visits, e.Rows, e.Totals = []centre.Visit{{TalkEndMS: 400}, h.Visits[0]}, nil, nil
		}, "was asked and is not in the store"},
		{"a stranger", func(e *Evidence) { e.Heard = nil }, "which no caller made"},
		{"trapped", func(e *Evidence) { e.Trapped = 3000 }, "came back into the operator's dialplan 3200 ms after"},
		{"never released", func(e *Evidence) { e.WentOn = nil }, "never came back"},
		{"never released, the line was dead", func(e *Evidence) { e.WentOn, e.Died = nil, e.within() }, ""},
		{"never released, the line was dead before", func(e *Evidence) {
			e.WentOn, e.Died = nil, []Span{{time.Time{}, e.Heard[0].DialledAt}}
		}, "never came back"},
		{"never released, the line stood still", func(e *Evidence) { e.WentOn, e.Stood = nil, e.within() }, "never came back"},
		{"no answer while the line stood still", func(e *Evidence) { e.Heard[0].Error, e.Stood = "hang up: no answer", e.within() }, ""},
		{"a hang-up that was none", func(e *Evidence) { e.unrated(scoring.HungUp) }, "did not hang up"},
		{"a silence that was none", func(e *Evidence) { e.unrated(scoring.NoInput) }, "pressed [1], and the store says that nothing was"},
		{"a silence when asked again", func(e *Evidence) { e.unrated(scoring.NoInput); e.Rows[0].Resumed = 1 }, ""},
		{"not asked and kept", func(e *Evidence) {
			e.Heard[0].Visits[0] = centre.Visit{TalkEndMS: 1000}
			e.Heard[0].Segments = nil
			e.Rows, e.Totals = nil, nil
		}, "with the service: false"},
		{"a call that failed", func(e *Evidence) { e.Heard[0].Error = "no audio was received" }, "no audio was received"},
		{"Asterisk never saw it", func(e *Evidence) { e.IDs = nil }, "Asterisk never saw the call"},
		{"a counter is behind", func(e *Evidence) { e.Totals = nil }, "shows 0, the store's rows give 1"},
		{"a counter fell", func(e *Evidence) {
			before := centre.Counted(e.Rows)
			for s := range before {
				before[s]++
			}
			e.Watched = []centre.Figures{before}
		}, "fell from 2 to 1"},
		{"a counter was gone for a while", func(e *Evidence) { e.Watched = []centre.Figures{centre.Counted(e.Rows), {}} }, "fell from 1 to 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := thanked()
			c.spoil(&e)
			all := strings.Join(e.Check(), "\n")
			if well := all == ""; well != (c.says == "") || !strings.Contains(all, c.says) {
				t.Errorf("faults:\n%s\nwant %q", all, c.says)
			}
		})
	}
}
