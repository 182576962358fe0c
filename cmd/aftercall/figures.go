package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"aftercall/configs"
	"aftercall/ivr/layout"
	"aftercall/scoring"
	"aftercall/scoring/compare"
	"aftercall/scoring/metrics"
	"aftercall/scoring/sqlite"
)

// Limits of the figures that are worked out in the background.
const (
	refreshEvery = time.Minute
	refreshShare = 50              // times as long as it took is waited at least: under 2 % of one core
	refreshLimit = time.Minute     // for reading the store
	refreshRetry = 5 * time.Minute // is waited at most after one that failed: it may have waited, not worked
	markWindow   = "30d"           // over which agents are marked
)

// figures works out in the background what Prometheus is shown and no scrape
// should wait for: agents' windows and marks, and how calls are split. They are
// read from the roll-ups.
type figures struct {
	store   *sqlite.Store
	zone    *time.Location
	inForce func() *inForce
	now     func() time.Time
	log     *slog.Logger
	agents  *metrics.Agents
	splits  *metrics.Splits
	wanted  chan struct{} // holds a token while somebody wants a refresh at once

	// What follows belongs to the goroutine of run.
	definitions map[string]layout.Definition // by version, of those that can be read
	seen        map[string]bool              // versions that were read
	failing     bool
}

func newFigures(store *sqlite.Store, c *configs.Config, now func() *inForce, clock func() time.Time, log *slog.Logger) *figures {
	return &figures{store: store, zone: c.Zone, inForce: now, now: clock, log: log, wanted: make(chan struct{}, 1),
		agents: metrics.NewAgents(store.AgentTotals, c.Zone, clock), splits: &metrics.Splits{},
		definitions: map[string]layout.Definition{}, seen: map[string]bool{}}
}

// begin shows agents' totals; all else comes with the first refresh.
func (f *figures) begin(ctx context.Context, c *configs.Config) error {
	known, err := f.store.KnownAgents(ctx)
	if err != nil {
		return err
	}
	f.agents.Know(known)
	f.agents.Configure(agentPolicy(c))
	return nil
}

// follow takes over a configuration, or how calls are split now.
func (f *figures) follow(c *configs.Config) {
	f.agents.Configure(agentPolicy(c))
	f.want()
}

// want has everything worked out anew at once.
func (f *figures) want() {
	select {
	case f.wanted <- struct{}{}:
	default: // one is wanted already
	}
}

func agentPolicy(c *configs.Config) metrics.AgentPolicy {
	return metrics.AgentPolicy{Roster: c.Agents, Names: c.Metrics.Names, Max: c.Metrics.MaxAgents, Idle: c.Metrics.AgentIdle}
}

// run refreshes at once, whenever it is wanted, when a day begins, and every
// minute or as seldom as the work asks for, until ctx ends.
func (f *figures) run(ctx context.Context) {
	for {
		began := time.Now()
		err := f.refresh(ctx)
		if ctx.Err() != nil {
			return
		}
		took := time.Since(began)
		f.tell(err, took)
		next := time.NewTimer(f.pause(took, err != nil))
		select {
		case <-ctx.Done():
			next.Stop()
			return
		case <-next.C:
		case <-f.wanted:
			next.Stop()
		}
	}
}

// tell logs when refreshing begins to fail, and when it works again.
func (f *figures) tell(err error, took time.Duration) {
	f.log.Debug("figures refreshed", "took", took, "error", err)
	switch {
	case err != nil && !f.failing:
		f.log.Error("agents' windows and marks and the checks of splits are not refreshed: Prometheus sees those of before", "error", err)
	case err == nil && f.failing:
		f.log.Info("agents' windows and marks and the checks of splits are refreshed again")
	}
	f.failing = err != nil
}

// pause is how long to wait after a refresh.
func (f *figures) pause(took time.Duration, failed bool) time.Duration {
	wait := max(refreshEvery, refreshShare*took)
	if failed {
		wait = min(wait, refreshRetry)
	}
	now := f.now()
	return max(min(wait, nextDay(now.In(f.zone)).Sub(now)), time.Second)
}

// nextDay is the first instant, to the hour, of the civil day behind t's. Not
// every day has a midnight.
func nextDay(t time.Time) time.Time {
	next := time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, t.Location())
	for next.Day() == t.Day() {
		next = next.Add(time.Hour)
	}
	return next
}

