package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"aftercall/ivr/asterisk"
	"aftercall/scoring/metrics"

	"github.com/prometheus/client_golang/prometheus"
)

// TestNodeComesBack: a node that a reload takes away and the next one brings
// back waits until the callers of the first have left: the two would take the
// application's name from each other, and the second would send on the callers
// of the first.
func TestNodeComesBack(t *testing.T) {
	knocks := make(chan string) // by user
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, _, _ := r.BasicAuth()
		select {
		case knocks <- user:
		case <-r.Context().Done():
		}
		http.Error(w, "not now", http.StatusServiceUnavailable)
	}))
	defer server.Close()
	drained := make(chan struct{})
	n := nodes{
		make: func(s asterisk.Server) *asterisk.Node {
			return asterisk.NewNode(s, asterisk.Surveys{
				Left: asterisk.NewLeftovers(nil), Names: asterisk.NewNames(), Meter: metrics.NewService(prometheus.NewRegistry()), Log: slog.New(slog.DiscardHandler),
			})
		},
		drain: func() time.Duration { <-drained; return 0 }, // callers who take their time
		gone:  func(string) {}, leaving: map[string]*nodeRun{},
	}
	ctx, stop := context.WithCancel(t.Context())
	node := asterisk.Server{Name: "node1", URL: server.URL, Username: "first", App: "aftercall"}
	n.arrange(ctx, []asterisk.Server{node})
	<-knocks
	n.arrange(ctx, nil)
	node.Username = "second"
	n.arrange(ctx, []asterisk.Server{node})
	n.arrange(ctx, nil)
	node.Username = "third"
	n.arrange(ctx, []asterisk.Server{node})
	for range 3 {
		if user := <-knocks; user != "first" {
			t.Errorf("user %q knocks while the callers of the first are still there", user)
		}
	}
	close(drained)
	for user := range knocks {
		if user == "third" {
			break
		}
	}
	stop()
	n.wait()
	if len(n.leaving) != 0 {
		t.Errorf("%d nodes are remembered for nothing", len(n.leaving))
	}
}
