package storetest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"aftercall/scoring"
)

// cells gives what must be counted of a question by day and by agent, in the
// order in which a store gives it.
func cells(rows []scoring.CallRow, keep func(scoring.CallRow, scoring.AskedRow) bool) ([]scoring.DayCount, []scoring.AgentCount) {
	days, agents := map[scoring.DayCount]int64{}, map[scoring.AgentCount]int64{}
	for _, row := range rows {
		for _, q := range row.Questions {
			if row.Call.Test || q.Answer == nil || !keep(row, q) {
				continue
			}
			result := cmp.Or(q.Answer.Verdict, string(q.Answer.Outcome))
			days[scoring.DayCount{Queue: row.Call.Queue, Epoch: q.Epoch, Day: row.Call.Day, Version: q.Version,
				Language: row.Call.Language, Result: result, Heard: q.Answer.Heard}]++
			agents[scoring.AgentCount{Queue: row.Call.Queue, Epoch: q.Epoch, Agent: row.Call.Agent.ID, Version: q.Version,
				Language: row.Call.Language, Result: result}]++
		}
	}
	var byDay []scoring.DayCount
	for c, n := range days {
		c.N = n
		byDay = append(byDay, c)
	}
	slices.SortFunc(byDay, func(a, b scoring.DayCount) int {
		return cmp.Or(cmp.Compare(a.Queue, b.Queue), cmp.Compare(a.Epoch, b.Epoch), cmp.Compare(a.Day, b.Day), cmp.Compare(a.Version, b.Version),
			cmp.Compare(a.Language, b.Language), cmp.Compare(a.Result, b.Result), cmp.Compare(a.Heard, b.Heard))
	})
	var byAgent []scoring.AgentCount
	for c, n := range agents {
		c.N = n
		byAgent = append(byAgent, c)
	}
	slices.SortFunc(byAgent, func(a, b scoring.AgentCount) int {
		return cmp.Or(cmp.Compare(a.Queue, b.Queue), cmp.Compare(a.Epoch, b.Epoch), cmp.Compare(a.Agent, b.Agent),
			cmp.Compare(a.Version, b.Version), cmp.Compare(a.Language, b.Language), cmp.Compare(a.Result, b.Result))
	})
	return byDay, byAgent
}

// checkCells holds what a query gives against the rows that it names.
func checkCells(ctx context.Context, t TB, s Store, rows []scoring.CallRow, q scoring.CountQuery) {
	t.Helper()
	named := func(r scoring.CallRow, a scoring.AskedRow) bool {
		return a.Question == q.Question && (q.Queue == "" || q.Queue == r.Call.Queue) &&
			(len(q.Epochs) == 0 || slices.Contains(q.Epochs, a.Epoch)) && (len(q.Versions) == 0 || slices.Contains(q.Versions, a.Version))
	}
	byDay, _ := cells(rows, func(r scoring.CallRow, a scoring.AskedRow) bool {
		return named(r, a) && r.Call.Day >= q.From && (q.To == "" || r.Call.Day <= q.To)
	})
	_, byAgent := cells(rows, named)
	days, err := s.DayCounts(ctx, q)
	agents, err2 := s.AgentCounts(ctx, q)
	if err := errors.Join(err, err2); err != nil {
		t.Fatalf("counts of %+v: %v", q, err)
	}
	if diff := gocmp.Diff(byDay, days); diff != "" {
		t.Errorf("by day of %+v (-want +got):\n%s", q, diff)
	}
	if diff := gocmp.Diff(byAgent, agents); diff != "" {
		t.Errorf("by agent of %+v (-want +got):\n%s", q, diff)
	}
}

// twoEpochs gives two epochs of two queues for two questions: of support for
// service and solved, of sales for both, and then once more.
func twoEpochs(t *testing.T, s Store) (ids []int64) {
	t.Helper()
	for _, arms := range []string{`{"arms":[]}`, `{"arms":[{"layout":"habit"}]}`} {
		for _, queue := range []string{"support", "sales"} {
			for _, question := range []string{"service", "solved"} {
				got, err := s.Epochs(limited(t), []scoring.Split{{Queue: queue, Question: question, Arms: arms}}, start)
				if err != nil {
					t.Fatalf("epochs: %v", err)
				}
				ids = append(ids, got...)
			}
		}
	}
	return ids
}

