package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

// requestLimit is how long a request inside a call may take.
const requestLimit = 5 * time.Second

// station is the SIP side of many calls: one UDP socket, and which call a
// request belongs to.
type station struct {
	address netip.AddrPort
	onCall  sipgo.RequestHandler // a new call comes in; nil: refused
	dialogs sipgo.DialogUA
	agent   *sipgo.UserAgent
	server  *sipgo.Server
	conn    net.PacketConn
	served  chan struct{}

	mu    sync.Mutex
	calls map[string]party // by Call-ID
}

// party is one call of the station: what the far end may do to it.
type party interface {
	// bye answers a BYE.
	bye(req *sip.Request, tx sip.ServerTransaction)
	// ack takes the ACK of an answered INVITE.
	ack(req *sip.Request, tx sip.ServerTransaction)
	// renegotiate takes the session description of a re-INVITE or UPDATE, in
	// which the far end may have moved its audio (empty: it has not), and
	// returns the call's own.
	renegotiate(offer []byte) (answer []byte, err error)
}

// newStation binds address; port 0 is any free one. onCall, which may be nil,
// answers new calls. The station must be closed.
func newStation(address netip.AddrPort, onCall sipgo.RequestHandler) (*station, error) {
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(address))
	if err != nil {
		return nil, fmt.Errorf("sip socket: %w", err)
	}
	s := &station{
		address: conn.LocalAddr().(*net.UDPAddr).AddrPort(),
		onCall:  onCall,
		conn:    conn,
		served:  make(chan struct{}),
		calls:   map[string]party{},
	}
	if err := s.build(); err != nil {
		conn.Close()
		return nil, err
	}
	reading := &readingConn{PacketConn: conn, begun: make(chan struct{})}
	go func() {
		defer close(s.served)
		_ = s.server.ServeUDP(reading) // ends when close closes the socket
	}()
	<-reading.begun
	return s, nil
}

func (s *station) build() (err error) {
	host, port := s.address.Addr().String(), int(s.address.Port())
	quiet := slog.New(slog.DiscardHandler)
	s.agent, err = sipgo.NewUA(
		sipgo.WithUserAgent("caller"),
		sipgo.WithUserAgentHostname(host),
		sipgo.WithUserAgentTransactionLayerOptions(
			sip.WithTransactionLayerLogger(quiet),
			sip.WithTransactionLayerUnhandledResponseHandler(func(*sip.Response) {}),
		),
		sipgo.WithUserAgentTransportLayerOptions(sip.WithTransportLayerLogger(quiet)),
	)
	if err != nil {
		return fmt.Errorf("sip: %w", err)
	}
	client, err := sipgo.NewClient(s.agent, sipgo.WithClientLogger(quiet),
		sipgo.WithClientAddr(s.address.String()), sipgo.WithClientConnectionAddr(s.address.String()))
	if err != nil {
		return fmt.Errorf("sip: %w", err)
	}
	s.dialogs = sipgo.DialogUA{
		Client:     client,
		ContactHDR: sip.ContactHeader{Address: sip.Uri{Scheme: "sip", User: "caller", Host: host, Port: port}},
	}
	if s.server, err = sipgo.NewServer(s.agent, sipgo.WithServerLogger(quiet)); err != nil {
		return fmt.Errorf("sip: %w", err)
	}
	s.handleRequests()
	return nil
}

func (s *station) handleRequests() {
	s.server.OnInvite(func(req *sip.Request, tx sip.ServerTransaction) {
		if to := req.To(); s.onCall != nil && to != nil && !to.Params.Has("tag") {
			s.onCall(req, tx)
			return
		}
		s.inDialog(req, tx)
	})
	s.server.OnUpdate(s.inDialog)
	s.server.OnBye(func(req *sip.Request, tx sip.ServerTransaction) {
		if p := s.find(req); p != nil {
			p.bye(req, tx)
			return
		}
		respond(req, tx, sip.StatusCallTransactionDoesNotExists, "Call Does Not Exist")
	})
	s.server.OnAck(func(req *sip.Request, tx sip.ServerTransaction) {
		if p := s.find(req); p != nil {
			p.ack(req, tx)
		}
	})
	s.server.OnNotify(s.notify)
	s.server.OnRefer(s.refer)
	s.server.OnOptions(func(req *sip.Request, tx sip.ServerTransaction) {
		res := sip.NewResponseFromRequest(req, sip.StatusOK, "OK", nil)
		res.AppendHeader(sip.NewHeader("Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, NOTIFY"))
		res.AppendHeader(sip.NewHeader("Accept", "application/sdp"))
		_ = tx.Respond(res)
	})
}

