package asterisk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"aftercall/scoring/metrics"
)

// RequestLimit is how long a request to Asterisk may take. A frozen Asterisk
// must not hold a call's goroutine longer.
const RequestLimit = 2 * time.Second

// maxReply bounds what is read of a reply, and what of its header, in bytes.
const maxReply = 4 << 20

// ErrGone: Asterisk does not know the channel, playback or application any
// more.
var ErrGone = errors.New("gone")

// ErrLogin: Asterisk does not let us in.
var ErrLogin = errors.New("ARI refused the user name or password")

// Server says where one Asterisk is and how to enter.
type Server struct {
	Name     string // the Asterisk's systemname
	URL      string // of ARI: http://127.0.0.1:8088/ari
	Username string
	Password string
	App      string // name of the Stasis application
}

// client sends requests to one Asterisk. The library's own client can be
// given neither a time limit nor a transport, and plays one sound a request,
// so the five requests of a survey are made here.
type client struct {
	server Server
	http   *http.Client
	meter  *metrics.Service
}

func newClient(s Server, meter *metrics.Service) *client {
	return &client{server: s, meter: meter, http: &http.Client{
		Timeout: RequestLimit,
		// Nothing that Asterisk answers leads to another place, least of all
		// requests with its password.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			// Kept-alive connections in a bounded pool: Asterisk's listen
			// backlog is 10 and its sessionlimit 100 by default, so
			// connection churn stalls. Idle ones are dropped well before
			// Asterisk's session_keep_alive (15 s) would drop them.
			MaxConnsPerHost: poolBound, MaxIdleConnsPerHost: poolBound,
			IdleConnTimeout: 5 * time.Second, MaxResponseHeaderBytes: maxReply,
		},
	}}
}

// play starts a list of sounds on a channel under an id of ours.
func (c *client) play(ctx context.Context, channel, playback string, media []string) error {
	body := map[string][]string{"media": media}
	return c.do(ctx, metrics.Play, http.MethodPost, "/channels/"+url.PathEscape(channel)+"/play/"+url.PathEscape(playback), body, nil)
}

// stop ends a playback at once.
func (c *client) stop(ctx context.Context, playback string) error {
	return c.do(ctx, metrics.Stop, http.MethodDelete, "/playbacks/"+url.PathEscape(playback), nil, nil)
}

// proceed gives a channel back to the dialplan, behind Stasis().
func (c *client) proceed(ctx context.Context, channel string) error {
	return c.do(ctx, metrics.Continue, http.MethodPost, "/channels/"+url.PathEscape(channel)+"/continue", nil, nil)
}

// channels lists the channels in our application. It works without an event
// connection; an application that never connected has none.
func (c *client) channels(ctx context.Context) ([]string, error) {
	ids, err := c.registered(ctx)
	if errors.Is(err, ErrGone) {
		return nil, nil
	}
	return ids, err
}

// registered lists the channels in our application as long as Asterisk knows
// it: a client of that name is connected, or callers are in it. Else the error
// is [ErrGone].
func (c *client) registered(ctx context.Context) (channels []string, err error) {
	var app struct {
		ChannelIDs []string `json:"channel_ids"`
	}
	err = c.do(ctx, metrics.Application, http.MethodGet, "/applications/"+url.PathEscape(c.server.App), nil, &app)
	return app.ChannelIDs, err
}

// errElsewhere: a channel is not in our application.
var errElsewhere = errors.New("the channel is not in the application")

