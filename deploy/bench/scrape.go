package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// scrape measures what Prometheus costs the program: /metrics/agents, which
// grows with agents, and /metrics, which does not. Beside it stands a program
// that serves the very same series of agents from vectors of a client_golang
// registry. Both run by themselves and are asked over HTTP on this machine, in
// turns. The agents' surveys are invented, of the last 30 days, 30 each, so that
// every agent has a mark. The program refreshes its figures once a minute as it
// always does, which falls into some of the rounds. Left out: the network, and
// that Prometheus takes the text apart.
var scrape = Part{"scrape", "what a scrape costs, by agents", func(ctx context.Context, s *Suite) (err error) {
	folder, err := os.MkdirTemp("", "aftercall-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	config, err := s.site(ctx, folder, nobody)
	if err != nil {
		return err
	}
	if err := s.build(ctx, filepath.Join(folder, "bench")); err != nil {
		return err
	}
	var all []*scraping
	defer func() {
		for _, c := range all {
			err = errors.Join(err, c.end(context.WithoutCancel(ctx)))
		}
	}()
	for _, agents := range Pick(s, []int{100, 1000, 10_000}, []int{3, 10, 30}) {
		c := &scraping{agents: agents, figures: map[string]*Series{}}
		all = append(all, c)
		if err := c.begin(ctx, s, folder, config); err != nil {
			return fmt.Errorf("%d agents: %w", agents, err)
		}
	}
	for round := range s.Rounds {
		s.Say("scrapes: round %d of %d", round+1, s.Rounds)
		for _, c := range all {
			if err := c.round(ctx, Pick(s, 3, 1)); err != nil {
				return fmt.Errorf("%d agents: %w", c.agents, err)
			}
		}
	}
	for i, c := range all {
		if err := c.print(s, i == 0, i == len(all)-1); err != nil {
			return err
		}
	}
	return nil
}}

// scraping is a centre of so many agents, served by the program and by a bare
// registry.
type scraping struct {
	agents         int
	program, bare  *served
	series         int // of agents
	bytes, gzipped int
	figures        map[string]*Series
}

// begin invents the surveys and starts both programs.
func (c *scraping) begin(ctx context.Context, s *Suite, folder, config string) (err error) {
	s.Say("inventing a month of %d agents", c.agents)
	store := filepath.Join(folder, fmt.Sprintf("%d.db", c.agents))
	first := time.Now().AddDate(0, 0, -28).Format(time.DateOnly) // of the last 30 days in any zone
	n := strconv.Itoa(c.agents)
	out, err := s.aftercall(ctx, store, "synth", "--out", store, "--agents", n, "--calls-per-day", n, "--days", "30", "--first-day", first).CombinedOutput()
	if err != nil {
		return fmt.Errorf("invent surveys: %w\n%s", err, out)
	}
	if c.program, err = s.serve(ctx, config, store, "--synthetic"); err != nil {
		return err
	}
	cmd := exec.Command(filepath.Join(folder, "bench"), "bare", c.program.base+"/metrics/agents")
	if c.bare, err = serve(ctx, cmd); err != nil {
		return err
	}
	text, _, err := c.program.page(ctx, "/metrics/agents", "identity")
	if err != nil {
		return err
	}
	zipped, _, err := c.program.page(ctx, "/metrics/agents", "gzip")
	if err != nil {
		return err
	}
	same, _, err := c.bare.page(ctx, "/", "identity")
	if err != nil {
		return err
	}
	c.series, c.bytes, c.gzipped = seriesIn(text), len(text), len(zipped)
	if n := seriesIn(same); c.series < 8*c.agents || n != c.series {
		return fmt.Errorf("%d series of agents and %d of the bare registry, want as many, and 8 of an agent at least", c.series, n)
	}
	return nil
}

// seriesIn counts the series of agents.
func seriesIn(text []byte) int { return bytes.Count(text, []byte(`{agent="`)) }

func (c *scraping) end(ctx context.Context) (err error) {
	for _, p := range []*served{c.program, c.bare} {
		if p != nil {
			err = errors.Join(err, p.End(ctx))
		}
	}
	return err
}

func (c *scraping) add(name string, v float64) {
	if c.figures[name] == nil {
		c.figures[name] = &Series{}
	}
	c.figures[name].Add(v)
}

// round scrapes each page so many times.
func (c *scraping) round(ctx context.Context, times int) error {
	for _, of := range []struct {
		name, path, encoding string
		from                 *served
	}{
		{"plain", "/metrics/agents", "identity", c.program},
		{"bare plain", "/", "identity", c.bare},
		{"gzip", "/metrics/agents", "gzip", c.program},
		{"bare gzip", "/", "gzip", c.bare},
		{"own", "/metrics", "gzip", c.program},
	} {
		before, err := CPU(of.from.PID())
		if err != nil {
			return err
		}
		var took Series
		for range times {
			_, t, err := of.from.page(ctx, of.path, of.encoding)
			if err != nil {
				return err
			}
			took.Add(ms(t))
		}
		after, err := CPU(of.from.PID())
		if err != nil {
			return err
		}
		c.add(of.name, took.Median())
		c.add(of.name+" CPU", ms(after-before)/float64(times))
	}
	for name, p := range map[string]*served{"memory": c.program, "bare memory": c.bare} {
		now, most, err := Memory(p.PID())
		if err != nil {
			return err
		}
		c.add(name+" now", mb(now))
		c.add(name, mb(most))
	}
	return nil
}

func ms(d time.Duration) float64 { return d.Seconds() * 1000 }
func mb(bytes int) float64       { return float64(bytes) / (1 << 20) }

// print prints the table of a centre. What it must reach is said of the
// smallest and of the largest.
func (c *scraping) print(s *Suite, smallest, largest bool) error {
	var all []Series
	for _, f := range []struct{ key, name, unit string }{
		{"plain", "/metrics/agents, plain", "ms"}, {"gzip", "/metrics/agents, gzip", "ms"}, {"gzip CPU", "- CPU of the program", "ms"},
		{"bare plain", "bare registry, plain", "ms"}, {"bare gzip", "bare registry, gzip", "ms"}, {"bare gzip CPU", "- CPU of it", "ms"},
		{"own", "/metrics, gzip", "ms"}, {"memory", "memory of the program, most", "MB"}, {"memory now", "memory of the program, scraped", "MB"}, {"bare memory now", "memory of the bare registry, scraped", "MB"},
	} {
		x := *c.figures[f.key]
		x.Name, x.Unit = f.name, f.unit
		switch {
		case largest && (f.key == "plain" || f.key == "gzip"):
			x.AtMost = 1000
		case smallest && f.key == "memory":
			x.AtMost = 64
		case largest && f.key == "memory":
			x.AtMost = 150
		}
		all = append(all, x)
	}
	all = append(all, Ratio("gzip, program to bare registry", *c.figures["gzip"], *c.figures["bare gzip"]),
		Ratio("- CPU", *c.figures["gzip CPU"], *c.figures["bare gzip CPU"]))
	return s.Print(fmt.Sprintf("%d agents: %d series, %d bytes, %d with gzip", c.agents, c.series, c.bytes, c.gzipped), all...)
}
