package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"aftercall/scoring"
)

// from gives a survey of a caller.
func from(c scoring.Caller, n int) scoring.Record {
	r := Whole(n)
	call := *r.Call
	call.Caller = c
	r.Call = &call
	return r
}

var (
	ann   = scoring.NewCaller(scoring.CallerFull, "", "+49305550171")
	hmac  = scoring.NewCaller(scoring.CallerHMAC, "0a1b2c3d", "41751bd60fd4566be4595e9948f01897")
	other = scoring.NewCaller(scoring.CallerHMAC, "99999999", "41751bd60fd4566be4595e9948f01897")
	four  = scoring.NewCaller(scoring.CallerLast4, "", "0171")
	lost  = scoring.NewCaller(scoring.CallerHMAC, "", "") // from the spill file
)

// kept fills a store with one call of nobody, and two of each caller.
func kept(t *testing.T, s Store) (rows []scoring.CallRow) {
	t.Helper()
	for n, c := range []scoring.Caller{{}, ann, ann, hmac, hmac, other, other, four, four, lost, lost} {
		r := from(c, n)
		r.Call.Day = fmt.Sprintf("2026-03-%d", 20+n)
		write(t, s, r, false)
		rows = append(rows, row(r))
	}
	return rows
}

func callersKept(t *testing.T, open Opener) {
	s := mustOpen(t, open)
	rows := kept(t, s)
	again := from(ann, 0) // what is kept at first stays
	write(t, s, again, true)
	wantRows(t, s, rows...)
	for name, c := range map[string]struct {
		of    []scoring.Caller
		limit int
		all   int
		want  []scoring.CallRow
	}{
		"one form":        {[]scoring.Caller{ann}, 10, 2, []scoring.CallRow{rows[2], rows[1]}},
		"both":            {[]scoring.Caller{ann, hmac}, 3, 4, []scoring.CallRow{rows[4], rows[3], rows[2]}},
		"another key":     {[]scoring.Caller{other}, 10, 2, []scoring.CallRow{rows[6], rows[5]}},
		"nobody":          {[]scoring.Caller{scoring.NewCaller(scoring.CallerFull, "", "+4930555017")}, 10, 0, nil},
		"another form":    {[]scoring.Caller{scoring.NewCaller(scoring.CallerLast4, "", ann.Reveal())}, 10, 0, nil},
		"no one is asked": {nil, 10, 0, nil},
	} {
		got, all, err := s.CallsOf(limited(t), c.of, c.limit)
		if diff := gocmp.Diff(c.want, got, cmpopts.EquateEmpty()); err != nil || all != c.all || diff != "" {
			t.Errorf("%s: %d in all, error %v, want %d (-want +got):\n%s", name, all, err, c.all, diff)
		}
	}
	counts, err := s.CallerCounts(limited(t))
	want := []scoring.CallerCount{{Calls: 1}, {Form: scoring.CallerFull, Calls: 2}, {Form: scoring.CallerHMAC, Lost: true, Calls: 2},
		{Form: scoring.CallerHMAC, Key: "0a1b2c3d", Calls: 2}, {Form: scoring.CallerHMAC, Key: "99999999", Calls: 2}, {Form: scoring.CallerLast4, Calls: 2}}
	if diff := gocmp.Diff(want, counts); err != nil || diff != "" {
		t.Errorf("counts: error %v (-want +got):\n%s", err, diff)
	}
	for name, of := range map[string]scoring.Caller{"nothing": {}, "lost": lost} {
		if _, _, err := s.CallsOf(limited(t), []scoring.Caller{ann, of}, 10); !errors.Is(err, scoring.ErrInvalid) {
			t.Errorf("calls of %s: error %v, want %v", name, err, scoring.ErrInvalid)
		}
	}
}

// remove removes, and wants so many calls gone.
func remove(t *testing.T, s Store, r scoring.Removal, want int64, removed ...scoring.CallRow) {
	t.Helper()
	before := totals(s)
	got, err := s.RemoveCalls(limited(t), r, nil)
	outcomes := map[scoring.Outcome]int64{}
	if want > 0 {
		outcomes[scoring.Rated] = want
	}
	if diff := gocmp.Diff(scoring.Removed{Calls: want, Outcomes: outcomes}, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
		t.Errorf("removal: error %v (-want +got):\n%s", err, diff)
	}
	if diff := gocmp.Diff(before, totals(s)); diff != "" {
		t.Errorf("a removal moved totals (-before +after):\n%s", diff)
	}
	Check(t, s, removed...)
}

