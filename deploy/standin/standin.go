// Package standin stands in for an Asterisk, as far as a client of ARI sees
// it, and makes the faults that a real one does not make on demand.
//
// The way in: [New] gives a [Server], [Server.Serve] answers on any listener,
// [NewMemory] is one without a network. Without [Options.Length] nothing
// happens by itself: a test sends each event ([Server.Send]) and makes each
// request go wrong ([Server.On]). With it, lists play and end as on a real
// Asterisk, [Server.Enter] lets a caller in who acts by himself, and a fault
// script ([ParseScript]) decides what goes wrong.
package standin

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options say what a stand-in is like.
type Options struct {
	Password string // that lets a client in
	System   string // systemname
	// Length gives how long a sound is, by its media URI; nil = nothing plays
	// by itself.
	Length func(media string) time.Duration
	// Thanks tells whether a list is a thank-you; nil = none is.
	Thanks func(media []string) bool
	Limit  time.Duration // the dialplan takes a caller who entered back then; 0 = never
	Script *Script       // of faults; nil = none
	// Fault is told of what no test may pass with; it may be called at any time.
	Fault func(error)
}

// Server is the stand-in. Its methods may be called from any goroutine.
type Server struct {
	o    Options
	http *http.Server

	mu       sync.Mutex
	password string
	system   string
	link     *link // of events; nil = nobody is connected
	lines    map[string]*line
	callers  map[string]*Caller // all who ever entered, by channel
	order    []string           // channels in the application, oldest first
	requests []string           // as they came: operation and what it was for; not kept where lists play
	counts   map[string]int     // of them
	faults   map[string]Reply   // by operation: instead of what it should do
	busy     int                // requests being answered
	open     int                // connections but those of events
	links    sync.WaitGroup
}

// Reply answers a request.
type Reply func(w http.ResponseWriter, r *http.Request)

// Status refuses a request.
func Status(code int) Reply {
	return func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `{"message":"so the test wants it"}`, code)
	}
}

// Never answers a request.
func Never(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // only then is it noticed that the client has given up
	<-r.Context().Done()
}

// New makes a stand-in; [Server.Serve] lets clients in.
func New(o Options) *Server {
	s := &Server{o: o, password: o.Password, system: o.System, lines: map[string]*line{}, callers: map[string]*Caller{}, counts: map[string]int{}, faults: map[string]Reply{}}
	mux := http.NewServeMux()
	for pattern, operation := range map[string]string{
		"GET /ari/applications/{app}":             "application",
		"GET /ari/asterisk/info":                  "info",
		"GET /ari/channels/{id}":                  "channel",
		"GET /ari/channels/{id}/variable":         "variable",
		"PUT /ari/applications/{app}/eventFilter": "filter",
		"POST /ari/channels/{id}/play/{playback}": "play",
		"DELETE /ari/playbacks/{id}":              "stop",
		"POST /ari/channels/{id}/continue":        "continue",
		"GET /ari/events":                         "events",
	} {
		mux.HandleFunc(pattern, s.handle(operation))
	}
	s.http = &http.Server{Handler: mux, ConnState: s.connection, ReadHeaderTimeout: time.Minute,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) }}
	return s
}

// Serve answers on a listener until Close.
func (s *Server) Serve(l net.Listener) error {
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Close ends every connection, and every caller's acts.
func (s *Server) Close() error {
	s.Cut()
	err := s.http.Close()
	s.mu.Lock()
	for _, l := range s.lines {
		l.end()
	}
	s.mu.Unlock()
	s.links.Wait()
	return err
}

// Do gives what a well Asterisk does on an operation.
func (s *Server) Do(operation string) Reply {
	return map[string]Reply{
		"application": s.application, "info": s.info, "channel": s.channel, "variable": s.variable, "play": s.play,
		"filter": func(http.ResponseWriter, *http.Request) {}, "stop": s.stop, "continue": s.proceed, "events": s.connect,
	}[operation]
}

func (s *Server) handle(operation string) http.HandlerFunc {
	well := s.Do(operation)
	return func(w http.ResponseWriter, r *http.Request) {
		request := strings.TrimSpace(operation + " " + r.PathValue("id"))
		s.mu.Lock()
		if s.o.Length == nil {
			s.requests = append(s.requests, request)
			s.counts[request]++
		} else {
			s.counts[operation]++
		}
		reply := s.faults[operation]
		if reply == nil {
			reply = well
		}
		if l := s.lines[r.PathValue("id")]; operation == "continue" && l != nil && l.caller != nil && l.caller.log.Asked.IsZero() {
			l.caller.log.Asked = time.Now()
		}
		_, password, _ := r.BasicAuth()
		right := password == s.password
		s.busy++
		s.mu.Unlock()
		defer s.answered()
		if !right {
			http.Error(w, `{"message":"Authentication required"}`, http.StatusUnauthorized)
			return
		}
		s.o.Script.reply(operation, reply)(w, r)
	}
}

func (s *Server) answered() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy--
}

func (s *Server) connection(_ net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch state {
	case http.StateNew:
		s.open++
	case http.StateClosed, http.StateHijacked:
		s.open--
	}
}

// On makes an operation go wrong from now on; nil makes it well again.
func (s *Server) On(operation string, fault Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[operation] = fault
}

// Admits changes the password that lets a client in.
func (s *Server) Admits(password string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.password = password
}

// Calls changes what the stand-in calls itself.
func (s *Server) Calls(system string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.system = system
}

// Count tells how often a request came: "play c1", or where lists play by
// themselves "play".
func (s *Server) Count(request string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[request]
}

// Requests lists what came: operation and what it was for. It is empty where
// lists play by themselves.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Open tells how many connections stand, but those of events, and how many
// requests are being answered, those of events among them.
func (s *Server) Open() (connections, requests int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open, s.busy
}

// fault tells the test what it must fail for.
func (s *Server) fault(err error) {
	if s.o.Fault != nil {
		s.o.Fault(err)
	}
}

func answer(w http.ResponseWriter, v any) { _ = json.NewEncoder(w).Encode(v) }
