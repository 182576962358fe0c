package asterisk

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"aftercall/ivr/layout"
)

// poolBound is how many connections a node holds at once beside that of its
// events.
const poolBound = 16

// spare are connections of others that come and go: pages, metrics of
// Asterisk, another program.
const spare = 3

// connections opens as many connections as the service may hold, with a
// request on each. Asterisk closes those beyond its sessionlimit at once.
func (x *examiner) connections(ctx context.Context) {
	const check = "connections"
	if x.lost != nil {
		x.unseen(check, x.lost)
		return
	}
	x.client.http.CloseIdleConnections()
	need := poolBound + 1 + spare
	if x.want.Service[x.client.server.Name].Connected {
		need -= 1 + spare // it holds its event connection, and some others, now
	}
	served, err := x.serve(ctx, need)
	switch {
	case served == need:
		x.well(check, "%d at once are served", need)
	case served == 0:
		x.unseen(check, err)
	default:
		text := fmt.Sprintf("Asterisk serves %d of %d at once, and closes the others", served, need)
		if c, err := x.conf("http.conf"); err == nil {
			if v, ok := c.value("general", "sessionlimit"); ok {
				text += ": sessionlimit is " + v
			}
		}
		x.add(check, Fault, text, `http.conf, [general]: sessionlimit = 200; then "module reload http"`)
	}
}

// serve tells how many of so many connections are served while all are open,
// and why the last was not.
func (x *examiner) serve(ctx context.Context, many int) (served int, err error) {
	ctx, cancel := context.WithTimeout(ctx, RequestLimit)
	defer cancel()
	u, err := url.Parse(x.client.server.URL)
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(u.String(), "/")+"/asterisk/ping", nil)
	if err != nil {
		return 0, err
	}
	req.SetBasicAuth(x.client.server.Username, x.client.server.Password)
	var open []net.Conn
	defer func() {
		for _, c := range open {
			_ = c.Close()
		}
	}()
	for range many {
		c, failed := connect(ctx, u)
		if failed != nil {
			err = failed
			continue
		}
		open = append(open, c)
	}
	for _, c := range open {
		failed := answers(ctx, c, req)
		if failed == nil {
			served++
			continue
		}
		err = failed
	}
	return served, err
}

// connect opens a connection to the server of an address.
func connect(ctx context.Context, u *url.URL) (net.Conn, error) {
	address := net.JoinHostPort(u.Hostname(), port(u))
	if u.Scheme == "https" {
		return (&tls.Dialer{}).DialContext(ctx, "tcp", address)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", address)
}

// answers sends a request on a connection and reads the answer, whatever it is.
func answers(ctx context.Context, c net.Conn, req *http.Request) error {
	if at, ok := ctx.Deadline(); ok {
		if err := c.SetDeadline(at); err != nil {
			return err
		}
	}
	if err := req.Write(c); err != nil {
		return err
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// Times of the look at a sound.
const (
	startLimit = time.Second           // until it plays
	lookAgain  = 5 * time.Millisecond  // while it does not yet
	playFor    = 30 * time.Millisecond // a sound that cannot be opened is gone by then
	playTries  = 3                     // of a sound that was over before it was seen
)

// sounds has Asterisk play the beginning of every sound, to nobody: only so is
// known that it finds the file, may read it and can decode it.
func (x *examiner) sounds(ctx context.Context) {
	const check = "sounds"
	if len(x.want.Sounds) == 0 {
		x.unseen(check, errors.New("none is built"))
		return
	}
	var bad []string
	for i, s := range x.want.Sounds {
		plays, err := x.plays(ctx, s)
		if err != nil {
			x.unseen(check, fmt.Errorf("%d of %d: %w", len(x.want.Sounds)-i, len(x.want.Sounds), err))
			break
		}
		if !plays {
			bad = append(bad, s.Media)
		}
		if i == len(x.want.Sounds)-1 && len(bad) == 0 {
			x.well(check, "Asterisk can play all %d", len(x.want.Sounds))
		}
	}
	if len(bad) == 0 {
		return
	}
	reader := "Asterisk"
	if u := x.info.Config.SetID.User; u != "" {
		reader = fmt.Sprintf("Asterisk's user %q", u)
	}
	x.add(check, Fault, fmt.Sprintf("Asterisk cannot play %d of %d, such as %s.wav", len(bad), len(x.want.Sounds), strings.TrimPrefix(bad[0], "sound:")),
		fmt.Sprintf("%s must be able to read what lies in prompts.folder; prompts.media in aftercall.yaml is that folder as Asterisk sees it", reader))
}

// plays tells whether a sound plays.
func (x *examiner) plays(ctx context.Context, s layout.Sound) (bool, error) {
	for range playTries {
		begun := time.Now()
		if lives, err := x.play(ctx, s); lives || err != nil {
			return lives, err
		}
		// It ended. If it could have been over in the time that went by,
		// this says nothing.
		if time.Since(begun) < s.Length {
			return false, nil
		}
	}
	return false, errors.New("answers come too slowly to tell whether they play")
}

// play plays the beginning of a sound in a bridge of its own: what plays in a
// bridge behind another sound can fail because that one is just being stopped.
func (x *examiner) play(ctx context.Context, s layout.Sound) (bool, error) {
	id := "aftercall-doctor-" + strings.ToLower(rand.Text())
	bridge := "/bridges/" + id
	code, err := x.ask(ctx, http.MethodPost, bridge+"?type=mixing&name=aftercall-doctor", nil)
	if err != nil || code != http.StatusOK {
		return false, fmt.Errorf("they cannot be played: %w", answered(code, err))
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), RequestLimit)
		defer cancel()
		_, _ = x.ask(ctx, http.MethodDelete, bridge, nil) // an empty bridge does no harm
	}()
	code, err = x.ask(ctx, http.MethodPost, bridge+"/play/"+id+"?"+url.Values{"media": {s.Media}}.Encode(), nil)
	switch {
	case err == nil && code == http.StatusInternalServerError:
		return false, errors.New("they cannot be played: modules.conf does not load chan_bridge_media.so")
	case err != nil || code != http.StatusCreated:
		return false, fmt.Errorf("they cannot be played: %w", answered(code, err))
	}
	return x.lives(ctx, "/playbacks/"+id)
}

// lives tells whether a playback has begun and goes on, and stops it.
func (x *examiner) lives(ctx context.Context, path string) (bool, error) {
	var p struct {
		State string `json:"state"`
	}
	limit := time.Now().Add(startLimit)
	for played := false; ; {
		code, err := x.ask(ctx, http.MethodGet, path, &p)
		switch {
		case err != nil || code != http.StatusOK && code != http.StatusNotFound:
			return false, answered(code, err)
		case code == http.StatusNotFound:
			return false, nil
		case played:
			_, err := x.ask(ctx, http.MethodDelete, path, nil)
			return true, err
		case time.Now().After(limit):
			return false, errors.New("a playback never begins")
		}
		wait := lookAgain
		if p.State == "playing" {
			played, wait = true, playFor
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(wait):
		}
	}
}
