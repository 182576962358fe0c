package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"aftercall/configs"
	"aftercall/ivr/asterisk"
	"aftercall/ivr/layout"
	"aftercall/ivr/survey"
)

// inForce is a configuration that the service works by, with what follows
// from it. It does not change; a reload puts another in its place.
type inForce struct {
	config *configs.Config
	asking *asterisk.Asking
}

// reload reads the configuration anew. What is wrong with it is the error,
// and then everything stays as it was. Surveys in progress are not touched:
// they finish on the layouts that they began with.
func (s *service) reload(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, setUpLimit)
	defer cancel()
	select {
	case s.reloading <- struct{}{}:
		defer func() { <-s.reloading }()
	case <-ctx.Done():
		return fmt.Errorf("another reload is not over: %w", ctx.Err())
	}
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
	s.now.Store(next)
	s.nodes.arrange(s.life, servers(next.config))
	s.log.Info("configuration reloaded")
	s.systemd.ready("configuration reloaded")
	return nil
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
	book, err := newBook(c, lib)
	if err != nil {
		return nil, err
	}
	return s.declare(ctx, c, book)
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

// declare tells the store what can be asked and how calls are split, and lets
// every total stand at 0 before the first call.
func (s *service) declare(ctx context.Context, c *configs.Config, book *survey.Book) (*inForce, error) {
	definitions, err := book.Definitions()
	if err != nil {
		return nil, err
	}
	if err := s.store.PutLayouts(ctx, definitions); err != nil {
		return nil, err
	}
	splits, err := book.Splits()
	if err != nil {
		return nil, err
	}
	if err := s.store.Declare(ctx, book.Series()); err != nil {
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
	for _, f := range c.Catalogue.Fallbacks() {
		s.log.Warn(fellBack(f))
	}
	return &inForce{config: c, asking: &asterisk.Asking{Book: book, Epochs: epochs, Roster: c.Roster}}, nil
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
