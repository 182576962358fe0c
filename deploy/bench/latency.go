package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"aftercall/deploy/centre"
)

// latency measures what a caller waits for behind the key, on a real Asterisk
// with the real program, with 1, 50 and 200 surveys in progress.
//
// Key to durable is the service's own aftercall_key_durable_seconds, of every
// key of that time: from the arrival of the event of the accepted key to the
// receipt of the durable rating. Beside it stands what each record that somebody
// waits for took in the store, and a bare write and sync of another file of the
// same disk: that nobody who promises the same can do without.
//
// Key to thank-you is measured by robots, from when they send the packet that
// ends the key, which is when Asterisk tells of it, to when the first packet of
// the thank-you comes. So the way over the network and Asterisk's own share are
// in it; the pause before the thank-you, which the layouts set, is not.
//
// With 1 survey in progress a robot calls alone. Else SIPp, which neither
// decodes nor measures, keeps up all calls but a handful, who are the robots;
// all of them work on the same processors as Asterisk and the service.
var latency = Part{"latency", "from the key to the durable rating, and to the thank-you that the caller hears", runLatency}

// level is a number of surveys in progress, and what was measured there.
type level struct {
	surveys int // wanted
	crowd   int // calls of SIPp among them
	robots  centre.Callers

	inProgress, keys Series
	all              map[string]spread // of all rounds, by metric
	allWaits         []float64         // ms, of all rounds
	deaf             int               // robots, of all rounds
	waits, syncs     quantiles
	metrics          map[string]*quantiles
}

// quantiles are two figures of each round, in ms.
type quantiles struct{ half, most Series }

const (
	mostDeaf    = 0.1 // of the robots of a round
	durableName = "aftercall_key_durable_seconds"
	writeName   = "aftercall_store_write_seconds"
)

// levels are those at which is measured.
func levels(s *Suite) []*level {
	var all []*level
	for _, n := range Pick(s, []int{1, 50, 200}, []int{1, 5, 10}) {
		l := &level{surveys: n, all: map[string]spread{}, metrics: map[string]*quantiles{durableName: {}, writeName: {}},
			robots: centre.Callers{Number: robotsNumber, Personas: atOnce, Tones: []int{thanksHz}, Calls: Pick(s, 60, 3), Rate: 100, AtOnce: 1}}
		if n > 1 {
			l.robots.Rate, l.robots.AtOnce = Pick(s, 7.0, 3.0), 5
			l.crowd = (n - 4) * 8 / 7 // at any time an eighth of calls is before its survey or behind it
		}
		all = append(all, l)
	}
	return all
}

func runLatency(ctx context.Context, s *Suite) (err error) {
	st, err := openLatencyStage(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.close(context.WithoutCancel(ctx))) }()
	all := levels(s)
	for round := range s.Rounds {
		for _, l := range all {
			s.Say("%d in progress: round %d of %d", l.surveys, round+1, s.Rounds)
			if err := l.measure(ctx, st, Pick(s, 5500*time.Millisecond, 1500*time.Millisecond)); err != nil {
				return fmt.Errorf("%d surveys in progress, round %d: %w\n%s", l.surveys, round+1, err, st.faults())
			}
		}
	}
	if err := st.complete(ctx, all); err != nil {
		return err
	}
	return errors.Join(printDurable(s, all), printHeard(s, all), printStore(s, all))
}

// complete sees that every survey ended as it should. A deaf robot may have
// said nothing.
func (st *latencyStage) complete(ctx context.Context, all []*level) error {
	f, err := readMetrics(ctx, st.Address())
	if err != nil {
		return err
	}
	deaf := 0
	for _, l := range all {
		deaf += l.deaf
	}
	if ended, well := f.sum("aftercall_calls_ended_total"), f.sum("aftercall_calls_ended_total", "completed"); ended-well > float64(deaf) {
		return fmt.Errorf("%v of %v surveys were not completed, and %d robots were deaf\n%s", ended-well, ended, deaf, st.faults())
	}
	return nil
}

// measure makes one round.
func (l *level) measure(ctx context.Context, st *latencyStage, listens time.Duration) error {
	if err := st.gather(ctx, l.crowd, listens); err != nil {
		return err
	}
	before, err := readMetrics(ctx, st.Address())
	if err != nil {
		return err
	}
	watched := st.watch(ctx)
	heard, err := st.Call(ctx, l.robots)
	seen, syncs, watchErr := watched()
	if err := errors.Join(err, watchErr); err != nil {
		return err
	}
	after, err := readMetrics(ctx, st.Address())
	if err != nil {
		return err
	}
	l.inProgress.Add(Series{Values: seen}.Median())
	l.syncs.add(quantile(syncs, 0.5), quantile(syncs, 0.99))
	if err := errors.Join(l.heard(heard), l.counted(before, after)); err != nil {
		return err
	}
	return st.disperse(ctx)
}

