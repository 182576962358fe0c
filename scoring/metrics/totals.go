package metrics

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"aftercall/scoring"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"
)

var (
	layoutSurveys = prometheus.NewDesc("aftercall_layout_surveys_total", "Questions that ended, by how (outcome).", []string{"question", "layout", "queue", "outcome"}, nil)
	layoutRatings = prometheus.NewDesc("aftercall_layout_ratings_total", "Ratings by verdict.", []string{"question", "layout", "queue", "verdict"}, nil)
	layoutKeys    = prometheus.NewDesc("aftercall_layout_keypresses_total", "Keys received; valid = the key meant something where it came.", []string{"layout", "key", "valid"}, nil)
	layoutHangups = prometheus.NewDesc("aftercall_layout_hangups_total", "Callers who hung up while the menu stood, by how many options they had heard.", []string{"layout", "heard"}, nil)
	answerSeconds = prometheus.NewDesc("aftercall_answer_seconds", "Time from the start of a reading of the menu to the accepted key.", []string{"layout"}, nil)
)

// classic are the bounds of the classic buckets, in seconds: powers of two,
// so that each is also a bound of the native buckets that the store counts.
var classic = []float64{0.25, 0.5, 1, 2, 4, 8, 16, 32, 64}

// Layouts collects the totals by layout from a source that answers from
// memory. Totals survive restarts, so the counters do.
type Layouts struct{ Source func() []scoring.Total }

// Describe names the metrics.
func (Layouts) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{layoutSurveys, layoutRatings, layoutKeys, layoutHangups, answerSeconds} {
		ch <- d
	}
}

// Collect sends every total of a layout.
func (l Layouts) Collect(ch chan<- prometheus.Metric) {
	times := map[string]*answerTime{}
	of := func(layout string) *answerTime {
		if times[layout] == nil {
			times[layout] = &answerTime{layout: layout, buckets: map[int]int64{}}
		}
		return times[layout]
	}
	for _, t := range l.Source() {
		n := float64(t.N)
		switch t.Kind {
		case scoring.LayoutOutcome:
			send(ch, layoutSurveys, prometheus.CounterValue, n, t.Question, t.Layout, t.Queue, t.Label)
		case scoring.LayoutVerdict:
			send(ch, layoutRatings, prometheus.CounterValue, n, t.Question, t.Layout, t.Queue, t.Label)
		case scoring.LayoutKey:
			send(ch, layoutKeys, prometheus.CounterValue, n, t.Layout, t.Label, "true")
		case scoring.LayoutWrong:
			send(ch, layoutKeys, prometheus.CounterValue, n, t.Layout, t.Label, "false")
		case scoring.LayoutHangup:
			send(ch, layoutHangups, prometheus.CounterValue, n, t.Layout, t.Label)
		case scoring.LayoutMS:
			of(t.Layout).ms = t.N
		case scoring.LayoutBucket:
			if i, err := strconv.Atoi(t.Label); err == nil {
				of(t.Layout).buckets[i] += t.N
			}
		}
	}
	for _, t := range times {
		ch <- t
	}
}

// send sends one figure. A label that is no text fails this scrape with an
// error that names it; a panic in a collector would end the service.
func send(ch chan<- prometheus.Metric, d *prometheus.Desc, kind prometheus.ValueType, v float64, labels ...string) {
	m, err := prometheus.NewConstMetric(d, kind, v, labels...)
	if err != nil {
		m = prometheus.NewInvalidMetric(d, err)
	}
	ch <- m
}

// answerTime is one layout's histogram, classic and native at once, made from
// the native buckets that the store counts.
type answerTime struct {
	layout  string
	ms      int64
	buckets map[int]int64 // by scoring.SecondsBucket
}

// Desc names the metric.
func (*answerTime) Desc() *prometheus.Desc { return answerSeconds }

// Write fills in both forms of the histogram.
func (t *answerTime) Write(out *dto.Metric) error {
	out.Label = []*dto.LabelPair{{Name: proto.String("layout"), Value: proto.String(t.layout)}}
	h := &dto.Histogram{
		SampleSum: proto.Float64(float64(t.ms) / 1000),
		Schema:    proto.Int32(scoring.BucketSchema), ZeroThreshold: proto.Float64(0), ZeroCount: proto.Uint64(0),
	}
	var total uint64
	for _, n := range t.buckets {
		total += uint64(n)
	}
	h.SampleCount = proto.Uint64(total)
	for _, bound := range classic {
		last := int(math.Round(math.Log2(bound) * (1 << scoring.BucketSchema)))
		var n uint64
		for i, c := range t.buckets {
			if i <= last {
				n += uint64(c)
			}
		}
		h.Bucket = append(h.Bucket, &dto.Bucket{UpperBound: proto.Float64(bound), CumulativeCount: proto.Uint64(n)})
	}
	t.native(h)
	out.Histogram = h
	return nil
}

// native writes the buckets as spans of neighbours and the differences
// between their counts.
func (t *answerTime) native(h *dto.Histogram) {
	indexes := make([]int, 0, len(t.buckets))
	for i := range t.buckets {
		indexes = append(indexes, i)
	}
	slices.SortFunc(indexes, cmp.Compare)
	var before int64
	for at, i := range indexes {
		switch {
		case at == 0:
			h.PositiveSpan = append(h.PositiveSpan, &dto.BucketSpan{Offset: proto.Int32(int32(i)), Length: proto.Uint32(0)})
		case i != indexes[at-1]+1:
			h.PositiveSpan = append(h.PositiveSpan, &dto.BucketSpan{Offset: proto.Int32(int32(i - indexes[at-1] - 1)), Length: proto.Uint32(0)})
		}
		last := h.PositiveSpan[len(h.PositiveSpan)-1]
		*last.Length++
		h.PositiveDelta = append(h.PositiveDelta, t.buckets[i]-before)
		before = t.buckets[i]
	}
	if len(indexes) == 0 {
		// A native histogram without observations is told by an empty span.
		h.PositiveSpan = []*dto.BucketSpan{{Offset: proto.Int32(0), Length: proto.Uint32(0)}}
	}
}
