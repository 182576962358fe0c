package asterisk

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/CyCoreSystems/ari/v5"
	"github.com/coder/websocket"
)

// network carries the connections between a node and the fake in memory, so
// that time in a test's bubble can pass without any passing.
type network struct {
	waiting chan net.Conn
	closed  chan struct{}
}

func (n network) Accept() (net.Conn, error) {
	select {
	case c := <-n.waiting:
		return c, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

func (n network) Close() error   { close(n.closed); return nil }
func (n network) Addr() net.Addr { return &net.UnixAddr{Name: "in memory"} }

func (n network) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case n.waiting <- theirs:
		return ours, nil
	case <-n.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// fake is an Asterisk that makes the faults a real one does not make on
// demand.
type fake struct {
	t   *testing.T
	net network

	mu       sync.Mutex
	password string
	events   *websocket.Conn   // of the client that is connected
	channels []string          // in the application
	system   string            // systemname
	args     map[string]string // of Stasis(), by channel
	limit    map[string]string // seconds that the dialplan leaves a caller in the application
	lists    map[string]string
	media    map[string][]string
	requests []string         // as they came: operation and what it was for
	faults   map[string]reply // by operation: instead of what it should do
	busy     int              // requests being answered
	open     int              // connections but those of events
}

// reply answers a request wrongly.
type reply func(w http.ResponseWriter, r *http.Request)

func status(code int) reply {
	return func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `{"message":"so the test wants it"}`, code)
	}
}

// never answers a request.
func never(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // only then is it noticed that the client has given up
	<-r.Context().Done()
}

func newFake(t *testing.T) *fake {
	f := &fake{
		t: t, net: network{make(chan net.Conn), make(chan struct{})}, password: "right", system: "node1",
		args: map[string]string{}, limit: map[string]string{},
		lists: map[string]string{}, media: map[string][]string{}, faults: map[string]reply{},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ari/applications/{app}", f.handle("application", f.application))
	mux.HandleFunc("GET /ari/asterisk/info", f.handle("info", f.info))
	mux.HandleFunc("GET /ari/channels/{id}", f.handle("channel", f.channel))
	mux.HandleFunc("GET /ari/channels/{id}/variable", f.handle("variable", f.variable))
	mux.HandleFunc("PUT /ari/applications/{app}/eventFilter", f.handle("filter", nil))
	mux.HandleFunc("POST /ari/channels/{id}/play/{playback}", f.handle("play", f.play))
	mux.HandleFunc("DELETE /ari/playbacks/{id}", f.handle("stop", f.stop))
	mux.HandleFunc("POST /ari/channels/{id}/continue", f.handle("continue", f.proceed))
	mux.HandleFunc("GET /ari/events", f.handle("events", f.connect))
	server := &http.Server{Handler: mux, ConnState: f.connection}
	go func() { _ = server.Serve(f.net) }()
	t.Cleanup(func() { _ = server.Close() })
	return f
}

func (f *fake) handle(operation string, well http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.requests = append(f.requests, strings.TrimSpace(operation+" "+r.PathValue("id")))
		fault := f.faults[operation]
		_, password, _ := r.BasicAuth()
		right := password == f.password
		f.busy++
		f.mu.Unlock()
		defer f.answered()
		switch {
		case !right:
			http.Error(w, `{"message":"Authentication required"}`, http.StatusUnauthorized)
		case fault != nil:
			fault(w, r)
		case well != nil:
			well(w, r)
		}
	}
}

func (f *fake) answered() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.busy--
}

func (f *fake) connection(_ net.Conn, s http.ConnState) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch s {
	case http.StateNew:
		f.open++
	case http.StateClosed, http.StateHijacked:
		f.open--
	}
}

// on makes an operation go wrong from now on; nil makes it well again.
func (f *fake) on(operation string, fault reply) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults[operation] = fault
}

// admits changes the password that lets a client in.
func (f *fake) admits(password string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.password = password
}

// count tells how often a request came.
func (f *fake) count(request string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.requests {
		if r == request {
			n++
		}
	}
	return n
}

func (f *fake) application(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = json.NewEncoder(w).Encode(map[string]any{"name": "aftercall", "channel_ids": f.channels})
}

func (f *fake) info(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = json.NewEncoder(w).Encode(object{"config": object{"name": f.system}})
}

