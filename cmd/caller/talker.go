package main

import (
	"errors"
	"sync"
	"time"
)

// talker is what an agent says in one call: a steady tone for a while.
type talker struct {
	voice [][]byte
	over  chan struct{} // closed when the agent has said all

	mu     sync.Mutex
	line   *line
	keys   uint8 // payload type of the far end's keys; 0: none
	frames int   // to be said
	said   int
}

func (b *switchboard) newTalker(l *line, keys uint8, length time.Duration) talker {
	return talker{voice: b.voice, over: make(chan struct{}), line: l, keys: keys, frames: int(length / frameTime)}
}

func (t *talker) tick() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.said >= t.frames {
		return
	}
	t.line.send(typePCMU, t.line.header.Timestamp, t.said == 0, t.voice[t.said%len(t.voice)])
	t.line.nextFrame()
	if t.said++; t.said == t.frames {
		close(t.over)
	}
}

func (t *talker) media() media {
	return media{address: t.line.local(), codecs: []uint8{typePCMU}, keys: t.keys}
}

// hear sends the tone to where a far end wants its audio.
func (t *talker) hear(far media) error {
	if !far.speaks(typePCMU) {
		return errors.New("sdp: want PCMU")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.line.remote = far.address
	return nil
}

func (t *talker) renegotiate(offer []byte) ([]byte, error) {
	if len(offer) > 0 {
		far, err := readSDP(offer)
		if err == nil {
			err = t.hear(far)
		}
		if err != nil {
			return nil, err
		}
	}
	return writeSDP(t.media()), nil
}
