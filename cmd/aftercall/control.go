package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"aftercall/configs"
	"aftercall/scoring"
	"aftercall/scoring/privacy"
	"aftercall/scoring/spill"
)

const (
	maxOrder   = 1 << 20          // bytes of a command's body
	orderLimit = 20 * time.Second // for a command, under the server's limit for its answer
)

// listenControl makes the socket on which the service takes commands. Only
// its own user can reach it. What a killed service left there is removed; one
// at which somebody answers is that of a service with another store.
func listenControl(ctx context.Context, path string) (net.Listener, error) {
	switch info, err := os.Lstat(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("store.socket: %w", err)
	case info.Mode().Type() != fs.ModeSocket:
		return nil, fmt.Errorf("store.socket: %q is no socket, want a path where nothing else is", path)
	default:
		if err := abandoned(ctx, path); err != nil {
			return nil, fmt.Errorf("store.socket: %w", err)
		}
		if err := os.Remove(path); err != nil {
			return nil, fmt.Errorf("store.socket: %w", err)
		}
	}
	private := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
		// Before it has a name: nobody gets in between.
		return errors.Join(c.Control(func(fd uintptr) { err = syscall.Fchmod(int(fd), 0o600) }), err)
	}}
	l, err := private.Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("store.socket: %w", err)
	}
	return l, nil
}

// abandoned refuses a socket unless nobody listens there any more.
func abandoned(ctx context.Context, path string) error {
	var d net.Dialer
	c, err := d.DialContext(ctx, "unix", path)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return nil
	}
	if err == nil {
		err = c.Close()
	}
	return errors.Join(fmt.Errorf("%q is that of another service, want a path of its own for each", path), err)
}

// control is what the service answers on its socket.
func (s *service) control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /experiments", s.answer(func(ctx context.Context, _ *http.Request) (any, error) {
		done, err := s.alone(ctx) // in the middle of a command nothing could be said
		if err != nil {
			return nil, err
		}
		defer done()
		now := s.now.Load()
		all, err := s.store.Experiments(ctx)
		list := states(all, now.suspended)
		for i := range list {
			list[i].Pending = !now.follows(list[i].Experiment)
		}
		return list, err
	}))
	mux.HandleFunc("POST /experiments", s.answer(func(ctx context.Context, r *http.Request) (any, error) {
		var e scoring.Experiment
		if err := read(r, &e); err != nil {
			return nil, err
		}
		e.StartedAt, e.EndedAt = time.Now(), nil
		return e, s.startExperiment(ctx, e)
	}))
	mux.HandleFunc("PUT /experiments/{name}", s.answer(func(ctx context.Context, r *http.Request) (any, error) {
		var queues []scoring.QueueWeights
		if err := read(r, &queues); err != nil {
			return nil, err
		}
		return queues, s.changeExperiment(ctx, r.PathValue("name"), queues)
	}))
	mux.HandleFunc("POST /experiments/{name}/stop", s.answer(func(ctx context.Context, r *http.Request) (any, error) {
		return struct{}{}, s.stopExperiment(ctx, r.PathValue("name"))
	}))
	mux.HandleFunc("POST /agents/merge", s.answer(func(ctx context.Context, r *http.Request) (any, error) {
		var m mergeOrder
		if err := read(r, &m); err != nil {
			return nil, err
		}
		merged, err := s.store.MergeAgents(ctx, m.From, m.Into)
		if err == nil {
			s.figures.want()
		}
		return merged, s.told(err, "agents merged", "from", m.From, "into", m.Into, "surveys", merged.Surveys, "already", merged.Already)
	}))
	s.callerOrders(mux)
	return mux
}

// mergeOrder is the body of a command to merge two agents.
type mergeOrder struct {
	From string `json:"from"`
	Into string `json:"into"`
}

// read reads the body of a command, whole and without unknown keys.
func read(r *http.Request, into any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil && d.More() {
		err = errors.New("more than one value")
	}
	if err != nil {
		return fmt.Errorf("%w: body: %w", scoring.ErrInvalid, err)
	}
	return nil
}

// answer carries out a command and writes what comes of it as JSON. A client
// who goes away does not stop it half-way.
func (s *service) answer(do func(context.Context, *http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), orderLimit)
		defer cancel()
		r.Body = http.MaxBytesReader(w, r.Body, maxOrder)
		v, err := do(ctx, r)
		w.Header().Set("Content-Type", "application/json")
		if err != nil {
			w.WriteHeader(status(err))
			v = refusal{err.Error()}
		}
		if err := json.NewEncoder(w).Encode(v); err != nil {
			s.log.Warn("a command did not take its answer", "command", r.Method+" "+r.URL.Path, "error", err)
		}
	}
}

// refusal is the answer to a command that is not carried out.
type refusal struct {
	Error string `json:"error"`
}

func status(err error) int {
	var faults configs.Faults
	switch {
	case errors.Is(err, scoring.ErrNoExperiment), errors.Is(err, scoring.ErrNoAgent):
		return http.StatusNotFound
	case errors.Is(err, scoring.ErrExists), errors.Is(err, privacy.ErrForm), errors.Is(err, spill.ErrWaiting):
		return http.StatusConflict
	case errors.Is(err, scoring.ErrInvalid), errors.Is(err, privacy.ErrNumber), errors.As(err, &faults):
		return http.StatusBadRequest
	}
	return http.StatusInternalServerError
}
