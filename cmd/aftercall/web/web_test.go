package web

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"aftercall/configs/i18n"
	"aftercall/scoring"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
)

const hostile = `"><script>alert('x')</script>{{.}}&amp;`

// source is a service in which all is well and nobody has called.
func source() Source {
	return Source{
		Site: func() string { return "demo centre" }, Hosts: func() []string { return []string{"ratings.example.com"} }, Version: "dev", Zone: time.FixedZone("UTC+8", 8*60*60),
		Calls:  func(context.Context, scoring.Query) ([]scoring.CallRow, error) { return nil, nil },
		Reload: func(context.Context) error { return nil },
		Label:  func(_, verdict, _ string) string { return verdict },
		Parts: func() []Part {
			return []Part{{Name: "store", OK: true}, {Name: "asterisk", Instance: "node1", OK: true, Active: 3}}
		},
	}
}

func ask(s Source, method, path string, header ...string) *httptest.ResponseRecorder {
	own, agents := prometheus.NewRegistry(), prometheus.NewRegistry()
	own.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "of_the_service"}, func() float64 { return 1 }))
	agents.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "of_the_agents"}, func() float64 { return 1 }))
	r := httptest.NewRequest(method, path, nil)
	r.Host = "127.0.0.1:9380"
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	New(s, own, agents, slog.New(slog.DiscardHandler)).ServeHTTP(w, r)
	return w
}

func TestPaths(t *testing.T) {
	for _, c := range []struct {
		method, path string
		status       int
		want         string
	}{
		{"GET", "/healthz", 200, "ok\n"},
		{"HEAD", "/healthz", 200, ""},
		{"GET", "/readyz", 200, `"ready": true`},
		{"GET", "/", 200, "<!doctype html>"},
		{"GET", "/metrics", 200, "of_the_service 1\n"},
		{"GET", "/metrics/agents", 200, "of_the_agents 1\n"},
		{"POST", "/-/reload", 200, "configuration reloaded\n"},
		{"GET", "/-/reload", 405, ""},
		{"GET", "/nothing", 404, ""},
		{"GET", "/metrics/", 404, ""},
		{"GET", "/status.html", 404, ""},
		{"POST", "/", 405, ""},
		{"POST", "/readyz", 405, ""},
		{"DELETE", "/metrics", 405, ""},
		{"PUT", "/healthz", 405, ""},
	} {
		w := ask(source(), c.method, c.path)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s %s: status %d, want %d with %q in\n%s", c.method, c.path, w.Code, c.status, c.want, w.Body)
		}
	}
	if w := ask(source(), "GET", "/metrics"); strings.Contains(w.Body.String(), "of_the_agents") {
		t.Error("/metrics shows what belongs to /metrics/agents")
	}
}

// TestReload: a refused configuration is told with every fault; the page of
// another site cannot ask for a reload.
func TestReload(t *testing.T) {
	asked := 0
	s := source()
	s.Reload = func(ctx context.Context) error {
		asked++
		return errors.New("first fault\nsecond fault")
	}
	w := ask(s, "POST", "/-/reload")
	if want := "configuration not reloaded:\nfirst fault\nsecond fault\n"; w.Code != 500 || w.Body.String() != want || asked != 1 {
		t.Errorf("status %d, %q, asked %d times, want 500 with %q, once", w.Code, w.Body, asked, want)
	}
	for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://elsewhere.example"}} {
		if w := ask(s, "POST", "/-/reload", header...); w.Code != 403 || asked != 1 {
			t.Errorf("with %v: status %d, asked %d times, want 403 and not asked", header, w.Code, asked)
		}
	}
}

