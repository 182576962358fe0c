package standin

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// connKey is under which a request's context holds its connection.
type connKey struct{}

// readLimit is how long a client may leave an event unread.
const readLimit = time.Second

// frame is something on its way to the client.
type frame struct {
	kind websocket.MessageType
	data []byte
	raw  bool   // data is written as it stands, as bytes of the connection
	last bool   // the connection ends behind it
	sent func() // told when the client has it; nil = nobody
}

// link is one event connection: a queue of frames, and one goroutine that
// writes them in order.
type link struct {
	ws   *websocket.Conn
	conn net.Conn

	mu     sync.Mutex
	queue  []frame
	more   chan struct{} // has one word when the queue is not empty
	over   time.Time     // when it ended, once it has
	ended  chan struct{} // closed when nothing is written any more
	ending sync.Once
}

func (l *link) push(f frame) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = append(l.queue, f)
	select {
	case l.more <- struct{}{}:
	default:
	}
}

func (l *link) next() []frame {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := l.queue
	l.queue = nil
	return out
}

// end cuts the connection without a word.
func (l *link) end() {
	l.ending.Do(func() {
		l.over = time.Now()
		close(l.ended)
		_ = l.ws.CloseNow()
	})
}

// write writes until the connection ends.
func (l *link) write(fault func(error)) {
	for {
		select {
		case <-l.ended:
			return
		case <-l.more:
		}
		for _, f := range l.next() {
			if err := l.put(f); err != nil || f.last {
				if errors.Is(err, context.DeadlineExceeded) {
					fault(fmt.Errorf("the client does not read its events: %w", err))
				}
				l.end()
				return
			}
			if f.sent != nil {
				f.sent()
			}
		}
	}
}

func (l *link) put(f frame) error {
	if f.raw && len(f.data) == 0 {
		return nil
	}
	if f.raw {
		_ = l.conn.SetWriteDeadline(time.Now().Add(readLimit))
		_, err := l.conn.Write(f.data)
		return errors.Join(err, l.conn.SetWriteDeadline(time.Time{}))
	}
	ctx, cancel := context.WithTimeout(context.Background(), readLimit)
	defer cancel()
	return l.ws.Write(ctx, f.kind, f.data)
}

// connect takes a client's event connection, which takes the place of the one
// before.
func (s *Server) connect(w http.ResponseWriter, r *http.Request) {
	conn, _ := r.Context().Value(connKey{}).(net.Conn)
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{OnPingReceived: func(context.Context, []byte) bool { return !s.o.Script.deaf() }})
	if err != nil {
		s.fault(err)
		return
	}
	l := &link{ws: ws, conn: conn, more: make(chan struct{}, 1), ended: make(chan struct{})}
	s.mu.Lock()
	s.link = l
	s.mu.Unlock()
	s.links.Go(func() { l.write(s.fault) })
	<-ws.CloseRead(context.WithoutCancel(r.Context())).Done() // it answers pings until the connection ends
	l.end()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.link == l {
		s.link = nil
	}
}

// Connected tells whether a client gets events.
func (s *Server) Connected() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.link != nil
}

// Send sends events to whoever is connected, past the fault script, and
// returns when the client has them.
func (s *Server) Send(events ...string) {
	for _, e := range events {
		s.put(frame{kind: websocket.MessageText, data: []byte(e)})
	}
}

// SendBinary sends an event in a binary frame.
func (s *Server) SendBinary(event string) {
	s.put(frame{kind: websocket.MessageBinary, data: []byte(event)})
}

// SendRaw writes bytes to the event connection as they stand.
func (s *Server) SendRaw(b []byte) { s.put(frame{raw: true, data: b}) }

// put waits until a frame is with the client, or the connection over.
func (s *Server) put(f frame) {
	s.mu.Lock()
	l := s.link
	s.mu.Unlock()
	if l == nil {
		return
	}
	sent := make(chan struct{})
	f.sent = func() { close(sent) }
	l.push(f)
	select {
	case <-sent:
	case <-l.ended:
	}
}

// Cut ends the event connection without a word.
func (s *Server) Cut() {
	s.mu.Lock()
	l := s.link
	s.link = nil
	s.mu.Unlock()
	if l != nil {
		l.end()
	}
}

// half is the beginning of a frame that never comes whole.
func half(event string) []byte {
	n := max(len(event), 126)
	return append([]byte{0x81, 126, byte(n >> 8), byte(n)}, event[:len(event)/2]...)
}
