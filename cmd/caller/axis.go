package main

import "time"

// Lengths of G.711 audio. A sample is 1/8000 s.
const (
	sampleRate   = 8000
	samplesPerMs = sampleRate / 1000
	frameMs      = 20
	frameSamples = frameMs * samplesPerMs
	frameTime    = frameMs * time.Millisecond
)

const (
	// jumpTolerance is how far timestamps may run off the time of arrival over
	// a gap and still be believed: well over any jitter of a busy machine, well
	// under the distance of two unrelated timestamp bases.
	jumpTolerance = sampleRate / 2
	// reorderDepth is how many packets wait for an earlier one before it is
	// given up: 100 ms of audio.
	reorderDepth = 5
	// restartDistance is a distance in sequence numbers that no reordering
	// makes: the sender has begun a new count.
	restartDistance = 500
)

// audioPacket is one RTP packet of G.711. at is when it arrived, on any clock
// that never steps.
type audioPacket struct {
	ssrc, ts uint32
	seq      uint16
	alaw     bool
	at       time.Duration
	payload  []byte
}

// axis puts packets on one line of samples, counted from the first packet of
// the call, by their RTP timestamps. Time of arrival matters only where the
// timestamps cannot say: at a change of SSRC and at a jump of the timestamp
// base. The axis never runs backwards.
type axis struct {
	begun    bool
	ssrc, ts uint32
	seq      uint16
	start    int64 // of the last packet, samples
	end      int64 // of the last packet, samples
	delay    delay
	anchored int // how often the axis was continued by time of arrival
}

// delay is arrival less position, in samples, of the packets that came soonest
// of the last half to whole second: jitter only adds to it. It is not that of
// the whole call, because a sender that was held up stays behind.
type delay struct{ now, before, since int64 }

const delaySpan = sampleRate / 2

func (d *delay) note(start, arrived int64) {
	if start-d.since >= delaySpan {
		*d = delay{now: arrived - start, before: d.now, since: start}
	}
	d.now = min(d.now, arrived-start)
}

func (d *delay) reset(start, arrived int64) {
	*d = delay{now: arrived - start, before: arrived - start, since: start}
}

// position is where a packet belongs that arrives at this moment.
func (d *delay) position(arrived int64) int64 { return arrived - min(d.now, d.before) }

// place returns where p begins and how many samples before it were lost: sent,
// but not received. A gap that is not lost was never sent, so it was silence.
func (x *axis) place(p audioPacket) (start, lost int64) {
	arrived := arrival(p.at)
	if !x.begun {
		x.begun = true
		x.delay.reset(0, arrived)
	} else {
		start, lost = x.after(p, arrived)
	}
	x.ssrc, x.ts, x.seq = p.ssrc, p.ts, p.seq
	x.start, x.end = start, start+int64(len(p.payload))
	x.delay.note(start, arrived)
	return start, lost
}

func (x *axis) after(p audioPacket, arrived int64) (start, lost int64) {
	expected := x.delay.position(arrived)
	if p.ssrc == x.ssrc {
		step, packets := int64(int32(p.ts-x.ts)), int64(int16(p.seq-x.seq))
		start = x.start + step
		if step == packets*(x.end-x.start) && packets > 0 {
			return start, start - x.end
		}
		if packets == 1 && step == int64(len(p.payload)) && start < x.end {
			// Asterisk stamps the short last frame of a sound file by its own
			// length, into the frame before it.
			return x.end, 0
		}
		if start >= x.end && abs(start-expected) <= jumpTolerance {
			return start, 0
		}
	}
	x.anchored++
	// Whole windows, so that what follows still falls into them evenly.
	expected = (expected + windowSamples/2) / windowSamples * windowSamples
	start = max(expected, x.end)
	x.delay.reset(start, arrived)
	return start, 0
}

// now is the position of a packet that would arrive at this moment, samples.
func (x *axis) now(at time.Duration) int64 {
	if !x.begun {
		return 0
	}
	return max(x.start, x.delay.position(arrival(at)))
}

func arrival(at time.Duration) int64 { return int64(at) * sampleRate / int64(time.Second) }

func abs(n int64) int64 { return max(n, -n) }

// sorter gives packets back in the order of their sequence numbers. A packet
// that is out of order waits for the missing ones, but not for ever.
type sorter struct {
	begun       bool
	ssrc        uint32
	next        uint16
	held        []audioPacket // payloads are copies
	lost, late  int
	firstHeldAt time.Duration
}

// put takes one packet and calls hear for every packet that is now in order.
// It keeps p.payload only as a copy.
func (s *sorter) put(p audioPacket, hear func(audioPacket)) {
	ahead := int(int16(p.seq - s.next))
	switch {
	case !s.begun || p.ssrc != s.ssrc || abs(int64(ahead)) > restartDistance:
		s.flush(hear)
		s.begun, s.ssrc = true, p.ssrc
		s.pass(p, hear)
	case ahead == 0:
		s.pass(p, hear)
	case ahead < 0 || s.holds(p.seq):
		s.late++
		return
	default:
		if len(s.held) == 0 {
			s.firstHeldAt = p.at
		}
		p.payload = append([]byte(nil), p.payload...)
		s.held = append(s.held, p)
	}
	for s.passHeld(hear) {
	}
	if len(s.held) >= reorderDepth {
		s.giveUp(hear)
	}
}

// expire gives up what was missing when the packets behind it have waited for
// 100 ms, in case no more packets come.
func (s *sorter) expire(at time.Duration, hear func(audioPacket)) {
	if len(s.held) > 0 && at-s.firstHeldAt > reorderDepth*frameTime {
		s.giveUp(hear)
	}
}

// flush passes all that is held.
func (s *sorter) flush(hear func(audioPacket)) {
	for len(s.held) > 0 {
		s.giveUp(hear)
	}
}

// giveUp counts the packets before the first held one as lost, and passes on.
func (s *sorter) giveUp(hear func(audioPacket)) {
	gap := uint16(restartDistance + 1)
	for _, p := range s.held {
		gap = min(gap, p.seq-s.next)
	}
	s.lost += int(gap)
	s.next += gap
	for s.passHeld(hear) {
	}
	if len(s.held) > 0 {
		s.firstHeldAt = s.held[0].at
	}
}

func (s *sorter) holds(seq uint16) bool {
	for _, p := range s.held {
		if p.seq == seq {
			return true
		}
	}
	return false
}

func (s *sorter) passHeld(hear func(audioPacket)) bool {
	for i, p := range s.held {
		if p.seq == s.next {
			s.held = append(s.held[:i], s.held[i+1:]...)
			s.pass(p, hear)
			return true
		}
	}
	return false
}

func (s *sorter) pass(p audioPacket, hear func(audioPacket)) {
	s.next = p.seq + 1
	hear(p)
}