// spread gives surveys of both questions, spread over these epochs, two
// languages and three days.
func spread(ids []int64) (records []scoring.Record, rows []scoring.CallRow) {
	for n := range 240 {
		r := Whole(n)
		first := n%2*2 + n/2%2*4 // of the two ids of the call
		call := *r.Call
		call.Queue, call.Language = []string{"support", "sales"}[n%2], []string{"en", "zh-CN"}[n/4%2]
		call.Day = []string{"2026-03-28", "2026-03-29", "2026-03-30"}[n/8%3]
		r.Call = &call
		r.Assignments[0].Epoch = ids[first]
		r.Assignments = append(r.Assignments, scoring.Assignment{Question: "solved", Position: 2, Layout: "yes-no",
			Version: "yes-no-1", Rendition: "r2", Epoch: ids[first+1]})
		r.Answers = append(r.Answers, scoring.Answer{Question: "solved", Outcome: scoring.HungUp, Reading: 1, Heard: n % 2, At: start})
		records, rows = append(records, r), append(rows, row(r))
	}
	return records, rows
}

func countQueries(t *testing.T, open Opener) {
	s := mustOpen(t, open)
	ids := twoEpochs(t, s)
	records, rows := spread(ids)
	if err := s.WriteAll(limited(t), records); err != nil {
		t.Fatalf("write all: %v", err)
	}
	habit, gap := Whole(0).Assignments[0].Version, Whole(1).Assignments[0].Version
	for _, q := range []scoring.CountQuery{
		{Question: "service"},
		{Question: "solved"},
		{Question: "nobody asked"},
		{Question: "service", Queue: "sales"},
		{Question: "service", Queue: "nowhere"},
		{Question: "service", Epochs: []int64{ids[0], ids[6]}},
		{Question: "service", Epochs: []int64{ids[0], ids[6]}, Queue: "sales"},
		{Question: "service", Epochs: []int64{ids[0], ids[0]}},
		{Question: "service", Epochs: []int64{ids[1]}}, // of the other question
		{Question: "service", Epochs: []int64{1 << 40}},
		{Question: "service", Versions: []string{habit, gap}},
		{Question: "service", Versions: []string{"no such version"}},
		{Question: "service", From: "2026-03-29"},
		{Question: "service", To: "2026-03-29"},
		{Question: "service", From: "2026-03-29", To: "2026-03-29", Epochs: []int64{ids[2]}, Versions: []string{gap}, Queue: "sales"},
		{Question: "service", From: "2026-03-30", To: "2026-03-28"},
	} {
		checkCells(limited(t), t, s, rows, q)
	}
	for _, q := range []scoring.CountQuery{{}, {Question: "service", From: "yesterday"}, {Question: "service", To: "2026-3-1"}} {
		if _, err := s.DayCounts(limited(t), q); !errors.Is(err, scoring.ErrInvalid) {
			t.Errorf("days of %+v: error %v, want %v", q, err, scoring.ErrInvalid)
		}
	}
	if _, err := s.AgentCounts(limited(t), scoring.CountQuery{}); !errors.Is(err, scoring.ErrInvalid) {
		t.Errorf("agents of no question: error %v, want %v", err, scoring.ErrInvalid)
	}
	Check(t, s)
}

func allOrNone(t *testing.T, open Opener) {
	s := mustOpen(t, open)
	write(t, s, Survey(1)[0], false)
	stranger := Survey(900)[2]
	bad := Whole(3)
	bad.Answers[0].Verdict = ""
	for want, records := range map[error][]scoring.Record{
		scoring.ErrNoCall:  {Whole(1), Whole(2), stranger, Whole(4)},
		scoring.ErrInvalid: {Whole(1), Whole(2), bad},
	} {
		if err := s.WriteAll(limited(t), records); !errors.Is(err, want) {
			t.Errorf("write all: error %v, want %v", err, want)
		}
		wantRows(t, s, row(Survey(1)[0]))
		Check(t, s)
	}
	var many []scoring.Record
	var want []scoring.CallRow
	for n := range 50 {
		many = append(many, Whole(n))
		want = append(want, row(Whole(n)))
	}
	for range 2 { // the second time changes nothing
		if err := s.WriteAll(limited(t), many); err != nil {
			t.Fatalf("write all: %v", err)
		}
		wantRows(t, s, want...)
		Check(t, s)
	}
	if err := s.WriteAll(limited(t), nil); err != nil {
		t.Errorf("write none: %v", err)
	}
}
