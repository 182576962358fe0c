package asterisk

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"aftercall/scoring/metrics"

	"github.com/prometheus/client_golang/prometheus"
)

// pooled is a client of a server, which counts connections.
func pooled(t *testing.T, serve http.HandlerFunc) (c *client, opened *atomic.Int32) {
	t.Helper()
	opened = &atomic.Int32{}
	s := httptest.NewUnstartedServer(serve)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	s.Start()
	c = newClient(Server{Name: "node1", URL: s.URL, App: "aftercall"}, metrics.NewService(prometheus.NewRegistry()))
	t.Cleanup(func() {
		c.http.CloseIdleConnections()
		s.Close()
	})
	return c, opened
}

// TestConnectionsAreKept: requests one after the other take one connection,
// however they are answered, and those at once no more than the pool has.
func TestConnectionsAreKept(t *testing.T) {
	c, opened := pooled(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			http.Error(w, "none", http.StatusNotFound)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	for range 50 {
		if err := c.play(t.Context(), "c1", "p1", []string{"sound:a"}); err != nil {
			t.Fatal(err)
		}
		if err := c.stop(t.Context(), "p1"); !errors.Is(err, ErrGone) {
			t.Fatalf("stopped with %v, want that it is gone", err)
		}
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("%d connections for requests one after the other, want 1", n)
	}
	var all sync.WaitGroup
	for range 500 {
		all.Go(func() {
			if err := c.proceed(context.Background(), "c1"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := opened.Load(); n > poolBound {
		t.Errorf("%d connections, want %d at most", n, poolBound)
	}
}

// TestRequestGivenUp: a request that nobody waits for any more ends at once, and
// its connection carries no other.
func TestRequestGivenUp(t *testing.T) {
	reached, release := make(chan struct{}, 1), make(chan struct{})
	c, opened := pooled(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			reached <- struct{}{}
			<-release
		}
		w.WriteHeader(http.StatusNoContent)
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-reached; cancel() }()
	if _, err := c.channels(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that it was cancelled", err)
	}
	close(release)
	if err := c.proceed(t.Context(), "c1"); err != nil || opened.Load() != 2 {
		t.Errorf("error %v on connection %d, want none on the second", err, opened.Load())
	}
}

// TestEndlessAnswer: of an answer that does not end, no more is read than a reply
// may have.
func TestEndlessAnswer(t *testing.T) {
	for _, begins := range []string{"HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\n\r\n"} {
		wrote := make(chan int, 1)
		c, _ := pooled(t, func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			sum, _ := io.WriteString(conn, begins)
			for line := "X: " + strings.Repeat("x", 1000) + "\r\n"; ; {
				n, err := io.WriteString(conn, line)
				if sum += n; err != nil {
					wrote <- sum
					return
				}
			}
		})
		if _, err := c.channels(t.Context()); err == nil {
			t.Error("no error")
		}
		if sum := <-wrote; sum > 8*maxReply { // some of it was never read
			t.Errorf("%d bytes were taken, want %d and what the system holds", sum, maxReply)
		}
	}
}

// TestEventsAreNotElsewhere: the connection of the events is not followed to
// another server, as no request is.
func TestEventsAreNotElsewhere(t *testing.T) {
	elsewhere, _ := pooled(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s reached another server", r.URL) })
	c, _ := pooled(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/events" {
			t.Errorf("%s was asked for", r.URL)
		}
		http.Redirect(w, r, elsewhere.server.URL+"/elsewhere", http.StatusFound)
	})
	if _, err := c.dial(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "302") {
		t.Errorf("error %v, want one that says 302", err)
	}
}

// TestTLS: what is wrong with a secure connection is told as such.
func TestTLS(t *testing.T) {
	plain, _ := pooled(t, func(http.ResponseWriter, *http.Request) {})
	plain.server.URL = strings.Replace(plain.server.URL, "http:", "https:", 1)
	if err := plain.proceed(t.Context(), "c1"); err == nil || !strings.Contains(err.Error(), "HTTP response to HTTPS client") {
		t.Errorf("error %v, want that the server speaks HTTP", err)
	}
	secure := httptest.NewUnstartedServer(nil)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	c := newClient(Server{Name: "node1", URL: secure.URL, App: "aftercall"}, metrics.NewService(prometheus.NewRegistry()))
	var unknown *tls.CertificateVerificationError
	if err := c.proceed(t.Context(), "c1"); !errors.As(err, &unknown) {
		t.Errorf("error %v, want that nobody vouches for the certificate", err)
	}
}
