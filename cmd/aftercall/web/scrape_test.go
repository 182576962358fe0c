package web

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// TestOneFigureThatCannotBeShown: it is logged, and the others are shown.
func TestOneFigureThatCannotBeShown(t *testing.T) {
	reg := prometheus.NewRegistry()
	bad := prometheus.NewDesc("bad", "Bad.", nil, nil)
	reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "good"}, func() float64 { return 1 }), broken{bad})
	var log bytes.Buffer
	w := httptest.NewRecorder()
	New(source(), reg, reg, slog.New(slog.NewTextHandler(&log, nil))).ServeHTTP(w, httptest.NewRequest("GET", "http://localhost/metrics", nil))
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "good 1\n") || !strings.Contains(log.String(), "no such thing") {
		t.Errorf("status %d, %s, log %s; want the good figure, and a word on the bad one in the log", w.Code, w.Body, &log)
	}
}

type broken struct{ d *prometheus.Desc }

func (b broken) Describe(ch chan<- *prometheus.Desc) { ch <- b.d }
func (b broken) Collect(ch chan<- prometheus.Metric) {
	ch <- prometheus.NewInvalidMetric(b.d, errors.New("no such thing"))
}

// TestScraperWhoDoesNotRead: it does not keep another one waiting.
func TestScraperWhoDoesNotRead(t *testing.T) {
	reg := prometheus.NewRegistry()
	long := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "long"}, []string{"text"})
	for i := range 16 {
		long.WithLabelValues(strings.Repeat("x", 1<<20) + string(rune('a'+i))).Set(1)
	}
	reg.MustRegister(long)
	s := httptest.NewServer(New(source(), reg, reg, slog.New(slog.DiscardHandler)))
	defer s.Close()
	for range 3 {
		lazy, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer lazy.Close()
		if _, err := io.WriteString(lazy, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(lazy, make([]byte, 12)); err != nil { // the answer has begun
			t.Fatal(err)
		}
	}
	resp, err := http.Get(s.URL + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil || resp.StatusCode != http.StatusOK || len(body) < 16<<20 {
		t.Errorf("%s with %d bytes, %v; want 200 with everything", resp.Status, len(body), err)
	}
}

// TestGate: alive from the beginning; every path once it is open.
func TestGate(t *testing.T) {
	var g Gate
	answer := func(path string) (int, string) {
		w := httptest.NewRecorder()
		g.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w.Code, w.Body.String()
	}
	for _, path := range []string{"/metrics", "/metrics/agents", "/readyz", "/"} {
		if code, body := answer(path); code != http.StatusServiceUnavailable || body != "starting: the store is being opened\n" {
			t.Errorf("%s while starting: %d %q", path, code, body)
		}
	}
	if code, body := answer("/healthz"); code != http.StatusOK || body != "ok\n" {
		t.Errorf("/healthz while starting: %d %q", code, body)
	}
	g.Open(http.NotFoundHandler())
	if code, _ := answer("/healthz"); code != http.StatusNotFound {
		t.Errorf("/healthz behind the open gate: %d, want what the handler says", code)
	}
}
