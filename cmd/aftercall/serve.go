package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"aftercall/cmd/aftercall/web"
	"aftercall/configs"
	"aftercall/ivr/asterisk"
	"aftercall/ivr/survey"
	"aftercall/scoring"
	"aftercall/scoring/metrics"
	"aftercall/scoring/spill"
	"aftercall/scoring/sqlite"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/spf13/cobra"
)

// Limits of the service.
const (
	drainLimit      = 10 * time.Second // for the surveys in progress when the service stops
	replayEvery     = 5 * time.Second  // of what waits in the spill file
	lastReplayLimit = 2 * time.Second  // of what was spilled while the service stopped
	setUpLimit      = 60 * time.Second // for opening the store and closing what a killed run left open
	stopLimit       = 5 * time.Second  // for HTTP requests in progress
)

func serveCommand(load loader) *cobra.Command {
	return &cobra.Command{
		Use: "serve", Short: "Survey callers until stopped", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := load()
			if err != nil {
				return err
			}
			return serve(cmd.Context(), c, cmd.ErrOrStderr())
		},
	}
}

// service is the running program: each part is made once, in the order in
// which the parts need each other, and closed in reverse.
type service struct {
	config   *configs.Config
	log      *slog.Logger
	book     *survey.Book
	store    *sqlite.Store
	recorder *spill.Recorder
	meter    *metrics.Service
	own      *prometheus.Registry // the service and the layouts
	agents   *prometheus.Registry
	nodes    []*asterisk.Node
}

// serve runs the service until ctx ends, then releases the callers in
// progress and closes the store.
func serve(ctx context.Context, c *configs.Config, stderr io.Writer) error {
	s := &service{config: c, log: slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: c.Log.Slog()}))}
	listener, err := net.Listen("tcp", c.HTTP.Listen) // first: a service that cannot listen touches no store
	if err != nil {
		return fmt.Errorf("http.listen: %w", err)
	}
	if err := s.open(ctx); err != nil {
		return errors.Join(err, listener.Close(), s.close())
	}
	err = s.work(ctx, listener)
	return errors.Join(err, s.close())
}

// open makes every part that needs no Asterisk, and settles what a run that
// was killed left open.
func (s *service) open(all context.Context) error {
	ctx, cancel := context.WithTimeout(all, setUpLimit)
	defer cancel()
	c := s.config
	lib, err := sounds(c)
	if err != nil {
		return err
	}
	if s.book, err = newBook(c, lib); err != nil {
		return err
	}
	if s.store, err = sqlite.Open(ctx, c.Store.Path, sqlite.Options{Zone: c.Site.TimeZone, Log: s.log}); err != nil {
		return err
	}
	if s.recorder, err = spill.Open(c.Store.Spill, s.store.Write, c.Store.Limit, s.log); err != nil {
		return err
	}
	if _, err := s.recorder.Replay(all); err != nil { // takes as long as the file is large
		return err
	}
	return s.settle(all)
}

// settle closes what a killed run left open and makes the parts that write.
func (s *service) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, setUpLimit)
	defer cancel()
	c := s.config
	if err := s.closeLost(ctx); err != nil {
		return err
	}
	epochs, err := s.declare(ctx)
	if err != nil {
		return err
	}
	s.register()
	for _, n := range c.Asterisk.Nodes {
		s.nodes = append(s.nodes, asterisk.NewNode(
			asterisk.Server{Name: n.Name, URL: n.URL, Username: n.Username, Password: string(n.Password), App: c.Asterisk.App},
			asterisk.Surveys{Book: s.book, Epochs: epochs, Zone: c.Zone, Write: s.recorder.Write, Meter: s.meter, Log: s.log}))
	}
	return nil
}

// declare tells the store what can be asked and how calls are split, and lets
// every total stand at 0 before the first call.
func (s *service) declare(ctx context.Context) (map[survey.Split]int64, error) {
	definitions, err := s.book.Definitions()
	if err != nil {
		return nil, err
	}
	if err := s.store.PutLayouts(ctx, definitions); err != nil {
		return nil, err
	}
	splits, err := s.book.Splits()
	if err != nil {
		return nil, err
	}
	if err := s.store.Declare(ctx, s.book.Series()); err != nil {
		return nil, err
	}
	ids, err := s.store.Epochs(ctx, splits, time.Now()) // last: what fails before it begins none
	if err != nil {
		return nil, err
	}
	epochs := map[survey.Split]int64{}
	for i, x := range splits {
		epochs[survey.Split{Queue: x.Queue, Question: x.Question}] = ids[i]
	}
	return epochs, nil
}

