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
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// What aftercall hands to the disk for a survey where they come one by one: the
// first two records each have a commit of their own, and the third goes along
// with another's (BenchmarkSteady of scoring/sqlite).
const (
	commits    = 2
	commitSize = 37 << 10 // bytes
)

// bareClient asks a survey with the least that a process of Go can do on the
// wire that aftercall uses and, if it has a journal, on the disk: one goroutine
// that reads an event, sends what follows from it on a connection of its own,
// and waits for the answer and for the disk. Nothing is checked, recovered,
// counted or summed up.
type bareClient struct {
	ari    *url.URL
	login  *url.Userinfo
	app    string
	menu   []byte // bodies of requests
	thanks []byte

	events    *websocket.Conn
	byEvents  bool // requests go by the event connection
	requested int  // that way

	conn net.Conn // of requests otherwise; nil = none yet
	in   *bufio.Reader
	used time.Time // conn, last

	journal *os.File // nil = nothing is stored
	record  []byte

	answered map[string]bool // by channel: a key came
	thanked  atomic.Int64    // callers who pressed a key, heard the thank-you and were let go
}

// BareClient runs a bare client until ctx ends. It is told by the environment:
// ARI_URL, ARI_USER, ARI_PASSWORD, ARI_APP, MENU and THANKS (media with commas
// between them), JOURNAL, a file that takes two records of each survey, on the
// disk before what follows; "" = nothing is stored, and BY_EVENTS, not empty where
// requests go by the event connection, where nobody waits for the answer. It says
// "bench: ready", and answers a line of in with "bench: " and the number of
// callers thanked.
func BareClient(ctx context.Context, in io.Reader, out io.Writer) error {
	c := &bareClient{app: os.Getenv("ARI_APP"), login: url.UserPassword(os.Getenv("ARI_USER"), os.Getenv("ARI_PASSWORD")),
		record: bytes.Repeat([]byte{'.'}, commitSize), answered: map[string]bool{}}
	var err error
	if c.ari, err = url.Parse(os.Getenv("ARI_URL") + "/ari"); err != nil {
		return err
	}
	if c.menu, err = mediaList("MENU"); err != nil {
		return err
	}
	if c.thanks, err = mediaList("THANKS"); err != nil {
		return err
	}
	if path := os.Getenv("JOURNAL"); path != "" {
		if c.journal, err = os.Create(path); err != nil {
			return err
		}
		defer c.journal.Close()
	}
	if c.events, err = c.listen(ctx); err != nil {
		return err
	}
	defer c.events.CloseNow() //nolint:errcheck // it is over either way
	c.byEvents = os.Getenv("BY_EVENTS") != ""
	fmt.Fprintln(out, "bench: ready")
	go func() { // ends with the input, or the process
		for s := bufio.NewScanner(in); s.Scan(); {
			fmt.Fprintln(out, "bench:", c.thanked.Load())
		}
	}()
	for {
		_, data, err := c.events.Read(ctx)
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
// aftercall, and answers, which the filter is for, too.
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
	for _, t := range []string{"StasisStart", "StasisEnd", "ChannelHangupRequest", "ChannelDtmfReceived", "PlaybackStarted", "PlaybackFinished", "ApplicationReplaced", "RESTResponse"} {
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
		Status int    `json:"status_code"` // of an answer
		URI    string `json:"uri"`         // of what it answers
	}
	if err := json.Unmarshal(data, &e); err != nil {
		return err
	}
	channel := e.Channel.ID
	switch e.Type {
	case "RESTResponse":
		if e.Status < 200 || e.Status >= 300 {
			return fmt.Errorf("asterisk answered %s", data)
		}
		if strings.HasSuffix(e.URI, "/continue") {
			c.thanked.Add(1)
		}
	case "StasisStart":
		return errors.Join(c.store(), c.send(http.MethodPost, "/channels/"+channel+"/play/menu_"+channel, c.menu))
	case "ChannelDtmfReceived":
		if c.answered[channel] {
			return nil
		}
		c.answered[channel] = true
		return errors.Join(c.send(http.MethodDelete, "/playbacks/menu_"+channel, nil), c.store(),
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
		if !c.byEvents { // else the answer is still to come
			c.thanked.Add(1)
		}
	}
	return nil
}

// store puts a record behind the others and waits until the disk has it.
func (c *bareClient) store() error {
	if c.journal == nil {
		return nil
	}
	if _, err := c.journal.Write(c.record); err != nil {
		return err
	}
	return c.journal.Sync()
}

// sendByEvents sends a request by the event connection, where its answer comes
// among the events.
func (c *bareClient) sendByEvents(method, path string, body []byte) error {
	c.requested++
	request := map[string]string{"type": "RESTRequest", "transaction_id": "", "request_id": strconv.Itoa(c.requested),
		"method": method, "uri": strings.TrimPrefix(path, "/")}
	if body != nil {
		request["content_type"], request["message_body"] = "application/json", string(body)
	}
	b, err := json.Marshal(request)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), helperLimit)
	defer cancel()
	return c.events.Write(ctx, websocket.MessageText, b)
}

// send sends a request and reads the answer to its end. Asterisk ends a
// connection that was idle for 15 s.
func (c *bareClient) send(method, path string, body []byte) error {
	if c.byEvents {
		return c.sendByEvents(method, path, body)
	}
	if c.conn == nil || time.Since(c.used) > 5*time.Second {
		if c.conn != nil {
			_ = c.conn.Close()
		}
		var err error
		if c.conn, err = net.DialTimeout("tcp", c.ari.Host, helperLimit); err != nil {
			return err
		}
		c.in = bufio.NewReader(c.conn)
	}
	c.used = time.Now()
	if err := c.conn.SetDeadline(c.used.Add(helperLimit)); err != nil {
		return err
	}
	req, err := http.NewRequest(method, c.ari.String()+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	password, _ := c.login.Password()
	req.SetBasicAuth(c.login.Username(), password)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if err := req.Write(c.conn); err != nil {
		return err
	}
	resp, err := http.ReadResponse(c.in, req)
	if err != nil {
		return err
	}
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: Asterisk answered %s: %s", method, path, resp.Status, answer)
	}
	return err
}
