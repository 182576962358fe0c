package bench

import (
	"bytes"
	"math"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"aftercall/deploy/lab"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"

	"github.com/prometheus/client_golang/prometheus"
)

// TestLatencyPart: in its short form the part gives every figure, of as many
// keys as there must be.
func TestLatencyPart(t *testing.T) {
	top, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	release, err := lab.Alone(top)
	if err != nil {
		t.Fatal(err)
	}
	defer release() //nolint:errcheck // the program ends
	programs := t.TempDir()
	build := exec.Command("go", "build", "-o", programs+"/", "./cmd/aftercall", "./cmd/caller")
	build.Dir = top
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var out bytes.Buffer
	s := &Suite{Top: top, Program: filepath.Join(programs, "aftercall"), Folder: t.TempDir(), Rounds: 1, Short: true, Out: &out, Log: t.Output()}
	if err := latency.Run(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	t.Log(out.String())
	tables := map[string]int{"Key to durable rating": 15, "Key to thank-you": 10, "The disk's share": 12}
	figure := regexp.MustCompile(`^  (.+?)  +([0-9.e+]+)  +[0-9.e+]+  +[0-9.e+]+  +1 `)
	of, got := "", map[string]int{}
	for line := range strings.Lines(out.String()) {
		for title := range tables {
			if strings.HasPrefix(line, title) {
				of = title
			}
		}
		m := figure.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		got[of]++
		v, err := strconv.ParseFloat(m[2], 64)
		if err != nil || v <= 0 {
			t.Errorf("%s: %s is %s, want more than 0", of, m[1], m[2])
		}
		if strings.HasPrefix(m[1], "measured") && v < 3 {
			t.Errorf("%s: %v keys, want those of 3 robots at least", m[1], v)
		}
	}
	if diff := cmp.Diff(tables, got); diff != "" {
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