// heard takes what the robots tell. On a busy machine some are deaf: who does
// not know the agent's tone presses nothing, who does not know that of the
// thank-you cannot tell when it came. These are left out.
func (l *level) heard(all []centre.Heard) error {
	var waits []float64
	var last centre.Heard
	for _, h := range all {
		i := slices.IndexFunc(h.Segments, func(g centre.Segment) bool { return g.Kind == "tone" && g.Hz == thanksHz })
		if i < 0 || len(h.Visits) == 0 || len(h.Visits[0].Presses) != 1 {
			last = h
			continue
		}
		waits = append(waits, float64(h.Segments[i].CameUS-h.Visits[0].Presses[0].SentUS)/1000)
	}
	deaf := len(all) - len(waits)
	if l.deaf += deaf; float64(deaf) > mostDeaf*float64(len(all)) {
		return fmt.Errorf("%d of %d robots did not hear a thank-you, or were deaf; the last one: %+v", deaf, len(all), last)
	}
	l.allWaits = append(l.allWaits, waits...)
	l.waits.add(quantile(waits, 0.5), quantile(waits, 0.99))
	return nil
}

// counted takes what the service measured between two scrapes.
func (l *level) counted(before, after figures) error {
	for name, q := range l.metrics {
		was, err := before.spread(name)
		is, err2 := after.spread(name)
		if err := errors.Join(err, err2); err != nil {
			return err
		}
		came := is.since(was)
		q.add(1000*came.quantile(0.5), 1000*came.quantile(0.99))
		l.all[name] = came.with(l.all[name])
		if name == durableName {
			l.keys.Add(float64(came.count()))
		}
	}
	return nil
}

func (q *quantiles) add(half, most float64) {
	q.half.Add(half)
	q.most.Add(most)
}

// rows are the two figures of each level, by rounds, and the second one over all
// rounds: of few values in a round it is the slowest.
func rows(all []*level, of func(*level) (quantiles, float64), most float64) (figures []Series) {
	first, last := math.NaN(), math.NaN()
	for i, l := range all {
		q, overall := of(l)
		q.half.Name, q.half.Unit = fmt.Sprintf("p50, %d in progress", l.surveys), "ms"
		q.most.Name, q.most.Unit = fmt.Sprintf("p99 of a round, %d in progress", l.surveys), "ms"
		whole := Series{Name: fmt.Sprintf("p99, %d in progress, all rounds as one", l.surveys), Unit: "ms", Values: []float64{overall}}
		if last = overall; i == 0 {
			first = overall
		}
		if i == len(all)-1 {
			whole.AtMost = most
		}
		figures = append(figures, q.half, q.most, whole)
	}
	return append(figures, Series{Name: fmt.Sprintf("p99, %d to %d in progress", all[len(all)-1].surveys, all[0].surveys), Values: []float64{last / first}})
}

func printDurable(s *Suite, all []*level) error {
	figures := rows(all, func(l *level) (quantiles, float64) {
		return *l.metrics[durableName], 1000 * l.all[durableName].quantile(0.99)
	}, 10)
	for _, l := range all {
		l.keys.Name, l.keys.Unit = fmt.Sprintf("measured, %d in progress", l.surveys), "keys/round"
		l.inProgress.Name, l.inProgress.Unit = fmt.Sprintf("in progress, where %d should be", l.surveys), "surveys"
		figures = append(figures, l.keys)
		if l.crowd > 0 {
			figures = append(figures, l.inProgress)
		}
	}
	return s.Print("Key to durable rating, by the service itself", figures...)
}

func printHeard(s *Suite, all []*level) error {
	deaf := 0
	for _, l := range all {
		deaf += l.deaf
	}
	return s.Print(fmt.Sprintf("Key to thank-you, as %d robots a round hear it; without the pause that layouts set; %d of all robots were deaf", all[0].robots.Calls, deaf),
		rows(all, func(l *level) (quantiles, float64) { return l.waits, quantile(l.allWaits, 0.99) }, 0)...)
}

func printStore(s *Suite, all []*level) error {
	var figures []Series
	for _, l := range all {
		for _, f := range []struct {
			name string
			of   quantiles
		}{{"a record in the store", *l.metrics[writeName]}, {"a bare write and sync", l.syncs}} {
			f.of.half.Name, f.of.half.Unit = fmt.Sprintf("%s, p50, %d in progress", f.name, l.surveys), "ms"
			f.of.most.Name, f.of.most.Unit = fmt.Sprintf("%s, p99, %d in progress", f.name, l.surveys), "ms"
			figures = append(figures, f.of.half, f.of.most)
		}
	}
	return s.Print(fmt.Sprintf("The disk's share: every record that somebody waits for, beside %d kB written to another file and synced 10 times a second", commitSize>>10), figures...)
}

// quantile is the smallest value that a share q of all does not exceed. NaN if
// there is none.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[max(int(math.Ceil(q*float64(len(sorted))))-1, 0)]
}
