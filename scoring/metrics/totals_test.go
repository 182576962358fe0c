package metrics

import (
	"bytes"
	"flag"
	"io"
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"aftercall/ivr/layout"
	"aftercall/scoring"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden files")

// kept are totals as a store holds them.
func kept() []scoring.Total {
	of := func(kind scoring.Kind, label string, n int64) scoring.Total {
		s := scoring.Series{Kind: kind, Layout: "habit", Label: label}
		switch kind {
		case scoring.LayoutOutcome, scoring.LayoutVerdict:
			s.Question, s.Queue = "service", "support"
		case scoring.AgentOutcome, scoring.AgentVerdict:
			s.Layout, s.Agent = "", "王芳"
		}
		return scoring.Total{Series: s, N: n}
	}
	return []scoring.Total{
		of(scoring.LayoutOutcome, "rated", 5), of(scoring.LayoutOutcome, "hangup", 0), of(scoring.LayoutVerdict, "satisfied", 5),
		of(scoring.LayoutKey, "1", 5), of(scoring.LayoutWrong, "7", 2), of(scoring.LayoutWrong, "*", 1),
		of(scoring.LayoutHangup, "0", 0), of(scoring.LayoutHangup, "2", 3),
		of(scoring.LayoutMS, "", 12_345), of(scoring.LayoutBucket, "-8", 1), of(scoring.LayoutBucket, "0", 2), of(scoring.LayoutBucket, "9", 2),
		of(scoring.AgentOutcome, "rated", 5), of(scoring.AgentOutcome, "error", 1), of(scoring.AgentVerdict, "satisfied", 5),
		of("of a later version", "x", 99), of(scoring.LayoutBucket, "no number", 99),
		{Series: scoring.Series{Kind: scoring.LayoutMS, Layout: "not used yet"}},
	}
}

func gather(t testing.TB, c ...prometheus.Collector) []*dto.MetricFamily {
	t.Helper()
	reg := prometheus.NewPedanticRegistry()
	reg.MustRegister(c...)
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	return families
}

// menu is a catalogue of one layout.
func menu() layout.Catalogue {
	return layout.Catalogue{
		Scales:    []layout.Scale{{Name: "three", Verdicts: []layout.Verdict{{ID: "dissatisfied"}, {ID: "satisfied", Satisfied: true}}}},
		Questions: []layout.Question{{Name: "service", Scale: "three"}},
		Layouts:   []layout.Layout{{Name: "habit", Question: "service", Options: []layout.Option{{Key: "1", Verdict: "satisfied"}, {Key: "3", Verdict: "dissatisfied"}}}},
	}
}

// TestExposition compares what Prometheus reads with a golden text, and has
// promtool read it.
func TestExposition(t *testing.T) {
	var splits Splits
	splits.Set([]scoring.Epoch{{Queue: "support", Question: "service", StartedAt: clock}}, map[string]map[string]float64{"spring": {"support": 0.5}})
	reg := prometheus.NewPedanticRegistry()
	reg.MustRegister(Layouts{kept}, Menus{menu}, &splits, Spill{func() SpillStats { return SpillStats{1, 2, 3, 4, 5} }})
	agents := newAgents(func(uint64) ([]scoring.Total, uint64) { return kept(), 1 })
	agents.Configure(AgentPolicy{Roster: []scoring.RosterAgent{{ID: "王芳", Name: "Wang \"Fang\"\n", Team: "早班"}}, Names: true, Max: 10})
	agents.Refresh([]string{"30d"}, map[string]AgentFigures{"王芳": {Windows: []WindowFigures{{12, 9}}, Mark: &Mark{true, 0.75, 0.5, 0.875, -1}}}, clock)
	families, err := prometheus.Gatherers{reg, agents}.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	encoder := expfmt.NewEncoder(&got, expfmt.NewFormat(expfmt.TypeTextPlain))
	for _, f := range families {
		if err := encoder.Encode(f); err != nil {
			t.Fatal(err)
		}
	}
	const golden = "testdata/exposition.golden"
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Error(err)
	}
	if d := cmp.Diff(string(want), got.String()); d != "" {
		t.Errorf("exposition differs (-want +got):\n%s", d)
	}
	check := exec.CommandContext(t.Context(), "promtool", "check", "metrics")
	check.Stdin = &got
	if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
}

// TestServiceLints has the linter read the service's own figures.
func TestServiceLints(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	s := NewService(reg)
	Build(reg, "dev")
	s.Connected("node1", true)
	s.Request("play", OK, 1)
	s.Argument("queue")
	s.Replaced("node1")
	s.Wrote(1)
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("linter: %v, %v", problems, err)
	}
}