// closeLost gives calls that a killed run left open their end: every question
// without an answer is an error of ours.
func (s *service) closeLost(ctx context.Context) error {
	const batch = 1000
	for {
		open, err := s.store.OpenCalls(ctx, batch)
		if err != nil || len(open) == 0 {
			return err
		}
		for _, row := range open {
			if _, err := s.store.Write(ctx, lost(row, time.Now())); err != nil {
				return err
			}
		}
		s.log.Warn("closed calls that an earlier run left open", "calls", len(open))
	}
}

// lost is the record that closes a call of a run that was killed. If every
// question had its answer, only the end was not written, and they say why it
// came.
func lost(row scoring.CallRow, now time.Time) scoring.Record {
	r := scoring.Record{ID: row.ID, End: &scoring.End{Reason: scoring.Completed, At: now}}
	outcome := scoring.Failed
	for _, q := range row.Questions {
		switch {
		case q.Answer == nil:
			r.Answers = append(r.Answers, scoring.Answer{Question: q.Question, Outcome: outcome, At: now})
			r.End.Reason, outcome = scoring.Lost, scoring.NotReached
		case r.End.Reason != scoring.Completed:
		case q.Answer.Outcome == scoring.NoInput:
			r.End.Reason = scoring.Silent
		case q.Answer.Outcome == scoring.Invalid:
			r.End.Reason = scoring.WrongKeys
		case q.Answer.Outcome != scoring.Rated:
			r.End.Reason = scoring.Lost
		}
	}
	return r
}

// register makes the metrics, on a registry for each of the two paths.
func (s *service) register() {
	s.own, s.agents = prometheus.NewRegistry(), prometheus.NewRegistry()
	s.own.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	metrics.Build(s.own, version)
	s.meter = metrics.NewService(s.own)
	s.own.MustRegister(metrics.Layouts{Source: s.store.Totals}, metrics.Spill{Source: func() metrics.SpillStats {
		return metrics.SpillStats(s.recorder.Stats())
	}})
	s.agents.MustRegister(metrics.Agents{Source: s.store.Totals, Max: s.config.Metrics.MaxAgents})
}

// work surveys callers and answers HTTP until ctx ends or HTTP fails.
func (s *service) work(ctx context.Context, listener net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var running sync.WaitGroup
	for _, n := range s.nodes {
		running.Go(func() { n.Run(ctx, drainLimit) })
	}
	running.Go(func() {
		if err := s.recorder.Run(ctx, replayEvery); err != nil {
			s.log.Error("the spill file is not replayed", "error", err)
		}
	})
	face := &http.Server{
		Handler:     web.New(s.parts(), s.own, s.agents, s.log),
		ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
	}
	failed := make(chan error, 1)
	go func() { failed <- face.Serve(listener) }()
	s.log.Info("serving", "version", version, "http", listener.Addr().String(), "store", s.config.Store.Path)
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
		cancel()
	}
	s.log.Info("stopping: callers in progress are released")
	running.Wait()
	s.lastReplay()
	stop, done := context.WithTimeout(context.Background(), stopLimit)
	defer done()
	return errors.Join(err, face.Shutdown(stop))
}

// lastReplay tries once more what was spilled while the callers were released.
// What it leaves, the next start replays.
func (s *service) lastReplay() {
	if s.recorder.Stats().Pending == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), lastReplayLimit)
	defer cancel()
	done, err := s.recorder.Replay(ctx)
	if err != nil {
		s.log.Warn("records stay in the spill file until the next start", "pending", s.recorder.Stats().Pending, "error", err)
		return
	}
	s.log.Info("spilled records are in the store", "records", done)
}

// close closes what open opened, as far as it came.
func (s *service) close() error {
	var errs []error
	if s.recorder != nil {
		errs = append(errs, s.recorder.Close())
	}
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	return errors.Join(errs...)
}
