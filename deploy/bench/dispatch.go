package bench

import (
	"context"
	"fmt"
)

// dispatch is what an event from Asterisk costs until the call that it is of has
// it, as more calls are in progress: the key of a caller as Asterisk 22 words it
// (786 bytes), decoded and handed on, and handed on alone; beside the library's
// decoder and bus with a subscription for each call. The calls come in turn, in
// no order, each from memory that was not touched lately; a node takes 2,000.
// The reading of the connection and the work of the call are left out.
var dispatch = Part{Name: "dispatch", Title: "an event on its way to its call", Run: runDispatch}

func runDispatch(ctx context.Context, s *Suite) error {
	results, err := s.Bench(ctx, Micro{Package: "ivr/asterisk", Match: "^BenchmarkDispatch$", Time: Pick(s, "500ms", "5ms")})
	if err != nil {
		return err
	}
	figure := func(way string, calls int, shown string) (f Series) {
		if err == nil {
			f, err = results.Of(fmt.Sprintf("Dispatch/%s/calls=%d", way, calls), "sec/op", shown, "ns/event", 1e9)
		}
		return f
	}
	var all, ratios []Series
	var ours, bus [3]Series
	for i, calls := range []int{1, 100, 10_000} {
		ours[i] = figure("decode+map", calls, fmt.Sprintf("decoded and handed on, %d calls", calls))
		bus[i] = figure("decode+bus", calls, fmt.Sprintf("the library's decoder and bus, %d calls", calls))
		all = append(all, ours[i], figure("map", calls, fmt.Sprintf("handed on alone, %d calls", calls)),
			bus[i], figure("bus", calls, fmt.Sprintf("the library's bus alone, %d calls", calls)))
	}
	if err != nil {
		return err
	}
	for i, calls := range []int{100, 10_000} {
		r := Ratio(fmt.Sprintf("ours, %d calls to 1", calls), ours[i+1], ours[0])
		r.AtMost = 1.3
		ratios = append(ratios, r)
	}
	for i, calls := range []int{1, 100, 10_000} {
		r := Ratio(fmt.Sprintf("ours to the library's, %d calls", calls), ours[i], bus[i])
		r.AtMost = []float64{1, 0.5, 0.05}[i]
		ratios = append(ratios, r)
	}
	if err := s.Print("An event from its bytes to the inbox of its call, by calls in progress", all...); err != nil {
		return err
	}
	return s.Print("Growth with the calls in progress, and beside the library", ratios...)
}
