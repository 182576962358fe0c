package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"aftercall/configs"
	"aftercall/ivr/asterisk"
	"aftercall/ivr/layout"
	"aftercall/ivr/survey"
	"aftercall/scoring"
	"aftercall/scoring/privacy"
)

// inForce is a configuration that the service works by, with what follows
// from it. It does not change; a reload puts another in its place.
type inForce struct {
	config    *configs.Config
	keeper    privacy.Keeper // of callers' numbers
	lib       layout.Library
	asking    *asterisk.Asking
	running   []scoring.Experiment // that the service knows of; of these some may be suspended
	suspended suspended
}

// reload reads the configuration anew. What is wrong with it is the error,
// and then everything stays as it was. Surveys in progress are not touched:
// they finish on the layouts that they began with.
func (s *service) reload(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, setUpLimit)
	defer cancel()
	done, err := s.alone(ctx)
	if err != nil {
		return err
	}
	defer done()
	s.systemd.reload()
	next, err := s.prepare(ctx)
	s.meter.Reloaded(err == nil, time.Now())
	if err != nil {
		s.systemd.ready("configuration not reloaded, the one before stays in force: " + err.Error())
		s.log.Error("configuration not reloaded: the one before stays in force", "error", err)
		return err
	}
	if before := s.now.Load().config.Survey.Longest; next.config.Survey.Longest > before {
		s.log.Warn("survey.longest has grown: print the dialplan again, or Asterisk takes callers back too soon", "before", before, "now", next.config.Survey.Longest)
	}
	s.level.Set(next.config.Log.Slog())
	s.follow(next)
	s.nodes.arrange(s.life, servers(next.config))
	s.log.Info("configuration reloaded")
	s.systemd.ready("configuration reloaded")
	return nil
}

// alone waits until nobody else changes what is in force, and keeps others
// from it until done.
func (s *service) alone(ctx context.Context) (done func(), err error) {
	select {
	case s.changing <- struct{}{}:
		return func() { <-s.changing }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("another change of what is in force is not over: %w", ctx.Err())
	}
}

// prepare makes what a new configuration needs without touching what is in
// force. The epochs of a new split begin here, last of all.
func (s *service) prepare(ctx context.Context) (*inForce, error) {
	c, err := s.load()
	if err != nil {
		return nil, err
	}
	if faults := fixed(s.now.Load().config, c); faults != nil {
		return nil, faults
	}
	lib, err := sounds(c)
	if err != nil {
		return nil, err
	}
	next, err := s.divide(ctx, c, lib)
	if err != nil {
		return nil, err
	}
	if faults := next.suspended.beyond(s.now.Load().suspended); faults != nil {
		return nil, faults
	}
	return next, s.declare(ctx, next)
}

// fixed names what cannot change while the service runs.
func fixed(now, next *configs.Config) error {
	var faults configs.Faults
	for _, v := range []struct {
		name      string
		now, next any
	}{
		{"asterisk.app", now.Asterisk.App, next.Asterisk.App},
		{"store.path", now.Store.Path, next.Store.Path},
		{"store.spill", now.Store.Spill, next.Store.Spill},
		{"store.limit", now.Store.Limit, next.Store.Limit},
		{"store.socket", now.Store.Socket, next.Store.Socket},
		{"http.listen", now.HTTP.Listen, next.HTTP.Listen},
	} {
		if v.now != v.next {
			faults = append(faults, layout.Fault{Path: v.name, Text: fmt.Sprintf("is %v and would become %v: that needs a restart", v.now, v.next)})
		}
	}
	if was, is := now.Site.TimeZone, next.Site.TimeZone; was != is {
		faults = append(faults, layout.Fault{Path: "site.time_zone", Text: fmt.Sprintf("is %s and would become %s: that needs another database", was, is)})
	}
	if faults == nil {
		return nil
	}
	return faults
}

// divide puts a configuration together with the experiments that run. Nothing
// is told to the store yet.
func (s *service) divide(ctx context.Context, c *configs.Config, lib layout.Library) (*inForce, error) {
	running, err := runningIn(ctx, s.store)
	if err != nil {
		return nil, err
	}
	book, unfit, err := divided(c, running, lib)
	if err != nil {
		return nil, err
	}
	keeper, err := privacy.New(c.Privacy.Caller, string(c.Privacy.Key))
	if err != nil {
		return nil, fmt.Errorf("privacy: %w", err)
	}
	return &inForce{config: c, keeper: keeper, lib: lib, asking: &asterisk.Asking{Book: book, Roster: c.Roster, Keep: keeper.Keep}, running: running, suspended: unfit}, nil
}

// declare tells the store what can be asked and how calls are split, and lets
// every total stand at 0 before the first call.
func (s *service) declare(ctx context.Context, next *inForce) error {
	book := next.asking.Book
	definitions, err := book.Definitions()
	if err != nil {
		return err
	}
	if err := s.store.PutLayouts(ctx, definitions); err != nil {
		return err
	}
	splits, err := book.Splits()
	if err != nil {
		return err
	}
	if err := s.store.Declare(ctx, append(book.Series(), rosterSeries(next.config, book)...)); err != nil {
		return err
	}
	ids, err := s.store.Epochs(ctx, splits, time.Now()) // last: what fails before it begins none
	if err != nil {
		return err
	}
	next.asking.Epochs = map[survey.Split]int64{}
	for i, x := range splits {
		next.asking.Epochs[survey.Split{Queue: x.Queue, Question: x.Question}] = ids[i]
	}
	for _, f := range book.Fallbacks() {
		s.log.Warn(fellBack(f))
	}
	for _, name := range slices.Sorted(maps.Keys(next.suspended)) {
		s.log.Error("experiment suspended: its calls go by the configured split", "experiment", name, "error", next.suspended[name])
	}
	return nil
}

// rosterSeries lists the totals of every agent of the roster who is rated in
// any queue.
func rosterSeries(c *configs.Config, book *survey.Book) []scoring.Series {
	var each []scoring.Series // of one agent
	for _, queue := range append([]layout.Queue{{Name: scoring.Unknown}}, c.Catalogue.Queues...) {
		for _, one := range book.AgentSeries("", queue.Name) {
			if !slices.Contains(each, one) {
				each = append(each, one)
			}
		}
	}
	all := make([]scoring.Series, 0, len(each)*len(c.Agents))
	for _, a := range c.Agents {
		for _, one := range each {
			one.Agent = a.ID
			all = append(all, one)
		}
	}
	return all
}

// reloadOn reloads whenever a signal comes, until ctx ends. What goes wrong
// stands in the log and in the metrics.
func (s *service) reloadOn(ctx context.Context, signals <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-signals:
			_ = s.reload(ctx)
		}
	}
}
