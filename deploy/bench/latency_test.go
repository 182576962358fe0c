package bench

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"

	"github.com/prometheus/client_golang/prometheus"
)

// TestLatencyPart: every figure is there, of as many keys as there must be.
func TestLatencyPart(t *testing.T) {
	got := map[string]int{}
	for _, r := range played(t, latency, 1) {
		title, _, _ := strings.Cut(r.title, ",")
		got[title]++
		if strings.HasPrefix(r.name, "measured") && r.lowest < 3 {
			t.Errorf("%+v, want the keys of 3 robots at least", r)
		}
	}
	want := map[string]int{"Key to durable rating": 15, "Key to thank-you": 10, "The disk's share: every record that somebody waits for": 12}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
}

// observed gives a native histogram with values as a scrape shows it.
func observed(t *testing.T, factor float64, values ...float64) figures {
	t.Helper()
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "h", NativeHistogramBucketFactor: factor})
	for _, v := range values {
		h.Observe(v)
	}
	var m dto.Metric
	if err := h.Write(&m); err != nil {
		t.Fatal(err)
	}
	name := "h"
	return figures{"h": {Name: &name, Metric: []*dto.Metric{&m}}}
}

// TestQuantiles: quantiles of a native histogram are those of the values, to
// the width of a bucket, also of what came between two scrapes and of what was
// counted in buckets of two widths.
func TestQuantiles(t *testing.T) {
	var early, late []float64
	for i := range 1000 {
		early = append(early, 1)
		late = append(late, 0.001*float64(i+1))
	}
	before, err := observed(t, 1.1, early...).spread("h")
	if err != nil {
		t.Fatal(err)
	}
	for _, factor := range []float64{1.1, 1.5} {
		after, err := observed(t, factor, append(early, late...)...).spread("h")
		if err != nil {
			t.Fatal(err)
		}
		came := after.since(before)
		if came.count() != 1000 {
			t.Errorf("factor %v: %d values came, want 1000", factor, came.count())
		}
		for _, q := range []float64{0.01, 0.5, 0.99} {
			want := quantile(late, q)
			if got := came.quantile(q); got < want/factor || got > want*factor {
				t.Errorf("factor %v: quantile %v is %v, want %v to the width of a bucket", factor, q, got, want)
			}
		}
		if n := came.with(before).count(); n != 2000 {
			t.Errorf("factor %v: %d values in all, want 2000", factor, n)
		}
	}
	if got := (spread{}).quantile(0.5); !math.IsNaN(got) {
		t.Errorf("quantile of nothing is %v, want none", got)
	}
	if _, err := (figures{}).spread("h"); err == nil {
		t.Error("a histogram that is not there was read")
	}
}