// TestBornAtZero: series of closed lists stand before their first event.
func TestBornAtZero(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	NewService(reg).Node("node1")
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, f := range families {
		got[f.GetName()] = len(f.Metric)
	}
	for name, want := range map[string]int{
		"aftercall_calls_ended_total": len(scoring.Reasons), "aftercall_calls_unasked_total": 6, "aftercall_ari_events_total": 4,
		"aftercall_argument_faults_total": len(Arguments), "aftercall_ari_requests_total": 8 * 4,
		"aftercall_ari_connected": 1, "aftercall_ari_replaced_total": 1, "aftercall_calls_recovered_total": 3,
	} {
		if got[name] != want {
			t.Errorf("%s has %d series at the start, want %d", name, got[name], want)
		}
	}
}

// TestHistogram: whatever was counted, the classic buckets agree with the
// native ones, and both survive the way to Prometheus.
func TestHistogram(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		times := rapid.SliceOfN(rapid.Int64Range(0, 200_000), 0, 40).Draw(rt, "press times")
		counts, sum := map[string]int64{}, int64(0)
		for _, ms := range times {
			counts[strconv.Itoa(scoring.SecondsBucket(ms))]++
			sum += ms
		}
		totals := []scoring.Total{{Series: scoring.Series{Kind: scoring.LayoutMS, Layout: "habit"}, N: sum}}
		for label, n := range counts {
			totals = append(totals, scoring.Total{Series: scoring.Series{Kind: scoring.LayoutBucket, Layout: "habit", Label: label}, N: n})
		}
		h := travel(rt, gather(t, Layouts{func() []scoring.Total { return totals }})[0])
		if h.GetSampleCount() != uint64(len(times)) || h.GetSampleSum() != float64(sum)/1000 {
			rt.Fatalf("count %d, sum %v, want %d and %v", h.GetSampleCount(), h.GetSampleSum(), len(times), float64(sum)/1000)
		}
		native := spread(h)
		for _, b := range h.Bucket {
			var within, classic uint64
			for i, n := range native {
				if math.Exp2(float64(i)/8) <= b.GetUpperBound()*(1+1e-9) {
					within += n
				}
			}
			for _, ms := range times {
				if float64(max(ms, 1))/1000 <= b.GetUpperBound() {
					classic++
				}
			}
			if b.GetCumulativeCount() != classic || within != classic {
				rt.Fatalf("up to %v s: classic bucket %d, native buckets %d, want %d", b.GetUpperBound(), b.GetCumulativeCount(), within, classic)
			}
		}
	})
}

// travel sends a family through the form in which Prometheus fetches native
// histograms.
func travel(t *rapid.T, f *dto.MetricFamily) *dto.Histogram {
	var wire bytes.Buffer
	format := expfmt.NewFormat(expfmt.TypeProtoDelim)
	if err := expfmt.NewEncoder(&wire, format).Encode(f); err != nil {
		t.Fatal(err)
	}
	var back dto.MetricFamily
	d := expfmt.NewDecoder(&wire, format)
	if err := d.Decode(&back); err != nil {
		t.Fatal(err)
	}
	if err := d.Decode(&dto.MetricFamily{}); err != io.EOF {
		t.Fatalf("more than one family on the wire: %v", err)
	}
	return back.Metric[0].GetHistogram()
}

// spread gives the native buckets by index, as a reader counts them.
func spread(h *dto.Histogram) map[int]uint64 {
	out := map[int]uint64{}
	index, at, n := 0, 0, int64(0)
	for _, s := range h.PositiveSpan {
		index += int(s.GetOffset())
		for range s.GetLength() {
			n += h.PositiveDelta[at]
			out[index] += uint64(n)
			at++
			index++
		}
	}
	return out
}

// TestHistogramEmpty: before the first answer the histogram is there, at 0,
// and known as a native one.
func TestHistogramEmpty(t *testing.T) {
	f := gather(t, Layouts{func() []scoring.Total {
		return []scoring.Total{{Series: scoring.Series{Kind: scoring.LayoutMS, Layout: "habit"}}}
	}})
	h := f[0].Metric[0].GetHistogram()
	if len(f) != 1 || h.GetSampleCount() != 0 || h.GetSampleSum() != 0 || len(h.PositiveSpan) != 1 || h.GetSchema() != scoring.BucketSchema {
		t.Errorf("empty histogram %v", h)
	}
	if f := gather(t, Layouts{func() []scoring.Total { return nil }}); len(f) != 0 {
		t.Errorf("no totals give %v, want nothing", f)
	}
}

// TestLabelThatIsNoText: such a label fails the scrape and names itself; it
// must not end the service.
func TestLabelThatIsNoText(t *testing.T) {
	reg := prometheus.NewRegistry()
	reg.MustRegister(Layouts{func() []scoring.Total {
		return []scoring.Total{{Series: scoring.Series{Kind: scoring.LayoutWrong, Layout: "habit", Label: "\xff"}, N: 1}}
	}})
	if _, err := reg.Gather(); err == nil || !strings.Contains(err.Error(), `"\xff"`) {
		t.Errorf("gathered with %v, want an error that names the label", err)
	}
}
