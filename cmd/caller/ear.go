package main

import (
	"math"
	"time"
)

const (
	// silenceRMS is the loudness under which a window is silence, of 32768:
	// 55 dB under full scale.
	silenceRMS = 58
	// tonePurity is the share of a window's energy that must be in one
	// frequency: a sine cut anywhere has 0.95 or more, a vowel seldom 0.7.
	tonePurity = 0.85
	// concealed is the longest run of lost windows that is taken for more of
	// what was heard before: 100 ms. A longer loss is silence.
	concealed = 10
	// unheard is for how long nothing may arrive before the ear takes it for
	// silence: longer than the jitter of a busy machine.
	unheard = 100 * samplesPerMs
)

// ear measures the audio of one call: packets in, segments out. Everything is
// measured by RTP timestamp; see axis.
type ear struct {
	tones    []int // Hz
	sorter   sorter
	axis     axis
	segments segmenter

	window int64         // the window being filled
	came   time.Duration // arrival of the packet that began it
	power  float64
	parts  []complexSum // of each tone in this window
	last   sound        // of the window before
	heardN int
}

type complexSum struct{ re, im float64 }

func newEar(tones ...int) *ear {
	return &ear{tones: tones, parts: make([]complexSum, len(tones)), last: sound{Kind: silence}}
}

// hear takes one packet. It does not keep the payload.
func (e *ear) hear(p audioPacket) {
	if len(p.payload) == 0 {
		return
	}
	e.heardN++
	e.sorter.put(p, e.measure)
	e.sorter.expire(p.at, e.measure)
}

// state is what the ear knows at a moment.
type state struct {
	segments []segment // the last one is open; the first may be an empty silence
	now      int       // ms on the axis
	quietFor int       // ms of silence until now; 0 while there is sound
}

// listen returns what is known at this moment. Where Asterisk has nothing to
// say it sends nothing, so silence is taken for granted after 100 ms without a
// packet; the segments do not depend on that.
func (e *ear) listen(at time.Duration) state {
	e.sorter.expire(at, e.measure)
	now := e.axis.now(at)
	s := state{segments: e.segments.list, now: int(now / samplesPerMs)}
	if len(s.segments) == 0 {
		return s
	}
	open := s.segments[len(s.segments)-1]
	switch {
	case open.Kind == silence:
		s.quietFor = s.now - open.Start
	case now-e.axis.end > unheard:
		s.quietFor = int((now - e.axis.end) / samplesPerMs)
	}
	return s
}

// finish ends the hearing: what is missing until this moment was silence.
func (e *ear) finish(at time.Duration) {
	e.sorter.flush(e.measure)
	if !e.axis.begun {
		return
	}
	e.skipTo(max(e.axis.end, e.axis.now(at)/windowSamples*windowSamples), 0)
	e.segments.open().End = e.segments.windows * windowMs
}

func (e *ear) counts() packetCounts {
	return packetCounts{Received: e.heardN, Lost: e.sorter.lost, Late: e.sorter.late, Anchored: e.axis.anchored}
}

// measure puts one packet, which is in order, on the axis and into windows.
func (e *ear) measure(p audioPacket) {
	start, lost := e.axis.place(p)
	e.skipTo(start, lost)
	table := &ulawTable
	if p.alaw {
		table = &alawTable
	}
	for i, b := range p.payload {
		at := start + int64(i)
		if w := at / windowSamples; w != e.window {
			e.closeWindow()
		}
		if at%windowSamples == 0 || i == 0 && e.power == 0 {
			e.came = p.at
		}
		x := table[b]
		e.power += x * x
		for t, hz := range e.tones {
			turn := int(at) * hz % sampleRate
			e.parts[t].re += x * cosTable[turn]
			e.parts[t].im += x * sinTable[turn]
		}
	}
}

// skipTo closes the windows before the sample start. A few lost ones are taken
// for more of what was heard before them; else nothing was sent: silence.
func (e *ear) skipTo(start, lost int64) {
	target := start / windowSamples
	if e.window >= target {
		return
	}
	e.closeWindow()
	missing := sound{Kind: silence}
	if lost > 0 && target-e.window <= concealed {
		missing = e.last
	}
	for ; e.window < target; e.window++ {
		e.segments.push(missing, e.came)
	}
}

// closeWindow says what the window being filled holds, and begins the next.
func (e *ear) closeWindow() {
	w := sound{Kind: silence}
	if e.power > silenceRMS*silenceRMS*windowSamples {
		w.Kind = speech
		for t, p := range e.parts {
			if 2*(p.re*p.re+p.im*p.im) >= tonePurity*e.power*windowSamples {
				w = sound{Kind: tone, Hz: e.tones[t]}
			}
		}
	}
	e.last = w
	e.segments.push(w, e.came)
	e.window++
	e.power = 0
	clear(e.parts)
}

// Waves of 1 Hz at 8000 samples a second: f Hz is every f-th entry.
var cosTable, sinTable = waves()

func waves() (c, s [sampleRate]float64) {
	for i := range c {
		s[i], c[i] = math.Sincos(2 * math.Pi * float64(i) / sampleRate)
	}
	return c, s
}
