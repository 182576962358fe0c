package bench

import (
	"context"
	"fmt"
)

var store = Part{
	Name:  "store",
	Title: "what the store writes, opens and brings up to date",
	Run:   runStore,
}

// runStore measures scoring/sqlite alone, by the benchmarks beside it.
//
// A survey is three records: the call with its assignment, then the answer with
// its key, then the end; who writes waits for each to be on the disk before the
// next. Calls let the store hold the end for another record to come; here it is
// not held. The bare loop runs the same statements (the roll-ups merged as the
// batches of such a run were, the same commits, the same pragmas) on one
// connection, with nothing around them. The floor writes and syncs as many bytes
// per commit as that loop did: no store that keeps what it was given before it
// says so can be faster with these batches.
//
// Left out: what comes before the store in a survey (part survey), and other
// programs that read meanwhile.
func runStore(ctx context.Context, s *Suite) error {
	for _, level := range []struct{ writers, surveys int }{
		{1, Pick(s, 1500, 20)}, {8, Pick(s, 3000, 40)}, {64, Pick(s, 20000, 200)},
	} {
		if err := s.writers(ctx, level.writers, level.surveys); err != nil {
			return err
		}
	}
	if err := s.bulk(ctx); err != nil {
		return err
	}
	return s.large(ctx)
}

// figure is what is shown of a benchmark: which of its units, under which name.
type figure struct {
	unit, name, shown string
	atLeast           float64
}

// table prints figures of one benchmark.
func (s *Suite) table(title string, r Results, benchmark string, figures ...figure) error {
	var all []Series
	for _, f := range figures {
		one, err := r.Of(benchmark, f.unit, f.name, f.shown, 1)
		if err != nil {
			return err
		}
		one.AtLeast = f.atLeast
		all = append(all, one)
	}
	return s.Print(title, all...)
}

// writers measures so many of them, store and bare loop in turns.
func (s *Suite) writers(ctx context.Context, writers, surveys int) error {
	r, err := s.Bench(ctx, Micro{Package: "scoring/sqlite", Match: fmt.Sprintf("^BenchmarkBare$/^writers=%d$", writers), Time: fmt.Sprintf("%dx", surveys)})
	if err != nil {
		return err
	}
	rate := figure{"surveys/s", "written by the store", "surveys/s", 0}
	if writers == 64 {
		rate.atLeast = 20000
	}
	return s.table(fmt.Sprintf("whole surveys, three records each, writers: %d, each waiting for the disk; %d surveys a round", writers, surveys),
		r, fmt.Sprintf("Bare/writers=%d", writers), rate,
		figure{"bare/s", "the same statements in a bare loop", "surveys/s", 0},
		figure{"of-bare", "store to bare loop", "", 0.8},
		figure{"floor/s", "as many bytes and syncs, nothing else", "surveys/s", 0},
		figure{"records/commit", "in one commit", "records", 0},
		figure{"B/commit", "written for one commit", "B", 0},
		figure{"B/op", "allocated for one survey", "B", 0},
		figure{"allocs/op", "allocations for one survey", "", 0})
}

// bulk measures what invents calls.
func (s *Suite) bulk(ctx context.Context) error {
	r, err := s.Bench(ctx, Micro{Package: "scoring/sqlite", Match: "^BenchmarkWriteAll$/^records=5000$", Time: Pick(s, "50000x", "500x")})
	if err != nil {
		return err
	}
	return s.table("whole surveys, one record each, 5,000 in a transaction (aftercall synth)", r, "WriteAll/records=5000",
		figure{"surveys/s", "written by the store", "surveys/s", 0})
}

// large measures a store of many surveys: opening it, and bringing it up to
// date from older schemas, which takes a copy of the whole file and a step for
// each schema. One round of the latter is enough: it takes seconds to minutes.
func (s *Suite) large(ctx context.Context) error {
	surveys := Pick(s, 3_000_000, 2000)
	path, err := s.Invented(ctx, surveys)
	if err != nil {
		return err
	}
	args := []string{"-large=" + path}
	opened, err := s.Bench(ctx, Micro{Package: "scoring/sqlite", Match: "^BenchmarkLarge$/^schema=5$", Time: "1x", Args: args})
	if err != nil {
		return err
	}
	if err := s.table(fmt.Sprintf("a store of %d surveys, as the newest program left it", surveys), opened, "Large/schema=5",
		figure{"open-s", "opened, ready to write", "s", 0},
		figure{"B/survey", "of the file for one survey", "B", 0}); err != nil {
		return err
	}
	once := *s
	once.Rounds = 1
	moved, err := once.Bench(ctx, Micro{Package: "scoring/sqlite", Match: "^BenchmarkLarge$/^schema=[34]$", Time: "1x", Args: args})
	if err != nil {
		return err
	}
	for _, from := range []int{4, 3} {
		if err := s.table(fmt.Sprintf("the same from schema %d", from), moved, fmt.Sprintf("Large/schema=%d", from),
			figure{"open-s", "opened, ready to write", "s", 0},
			figure{"copy-s", "of which: the copy from before", "s", 0},
			figure{"step-s", "of which: tables changed, the rest", "s", 0}); err != nil {
			return err
		}
	}
	return nil
}
