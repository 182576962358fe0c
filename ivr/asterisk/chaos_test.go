package asterisk

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"aftercall/deploy/standin"
	"aftercall/ivr/layout"
	"aftercall/ivr/survey"
	"aftercall/scoring"
	"aftercall/scoring/metrics"
	"aftercall/scoring/spill"
	"aftercall/scoring/sqlite"
	"aftercall/scoring/storetest"

	"github.com/prometheus/client_golang/prometheus"
)

// What make faults gives.
var (
	chaosSeeds = flag.Int("chaos", 1, "how many seeds each fault of TestChaos is tried with")
	chaosFirst = flag.Uint64("seed", 1, "the first of them")
)

const (
	chaosCallers = 40
	chaosComing  = 40 * time.Second // over which they come
	chaosStore   = 500 * time.Millisecond
)

// busy asks one question under three layouts in one queue, and two questions
// in another.
func busy() layout.Catalogue {
	c := toy
	habit := toy.Layouts[0]
	patient, confirmed, solved := habit, habit, habit
	patient.Name, patient.BargeIn = "patient", false
	confirmed.Name = "confirmed"
	confirmed.Confirm = &layout.Confirm{Say: en("{label} {key} {again}"), Key: "1", Again: "3", Times: 1, Wait: layout.Delay(2 * time.Second)}
	solved.Name, solved.Question = "solved", "solved"
	c.Layouts = []layout.Layout{habit, patient, confirmed, solved}
	c.Questions = append(slices.Clone(toy.Questions), layout.Question{Name: "solved", Scale: "service", Ask: en("is it solved")})
	c.Surveys = append(slices.Clone(toy.Surveys), layout.Survey{Name: "both", Questions: []string{"service", "solved"}, Primary: "service", Thanks: en("thank you")})
	arms := []layout.Arm{{Layout: "habit", Weight: 1}, {Layout: "patient", Weight: 1}, {Layout: "confirmed", Weight: 1}}
	c.Queues = []layout.Queue{{Name: "support", Survey: "service", Layouts: arms}, {Name: "sales", Survey: "both", Layouts: append(arms[:2:2], layout.Arm{Layout: "solved", Weight: 1})}}
	return c
}

// chaos is one run: callers, the stand-in with its faults, a node, and a real
// store with a real spill file.
type chaos struct {
	*fake
	node     *Node
	book     *survey.Book
	store    *sqlite.Store
	recorder *spill.Recorder
	reg      *prometheus.Registry
	chance   *rand.Rand
	slow     float64 // share of the store's writes that are
	broken   atomic.Bool
	patient  atomic.Int64 // records
	entered  []*standin.Caller
	bound    time.Duration // that nobody is in the application beyond
}

func newChaos(t *testing.T, script string, slow float64, seed uint64) *chaos {
	faults, err := standin.ParseScript(script, seed)
	if err != nil {
		t.Fatal(err)
	}
	x := &chaos{slow: slow, chance: rand.New(rand.NewPCG(seed, 1)), reg: prometheus.NewRegistry()}
	x.fake = newFake(t, standin.Options{
		Length: func(media string) time.Duration {
			if d, err := time.ParseDuration(strings.TrimPrefix(media, "sound:silence-")); err == nil {
				return d
			}
			return time.Second
		},
		Thanks: func(media []string) bool { return media[0] == "sound:thank-you" },
		Limit:  time.Hour, Script: faults,
	})
	if x.book, err = survey.NewBook(busy(), "seed", nil, toneLibrary{}); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if x.store, err = sqlite.Open(t.Context(), filepath.Join(folder, "store.db"), sqlite.Options{Zone: "UTC"}); err != nil {
		t.Fatal(err)
	}
	if x.recorder, err = spill.Open(filepath.Join(folder, "spill.jsonl"), x.write, chaosStore, nil); err != nil {
		t.Fatal(err)
	}
	x.node = NewNode(Server{Name: "node1", URL: "http://asterisk/ari/", Username: "aftercall", Password: "right", App: "aftercall"}, Surveys{
		Asking: x.asking(t), Left: NewLeftovers(nil), Names: NewNames(), Zone: time.UTC,
		Write: x.recorder.Write, Meter: metrics.NewService(x.reg), Log: slog.New(slog.DiscardHandler),
	})
	x.node.client.http.Transport.(*http.Transport).DialContext = x.net.Dial
	x.node.open = func(now time.Time, p survey.Plan, i survey.Interrupted) (machine, []survey.Command) {
		return newWatched(t, now, p, i)
	}
	longest, _ := x.book.Longest()
	x.bound = longest + survey.OverSlack + survey.Releases*(survey.LeaveLimit+RequestLimit) + 3*lookEvery
	if strings.Contains(script, "continue") || strings.Contains(script, "requests") {
		x.bound += 4 * lookEvery // a release may fail for all its tries, and then for those of the looks
	}
	return x
}

