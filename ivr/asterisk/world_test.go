package asterisk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"aftercall/deploy/standin"
	"aftercall/ivr/layout"
	"aftercall/ivr/survey"
	"aftercall/scoring"
	"aftercall/scoring/metrics"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// toneLibrary has a sound of a second for every text, and of a minute for a
// long one.
type toneLibrary struct{}

func (toneLibrary) Speech(s layout.Speech) (layout.Sound, error) {
	sound := layout.Sound{Media: "sound:" + strings.ReplaceAll(s.Say, " ", "-"), Hash: s.Say, Length: time.Second}
	if strings.HasPrefix(s.Say, "long") {
		sound.Length = time.Minute
	}
	return sound, nil
}

func (toneLibrary) Silence(d time.Duration) (layout.Sound, error) {
	return layout.Sound{Media: "sound:silence-" + d.String(), Hash: d.String(), Length: d}, nil
}

func en(say string) layout.Texts { return layout.Texts{{Language: "en", Say: say}} }

// toy asks one question: question, satisfied 1, dissatisfied 3; a wrong key
// or none is asked once more.
var toy = layout.Catalogue{
	Languages: []string{"en"},
	Scales: []layout.Scale{{Name: "service", Verdicts: []layout.Verdict{
		{ID: "dissatisfied", Value: 1, Label: en("bad")}, {ID: "satisfied", Value: 3, Satisfied: true, Label: en("good")}}}},
	Questions: []layout.Question{{Name: "service", Scale: "service", Ask: en("rate us")}},
	Layouts: []layout.Layout{{
		Name: "habit", Question: "service", Phrase: en("{label} {key}"), Wait: layout.Delay(5 * time.Second), BargeIn: true,
		Options:  []layout.Option{{Key: "1", Verdict: "satisfied"}, {Key: "3", Verdict: "dissatisfied"}},
		NoInput:  layout.Retry{Times: 1, Say: en("nothing heard")},
		WrongKey: layout.Retry{Times: 1, Say: en("wrong key")},
	}},
	Surveys: []layout.Survey{{Name: "service", Questions: []string{"service"}, Primary: "service", Thanks: en("thank you")}},
	Default: layout.Queue{Survey: "service", Layouts: []layout.Arm{{Layout: "habit", Weight: 1}}},
	Queues:  []layout.Queue{{Name: "support", Survey: "service", Layouts: []layout.Arm{{Layout: "habit", Weight: 1}}}},
}

// ledger is a store in memory with faults on demand.
type ledger struct {
	mu      sync.Mutex
	records []scoring.Record
	spilled []scoring.Record
	known   map[scoring.CallID]bool
	fault   func(context.Context, scoring.Record) (scoring.Receipt, error) // instead of keeping the record
}

var errDisk = errors.New("the disk is gone")

