package centre

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"aftercall/scoring"
)

// reset is what Asterisk says when a client dies with events unread.
const reset = "Error reading from web socket: Connection reset by peer"

// untilAll waits until the calls in the store, all of them, are as they are
// meant to be.
func (c *Centre) untilAll(t *testing.T, meant func([]scoring.CallRow) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), endLimit)
	defer cancel()
	if _, err := c.Until(ctx, meant); err != nil {
		t.Fatal(err)
	}
}

// inProgressOf counts the calls that are in progress, and those of them that
// are rated.
func inProgressOf(rows []scoring.CallRow) (open, rated int) {
	for _, r := range rows {
		if r.End == nil {
			open++
			if a := r.Questions[0].Answer; a != nil && a.Outcome == scoring.Rated {
				rated++
			}
		}
	}
	return open, rated
}

// The service is killed with twenty callers in their surveys: the next start
// finds those who are still there and asks them again, thanks those who have
// rated, and closes the calls of those who hung up meanwhile. Each is in the
// store once, and so is every key that was pressed to somebody who listened.
func TestServiceKilled(t *testing.T) {
	t.Parallel()
	again := func(n int, verdict string, value int, key string) []string {
		return slices.Repeat([]string{fmt.Sprintf("1: habit rated %s %d by %s, reading 1, heard 3; key %s accepted; resumed 1; completed", verdict, value, key, key)}, n)
	}
	rows := []row{
		{name: "patient", calls: 6, acts: `[{quiet: 4s, press: "1"}]`, want: again(6, "satisfied", 3, "1")},
		{name: "patient and dissatisfied", calls: 6, acts: `[{quiet: 4s, press: "3"}]`, want: again(6, "dissatisfied", 1, "3")},
		{name: "silent", calls: 2, want: slices.Repeat([]string{"1: habit no_input, reading 2, heard 3; resumed 1; silent"}, 2)},
		{name: "hangs up meanwhile", calls: 4, acts: `[{at: 7s, hangup: true}]`, gone: true, want: slices.Repeat([]string{"1: habit error, reading 0, heard 0; lost"}, 4)},
		// Last, because the kill has to find both in their thank-you.
		{name: "rated", calls: 2, acts: `[{at: 3s, press: "2"}]`, want: slices.Repeat([]string{"1: habit rated fair 2 by 2, reading 1, heard 0; key 2 accepted; resumed 1; completed"}, 2)},
		{name: "after the kill", acts: atOnce, want: asked},
	}
	for i := range rows {
		rows[i].queue.Layouts = arms("habit")
	}
	c := openRows(t, rows, Options{Agents: 22}, reset)
	killed := rows[:5]
	var callers []func() []Heard
	for _, r := range killed {
		callers = append(callers, c.dial(t, r))
	}
	c.untilAll(t, func(rows []scoring.CallRow) bool {
		open, rated := inProgressOf(rows)
		return open == 20 && rated == 2
	})
	if err := c.KillService(); err != nil {
		t.Fatal(err)
	}
	c.restartWhenGone(t, 4)
	var all []Heard
	for i, gone := range callers {
		heard := gone()
		all = append(all, heard...)
		scene{row: killed[i], heard: heard, calls: c.settled(t, heard)}.stored(t)
	}
	if n := len(all); n != 20 {
		t.Errorf("%d callers, want 20", n)
	}
	f := c.scrape(t, "/metrics")
	for result, want := range map[string]float64{"resumed": 16, "not_there": 4} {
		if n := f.Sum("aftercall_calls_recovered_total", fmt.Sprintf("result=%q", result)); n != want {
			t.Errorf("%v calls were recovered as %s, want %v", n, result, want)
		}
	}
	c.keptOnce(t, all)
	for _, h := range all {
		if h.Persona == "rated" {
			onlyThanked(t, h)
		}
	}
	c.play(t, rows[5])
	if err := c.StopService(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.recounted(t)
}

// restartWhenGone starts the service again when so many callers have left the
// application by themselves.
func (c *Centre) restartWhenGone(t *testing.T, gone int) {
	t.Helper()
	c.eventually(t, fmt.Sprintf("%d callers hang up", gone), func() bool {
		out, err := c.Asterisk.CLI(t.Context(), "core show channels concise")
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(out, "!Stasis!") <= 20-gone
	})
	if err := c.StartService(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// eventually waits until something is so that no event tells of.
func (c *Centre) eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), endLimit)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-ctx.Done():
			t.Fatalf("%s: not within %s\n%s", what, endLimit, c.ServiceLog())
		case <-tick.C:
		}
	}
}