// close ends the SIP side. The calls must have ended.
func (s *station) close() {
	_ = s.agent.Close()
	_ = s.conn.Close()
	<-s.served
}

func (s *station) join(callID string, p party) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[callID] = p
}

func (s *station) leave(callID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.calls, callID)
}

func (s *station) find(req *sip.Request) party {
	id := req.CallID()
	if id == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[id.Value()]
}

// inDialog answers a re-INVITE or an UPDATE: the session stays as it is, but
// the far end may have moved its audio.
func (s *station) inDialog(req *sip.Request, tx sip.ServerTransaction) {
	p := s.find(req)
	if p == nil {
		respond(req, tx, sip.StatusCallTransactionDoesNotExists, "Call Does Not Exist")
		return
	}
	if req.Method == sip.UPDATE && len(req.Body()) == 0 {
		res := sip.NewResponseFromRequest(req, sip.StatusOK, "OK", nil)
		res.AppendHeader(&s.dialogs.ContactHDR)
		_ = tx.Respond(res)
		return
	}
	answer, err := p.renegotiate(req.Body())
	if err != nil {
		respond(req, tx, sip.StatusNotAcceptableHere, "Not Acceptable Here")
		return
	}
	res := sip.NewSDPResponseFromRequest(req, answer)
	res.AppendHeader(&s.dialogs.ContactHDR)
	_ = tx.Respond(res)
}

// notify takes what the far end says about a transfer that a party asked for.
func (s *station) notify(req *sip.Request, tx sip.ServerTransaction) {
	asked, ok := s.find(req).(interface{ notified(status int) })
	if !ok {
		respond(req, tx, sip.StatusCallTransactionDoesNotExists, "Subscription Does Not Exist")
		return
	}
	status, err := readFragment(req.Body())
	if err != nil {
		respond(req, tx, sip.StatusBadRequest, "Bad Request")
		return
	}
	respond(req, tx, sip.StatusOK, "OK")
	asked.notified(status)
}

// refer declines to be transferred unless the party can be.
func (s *station) refer(req *sip.Request, tx sip.ServerTransaction) {
	if p, ok := s.find(req).(interface {
		refer(*sip.Request, sip.ServerTransaction)
	}); ok {
		p.refer(req, tx)
		return
	}
	respond(req, tx, sip.StatusGlobalDecline, "Decline")
}

// invite is the request for a new call from one of the station's phones.
func (s *station) invite(from, callID string, to sip.Uri, sdp []byte) *sip.Request {
	f := sip.FromHeader{Address: sip.Uri{Scheme: "sip", User: from, Host: s.address.Addr().String()}}
	f.Params.Add("tag", rand.Text())
	id := sip.CallIDHeader(callID)
	req := sip.NewRequest(sip.INVITE, to)
	req.AppendHeader(&f)
	req.AppendHeader(&id)
	req.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	req.SetBody(sdp)
	return req
}

// respond sends a final answer without a body. If it is lost, the far end asks
// again.
func respond(req *sip.Request, tx sip.ServerTransaction, code int, reason string) {
	_ = tx.Respond(sip.NewResponseFromRequest(req, code, reason, nil))
}

// sayBye hangs up. The far end has requestLimit to answer.
func sayBye(dialog interface{ Bye(context.Context) error }) error {
	ctx, cancel := context.WithTimeout(context.Background(), requestLimit)
	defer cancel()
	return dialog.Bye(ctx)
}

// readingConn tells when it is read for the first time: from then on the
// station's own socket is used for what it sends.
type readingConn struct {
	net.PacketConn
	once  sync.Once
	begun chan struct{}
}

func (c *readingConn) ReadFrom(b []byte) (int, net.Addr, error) {
	c.once.Do(func() { close(c.begun) })
	return c.PacketConn.ReadFrom(b)
}

// hostTowards is the address of this machine from which target is reached.
func hostTowards(target string) (netip.Addr, error) {
	conn, err := net.Dial("udp4", target)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("sip: %w", err)
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr(), nil
}
