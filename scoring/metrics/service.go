// Package metrics shows what the store counts and how the service fares to
// Prometheus.
//
// The way in: [NewService] registers the service's own figures, which the
// parts of the program advance; [Layouts] collects the cumulative totals of the
// store at each scrape, [Menus] what the configuration says, [Splits] what is
// worked out of experiments. [Agents] gathers everything of agents, for a path
// of its own. The registry is always handed in. Label values come from closed
// lists, from the configuration, or, for agents, from a bounded set.
package metrics

import (
	"runtime/debug"
	"time"

	"aftercall/scoring"

	"github.com/prometheus/client_golang/prometheus"
)

// Service are the figures of the service itself.
type Service struct {
	connected *prometheus.GaugeVec
	active    prometheus.Gauge
	requests  *prometheus.CounterVec
	latency   prometheus.Histogram
	events    *prometheus.CounterVec
	arguments *prometheus.CounterVec
	ended     *prometheus.CounterVec
	unasked   *prometheus.CounterVec
	recovered *prometheus.CounterVec
	replaced  *prometheus.CounterVec
	removed   *prometheus.CounterVec
	write     prometheus.Histogram
	durable   prometheus.Histogram
	reload    prometheus.Gauge
	reloaded  prometheus.Gauge
}

// Results of an ARI request.
const (
	OK      = "ok"
	Gone    = "gone" // 404: the channel or playback is there no more
	Refused = "refused"
	NoReply = "no_reply"
)

// Operations that are requested of Asterisk.
const (
	Play        = "play"
	Stop        = "stop" // of a playback
	Continue    = "continue"
	Application = "application" // who is in ours
	Filter      = "filter"      // of events
	Channel     = "channel"     // who is on one
	Variable    = "variable"    // of a channel
	Info        = "info"        // about Asterisk
)

// Arguments are the names of the dialplan's arguments that can be at fault.
// "other" is whatever is no key=value, or is doubled.
var Arguments = []string{"version", "uniqueid", "visit", "agent", "agentname", "agentid", "queue", "linkedid", "language", "codec", "talk", "test",
	"before", "dialled", "peer", "attended", "hungup", "told", "other"}

// What became of an ARI event.
const (
	Handled     = "handled"
	Ignored     = "ignored"     // of a type or a call that is not ours
	Undecodable = "undecodable" // not what ARI promises
	Dropped     = "dropped"     // a queue was full
)

// Why a caller in the application was not asked.
const (
	Known      = "known"       // the call with this visit was asked already
	Leftover   = "leftover"    // found in the application without a survey, and Asterisk did not say whose
	Overloaded = "overloaded"  // more surveys in progress than the bound
	Unusable   = "unusable_id" // no id to keep the call under
	Stopping   = "stopping"    // the service is being stopped
	Unheard    = "unheard"     // the event of the entry could not be read, or was dropped
)

// What became of the calls that an earlier run left open.
const (
	Resumed  = "resumed"   // the survey was taken up again
	Released = "released"  // the caller was there, and was asked nothing more
	NotThere = "not_there" // closed: the caller was not in the application any more
)

