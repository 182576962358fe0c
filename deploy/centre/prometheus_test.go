package centre

import (
	"context"
	"maps"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aftercall/deploy/prometheus"
	"aftercall/scoring"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
)

// TestPrometheusSeesEveryRating: callers press keys, and Prometheus' own API
// tells of each rating, by agent and by layout. The service is stopped and
// started between them, and killed as soon as the last caller of a round is gone,
// before Prometheus can have seen that one: what Prometheus makes of it over the
// whole time is what the callers did.
func TestPrometheusSeesEveryRating(t *testing.T) {
	t.Parallel()
	rows := []row{
		{name: "watched", calls: 2, acts: `[{at: 200ms, press: "1"}]`},
		{name: "watched strict", queue: Queue{Layouts: arms("strict")}, calls: 2, acts: `[{at: 200ms, press: "1"}]`},
	}
	// On the roster, so that the agents' series stand at 0 before the first call: of
	// a series that is born with a rating, the first one is no increase.
	c := openRows(t, rows, Options{Agents: 4, Teams: []string{"day"}, Listen: freeAddress(t)})
	p := c.watch(t)
	var calls []scoring.CallRow
	round := func() {
		t.Helper()
		gone := []func() []Heard{c.dial(t, rows[0]), c.dial(t, rows[1])}
		for i := range gone {
			s := scene{Centre: c, row: rows[i], heard: gone[i]()}
			s.calls = c.settled(t, s.heard)
			c.account(t, s)
			calls = append(calls, s.calls...)
		}
	}
	round()
	if err := c.StopService(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.StartService(t.Context()); err != nil {
		t.Fatal(err)
	}
	round()
	if err := c.KillService(); err != nil {
		t.Fatal(err)
	}
	if err := c.StartService(t.Context()); err != nil {
		t.Fatal(err)
	}
	round()
	byAgent, byLayout := map[string]float64{}, map[string]float64{}
	for _, r := range calls {
		q := r.Questions[0]
		byAgent[r.Call.Agent.ID+" "+q.Answer.Verdict]++
		byLayout[r.Call.Queue+" "+q.Layout+" "+q.Answer.Verdict]++
	}
	if want := map[string]float64{"watched habit satisfied": 6, "watched-strict strict dissatisfied": 6}; !maps.Equal(byLayout, want) {
		t.Fatalf("the store has %v, want %v", byLayout, want)
	}
	p.seen(t, "aftercall_agent_ratings_total", byAgent, "agent", "verdict")
	p.seen(t, "aftercall_layout_ratings_total", byLayout, "queue", "layout", "verdict")
	p.until(t, `sum(aftercall_key_durable_seconds_count)`, 4) // of one run of the service, each once
}

// freeAddress is one at which the service can listen again after a restart.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// watcher is a Prometheus over one centre.
type watcher struct{ *prometheus.Server }

// watch starts a Prometheus and waits until it has seen the service.
func (c *Centre) watch(t *testing.T) watcher {
	t.Helper()
	p, err := prometheus.Start(t.Context(), prometheus.Options{Folder: filepath.Join("..", ".."), Targets: []string{c.Address()}, Every: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), endLimit)
		defer cancel()
		if err := p.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	w := watcher{p}
	w.until(t, `count(sum by (agent) (aftercall_agent_ratings_total) == 0)`, float64(c.o.Agents))
	w.until(t, `sum(aftercall_layout_ratings_total)`, 0)
	return w
}

// until waits until a query gives a number.
func (w watcher) until(t *testing.T, query string, want float64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), endLimit)
	defer cancel()
	if _, err := w.Until(ctx, query, func(v model.Vector) bool { return len(v) == 1 && float64(v[0].Value) == want }); err != nil {
		t.Fatal(err)
	}
}

// seen: the counters of a metric began at 0, never fell, and end at what was
// done; and increase() over all of it gives the same.
//
// increase() stretches what it finds to the ends of its range, by the distance
// to the first and the last sample. It does not here: a counter that begins at 0
// is not stretched to times before, and the range ends with the last sample.
func (w watcher) seen(t *testing.T, metric string, want map[string]float64, labels ...string) {
	t.Helper()
	total := 0.0
	for _, n := range want {
		total += n
	}
	w.until(t, "sum("+metric+")", total)
	ctx, cancel := context.WithTimeout(t.Context(), endLimit)
	defer cancel()
	v, _, _, err := w.API().Query(ctx, metric+"[1h]", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	key := func(m model.Metric) string {
		var values []string
		for _, l := range labels {
			values = append(values, string(m[model.LabelName(l)]))
		}
		return strings.Join(values, " ")
	}
	got, last := map[string]float64{}, model.Time(0)
	for _, series := range v.(model.Matrix) {
		for i, x := range series.Values {
			if before := series.Values[max(i-1, 0)].Value; x.Value < before || i == 0 && x.Value != 0 {
				t.Errorf("%s: %v behind %v, want a beginning at 0 and no fall", series.Metric, x.Value, before)
			}
		}
		end := series.Values[len(series.Values)-1]
		if last = max(last, end.Timestamp); end.Value != 0 {
			got[key(series.Metric)] = float64(end.Value)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s: what Prometheus has (-done +seen):\n%s", metric, d)
	}
	increased, _, _, err := w.API().Query(ctx, "increase("+metric+"[1h]) != 0", last.Time())
	if err != nil {
		t.Fatal(err)
	}
	clear(got)
	for _, x := range increased.(model.Vector) {
		got[key(x.Metric)] = float64(x.Value)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("increase(%s): (-done +seen):\n%s", metric, d)
	}
}
