package main

import "time"

// kind is what a stretch of audio is. The list is closed.
type kind string

const (
	silence kind = "silence" // under the threshold, or nothing was sent
	speech  kind = "speech"  // any sound that is not one of the tones
	tone    kind = "tone"    // a steady sine of one of the listened-for frequencies
)

// sound is what one window holds. Hz is set for a tone only.
type sound struct {
	Kind kind `json:"kind"`
	Hz   int  `json:"hz,omitempty"`
}

// segment is a stretch of one sound, on the call's axis. Came is when the
// packet that begins it arrived, in µs since the call was answered; that of
// silence means nothing, because silence may be no packet at all.
type segment struct {
	sound
	Start int   `json:"start_ms"`
	End   int   `json:"end_ms"`
	Came  int64 `json:"came_us"`
}

// A window is the grain of measuring.
const (
	windowMs      = 10
	windowSamples = windowMs * samplesPerMs
)

// shortest is how many windows in a row make a segment of their own; less is
// taken into its neighbours. Stops inside a word stay speech, and no vowel is
// steady for so long that it becomes a tone.
var shortest = map[kind]int{silence: 5, speech: 3, tone: 10}

// edgeWindows may stand between two sounds without being either: the window in
// which one ends and the next begins.
const edgeWindows = 2

// segmenter makes segments of windows. The last segment of list is open: it
// grows. The first is silence and may be empty.
type segmenter struct {
	list    []segment
	windows int // pushed so far
	next    segment
	run     int // windows in next: a sound that is not yet long enough for a segment
}

// push adds one window, with when what is in it came.
func (s *segmenter) push(w sound, came time.Duration) {
	if len(s.list) == 0 {
		s.list = append(s.list, segment{sound: sound{Kind: silence}})
	}
	start := s.windows * windowMs
	s.windows++
	end := start + windowMs
	if s.run > 0 && s.next.Kind == tone && w != s.next.sound {
		s.breakTone(start)
	}
	switch {
	case w == s.open().sound:
		s.open().End = end
		s.run = 0
		return
	case s.run == 0:
		s.next = segment{sound: w, Start: start, Came: came.Microseconds()}
	case w != s.next.sound && s.run <= edgeWindows:
		s.next.sound = w
	case w != s.next.sound:
		s.open().End = start
		s.next = segment{sound: w, Start: start, Came: came.Microseconds()}
		s.run = 0
	}
	s.run++
	if s.run >= shortest[w.Kind] {
		s.begin(end)
	}
}

// breakTone makes speech of a tone that was too short for one.
func (s *segmenter) breakTone(at int) {
	s.next.sound = sound{Kind: speech}
	switch {
	case s.open().Kind == speech:
		s.open().End = at
		s.run = 0
	case s.run >= shortest[speech]:
		s.begin(at)
	}
}

// begin closes the open segment and opens the next.
func (s *segmenter) begin(end int) {
	s.open().End = s.next.Start
	s.next.End = end
	s.list = append(s.list, s.next)
	s.run = 0
}

func (s *segmenter) open() *segment { return &s.list[len(s.list)-1] }

// heard returns the segments without an empty one at the beginning.
func (s *segmenter) heard() []segment {
	if len(s.list) > 1 && s.list[0].End == 0 {
		return s.list[1:]
	}
	return s.list
}
