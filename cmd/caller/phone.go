package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

// agentOptions are the flags of `caller agents`.
type agentOptions struct {
	listen           string
	talkMin, talkMax time.Duration
	seed             uint64
	tone             int // Hz
	anyHost          bool
	transfers        map[string]transfer // by agent
	pickUp           time.Duration       // before an agent answers
	consult          time.Duration       // how long an agent talks to the other one before an attended transfer
}

// tally is what one agent did. Who could not transfer hung up.
type tally struct{ answered, hungUp, farHungUp, transferred, notTransferred int }

// switchboard is the phones of all agents: one station, one voice.
type switchboard struct {
	options agentOptions
	station *station
	pacer   *pacer
	voice   [][]byte // frames of the tone, round and round
	ctx     context.Context
	calls   sync.WaitGroup

	mu     sync.Mutex
	closed bool // no more calls are taken
	agents map[string]*tally
}

// runAgents is the phones until ctx ends. Its first line of output is the
// address, its last lines are what each agent did.
func runAgents(ctx context.Context, o agentOptions, stdout io.Writer) error {
	address, err := net.ResolveUDPAddr("udp4", o.listen)
	if err != nil {
		return fmt.Errorf("--listen %q: %w", o.listen, err)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	b := &switchboard{
		options: o,
		voice:   toneFrames(o.tone),
		ctx:     ctx,
		pacer:   startPacer(),
		agents:  map[string]*tally{},
	}
	defer b.pacer.close()
	ready := make(chan struct{})
	b.station, err = newStation(address.AddrPort(), func(req *sip.Request, tx sip.ServerTransaction) {
		<-ready
		b.answer(req, tx)
	})
	if err != nil {
		return err
	}
	close(ready)
	defer b.station.close()
	if _, err := fmt.Fprintf(stdout, "listening on %s\n", b.station.address); err != nil {
		return err
	}
	<-ctx.Done()
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.calls.Wait()
	return b.print(stdout)
}

func (b *switchboard) print(w io.Writer) error {
	if _, err := fmt.Fprintf(w, "%-12s %9s %13s %15s %11s %15s\n", "agent", "answered", "agent hung up", "far end hung up", "transferred", "not transferred"); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(b.agents)) {
		t := b.agents[name]
		if _, err := fmt.Fprintf(w, "%-12s %9d %13d %15d %11d %15d\n", name, t.answered, t.hungUp, t.farHungUp, t.transferred, t.notTransferred); err != nil {
			return err
		}
	}
	return nil
}

// enter counts a call as going on; false when the phones are being put away.
func (b *switchboard) enter() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.closed {
		b.calls.Add(1)
	}
	return !b.closed
}

// count notes something about one agent.
func (b *switchboard) count(agent string, note func(*tally)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.agents[agent] == nil {
		b.agents[agent] = &tally{}
	}
	note(b.agents[agent])
}

// answer takes one call, from the INVITE to its end.
func (b *switchboard) answer(req *sip.Request, tx sip.ServerTransaction) {
	if !b.enter() {
		respond(req, tx, sip.StatusTemporarilyUnavailable, "Temporarily Unavailable")
		return
	}
	defer b.calls.Done()
	far, err := readSDP(req.Body())
	if err == nil && !far.speaks(typePCMU) {
		err = errors.New("sdp: want PCMU")
	}
	if err != nil || req.CallID() == nil {
		respond(req, tx, sip.StatusNotAcceptableHere, "Not Acceptable Here")
		return
	}
	line, err := newLine(b.station.address.Addr())
	if err != nil {
		respond(req, tx, sip.StatusInternalServerError, "No Line")
		return
	}
	defer line.conn.Close()
	line.remote = far.address
	dialog, err := b.station.dialogs.ReadInvite(req, tx)
	if err != nil {
		respond(req, tx, sip.StatusBadRequest, "Bad Request")
		return
	}
	id := req.CallID().Value()
	call := &agentCall{
		talker:   b.newTalker(line, far.keys, b.talkTime(id)),
		dialog:   dialog,
		referred: make(chan int, referredBound),
	}
	b.station.join(id, call)
	defer b.station.leave(id)
	b.talk(call, tx)
}

// talk answers, speaks, and hangs up or hands the caller on.
func (b *switchboard) talk(call *agentCall, tx sip.ServerTransaction) {
	stop := context.AfterFunc(b.ctx, tx.Terminate) // an answer waits long for its ACK
	status, reason := sip.StatusRinging, "Ringing"
	if b.options.pickUp > 0 {
		status, reason = sip.StatusTrying, "Trying"
	}
	err := call.dialog.Respond(status, reason, nil)
	select {
	case <-time.After(b.options.pickUp):
	case <-tx.Done(): // the far end gave up
	}
	err = errors.Join(err, call.dialog.RespondSDP(writeSDP(call.media())))
	stop()
	if err != nil {
		return
	}
	agent := call.dialog.InviteRequest.Recipient.User
	b.count(agent, func(t *tally) { t.answered++ })
	b.pacer.add(call)
	defer b.pacer.remove(call)
	select {
	case <-call.dialog.Context().Done():
		b.count(agent, func(t *tally) { t.farHungUp++ })
		return
	case <-call.over:
		if t, ok := b.options.transfers[agent]; ok && b.transferred(call, agent, t) {
			return
		}
	case <-b.ctx.Done():
	}
	_ = sayBye(call.dialog) // whether or not it is answered, the agent has put the phone down
	b.count(agent, func(t *tally) { t.hungUp++ })
}

// talkTime is how long the agent talks in this call.
func (b *switchboard) talkTime(callID string) time.Duration {
	h := fnv.New64a()
	_ = binary.Write(h, binary.BigEndian, b.options.seed)
	_, _ = io.WriteString(h, callID)
	spread := uint64(b.options.talkMax-b.options.talkMin) + 1
	return b.options.talkMin + time.Duration(h.Sum64()%spread)
}

// agentCall is one call that an agent answered.
type agentCall struct {
	talker
	dialog   *sipgo.DialogServerSession
	referred chan int // statuses of the transfer that the agent asked for
}

// far is where the far end takes requests.
func (c *agentCall) far() sip.Uri { return c.dialog.InviteRequest.Contact().Address }

func (c *agentCall) bye(req *sip.Request, tx sip.ServerTransaction) { _ = c.dialog.ReadBye(req, tx) }
func (c *agentCall) ack(req *sip.Request, tx sip.ServerTransaction) { _ = c.dialog.ReadAck(req, tx) }

func (c *agentCall) notified(status int) {
	select {
	case c.referred <- status:
	default: // the agent has gone
	}
}
