package faults

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"aftercall/deploy/centre"
)

// patient callers stay for as long as a survey lasts, so that all of them are
// in it at the same time.
const patient = `personas:
  - {name: silent, weight: 2, acts: []}
  - {name: patient, weight: 4, acts: [{quiet: 4s, press: "1"}]}
  - {name: patient and dissatisfied, weight: 2, acts: [{quiet: 4500ms, press: "3"}]}
  - {name: wrong then right, weight: 2, acts: [{quiet: 4s, press: "9"}, {quiet: 4s, press: "2"}]}
`

// hostile are names of agents that break out of whatever does not expect them.
var hostile = []string{`Robert') DROP TABLE calls--`, `<script>alert(1)</script>`, `=HYPERLINK('x')`, `{{.}} ${EXTEN} %n %s`, "Ünï 王芳 \U0001F600", "\u202eevil\u202c", "Chen, Mei)(", "tab\there"}

// Many callers are in their surveys at the same moment, whose agents have the
// worst of names: nobody is lost or kept, every key is in the store, and the
// service is afterwards as small as before.
func TestStorm(t *testing.T) {
	atOnce := short(80, 200)
	k := open(t, centre.Options{Agents: atOnce + 20, Names: hostile})
	k.rehearse(t)
	before := k.size(t)
	callers := k.callers(t, centre.Callers{Number: "7001", Personas: patient, Calls: atOnce + atOnce/10, Rate: short(12.0, 15), AtOnce: 400, Limit: longest.String()})
	k.inProgress(t, atOnce)
	most := k.size(t)
	heard := callers.gone(t)
	k.settle(t)
	after := k.shrunk(t, before)
	t.Logf("before: %s; %d in progress: %s; after: %s", before, atOnce, most, after)
	k.account(t, heard, nil)
}

// Callers come as fast as the lab carries them, one behind the other.
func TestCallsInARow(t *testing.T) {
	if !*campaign {
		t.Parallel() // in a campaign it has the machine to itself
	}
	calls, rate := short(40, 1000), short(10.0, 12)
	k := open(t, centre.Options{Agents: 250})
	k.rehearse(t)
	before := k.size(t)
	begun := time.Now()
	heard := k.callers(t, centre.Callers{Number: "7001", Personas: people, Calls: calls, Rate: rate, AtOnce: 400, Limit: longest.String()}).gone(t)
	took := time.Since(begun)
	k.settle(t)
	after := k.shrunk(t, before)
	t.Logf("%d calls in %s, %.1f a second; before: %s; after: %s", calls, took.Round(time.Second), float64(calls)/took.Seconds(), before, after)
	k.account(t, heard, nil)
}

// size is what the service holds.
type size struct{ goroutines, files, memory float64 }

func (s size) String() string {
	return fmt.Sprintf("%.0f goroutines, %.0f files, %.0f MB", s.goroutines, s.files, s.memory/1e6)
}

func (k *kit) size(t *testing.T) size {
	t.Helper()
	code, body, err := k.Get(t.Context(), "/metrics")
	if err != nil || code != http.StatusOK {
		t.Fatalf("/metrics: %d, %v", code, err)
	}
	f, err := centre.ReadFigures(body)
	if err != nil {
		t.Fatal(err)
	}
	return size{f["go_goroutines"], f["process_open_fds"], f["process_resident_memory_bytes"]}
}

// rehearse lets one caller call, so that what is made once has been made. The
// caller hangs up in the talk and leaves nothing in the store.
func (k *kit) rehearse(t *testing.T) {
	t.Helper()
	k.callers(t, centre.Callers{Number: "7001", Personas: `personas: [{name: rehearsal, weight: 1, acts: [{talk: 200ms, hangup: true}]}]`}).gone(t)
}

// slack is how many more goroutines and files there may be afterwards: idle
// connections and the readers of the store.
const slack = 40

// shrunk waits until the service holds no more than before.
func (k *kit) shrunk(t *testing.T, before size) size {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), endLimit)
	defer cancel()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		now := k.size(t)
		if now.goroutines <= before.goroutines+slack && now.files <= before.files+slack {
			return now
		}
		select {
		case <-ctx.Done():
			t.Errorf("before: %s; after: %s", before, now)
			return now
		case <-tick.C:
		}
	}
}
