package standin

import (
	"slices"
	"time"
)

// How a caller's time in the application ended.
type How string

// Every way out.
const (
	SentOn    How = "sent on"    // nobody was connected: never was in the application
	Released  How = "released"   // by the client
	HungUp    How = "hung up"    // by the caller
	TakenBack How = "taken back" // by the dialplan's time limit
)

// Act is something that a caller does: a while after the n-th time that
// something happened on the line.
type Act struct {
	// Cue is an event's type, a request that went well ("play", "stop",
	// "continue"), "enter", or "thanks": a thank-you begins.
	Cue  string
	N    int // from 1
	Wait time.Duration
	Key  string // "" = hangs up
}

// Caller is somebody who enters the application and acts.
type Caller struct {
	Channel string
	Args    []string // of Stasis()
	Acts    []Act

	log  Log // guarded by the server's lock
	gone chan struct{}
}

// Log is what a caller saw of the service.
type Log struct {
	Entered, Gone time.Time // Gone: zero = still in the application
	How           How
	Thanked       int        // times that a thank-you began to play
	Told          Delivery   // of the entry: the first time that it reached the client; its time is zero if it never did
	Keys          []Delivery // that reached the client, in their order
	Played        time.Time  // the client first had something played; zero = never
	Asked         time.Time  // the client first asked for the release, however that went; zero = never
	Disturbed     bool       // an event of somebody else's ended or changed the caller's survey
}

// Delivery is a key, or an entry, that reached the client: one for each time.
type Delivery struct {
	Key  string
	At   time.Time
	link *link
}

// doubt is how long before its end a connection may lose what it carried: a
// client that is not sure of a new one gives it up with all that it said.
const doubt = 7 * time.Second

// Sure tells whether the client must have taken it up: its connection did
// not end soon after.
func (d Delivery) Sure() bool {
	if d.link == nil {
		return false
	}
	select {
	case <-d.link.ended:
		return d.link.over.Sub(d.At) > doubt
	default:
		return true
	}
}

// Enter lets a caller into the application. Done is closed when the caller is
// out of it, at once if nobody is connected. It needs [Options.Length].
func (s *Server) Enter(c *Caller) (done <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.gone = make(chan struct{})
	c.log.Entered = time.Now()
	if s.link == nil {
		c.log.Gone, c.log.How = c.log.Entered, SentOn
		close(c.gone)
		return c.gone
	}
	event := s.started(c.Channel, c.Args)
	l := s.line(c.Channel)
	l.caller, s.callers[c.Channel] = c, c
	if s.o.Limit > 0 {
		l.until = time.Now().Add(s.o.Limit)
		s.plan(l, s.o.Limit, func() { s.away(l, TakenBack) })
	}
	s.cue(l, "enter")
	s.emit(l, "StasisStart", event)
	return c.gone
}

// HangUp has a caller hang up now, who may be gone already.
func (s *Server) HangUp(c *Caller) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.lines[c.Channel]; l != nil && l.caller == c {
		s.away(l, HungUp)
	}
}

// Log gives what a caller saw so far.
func (s *Server) Log(c *Caller) Log {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := c.log
	out.Keys = slices.Clone(out.Keys)
	return out
}

// cue has a caller act on something that happens on the line.
func (s *Server) cue(l *line, what string) {
	l.cues[what]++
	if l.caller == nil {
		return
	}
	for _, a := range l.caller.Acts {
		if a.Cue == what && a.N == l.cues[what] {
			s.plan(l, a.Wait, func() { s.act(l, a) })
		}
	}
}

// plan does something on a line later, if its caller is still there. The lock
// is held, and is when it is done.
func (s *Server) plan(l *line, d time.Duration, do func()) {
	l.waiting = append(l.waiting, time.AfterFunc(d, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.lines[l.channel] == l {
			do()
		}
	}))
}

func (s *Server) act(l *line, a Act) {
	if a.Key == "" {
		s.away(l, HungUp)
		return
	}
	s.emit(l, "ChannelDtmfReceived", Key(l.channel, a.Key))
}

// away takes a caller out who is not released by the client.
func (s *Server) away(l *line, how How) {
	if len(l.lists) > 0 {
		s.emit(l, "PlaybackFinished", played("PlaybackFinished", l.channel, l.lists[0], min(l.item, len(l.lists[0].media)-1)))
	}
	s.leave(l, how)
}
