package centre

import (
	"io"
	"net"
	"net/url"
	"sync"

	"aftercall/deploy/lab"
)

// Relay stands between the service and the ARI of one Asterisk, so that the
// connection can be cut as a network does. It is given to a centre as
// Options.Route.
type Relay struct {
	listener net.Listener
	serving  sync.WaitGroup

	mu    sync.Mutex
	to    string
	open  map[net.Conn]bool
	stuck bool // new connections are refused
}

// NewRelay listens on a free port of this machine until Close.
func NewRelay() (*Relay, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &Relay{listener: l, open: map[net.Conn]bool{}}
	r.serving.Go(r.serve)
	return r, nil
}

// Route gives the relay's address in place of an Asterisk's own.
func (r *Relay) Route(a *lab.Asterisk) string {
	u, err := url.Parse(a.ARIURL)
	if err != nil {
		panic(err) // the lab made it
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.to = u.Host
	u.Host = r.listener.Addr().String()
	return u.String()
}

// Cut ends every connection; with stuck, no new one is made until the next
// Cut.
func (r *Relay) Cut(stuck bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stuck = stuck
	for c := range r.open {
		_ = c.Close()
		delete(r.open, c)
	}
}

// Close ends the relay and every connection.
func (r *Relay) Close() error {
	err := r.listener.Close()
	r.Cut(true)
	r.serving.Wait()
	return err
}

func (r *Relay) serve() {
	for {
		near, err := r.listener.Accept()
		if err != nil {
			return
		}
		r.mu.Lock()
		stuck, to := r.stuck, r.to
		r.mu.Unlock()
		far, err := net.Dial("tcp", to)
		if stuck || err != nil {
			_ = near.Close()
			continue
		}
		r.mu.Lock()
		r.open[near], r.open[far] = true, true
		if r.stuck { // meanwhile
			_, _ = near.Close(), far.Close()
		}
		r.mu.Unlock()
		for _, pair := range [][2]net.Conn{{near, far}, {far, near}} {
			r.serving.Go(func() { r.carry(pair[0], pair[1]) })
		}
	}
}

// carry copies from one connection to another until one of them ends.
func (r *Relay) carry(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_, _ = to.Close(), from.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, to)
	delete(r.open, from)
}
