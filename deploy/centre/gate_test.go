package centre

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aftercall/deploy/lab"
)

// The gate breaks the requests that it is told to, each as it is told to, and
// no others.
func TestGate(t *testing.T) {
	t.Parallel()
	var came atomic.Int32
	asterisk := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		came.Add(1)
		fmt.Fprintf(w, "%s %s %s", r.Method, r.URL.Path, body)
	}))
	t.Cleanup(asterisk.Close)
	g, err := NewGate()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Close() })
	at := g.Route(&lab.Asterisk{ARIURL: asterisk.URL + "/ari"})
	ask := func(path string, limit time.Duration) string {
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, at+path, strings.NewReader("body"))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return "no answer"
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		return fmt.Sprintf("%d %s", resp.StatusCode, strings.TrimSpace(string(b)))
	}
	const limit, held = 200 * time.Millisecond, 400 * time.Millisecond
	const well = "200 POST /ari/one/play body"
	for _, c := range []struct {
		name  string
		fault *Fault
		with  string
		path  string
		want  string
		comes int32 // requests that Asterisk gets in the end
	}{
		{"well", nil, "", "/one/play", well, 1},
		{"refused", &Fault{Status: 500}, "/", "/one/play", `500 {"message":"so the test wants it"}`, 0},
		{"another one", &Fault{Status: 500}, "POST /ari/{id}/continue", "/one/play", well, 1},
		{"this one", &Fault{Status: 503}, "POST /ari/{id}/play", "/one/play", `503 {"message":"so the test wants it"}`, 0},
		{"the events", &Fault{Status: 500}, "/", "/events", "200 POST /ari/events body", 1},
		{"never", &Fault{Never: true}, "/", "/one/play", "no answer", 0},
		{"carried out too late", &Fault{Late: held}, "/", "/one/play", "no answer", 1},
		{"answered too late", &Fault{Slow: held}, "/", "/one/play", "no answer", 1},
	} {
		came.Store(0)
		if g.Mend(); c.fault != nil {
			g.Break(*c.fault, c.with)
		}
		most := time.Minute
		if c.want == "no answer" {
			most = limit
		}
		if got := ask(c.path, most); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		for end := time.Now().Add(endLimit); came.Load() < c.comes && time.Now().Before(end); {
			time.Sleep(10 * time.Millisecond)
		}
		if n := came.Load(); n != c.comes {
			t.Errorf("%s: Asterisk got %d requests, want %d", c.name, n, c.comes)
		}
	}
}
