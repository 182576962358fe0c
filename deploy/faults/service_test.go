package faults

import (
	"testing"
	"time"

	"aftercall/deploy/centre"
)

// What Asterisk says when a client dies with events unread, and when a caller
// comes while there is none.
const (
	reset  = "Error reading from web socket: Connection reset by peer"
	nobody = "Stasis app 'aftercall' not active"
)

// The service is killed at any moment, again and again, with at least twenty
// callers in their surveys: who was thanked is rated, once; who is still there
// is asked again; who comes while nobody is there goes on in the dialplan.
func TestServiceKilledAgainAndAgain(t *testing.T) {
	t.Parallel()
	rounds := short(3, 40)
	k := open(t, centre.Options{}, reset, nobody)
	callers := k.traffic(t, rounds*45, 6)
	for range rounds {
		k.inProgress(t, busy)
		k.moment(2 * time.Second)
		if err := k.KillService(); err != nil {
			t.Fatal(err)
		}
		k.moment(2 * time.Second)
		if err := k.StartService(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	e := k.account(t, callers.gone(t), func(e *Evidence) { e.Deaf = true })
	resumed := 0
	for _, r := range e.Rows {
		if r.Resumed > 0 {
			resumed++
		}
	}
	if resumed < rounds*busy/4 {
		t.Errorf("%d surveys were taken up again in %d rounds, want a fair part of the %d and more that were in progress", resumed, rounds, rounds*busy)
	}
}
