package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"aftercall/configs"
	"aftercall/configs/i18n"
	"aftercall/ivr/layout"
	"aftercall/scoring"
	"aftercall/scoring/compare"
	"aftercall/scoring/report"
	"aftercall/scoring/sqlite"

	"github.com/spf13/cobra"
)

// shownDays are how many days of marks are shown if nobody says more, today
// among them: those of the metric aftercall_agent_adjusted_ratio.
const shownDays = 30

// marking is what a command line wants to know of agents.
type marking struct {
	queue, team string // "" = all
	from, to    string // civil dates, both inclusive; "" = not said
	json, csv   bool
}

func agentsCommand(load loader) *cobra.Command {
	var q marking
	cmd := &cobra.Command{
		Use: "agents", Short: "What callers say of each agent, as if all had heard the same menus", Args: cobra.NoArgs,
		Long: "What callers say of each agent: the raw share of satisfied and, beside it, the share as if\n" +
			"all callers had heard the same menus, both with the interval. The table follows the names.\n" +
			"Without --from and --to: the 30 days up to today.",
	}
	f := cmd.Flags()
	f.StringVar(&q.queue, "queue", "", "mark agents by the surveys of this queue alone")
	f.StringVar(&q.team, "team", "", "show the agents of this team alone; they are marked among all")
	f.StringVar(&q.from, "from", "", "first day, 2026-03-01; not given: 29 days before the last")
	f.StringVar(&q.to, "to", "", "last day; not given: today")
	f.BoolVar(&q.json, "json", false, "one JSON document with every figure")
	f.BoolVar(&q.csv, "csv", false, "one line for each agent")
	cmd.MarkFlagsMutuallyExclusive("json", "csv")
	cmd.AddCommand(agentsMergeCommand(load))
	return speaking(cmd, load, readLimit, func(ctx context.Context, c *configs.Config, words i18n.Printer, _ []string) error {
		if err := errors.Join(checkDays(q.from, q.to), checkTeam(q.team, c.Agents)); err != nil {
			return err
		}
		return showAgents(ctx, c, q, words, cmd.OutOrStdout())
	})
}

// checkTeam refuses a team in which nobody is; "" is all.
func checkTeam(team string, roster []scoring.RosterAgent) error {
	var names []string
	for _, a := range roster {
		if a.Team != "" {
			names = append(names, a.Team)
		}
	}
	switch {
	case team == "" || slices.Contains(names, team):
		return nil
	case len(names) == 0:
		return fmt.Errorf("--team %q: no agent of the configuration has a team, want one under agents or in agents_file", team)
	}
	return fmt.Errorf("--team %q: no agent of the configuration is in it, want one of: %s", team, known(names))
}

// showAgents reads the agents' days once, marks and shows.
func showAgents(ctx context.Context, c *configs.Config, q marking, words i18n.Printer, out io.Writer) error {
	store, err := sqlite.OpenReadOnly(ctx, c.Store.Path)
	if err != nil {
		return err
	}
	defer store.Close()
	a := report.Agents{Site: c.Site.Name, Team: q.team}
	if a.Period, err = q.period(time.Now().In(c.Zone).Format(time.DateOnly)); err != nil {
		return err
	}
	epochs, err := store.EpochList(ctx, "")
	if err != nil {
		return err
	}
	if err := checkQueue(q.queue, epochs); err != nil {
		return err
	}
	if err := whoIsThere(ctx, store, c, &a); err != nil {
		return err
	}
	if err := mark(ctx, store, q.from == "" && q.to == "", &a); err != nil {
		return err
	}
	switch {
	case q.json:
		return report.AgentsJSON(out, a, words.Language())
	case q.csv:
		return report.AgentsCSV(out, a, words.Language())
	}
	return report.AgentsText(out, a, words)
}

// period fills in the days that were not given.
func (q marking) period(today string) (scoring.Period, error) {
	p := scoring.Period{From: q.from, To: q.to, Queue: q.queue}
	switch {
	case p.To == "" && p.From > today:
		return p, fmt.Errorf("--from %s is after today, %s, want an earlier day or --to", p.From, today)
	case p.To == "":
		p.To = today
	}
	if p.From == "" {
		p.From = earlier(p.To, shownDays-1)
	}
	return p, nil
}

// earlier gives the civil date so many days before another.
func earlier(day string, days int) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day // it was checked, or is ours
	}
	return t.AddDate(0, 0, -days).Format(time.DateOnly)
}

// whoIsThere notes who is in the roster, without those who are counted under
// others, when the last survey was, and whether the calls are invented.
func whoIsThere(ctx context.Context, store *sqlite.Store, c *configs.Config, a *report.Agents) error {
	agents, err := store.KnownAgents(ctx)
	if err != nil {
		return err
	}
	truth, err := store.Truth(ctx)
	if err != nil {
		return err
	}
	merged := map[string]bool{}
	for _, k := range agents {
		merged[k.ID] = k.MergedInto != ""
		a.LastDay = max(a.LastDay, k.LastDay)
	}
	a.Roster = slices.DeleteFunc(slices.Clone(c.Agents), func(r scoring.RosterAgent) bool { return merged[r.ID] })
	a.Invented = truth != nil
	return nil
}

// mark reads the cells of the period and marks by them. Invented calls end on
// a day of their own: if nobody named the days, theirs are taken where the last
// ones hold nothing.
func mark(ctx context.Context, store *sqlite.Store, free bool, a *report.Agents) error {
	cells, err := store.AgentCells(ctx, a.Period)
	if err != nil {
		return err
	}
	if p := a.Period; len(cells) == 0 && free && a.Invented && a.LastDay != "" && (a.LastDay < p.From || a.LastDay > p.To) {
		a.Moved, a.Period.From, a.Period.To = true, earlier(a.LastDay, shownDays-1), a.LastDay
		if cells, err = store.AgentCells(ctx, a.Period); err != nil {
			return err
		}
	}
	for _, c := range cells {
		a.Offered += c.N
	}
	definitions, err := definitionsOf(ctx, store)
	if err != nil {
		return err
	}
	in := compare.AgentsInput{Cells: cells, Definitions: definitions}
	if half := firstHalf(a.Period); half.To >= half.From {
		if in.FirstHalf, err = store.AgentCells(ctx, half); err != nil {
			return err
		}
	}
	a.AgentMarks = compare.Agents(in)
	return nil
}

// firstHalf gives the first half of a period, of an odd number of days the
// smaller one: of a single day none, which ends before it begins.
func firstHalf(p scoring.Period) scoring.Period {
	first, err := time.Parse(time.DateOnly, p.From)
	last, err2 := time.Parse(time.DateOnly, p.To)
	if errors.Join(err, err2) == nil { // both were checked, or are ours
		days := int(last.Sub(first).Hours()/24) + 1
		p.To = first.AddDate(0, 0, days/2-1).Format(time.DateOnly)
	}
	return p
}

// definitionsOf gives what the store knows of layouts, by version.
func definitionsOf(ctx context.Context, store *sqlite.Store) (map[string]layout.Definition, error) {
	kept, err := store.LayoutList(ctx)
	if err != nil {
		return nil, err
	}
	all := make(map[string]layout.Definition, len(kept))
	for _, l := range kept {
		var d layout.Definition
		if err := json.Unmarshal(l.Definition, &d); err != nil {
			return nil, fmt.Errorf("layout %q, version %s: what the store holds of it cannot be read: %w", l.Name, l.Version, err)
		}
		all[l.Version] = d
	}
	return all, nil
}
