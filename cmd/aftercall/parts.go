package main

import (
	"cmp"
	"context"
	"net"
	"os"
	"slices"
	"time"

	"aftercall/cmd/aftercall/web"
	"aftercall/configs"
	"aftercall/ivr/layout"
	"aftercall/scoring/metrics"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// storeFull is the part of the writer's queue beyond which the store counts
// as not keeping up.
const storeFull = 0.9

// parts tells the pages how each part of the service stands, without asking
// the disk or Asterisk.
func (s *service) parts() web.Source {
	return web.Source{
		Site: func() string { return s.now.Load().config.Site.Name }, Zone: s.now.Load().config.Zone, Version: version,
		Hosts:     func() []string { return hosts(s.now.Load().config.HTTP) },
		Synthetic: s.invented, Calls: s.store.Calls, Reload: s.reload,
		Label: func(question, verdict, language string) string {
			return label(s.now.Load().config.Catalogue)(question, verdict, language)
		},
		Parts: func() []web.Part {
			parts := []web.Part{s.storePart(), s.spillPart()}
			for _, st := range s.nodes.status() {
				parts = append(parts, web.Part{Name: "asterisk", Instance: st.Name, OK: st.Connected, Error: st.Error, Since: st.Since.Truncate(time.Second), Active: st.Active})
			}
			return parts
		},
	}
}

// hosts are the names by which browsers may ask for the service: those of the
// configuration, the one that it listens at, and that of the machine.
func hosts(c configs.HTTP) []string {
	names := slices.Clone(c.Hosts)
	if host, _, err := net.SplitHostPort(c.Listen); err == nil && host != "" {
		names = append(names, host)
	}
	if own, err := os.Hostname(); err == nil {
		names = append(names, own)
	}
	return names
}

func (s *service) storePart() web.Part {
	h := s.store.Health()
	p := web.Part{Name: "store", OK: true, Since: h.LastCommit.Truncate(time.Second)}
	switch {
	case h.LastError != nil:
		p.OK, p.Error = false, h.LastError.Error()
	case float64(h.Queued) > storeFull*float64(h.Bound):
		p.OK, p.Error = false, "more records wait than are written"
	}
	return p
}

func (s *service) spillPart() web.Part {
	st := s.recorder.Stats()
	p := web.Part{Name: "spill", OK: st.Pending == 0, Pending: st.Pending}
	if !p.OK {
		p.Error = "records wait in the spill file for the store"
	}
	return p
}

// label gives the words of a verdict.
func label(c layout.Catalogue) func(question, verdict, language string) string {
	return func(question, verdict, language string) string {
		q, _ := c.Question(question)
		s, _ := c.Scale(q.Scale)
		v, _ := s.Verdict(verdict)
		return cmp.Or(v.Label.In(language), v.Label.In(c.Languages[0]), verdict)
	}
}

// register makes the metrics of the two paths.
func (s *service) register(ctx context.Context, c *configs.Config) error {
	s.own = prometheus.NewRegistry()
	s.own.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	metrics.Build(s.own, version)
	s.meter = metrics.NewService(s.own)
	removed, err := s.store.RemovedCalls(ctx)
	if err != nil {
		return err
	}
	for why, n := range removed {
		s.meter.Removed(why, n)
	}
	s.figures = newFigures(s.store, c, s.now.Load, time.Now, s.log)
	s.own.MustRegister(metrics.Layouts{Source: s.store.LayoutTotals},
		metrics.Spill{Source: func() metrics.SpillStats { return metrics.SpillStats(s.recorder.Stats()) }},
		metrics.Menus{Catalogue: func() layout.Catalogue { return s.now.Load().config.Catalogue }},
		s.figures.splits)
	s.meter.Reloaded(true, time.Now())
	return s.figures.begin(ctx, c)
}

// follow puts in force what was prepared.
func (s *service) follow(next *inForce) {
	s.now.Store(next)
	s.figures.follow(next.config)
	s.retain.want()
}