// channel finds out who is in the application on a channel, as the event of
// the entry would have told, and how long the dialplan leaves the caller
// with us.
func (c *client) channel(ctx context.Context, id string, keep Keep) (entry, error) {
	var ch struct {
		Name     string `json:"name"`
		Language string `json:"language"`
		Caller   struct {
			Number string `json:"number"`
		} `json:"caller"`
		Dialplan struct {
			AppName string `json:"app_name"`
			AppData string `json:"app_data"` // aftercall,v1,queue=...
		} `json:"dialplan"`
	}
	path := "/channels/" + url.PathEscape(id)
	if err := c.do(ctx, metrics.Channel, http.MethodGet, path, nil, &ch); err != nil {
		return entry{}, err
	}
	args := strings.Split(ch.Dialplan.AppData, ",")
	if !strings.EqualFold(ch.Dialplan.AppName, "Stasis") || args[0] != c.server.App {
		return entry{}, errElsewhere
	}
	e := entry{at: time.Now(), channel: id, name: ch.Name, language: ch.Language, args: args[1:], caller: keep.of(ch.Caller.Number)}
	var limit struct {
		Value string `json:"value"` // seconds that are left; 0 = no limit
	}
	if err := c.do(ctx, metrics.Variable, http.MethodGet, path+"/variable?variable="+url.QueryEscape("TIMEOUT(absolute)"), nil, &limit); err != nil {
		return entry{}, err
	}
	if left, err := strconv.ParseFloat(limit.Value, 64); err == nil && left > 0 {
		e.until = e.at.Add(time.Duration(left * float64(time.Second)))
	}
	return e, nil
}

// systemName gives what Asterisk calls itself: systemname in asterisk.conf;
// "" if it has none.
func (c *client) systemName(ctx context.Context) (string, error) {
	var info struct {
		Config struct {
			Name string `json:"name"`
		} `json:"config"`
	}
	err := c.do(ctx, metrics.Info, http.MethodGet, "/asterisk/info?only=config", nil, &info)
	return info.Config.Name, err
}

// filter tells Asterisk to send only the events that are needed: the others
// come several times per call and cost both sides. The end of a sound within a
// list is told by the start of the next one.
func (c *client) filter(ctx context.Context) error {
	type event struct {
		Type string `json:"type"`
	}
	var allowed []event
	for _, t := range wanted {
		if t != playbackContinuing {
			allowed = append(allowed, event{t})
		}
	}
	return c.do(ctx, metrics.Filter, http.MethodPut, "/applications/"+url.PathEscape(c.server.App)+"/eventFilter", map[string]any{"allowed": allowed}, nil)
}

// do sends one request, reads the reply to its end (so that the connection
// can be used again) and decodes it if it is asked for.
func (c *client) do(ctx context.Context, operation, method, path string, body, into any) error {
	begun := time.Now()
	err := c.send(ctx, method, path, body, into)
	result := metrics.OK
	var refused *statusError
	switch {
	case errors.Is(err, ErrGone):
		result = metrics.Gone
	case errors.As(err, &refused):
		result = metrics.Refused
	case err != nil:
		result = metrics.NoReply
	}
	c.meter.Request(operation, result, time.Since(begun))
	if err != nil {
		return fmt.Errorf("node %q: %s: %w", c.server.Name, operation, err)
	}
	return nil
}

// statusError is a reply that is not a success.
type statusError struct {
	code int
	text string
}

func (e *statusError) Error() string { return fmt.Sprintf("Asterisk answered %d: %s", e.code, e.text) }

func (c *client) send(ctx context.Context, method, path string, body, into any) error {
	code, _, reply, err := c.exchange(ctx, method, path, body)
	switch {
	case err != nil:
		return err
	case code == http.StatusNotFound:
		return ErrGone
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		return fmt.Errorf("%w (user %q), see ari.conf: %w", ErrLogin, c.server.Username, &statusError{code, firstLine(reply)})
	case code >= 300:
		return &statusError{code, firstLine(reply)}
	case into != nil:
		return json.Unmarshal(reply, into)
	}
	return nil
}

// exchange sends a request and reads the reply, whatever it says.
func (c *client) exchange(ctx context.Context, method, path string, body any) (code int, header http.Header, reply []byte, err error) {
	var r io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return 0, nil, nil, err
		}
		r = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.server.URL, "/")+path, r)
	if err != nil {
		return 0, nil, nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.SetBasicAuth(c.server.Username, c.server.Password)
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer resp.Body.Close()
	reply, err = io.ReadAll(io.LimitReader(resp.Body, maxReply))
	return resp.StatusCode, resp.Header, reply, err
}

// firstLine cuts a reply to what fits in a log line.
func firstLine(b []byte) string {
	s, _, _ := strings.Cut(strings.TrimSpace(string(b)), "\n")
	return s[:min(len(s), 200)]
}