func removedByDay(t *testing.T, open Opener) {
	s, err := open(zoneName)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	rows := kept(t, s)
	begun := Survey(50)[0]
	begun.Call.Day = "2026-03-01"
	write(t, s, begun, false) // has not ended
	remove(t, s, scoring.Removal{Before: "2026-03-20"}, 0)
	remove(t, s, scoring.Removal{Before: "2026-03-23"}, 3, rows[:3]...)
	wantRows(t, s, append([]scoring.CallRow{row(begun)}, rows[3:]...)...)
	remove(t, s, scoring.Removal{Before: "2026-03-23"}, 0, rows[:3]...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, open)
	Check(t, s, rows[:3]...)
	if _, err := s.MergeAgents(limited(t), "agent1", "agent4"); err != nil { // agent1's only call is gone
		t.Fatalf("merge: %v", err)
	}
	Check(t, s, rows[:3]...)
	late := Survey(2)[1] // of a call that is gone: nobody's, not counted again
	if _, err := s.Write(limited(t), late); !errors.Is(err, scoring.ErrNoCall) {
		t.Errorf("record of a removed call: error %v, want %v", err, scoring.ErrNoCall)
	}
	remove(t, s, scoring.Removal{Before: "2030-01-01"}, 8, rows...)
	wantRows(t, s, row(begun))
	if got, err := s.RemovedCalls(limited(t)); err != nil || got[scoring.Retention] != 11 || got[scoring.Erasure] != 0 || len(got) != 2 {
		t.Errorf("removed so far: %v, error %v, want 11 by retention, none by erasure", got, err)
	}
	list, err := s.Audit(limited(t), 1000)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, a := range list {
		if a.Action == scoring.Retention {
			said = append(said, fmt.Sprint(a.Detail, " ", a.N))
		}
	}
	if diff := gocmp.Diff([]string{`{"before":"2030-01-01","outcomes":{"rated":8}} 8`, `{"before":"2026-03-23","outcomes":{"rated":3}} 3`}, said); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
}

