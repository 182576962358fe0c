package faults

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aftercall/deploy/centre"
	"aftercall/deploy/lab"
	"aftercall/ivr/layout"
	"aftercall/scoring"
)

var (
	campaign = flag.Bool("campaign", false, "the long form: every fault in full, many rounds")
	seed     = flag.Uint64("seed", 0, "of the moments at which things break; 0 = another one in every run")
)

const (
	busy     = 20               // calls in progress when something breaks, at least
	endLimit = 60 * time.Second // for what happens behind the last caller
	longest  = 4 * time.Minute  // of a robot's call
	kept     = 120_000          // ms from the talk's end to the operator's dialplan, where a survey was heard: the longest of the test, asked again twice
	sentOn   = 4000             // ms; the same for callers who were not asked: a request's and the store's time limit
	watchFor = 200 * time.Millisecond
)

// programs is the folder of the programs under test.
var programs string

var top = filepath.Join("..", "..")

func TestMain(m *testing.M) {
	flag.Parse()
	// A test waits for telephones, not for the processor.
	if err := flag.Set("test.parallel", "100"); err != nil {
		panic(err)
	}
	code, err := buildAndRun(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func buildAndRun(m *testing.M) (code int, err error) {
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	fmt.Printf("moments by -seed %d\n", *seed)
	release, err := lab.Alone(top)
	if err != nil {
		return 1, err
	}
	defer release() //nolint:errcheck // the program ends
	if programs, err = os.MkdirTemp("", "aftercall-programs-"); err != nil {
		return 1, err
	}
	defer os.RemoveAll(programs)
	if err := centre.Build(programs); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// kit is a centre that things are broken in.
type kit struct {
	*centre.Centre
	moments   *rand.Rand
	limit     time.Duration // of a robot's call
	lostAfter time.Duration // a robot hangs up when nothing was heard for so long; 0 = it stays

	watching sync.WaitGroup
	mu       sync.Mutex
	watched  []centre.Figures
}

// seats bound the centres that are open at a time, opening those that start.
var (
	seats   = make(chan struct{}, 4)
	opening sync.Mutex
)

// open starts a centre with one queue, 7001, in which all of the layout habit
// are asked. At its end nothing of it may be left, and Asterisk must have had
// nothing to complain of but what is expected.
func open(t *testing.T, o centre.Options, expected ...string) *kit {
	t.Helper()
	o.Folder, o.Programs, o.Talk = top, cmp.Or(o.Programs, programs), "600ms..1500ms"
	o.Recordings = t.TempDir()
	must(t, centre.ThanksTone(o.Recordings, ThanksHz, 900*time.Millisecond))
	o.Queues = []centre.Queue{{Number: "7001", Name: "support", Survey: "service", Layouts: []layout.Arm{{Layout: "habit", Weight: 1}}}}
	if o.Agents == 0 {
		o.Agents = 70
	}
	seats <- struct{}{}
	t.Cleanup(func() { <-seats }) // when the centre is closed
	opening.Lock()
	c, err := centre.Open(t.Context(), o)
	opening.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	k := &kit{Centre: c, moments: rand.New(rand.NewPCG(*seed, 7)), limit: longest}
	watch, stop := context.WithCancel(context.Background())
	k.watching.Go(func() { k.watch(watch) })
	t.Cleanup(func() {
		stop()
		k.watching.Wait()
		k.takeDown(t, expected)
	})
	return k
}

func (k *kit) takeDown(t *testing.T, expected []string) {
	lines, err := k.Complaints(expected)
	if err != nil {
		t.Error(err)
	}
	for _, line := range lines {
		t.Errorf("Asterisk: %s", line)
	}
	said := k.ServiceLog()
	for _, text := range []string{"DATA RACE", "panic:", "goroutine 1 ["} {
		if strings.Contains(said, text) {
			t.Errorf("the service's log has %q", text)
		}
	}
	if t.Failed() {
		t.Logf("what the service said:\n%s", said)
	}
	ctx, cancel := context.WithTimeout(context.Background(), endLimit)
	defer cancel()
	if err := k.Close(ctx); err != nil {
		t.Error(err)
	}
}

// watch reads the totals again and again; while the service is away there are
// none.
func (k *kit) watch(ctx context.Context) {
	tick := time.NewTicker(watchFor)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if f, err := k.Totals(ctx); err == nil {
			k.mu.Lock()
			k.watched = append(k.watched, f)
			k.mu.Unlock()
		}
	}
}

// people are callers of every kind: most of them take a while, so that many
// calls are in progress at a time.
const people = `personas:
  - {name: at once, weight: 3, acts: [{at: 700ms, press: "1"}]}
  - {name: patient, weight: 5, acts: [{quiet: 2s, press: "1"}]}
  - {name: patient and dissatisfied, weight: 4, acts: [{quiet: 3s, press: "3"}]}
  - {name: behind the second option, weight: 3, acts: [{after_part: 3, press: "2"}]}
  - {name: wrong then right, weight: 2, acts: [{after_part: 2, press: "9"}, {quiet: 2s, press: "2"}]}
  - {name: wrong keys only, weight: 1, acts: [{after_part: 2, press: "9"}, {quiet: 2s, press: "8"}, {quiet: 2s, press: "7"}]}
  - {name: twice, weight: 2, acts: [{quiet: 1s, press: "13"}]}
  - {name: repeat then rate, weight: 1, acts: [{after_part: 4, press: "0"}, {quiet: 2s, press: "2"}]}
  - {name: silent, weight: 3, acts: []}
  - {name: hangs up in the intro, weight: 1, acts: [{at: 500ms, hangup: true}]}
  - {name: hangs up in the menu, weight: 1, acts: [{after_part: 3, hangup: true}]}
  - {name: presses and hangs up, weight: 2, acts: [{after_part: 2, press: "1"}, {at: 600ms, hangup: true}]}
  - {name: hangs up in the talk, weight: 1, acts: [{talk: 200ms, hangup: true}]}
`

// means is what the keys of habit mean.
var means = map[string]Verdict{"1": {"satisfied", 3}, "2": {"fair", 2}, "3": {"dissatisfied", 1}}

// traffic is robots who call.
type traffic struct {
	done  chan struct{}
	heard []centre.Heard
	err   error
}

// traffic lets callers of every kind begin to call, so many a second.
func (k *kit) traffic(t *testing.T, calls int, rate float64) *traffic {
	return k.callers(t, centre.Callers{Number: "7001", Personas: people, Calls: calls, Rate: rate, AtOnce: 400,
		Limit: k.limit.String(), Seed: k.moments.IntN(1 << 30)})
}

func (k *kit) callers(t *testing.T, r centre.Callers) *traffic {
	r.Tones, r.LostAfter = []int{ThanksHz}, k.lostAfter
	tr := &traffic{done: make(chan struct{})}
	go func() {
		defer close(tr.done)
		tr.heard, tr.err = k.Call(t.Context(), r)
		if len(tr.heard) == 0 {
			t.Errorf("no caller called: %v", tr.err)
		}
	}()
	return tr
}

// breaks lets callers of every kind call, and breaks something with at least
// twenty of them in their surveys, at any moment. It returns when that is
// mended and the service is well; the callers may still be on the phone.
func (k *kit) breaks(t *testing.T, what func()) *traffic {
	t.Helper()
	tr := k.traffic(t, 36, 8)
	k.inProgress(t, busy)
	k.moment(time.Second)
	what()
	k.well(t)
	return tr
}

func (k *kit) well(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), endLimit)
	defer cancel()
	if err := k.WaitReady(ctx); err != nil {
		t.Fatal(err)
	}
}