func (f *fake) channel(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := r.PathValue("id")
	if !slices.Contains(f.channels, id) {
		http.Error(w, "no such channel", http.StatusNotFound)
		return
	}
	data := strings.TrimSuffix("aftercall,"+f.args[id], ",")
	_ = json.NewEncoder(w).Encode(object{"id": id, "name": "PJSIP/trunk-0000002a", "language": "en",
		"dialplan": object{"app_name": "Stasis", "app_data": data}})
}

func (f *fake) variable(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.URL.Query().Get("variable") != "TIMEOUT(absolute)" {
		http.Error(w, "no such variable", http.StatusNotFound)
		return
	}
	_ = json.NewEncoder(w).Encode(object{"value": cmp.Or(f.limit[r.PathValue("id")], "0")})
}

// stop answers as if the list were the one on the air, or says that there is
// none such.
func (f *fake) stop(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, list := range f.lists {
		if list == r.PathValue("id") {
			return
		}
	}
	http.Error(w, "no such playback", http.StatusNotFound)
}

func (f *fake) play(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Media []string `json:"media"`
	}
	err := json.NewDecoder(r.Body).Decode(&body)
	f.mu.Lock()
	defer f.mu.Unlock()
	id := r.PathValue("id")
	switch {
	case err != nil || len(body.Media) == 0:
		http.Error(w, "no media", http.StatusBadRequest)
	case !slices.Contains(f.channels, id):
		http.Error(w, "no such channel", http.StatusNotFound)
	default:
		f.lists[id] = r.PathValue("playback")
		f.media[id] = body.Media
	}
}

func (f *fake) proceed(w http.ResponseWriter, r *http.Request) {
	if !f.forget(r.PathValue("id")) {
		http.Error(w, "no such channel", http.StatusNotFound)
		return
	}
	f.send(event("StasisEnd", "channel", object{"id": r.PathValue("id")}))
}

func (f *fake) forget(channel string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	before := len(f.channels)
	f.channels = slices.DeleteFunc(f.channels, func(c string) bool { return c == channel })
	return len(f.channels) < before
}

func (f *fake) connect(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		f.t.Error(err)
		return
	}
	f.mu.Lock()
	f.events = conn
	f.mu.Unlock()
	<-conn.CloseRead(context.WithoutCancel(r.Context())).Done() // it answers pings until the connection ends
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.events == conn {
		f.events = nil
	}
}

type object = map[string]any

// event gives an event as Asterisk words it.
func event(kind, of string, o object) string {
	b, _ := json.Marshal(object{"type": kind, "application": "aftercall", "timestamp": time.Now().Format(ari.DateFormat), of: o})
	return string(b)
}

// send sends events to whoever is connected.
func (f *fake) send(events ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range events {
		if f.events == nil {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		err := f.events.Write(ctx, websocket.MessageText, []byte(e))
		if ctx.Err() != nil {
			f.t.Errorf("the node does not read its events: %v", err)
		}
		cancel()
		if err != nil {
			f.events = nil
		}
	}
}

// cut ends the event connection without a word.
func (f *fake) cut() {
	f.mu.Lock()
	conn := f.events
	f.events = nil
	f.mu.Unlock()
	_ = conn.CloseNow()
	synctest.Wait()
}

// start gives the event of a caller who enters, who is in the application
// from now on.
func (f *fake) start(channel string, args ...string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !slices.Contains(f.channels, channel) {
		f.channels = append(f.channels, channel)
	}
	f.args[channel] = strings.Join(args, ",")
	b, _ := json.Marshal(object{
		"type": "StasisStart", "application": "aftercall", "timestamp": time.Now().Format(ari.DateFormat), "args": args,
		"channel": object{"id": channel, "name": "PJSIP/trunk-0000002a", "language": "en"},
	})
	return string(b)
}

// playback gives an event of the list that a channel plays last; item is the
// number of its sound.
func (f *fake) playback(kind, channel string, item int) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	state := "playing"
	if kind == "PlaybackFinished" {
		state = "done"
	}
	return event(kind, "playback", object{"id": f.lists[channel], "media_uri": f.media[channel][item], "state": state, "target_uri": "channel:" + channel})
}

func key(channel, digit string) string {
	b, _ := json.Marshal(object{
		"type": "ChannelDtmfReceived", "timestamp": time.Now().Format(ari.DateFormat),
		"digit": digit, "duration_ms": 100, "channel": object{"id": channel},
	})
	return string(b)
}
