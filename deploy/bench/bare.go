package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// Bare serves the gauges and counters that a page of metrics shows, with their
// values, from vectors of a registry of client_golang: what a program would do
// that has no way of its own. It says where on log, and serves until ctx ends.
func Bare(ctx context.Context, page string, log io.Writer) error {
	families, err := metricsOf(ctx, page)
	if err != nil {
		return err
	}
	reg := prometheus.NewRegistry()
	for name, f := range families {
		if err := reg.Register(vector(name, f)); err != nil {
			return err
		}
	}
	debug.FreeOSMemory() // of reading the page
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: promhttp.HandlerFor(reg, promhttp.HandlerOpts{EnableOpenMetrics: true}), ReadHeaderTimeout: pageLimit}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	fmt.Fprintf(log, "msg=serving http=%s\n", l.Addr())
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func metricsOf(ctx context.Context, page string) (map[string]*dto.MetricFamily, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, page, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", page, resp.Status)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	return parser.TextToMetricFamilies(resp.Body)
}

// vector gives a family as a vector.
func vector(name string, f *dto.MetricFamily) prometheus.Collector {
	var labels []string
	for _, l := range f.Metric[0].Label {
		labels = append(labels, l.GetName())
	}
	values := func(m *dto.Metric) (all []string) {
		for _, l := range m.Label {
			all = append(all, l.GetValue())
		}
		return all
	}
	if f.GetType() == dto.MetricType_COUNTER {
		v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: f.GetHelp()}, labels)
		for _, m := range f.Metric {
			v.WithLabelValues(values(m)...).Add(m.GetCounter().GetValue())
		}
		return v
	}
	v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: f.GetHelp()}, labels)
	for _, m := range f.Metric {
		v.WithLabelValues(values(m)...).Set(m.GetGauge().GetValue())
	}
	return v
}
