package storetest

import (
	"context"
	"errors"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"aftercall/scoring"
)

func mustOpen(t *testing.T, open Opener) Store {
	t.Helper()
	s, err := open(zoneName)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// write writes one record, wants it stored and checks the store.
func write(t *testing.T, s Store, r scoring.Record, known bool) {
	t.Helper()
	receipt, err := s.Write(limited(t), r)
	if err != nil {
		t.Fatalf("write %s: %v", r.ID, err)
	}
	if want := (scoring.Receipt{Known: known}); receipt != want {
		t.Errorf("write %s: receipt %+v, want %+v", r.ID, receipt, want)
	}
	Check(t, s)
}

// wantRows wants the store to hold these calls and no other, in any order.
func wantRows(t TB, s Store, want ...scoring.CallRow) {
	t.Helper()
	got, err := s.Calls(context.Background(), scoring.Query{Limit: everyCall})
	if err != nil {
		t.Fatalf("calls: %v", err)
	}
	if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.SortSlices(func(a, b scoring.CallRow) bool {
		return a.ID.String() < b.ID.String()
	})); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func everyField(t *testing.T, open Opener) {
	s := mustOpen(t, open)
	write(t, s, full(), false)
	wantRows(t, s, row(full()))
}

func wholeTwice(t *testing.T, open Opener) {
	s := mustOpen(t, open)
	write(t, s, full(), false)
	before := totals(s)
	write(t, s, full(), true)
	wantRows(t, s, row(full()))
	if diff := gocmp.Diff(before, totals(s)); diff != "" {
		t.Errorf("totals moved by a repeated record (-before +after):\n%s", diff)
	}
}

func inPieces(t *testing.T, open Opener) {
	s := mustOpen(t, open)
	r := full()
	write(t, s, scoring.Record{ID: r.ID, Call: r.Call, Assignments: r.Assignments}, false)
	for _, k := range r.Keypresses {
		for range 2 {
			write(t, s, scoring.Record{ID: r.ID, Keypresses: []scoring.Keypress{k}}, false)
		}
	}
	for _, a := range r.Answers {
		for range 2 {
			write(t, s, scoring.Record{ID: r.ID, Answers: []scoring.Answer{a}}, false)
		}
	}
	write(t, s, scoring.Record{ID: r.ID, End: r.End}, false)
	write(t, s, r, true)
	wantRows(t, s, row(r))
}

func answerAfterEnd(t *testing.T, open Opener) {
	s := mustOpen(t, open)
	parts := Survey(5)
	write(t, s, parts[0], false)
	write(t, s, parts[2], false)
	write(t, s, parts[1], false)
	again := parts[1]
	again.Answers = []scoring.Answer{again.Answers[0]}
	again.Answers[0].Verdict, again.Answers[0].PressMS = "other", 9000
	write(t, s, again, false)
	late := *parts[2].End
	late.Reason = scoring.Lost
	write(t, s, scoring.Record{ID: parts[2].ID, End: &late}, false)
	wantRows(t, s, row(Whole(5)))
}

func knownCall(t *testing.T, open Opener) {
	s := mustOpen(t, open)
	parts := Survey(3)
	write(t, s, parts[0], false)
	claimed := Whole(3)
	other := *claimed.Call
	other.Agent.ID, other.Queue, other.Language, other.Day, other.Test = "somebody-else", "sales", "zh", "2020-01-01", true
	claimed.Call = &other
	claimed.Assignments = []scoring.Assignment{claimed.Assignments[0]}
	claimed.Assignments[0].Layout, claimed.Assignments[0].Version, claimed.Assignments[0].Primary = "other", "other-1", false
	write(t, s, claimed, true)
	wantRows(t, s, row(Whole(3)))
	series := scoring.Series{Kind: scoring.AgentOutcome, Agent: parts[0].Call.Agent.ID, Label: string(scoring.Rated)}
	if got := totals(s)[series]; got != 1 {
		t.Errorf("total %+v is %d, want 1: the stored agent is credited", series, got)
	}
}

func noCall(t *testing.T, open Opener) {
	s := mustOpen(t, open)
	parts := Survey(1)
	for _, r := range parts[1:] {
		r.Born = []scoring.Series{{Kind: scoring.AgentVerdict, Agent: "a", Label: "fair"}}
		if _, err := s.Write(limited(t), r); !errors.Is(err, scoring.ErrNoCall) {
			t.Errorf("write without a call: error %v, want %v", err, scoring.ErrNoCall)
		}
		Check(t, s)
	}
	wantRows(t, s)
	if got := totals(s); len(got) != 0 {
		t.Errorf("totals %v, want none", got)
	}
}

func refusedRecords(t *testing.T, open Opener) {
	s := mustOpen(t, open)
	write(t, s, Survey(1)[0], false)
	unassigned, twice, contradiction, fresh := Survey(1)[1], Survey(2)[0], Survey(1)[1], Whole(4)
	unassigned.Answers = append(unassigned.Answers, scoring.Answer{Question: "nobody asked", Outcome: scoring.NoInput})
	unassigned.End = &scoring.End{Reason: scoring.Completed, At: start}
	twice.Assignments = append(twice.Assignments, twice.Assignments[0])
	contradiction.Answers = []scoring.Answer{{Question: "service", Outcome: scoring.Rated}}
	fresh.Answers[0].Question = "nobody asked"
	for name, r := range map[string]scoring.Record{"answer to a question that was not assigned": unassigned,
		"the same with a new call": fresh, "question assigned twice": twice, "rated without verdict": contradiction} {
		if _, err := s.Write(limited(t), r); !errors.Is(err, scoring.ErrInvalid) {
			t.Errorf("%s: error %v, want %v", name, err, scoring.ErrInvalid)
		}
		Check(t, s)
		wantRows(t, s, row(Survey(1)[0]))
	}
}

func testCalls(t *testing.T, open Opener) {
	s := mustOpen(t, open)
	r := full()
	r.Call.Test = true
	r.Born = []scoring.Series{{Kind: scoring.AgentVerdict, Agent: r.Call.Agent.ID, Label: "fair"}}
	write(t, s, r, false)
	r.Born = nil
	wantRows(t, s, row(r))
	counts, err := s.Counts(limited(t))
	if err != nil || len(counts) != 0 || len(totals(s)) != 0 {
		t.Errorf("counts %v, totals %v, error %v, want none", counts, totals(s), err)
	}
}

func bornAtZero(t *testing.T, open Opener) {
	s := mustOpen(t, open)
	declared := scoring.Series{Kind: scoring.LayoutKey, Layout: "habit", Label: "1"}
	born := scoring.Series{Kind: scoring.AgentVerdict, Agent: "agent1", Label: "dissatisfied"}
	if err := s.Declare(limited(t), []scoring.Series{declared}); err != nil {
		t.Fatalf("declare: %v", err)
	}
	r := Survey(1)[0]
	r.Born = []scoring.Series{born, declared}
	write(t, s, r, false)
	if diff := gocmp.Diff(map[scoring.Series]int64{declared: 0, born: 0}, totals(s)); diff != "" {
		t.Errorf("totals (-want +got):\n%s", diff)
	}
	write(t, s, Survey(1)[1], false)
	before := totals(s)
	if err := s.Declare(limited(t), []scoring.Series{declared, {Kind: scoring.AgentOutcome, Agent: "agent1", Label: "rated"}}); err != nil {
		t.Fatalf("declare: %v", err)
	}
	if diff := gocmp.Diff(before, totals(s)); diff != "" {
		t.Errorf("a declaration moved totals that stand (-before +after):\n%s", diff)
	}
}
