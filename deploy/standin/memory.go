package standin

import (
	"context"
	"net"
)

// Memory carries the connections between a client and the stand-in in memory,
// so that time in a test's bubble can pass without any passing.
type Memory struct {
	waiting chan net.Conn
	closed  chan struct{}
}

// NewMemory makes a listener that [Memory.Dial] reaches.
func NewMemory() Memory { return Memory{make(chan net.Conn), make(chan struct{})} }

// Accept waits for a client.
func (n Memory) Accept() (net.Conn, error) {
	select {
	case c := <-n.waiting:
		return c, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

// Close lets nobody in any more. It is called once.
func (n Memory) Close() error { close(n.closed); return nil }

// Addr is no address.
func (n Memory) Addr() net.Addr { return &net.UnixAddr{Name: "in memory"} }

// Dial connects, whatever the address: it is for http.Transport.DialContext.
func (n Memory) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case n.waiting <- theirs:
		return ours, nil
	case <-n.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
