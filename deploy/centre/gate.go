package centre

import (
	"bytes"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"time"

	"aftercall/deploy/lab"
)

// Gate stands between the service and the ARI of one Asterisk as a relay does,
// and lets single requests go wrong while events flow. It is given to a centre
// as Options.Route.
type Gate struct {
	server *http.Server
	at     string
	served chan struct{}

	mu     sync.Mutex
	proxy  *httputil.ReverseProxy
	faulty *http.ServeMux
}

// Fault is what becomes of a request.
type Fault struct {
	Status int           // answered in place of Asterisk; 0 = Asterisk answers
	Late   time.Duration // before Asterisk gets it, even if nobody waits any more
	Slow   time.Duration // before Asterisk's answer is given on
	Never  bool          // Asterisk does not get it, and nobody answers
}

// NewGate listens on a free port of this machine until Close.
func NewGate() (*Gate, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	g := &Gate{at: l.Addr().String(), served: make(chan struct{})}
	g.Mend()
	quiet := log.New(io.Discard, "", 0) // of clients that are killed
	g.server = &http.Server{Handler: http.HandlerFunc(g.serve), ErrorLog: quiet}
	go func() {
		defer close(g.served)
		_ = g.server.Serve(l) // until Close
	}()
	return g, nil
}

// Close ends the gate and every request.
func (g *Gate) Close() error {
	err := g.server.Close()
	<-g.served
	return err
}

// Route gives the gate's address in place of an Asterisk's own.
func (g *Gate) Route(a *lab.Asterisk) string {
	u, err := url.Parse(a.ARIURL)
	if err != nil {
		panic(err) // the lab made it
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.proxy = httputil.NewSingleHostReverseProxy(&url.URL{Scheme: u.Scheme, Host: u.Host})
	g.proxy.ErrorLog = g.server.ErrorLog
	g.proxy.Transport = &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: 5 * time.Second} // Asterisk's own limit is 15 s
	u.Host = g.at
	return u.String()
}

// Break lets requests go wrong from now on, all of them but the connection of
// events, or those that patterns of [http.ServeMux] name.
func (g *Gate) Break(f Fault, patterns ...string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(patterns) == 0 {
		patterns = []string{"/"}
	}
	for _, p := range patterns {
		g.faulty.HandleFunc(p, func(w http.ResponseWriter, r *http.Request) { f.serve(w, r, g.ask()) })
	}
}

// Mend makes every request go well from now on.
func (g *Gate) Mend() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.faulty = http.NewServeMux()
}

// ask gives what carries a request to Asterisk.
func (g *Gate) ask() http.Handler {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.proxy
}

func (g *Gate) serve(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	h, pattern := g.faulty.Handler(r)
	g.mu.Unlock()
	if pattern == "" || r.URL.Path == "/ari/events" {
		h = g.ask()
	}
	h.ServeHTTP(w, r)
}

func (f Fault) serve(w http.ResponseWriter, r *http.Request, asterisk http.Handler) {
	body, err := io.ReadAll(r.Body) // only then is it noticed that the client has given up
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	switch {
	case f.Never:
		<-r.Context().Done()
		return
	case f.Status != 0:
		http.Error(w, `{"message":"so the test wants it"}`, f.Status)
		return
	}
	time.Sleep(f.Late)
	asterisk.ServeHTTP(slowly{w, f.Slow}, r.WithContext(context.WithoutCancel(r.Context())))
}

// slowly gives an answer on after a while.
type slowly struct {
	http.ResponseWriter
	wait time.Duration
}

func (s slowly) WriteHeader(code int) {
	time.Sleep(s.wait)
	s.ResponseWriter.WriteHeader(code)
}
