// Package asterisk carries out surveys on a real Asterisk over ARI, the only
// package that knows ARI: it turns events into survey events and the survey's
// commands into requests.
//
// The way in: a [Node] is one Asterisk. [Node.Run] keeps its event connection
// and hands each event to the call it belongs to by a map look-up; each call
// is one goroutine that owns its survey (call.go).
package asterisk

import (
	"context"
	"log/slog"
	"time"

	"aftercall/ivr/survey"
	"aftercall/scoring"
	"aftercall/scoring/metrics"
)

// Limits of a node.
const (
	MaxActive  = 2000 // surveys in progress; who comes beyond is sent on unasked
	inboxBound = 256  // events that wait for one call
)

// Asking is what callers are asked, and about whom. It does not change; a reload makes another.
// A call is asked to its end what it was given when it came.
type Asking struct {
	Book   *survey.Book
	Epochs map[survey.Split]int64 // the current epoch of every split
	Roster scoring.Roster         // whom a call is credited to if the dialplan names no agentid
	Keep   Keep                   // what is kept of callers' numbers
}

// Keep gives what is kept of a caller's number; nil keeps nothing. It is asked
// where a caller enters, and the number goes nowhere else.
type Keep func(number string) scoring.Caller

func (k Keep) of(number string) scoring.Caller {
	if k == nil {
		return scoring.Caller{}
	}
	return k(number)
}

// Surveys is what a node needs to survey a call: what to ask, where to keep
// it, and what to count.
type Surveys struct {
	// Asking gives what callers are asked from now on; a reload changes it.
	Asking func() *Asking
	Left   *Leftovers     // calls that an earlier run left open
	Names  *Names         // what the nodes of this service call themselves
	Zone   *time.Location // of the day a call is counted under
	// Write makes a record durable, within a time limit of its own.
	Write func(context.Context, scoring.Record) (scoring.Receipt, error)
	Meter *metrics.Service
	Log   *slog.Logger
}
