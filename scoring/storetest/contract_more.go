package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"aftercall/scoring"
)

func restart(t *testing.T, open Opener) {
	s, err := open(zoneName)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	write(t, s, full(), false)
	write(t, s, Survey(2)[0], false)
	if err := s.Declare(limited(t), []scoring.Series{{Kind: scoring.LayoutWrong, Layout: "habit", Label: "*"}}); err != nil {
		t.Fatalf("declare: %v", err)
	}
	before := totals(s)
	if err := s.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	s = mustOpen(t, open)
	if diff := gocmp.Diff(before, totals(s)); diff != "" || len(before) == 0 {
		t.Errorf("totals after a restart (-before +after):\n%s", diff)
	}
	write(t, s, Survey(2)[1], false)
	wantRows(t, s, func() scoring.CallRow { r := Whole(2); r.End = nil; return row(r) }(), row(full()))
}

func zone(t *testing.T, open Opener) {
	s, err := open(zoneName)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	for _, other := range []string{"Asia/Shanghai", ""} {
		if s, err := open(other); err == nil {
			t.Errorf("open with zone %q after %q: no error, want it refused; close: %v", other, zoneName, s.Close())
		}
	}
	Check(t, mustOpen(t, open))
}

func dayAsTold(t *testing.T, open Opener) {
	s := mustOpen(t, open)
	var want []scoring.CallRow
	for n, day := range []string{"2026-10-24", "2026-10-25", "2026-10-26"} { // the middle one has 25 hours
		r := Whole(n)
		r.Call.Day = day
		write(t, s, r, false)
		want = append(want, row(r))
	}
	wantRows(t, s, want...)
}

func epochs(t *testing.T, open Opener) {
	s := mustOpen(t, open)
	seen := map[int64]bool{}
	for _, step := range []struct {
		queue, question, split string
		begins                 bool
	}{
		{"support", "service", `{"habit":1}`, true},
		{"support", "service", `{"habit":1}`, false},
		{"sales", "service", `{"habit":1}`, true},
		{"support", "solved", `{"habit":1}`, true},
		{"support", "service", `{"habit":1,"gap":1}`, true},
		{"support", "service", `{"habit":1,"gap":1}`, false},
		{"support", "service", `{"habit":1}`, true}, // back again is a new period
		{"sales", "service", `{"habit":1}`, false},
	} {
		ids, err := s.Epochs(limited(t), []scoring.Split{{Queue: step.queue, Question: step.question, Arms: step.split}}, start)
		if err != nil || len(ids) != 1 {
			t.Fatalf("epoch %+v: ids %v, error %v", step, ids, err)
		}
		if id := ids[0]; id < 1 || seen[id] == step.begins {
			t.Errorf("epoch %+v: id %d, seen before: %v", step, id, seen[id])
		}
		seen[ids[0]] = true
	}
	changed := []scoring.Split{{Queue: "sales", Question: "service", Arms: `{"gap":1}`}, {Queue: "support", Question: "service", Arms: "no json"}}
	if _, err := s.Epochs(limited(t), changed, start); !errors.Is(err, scoring.ErrInvalid) {
		t.Errorf("epochs with arms that are no JSON: error %v, want %v", err, scoring.ErrInvalid)
	}
	changed = []scoring.Split{{Queue: "sales", Question: "service", Arms: `{"habit":1}`}, {Queue: "sales", Question: "solved", Arms: `{}`}}
	if ids, err := s.Epochs(limited(t), changed, start); err != nil || len(ids) != 2 || !seen[ids[0]] || seen[ids[1]] {
		t.Errorf("two epochs: ids %v, error %v; want the one of sales, which no refused change ended, and a new one", ids, err)
	}
}

