package web

import (
	"net/http"
	"sync/atomic"
)

// Gate answers while the service starts, which can take long where the
// store's tables change: /healthz with 200, everything else with 503. From
// Open on it hands over to the handler of every path.
type Gate struct{ open atomic.Pointer[http.Handler] }

// Open has h answer from now on.
func (g *Gate) Open(h http.Handler) { g.open.Store(&h) }

// ServeHTTP answers, or has the open handler do it.
func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	protect(w.Header())
	switch h := g.open.Load(); {
	case h != nil:
		(*h).ServeHTTP(w, r)
	case r.URL.Path == "/healthz":
		_, _ = w.Write([]byte("ok\n"))
	default:
		w.Header().Set("Retry-After", "5")
		http.Error(w, "starting: the store is being opened", http.StatusServiceUnavailable)
	}
}