// refresh reads the roll-ups and works everything out once.
func (f *figures) refresh(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, refreshLimit)
	defer cancel()
	now, state := f.now(), f.inForce()
	known, err := f.store.KnownAgents(ctx)
	if err != nil {
		return err
	}
	f.agents.Know(known)
	if err := f.readLayouts(ctx); err != nil {
		return err
	}
	return errors.Join(f.refreshAgents(ctx, state.config.Metrics.Windows, now), f.refreshSplits(ctx, state, f.day(now, 1)))
}

func (f *figures) refreshAgents(ctx context.Context, windows []string, now time.Time) (err error) {
	cells := map[string][]scoring.AgentCell{}
	for _, w := range append([]string{markWindow}, windows...) {
		if cells[w] != nil {
			continue
		}
		if cells[w], err = f.store.AgentCells(ctx, scoring.Period{From: f.day(now, daysOf(w)), To: f.day(now, 1)}); err != nil {
			return err
		}
	}
	marks := compare.Agents(compare.AgentsInput{Cells: cells[markWindow], Definitions: f.definitions})
	f.agents.Refresh(windows, agentFigures(windows, cells, f.definitions, marks), now)
	return nil
}

// day is the first civil date of a window of so many days that ends today.
func (f *figures) day(now time.Time, days int) string {
	now = now.In(f.zone)
	return time.Date(now.Year(), now.Month(), now.Day()-days+1, 12, 0, 0, 0, f.zone).Format(time.DateOnly)
}

// daysOf reads one of configs.MetricWindows.
func daysOf(window string) int {
	n, _ := strconv.Atoi(strings.TrimSuffix(window, "d"))
	return n
}

// readLayouts learns the layouts that the store keeps by now.
func (f *figures) readLayouts(ctx context.Context) error {
	kept, err := f.store.LayoutList(ctx)
	if err != nil {
		return err
	}
	for _, l := range kept {
		if f.seen[l.Version] {
			continue
		}
		f.seen[l.Version] = true
		var d layout.Definition
		if err := json.Unmarshal(l.Definition, &d); err != nil {
			f.log.Error("ratings of this layout are left out of agents' windows and marks: it cannot be read", "layout", l.Name, "version", l.Version, "error", err)
			continue
		}
		f.definitions[l.Version] = d
	}
	return nil
}

// agentFigures puts together, by agent, what is shown of each. Ratings under
// versions that cannot be read are left out, as they are of the marks.
func agentFigures(windows []string, cells map[string][]scoring.AgentCell, definitions map[string]layout.Definition, marks compare.AgentMarks) map[string]metrics.AgentFigures {
	all := map[string]metrics.AgentFigures{}
	for i, w := range windows {
		for _, c := range cells[w] {
			v, rated := definitions[c.Version].Scale.Verdict(c.Result)
			if !rated {
				continue
			}
			a := all[c.Agent]
			if a.Windows == nil {
				a.Windows = make([]metrics.WindowFigures, len(windows))
			}
			if a.Windows[i].Ratings += c.N; v.Satisfied {
				a.Windows[i].Satisfied += c.N
			}
			all[c.Agent] = a
		}
	}
	for _, m := range marks.Agents {
		if m.Rated < compare.FewRatings {
			continue
		}
		a := all[m.Agent]
		a.Mark = &metrics.Mark{Known: m.Adjusted.Known(), Share: m.Adjusted.Value, Low: m.Adjusted.Lo, High: m.Adjusted.Hi, Tier: tiers[m.Tier]}
		all[m.Agent] = a
	}
	return all
}

// tiers are the tiers as numbers; those that are not here are 0.
var tiers = map[compare.Tier]int{compare.Above: 1, compare.Below: -1}

// refreshSplits looks up since when calls are split as they are, and checks
// the splits of the running experiments.
func (f *figures) refreshSplits(ctx context.Context, state *inForce, today string) error {
	list, err := f.store.EpochList(ctx, "")
	if err != nil {
		return err
	}
	in := map[int64]bool{}
	for _, id := range state.asking.Epochs {
		in[id] = true
	}
	var epochs []scoring.Epoch
	for _, e := range list {
		if in[e.ID] {
			epochs = append(epochs, e)
		}
	}
	p := map[string]map[string]float64{}
	for _, e := range state.running {
		input, err := gather(ctx, f.store, comparing{experiment: e.Name, days: true}, today)
		if err != nil {
			return fmt.Errorf("experiment %q: %w", e.Name, err)
		}
		found := compare.SplitByQueue(input)
		p[e.Name] = map[string]float64{}
		for _, q := range e.Queues {
			p[e.Name][q.Queue] = 1 // before the first survey nothing speaks against the split
			if found, is := found[q.Queue]; is {
				p[e.Name][q.Queue] = found
			}
		}
	}
	f.splits.Set(epochs, p)
	return nil
}
