package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"time"

	"aftercall/configs"
	"aftercall/scoring"
	"aftercall/scoring/sqlite"
)

// orders is where commands that change what the store holds go: to the service
// while it runs, else into its store.
type orders interface {
	start(ctx context.Context, e scoring.Experiment) error
	change(ctx context.Context, name string, queues []scoring.QueueWeights) error
	stop(ctx context.Context, name string) error
	merge(ctx context.Context, from, into string) (scoring.Merged, error)
	subject(ctx context.Context, o callerOrder) (subject, error)
	erase(ctx context.Context, o callerOrder) (erased, error)
	close() error
}

// dial connects to the service; nil if none answers.
func dial(ctx context.Context, socket string) (*overSocket, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "unix", socket)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED): // the latter of one that was killed
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("store.socket: %w, want the user of the service", err)
	}
	if err := c.Close(); err != nil {
		return nil, err
	}
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return d.DialContext(ctx, "unix", socket)
	}}
	return &overSocket{http.Client{Transport: transport, Timeout: orderLimit + stopLimit}}, nil
}

// ways finds where commands go. direct tells that it is the store itself.
func ways(ctx context.Context, c *configs.Config, log *slog.Logger) (to orders, direct bool, err error) {
	service, err := dial(ctx, c.Store.Socket)
	if err != nil {
		return nil, false, err
	}
	if service != nil {
		return service, false, nil
	}
	store, err := sqlite.Open(ctx, c.Store.Path, sqlite.Options{Zone: c.Site.TimeZone, Existing: true, Log: log})
	if errors.Is(err, sqlite.ErrInUse) {
		return nil, false, fmt.Errorf("%w; no service answers at store.socket %q: want the one that the service was started with, or wait until the other command is over", err, c.Store.Socket)
	}
	if err != nil {
		return nil, false, err
	}
	return intoStore{c, store}, true, nil
}

// overSocket talks to the service.
type overSocket struct{ client http.Client }

func (o *overSocket) start(ctx context.Context, e scoring.Experiment) error {
	return o.send(ctx, http.MethodPost, "/experiments", e, nil)
}

func (o *overSocket) change(ctx context.Context, name string, queues []scoring.QueueWeights) error {
	return o.send(ctx, http.MethodPut, "/experiments/"+url.PathEscape(name), queues, nil)
}

func (o *overSocket) stop(ctx context.Context, name string) error {
	return o.send(ctx, http.MethodPost, "/experiments/"+url.PathEscape(name)+"/stop", nil, nil)
}

func (o *overSocket) merge(ctx context.Context, from, into string) (m scoring.Merged, err error) {
	return m, o.send(ctx, http.MethodPost, "/agents/merge", mergeOrder{from, into}, &m)
}

// states asks how the experiments stand.
func (o *overSocket) states(ctx context.Context) (all []experimentState, err error) {
	return all, o.send(ctx, http.MethodGet, "/experiments", nil, &all)
}

func (o *overSocket) close() error { return nil }

// send sends a command and reads its answer. What the service says of a
// command that it refuses is the error.
func (o *overSocket) send(ctx context.Context, method, path string, body, answer any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://aftercall"+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	resp, err := o.client.Do(req)
	if err != nil {
		return fmt.Errorf("the service does not answer, and may have done it: %w", err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	var refused refusal
	switch {
	case resp.StatusCode == http.StatusOK && answer == nil:
		return nil
	case resp.StatusCode == http.StatusOK:
		return json.Unmarshal(said, answer)
	case json.Unmarshal(said, &refused) == nil && refused.Error != "":
		return errors.New(refused.Error)
	}
	return fmt.Errorf("the service answers %s: %.200s", resp.Status, said)
}

// intoStore writes into the store of a service that does not run. Its next
// start puts into force what it finds.
type intoStore struct {
	c     *configs.Config
	store *sqlite.Store
}

func (o intoStore) start(ctx context.Context, e scoring.Experiment) error {
	e.StartedAt = time.Now()
	running, err := runningIn(ctx, o.store)
	if err != nil {
		return err
	}
	lib, err := sounds(o.c)
	if err != nil {
		return err
	}
	if err := fitting(o.c, running, e, lib); err != nil {
		return err
	}
	return o.store.StartExperiment(ctx, e)
}

func (o intoStore) change(ctx context.Context, name string, queues []scoring.QueueWeights) error {
	running, err := runningIn(ctx, o.store)
	if err != nil {
		return err
	}
	lib, err := sounds(o.c)
	if err != nil {
		return err
	}
	if err := reweighted(o.c, running, name, queues, lib); err != nil {
		return err
	}
	return o.store.ChangeExperiment(ctx, name, queues)
}

func (o intoStore) stop(ctx context.Context, name string) error {
	running, err := runningIn(ctx, o.store)
	if err != nil {
		return err
	}
	return o.store.StopExperiment(ctx, name, endOf(running, name))
}

func (o intoStore) merge(ctx context.Context, from, into string) (scoring.Merged, error) {
	return o.store.MergeAgents(ctx, from, into)
}

func (o intoStore) close() error { return o.store.Close() }
