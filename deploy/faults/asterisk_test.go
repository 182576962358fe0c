package faults

import (
	"net/http"
	"syscall"
	"testing"
	"time"

	"aftercall/deploy/centre"
)

// What Asterisk says to callers when it is about to end.
const ending = "Failed to allocate new PJSIP channel on incoming SIP INVITE"

// hungUp is longer than robots stay on a dead line. Asterisk is not started
// before, because it would give their ports to other calls.
const lostAfter, hungUp = 8 * time.Second, 14 * time.Second

// Asterisk is killed, and is restarted in order, with callers in their
// surveys: what was rated stays rated, nobody is said to have hung up, and
// whoever calls afterwards is asked.
func TestAsteriskDies(t *testing.T) {
	t.Parallel()
	k := open(t, centre.Options{}, reset, nobody, ending)
	k.lostAfter = lostAfter
	var all []*traffic
	var died []Span
	for range short(1, 5) {
		all = append(all, k.breaks(t, func() {
			from := time.Now()
			must(t, k.Asterisk.Kill())
			died = append(died, Span{from, time.Now()})
			time.Sleep(hungUp)
			must(t, k.Asterisk.Restart(t.Context()))
		}))
		all = append(all, k.breaks(t, func() {
			from := time.Now()
			_, err := k.Asterisk.CLI(t.Context(), "core restart now")
			must(t, err)
			k.unwell(t)
			k.well(t)
			died = append(died, Span{from, time.Now()})
		}))
	}
	all = append(all, k.breaks(t, func() {}))
	k.account(t, everybody(t, all), func(e *Evidence) { e.Deaf, e.Died = true, died })
}

// unwell waits until the service says that something is wrong.
func (k *kit) unwell(t *testing.T) {
	t.Helper()
	end := time.Now().Add(endLimit)
	for tick := time.Tick(20 * time.Millisecond); time.Now().Before(end); <-tick {
		if code, _, err := k.Get(t.Context(), "/readyz"); err != nil || code != http.StatusOK {
			return
		}
	}
	t.Fatalf("the service was well for %s", endLimit)
}

// Asterisk stands still with callers in their surveys, for a moment and for
// longer than a connection lasts; in a campaign the service is killed
// meanwhile, too.
func TestAsteriskFrozen(t *testing.T) {
	t.Parallel()
	k := open(t, centre.Options{}, reset, nobody)
	var all []*traffic
	var stood []Span
	still := func(d time.Duration, kills bool) {
		all = append(all, k.breaks(t, func() {
			from := time.Now()
			must(t, k.Asterisk.Signal(syscall.SIGSTOP))
			if kills {
				must(t, k.KillService())
			}
			time.Sleep(time.Until(from.Add(d)))
			must(t, k.Asterisk.Signal(syscall.SIGCONT))
			stood = append(stood, Span{from, time.Now()})
			if kills {
				must(t, k.StartService(t.Context()))
			}
		}))
	}
	longest := short(8*time.Second, time.Minute)
	for range short(1, 3) {
		for _, d := range short([]time.Duration{time.Second, longest}, []time.Duration{time.Second, 10 * time.Second, longest}) {
			still(d, false)
		}
		if *campaign {
			still(10*time.Second, true)
		}
	}
	k.account(t, everybody(t, all), func(e *Evidence) {
		e.Deaf, e.Stood = true, stood
		e.Trapped += int(longest.Milliseconds())
		e.Unasked += int((longest + again).Milliseconds())
	})
}

// again is how long it may take behind a fault until those are found who came
// to the service unheard: two looks and a release.
const again = 25 * time.Second
