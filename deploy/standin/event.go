package standin

import (
	"encoding/json"
	"slices"
	"time"
)

// dateFormat is how Asterisk writes an instant.
const dateFormat = "2006-01-02T15:04:05.000-0700"

// Object is a part of an event.
type Object = map[string]any

// Event gives an event as Asterisk words it: its type, and the object that it
// is of.
func Event(kind, of string, o Object) string {
	return worded(Object{"type": kind, "application": "aftercall", "timestamp": time.Now().Format(dateFormat), of: o})
}

// Key gives the event of a key on a channel.
func Key(channel, digit string) string {
	return worded(Object{
		"type": "ChannelDtmfReceived", "timestamp": time.Now().Format(dateFormat),
		"digit": digit, "duration_ms": 100, "channel": Object{"id": channel},
	})
}

func worded(o Object) string {
	b, _ := json.Marshal(o) // of texts and numbers: cannot fail
	return string(b)
}

// Start gives the event of a caller who enters, who is in the application
// from now on.
func (s *Server) Start(channel string, args ...string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.started(channel, args)
}

func (s *Server) started(channel string, args []string) string {
	l := s.line(channel)
	if !slices.Contains(s.order, channel) {
		s.order = append(s.order, channel)
	}
	l.args = args
	return worded(Object{
		"type": "StasisStart", "application": "aftercall", "timestamp": time.Now().Format(dateFormat), "args": args,
		"channel": Object{"id": channel, "name": "PJSIP/trunk-0000002a", "language": "en"},
	})
}

// Playback gives an event of the list that a channel plays last; item is the
// number of its sound.
func (s *Server) Playback(kind, channel string, item int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.line(channel)
	return played(kind, channel, list{id: l.list, media: l.media}, item)
}

func played(kind, channel string, l list, item int) string {
	state := "playing"
	if kind == "PlaybackFinished" {
		state = "done"
	}
	return Event(kind, "playback", Object{"id": l.id, "media_uri": l.media[item], "state": state, "target_uri": "channel:" + channel})
}

// Holds has channels in the application of which nothing else is known.
func (s *Server) Holds(channels ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range channels {
		s.line(c)
	}
	s.order = channels
}

// In tells how many callers are in the application.
func (s *Server) In() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.order)
}

// Forget takes a channel out of the application; it reports false if it was
// not there.
func (s *Server) Forget(channel string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.forget(channel)
}

func (s *Server) forget(channel string) bool {
	before := len(s.order)
	s.order = slices.DeleteFunc(s.order, func(c string) bool { return c == channel })
	return len(s.order) < before
}

// Limit sets how many seconds the dialplan leaves a caller, as Asterisk writes them.
func (s *Server) Limit(channel, seconds string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.line(channel).limit = seconds
}

// Plays has a list on the air of a channel that nobody asked for.
func (s *Server) Plays(channel, list string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.line(channel).list = list
}

// List gives the list that a channel plays last; "" if there was none.
func (s *Server) List(channel string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.line(channel).list
}

// Media gives the sounds of that list.
func (s *Server) Media(channel string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.line(channel).media
}
