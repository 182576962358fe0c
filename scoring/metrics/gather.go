package metrics

import (
	"strconv"
	"unicode/utf8"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"
)

// Gather gives every figure of the agents who are shown, by name of the
// metric. It never fails, and reads nothing but memory. What it gives is not
// changed afterwards.
func (a *Agents) Gather() ([]*dto.MetricFamily, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.absorb()
	a.arrange()
	var s series
	all := []*dto.MetricFamily{
		family("aftercall_agent_adjusted_ratio", "Satisfied of an agent's ratings in 30 days, as if all agents' callers had heard the same menus; absent under 10 ratings.", aGauge, a.shares(&s, func(m *Mark) float64 { return m.Share })),
		family("aftercall_agent_adjusted_ratio_lower", "Lower bound (95 %) of the adjusted ratio.", aGauge, a.shares(&s, func(m *Mark) float64 { return m.Low })),
		family("aftercall_agent_adjusted_ratio_upper", "Upper bound (95 %) of the adjusted ratio.", aGauge, a.shares(&s, func(m *Mark) float64 { return m.High })),
		family("aftercall_agent_info", "Always 1; the labels say who the agent is.", aGauge, a.infos(&s)),
		family("aftercall_agent_ratings_total", "Ratings of an agent on the primary question, by verdict.", aCounter, a.totals(&s, ratings)),
		family("aftercall_agent_surveys_total", "Surveys of an agent's callers that ended, by how (outcome of the primary question).", aCounter, a.totals(&s, surveys)),
		family("aftercall_agent_tier", "How the agent's adjusted ratio stands to the others': -1 below, 0 as expected or cannot be told, 1 above; absent under 10 ratings.", aGauge, a.tiers(&s)),
		family("aftercall_agent_window_ratings", "Ratings of an agent in the window, as of the last refresh.", aGauge, a.windowed(&s, func(w WindowFigures) int64 { return w.Ratings })),
		family("aftercall_agent_window_satisfied", "Ratings in the window that count as satisfied, as of the last refresh.", aGauge, a.windowed(&s, func(w WindowFigures) int64 { return w.Satisfied })),
		family("aftercall_agents_hidden", "Agents who are not shown, by why: more than metrics.max_agents (bound), or no survey for metrics.agent_idle (idle).", aGauge, a.hiddenBy(&s)),
		family("aftercall_agents_refreshed_timestamp_seconds", "When windows and adjusted ratios were last worked out; 0 = not yet.", aGauge, a.when(&s)),
	}
	filled := all[:0]
	for _, f := range all {
		if len(f.Metric) > 0 {
			filled = append(filled, f)
		}
	}
	return filled, nil
}

func (a *Agents) infos(s *series) (out []*dto.Metric) {
	out = make([]*dto.Metric, 0, len(a.shown))
	for _, r := range a.shown {
		out = append(out, s.gauge(1, r.info...))
	}
	return out
}

func (a *Agents) totals(s *series, kind int) []*dto.Metric {
	out := make([]*dto.Metric, 0, 6*len(a.shown))
	for _, r := range a.shown {
		for _, c := range r.counts[kind] {
			out = append(out, s.counter(float64(c.n), r.info[0], c.label))
		}
	}
	return out
}

// windowed gives nothing before the first refresh, and nothing of agents who
// were merged: the ratings of their days count for another.
func (a *Agents) windowed(s *series, value func(WindowFigures) int64) []*dto.Metric {
	out := make([]*dto.Metric, 0, len(a.windows)*len(a.shown))
	for _, r := range a.shown {
		for i, window := range a.windows {
			var w WindowFigures
			if i < len(r.figures.Windows) {
				w = r.figures.Windows[i]
			}
			if !r.merged {
				out = append(out, s.gauge(float64(value(w)), r.info[0], window))
			}
		}
	}
	return out
}

func (a *Agents) shares(s *series, value func(*Mark) float64) []*dto.Metric {
	out := make([]*dto.Metric, 0, len(a.shown))
	for _, r := range a.shown {
		if m := r.figures.Mark; m != nil && m.Known && !r.merged {
			out = append(out, s.gauge(value(m), r.info[0]))
		}
	}
	return out
}

func (a *Agents) tiers(s *series) []*dto.Metric {
	out := make([]*dto.Metric, 0, len(a.shown))
	for _, r := range a.shown {
		if m := r.figures.Mark; m != nil && !r.merged {
			out = append(out, s.gauge(float64(m.Tier), r.info[0]))
		}
	}
	return out
}

func (a *Agents) hiddenBy(s *series) (out []*dto.Metric) {
	for _, reason := range []string{Bound, Idle} {
		out = append(out, s.gauge(float64(a.hidden[reason]), a.pair("reason", reason)))
	}
	return out
}

func (a *Agents) when(s *series) []*dto.Metric {
	var at float64
	if !a.refreshed.IsZero() {
		at = float64(a.refreshed.UnixMilli()) / 1000
	}
	return []*dto.Metric{s.gauge(at)}
}

// pair makes a label. A value that is no text gets its bad bytes written out:
// it must not fail the scrape of all others.
func pair(name, value string) *dto.LabelPair {
	if !utf8.ValidString(value) {
		value = strconv.Quote(value)
		value = value[1 : len(value)-1]
	}
	return &dto.LabelPair{Name: proto.String(name), Value: proto.String(value)}
}

// pair finds a label that agents share, or makes it.
func (a *Agents) pair(name, value string) *dto.LabelPair {
	key := [2]string{name, value}
	if a.pairs[key] == nil {
		a.pairs[key] = pair(name, value)
	}
	return a.pairs[key]
}

var (
	aGauge   = dto.MetricType_GAUGE.Enum()
	aCounter = dto.MetricType_COUNTER.Enum()
)

func family(name, help string, kind *dto.MetricType, metrics []*dto.Metric) *dto.MetricFamily {
	return &dto.MetricFamily{Name: &name, Help: &help, Type: kind, Metric: metrics}
}

// series makes metrics in blocks: an allocation of its own for each of five
// parts of 160,000 metrics would take longer than the rest of a scrape.
type series struct {
	metrics  []dto.Metric
	gauges   []dto.Gauge
	counters []dto.Counter
	values   []float64
	labels   []*dto.LabelPair
}

// block is how many are made at a time.
const block = 1024

// next takes the next of a block.
func next[T any](left *[]T) *T {
	if len(*left) == 0 {
		*left = make([]T, block)
	}
	one := &(*left)[0]
	*left = (*left)[1:]
	return one
}

func (s *series) metric(labels []*dto.LabelPair) *dto.Metric {
	m := next(&s.metrics)
	if len(s.labels) < len(labels) {
		s.labels = make([]*dto.LabelPair, block)
	}
	n := copy(s.labels, labels)
	m.Label, s.labels = s.labels[:n:n], s.labels[n:]
	return m
}

func (s *series) gauge(v float64, labels ...*dto.LabelPair) *dto.Metric {
	m, g, value := s.metric(labels), next(&s.gauges), next(&s.values)
	*value, g.Value, m.Gauge = v, value, g
	return m
}

func (s *series) counter(v float64, labels ...*dto.LabelPair) *dto.Metric {
	m, c, value := s.metric(labels), next(&s.counters), next(&s.values)
	*value, c.Value, m.Counter = v, value, c
	return m
}