func (x *chaos) asking(t *testing.T) func() *Asking {
	splits, err := x.book.Splits()
	if err != nil {
		t.Fatal(err)
	}
	ids, err := x.store.Epochs(t.Context(), splits, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	a := &Asking{Book: x.book, Epochs: map[survey.Split]int64{}}
	for i, s := range splits {
		a.Epochs[survey.Split{Queue: s.Queue, Question: s.Question}] = ids[i]
	}
	return func() *Asking { return a }
}

// write is the store's, which is slow now and then: it may take a record and
// not say so in time.
func (x *chaos) write(ctx context.Context, r scoring.Record) (scoring.Receipt, error) {
	if r.Patient {
		x.patient.Add(1)
		if err := x.asClosed(ctx, r); err != nil {
			x.t.Error(err)
		}
	}
	if rand.Float64() < x.slow && !x.broken.Load() {
		select {
		case <-time.After(time.Duration(rand.Int64N(int64(2 * chaosStore)))):
		case <-ctx.Done():
			if rand.IntN(2) == 0 {
				return scoring.Receipt{}, ctx.Err()
			}
			_, err := x.store.Write(context.WithoutCancel(ctx), r)
			return scoring.Receipt{}, errors.Join(ctx.Err(), err) // it happened all the same
		}
	}
	return x.store.Write(context.WithoutCancel(ctx), r)
}

// asClosed holds a patient record against what the next run would store if this
// one were killed while the store holds it.
func (x *chaos) asClosed(ctx context.Context, r scoring.Record) error {
	rows, err := x.store.OpenCalls(context.WithoutCancel(ctx), 1<<10)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(rows, func(row scoring.CallRow) bool { return row.ID == r.ID })
	if i < 0 {
		return nil // it has its end already: the record comes again
	}
	closed := survey.Close(rows[i], r.End.At)
	if len(r.Answers)+len(r.Keypresses)+len(closed.Answers) > 0 || closed.End.Reason != r.End.Reason || r.Resumed != rows[i].Resumed {
		return fmt.Errorf("patient record %+v, ended %+v; the next run would write %+v, ended %+v, of %+v", r, r.End, closed, closed.End, rows[i])
	}
	return nil
}

// watched is a survey that is checked at every step.
type watched struct {
	t *testing.T
	s *survey.Survey
	c *survey.Checker
}

func newWatched(t *testing.T, now time.Time, p survey.Plan, i survey.Interrupted) (machine, []survey.Command) {
	s, first := survey.Resume(now, p, i)
	c, err := survey.NewResumedChecker(now, p, i, first)
	if err != nil {
		t.Error(err)
	}
	return &watched{t, s, c}, first
}

func (w *watched) Done() bool { return w.s.Done() }

func (w *watched) Step(now time.Time, e survey.Event) []survey.Command {
	done := w.s.Done()
	out := w.s.Step(now, e)
	if err := w.c.After(now, e, out); err != nil && !done {
		w.t.Errorf("%T: %v", e, err)
	}
	return out
}

var cues = []string{"enter", "StasisStart", "play", "stop", "continue", "thanks", "PlaybackStarted", "PlaybackContinuing", "PlaybackFinished", "ChannelDtmfReceived", "StasisEnd"}

// caller makes up somebody: who presses keys at any moment, and may hang up
// at any other.
func (x *chaos) caller(n int) *standin.Caller {
	id := fmt.Sprintf("node1-%d.%d", 1700000000+n, n)
	queue := []string{"support", "sales", "elsewhere"}[x.chance.IntN(3)]
	c := &standin.Caller{Channel: id, Args: []string{"v1", fmt.Sprint("agent=PJSIP/", 1001+n%7), "queue=" + queue, "uniqueid=" + id, "visit=1"}}
	act := func(key string) {
		a := standin.Act{Cue: cues[x.chance.IntN(len(cues))], N: 1 + x.chance.IntN(3), Key: key}
		if x.chance.IntN(2) == 0 {
			a.Wait = time.Duration(x.chance.Int64N(int64(4 * time.Second)))
		}
		c.Acts = append(c.Acts, a)
	}
	for range x.chance.IntN(5) {
		act(string("1133327*0A"[x.chance.IntN(10)]))
	}
	if x.chance.IntN(2) == 0 {
		act("")
	}
	return c
}

// live has callers come, and waits until all of them are gone.
func (x *chaos) live(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); x.node.Run(ctx, func() time.Duration { return time.Minute }) }()
	var gone []<-chan struct{}
	for n := range chaosCallers {
		<-time.After(time.Duration(x.chance.Int64N(int64(2 * chaosComing / chaosCallers))))
		c := x.caller(n)
		x.entered = append(x.entered, c)
		gone = append(gone, x.Enter(c))
	}
	late := time.After(x.bound)
	for i, out := range gone {
		select {
		case <-out:
		case <-late:
			t.Fatalf("caller %s came %s ago and is still in the application; %d are", x.entered[i].Channel, time.Since(x.Log(x.entered[i]).Entered), x.In())
		}
	}
	<-time.After(x.bound) // nobody tells a survey that its caller is gone if that event was lost
	if n := x.node.Status().Active; n != 0 {
		t.Errorf("%d surveys in progress with nobody in the application", n)
	}
	stop()
	<-ended
	x.broken.Store(true)
	if _, err := x.recorder.Replay(t.Context()); err != nil {
		t.Error(err)
	}
	if s := x.recorder.Stats(); s.Pending != 0 || s.Rejected != 0 || s.Failed != 0 || s.Refused != 0 {
		t.Errorf("spill file: %+v, want all of it stored", s)
	}
}

