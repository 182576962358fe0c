package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"aftercall/cmd/aftercall/web"
	"aftercall/configs"
	"aftercall/ivr/asterisk"
	"aftercall/ivr/layout"
	"aftercall/scoring/metrics"
	"aftercall/scoring/spill"
	"aftercall/scoring/sqlite"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"
	"golang.org/x/net/netutil"
)

// Limits of the service.
const (
	replayEvery     = 5 * time.Second  // of what waits in the spill file
	lastReplayLimit = 2 * time.Second  // of what was spilled while the service stopped
	setUpLimit      = 60 * time.Second // for each step of a start but those that grow with the store, and for a reload
	stopLimit       = 5 * time.Second  // for HTTP requests in progress

	maxClients = 200 // connections of browsers, probes and Prometheus; more wait, so that callers never lack an open file
)

func serveCommand(load loader) *cobra.Command {
	var synthetic bool
	cmd := &cobra.Command{
		Use: "serve", Short: "Survey callers until stopped", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return serve(cmd.Context(), load, synthetic, cmd.ErrOrStderr())
		},
	}
	cmd.Flags().BoolVar(&synthetic, "synthetic", false, "serve a store of invented calls (aftercall synth), for a try")
	return cmd
}

// service is the running program: each part is made once, in the order in
// which the parts need each other, and closed in reverse.
type service struct {
	load     loader
	began    time.Time
	level    slog.LevelVar
	log      *slog.Logger
	now      atomic.Pointer[inForce]
	changing chan struct{} // holds one token while what is in force changes
	systemd  notifier
	life     context.Context // of the nodes

	store    *sqlite.Store
	invented bool         // the store holds invented calls
	socket   net.Listener // for commands
	recorder *spill.Recorder
	meter    *metrics.Service
	own      *prometheus.Registry // the service and the layouts
	figures  *figures
	retain   retention
	left     *asterisk.Leftovers
	surveys  asterisk.Surveys
	nodes    nodes
}

// serve runs the service until ctx ends, then lets the callers in progress
// finish, releases the rest, and closes the store.
func serve(ctx context.Context, load loader, synthetic bool, stderr io.Writer) error {
	hangUps := make(chan os.Signal, 1) // from here on a SIGHUP does not end the process
	signal.Notify(hangUps, syscall.SIGHUP)
	defer signal.Stop(hangUps)
	frugal()
	c, err := load()
	if err != nil {
		return err
	}
	s := &service{load: load, began: time.Now(), changing: make(chan struct{}, 1), retain: newRetention()}
	s.level.Set(c.Log.Slog())
	s.log = slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: &s.level}))
	s.systemd = notifier{s.log}
	listener, err := net.Listen("tcp", c.HTTP.Listen) // first: a service that cannot listen touches no store
	if err != nil {
		return fmt.Errorf("http.listen: %w", err)
	}
	gate := &web.Gate{}
	face, failed := newServer(gate), make(chan error, 2)
	go func() { failed <- face.Serve(netutil.LimitListener(listener, maxClients)) }()
	s.log.Info("starting", "version", version, "http", listener.Addr().String())
	if err := s.open(ctx, c, synthetic); err != nil {
		return errors.Join(err, face.Close(), s.close())
	}
	err = s.work(ctx, listener.Addr(), gate, face, failed, hangUps)
	return errors.Join(err, s.close())
}

// frugal has memory collected before it is half as large again as what is in
// use, unless GOGC says otherwise: with 10,000 agents every scrape makes 40 MB
// that nobody needs afterwards, and the service has time to spare.
func frugal() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
}