func layouts(t *testing.T, open Opener) {
	s := mustOpen(t, open)
	r := Whole(0)
	kept := scoring.Layout{Version: r.Assignments[0].Version, Name: "habit", Question: "service", Definition: json.RawMessage(`{"a":1}`)}
	renamed := kept
	renamed.Name = "renamed"
	for _, l := range []scoring.Layout{kept, kept, renamed} {
		if err := s.PutLayouts(limited(t), []scoring.Layout{l}); err != nil {
			t.Fatalf("put layout: %v", err)
		}
	}
	if err := s.PutLayouts(limited(t), []scoring.Layout{{Version: "v", Name: "n", Definition: json.RawMessage(`{`)}}); !errors.Is(err, scoring.ErrInvalid) {
		t.Errorf("put layout with half a definition: error %v, want %v", err, scoring.ErrInvalid)
	}
	write(t, s, r, false)
	write(t, s, Whole(1), false) // of a version that was not kept
	counts, err := s.Counts(limited(t))
	if err != nil {
		t.Fatalf("counts: %v", err)
	}
	names := map[string]string{}
	for _, c := range counts {
		names[c.Version] = c.Layout
	}
	lost := Whole(1).Assignments[0].Version
	if diff := gocmp.Diff(map[string]string{kept.Version: "habit", lost: lost}, names); diff != "" {
		t.Errorf("names of layouts (-want +got):\n%s", diff)
	}
}

func newestFirst(t *testing.T, open Opener) {
	s := mustOpen(t, open)
	for n := range 5 {
		r := Whole(n)
		r.Call.Queue = []string{"support", "sales"}[n%2]
		write(t, s, r, false)
	}
	for _, c := range []struct {
		query scoring.Query
		want  []int
	}{
		{scoring.Query{}, []int{4, 3, 2, 1, 0}},
		{scoring.Query{Limit: 2}, []int{4, 3}},
		{scoring.Query{Queue: "sales"}, []int{3, 1}},
		{scoring.Query{Queue: "support", Limit: 1}, []int{4}},
		{scoring.Query{Agent: "agent2"}, []int{2}},
		{scoring.Query{Agent: "agent2", Queue: "sales"}, nil},
	} {
		rows, err := s.Calls(limited(t), c.query)
		if err != nil {
			t.Fatalf("calls %+v: %v", c.query, err)
		}
		var got, want []scoring.CallID
		for _, r := range rows {
			got = append(got, r.ID)
		}
		for _, n := range c.want {
			want = append(want, Whole(n).ID)
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("calls %+v (-want +got):\n%s", c.query, diff)
		}
	}
	if _, err := s.Calls(limited(t), scoring.Query{Limit: -1}); !errors.Is(err, scoring.ErrInvalid) {
		t.Errorf("calls with limit -1: error %v, want %v", err, scoring.ErrInvalid)
	}
}

func openCalls(t *testing.T, open Opener) {
	s := mustOpen(t, open)
	for n := range 4 {
		write(t, s, Survey(n)[0], false)
	}
	write(t, s, Survey(1)[2], false)
	rows, err := s.OpenCalls(limited(t), 2)
	if err != nil || len(rows) != 2 || rows[0].ID != Whole(0).ID || rows[1].ID != Whole(2).ID {
		t.Errorf("open calls: %v, error %v, want those of surveys 0 and 2", rows, err)
	}
	if _, err := s.OpenCalls(limited(t), 0); !errors.Is(err, scoring.ErrInvalid) {
		t.Errorf("open calls with limit 0: error %v, want %v", err, scoring.ErrInvalid)
	}
}

func manyWriters(t *testing.T, open Opener) {
	const writers, surveys = 64, 6
	s := mustOpen(t, open)
	ctx := limited(t)
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range surveys {
				n := w/2*surveys + i // every survey comes from two writers
				for _, r := range Survey(n) {
					if _, err := s.Write(ctx, r); err != nil {
						t.Errorf("write %s: %v", r.ID, err)
					}
				}
			}
		})
	}
	all.Wait()
	var want []scoring.CallRow
	for n := range writers / 2 * surveys {
		want = append(want, row(Whole(n)))
	}
	wantRows(t, s, want...)
	Check(t, s)
}

func givenUp(t *testing.T, open Opener) {
	s := mustOpen(t, open)
	ctx, cancel := context.WithDeadline(context.Background(), time.Unix(0, 0))
	defer cancel()
	if _, err := s.Write(ctx, Whole(1)); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("write with a deadline long ago: error %v, want none or %v", err, context.DeadlineExceeded)
	}
	if _, err := s.Write(limited(t), Whole(1)); err != nil { // known or not: both are right
		t.Fatalf("write: %v", err)
	}
	wantRows(t, s, row(Whole(1)))
	Check(t, s)
}

func closed(t *testing.T, open Opener) {
	s, err := open(zoneName)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Fatalf("close twice: %v", err)
	}
	if _, err := s.Write(limited(t), Whole(1)); err == nil {
		t.Errorf("write to a closed store: no error, want one")
	}
}
