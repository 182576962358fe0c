package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/rtp"
)

// line is the RTP side of one call: a UDP socket, and the packets sent from it.
// One goroutine sends.
type line struct {
	conn   *net.UDPConn
	remote netip.AddrPort
	header rtp.Header
	buffer [12 + frameSamples]byte
}

// newLine opens a line with a free port of host.
func newLine(host netip.Addr) (*line, error) {
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(host, 0)))
	if err != nil {
		return nil, fmt.Errorf("rtp socket: %w", err)
	}
	return &line{
		conn: conn,
		header: rtp.Header{
			Version:        2,
			SSRC:           rand.Uint32(),
			SequenceNumber: uint16(rand.Uint32()),
			Timestamp:      rand.Uint32(),
		},
	}, nil
}

func (l *line) local() netip.AddrPort { return l.conn.LocalAddr().(*net.UDPAddr).AddrPort() }

// send sends one packet with this timestamp; payload is at most 20 ms of audio.
// What the network refuses is lost, as in a real network.
func (l *line) send(payloadType uint8, stamp uint32, marker bool, payload []byte) {
	h := l.header
	h.PayloadType, h.Timestamp, h.Marker = payloadType, stamp, marker
	n, err := h.MarshalTo(l.buffer[:])
	if err != nil {
		return
	}
	n += copy(l.buffer[n:], payload)
	_, _ = l.conn.WriteToUDPAddrPort(l.buffer[:n], l.remote)
	l.header.SequenceNumber++
}

// nextFrame moves on by 20 ms; it is called once a frame, sent or not.
func (l *line) nextFrame() { l.header.Timestamp += frameSamples }

// paced is what sends one frame every 20 ms.
type paced interface {
	// tick sends one frame. It must not block, nor call the pacer.
	tick()
}

// catchUp is how many frames at most are sent at once after the machine was
// busy elsewhere. More would only be a burst; the timestamps then fall back.
const catchUp = 5

// pacer gives all lines their beat: one ticker and one goroutine for all.
type pacer struct {
	mu    sync.Mutex
	lines map[paced]struct{}
	stop  chan struct{}
	ended chan struct{}
}

func startPacer() *pacer {
	p := &pacer{lines: map[paced]struct{}{}, stop: make(chan struct{}), ended: make(chan struct{})}
	go p.run()
	return p
}

// close ends the beat.
func (p *pacer) close() {
	close(p.stop)
	<-p.ended
}

// add gives l its first tick within 20 ms.
func (p *pacer) add(l paced) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lines[l] = struct{}{}
}

// remove returns when l gets no more ticks. Removing twice is allowed.
func (p *pacer) remove(l paced) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.lines, l)
}

func (p *pacer) run() {
	defer close(p.ended)
	beat := time.NewTicker(frameTime)
	defer beat.Stop()
	began, sent := time.Now(), 0
	for {
		select {
		case <-p.stop:
			return
		case <-beat.C:
		}
		due := int(time.Since(began) / frameTime)
		for sent = max(sent, due-catchUp); sent < due; sent++ {
			p.tickAll()
		}
	}
}

func (p *pacer) tickAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.lines {
		l.tick()
	}
}
