package asterisk

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// poolBound is how many connections a node holds at once beside that of its
// events. Asterisk's listen backlog is 10 and its sessionlimit 100 by default, so
// connections that come and go stall.
const poolBound = 16

// idleLimit is how long a connection waits for its next request. Asterisk ends it
// after its session_keep_alive (15 s by default).
const idleLimit = 5 * time.Second

// pool carries requests to one Asterisk on connections that are kept. A request
// goes out and its answer comes back in the goroutine that asks: the library's
// transport has two goroutines for each connection, which every request wakes.
type pool struct {
	dial   func(ctx context.Context, network, address string) (net.Conn, error)
	places chan struct{} // of requests under way

	mu   sync.Mutex
	idle []*line // the last one used last
}

func newPool() *pool {
	return &pool{dial: (&net.Dialer{}).DialContext, places: make(chan struct{}, poolBound)}
}

// line is one connection. It carries one request at a time.
type line struct {
	net.Conn
	room  *io.LimitedReader // of what is read for one answer
	in    *bufio.Reader
	out   *bufio.Writer
	since time.Time // idle; zero = new
}

func newLine(conn net.Conn) *line {
	room := &io.LimitedReader{R: conn}
	return &line{Conn: conn, room: room, in: bufio.NewReader(room), out: bufio.NewWriter(conn)}
}

// RoundTrip sends a request and reads the answer to its end, within
// [RequestLimit]. An Asterisk that ends an idle connection does so before it
// reads a request: one that finds its connection ended goes out once more.
func (p *pool) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	until := time.Now().Add(RequestLimit)
	if at, ok := ctx.Deadline(); ok && at.Before(until) {
		until = at
	}
	if err := p.enter(ctx, until); err != nil {
		return nil, err
	}
	defer func() { <-p.places }()
	for {
		l, err := p.take(ctx, req, until)
		if err != nil {
			return nil, err
		}
		resp, ended, err := l.carry(ctx, req, until)
		switch {
		case err == nil && resp.StatusCode == http.StatusSwitchingProtocols: // it is no line any more
			return resp, l.SetDeadline(time.Time{})
		case err == nil && !resp.Close:
			p.keep(l)
			return resp, nil
		}
		_ = l.Close()
		if again := ended && !l.since.IsZero(); !again {
			return resp, err
		}
		if req.GetBody != nil {
			if req.Body, err = req.GetBody(); err != nil {
				return nil, err
			}
		}
	}
}

// enter waits for a place.
func (p *pool) enter(ctx context.Context, until time.Time) error {
	select {
	case p.places <- struct{}{}:
		return nil
	default:
	}
	limit := time.NewTimer(time.Until(until))
	defer limit.Stop()
	select {
	case p.places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-limit.C:
		return context.DeadlineExceeded
	}
}

// take gives a connection that was idle, or a new one.
func (p *pool) take(ctx context.Context, req *http.Request, until time.Time) (*line, error) {
	p.mu.Lock()
	for n := len(p.idle); n > 0; n = len(p.idle) {
		l := p.idle[n-1]
		p.idle = p.idle[:n-1]
		if time.Since(l.since) < idleLimit && l.quiet() {
			p.mu.Unlock()
			return l, nil
		}
		_ = l.Close()
	}
	p.mu.Unlock()
	ctx, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	conn, err := p.dial(ctx, "tcp", net.JoinHostPort(req.URL.Hostname(), port(req.URL)))
	if err != nil {
		return nil, err
	}
	if req.URL.Scheme == "https" {
		secure := tls.Client(conn, &tls.Config{ServerName: req.URL.Hostname()})
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
		conn = secure
	}
	return newLine(conn), nil
}

// keep puts a connection by for the next request, and closes those that have
// waited too long.
func (p *pool) keep(l *line) {
	l.since = time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, l)
	for l.since.Sub(p.idle[0].since) >= idleLimit {
		_ = p.idle[0].Close()
		p.idle = slices.Delete(p.idle, 0, 1)
	}
}

// quiet reports whether the other side has said nothing since its last answer:
// it did not end the connection, and nothing stands there that would be taken
// for the answer to the next request.
func (l *line) quiet() bool {
	if l.in.Buffered() > 0 {
		return false
	}
	conn := l.Conn
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return true
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return false
	}
	var said error
	err = raw.Control(func(fd uintptr) {
		_, _, said = unix.Recvfrom(int(fd), make([]byte, 1), unix.MSG_PEEK|unix.MSG_DONTWAIT)
	})
	return err == nil && errors.Is(said, unix.EAGAIN)
}

// CloseIdleConnections closes the connections that carry no request.
func (p *pool) CloseIdleConnections() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.idle {
		_ = l.Close()
	}
	p.idle = nil
}

// carry sends a request and reads what is answered. It tells whether the other
// side had ended the connection before a word of its answer.
func (l *line) carry(ctx context.Context, req *http.Request, until time.Time) (resp *http.Response, ended bool, err error) {
	defer func() {
		switch {
		case err != nil && ctx.Err() != nil:
			ended, err = false, ctx.Err()
		case errors.Is(err, os.ErrDeadlineExceeded):
			ended, err = false, context.DeadlineExceeded
		}
	}()
	if err := l.SetDeadline(until); err != nil {
		return nil, true, err
	}
	l.room.N = maxReply
	if ctx.Done() != nil {
		stop := context.AfterFunc(ctx, func() { _ = l.SetDeadline(time.Unix(1, 0)) })
		defer func() {
			if !stop() { // the line's next request could be cut short
				resp, err = nil, ctx.Err()
			}
		}()
	}
	if err := errors.Join(req.Write(l.out), l.out.Flush()); err != nil {
		return nil, true, err
	}
	if _, err := l.in.Peek(1); err != nil {
		return nil, true, err
	}
	resp, err = http.ReadResponse(l.in, req)
	if err != nil {
		return nil, false, err
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		l.room.N = math.MaxInt64
		resp.Body = upgraded{l.in, l.Conn}
		return resp, false, nil
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, false, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, false, nil
}

// upgraded is a connection that speaks another protocol from now on.
type upgraded struct {
	io.Reader
	net.Conn
}

func (u upgraded) Read(b []byte) (int, error) { return u.Reader.Read(b) }
