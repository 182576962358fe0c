// Package prometheus runs a Prometheus over services of this machine, with the
// scrape configuration and the rules that lie beside it, for demonstrations and
// tests. README.md is for whoever has a Prometheus of their own.
//
// The way in: [Start] starts a [Server] in a folder of its own, [Server.Query]
// and [Server.API] ask it, [Server.Stop] ends it. It never outlives its program;
// what a killed one left on disk is removed by the next Start.
package prometheus

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"

	"aftercall/deploy/lab"

	"github.com/prometheus/client_golang/api"
	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
)

//go:embed prometheus.yml rules/*.yml
var shipped embed.FS

const (
	startLimit = 30 * time.Second
	queryLimit = 10 * time.Second
	pollEvery  = 20 * time.Millisecond
	logName    = "prometheus.log"
)

// Options describe a Prometheus.
type Options struct {
	Folder  string        // of the repository: the run's folder is made in its .lab/runs
	Targets []string      // services to scrape, "127.0.0.1:9380"
	Every   time.Duration // between scrapes of both jobs and between evaluations of the rules; 1s or more
	History string        // OpenMetrics file of samples from before the start; "" = none
	Listen  string        // "" = a free port of 127.0.0.1
}

// Server is a running Prometheus. It keeps all that it has for ever.
type Server struct {
	Run string // folder of this run: configuration, rules, data, log

	folder  lab.Folder
	process *lab.Process
	address string
	api     v1.API
}

// Start starts Debian's prometheus and returns when it answers queries. ctx
// bounds the start; the server lasts until Stop, or until the program ends. An
// error holds what Prometheus said.
func Start(ctx context.Context, o Options) (*Server, error) {
	folder, err := filepath.Abs(o.Folder)
	if err != nil {
		return nil, err
	}
	run, err := lab.NewFolder(filepath.Join(folder, ".lab", "runs"))
	if err != nil {
		return nil, err
	}
	s := &Server{Run: run.Path, folder: run}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	if err := s.start(ctx, o); err != nil {
		err = fmt.Errorf("start prometheus: %w\n%s", err, s.log())
		return nil, errors.Join(err, s.Stop(context.WithoutCancel(ctx)))
	}
	return s, nil
}

func (s *Server) start(ctx context.Context, o Options) error {
	if err := writeConfig(s.Run, o.Targets, o.Every); err != nil {
		return err
	}
	if o.History != "" {
		if err := s.backfill(ctx, o.History); err != nil {
			return err
		}
	}
	listen := o.Listen
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	said, err := os.Create(filepath.Join(s.Run, logName))
	if err != nil {
		return err
	}
	defer said.Close()
	cmd := exec.Command("prometheus", "--config.file", filepath.Join(s.Run, configName),
		"--storage.tsdb.path", s.data(), "--storage.tsdb.retention.time", "10y", "--web.listen-address", listen)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.Run, said, said
	if s.process, err = lab.StartProcess(cmd); err != nil {
		return fmt.Errorf("%w, want Debian's package prometheus (make setup)", err)
	}
	return s.waitReady(ctx)
}

func (s *Server) data() string { return filepath.Join(s.Run, "data") }

// backfill writes samples of the past into the data before the server starts.
func (s *Server) backfill(ctx context.Context, history string) error {
	// One pass over the file for each block: blocks of days, not of 2 hours.
	cmd := exec.CommandContext(ctx, "promtool", "tsdb", "create-blocks-from", "--quiet", "--max-block-duration", "500h", "openmetrics", history, s.data())
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("backfill %q: %w: %s", history, err, said)
	}
	return nil
}

var listening = regexp.MustCompile(`msg="Listening on" address=(\S+)`)

// waitReady waits until the server says where it listens, and until it is ready
// there.
func (s *Server) waitReady(ctx context.Context) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if m := listening.FindStringSubmatch(s.log()); s.address == "" && m != nil {
			s.address = m[1]
			client, err := api.NewClient(api.Config{Address: s.URL()})
			if err != nil {
				return err
			}
			s.api = v1.NewAPI(client)
		}
		err := errors.New("it does not say where it listens")
		if s.address != "" {
			if err = s.ready(ctx); err == nil {
				return nil
			}
		}
		select {
		case <-s.process.Done():
			return fmt.Errorf("ended before it was ready: %s", s.process.State())
		case <-ctx.Done():
			return fmt.Errorf("not ready: %w", errors.Join(ctx.Err(), err))
		case <-tick.C:
		}
	}
}

func (s *Server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+"/-/ready", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("/-/ready: status %s, want 200", resp.Status)
	}
	return nil
}

// log is what Prometheus said so far.
func (s *Server) log() string {
	b, err := os.ReadFile(filepath.Join(s.Run, logName))
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// URL is where it answers: "http://127.0.0.1:port".
func (s *Server) URL() string { return "http://" + s.address }

// Link opens a query in the expression browser, as a table.
func (s *Server) Link(query string) string {
	return s.URL() + "/graph?" + url.Values{"g0.expr": {query}, "g0.tab": {"1"}}.Encode()
}

// API is Prometheus' own HTTP API. Callers bound the time of each request.
func (s *Server) API() v1.API { return s.api }

// Query asks for the value of an expression now, 10 s at most.
func (s *Server) Query(ctx context.Context, query string) (model.Vector, error) {
	ctx, cancel := context.WithTimeout(ctx, queryLimit)
	defer cancel()
	v, _, _, err := s.api.Query(ctx, query, time.Time{})
	if err != nil {
		return nil, fmt.Errorf("query %q: %w", query, err)
	}
	switch v := v.(type) {
	case model.Vector:
		return v, nil
	case *model.Scalar:
		return model.Vector{{Value: v.Value, Timestamp: v.Timestamp}}, nil
	}
	return nil, fmt.Errorf("query %q: gives a %s, want a vector", query, v.Type())
}

// Until asks again until the answer is as it is meant to be, and returns it.
func (s *Server) Until(ctx context.Context, query string, meant func(model.Vector) bool) (model.Vector, error) {
	tick := time.NewTicker(10 * pollEvery)
	defer tick.Stop()
	for {
		v, err := s.Query(ctx, query)
		if err == nil && meant(v) {
			return v, nil
		}
		select {
		case <-s.process.Done():
			return v, fmt.Errorf("prometheus has ended: %s\n%s", s.process.State(), s.log())
		case <-ctx.Done():
			return v, fmt.Errorf("query %q: %w: the last answer was %v, %v", query, ctx.Err(), v, err)
		case <-tick.C:
		}
	}
}

// Stop ends the server and removes its folder.
func (s *Server) Stop(ctx context.Context) error {
	var err error
	if s.process != nil {
		err = s.process.End(ctx)
	}
	return errors.Join(err, s.folder.Remove())
}
