package survey

import (
	"testing"
	"time"

	"aftercall/scoring"

	"github.com/google/go-cmp/cmp"
)

// TestClose: how a call of two questions is closed, by what was answered.
func TestClose(t *testing.T) {
	now := time.Date(2026, 3, 28, 9, 0, 0, 0, time.UTC)
	final := func(o scoring.Outcome) *scoring.Answer { return &scoring.Answer{Outcome: o} }
	for _, c := range []struct {
		name   string
		first  *scoring.Answer
		second *scoring.Answer
		added  []scoring.Answer
		reason scoring.Reason
	}{
		{"nothing answered", nil, nil, []scoring.Answer{{Question: "q1", Outcome: scoring.Failed, At: now}, {Question: "q2", Outcome: scoring.NotReached, At: now}}, scoring.Lost},
		{"one rated", final(scoring.Rated), nil, []scoring.Answer{{Question: "q2", Outcome: scoring.Failed, At: now}}, scoring.Lost},
		{"both rated", final(scoring.Rated), final(scoring.Rated), nil, scoring.Completed},
		{"then silent", final(scoring.Rated), final(scoring.NoInput), nil, scoring.Silent},
		{"then wrong keys", final(scoring.Rated), final(scoring.Invalid), nil, scoring.WrongKeys},
		{"then our fault", final(scoring.Rated), final(scoring.Failed), nil, scoring.Lost},
		{"silent, second not reached", final(scoring.NoInput), final(scoring.NotReached), nil, scoring.Silent},
	} {
		row := scoring.CallRow{ID: scoring.CallID{UniqueID: "u", Visit: 1}, Questions: []scoring.AskedRow{
			{Assignment: scoring.Assignment{Question: "q1"}, Answer: c.first}, {Assignment: scoring.Assignment{Question: "q2"}, Answer: c.second}}}
		want := scoring.Record{ID: row.ID, Answers: c.added, End: &scoring.End{Reason: c.reason, At: now}}
		got := Close(row, now)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: record differs (-want +got):\n%s", c.name, d)
		}
		if err := got.Check(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// interrupted gives a call of the queue support as the store holds it, with
// the answers of its first questions.
func interrupted(t *testing.T, b *Book, answers ...scoring.Outcome) scoring.CallRow {
	t.Helper()
	id := scoring.CallID{UniqueID: "node1-1.0", Visit: 1}
	_, given, name := b.Plan(id, "support", "en")
	row := scoring.CallRow{ID: id, Call: scoring.Call{Survey: name, Language: "en"}, Keys: []scoring.Keypress{{Seq: 1}, {Seq: 4}}, Resumed: 1}
	for i, a := range given {
		asked := scoring.AskedRow{Assignment: a}
		if i < len(answers) && answers[i] != "" {
			asked.Answer = &scoring.Answer{Question: a.Question, Outcome: answers[i]}
		}
		row.Questions = append(row.Questions, asked)
	}
	return row
}

// TestBookResume: a call goes on with what it was given, or not at all.
func TestBookResume(t *testing.T) {
	b := book(t, centre())
	row := interrupted(t, b, scoring.Rated)
	plan, _, _ := b.Plan(row.ID, "support", "en")
	got, i, ok := b.Resume(row)
	if d := cmp.Diff(plan, got); !ok || d != "" {
		t.Errorf("ok %v, the plan differs from the call's own (-want +got):\n%s", ok, d)
	}
	if i.Seq != 4 || i.Resumed != 2 || len(i.Answers) != 1 || !i.Until.IsZero() {
		t.Errorf("known of the survey: %+v, want key 4, the second resumption, one answer", i)
	}
	for name, change := range map[string]func(*scoring.CallRow){
		"language gone":             func(r *scoring.CallRow) { r.Call.Language = "fr" },
		"survey gone":               func(r *scoring.CallRow) { r.Call.Survey = "other" },
		"layout gone":               func(r *scoring.CallRow) { r.Questions[1].Layout = "other" },
		"another version":           func(r *scoring.CallRow) { r.Questions[1].Version = "other" },
		"other sounds":              func(r *scoring.CallRow) { r.Questions[0].Rendition = "other" },
		"another question's layout": func(r *scoring.CallRow) { r.Questions[0].Question = "service" },
		"nothing asked":             func(r *scoring.CallRow) { r.Questions = nil },
	} {
		row := interrupted(t, b, scoring.Rated)
		change(&row)
		if _, _, ok := b.Resume(row); ok {
			t.Errorf("%s: is taken up again", name)
		}
	}
	if _, _, ok := b.Resume(interrupted(t, b, "", scoring.Rated)); ok {
		t.Error("answered out of order: is taken up again")
	}
}