func TestReady(t *testing.T) {
	well, ill := Part{Name: "store", OK: true}, Part{Name: "asterisk", Instance: "node1", Error: hostile}
	for _, c := range []struct {
		parts []Part
		code  int
	}{{[]Part{well}, 200}, {[]Part{well, ill}, 503}, {[]Part{ill, well}, 503}, {nil, 200}} {
		s := source()
		s.Parts = func() []Part { return c.parts }
		w := ask(s, "GET", "/readyz")
		var got struct {
			Ready bool
			Parts []Part
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if w.Code != c.code || got.Ready != (c.code == 200) || w.Header().Get("Content-Type") != "application/json; charset=utf-8" {
			t.Errorf("status %d, ready %v, %v, want %d", w.Code, got.Ready, w.Header(), c.code)
		}
		if d := cmp.Diff(c.parts, got.Parts); d != "" {
			t.Errorf("parts differ (-want +got):\n%s", d)
		}
	}
}

// odd gives a call in which every text is hostile.
func odd(verdict string) scoring.CallRow {
	at := time.Date(2026, 3, 28, 16, 30, 0, 0, time.UTC)
	return scoring.CallRow{
		ID:   scoring.CallID{UniqueID: hostile, Visit: 1},
		Call: scoring.Call{Queue: hostile, Agent: scoring.Agent{ID: hostile, Name: hostile}, Language: hostile, StartedAt: at},
		Questions: []scoring.AskedRow{{
			Assignment: scoring.Assignment{Question: hostile, Layout: hostile},
			Answer:     &scoring.Answer{Outcome: scoring.Rated, Verdict: verdict, Entry: hostile},
		}},
		End: &scoring.End{Reason: scoring.Reason(hostile)},
	}
}

// TestHostileTexts: nothing that came from outside becomes part of the page.
func TestHostileTexts(t *testing.T) {
	s := source()
	s.Site = func() string { return hostile }
	s.Parts = func() []Part { return []Part{{Name: hostile, Instance: hostile, Error: hostile}} }
	s.Calls = func(context.Context, scoring.Query) ([]scoring.CallRow, error) {
		return []scoring.CallRow{odd(hostile)}, nil
	}
	w := ask(s, "GET", "/?lang="+"%22%3E%3Cscript%3E")
	body := w.Body.String()
	if w.Code != 200 || strings.Contains(body, "<script") || strings.Contains(body, "alert('x')") {
		t.Errorf("status %d, a script in\n%s", w.Code, body)
	}
	// Title, heading, three of the part, nine of the row and its tooltip.
	if n := strings.Count(body, "&lt;script&gt;"); n != 14 {
		t.Errorf("%d escaped texts, want 14 in\n%s", n, body)
	}
	if p := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(p, "default-src 'none'") {
		t.Errorf("content security policy %q", p)
	}
}

// TestNote: what is wrong with an Asterisk that works all the same is shown.
func TestNote(t *testing.T) {
	s := source()
	s.Parts = func() []Part {
		return []Part{{Name: "asterisk", Instance: "node1", OK: true, Error: "has no systemname"}}
	}
	w := ask(s, "GET", "/")
	if body := w.Body.String(); !strings.Contains(body, "✓ ready") || !strings.Contains(body, "– has no systemname") {
		t.Errorf("want ready, and the note, in\n%s", body)
	}
}

// TestTrouble: with a store that fails, the page stands and says so.
func TestTrouble(t *testing.T) {
	s := source()
	s.Calls = func(ctx context.Context, q scoring.Query) ([]scoring.CallRow, error) {
		if _, bounded := ctx.Deadline(); !bounded || q.Limit != recent {
			t.Errorf("asked for %d calls, bounded in time: %v, want %d and true", q.Limit, bounded, recent)
		}
		return nil, errors.New("the disk is gone")
	}
	w := ask(s, "GET", "/")
	body := w.Body.String()
	if w.Code != 200 || !strings.Contains(body, i18n.For("en").T("status.failed", "the disk is gone")) {
		t.Errorf("status %d, want the trouble in\n%s", w.Code, body)
	}
	if strings.Contains(body, i18n.For("en").T("status.none")) {
		t.Error("says that there are no calls, which is not known")
	}
}

func TestStatusPage(t *testing.T) {
	s := source()
	open := odd("satisfied")
	open.ID.UniqueID, open.End, open.Questions = "node1-2.0", nil, []scoring.AskedRow{{Assignment: scoring.Assignment{Layout: "gap"}}}
	s.Calls = func(context.Context, scoring.Query) ([]scoring.CallRow, error) {
		return []scoring.CallRow{open, odd("satisfied")}, nil
	}
	s.Label = func(_, verdict, language string) string { return verdict + " in " + language }
	for _, c := range []struct{ query, accept, language, other string }{
		{"", "", "en", "zh-CN"}, {"", "zh-CN,zh;q=0.9", "zh-CN", "en"}, {"?lang=zh-CN", "en", "zh-CN", "en"}, {"?lang=en", "zh", "en", "zh-CN"}, {"?lang=xx", "", "en", "zh-CN"},
	} {
		w := ask(s, "GET", "/"+c.query, "Accept-Language", c.accept)
		p := i18n.For(c.language)
		for _, want := range []string{
			`<html lang="` + c.language + `">`, `href="?lang=` + c.other + `"`, "2026-03-29 00:30:00", "node1-2.0/1", "…",
			"satisfied in " + c.language, p.T("status.title"), p.T("column.layout"), p.T("status.active", 3),
		} {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s with %q: no %q in\n%s", c.query, c.accept, want, w.Body)
			}
		}
	}
}

// TestGoneReader: a browser that goes away does not keep the store busy.
func TestGoneReader(t *testing.T) {
	s := source()
	s.Calls = func(ctx context.Context, _ scoring.Query) ([]scoring.CallRow, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	New(s, prometheus.NewRegistry(), prometheus.NewRegistry(), slog.New(slog.DiscardHandler)).
		ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/", nil))
	if !strings.Contains(w.Body.String(), context.Canceled.Error()) {
		t.Errorf("page says\n%s", w.Body)
	}
}