func (l *ledger) Write(ctx context.Context, r scoring.Record) (scoring.Receipt, error) {
	l.mu.Lock()
	fault := l.fault
	l.mu.Unlock()
	if fault != nil {
		receipt, err := fault(ctx, r)
		if receipt.Spilled {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.spilled = append(l.spilled, r)
		}
		if receipt.Spilled || err != nil {
			return receipt, err
		}
	}
	if err := r.Check(); err != nil {
		return scoring.Receipt{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.records = append(l.records, r)
	receipt := scoring.Receipt{Known: r.Call != nil && l.known[r.ID]}
	l.known[r.ID] = l.known[r.ID] || r.Call != nil
	return receipt, nil
}

func (l *ledger) on(fault func(context.Context, scoring.Record) (scoring.Receipt, error)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fault = fault
}

// hold keeps every write waiting until the gate is closed.
func (l *ledger) hold(gate <-chan struct{}) {
	l.on(func(context.Context, scoring.Record) (scoring.Receipt, error) {
		<-gate
		return scoring.Receipt{}, nil
	})
}

// keys gives every key that is kept of a call.
func (l *ledger) keys(id string) map[int]scoring.Keypress {
	l.mu.Lock()
	defer l.mu.Unlock()
	keys := map[int]scoring.Keypress{}
	for _, r := range l.records {
		for _, k := range r.Keypresses {
			if r.ID.String() == id {
				keys[k.Seq] = k
			}
		}
	}
	return keys
}

// last gives the last record of a call that has an answer.
func (l *ledger) last(id string) (last scoring.Record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.records {
		if r.ID.String() == id && len(r.Answers) > 0 {
			last = r
		}
	}
	return last
}

// story tells what was stored of a call: "call, rated 1 satisfied, completed".
func (l *ledger) story(id string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var parts []string
	answered := map[string]bool{}
	for _, r := range l.records {
		if r.ID.String() != id {
			continue
		}
		if r.Call != nil {
			parts = append(parts, "call")
		}
		for _, a := range r.Answers {
			if !answered[a.Question] {
				parts = append(parts, strings.TrimSpace(fmt.Sprintf("%s %s %s", a.Outcome, a.Entry, a.Verdict)))
			}
			answered[a.Question] = true
		}
		if r.End != nil {
			parts = append(parts, string(r.End.Reason))
		}
	}
	return strings.Join(parts, ", ")
}

// world is a node between a fake Asterisk and a store in memory.
type world struct {
	*fake
	store *ledger
	node  *Node
	reg   *prometheus.Registry
	stop  context.CancelFunc
	ended chan struct{} // closed when Run returned
	drain time.Duration
	left  []scoring.CallRow // by an earlier run
	asked *Asking
}

// bubble runs a test with a node that has had time to connect. In the end the
// node must stop and leave nothing behind.
func bubble(t *testing.T, prepare, tell func(w *world)) {
	synctest.Test(t, func(t *testing.T) {
		book, err := survey.NewBook(toy, "seed", nil, toneLibrary{})
		if err != nil {
			t.Fatal(err)
		}
		w := &world{fake: newFake(t, standin.Options{}), store: &ledger{known: map[scoring.CallID]bool{}}, reg: prometheus.NewRegistry(), ended: make(chan struct{})}
		w.asked = &Asking{Book: book, Epochs: map[survey.Split]int64{{Queue: "support", Question: "service"}: 7}}
		w.node = NewNode(Server{Name: "node1", URL: "http://asterisk/ari/", Username: "aftercall", Password: "right", App: "aftercall"}, Surveys{
			Asking: func() *Asking { return w.asked }, Left: NewLeftovers(nil), Names: NewNames(), Zone: time.UTC,
			Write: w.store.Write, Meter: metrics.NewService(w.reg), Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		})
		w.node.client.http.Transport.(*http.Transport).DialContext = w.net.Dial
		if prepare != nil {
			prepare(w)
		}
		w.node.surveys.Left = NewLeftovers(w.left)
		ctx, stop := context.WithCancel(t.Context())
		w.stop = stop
		go func() { defer close(w.ended); w.node.Run(ctx, func() time.Duration { return w.drain }) }()
		synctest.Wait()
		tell(w)
		stop()
		begun := time.Now()
		<-w.ended
		if took, most := time.Since(begun), w.drain+StopLimit; took > most {
			t.Errorf("Run returned %s after its end, want %s at most", took, most)
		}
		synctest.Wait()
		if open, busy := w.Open(); open != 0 || busy != 0 {
			t.Errorf("%d connections and %d requests outlive the node", open, busy)
		}
		if n := w.metric("aftercall_surveys_active"); n != 0 || w.node.Status().Active != 0 {
			t.Errorf("%v surveys in progress after the end", n)
		}
	})
}

// says sends events and waits until all that comes of them is done.
func (w *world) says(events ...string) {
	w.Send(events...)
	synctest.Wait()
}

// enters lets a caller in, until the first sound of the menu plays.
func (w *world) enters(channel string, args ...string) {
	if args == nil {
		args = []string{"v1", "agent=PJSIP/1001", "queue=support", "uniqueid=" + channel, "visit=1"}
	}
	w.says(w.Start(channel, args...))
	w.says(w.Playback("PlaybackStarted", channel, 0))
}

// reads reads a whole menu of the toy's to a channel.
func (w *world) reads(channel string) {
	for item := range 3 {
		w.says(w.Playback("PlaybackStarted", channel, item))
		w.pass(time.Second)
	}
	w.pass(time.Second)
	w.says(w.Playback("PlaybackFinished", channel, 2))
}

// pass lets time go by in the bubble.
func (w *world) pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// thanked ends the thank-you of a channel, and with it its visit.
func (w *world) thanked(channel string) {
	w.t.Helper()
	heard := slices.Contains(w.Media(channel), "sound:thank-you")
	if !heard {
		w.t.Errorf("channel %s: no thank-you is playing", channel)
	}
	w.says(w.Playback("PlaybackStarted", channel, 0))
	w.pass(time.Second)
	w.says(w.Playback("PlaybackFinished", channel, 0))
}

// metric gives the sum of a metric's series that have all the label values.
func (w *world) metric(name string, values ...string) (sum float64) {
	w.t.Helper()
	families, err := w.reg.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.Metric {
			has := 0
			for _, l := range m.Label {
				if slices.Contains(values, l.GetValue()) {
					has++
				}
			}
			if has == len(values) {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return sum
}

func (w *world) wantStory(id, want string) {
	w.t.Helper()
	if got := w.store.story(id); got != want {
		w.t.Errorf("call %s: stored %q, want %q", id, got, want)
	}
}

func (w *world) wantMetric(want float64, name string, values ...string) {
	w.t.Helper()
	if got := w.metric(name, values...); got != want {
		w.t.Errorf("%s %v = %v, want %v", name, values, got, want)
	}
}
