// Package bench measures what a survey costs, beside what a user would run
// instead. A [Part] answers one question; make bench runs them all (cmd/bench).
//
// Whatever is held against something else is measured in the same run, in
// rounds that take turns (A B A B), because a machine is not the same from one
// minute to the next. A figure is the median of the rounds with its range; a
// ratio is formed within each round.
package bench

import (
	"context"
	"fmt"
	"io"
	"time"
)

// Part is one question with the way to its answer.
type Part struct {
	Name  string // for -run: one word
	Title string
	// Run measures and prints tables. Nothing else may be measured meanwhile: see
	// lab.Alone. It gives an error where something could
	// not be measured or a survey went wrong, not where a figure misses its
	// mark: the table says so.
	Run func(ctx context.Context, s *Suite) error
}

// Parts are all of them, in the order in which they run.
var Parts = []Part{survey, latency, rate, store, dispatch, scrape, reads, memory}

// Suite is one run of parts.
type Suite struct {
	Top      string // of the checkout
	Program  string // aftercall, built
	Folder   string // where large stores are made once and kept
	Rounds   int    // of each figure, at least 1
	Short    bool   // only to see that everything works: the figures mean nothing
	Profiles string // folder for what the time of a survey goes into; "" = nobody looks
	Out      io.Writer
	Log      io.Writer // what goes on meanwhile

	built map[string]string // programs of benchmarks, by package
}

// Say tells whoever waits what goes on.
func (s *Suite) Say(format string, args ...any) {
	fmt.Fprintf(s.Log, "%s bench: %s\n", time.Now().Format("15:04:05"), fmt.Sprintf(format, args...))
}

// Pick gives the one of two values that fits the form of the run.
func Pick[T any](s *Suite, full, short T) T {
	if s.Short {
		return short
	}
	return full
}
