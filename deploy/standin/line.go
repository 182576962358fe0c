package standin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// list is a list of sounds on a channel.
type list struct {
	id    string
	media []string
}

// line is one channel. Everything in it is guarded by the server's lock.
type line struct {
	channel string
	args    []string  // of Stasis()
	limit   string    // seconds that the dialplan leaves the caller, as Asterisk writes them
	until   time.Time // the same, where callers act by themselves; zero = no limit
	list    string    // that plays last
	media   []string

	lists   []list // on the air, and behind it
	item    int    // sound on the air
	clock   *time.Timer
	leaving bool // behind the lists, as the client asked for
	caller  *Caller
	cues    map[string]int
	waiting []*time.Timer // acts
}

func (s *Server) line(channel string) *line {
	l := s.lines[channel]
	if l == nil {
		l = &line{channel: channel, cues: map[string]int{}}
		s.lines[channel] = l
	}
	return l
}

// end stops everything that is to happen on a channel. The lock is held.
func (l *line) end() {
	for _, t := range l.waiting {
		t.Stop()
	}
	if l.clock != nil {
		l.clock.Stop()
	}
	l.waiting, l.lists, l.clock = nil, nil, nil
}

func (s *Server) application(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer(w, Object{"name": "aftercall", "channel_ids": s.order})
}

func (s *Server) info(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer(w, Object{"config": Object{"name": s.system}})
}

func (s *Server) channel(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := r.PathValue("id")
	if !slices.Contains(s.order, id) {
		http.Error(w, "no such channel", http.StatusNotFound)
		return
	}
	data := strings.TrimSuffix("aftercall,"+strings.Join(s.line(id).args, ","), ",")
	answer(w, Object{"id": id, "name": "PJSIP/trunk-0000002a", "language": "en",
		"dialplan": Object{"app_name": "Stasis", "app_data": data}})
}

func (s *Server) variable(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("variable") != "TIMEOUT(absolute)" {
		http.Error(w, "no such variable", http.StatusNotFound)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.line(r.PathValue("id"))
	left := l.limit
	if !l.until.IsZero() {
		left = strconv.FormatFloat(max(time.Until(l.until).Seconds(), 0.001), 'f', 3, 64)
	}
	if left == "" {
		left = "0"
	}
	answer(w, Object{"value": left})
}

func (s *Server) play(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Media []string `json:"media"`
	}
	err := json.NewDecoder(r.Body).Decode(&body)
	s.mu.Lock()
	defer s.mu.Unlock()
	id := r.PathValue("id")
	switch {
	case err != nil || len(body.Media) == 0:
		http.Error(w, "no media", http.StatusBadRequest)
	case !slices.Contains(s.order, id):
		http.Error(w, "no such channel", http.StatusNotFound)
	default:
		l := s.line(id)
		l.list, l.media = r.PathValue("playback"), body.Media
		if l.caller != nil && l.caller.log.Played.IsZero() {
			l.caller.log.Played = time.Now()
		}
		s.cue(l, "play")
		if s.o.Length == nil {
			return
		}
		if slices.ContainsFunc(l.lists, func(on list) bool { return on.id == l.list }) {
			http.Error(w, "a playback of that id is there", http.StatusConflict)
			return
		}
		if l.lists = append(l.lists, list{l.list, l.media}); len(l.lists) == 1 {
			s.begin(l)
		}
	}
}

// begin starts the first list of a channel a moment from now.
func (s *Server) begin(l *line) {
	l.item = 0
	s.later(l, time.Millisecond, s.starts)
}

// later does the next thing that happens on a channel's air.
func (s *Server) later(l *line, d time.Duration, next func(*line)) {
	var clock *time.Timer
	clock = time.AfterFunc(d, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if l.clock == clock {
			next(l)
		}
	})
	l.clock = clock
}

