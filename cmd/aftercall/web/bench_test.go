package web

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"aftercall/scoring"
	"aftercall/scoring/metrics"

	"github.com/prometheus/client_golang/prometheus"
)

// BenchmarkScrapeAgents is one answer of /metrics/agents with 10,000 agents of
// 13 series, without the network: the figures, their text, and its compression.
func BenchmarkScrapeAgents(b *testing.B) {
	const agents = 10_000
	var totals []scoring.Total
	figures := map[string]metrics.AgentFigures{}
	for i := range agents {
		id := fmt.Sprintf("agent-%05d", i)
		for _, label := range []string{"rated", "hangup", "no_input"} {
			totals = append(totals, scoring.Total{Series: scoring.Series{Kind: scoring.AgentOutcome, Agent: id, Label: label}, N: int64(i)})
		}
		for _, label := range []string{"satisfied", "fair", "dissatisfied"} {
			totals = append(totals, scoring.Total{Series: scoring.Series{Kind: scoring.AgentVerdict, Agent: id, Label: label}, N: int64(i)})
		}
		share := 0.5 + float64(i)/31415
		figures[id] = metrics.AgentFigures{Windows: []metrics.WindowFigures{{Ratings: int64(i % 40), Satisfied: int64(i % 20)}},
			Mark: &metrics.Mark{Known: true, Share: share, Low: share / 1.3, High: share * 1.1}}
	}
	all := metrics.NewAgents(func(since uint64) ([]scoring.Total, uint64) {
		if since == 0 {
			return totals, 1
		}
		return nil, 1
	}, time.UTC, time.Now)
	all.Configure(metrics.AgentPolicy{Max: agents})
	all.Refresh([]string{"30d"}, figures, time.Now())
	h := New(source(), prometheus.NewRegistry(), all, slog.New(slog.DiscardHandler))
	for _, encoding := range []string{"identity", "gzip"} {
		b.Run(encoding, func(b *testing.B) {
			r := httptest.NewRequest("GET", "http://localhost/metrics/agents", nil)
			r.Header.Set("Accept-Encoding", encoding)
			for b.Loop() {
				w := &discarding{header: http.Header{}}
				if h.ServeHTTP(w, r); w.n < agents {
					b.Fatalf("%d bytes", w.n)
				}
				b.ReportMetric(float64(w.n), "bytes")
			}
		})
	}
}

// discarding counts an answer.
type discarding struct {
	header http.Header
	n      int
}

func (d *discarding) Header() http.Header { return d.header }
func (d *discarding) WriteHeader(int)     {}
func (d *discarding) Write(p []byte) (int, error) {
	d.n += len(p)
	return io.Discard.Write(p)
}
