package faults

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"aftercall/deploy/centre"
)

// The service stands still with callers in their surveys, in a campaign also
// for longer than the dialplan leaves a caller with it.
func TestServiceFrozen(t *testing.T) {
	t.Parallel()
	const limit = 100 // s, of the dialplan; longer than any survey of the layout, as check demands
	k := open(t, centre.Options{Dialled: limited(limit)}, reset, nobody)
	var all []*traffic
	frozen := []time.Duration{time.Second, 5 * time.Second}
	if *campaign {
		frozen = append(frozen, time.Second, 3*time.Second, 5*time.Second, 10*time.Second, (limit+5)*time.Second)
	}
	for _, d := range frozen {
		all = append(all, k.breaks(t, func() {
			must(t, k.Signal(syscall.SIGSTOP))
			time.Sleep(d)
			must(t, k.Signal(syscall.SIGCONT))
		}))
	}
	k.account(t, everybody(t, all), func(e *Evidence) {
		e.Trapped, e.Unasked = (limit+3)*1000, (limit+3)*1000
		e.Deaf = true // a connection whose ping waited so long counts as lost, with what was not read of it
	})
}

// limited is the printed dialplan with another limit on the survey, in s.
func limited(seconds int) func(string) string {
	return func(dialplan string) string {
		before, rest, _ := strings.Cut(dialplan, "Set(TIMEOUT(absolute)=")
		_, rest, _ = strings.Cut(rest, ")")
		return fmt.Sprintf("%sSet(TIMEOUT(absolute)=%d)%s", before, seconds, rest)
	}
}

// The service is stopped in order and started at once, again and again, its
// layouts change meanwhile, and it is killed while it lets callers finish.
func TestServiceStopped(t *testing.T) {
	t.Parallel()
	k := open(t, centre.Options{}, reset, nobody)
	var all []*traffic
	for range short(1, 6) {
		all = append(all, k.breaks(t, func() {
			must(t, k.StopService(t.Context()))
			must(t, k.StartService(t.Context()))
			k.relayout(t, "gap")
		}))
		all = append(all, k.breaks(t, func() {
			must(t, k.Signal(syscall.SIGTERM))
			k.moment(4 * time.Second) // the drain is 5 s
			must(t, k.KillService())
			must(t, k.StartService(t.Context()))
			k.relayout(t, "habit")
		}))
	}
	k.account(t, everybody(t, all), func(e *Evidence) { e.Deaf = true })
}

// relayout has all who come from now on asked by another layout of the same
// keys.
func (k *kit) relayout(t *testing.T, layout string) {
	t.Helper()
	must(t, k.Configure(func(config string) string {
		return strings.ReplaceAll(config, "{layout: habit, weight: 1}", "{layout: "+layout+", weight: 1}")
	}))
	well, err := k.Reload(t.Context())
	must(t, err)
	if !well {
		t.Errorf("the reload did not go well:\n%s", k.ServiceLog())
	}
}

// Callers hang up at every moment, from the agent's talk to behind the
// thank-you, whether they have pressed a key or not.
func TestHangUpAtEveryMoment(t *testing.T) {
	t.Parallel()
	k := open(t, centre.Options{})
	var people strings.Builder
	people.WriteString("personas:\n")
	for ms := 0; ms <= 12_000; ms += 100 {
		fmt.Fprintf(&people, "  - {name: after %d ms, weight: 1, acts: [{at: %dms, hangup: true}]}\n", ms, ms)
		fmt.Fprintf(&people, "  - {name: rates and is gone at %d ms, weight: 1, acts: [{at: %dms, press: \"1\"}, {at: %dms, hangup: true}]}\n", ms, max(0, ms-(ms/100%15+1)*100), ms)
	}
	for ms := 0; ms <= 1500; ms += 100 {
		fmt.Fprintf(&people, "  - {name: in the talk at %d ms, weight: 1, acts: [{talk: %dms, hangup: true}]}\n", ms, ms)
	}
	tr := k.callers(t, centre.Callers{Number: "7001", Personas: people.String(), Calls: short(200, 1500), Rate: 8, AtOnce: 400,
		Limit: k.limit.String(), Seed: k.moments.IntN(1 << 30)})
	k.inProgress(t, busy)
	k.account(t, tr.gone(t), nil)
}
