package faults

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"aftercall/deploy/centre"

	"github.com/coder/websocket"
)

// The connection to Asterisk is cut once, again and again every second, and
// cannot be made for a while, with callers in their surveys.
func TestConnectionCut(t *testing.T) {
	t.Parallel()
	r, err := centre.NewRelay()
	must(t, err)
	t.Cleanup(func() { must(t, r.Close()) })
	k := open(t, centre.Options{Route: r.Route}, reset, nobody)
	var all []*traffic
	cuts := short(4, 20)
	for range short(1, 4) {
		all = append(all, k.breaks(t, func() { r.Cut(false) }))
		all = append(all, k.breaks(t, func() {
			for range cuts {
				r.Cut(false)
				time.Sleep(time.Second)
			}
		}))
		all = append(all, k.breaks(t, func() {
			r.Cut(true)
			time.Sleep(short(5*time.Second, 15*time.Second))
			r.Cut(false)
		}))
	}
	k.account(t, everybody(t, all), func(e *Evidence) {
		e.Deaf = true
		e.Unasked += cuts * 1000
	})
}

// Asterisk answers requests with 500, late, too late or never, all of them or
// those of one kind, while its events flow.
func TestRequestsGoWrong(t *testing.T) {
	t.Parallel()
	g, err := centre.NewGate()
	must(t, err)
	t.Cleanup(func() { must(t, g.Close()) })
	k := open(t, centre.Options{Route: g.Route}, reset)
	const play, stop, proceed = "POST /ari/channels/{id}/play/{playback}", "DELETE /ari/playbacks/{id}", "POST /ari/channels/{id}/continue"
	type trouble struct {
		fault centre.Fault
		with  []string // nil = every request
	}
	troubles := []trouble{
		{centre.Fault{Status: 500}, nil},
		{centre.Fault{Late: 3 * time.Second}, nil}, // longer than the service waits
		{centre.Fault{Never: true}, []string{proceed}},
		{centre.Fault{Slow: 1500 * time.Millisecond}, nil},
	}
	if *campaign {
		troubles = append(troubles, []trouble{
			{centre.Fault{Status: 500}, []string{play}},
			{centre.Fault{Status: 503}, []string{stop, proceed}},
			{centre.Fault{Slow: 3 * time.Second}, nil},
			{centre.Fault{Never: true}, []string{stop}},
			{centre.Fault{Never: true}, nil},
		}...)
	}
	lasts := short(4*time.Second, 20*time.Second)
	var all []*traffic
	for _, x := range troubles {
		all = append(all, k.breaks(t, func() {
			g.Break(x.fault, x.with...)
			time.Sleep(lasts)
			g.Mend()
		}))
	}
	k.account(t, everybody(t, all), func(e *Evidence) {
		e.Deaf = true // who cannot be given back presses keys to nobody
		e.Unasked += int((lasts + again).Milliseconds())
	})
}

// Another client takes the application's name with callers in their surveys,
// and leaves again.
func TestNameTaken(t *testing.T) {
	t.Parallel()
	k := open(t, centre.Options{}, reset, nobody)
	var all []*traffic
	lasts := short(4*time.Second, 20*time.Second)
	for range short(1, 2) { // the wait for callers who are left doubles each time
		all = append(all, k.breaks(t, func() {
			leave := k.take(t)
			time.Sleep(lasts)
			leave()
		}))
	}
	all = append(all, k.breaks(t, func() {}))
	k.account(t, everybody(t, all), func(e *Evidence) {
		e.Deaf = true
		e.Unasked += int((lasts + again).Milliseconds())
	})
}

// take connects to Asterisk with the application's name, as a client does that
// only listens, until it is told to leave.
func (k *kit) take(t *testing.T) (leave func()) {
	t.Helper()
	a := k.Asterisk
	login := http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(a.ARIUser+":"+a.ARIPassword))}}
	ctx, cancel := context.WithCancel(t.Context())
	conn, _, err := websocket.Dial(ctx, strings.Replace(a.ARIURL, "http", "ws", 1)+"/events?app=aftercall", &websocket.DialOptions{HTTPHeader: login})
	must(t, err)
	conn.SetReadLimit(1 << 20)
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		for {
			if _, _, err := conn.Read(ctx); err != nil {
				return
			}
		}
	}()
	return func() {
		cancel() // ends the connection
		<-gone
	}
}