// open makes every part that needs no Asterisk, and finds what a run that was
// killed left open.
func (s *service) open(all context.Context, c *configs.Config, synthetic bool) error {
	lib, err := sounds(c)
	if err != nil {
		return err
	}
	if _, err := newBook(c, lib); err != nil { // first: a faulty configuration touches no store
		return err
	}
	// Without a limit: tables that are out of date take as long as the store is
	// large, and a start that is cut off would be so each time.
	err = s.systemd.during(statusEvery, "opening the store", func() error {
		s.store, err = sqlite.Open(all, c.Store.Path, sqlite.Options{Zone: c.Site.TimeZone, Log: s.log})
		return err
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(all, setUpLimit)
	defer cancel()
	if err := s.distinguish(ctx, c.Store.Path, synthetic); err != nil {
		return err
	}
	if s.socket, err = listenControl(ctx, c.Store.Socket); err != nil {
		return err
	}
	if s.recorder, err = spill.Open(c.Store.Spill, s.store.Write, c.Store.Limit, s.log); err != nil {
		return err
	}
	err = s.systemd.during(statusEvery, "writing what waits in the spill file", func() error {
		_, err := s.recorder.Replay(all) // takes as long as the file is large
		return err
	})
	if err != nil {
		return err
	}
	return s.settle(all, c, lib)
}

// distinguish refuses a store of invented calls, unless one is wanted: ratings
// of real callers must not get among them.
func (s *service) distinguish(ctx context.Context, path string, synthetic bool) error {
	truth, err := s.store.Truth(ctx)
	if err != nil {
		return err
	}
	if s.invented = truth != nil; !s.invented {
		return nil
	}
	if !synthetic {
		return fmt.Errorf("database %q: holds invented calls; want a real one, or --synthetic", path)
	}
	s.log.Warn("the store holds invented calls: ratings of real callers get among them", "store", path)
	return nil
}

// settle puts the configuration in force and makes the parts that write.
func (s *service) settle(ctx context.Context, c *configs.Config, lib layout.Library) error {
	ctx, cancel := context.WithTimeout(ctx, setUpLimit)
	defer cancel()
	first, err := s.divide(ctx, c, lib)
	if err != nil {
		return err
	}
	if err := s.declare(ctx, first); err != nil {
		return err
	}
	s.now.Store(first)
	if err := s.register(ctx, c); err != nil {
		return err
	}
	if err := s.findLeftovers(ctx); err != nil {
		return err
	}
	s.surveys = asterisk.Surveys{
		Asking: func() *asterisk.Asking { return s.now.Load().asking },
		Left:   s.left, Names: asterisk.NewNames(), Zone: c.Zone, Write: s.recorder.Write, Meter: s.meter, Log: s.log,
	}
	s.nodes = nodes{
		make:  func(server asterisk.Server) *asterisk.Node { return asterisk.NewNode(server, s.surveys) },
		drain: func() time.Duration { return s.now.Load().config.Survey.Drain },
		gone:  s.meter.Forget, leaving: map[string]*nodeRun{},
	}
	s.closeOverdue(ctx)
	return nil
}

// work surveys callers and answers HTTP until ctx ends or HTTP fails.
func (s *service) work(ctx context.Context, at net.Addr, gate *web.Gate, face *http.Server, failed chan error, hangUps <-chan os.Signal) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.life = ctx
	s.nodes.arrange(ctx, servers(s.now.Load().config))
	var running sync.WaitGroup
	running.Go(func() { s.watchLeftovers(ctx) })
	running.Go(func() { s.reloadOn(ctx, hangUps) })
	running.Go(func() {
		if err := s.recorder.Run(ctx, replayEvery); err != nil {
			s.log.Error("the spill file is not replayed", "error", err)
		}
	})
	source := s.parts()
	state := func() string { return standing(source.Parts()) }
	fed, hungry := context.WithCancel(context.WithoutCancel(ctx)) // through the stop too
	defer hungry()
	running.Go(func() { s.systemd.watch(fed, state) })
	running.Go(func() { s.figures.run(ctx) })
	running.Go(func() { s.retainRows(ctx) })
	gate.Open(web.New(source, s.own, s.figures.agents, s.log))
	control := newServer(s.control())
	go func() { failed <- control.Serve(s.socket) }()
	s.log.Info("serving", "version", version, "http", at.String(), "store", s.now.Load().config.Store.Path)
	s.systemd.ready(state())
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
		cancel()
	}
	drain := s.now.Load().config.Survey.Drain
	s.systemd.stopping(drain + asterisk.StopLimit + lastReplayLimit + stopLimit)
	s.log.Info("stopping: nobody new is asked, callers in progress may finish", "drain", drain)
	s.nodes.wait()
	hungry()
	running.Wait()
	s.lastReplay()
	stop, done := context.WithTimeout(context.Background(), stopLimit)
	defer done()
	return errors.Join(err, shut(stop, face), shut(stop, control))
}

// shut lets a server finish the requests in progress. Whoever has not asked,
// or does not take the answer, until ctx ends is cut off: that is no fault.
func shut(ctx context.Context, s *http.Server) error {
	if err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return s.Close()
}

// newServer bounds what a client can hold up.
func newServer(h http.Handler) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
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
	if s.socket != nil {
		if err := s.socket.Close(); !errors.Is(err, net.ErrClosed) { // it is, after work
			errs = append(errs, err)
		}
	}
	if s.recorder != nil {
		errs = append(errs, s.recorder.Close())
	}
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	return errors.Join(errs...)
}