func (s *Server) starts(l *line) {
	on := l.lists[0]
	if l.item == 0 && s.o.Thanks != nil && s.o.Thanks(on.media) {
		s.cue(l, "thanks")
		if l.caller != nil {
			l.caller.log.Thanked++
		}
	}
	s.emit(l, "PlaybackStarted", played("PlaybackStarted", l.channel, on, l.item))
	s.later(l, s.o.Length(on.media[l.item]), s.ends)
}

func (s *Server) ends(l *line) {
	on := l.lists[0]
	if l.item == len(on.media)-1 {
		s.finish(l)
		return
	}
	s.emit(l, "PlaybackContinuing", played("PlaybackContinuing", l.channel, on, l.item))
	l.item++
	s.starts(l)
}

// finish ends the list on the air.
func (s *Server) finish(l *line) {
	s.emit(l, "PlaybackFinished", played("PlaybackFinished", l.channel, l.lists[0], l.item))
	l.lists, l.clock = l.lists[1:], nil
	switch {
	case len(l.lists) > 0:
		s.begin(l)
	case l.leaving:
		s.leave(l, Released)
	}
}

// stop ends a list at once, or says that there is none such. Where lists do
// not play by themselves, it answers as if the list were on the air.
func (s *Server) stop(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.lines {
		if s.o.Length == nil {
			if l.list == r.PathValue("id") {
				return
			}
			continue
		}
		i := slices.IndexFunc(l.lists, func(on list) bool { return on.id == r.PathValue("id") })
		switch {
		case i < 0:
			continue
		case i > 0:
			l.lists = slices.Delete(l.lists, i, i+1)
		default:
			s.cue(l, "stop")
			s.finish(l)
		}
		return
	}
	http.Error(w, "no such playback", http.StatusNotFound)
}

func (s *Server) proceed(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	id := r.PathValue("id")
	if !slices.Contains(s.order, id) {
		s.mu.Unlock()
		http.Error(w, "no such channel", http.StatusNotFound)
		return
	}
	l := s.line(id)
	if l.caller != nil {
		defer s.mu.Unlock()
		s.cue(l, "continue")
		if l.leaving = true; len(l.lists) == 0 {
			s.leave(l, Released)
		}
		return
	}
	s.forget(id)
	s.mu.Unlock()
	s.Send(Event("StasisEnd", "channel", Object{"id": id}))
}

// leave takes a caller out of the application.
func (s *Server) leave(l *line, how How) {
	l.end()
	s.forget(l.channel)
	delete(s.lines, l.channel)
	l.caller.log.Gone, l.caller.log.How = time.Now(), how
	s.emit(l, "StasisEnd", Event("StasisEnd", "channel", Object{"id": l.channel}))
	close(l.caller.gone)
}

// emit sends an event of a channel, as the fault script wants it. The lock is
// held.
func (s *Server) emit(l *line, kind, event string) {
	s.cue(l, kind)
	for _, d := range s.o.Script.deliver(kind, l.channel, event, s.order) {
		if d.after == 0 {
			s.post(d)
			continue
		}
		time.AfterFunc(d.after, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.post(d)
		})
	}
}

// post gives a delivery to whoever is connected. The lock is held.
func (s *Server) post(d delivery) {
	at := s.link
	if at == nil {
		return
	}
	if d.disturbs != "" {
		if c := s.callers[d.disturbs]; c != nil {
			c.log.Disturbed = true
		}
	}
	f := frame{kind: d.kind, data: d.data, raw: d.raw, last: d.last}
	if c := s.callers[d.to]; c != nil && (d.key != "" || d.entry) {
		f.sent = func() { s.delivered(c, Delivery{Key: d.key, At: time.Now(), link: at}) }
	}
	at.push(f)
}

func (s *Server) delivered(c *Caller, d Delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.Key != "" {
		c.log.Keys = append(c.log.Keys, d)
	} else if c.log.Told.link == nil {
		c.log.Told = d
	}
}

// String names a channel with what is on its air, for a test that fails.
func (l *line) String() string {
	return fmt.Sprintf("%s: lists %v, sound %d, leaving %v", l.channel, l.lists, l.item, l.leaving)
}
