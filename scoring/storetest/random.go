package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"aftercall/scoring"
)

// randomHistory writes random records, many of them repeated, contradicting
// or out of order, and holds the store against a model after every one.
func randomHistory(t *testing.T, place func(t *testing.T) Opener) {
	rapid.Check(t, func(rt *rapid.T) {
		s, err := place(t)(zoneName)
		if err != nil {
			rt.Fatalf("open: %v", err)
		}
		defer func() {
			if err := s.Close(); err != nil {
				rt.Errorf("close: %v", err)
			}
		}()
		m := model{}
		var gone []scoring.CallRow
		before := totals(s)
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			if rapid.IntRange(0, 4).Draw(rt, "merge") == 0 {
				from, into := pick(rt, "from", "a", "b", "c"), pick(rt, "into", "a", "b", "c")
				_, err := s.MergeAgents(t.Context(), from, into)
				if err != nil && !errors.Is(err, scoring.ErrNoAgent) && !errors.Is(err, scoring.ErrInvalid) {
					rt.Fatalf("merge: %v", err)
				}
				Check(rt, s, gone...)
			}
			if rapid.IntRange(0, 3).Draw(rt, "remove") == 0 {
				r := drawRemoval(rt)
				left := m.remove(r)
				done, err := s.RemoveCalls(t.Context(), r, nil)
				if err != nil || done.Calls != int64(len(left)) {
					rt.Fatalf("%+v removes %+v, error %v, want %d calls", r, done, err, len(left))
				}
				gone = append(gone, left...)
				Check(rt, s, gone...)
			}
			r := drawRecord(rt)
			known, want := m.write(r)
			receipt, err := s.Write(t.Context(), r)
			if !errors.Is(err, want) {
				rt.Fatalf("write: error %v, want %v", err, want)
			}
			if receipt.Known != known {
				rt.Errorf("write: known %v, want %v", receipt.Known, known)
			}
			wantRows(rt, s, m.rows()...)
			Check(rt, s, gone...)
			after := totals(s)
			for series, n := range before {
				if after[series] < n {
					rt.Errorf("total %+v fell from %d to %d", series, n, after[series])
				}
			}
			before = after
		}
	})
}

// model is the simplest thing that keeps records by the rules: the first call,
// answer, key and end under an id stays, and the highest count of resumptions.
type model map[scoring.CallID]*scoring.CallRow

// write gives what a store must answer.
func (m model) write(r scoring.Record) (known bool, err error) {
	held := m[r.ID]
	known = held != nil && r.Call != nil
	if held == nil && r.Call == nil {
		return false, scoring.ErrNoCall
	}
	next := &scoring.CallRow{ID: r.ID}
	if held != nil {
		next = held
	} else {
		next.Call = *r.Call
		for _, a := range r.Assignments {
			next.Questions = append(next.Questions, scoring.AskedRow{Assignment: a})
		}
	}
	asked := func(question string) int {
		return slices.IndexFunc(next.Questions, func(q scoring.AskedRow) bool { return q.Question == question })
	}
	for _, a := range r.Answers {
		if asked(a.Question) < 0 {
			return false, scoring.ErrInvalid
		}
	}
	for _, a := range r.Answers {
		if q := &next.Questions[asked(a.Question)]; q.Answer == nil {
			q.Answer = &a
		}
	}
	for _, k := range r.Keypresses {
		if !slices.ContainsFunc(next.Keys, func(o scoring.Keypress) bool { return o.Seq == k.Seq }) {
			next.Keys = append(next.Keys, k)
		}
	}
	slices.SortFunc(next.Keys, func(a, b scoring.Keypress) int { return a.Seq - b.Seq })
	if next.End == nil {
		next.End = r.End
	}
	next.Resumed = max(next.Resumed, r.Resumed)
	m[r.ID] = next
	return known, nil
}

// remove gives what a removal takes away.
func (m model) remove(r scoring.Removal) (gone []scoring.CallRow) {
	for id, row := range m {
		meant := row.Call.Day < r.Before || slices.ContainsFunc(r.Callers, row.Call.Caller.Equal)
		if row.End != nil && meant {
			gone = append(gone, *row)
			delete(m, id)
		}
	}
	return gone
}