func removedByCaller(t *testing.T, open Opener) {
	s := mustOpen(t, open)
	rows := kept(t, s)
	begun := from(hmac, 50)
	write(t, s, scoring.Record{ID: begun.ID, Call: begun.Call, Assignments: begun.Assignments}, false)
	gone := []scoring.CallRow{rows[1], rows[2], rows[3], rows[4]}
	remove(t, s, scoring.Removal{Callers: []scoring.Caller{ann, hmac}}, 4, gone...)
	remove(t, s, scoring.Removal{Callers: []scoring.Caller{ann, hmac}}, 0, gone...)
	left, all, err := s.CallsOf(limited(t), []scoring.Caller{ann, hmac}, 10)
	if err != nil || all != 1 || left[0].ID != begun.ID {
		t.Errorf("%d calls are left, error %v, want the one in progress", all, err)
	}
	if _, err := s.Write(limited(t), scoring.Record{ID: begun.ID, Answers: begun.Answers, Keypresses: begun.Keypresses, End: begun.End}); err != nil {
		t.Errorf("the call in progress goes on: %v", err)
	}
	Check(t, s, gone...)
	remove(t, s, scoring.Removal{Callers: []scoring.Caller{hmac}}, 1, append(gone, row(begun))...)
	if got, err := s.RemovedCalls(limited(t)); err != nil || got[scoring.Erasure] != 5 || got[scoring.Retention] != 0 {
		t.Errorf("removed so far: %v, error %v, want 5 by erasure", got, err)
	}
	list, err := s.Audit(limited(t), 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range list {
		for _, c := range []scoring.Caller{ann, hmac} {
			if strings.Contains(a.Detail, c.Reveal()) {
				t.Errorf("the audit tells a caller: %+v", a)
			}
		}
	}
}

func refusedRemovals(t *testing.T, open Opener) {
	s := mustOpen(t, open)
	rows := kept(t, s)
	for name, r := range map[string]scoring.Removal{
		"of nobody": {}, "of both": {Before: "2030-01-01", Callers: []scoring.Caller{ann}}, "of another form": {Before: "1.1.2030"},
		"of nothing kept": {Callers: []scoring.Caller{ann, {}}}, "of lost numbers": {Callers: []scoring.Caller{lost}},
	} {
		if got, err := s.RemoveCalls(limited(t), r, nil); !errors.Is(err, scoring.ErrInvalid) || got.Calls != 0 {
			t.Errorf("%s: %+v, error %v, want %v", name, got, err, scoring.ErrInvalid)
		}
	}
	no := errors.New("not now")
	got, err := s.RemoveCalls(limited(t), scoring.Removal{Before: "2030-01-01"}, func(context.Context, func() error) error { return no })
	if !errors.Is(err, no) || got.Calls != 0 {
		t.Errorf("refused by its step: %+v, error %v, want %v", got, err, no)
	}
	ctx, cancel := context.WithCancel(limited(t))
	cancel()
	if _, err := s.RemoveCalls(ctx, scoring.Removal{Before: "2030-01-01"}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: error %v, want %v", err, context.Canceled)
	}
	Check(t, s)
	wantRows(t, s, rows...)
}

// removalAmongWrites: many calls are removed in parts while others go on.
func removalAmongWrites(t *testing.T, open Opener) {
	const calls = 1200
	s := mustOpen(t, open)
	var old []scoring.Record
	var gone []scoring.CallRow
	for n := range calls {
		r := from(ann, n)
		r.Call.Day = "2026-01-01"
		old, gone = append(old, r), append(gone, row(r))
	}
	if err := s.WriteAll(limited(t), old); err != nil {
		t.Fatalf("write all: %v", err)
	}
	ctx := limited(t)
	var all sync.WaitGroup
	parts := 0
	for w := range 4 {
		all.Go(func() {
			for i := range 50 {
				for _, part := range Survey(10_000 + w*50 + i) {
					if _, err := s.Write(ctx, part); err != nil {
						t.Errorf("write %s: %v", part.ID, err)
					}
				}
			}
		})
	}
	got, err := s.RemoveCalls(ctx, scoring.Removal{Before: "2026-02-01"}, func(_ context.Context, do func() error) error { parts++; return do() })
	all.Wait()
	if err != nil || got.Calls != calls || got.Outcomes[scoring.Rated] != calls {
		t.Errorf("removed %+v, error %v, want all %d", got, err, calls)
	}
	if parts < 4 {
		t.Errorf("removed in %d parts, want several: records of calls get in between", parts)
	}
	Check(t, s, gone...)
	rows, err := s.Calls(ctx, scoring.Query{Limit: everyCall})
	if err != nil || len(rows) != 200 {
		t.Errorf("%d calls are left, error %v, want 200", len(rows), err)
	}
	list, err := s.Audit(ctx, 10)
	if err != nil || len(list) != 2 || list[1].N != calls { // behind the recount of the check
		t.Errorf("audit %+v, error %v, want one row for the whole removal", list, err)
	}
}

func audited(t *testing.T, open Opener) {
	s := mustOpen(t, open)
	if list, err := s.Audit(limited(t), 10); err != nil || len(list) != 0 {
		t.Errorf("audit %+v, error %v, want none", list, err)
	}
	for n := range 3 {
		if err := s.Note(limited(t), scoring.SubjectAsked, map[string]int{"n": n}, n); err != nil {
			t.Fatal(err)
		}
	}
	list, err := s.Audit(limited(t), 2)
	want := []scoring.AuditRow{{Action: scoring.SubjectAsked, Detail: `{"n":2}`, N: 2}, {Action: scoring.SubjectAsked, Detail: `{"n":1}`, N: 1}}
	if diff := gocmp.Diff(want, list, cmpopts.IgnoreFields(scoring.AuditRow{}, "At")); err != nil || diff != "" || list[0].At.IsZero() {
		t.Errorf("audit: error %v (-want +got):\n%s", err, diff)
	}
	if _, err := s.Audit(limited(t), 0); !errors.Is(err, scoring.ErrInvalid) {
		t.Errorf("no limit: error %v, want %v", err, scoring.ErrInvalid)
	}
	if err := s.Note(limited(t), "x", func() {}, 1); !errors.Is(err, scoring.ErrInvalid) {
		t.Errorf("a detail that is no JSON: error %v, want %v", err, scoring.ErrInvalid)
	}
}