// everybody waits until the last of all callers is gone.
func everybody(t *testing.T, all []*traffic) (heard []centre.Heard) {
	t.Helper()
	for _, tr := range all {
		heard = append(heard, tr.gone(t)...)
	}
	return heard
}

// must ends the test at an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// gone waits until the last caller is gone.
func (tr *traffic) gone(t *testing.T) []centre.Heard {
	t.Helper()
	<-tr.done
	return tr.heard // what a caller could not do stands in its log
}

// inProgress waits until so many surveys are in progress.
func (k *kit) inProgress(t *testing.T, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), endLimit)
	defer cancel()
	_, err := k.Until(ctx, func(rows []scoring.CallRow) bool { return openCalls(rows) >= n })
	if err != nil {
		t.Fatalf("%d surveys in progress: %v\n%s", n, err, k.ServiceLog())
	}
}

func openCalls(rows []scoring.CallRow) (n int) {
	for _, r := range rows {
		if r.End == nil {
			n++
		}
	}
	return n
}

// moment lets some time pass, so that things break at any point of a survey.
func (k *kit) moment(most time.Duration) { time.Sleep(time.Duration(k.moments.Int64N(int64(most)))) }

// settle waits until the service is well and every survey has its end in the
// store.
func (k *kit) settle(t *testing.T) {
	t.Helper()
	k.well(t)
	ctx, cancel := context.WithTimeout(t.Context(), endLimit)
	defer cancel()
	if _, err := k.Until(ctx, func(rows []scoring.CallRow) bool { return openCalls(rows) == 0 }); err != nil {
		t.Fatalf("%v\n%s", err, k.ServiceLog())
	}
}