// NewService registers the service's figures. It panics if they are on the
// registry already.
func NewService(reg prometheus.Registerer) *Service {
	s := &Service{
		connected: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "aftercall_ari_connected", Help: "1 while the event connection to the Asterisk node stands."}, []string{"node"}),
		active:    prometheus.NewGauge(prometheus.GaugeOpts{Name: "aftercall_surveys_active", Help: "Surveys in progress."}),
		requests:  counter("aftercall_ari_requests_total", "Requests to Asterisk by operation and result (ok, gone, refused, no_reply).", "operation", "result"),
		latency:   prometheus.NewHistogram(prometheus.HistogramOpts{Name: "aftercall_ari_request_seconds", Help: "Time that requests to Asterisk took.", Buckets: prometheus.ExponentialBuckets(0.001, 2, 12)}),
		events:    counter("aftercall_ari_events_total", "Events from Asterisk by what became of them (handled, ignored, undecodable, dropped).", "result"),
		arguments: counter("aftercall_argument_faults_total", "Calls whose dialplan arguments could not be used as they came, by argument.", "argument"),
		ended:     counter("aftercall_calls_ended_total", "Calls that were to be asked, by why they ended; with reason store also those that were not asked because the store failed.", "reason"),
		unasked:   counter("aftercall_calls_unasked_total", "Callers who came and were sent on without being asked, by reason.", "reason"),
		recovered: counter("aftercall_calls_recovered_total", "Calls that an earlier run left open, by what became of them (resumed, released, not_there).", "result"),
		replaced:  counter("aftercall_ari_replaced_total", "Times another client took our application's name on the Asterisk node.", "node"),
		removed:   counter("aftercall_calls_removed_total", "Calls that were removed from the store, by why (retention, erasure); their totals stay.", "why"),
		write: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "aftercall_store_write_seconds", Help: "Time until a record was durable that somebody waited for: all but the end of a call with nothing else in it.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 12), NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 100,
		}),
	}
	s.durable = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "aftercall_key_durable_seconds", Help: "Time from the arrival of a key that settles a rating until the rating was durable; only then is the caller thanked.",
		Buckets: []float64{0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5}, NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 100,
	})
	s.reload = prometheus.NewGauge(prometheus.GaugeOpts{Name: "aftercall_config_last_reload_successful", Help: "1 if the last reading of the configuration went well, 0 if the one before stays in force."})
	s.reloaded = prometheus.NewGauge(prometheus.GaugeOpts{Name: "aftercall_config_last_reload_success_timestamp_seconds", Help: "When the configuration in force was read."})
	reg.MustRegister(s.reload, s.reloaded, s.connected, s.active, s.requests, s.latency, s.events, s.arguments, s.ended, s.unasked, s.recovered, s.replaced, s.removed, s.write, s.durable)
	// Series of closed lists stand at 0 from the start: one that is born at 1
	// loses its first increase.
	for _, r := range scoring.Reasons {
		s.ended.WithLabelValues(string(r))
	}
	for _, r := range []string{Known, Leftover, Overloaded, Unusable, Stopping, Unheard} {
		s.unasked.WithLabelValues(r)
	}
	for _, r := range []string{Resumed, Released, NotThere} {
		s.recovered.WithLabelValues(r)
	}
	for _, r := range scoring.Removals {
		s.removed.WithLabelValues(r)
	}
	for _, r := range []string{Handled, Ignored, Undecodable, Dropped} {
		s.events.WithLabelValues(r)
	}
	for _, a := range Arguments {
		s.arguments.WithLabelValues(a)
	}
	for _, o := range []string{Play, Stop, Continue, Application, Filter, Channel, Variable, Info} {
		for _, r := range []string{OK, Gone, Refused, NoReply} {
			s.requests.WithLabelValues(o, r)
		}
	}
	return s
}

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

// Build registers aftercall_build_info with the program's version.
func Build(reg prometheus.Registerer, version string) {
	goVersion := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		goVersion = info.GoVersion
	}
	reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "aftercall_build_info", Help: "Always 1; the labels say what is running.",
		ConstLabels: prometheus.Labels{"version": version, "goversion": goVersion},
	}, func() float64 { return 1 }))
}

// Node declares a node: not connected, and its application's name never
// taken by another.
func (s *Service) Node(node string) {
	s.Connected(node, false)
	s.replaced.WithLabelValues(node)
}

// Forget takes a node that is not there any more out of the figures.
func (s *Service) Forget(node string) {
	s.connected.DeleteLabelValues(node)
	s.replaced.DeleteLabelValues(node)
}

// Reloaded says whether a configuration was put in force.
func (s *Service) Reloaded(well bool, at time.Time) {
	if !well {
		s.reload.Set(0)
		return
	}
	s.reload.Set(1)
	s.reloaded.Set(float64(at.UnixMilli()) / 1000)
}

// Connected says whether the event connection to a node stands.
func (s *Service) Connected(node string, up bool) {
	v := 0.0
	if up {
		v = 1
	}
	s.connected.WithLabelValues(node).Set(v)
}

// Active adds to the surveys in progress.
func (s *Service) Active(n int) { s.active.Add(float64(n)) }

// Request counts a request to Asterisk and how long it took.
func (s *Service) Request(operation, result string, took time.Duration) {
	s.requests.WithLabelValues(operation, result).Inc()
	s.latency.Observe(took.Seconds())
}

// Event counts an event by what became of it.
func (s *Service) Event(result string) { s.events.WithLabelValues(result).Inc() }

// Argument counts a dialplan argument that could not be used as it came.
func (s *Service) Argument(name string) { s.arguments.WithLabelValues(name).Inc() }

// Ended counts a call that was to be asked.
func (s *Service) Ended(r scoring.Reason) { s.ended.WithLabelValues(string(r)).Inc() }

// Unasked counts a caller who was sent on without being asked.
func (s *Service) Unasked(reason string) { s.unasked.WithLabelValues(reason).Inc() }

// Recovered counts a call that an earlier run left open.
func (s *Service) Recovered(result string) { s.recovered.WithLabelValues(result).Inc() }

// Replaced counts a take-over of our application's name.
func (s *Service) Replaced(node string) { s.replaced.WithLabelValues(node).Inc() }

// Removed counts calls that were removed from the store, for one of
// scoring.Removals; those of earlier runs too, when a run begins.
func (s *Service) Removed(why string, n int64) { s.removed.WithLabelValues(why).Add(float64(n)) }

// Wrote observes how long a record that somebody waited for took to become durable.
func (s *Service) Wrote(took time.Duration) { s.write.Observe(took.Seconds()) }

// Durable observes how long after the arrival of its key a rating was durable.
func (s *Service) Durable(took time.Duration) { s.durable.Observe(took.Seconds()) }
