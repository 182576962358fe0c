package centre

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"syscall"
	"testing"

	"aftercall/scoring"
)

// until waits until some call in the store is as it is meant to be.
func (c *Centre) until(t *testing.T, meant func(scoring.CallRow) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), endLimit)
	defer cancel()
	if _, err := c.Until(ctx, func(rows []scoring.CallRow) bool { return slices.ContainsFunc(rows, meant) }); err != nil {
		t.Fatal(err)
	}
}

// inProgress tells whether a call was stored and has not ended.
func inProgress(r scoring.CallRow) bool { return r.End == nil }

// releasedAfter: the operator's dialplan went on so many ms after a moment.
func releasedAfter(t *testing.T, h Heard, since, least, most int) {
	t.Helper()
	at, ok := releasedAt(h)
	if !ok {
		t.Fatalf("%s: never released", h.Caller)
	}
	if took := at - since; took < least || took > most {
		t.Errorf("%s: released after %d ms, want %d to %d", h.Caller, took, least, most)
	}
}

// The service does not run: the caller notices nothing.
func TestServiceAway(t *testing.T) {
	t.Parallel()
	rows := []row{
		{name: "service away"},
		{name: "service back", acts: atOnce, want: asked},
	}
	c := openRows(t, rows, Options{Agents: 2})
	if err := c.StopService(t.Context()); err != nil {
		t.Fatal(err)
	}
	heard := c.robots(t, rows[0])
	s := scene{row: rows[0], heard: heard, calls: c.settled(t, heard)}
	s.stored(t)
	neverAsked(t, s)
	releasedAfter(t, heard[0], heard[0].Visits[0].TalkEndMS, 0, 1000)
	if err := c.StartService(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.play(t, rows[1])
}

var absolute = regexp.MustCompile(`(?m)^( same => n,Set\(TIMEOUT\(absolute\)=)\d+\)`)

// limited is the printed dialplan with a lower limit on the survey, in s.
func limited(seconds int) func(string) string {
	return func(dialplan string) string {
		return absolute.ReplaceAllString(dialplan, fmt.Sprintf("${1}%d)", seconds))
	}
}

// The service hangs in the middle of a survey: Asterisk gives the caller back
// to the operator's dialplan.
func TestServiceFrozen(t *testing.T) {
	t.Parallel()
	const limit = 8 // s
	rows := []row{{name: "service frozen"}, {name: "service thawed", acts: atOnce, want: asked}}
	c := openRows(t, rows, Options{Agents: 2, Dialled: limited(limit)})
	caller := c.dial(t, rows[0])
	c.until(t, inProgress)
	if err := c.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	heard := caller()
	releasedAfter(t, heard[0], heard[0].Visits[0].TalkEndMS, 1000*limit-500, 1000*limit+1500)
	if err := c.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	calls := c.settled(t, heard)
	if len(calls) != 1 || calls[0].Questions[0].Answer == nil || calls[0].Questions[0].Answer.Outcome == scoring.Rated {
		t.Errorf("the store holds %+v, want one call that was not rated", calls)
	}
	if err := c.WaitReady(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.play(t, rows[1])
}