// account settles, holds everything that the callers heard and pressed against
// the store and the metrics, then stops the service and counts anew. adjust
// says what the fault may do.
func (k *kit) account(t *testing.T, heard []centre.Heard, adjust func(*Evidence)) Evidence {
	t.Helper()
	k.settle(t)
	ctx, cancel := context.WithTimeout(t.Context(), endLimit)
	defer cancel()
	rows, err := k.Calls(ctx, "")
	totals, err2 := k.Totals(ctx)
	ids, err3 := k.Asterisk.Calls()
	wentOn, err4 := k.Asterisk.WentOn()
	if err := errors.Join(err, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	k.mu.Lock()
	e := Evidence{Heard: heard, Rows: rows, IDs: ids, WentOn: wentOn, Means: means, Totals: totals, Watched: slices.Clone(k.watched), Trapped: kept, Unasked: sentOn}
	k.mu.Unlock()
	if adjust != nil {
		adjust(&e)
	}
	for _, f := range e.Check() {
		t.Error(f)
		for _, h := range heard {
			if strings.HasPrefix(f, h.Caller+" ") {
				t.Logf("heard: %+v", h)
			}
		}
	}
	if err := k.StopService(ctx); err != nil {
		t.Fatal(err)
	}
	if said, err := k.Program(ctx, "recount"); err != nil || said != "recounted; 0 figures differed\n" {
		t.Errorf("recount: %q, %v", said, err)
	}
	t.Log(e.summary())
	return e
}

// summary tells what was seen, in one line.
func (e Evidence) summary() string {
	thanks, asked, rated, resumed, failed := 0, 0, 0, 0, 0
	var most time.Duration
	for _, h := range e.Heard {
		most = max(most, e.WentOn[h.Caller])
		if hears(h, ThanksHz) >= 0 {
			thanks++
		}
		if len(h.Visits) > 0 && spokenTo(h.Visits[0]) {
			asked++
		}
	}
	for _, r := range e.Rows {
		if r.Resumed > 0 {
			resumed++
		}
		if a := r.Questions[0].Answer; a != nil && a.Outcome == scoring.Rated {
			rated++
		} else if a != nil && a.Outcome == scoring.Failed {
			failed++
		}
	}
	return fmt.Sprintf("%d callers, %d asked, %d thanked; %d surveys stored, %d rated, %d taken up again, %d errors of ours; %.1f s at most from the talk to the operator's dialplan; metrics looked at %d times",
		len(e.Heard), asked, thanks, len(e.Rows), rated, resumed, failed, most.Seconds(), len(e.Watched))
}

// short gives the first in the short form, the second in a campaign.
func short[T any](brief, full T) T {
	if *campaign {
		return full
	}
	return brief
}
