package asterisk

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"aftercall/ivr/survey"
	"aftercall/scoring"
	"aftercall/scoring/metrics"

	"github.com/coder/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sys/unix"
)

// rapid is an Asterisk on which no time passes: it words events and answers as
// the real one does, and has callers who press a key in the menu and hear the
// thank-you to its end.
type rapid struct {
	events []string // of one survey; the channel's number is to be put in
	queue  chan string
	left   chan struct{}
}

// Behind which event of the survey the service has to do something.
const (
	entersAt, pressesAt, silentAt, thankedAt = 1, 5, 6, 10
)

func (f *rapid) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	list, id := "", r.URL.Path[strings.LastIndexByte(r.URL.Path, '.')+1:]
	if i := strings.LastIndexByte(r.URL.Path, '_'); i > 0 {
		list, id = r.URL.Path[len(r.URL.Path)-1:], r.URL.Path[strings.LastIndexByte(r.URL.Path[:i], '.')+1:i]
	}
	switch {
	case strings.HasSuffix(r.URL.Path, "/events"):
		f.serveEvents(w, r)
	case strings.Contains(r.URL.Path, "/play/"):
		var body struct{ Media []string }
		_ = json.NewDecoder(r.Body).Decode(&body)
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"id":"node1-1795905357.%s_1-0.1","media_uri":%q,"next_media_uri":"sound:aftercall/speech-ca456846c344d3fdcdf0c441","target_uri":"channel:node1-1795905357.0","language":"en","state":"queued"}`, id, body.Media[0])
		if list == "1" {
			f.say(id, body.Media, entersAt, pressesAt)
		} else {
			f.say(id, body.Media, silentAt, thankedAt)
		}
	case strings.Contains(r.URL.Path, "/playbacks/"):
		w.WriteHeader(http.StatusNoContent)
		f.say(id, nil, pressesAt, silentAt)
	case strings.HasSuffix(r.URL.Path, "/continue"):
		id = strings.TrimSuffix(id, "/continue")
		w.WriteHeader(http.StatusNoContent)
		f.say(id, nil, thankedAt, len(f.events))
		f.left <- struct{}{}
	default:
		_, _ = io.WriteString(w, "{}")
	}
}

// say queues some events of a survey, with the sounds that are played.
func (f *rapid) say(id string, media []string, from, to int) {
	for i, e := range f.events[from:to] {
		e = strings.ReplaceAll(e, "node1-1795905357.0", "node1-1795905357."+id)
		if before, rest, plays := strings.Cut(e, `"media_uri":"`); plays && media != nil {
			_, after, _ := strings.Cut(rest, `"`)
			e = before + `"media_uri":"` + media[min(i/2, len(media)-1)] + `"` + after
		}
		f.queue <- e
	}
}

func (f *rapid) serveEvents(w http.ResponseWriter, r *http.Request) {
	ws, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	gone := ws.CloseRead(context.WithoutCancel(r.Context()))
	for {
		select {
		case <-gone.Done():
			return
		case e := <-f.queue:
			if ws.Write(gone, websocket.MessageText, []byte(e)) != nil {
				return
			}
		}
	}
}

// BenchmarkSurvey is one whole survey, from the entry to the release: a key in the
// menu, the thank-you to its end; requests and events go over loopback, and the
// store accepts at once. The time is of one survey after the other; cpu-ns/op is
// the work of this process, the Asterisk's among it.
func BenchmarkSurvey(b *testing.B) {
	f := &rapid{events: recorded(b), queue: make(chan string, 100), left: make(chan struct{})}
	server := httptest.NewServer(f)
	defer server.Close()
	book, err := survey.NewBook(toy, "seed", nil, toneLibrary{})
	if err != nil {
		b.Fatal(err)
	}
	ended := make(chan scoring.Record, 1)
	asking := &Asking{Book: book}
	n := NewNode(Server{Name: "node1", URL: server.URL + "/ari", Username: "aftercall", Password: "a password", App: "aftercall"}, Surveys{
		Asking: func() *Asking { return asking }, Left: NewLeftovers(nil), Names: NewNames(), Zone: time.UTC,
		Meter: metrics.NewService(prometheus.NewRegistry()), Log: slog.New(slog.DiscardHandler),
		Write: func(_ context.Context, r scoring.Record) (scoring.Receipt, error) {
			if r.End != nil {
				ended <- r
			}
			return scoring.Receipt{}, nil
		},
	})
	ctx, stop := context.WithCancel(b.Context())
	done := make(chan struct{})
	go func() { defer close(done); n.Run(ctx, func() time.Duration { return 0 }) }()
	defer func() { stop(); <-done }()
	i := 0
	b.ReportAllocs()
	began := worked(b)
	for b.Loop() {
		i++
		f.say(fmt.Sprint(i), nil, 0, entersAt)
		<-f.left
		if r := <-ended; r.End.Reason != scoring.Completed || slices.ContainsFunc(r.Answers, func(a scoring.Answer) bool { return a.Outcome != scoring.Rated }) {
			b.Fatalf("the survey ended with %+v", r)
		}
	}
	b.ReportMetric(float64(worked(b)-began)/float64(i), "cpu-ns/op")
}

// worked is for how long this process has worked.
func worked(b *testing.B) time.Duration {
	b.Helper()
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		b.Fatal(err)
	}
	return time.Duration(t.Nano())
}
