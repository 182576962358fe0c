package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// bareClient asks a survey with the least that a process of Go can do on the
// wire that aftercall uses and, if it keeps anything, on the disk: one goroutine
// that reads an event, sends what follows from it, and waits for the answer and
// for the disk. Nothing is checked, recovered, counted or summed up.
type bareClient struct {
	ari    *url.URL
	login  *url.Userinfo
	app    string
	menu   []byte // bodies of requests
	thanks []byte

	events *websocket.Conn

	http *http.Client // that sends requests; nil = they go by conn
	conn net.Conn     // nil = none yet
	in   *bufio.Reader
	used time.Time // conn, last

	keep keeper
	end  func(channel string) // keeps that a survey is over

	answered map[string]bool // by channel: a key came
	thanked  atomic.Int64    // callers who pressed a key, heard the thank-you and were let go
}

// BareClient runs a bare client until ctx ends. It is told by the environment:
// ARI_URL, ARI_USER, ARI_PASSWORD, ARI_APP, MENU and THANKS (media with commas
// between them), and JOURNAL, DATABASE or STORE, the file that takes two records of each
// survey, on the disk before what follows; without any nothing is stored. With
// DATABASE and STORE requests go by net/http; with STORE the file is a store of
// aftercall's, which takes the end of a survey, too. It says "bench: ready", and
// answers a line of in with "bench: " and the number of callers thanked.
func BareClient(ctx context.Context, in io.Reader, out io.Writer) (err error) {
	c := &bareClient{app: os.Getenv("ARI_APP"), login: url.UserPassword(os.Getenv("ARI_USER"), os.Getenv("ARI_PASSWORD")),
		keep: func(string, string) error { return nil }, end: func(string) {}, answered: map[string]bool{}}
	if c.ari, err = url.Parse(os.Getenv("ARI_URL") + "/ari"); err != nil {
		return err
	}
	if c.menu, err = mediaList("MENU"); err != nil {
		return err
	}
	if c.thanks, err = mediaList("THANKS"); err != nil {
		return err
	}
	file, err := c.open(ctx)
	if err != nil {
		return err
	}
	if file != nil {
		defer func() { err = errors.Join(err, file.Close()) }()
	}
	if c.events, err = c.listen(ctx); err != nil {
		return err
	}
	defer c.events.CloseNow() //nolint:errcheck // it is over either way
	fmt.Fprintln(out, "bench: ready")
	go func() { // ends with the input, or the process
		for s := bufio.NewScanner(in); s.Scan(); {
			fmt.Fprintln(out, "bench:", c.thanked.Load())
		}
	}()
	return c.read(ctx)
}

// open opens what the client keeps its records in; nil = nothing.
func (c *bareClient) open(ctx context.Context) (file io.Closer, err error) {
	lines, rows, store := os.Getenv("JOURNAL"), os.Getenv("DATABASE"), os.Getenv("STORE")
	if rows != "" || store != "" {
		c.http = &http.Client{Timeout: helperLimit, Transport: &http.Transport{IdleConnTimeout: idleLimit}}
	}
	switch {
	case lines != "":
		c.keep, file, err = journal(lines)
	case rows != "":
		c.keep, file, err = database(ctx, rows)
	case store != "":
		var s *stored
		if s, err = ourStore(ctx, store); err == nil {
			c.keep, c.end, file = s.keep, s.end, s
		}
	}
	return file, err
}

// read does what follows from each event, until ctx ends.
func (c *bareClient) read(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = c.events.CloseNow() })
	defer stop()
	forever := context.WithoutCancel(ctx)
	for {
		_, data, err := c.events.Read(forever)
		if err == nil {
			err = c.hear(data)
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		}
	}
}

func mediaList(name string) (body []byte, err error) {
	return json.Marshal(map[string][]string{"media": strings.Split(os.Getenv(name), ",")})
}

// listen opens the event connection, and has Asterisk send what it sends
// aftercall.
func (c *bareClient) listen(ctx context.Context) (*websocket.Conn, error) {
	u := c.ari.JoinPath("events")
	u.Scheme, u.User, u.RawQuery = "ws", c.login, url.Values{"app": {c.app}}.Encode()
	ctx, cancel := context.WithTimeout(ctx, helperLimit)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, u.String(), nil)
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(1 << 20)
	var allowed []map[string]string
	for _, t := range []string{"StasisStart", "StasisEnd", "ChannelHangupRequest", "ChannelDtmfReceived", "PlaybackStarted", "PlaybackFinished", "ApplicationReplaced"} {
		allowed = append(allowed, map[string]string{"type": t})
	}
	body, err := json.Marshal(map[string]any{"allowed": allowed})
	if err == nil {
		err = c.send(http.MethodPut, "/applications/"+c.app+"/eventFilter", body)
	}
	return conn, err
}

// hear does what follows from an event.
func (c *bareClient) hear(data []byte) error {
	var e struct {
		Type    string `json:"type"`
		Channel struct {
			ID string `json:"id"`
		} `json:"channel"`
		Playback struct {
			ID string `json:"id"`
		} `json:"playback"`
		Digit string `json:"digit"`
	}
	if err := json.Unmarshal(data, &e); err != nil {
		return err
	}
	channel := e.Channel.ID
	switch e.Type {
	case "StasisStart":
		return errors.Join(c.keep(channel, ""), c.send(http.MethodPost, "/channels/"+channel+"/play/menu_"+channel, c.menu))
	case "ChannelDtmfReceived":
		if c.answered[channel] {
			return nil
		}
		c.answered[channel] = true
		return errors.Join(c.send(http.MethodDelete, "/playbacks/menu_"+channel, nil), c.keep(channel, e.Digit),
			c.send(http.MethodPost, "/channels/"+channel+"/play/thanks_"+channel, c.thanks))
	case "PlaybackFinished":
		channel, ours := strings.CutPrefix(e.Playback.ID, "thanks_")
		if !ours || !c.answered[channel] {
			return nil
		}
		delete(c.answered, channel)
		if err := c.send(http.MethodPost, "/channels/"+channel+"/continue", nil); err != nil {
			return err
		}
		c.end(channel)
		c.thanked.Add(1)
	}
	return nil
}

// send sends a request and reads the answer to its end.
func (c *bareClient) send(method, path string, body []byte) error {
	req, err := http.NewRequest(method, c.ari.String()+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	password, _ := c.login.Password()
	req.SetBasicAuth(c.login.Username(), password)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	do := c.exchange
	if c.http != nil {
		do = c.http.Do
	}
	resp, err := do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: Asterisk answered %s: %s", method, path, resp.Status, answer)
	}
	return err
}

// idleLimit is for how long a connection is kept that nobody uses. Asterisk ends
// it after 15 s.
const idleLimit = 5 * time.Second

// exchange sends a request by a connection of the client's own.
func (c *bareClient) exchange(req *http.Request) (*http.Response, error) {
	if c.conn == nil || time.Since(c.used) > idleLimit {
		if c.conn != nil {
			_ = c.conn.Close()
		}
		var err error
		if c.conn, err = net.DialTimeout("tcp", c.ari.Host, helperLimit); err != nil {
			return nil, err
		}
		c.in = bufio.NewReader(c.conn)
	}
	c.used = time.Now()
	if err := c.conn.SetDeadline(c.used.Add(helperLimit)); err != nil {
		return nil, err
	}
	if err := req.Write(c.conn); err != nil {
		return nil, err
	}
	return http.ReadResponse(c.in, req)
}
