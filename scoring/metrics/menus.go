package metrics

import (
	"strconv"
	"sync/atomic"

	"aftercall/ivr/layout"
	"aftercall/scoring"

	"github.com/prometheus/client_golang/prometheus"
)

var (
	verdictSatisfied = prometheus.NewDesc("aftercall_verdict_satisfied", "1 if a verdict counts as satisfied, else 0.", []string{"question", "verdict"}, nil)
	optionInfo       = prometheus.NewDesc("aftercall_layout_option_info", "Always 1; the labels say what a key means in a layout, and as which option it is read, from 1.", []string{"question", "layout", "key", "verdict", "position"}, nil)
	epochStarted     = prometheus.NewDesc("aftercall_epoch_started_timestamp_seconds", "When the split between layouts that is in force began.", []string{"queue", "question"}, nil)
	splitP           = prometheus.NewDesc("aftercall_experiment_srm_p_value", "p of the check whether calls reach the layouts of a running experiment in the planned shares; it is valid at every look.", []string{"experiment", "queue"}, nil)
)

// Menus collects what the configuration says of verdicts and layouts.
type Menus struct{ Catalogue func() layout.Catalogue }

// Describe names the metrics.
func (Menus) Describe(ch chan<- *prometheus.Desc) {
	ch <- verdictSatisfied
	ch <- optionInfo
}

// Collect sends every verdict of every question and every option of every layout.
func (m Menus) Collect(ch chan<- prometheus.Metric) {
	c := m.Catalogue()
	for _, q := range c.Questions {
		scale, _ := c.Scale(q.Scale)
		for _, v := range scale.Verdicts {
			satisfied := 0.0
			if v.Satisfied {
				satisfied = 1
			}
			send(ch, verdictSatisfied, prometheus.GaugeValue, satisfied, q.Name, v.ID)
		}
	}
	for _, l := range c.Layouts {
		for i, o := range l.Options {
			send(ch, optionInfo, prometheus.GaugeValue, 1, l.Question, l.Name, o.Key, o.Verdict, strconv.Itoa(i+1))
		}
	}
}

// Splits collects how calls are split between layouts, as it was last set.
type Splits struct{ now atomic.Pointer[splits] }

type splits struct {
	epochs []scoring.Epoch
	p      map[string]map[string]float64
}

// Set says which epochs are in force, one for each queue and question at most,
// and the p of the split check by running experiment and queue.
func (s *Splits) Set(epochs []scoring.Epoch, p map[string]map[string]float64) {
	s.now.Store(&splits{epochs, p})
}

// Describe names the metrics.
func (*Splits) Describe(ch chan<- *prometheus.Desc) {
	ch <- epochStarted
	ch <- splitP
}

// Collect sends nothing before Set.
func (s *Splits) Collect(ch chan<- prometheus.Metric) {
	now := s.now.Load()
	if now == nil {
		return
	}
	for _, e := range now.epochs {
		send(ch, epochStarted, prometheus.GaugeValue, float64(e.StartedAt.UnixMilli())/1000, e.Queue, e.Question)
	}
	for experiment, queues := range now.p {
		for queue, p := range queues {
			send(ch, splitP, prometheus.GaugeValue, p, experiment, queue)
		}
	}
}
