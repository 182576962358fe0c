package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"github.com/pion/rtp"
)

var errStopped = errors.New("stopped")

// call is one robot's call. It is made by crew.newCall, used for one carryOut.
type call struct {
	crew    *crew
	persona *persona
	record  callRecord

	outgoing
	hangup chan struct{} // closed when the persona hangs up
	heard  *time.Timer   // rings when nothing has come for too long; nil = never

	mu       sync.Mutex // guards what follows, which the pacer and the reader share
	line     *line
	codec    uint8 // to send
	keyType  uint8 // RTP payload type of keys
	began    time.Time
	ear      *ear
	cues     *cues
	keypad   keypad
	pressing bool
	talking  bool // a first packet was sent
}

// carryOut makes the call and returns its record when it has ended.
func (c *call) carryOut(ctx context.Context) callRecord {
	o := &c.crew.options
	ctx, cancel := context.WithTimeout(ctx, o.limit)
	defer cancel()
	c.record.DialledAt = time.Now().UTC()
	c.record.CallID = rand.Text()
	c.answered, c.hangup = make(chan struct{}), make(chan struct{})
	c.ear = newEar(append([]int{o.tone, o.releaseTone}, o.moreTones...)...)
	c.cues = newCues(c.persona, o.tone, o.releaseTone)
	c.keypad.holdMs = o.keyMs

	by, err := c.dialAndListen(ctx)
	if err != nil {
		c.record.Error = err.Error()
	}
	c.record.EndedBy = by
	c.record.EndedAt = time.Now().UTC()
	c.record.Segments = append([]segment{}, c.ear.segments.heard()...)
	c.record.Visits = c.cues.finish(c.record.Segments)
	c.record.Released = c.cues.released
	c.record.ActsLeft = c.cues.left()
	c.record.Packets = c.ear.counts()
	return c.record
}

func (c *call) dialAndListen(ctx context.Context) (ending, error) {
	station := c.crew.station
	var err error
	if c.line, err = newLine(station.address.Addr()); err != nil {
		return endedByFault, err
	}
	defer c.line.conn.Close()
	station.join(c.record.CallID, c)
	defer station.leave(c.record.CallID)
	if err := c.dial(ctx); err != nil {
		return endedByFault, fmt.Errorf("dial %q: %w", c.record.Number, err)
	}
	c.record.AnsweredAt = time.Now().UTC()
	c.began = time.Now()

	if c.crew.options.lostAfter > 0 {
		c.heard = time.NewTimer(c.crew.options.lostAfter)
		defer c.heard.Stop()
	}
	deaf := make(chan struct{})
	go func() {
		defer close(deaf)
		c.receive()
	}()
	c.crew.pacer.add(c)
	by, err := c.waitForEnd(ctx)
	ended := time.Since(c.began)
	c.crew.pacer.remove(c)
	if by == endedByFar {
		// What came before the end may not have been read yet on a busy machine.
		err = errors.Join(err, c.line.conn.SetReadDeadline(time.Now().Add(drainLimit)))
	} else {
		c.line.conn.Close()
	}
	<-deaf
	c.line.conn.Close()

	c.ear.finish(ended)
	c.cues.next(c.ear.listen(ended))
	if err == nil && c.ear.heardN == 0 {
		err = errors.New("no audio was received")
	}
	return by, err
}

// waitForEnd returns who ended the call; if it was not the far end, it hangs up.
func (c *call) waitForEnd(ctx context.Context) (by ending, err error) {
	var lost <-chan time.Time
	if c.heard != nil {
		lost = c.heard.C
	}
	select {
	case <-c.dialog.Context().Done():
		return endedByFar, nil
	case <-c.hangup:
		by = endedByCaller
	case <-lost:
		by, err = endedByLimit, fmt.Errorf("nothing was heard for %s", c.crew.options.lostAfter)
	case <-ctx.Done():
		by, err = endedByCaller, errStopped
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			by, err = endedByLimit, fmt.Errorf("still up after %s", c.crew.options.limit)
		}
	}
	if bye := sayBye(c.dialog); bye != nil && c.dialog.Context().Err() == nil {
		err = errors.Join(err, fmt.Errorf("hang up: %w", bye))
	}
	return by, err
}

// drainLimit is how long after the far end's goodbye what came before it is read.
const drainLimit = 200 * time.Millisecond

// receive hears what arrives until the line is closed, or its time is over.
func (c *call) receive() {
	var p rtp.Packet
	buffer := make([]byte, 1500)
	for {
		n, _, err := c.line.conn.ReadFromUDPAddrPort(buffer)
		if errors.Is(err, net.ErrClosed) || errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
		if err != nil || p.Unmarshal(buffer[:n]) != nil {
			continue
		}
		if p.PayloadType != typePCMU && p.PayloadType != typePCMA {
			continue
		}
		if c.heard != nil {
			c.heard.Reset(c.crew.options.lostAfter)
		}
		c.mu.Lock()
		c.ear.hear(audioPacket{
			ssrc: p.SSRC, ts: p.Timestamp, seq: p.SequenceNumber,
			alaw:    p.PayloadType == typePCMA,
			at:      time.Since(c.began),
			payload: p.Payload,
		})
		c.mu.Unlock()
	}
}

// tick does the act that is due, and sends one frame: of a key, or silence.
func (c *call) tick() {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.ear.listen(time.Since(c.began))
	if c.keypad.idle() {
		if c.pressing {
			c.pressing = false
			c.cues.done(s.now)
		}
		if a := c.cues.next(s); a != nil {
			c.do(a, s.now)
		}
	}
	c.sendFrame(s.now)
	c.line.nextFrame()
}

func (c *call) do(a *act, now int) {
	if a.Hangup {
		c.cues.done(now)
		close(c.hangup)
		return
	}
	c.pressing = true
	c.keypad.press(a.Press)
}

var (
	ulawSilenceFrame = silenceFrame(ulawSilence)
	alawSilenceFrame = silenceFrame(alawSilence)
)

func silenceFrame(b byte) []byte {
	frame := make([]byte, frameSamples)
	for i := range frame {
		frame[i] = b
	}
	return frame
}

func (c *call) sendFrame(now int) {
	stamp := c.line.header.Timestamp
	k, key := c.keypad.next(stamp)
	if !key {
		frame := ulawSilenceFrame
		if c.codec == typePCMA {
			frame = alawSilenceFrame
		}
		c.line.send(c.codec, stamp, !c.talking, frame)
		c.talking = true
		return
	}
	c.line.send(c.keyType, k.stamp, k.first, k.payload)
	presses := &c.cues.visit().Presses
	if k.first {
		*presses = append(*presses, press{Key: string(k.key), Start: now, End: now})
	}
	if k.end {
		last := &(*presses)[len(*presses)-1]
		last.End, last.Sent = now, time.Since(c.began).Microseconds()
	}
}
