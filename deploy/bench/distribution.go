package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"slices"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// figures are what a scrape shows, by name.
type figures map[string]*dto.MetricFamily

// readMetrics asks a service for its metrics as Prometheus does: the text that
// people read has no native histograms.
func readMetrics(ctx context.Context, address string) (figures, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	url := "http://" + address + "/metrics"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", string(expfmt.NewFormat(expfmt.TypeProtoDelim)))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, resp.Status)
	}
	all := figures{}
	for d := expfmt.NewDecoder(resp.Body, expfmt.ResponseFormat(resp.Header)); ; {
		var f dto.MetricFamily
		switch err := d.Decode(&f); {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, fmt.Errorf("%s: %w", url, err)
		}
		all[f.GetName()] = &f
	}
}

// sum adds up the counters and gauges of a name which have all these values of
// labels.
func (f figures) sum(name string, values ...string) (total float64) {
metrics:
	for _, m := range f[name].GetMetric() {
		for _, v := range values {
			if !slices.ContainsFunc(m.GetLabel(), func(l *dto.LabelPair) bool { return l.GetValue() == v }) {
				continue metrics
			}
		}
		total += m.GetCounter().GetValue() + m.GetGauge().GetValue()
	}
	return total
}

// spread is what a native histogram holds: how many values lie in each bucket.
// Bucket i ends at 2^(i/2^schema) and begins where bucket i-1 ends.
type spread struct {
	schema  int32
	buckets map[int]int64
}

// spread reads the native histogram of a name, which has no labels and holds
// no value of 0 or less.
func (f figures) spread(name string) (spread, error) {
	if len(f[name].GetMetric()) != 1 || f[name].Metric[0].GetHistogram().GetPositiveSpan() == nil && f[name].Metric[0].GetHistogram().GetSampleCount() > 0 {
		return spread{}, fmt.Errorf("%s: want one native histogram", name)
	}
	h := f[name].Metric[0].GetHistogram()
	s := spread{schema: h.GetSchema(), buckets: map[int]int64{}}
	index, in, n := 0, 0, int64(0)
	for _, span := range h.GetPositiveSpan() {
		index += int(span.GetOffset())
		for range span.GetLength() {
			n += h.GetPositiveDelta()[in]
			s.buckets[index] = n
			index, in = index+1, in+1
		}
	}
	return s, nil
}

// coarser joins buckets until they are those of a schema.
func (s spread) coarser(schema int32) spread {
	for s.schema > schema {
		joined := map[int]int64{}
		for i, n := range s.buckets {
			joined[(i+1)>>1] += n
		}
		s = spread{s.schema - 1, joined}
	}
	return s
}

// since gives what came between an earlier reading and this one.
func (s spread) since(before spread) spread {
	schema := min(s.schema, before.schema)
	if len(before.buckets) == 0 {
		return s
	}
	s, before = s.coarser(schema), before.coarser(schema)
	came := spread{schema, maps.Clone(s.buckets)}
	for i, n := range before.buckets {
		came.buckets[i] -= n
	}
	return came
}

// with joins two spreads.
func (s spread) with(other spread) spread {
	if len(s.buckets) == 0 {
		return other
	}
	schema := min(s.schema, other.schema)
	s, other = s.coarser(schema), other.coarser(schema)
	all := spread{schema, maps.Clone(s.buckets)}
	for i, n := range other.buckets {
		all.buckets[i] += n
	}
	return all
}

func (s spread) count() (n int64) {
	for _, in := range s.buckets {
		n += in
	}
	return n
}

// quantile is the value that a share q of all values does not exceed, to the
// width of a bucket (9 % at schema 3), as Prometheus works it out: values are
// taken to lie evenly, on a scale of powers, in their bucket. NaN if there is
// no value.
func (s spread) quantile(q float64) float64 {
	left := q * float64(s.count())
	for _, i := range slices.Sorted(maps.Keys(s.buckets)) {
		n := float64(s.buckets[i])
		if n > 0 && left <= n {
			return math.Exp2((float64(i) - 1 + left/n) * math.Exp2(-float64(s.schema)))
		}
		left -= n
	}
	return math.NaN()
}