func drawRemoval(t *rapid.T) scoring.Removal {
	if rapid.Bool().Draw(t, "by day") {
		return scoring.Removal{Before: pick(t, "before", "2026-03-28", "2026-03-29", "2026-03-30")}
	}
	return scoring.Removal{Callers: []scoring.Caller{pick(t, "of", callers...), pick(t, "and of", callers...)}}
}

// callers are those of whom something is kept in a random history.
var callers = []scoring.Caller{scoring.NewCaller(scoring.CallerFull, "", "+1"), scoring.NewCaller(scoring.CallerHMAC, "k1", "+1"), scoring.NewCaller(scoring.CallerHMAC, "k2", "+1")}

func (m model) rows() []scoring.CallRow {
	var rows []scoring.CallRow
	for _, row := range m {
		rows = append(rows, *row)
	}
	return rows
}

func pick[T any](t *rapid.T, name string, from ...T) T { return rapid.SampledFrom(from).Draw(t, name) }

func drawRecord(t *rapid.T) scoring.Record {
	n := rapid.IntRange(0, 3).Draw(t, "call")
	r := scoring.Record{ID: scoring.CallID{UniqueID: fmt.Sprintf("n-1.%d", n/2), Visit: 1 + n%2}}
	at := start.Add(time.Duration(n) * time.Minute)
	if rapid.Bool().Draw(t, "with call") {
		r.Call = &scoring.Call{Node: "n", Trunk: "c", Queue: pick(t, "queue", "support", "sales"),
			Agent: scoring.Agent{ID: pick(t, "agent", "a", "b", "c")}, Survey: "s", Language: pick(t, "language", "en", "zh"),
			Test: pick(t, "test", false, false, false, true), StartedAt: at, Day: pick(t, "day", "2026-03-28", "2026-03-29"),
			Caller: pick(t, "caller", append([]scoring.Caller{{}, scoring.NewCaller(scoring.CallerFull, "", "")}, callers...)...)}
		for i, q := range []string{"service", "solved"}[:rapid.IntRange(0, 2).Draw(t, "assigned")] {
			layout := pick(t, "layout", "habit", "gap")
			r.Assignments = append(r.Assignments, scoring.Assignment{Question: q, Position: i + 1, Primary: i == 0, Layout: layout,
				Version: layout + pick(t, "version", "1", "2"), Rendition: "r", Epoch: rapid.Int64Range(1, 2).Draw(t, "epoch")})
		}
	}
	for range rapid.IntRange(0, 2).Draw(t, "answers") {
		r.Answers = append(r.Answers, drawAnswer(t, at))
	}
	for range rapid.IntRange(0, 3).Draw(t, "keys") {
		r.Keypresses = append(r.Keypresses, scoring.Keypress{Seq: rapid.IntRange(1, 4).Draw(t, "seq"),
			Question: pick(t, "key's question", "service", "solved", ""), Key: pick(t, "key", "1", "3", "#"), Reading: 1,
			MS: rapid.Int64Range(0, 5000).Draw(t, "ms"), At: at,
			Use: pick(t, "use", scoring.Uses...)})
	}
	r.Resumed = rapid.IntRange(0, 2).Draw(t, "resumed")
	if rapid.Bool().Draw(t, "with end") {
		r.End = &scoring.End{Reason: rapid.SampledFrom(scoring.Reasons).Draw(t, "reason"), At: at}
	}
	return r
}

func drawAnswer(t *rapid.T, at time.Time) scoring.Answer {
	a := scoring.Answer{Question: pick(t, "answer's question", "service", "service", "solved"),
		Outcome: rapid.SampledFrom(scoring.Outcomes).Draw(t, "outcome"), Heard: rapid.IntRange(0, 3).Draw(t, "heard"), At: at}
	if a.Outcome == scoring.Rated {
		a.Verdict, a.Entry, a.Value, a.Reading = pick(t, "verdict", "satisfied", "fair"), "1", 2, 1
		a.PressMS = rapid.Int64Range(0, 9000).Draw(t, "press")
	}
	return a
}