// onlyThanked: behind the key nothing was heard but the thank-you, by the run
// that was killed, by the next one, or by both.
func onlyThanked(t *testing.T, h Heard) {
	t.Helper()
	v, n := h.Visits[0], 0
	for _, p := range parts(v) {
		if p.StartMS > v.Presses[0].EndMS {
			n++
		}
	}
	if n < 1 || n > 2*thanks {
		t.Errorf("%s: heard %d parts behind the rating, want the thank-you once or twice: %+v", h.Caller, n, v)
	}
}

// keptOnce: each caller is in the store, once.
func (c *Centre) keptOnce(t *testing.T, all []Heard) {
	t.Helper()
	seen := map[string]bool{}
	for _, r := range c.settled(t, all) {
		if seen[r.ID.String()] {
			t.Errorf("call %s is in the store twice", r.ID)
		}
		seen[r.ID.String()] = true
	}
	if len(seen) != len(all) {
		t.Errorf("%d calls in the store, want one for each of %d callers", len(seen), len(all))
	}
}

// The connection between the service and Asterisk breaks with callers in
// their surveys: they are asked again when it stands, and what they pressed
// into the void is not missed in silence.
func TestConnectionCut(t *testing.T) {
	t.Parallel()
	rows := []row{
		{name: "presses into the void", acts: `[{at: 2s, press: "3"}, {quiet: 4s, press: "1"}]`,
			want: []string{"1: habit rated satisfied 3 by 1, reading 2, heard 3; key 1 accepted; resumed 1; completed"}},
		{name: "waits", acts: `[{quiet: 4s, press: "2"}]`,
			want: []string{"1: habit rated fair 2 by 2, reading 2, heard 3; key 2 accepted; resumed 1; completed"}},
		{name: "after the cut", acts: atOnce, want: asked},
	}
	r := openRelay(t)
	c := openRows(t, rows, Options{Agents: 3, Route: r.Route}, reset)
	var callers []func() []Heard
	for _, row := range rows[:2] {
		callers = append(callers, c.dial(t, row))
	}
	// A menu that was asked for at the very moment of the cut has failed.
	c.eventually(t, "two menus are being read", func() bool {
		return c.scrape(t, "/metrics").Sum("aftercall_ari_requests_total", `operation="play"`, `result="ok"`) == 2
	})
	r.Cut(true)
	pressed := time.After(3 * time.Second) // by then the key has gone into the void
	c.pageSays(t, "/readyz", `"ready": false`)
	<-pressed
	r.Cut(false)
	for i, gone := range callers {
		heard := gone()
		scene{row: rows[i], calls: c.settled(t, heard)}.stored(t)
	}
	c.play(t, rows[2])
}

// The service is killed where the dialplan leaves too little time to ask
// again: the caller is released at once, not when the limit takes them.
func TestTooLateToAskAgain(t *testing.T) {
	t.Parallel()
	const limit = 12 // s; a reading, its wait and the thank-you take more
	rows := []row{{name: "too late", want: []string{"1: habit error, reading 0, heard 0; resumed 1; lost"}}}
	c := openRows(t, rows, Options{Agents: 1, Dialled: limited(limit)}, reset)
	caller := c.dial(t, rows[0])
	c.until(t, inProgress)
	if err := c.KillService(); err != nil {
		t.Fatal(err)
	}
	if err := c.StartService(t.Context()); err != nil {
		t.Fatal(err)
	}
	heard := caller()
	scene{row: rows[0], calls: c.settled(t, heard)}.stored(t)
	releasedAfter(t, heard[0], heard[0].Visits[0].TalkEndMS, 0, 1000*limit-3000)
	if n := c.scrape(t, "/metrics").Sum("aftercall_calls_recovered_total", `result="released"`); n != 1 {
		t.Errorf("%v calls were recovered as released, want 1", n)
	}
}

// openRelay opens a relay that is closed at the test's end.
func openRelay(t *testing.T) *Relay {
	r, err := NewRelay()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}