// settle holds what the callers saw against the store.
func (x *chaos) settle(t *testing.T) {
	rows, err := x.store.Calls(t.Context(), scoring.Query{Limit: 10 * chaosCallers})
	if err != nil {
		t.Fatal(err)
	}
	stored := map[string]scoring.CallRow{}
	ended := map[scoring.Reason]float64{}
	for _, r := range rows {
		if _, twice := stored[r.ID.UniqueID]; twice || r.ID.Visit != 1 {
			t.Errorf("call %s is stored beside another of that caller", r.ID)
		}
		stored[r.ID.UniqueID] = r
		if r.End != nil {
			ended[r.End.Reason]++
		}
	}
	told, asked, thanked, keys := 0, 0, 0, 0
	for _, c := range x.entered {
		row, is := stored[c.Channel]
		delete(stored, c.Channel)
		saw := x.Log(c)
		if err := x.judge(saw, row, is); err != nil {
			t.Errorf("caller %s: %v\nsaw %+v\nstored %+v", c.Channel, err, saw, row)
		}
		told, asked, thanked, keys = told+one(saw.Told.Sure()), asked+one(!saw.Played.IsZero()), thanked+one(saw.Thanked > 0), keys+len(row.Keys)
	}
	delete(stored, standin.Stranger) // whose entry was told
	if len(stored) != 0 {
		t.Errorf("%d calls stored of nobody who came: %v", len(stored), stored)
	}
	t.Logf("%d callers, %d told of, %d stored, %d asked, %d thanked, %d keys stored, %d patient records", len(x.entered), told, len(rows), asked, thanked, keys, x.patient.Load())
	w := &world{fake: x.fake, reg: x.reg}
	for _, reason := range scoring.Reasons {
		got := w.metric("aftercall_calls_ended_total", string(reason))
		// An entry that is told again while the store does not answer cannot be
		// known for one.
		again := x.slow > 0 && reason == scoring.StoreFailed && got > ended[reason]
		if got != ended[reason] && !again {
			t.Errorf("%v calls counted as ended for reason %s, %v stored", got, reason, ended[reason])
		}
	}
	storetest.Check(t, x.store)
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// judge holds what one caller saw against the row.
func (x *chaos) judge(saw standin.Log, row scoring.CallRow, stored bool) error {
	switch {
	case saw.How == standin.TakenBack:
		return errors.New("held until the dialplan's time limit")
	case saw.Thanked > 1:
		return fmt.Errorf("thanked %d times", saw.Thanked)
	case saw.How == standin.SentOn && stored:
		return errors.New("stored, though never in the application")
	case !stored && saw.Told.Sure():
		return errors.New("the service was told of the entry, and the call is not stored")
	case !stored && (saw.Thanked > 0 || !saw.Played.IsZero()):
		return errors.New("asked, and not stored")
	case !stored:
		return nil
	case row.End == nil:
		return errors.New("no end is stored")
	}
	rated := 0
	for _, q := range row.Questions {
		if q.Answer == nil {
			return fmt.Errorf("question %q has no outcome", q.Question)
		}
		if q.Answer.Outcome == scoring.Rated {
			rated++
		}
	}
	if saw.Thanked > 0 && rated == 0 {
		return errors.New("thanked, and no rating is stored")
	}
	return kept(saw, row.Keys)
}

// kept: what is stored was delivered, in that order, and what was surely
// delivered while a survey went on is stored.
func kept(saw standin.Log, keys []scoring.Keypress) error {
	var all, sure, have []string
	word := func(key string, at time.Time) string { return fmt.Sprint(key, "@", at.UnixMilli()) }
	for _, d := range saw.Keys {
		all = append(all, word(d.Key, d.At))
		within := !saw.Played.IsZero() && d.At.After(saw.Played) && d.At.Before(saw.Gone) && (saw.Asked.IsZero() || d.At.Before(saw.Asked))
		if d.Sure() && within && !saw.Disturbed {
			sure = append(sure, all[len(all)-1])
		}
	}
	for i, k := range keys {
		if k.Seq != i+1 {
			return fmt.Errorf("key %d stored in place %d", k.Seq, i+1)
		}
		have = append(have, word(k.Key, k.At))
	}
	if !among(have, all) {
		return fmt.Errorf("keys %v stored, and %v were delivered", have, all)
	}
	if !among(sure, have) {
		return fmt.Errorf("keys %v were delivered to a survey, and %v are stored", sure, have)
	}
	return nil
}

// among tells whether all of some stand among others, in that order.
func among(some, others []string) bool {
	for _, o := range others {
		if len(some) > 0 && some[0] == o {
			some = some[1:]
		}
	}
	return len(some) == 0
}

// chaosFaults are tried one by one, and then all together.
func chaosFaults() (all []struct {
	name, script string
	slow         float64
}) {
	add := func(name, script string, slow float64) {
		all = append(all, struct {
			name, script string
			slow         float64
		}{name, script, slow})
	}
	add("none", "", 0)
	add("slow store", "", 0.3)
	add("everything twice", "* *: duplicate", 0)
	add("late", "* 50%: delay 400ms\n * 10%: delay 3s", 0)
	add("out of order", "* 30%: swap", 0)
	for _, kind := range []string{"StasisStart", "StasisEnd", "ChannelDtmfReceived", "Playback*", "*"} {
		add("lost "+kind, kind+" 30%: drop", 0.1)
	}
	for _, kind := range standin.Garbled {
		share := map[bool]string{true: "2%", false: "15%"}[kind == "huge"] // which takes its time
		add("garbled "+kind, fmt.Sprintf("* %s: garble %s\n* %s: beside %s", share, kind, share, kind), 0)
	}
	add("connection", "* 1%: cut\n* 1%: break\nping 3%: drop", 0.1)
	for _, fault := range []string{"status 500", "done 500", "slow 1500ms", "slow 5s", "never", "half", "garbage", "twice"} {
		add("request "+fault, "requests 15%: "+fault, 0)
	}
	add("request status 404", "play 15%: status 404\nstop 15%: status 404\ncontinue 15%: status 404\nvariable 15%: status 404\nchannel 15%: status 404", 0)
	add("all", `* 3%: duplicate
		* 3%: delay 700ms
		* 3%: swap
		* 3%: drop
		* 2%: garble cut
		* 2%: garble types
		* 2%: garble timestamp
		* 2%: beside other
		* 2%: beside unknown
		* 0.3%: break
		* 0.3%: cut
		ping 1%: drop
		events 20%: status 503
		requests 2%: status 500
		requests 2%: done 500
		requests 2%: half
		requests 2%: garbage
		requests 2%: never
		requests 2%: twice
		requests 5%: slow 1500ms`, 0.1)
	return all
}

// TestChaos: whatever Asterisk and the way to it do wrong, nobody is held,
// whoever was thanked has a rating, every call and every key is stored once,
// and the counters are what the rows say.
func TestChaos(t *testing.T) {
	for _, f := range chaosFaults() {
		for seed := *chaosFirst; seed < *chaosFirst+uint64(*chaosSeeds); seed++ {
			t.Run(fmt.Sprintf("%s, seed %d", f.name, seed), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					x := newChaos(t, f.script, f.slow, seed)
					x.live(t)
					x.settle(t)
					if err := errors.Join(x.recorder.Close(), x.store.Close()); err != nil {
						t.Error(err)
					}
				})
			})
		}
	}
}
