package metrics

import "github.com/prometheus/client_golang/prometheus"

// SpillStats are the figures of the spill file at one moment.
type SpillStats struct {
	Spilled  uint64 // records written to the file since the start
	Pending  int    // records in the file now
	Rejected uint64 // records that the store will never take
	Failed   uint64 // records that neither the store nor the file confirmed
	Refused  uint64 // records that were at fault and went nowhere
}

var (
	spillRecords  = prometheus.NewDesc("aftercall_spill_records_total", "Records that the store did not take in time and that went to the spill file.", nil, nil)
	spillPending  = prometheus.NewDesc("aftercall_spill_pending", "Records in the spill file that wait to be replayed.", nil, nil)
	spillRejected = prometheus.NewDesc("aftercall_spill_rejected_total", "Records of the spill file that the store will never take; they stand in the file beside it.", nil, nil)
	spillFailed   = prometheus.NewDesc("aftercall_records_failed_total", "Records that neither the store nor the spill file took.", nil, nil)
	spillRefused  = prometheus.NewDesc("aftercall_records_refused_total", "Records that were refused because they were at fault.", nil, nil)
)

// Spill collects the figures of the spill file.
type Spill struct{ Source func() SpillStats }

// Describe names the metrics.
func (Spill) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{spillRecords, spillPending, spillRejected, spillFailed, spillRefused} {
		ch <- d
	}
}

// Collect sends the figures.
func (s Spill) Collect(ch chan<- prometheus.Metric) {
	v := s.Source()
	ch <- prometheus.MustNewConstMetric(spillRecords, prometheus.CounterValue, float64(v.Spilled))
	ch <- prometheus.MustNewConstMetric(spillPending, prometheus.GaugeValue, float64(v.Pending))
	ch <- prometheus.MustNewConstMetric(spillRejected, prometheus.CounterValue, float64(v.Rejected))
	ch <- prometheus.MustNewConstMetric(spillFailed, prometheus.CounterValue, float64(v.Failed))
	ch <- prometheus.MustNewConstMetric(spillRefused, prometheus.CounterValue, float64(v.Refused))
}
