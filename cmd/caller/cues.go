package main

import "time"

const (
	// partPause is the silence that ends a part of the survey: longer than any
	// pause inside a sentence, shorter than any between two options.
	partPause = 350 * time.Millisecond
	// talkHole is a hole in an agent's tone, ms, that a busy machine makes; the
	// next agent's talk does not begin so soon.
	talkHole = 200
	// ownEcho is how long after a deed the prompt it has cut off may still be
	// heard: speech in that time is no answer to the deed.
	ownEcho = 300 // ms
)

// cues tells a robot when its persona's next act is due. It follows the
// segments of the ear and asks no clock.
type cues struct {
	acts      []act
	tone      int // Hz, the agent's voice
	release   int // Hz, the operator's dialplan goes on
	visits    []visitRecord
	released  bool
	entered   int  // segments seen
	surveying bool // between the survey's first speech and the release or the next talk
	parts     int  // begun in this survey
	partEnded bool
	spoken    bool // speech since the last deed
	deed      int  // when the last one was done, ms
	dropped   int  // acts whose visit was over before their cue came
}

func newCues(p *persona, toneHz, releaseHz int) *cues {
	return &cues{acts: p.Acts, tone: toneHz, release: releaseHz, visits: []visitRecord{}, deed: -ownEcho}
}

// next returns the act that is due, or nil. The caller must say done before it
// asks again.
func (c *cues) next(s state) *act {
	for ; c.entered < len(s.segments); c.entered++ {
		if c.entered > 0 {
			before := s.segments[c.entered-1]
			c.leave(before)
			if a := c.due(before.End, quiet(before)); a != nil {
				return a
			}
		}
		c.enter(s.segments[c.entered])
	}
	if c.entered > 0 {
		open := s.segments[c.entered-1]
		c.follow(open.Kind, open.End, s.quietFor)
	}
	return c.due(s.now, s.quietFor)
}

// done says that the act returned by next has been carried out.
func (c *cues) done(now int) {
	c.acts = c.acts[1:]
	c.deed, c.spoken = now, false
}

// visit is the visit that is going on, or nil before the first talk.
func (c *cues) visit() *visitRecord {
	if len(c.visits) == 0 {
		return nil
	}
	return &c.visits[len(c.visits)-1]
}

func quiet(s segment) int {
	if s.Kind == silence {
		return s.End - s.Start
	}
	return 0
}

// goesOn reports whether a segment is the talk of this visit behind a hole.
func (c *cues) goesOn(s segment) bool {
	v := c.visit()
	return v != nil && s.Kind == tone && s.Hz == c.tone && v.SurveyStart == nil && s.Start-v.TalkEnd < talkHole
}

func (c *cues) enter(s segment) {
	switch {
	case c.goesOn(s):
	case s.Kind == tone && s.Hz == c.tone:
		c.visits = append(c.visits, visitRecord{TalkStart: s.Start, TalkEnd: s.Start, Presses: []press{}})
		c.surveying, c.parts, c.partEnded, c.spoken = false, 0, true, false
		for len(c.acts) > 0 && c.acts[0].Visit < len(c.visits) {
			c.acts = c.acts[1:]
			c.dropped++
		}
	case len(c.visits) == 0:
	case s.Kind == tone:
		c.released = c.released || s.Hz == c.release
		c.surveying = false
	case s.Kind == speech:
		v := c.visit()
		if v.SurveyStart == nil {
			v.SurveyStart = &s.Start
			c.surveying, c.partEnded = true, true
		}
		if c.partEnded {
			c.parts++
			c.partEnded = false
		}
		c.spoken = c.spoken || s.Start > c.deed
	}
}

// follow notes what the open segment has come to.
func (c *cues) follow(k kind, end, quietFor int) {
	if k == speech && end > c.deed+ownEcho {
		c.spoken = true
	}
	if quietFor >= int(partPause.Milliseconds()) {
		c.partEnded = true
	}
}

func (c *cues) leave(s segment) {
	c.follow(s.Kind, s.End, quiet(s))
	if v := c.visit(); v != nil && s.Kind == tone && s.Hz == c.tone {
		v.TalkEnd = s.End
	}
}

// left is how many acts have not been carried out.
func (c *cues) left() int { return len(c.acts) + c.dropped }

// due returns the first act left, if it belongs to this visit and its cue has
// come.
func (c *cues) due(now, quietFor int) *act {
	if len(c.acts) == 0 || c.acts[0].Visit != len(c.visits) {
		return nil
	}
	a, v := &c.acts[0], c.visit()
	come := false
	switch {
	case a.Talk != nil:
		come = now >= v.TalkStart+a.Talk.ms()
	case !c.surveying:
	case a.At != nil:
		come = now >= *v.SurveyStart+a.At.ms()
	case a.AfterPart != nil:
		ended := c.parts
		if !c.partEnded {
			ended--
		}
		come = ended >= *a.AfterPart
	case a.Quiet != nil:
		come = c.spoken && quietFor >= a.Quiet.ms()
	}
	if !come {
		return nil
	}
	return a
}

// finish completes the visits' records with the segments of the whole call.
func (c *cues) finish(all []segment) []visitRecord {
	for i := range c.visits {
		v := &c.visits[i]
		v.Segments = []segment{}
		for _, s := range all {
			if s.Start < v.TalkStart || i+1 < len(c.visits) && s.Start >= c.visits[i+1].TalkStart {
				continue
			}
			if s.Kind == tone && s.Hz == c.tone {
				v.TalkEnd = s.End
			}
			v.Segments = append(v.Segments, s)
		}
	}
	return c.visits
}
