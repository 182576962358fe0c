package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// TestNamesOfOthers: a page that has its own name lead to our address is told
// nothing and changes nothing, whatever it asks for.
func TestNamesOfOthers(t *testing.T) {
	asked := 0
	s := source()
	s.Reload = func(context.Context) error { asked++; return nil }
	h := New(s, prometheus.NewRegistry(), prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
	for host, ours := range map[string]bool{
		"": true, "127.0.0.1": true, "127.0.0.1:9380": true, "[::1]:9380": true, "[::1]": true, "10.0.0.7:9380": true, "localhost:9380": true,
		"LOCALHOST": true, "pbx1:9380": true, "ratings.example.com": true, "Ratings.Example.com.:9380": true, "ratings.example.com:443": true,
		"evil.example": false, "evil.example:9380": false, "127.0.0.1.evil.example": false, "ratings.example.com.evil.example": false,
		"evil.example.": false, "localhost.evil.example:9380": false, "x.ratings.example.com": false, "[evil.example]": false, "1.2.3.4.5": false,
	} {
		for _, c := range []struct{ method, path string }{{"GET", "/"}, {"GET", "/metrics"}, {"GET", "/metrics/agents"}, {"GET", "/readyz"}, {"POST", "/-/reload"}} {
			before := asked
			r := httptest.NewRequest(c.method, c.path, nil)
			r.Host = host
			// As a browser does whose page has our address: of one origin with it.
			r.Header.Set("Origin", "http://"+host)
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if ours && w.Code != http.StatusOK || !ours && (w.Code != http.StatusMisdirectedRequest || !strings.Contains(w.Body.String(), "http.hosts") || asked != before) {
				t.Errorf("%s %s of host %q: status %d, %s", c.method, c.path, host, w.Code, w.Body)
			}
		}
	}
	if asked == 0 {
		t.Error("no reload was asked for by any name")
	}
	r := httptest.NewRequest("GET", "/healthz", nil)
	r.Host = "probe.example.com"
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != http.StatusOK {
		t.Errorf("/healthz by another name: status %d, want 200", w.Code)
	}
}

// TestEveryAnswerIsProtected: also what is refused, and what is said while the
// service starts.
func TestEveryAnswerIsProtected(t *testing.T) {
	var starting Gate
	w := httptest.NewRecorder()
	starting.ServeHTTP(w, httptest.NewRequest("GET", "http://localhost/", nil))
	answers := map[string]http.Header{"starting": w.Header()}
	for _, path := range []string{"/", "/metrics", "/metrics/agents", "/readyz", "/healthz", "/nothing", "/-/reload"} {
		answers[path] = ask(source(), "GET", path).Header()
	}
	answers["reload"] = ask(source(), "POST", "/-/reload").Header()
	answers["cross-site"] = ask(source(), "POST", "/-/reload", "Sec-Fetch-Site", "cross-site").Header()
	for what, h := range answers {
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cross-Origin-Resource-Policy": "same-origin", "Referrer-Policy": "no-referrer",
			"Cache-Control": "no-store", "Access-Control-Allow-Origin": "",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s: %q, want %q", what, name, got, want)
			}
		}
		if p := h.Get("Content-Security-Policy"); !strings.HasPrefix(p, "default-src 'none'") || !strings.Contains(p, "frame-ancestors 'none'") || strings.Contains(p, "script") {
			t.Errorf("%s: content security policy %q", what, p)
		}
	}
}
