package main

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const (
	testTone    = 620
	testRelease = 1850
)

// stream makes the packets of a far end that sends 20 ms frames.
type stream struct {
	packets []audioPacket
	ssrc    uint32
	seq     uint16
	ts      uint32
	at      time.Duration
	noise   *rand.Rand
}

func newStream() *stream {
	return &stream{ssrc: 1, seq: 100, ts: 5000, at: time.Second, noise: rand.New(rand.NewPCG(1, 2))}
}

// frames adds ms of audio made by sample, which is told the sample's number.
func (s *stream) frames(ms int, sample func(n int) float64) *stream {
	for frame := range ms / frameMs {
		payload := make([]byte, frameSamples)
		for i := range payload {
			payload[i] = encodeUlaw(sample(frame*frameSamples + i))
		}
		s.packets = append(s.packets, audioPacket{ssrc: s.ssrc, ts: s.ts, seq: s.seq, at: s.at, payload: payload})
		s.seq++
		s.skip(frameMs)
	}
	return s
}

// skip lets time pass in which nothing is sent.
func (s *stream) skip(ms int) *stream {
	s.ts += uint32(ms * samplesPerMs)
	s.at += time.Duration(ms) * time.Millisecond
	return s
}

func (s *stream) sine(hz, ms int) *stream {
	return s.frames(ms, func(n int) float64 { return 8000 * sinTable[n*hz%sampleRate] })
}

// speak adds a voice: a fundamental with overtones that rise and fall, and breath.
func (s *stream) speak(ms int) *stream {
	return s.frames(ms, func(n int) float64 {
		t := float64(n) / sampleRate
		pitch := 2 * math.Pi * (210*t + 3*math.Sin(2*math.Pi*4*t))
		return 2500*math.Sin(pitch) + 2000*math.Sin(2*pitch) + 3000*math.Sin(3*pitch) + 600*s.noise.NormFloat64()
	})
}

func (s *stream) silent(ms int) *stream { return s.frames(ms, func(int) float64 { return 0 }) }

// changeSource does what Asterisk does where a bridge ends and a playback
// begins: new SSRC, sequence and timestamps, and no gap in time.
func (s *stream) changeSource() *stream {
	s.ssrc, s.seq, s.ts = s.ssrc+77, s.seq+20000, s.ts-3_000_000_000
	return s
}

// hear gives the packets to an ear in the order of the list.
func (s *stream) hear() *ear {
	e := newEar(testTone, testRelease)
	for _, p := range s.packets {
		e.hear(p)
	}
	e.finish(s.at)
	return e
}

func seg(k kind, hz, start, end int) segment {
	return segment{sound: sound{Kind: k, Hz: hz}, Start: start, End: end}
}

// sameSegments compares segments without when their packets came.
var sameSegments = cmp.Options{cmp.AllowUnexported(segment{}), cmpopts.IgnoreFields(segment{}, "Came")}

// surveyStream is an agent, an option, 3 s of silence, an option, the end.
func surveyStream() *stream {
	return newStream().sine(testTone, 1000).silent(500).speak(800).silent(3000).speak(600).silent(400).sine(testRelease, 500)
}

var surveySegments = []segment{
	seg(tone, testTone, 0, 1000), seg(silence, 0, 1000, 1500), seg(speech, 0, 1500, 2300),
	seg(silence, 0, 2300, 5300), seg(speech, 0, 5300, 5900), seg(silence, 0, 5900, 6300),
	seg(tone, testRelease, 6300, 6800),
}

