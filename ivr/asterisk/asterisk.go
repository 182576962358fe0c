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

// Surveys is what a node needs to survey a call: what to ask, where to keep
// it, and what to count.
type Surveys struct {
	Book   *survey.Book
	Epochs map[survey.Split]int64 // the current epoch of every split
	Zone   *time.Location         // of the day a call is counted under
	Roster scoring.Roster         // whom a call is credited to if the dialplan does not say
	// Write makes a record durable, within a time limit of its own.
	Write func(context.Context, scoring.Record) (scoring.Receipt, error)
	Meter *metrics.Service
	Log   *slog.Logger
}