func TestEarMeasures(t *testing.T) {
	tests := map[string]struct {
		stream *stream
		want   []segment
	}{
		"exactly, frame by frame": {surveyStream(), surveySegments},
		"over the wrap of sequence and timestamp": {
			func() *stream {
				s := surveyStream()
				for i := range s.packets {
					s.packets[i].seq += 65536 - 200
					s.packets[i].ts -= 5000 + 16000
				}
				return s
			}(), surveySegments,
		},
		"a gap in which nothing was sent as silence": {
			newStream().speak(400).skip(3000).speak(400),
			[]segment{seg(speech, 0, 0, 400), seg(silence, 0, 400, 3400), seg(speech, 0, 3400, 3800)},
		},
		"nothing sent after the last frame as silence": {
			newStream().speak(400).skip(1000),
			[]segment{seg(speech, 0, 0, 400), seg(silence, 0, 400, 1400)},
		},
		"on one axis over a change of source": {
			newStream().sine(testTone, 1000).changeSource().speak(400).changeSource().silent(1000).speak(200),
			[]segment{seg(tone, testTone, 0, 1000), seg(speech, 0, 1000, 1400), seg(silence, 0, 1400, 2400), seg(speech, 0, 2400, 2600)},
		},
		"time that passed at a change of source": {
			newStream().sine(testTone, 1000).changeSource().skip(700).speak(400),
			[]segment{seg(tone, testTone, 0, 1000), seg(silence, 0, 1000, 1700), seg(speech, 0, 1700, 2100)},
		},
		"a stop inside a word as speech, a click as silence": {
			newStream().speak(400).silent(40).speak(400).silent(600).speak(20).silent(600),
			[]segment{seg(speech, 0, 0, 840), seg(silence, 0, 840, 2060)},
		},
		"a short tone as speech": {
			newStream().silent(200).sine(testTone, 60).silent(200),
			[]segment{seg(silence, 0, 0, 200), seg(speech, 0, 200, 260), seg(silence, 0, 260, 460)},
		},
		"a tone of another frequency as speech": {
			newStream().sine(1000, 400),
			[]segment{seg(speech, 0, 0, 400)},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, test.stream.hear().segments.heard(), sameSegments); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What the network does to packets must not change what was heard.
func TestEarDespiteTheNetwork(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	tests := map[string]struct {
		network func(*stream)
		want    packetCounts
	}{
		"jitter of up to 400 ms": {func(s *stream) {
			last := time.Duration(0)
			for i := range s.packets {
				last = max(last, s.packets[i].at+time.Duration(r.IntN(400))*time.Millisecond)
				s.packets[i].at = last
			}
		}, packetCounts{Received: 340}},
		"neighbours changing places": {func(s *stream) {
			for i := 1; i+2 < len(s.packets); i += 3 {
				s.packets[i], s.packets[i+1] = s.packets[i+1], s.packets[i]
			}
		}, packetCounts{Received: 340}},
		"every packet coming twice": {func(s *stream) {
			var twice []audioPacket
			for _, p := range s.packets {
				twice = append(twice, p, p)
			}
			s.packets = twice
		}, packetCounts{Received: 680, Late: 340}},
		"every 25th packet being lost": {func(s *stream) {
			var some []audioPacket
			for i, p := range s.packets {
				if i%25 != 13 {
					some = append(some, p)
				}
			}
			s.packets = some
		}, packetCounts{Received: 326, Lost: 14}},
		"a packet coming after it was given up": {func(s *stream) {
			late := s.packets[90]
			s.packets = append(append(append([]audioPacket{}, s.packets[:90]...), s.packets[91:100]...),
				append([]audioPacket{late}, s.packets[100:]...)...)
		}, packetCounts{Received: 340, Lost: 1, Late: 1}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := surveyStream()
			test.network(s)
			e := s.hear()
			if diff := cmp.Diff(surveySegments, e.segments.heard(), sameSegments); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.want, e.counts()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Asterisk stamps a sound file's short last frame into the one before it, and
// goes on from there; it still takes 20 ms to send.
func TestEarShortLastFrame(t *testing.T) {
	s := newStream().speak(400)
	s.speak(20)
	short := &s.packets[len(s.packets)-1]
	short.payload = short.payload[:47]
	short.ts -= frameSamples - 47
	s.ts -= frameSamples - 47
	e := s.silent(600).speak(200).hear()
	want := []segment{seg(speech, 0, 0, 410), seg(silence, 0, 410, 1020), seg(speech, 0, 1020, 1220)}
	if diff := cmp.Diff(want, e.segments.heard(), sameSegments); diff != "" {
		t.Error(diff)
	}
	if e.axis.anchored != 0 {
		t.Errorf("anchored %d times, want by timestamps only", e.axis.anchored)
	}
}

func TestEarHearsAlaw(t *testing.T) {
	s := newStream().sine(testRelease, 200)
	for i := range s.packets {
		s.packets[i].alaw = true
		for j, b := range s.packets[i].payload {
			s.packets[i].payload[j] = nearest(&alawTable, ulawTable[b])
		}
	}
	want := []segment{seg(tone, testRelease, 0, 200)}
	if diff := cmp.Diff(want, s.hear().segments.heard(), sameSegments); diff != "" {
		t.Error(diff)
	}
}

// A segment tells when the packet that begins it came, however late that was.
func TestEarTellsWhenSoundCame(t *testing.T) {
	s := newStream().sine(testTone, 200).silent(400).sine(testRelease, 200)
	const late = 7 * time.Millisecond
	want := []time.Duration{s.packets[0].at, s.packets[30].at + late}
	for i := range s.packets[30:] {
		s.packets[30+i].at += late
	}
	var got []time.Duration
	for _, g := range s.hear().segments.heard() {
		if g.Kind == tone {
			got = append(got, time.Duration(g.Came)*time.Microsecond)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Where nothing is sent the ear must not wait for a packet to know that it is
// quiet.
func TestEarListensToNothing(t *testing.T) {
	s := newStream().speak(400)
	e := newEar(testTone, testRelease)
	for _, p := range s.packets {
		e.hear(p)
	}
	for after, want := range map[time.Duration]int{80 * time.Millisecond: 0, 2 * time.Second: 2000} {
		if got := e.listen(s.at + after).quietFor; got != want {
			t.Errorf("%s after the last frame: quiet for %d ms, want %d", after, got, want)
		}
	}
	if got := e.listen(s.at + 2*time.Second).now; got != 2400 {
		t.Errorf("now is %d ms, want 2400", got)
	}
}

func BenchmarkEar(b *testing.B) {
	s := surveyStream()
	b.ReportAllocs()
	for b.Loop() {
		s.hear()
	}
}
