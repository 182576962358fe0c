package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"aftercall/ivr/layout"
	"aftercall/scoring"
	"aftercall/scoring/compare"
	"aftercall/scoring/sqlite"
)

// gather reads what is to be compared. Errors say what was asked for wrongly,
// or are those of the store.
func gather(ctx context.Context, store *sqlite.Store, q comparing, today string) (compare.Input, error) {
	kept, err := store.LayoutList(ctx)
	if err != nil {
		return compare.Input{}, err
	}
	epochs, err := store.EpochList(ctx, "")
	if err != nil {
		return compare.Input{}, err
	}
	if q.queue != "" && !slices.ContainsFunc(epochs, func(e scoring.Epoch) bool { return e.Queue == q.queue }) {
		var names []string
		for _, e := range epochs {
			names = append(names, e.Queue)
		}
		return compare.Input{}, fmt.Errorf("--queue %q: no survey was ever offered in it, want one of: %s", q.queue, known(names))
	}
	g := gathering{store: store, comparing: q, kept: kept}
	g.in.Today = today
	if len(q.layouts) > 0 {
		err = g.byName(ctx)
	} else {
		err = g.byExperiment(ctx, epochs)
	}
	return g.in, err
}

// gathering is an input under way.
type gathering struct {
	comparing
	store *sqlite.Store
	kept  []scoring.Layout // oldest first
	in    compare.Input
}

// byExperiment gathers the arms of an experiment in the versions that they
// had last, from the epochs in which they had them.
func (g *gathering) byExperiment(ctx context.Context, epochs []scoring.Epoch) error {
	all, err := g.store.Experiments(ctx)
	if err != nil {
		return err
	}
	e, err := chosen(all, g.experiment)
	if err != nil {
		return err
	}
	g.in.Experiment, g.in.Question, g.in.Queue = &e, e.Question, g.queue
	epochs = slices.DeleteFunc(epochs, func(x scoring.Epoch) bool {
		return x.Experiment != e.Name || x.Question != e.Question || g.queue != "" && x.Queue != g.queue
	})
	versions := versionsOf(epochs)
	for _, name := range e.Layouts {
		if versions[name], err = g.counted(versions[name]); err != nil {
			return err
		}
		arm, err := g.arm(name, e.Question, versions[name])
		if err != nil {
			return err
		}
		g.in.Arms = append(g.in.Arms, arm)
	}
	if len(epochs) == 0 {
		return nil // no call came yet
	}
	query := scoring.CountQuery{Question: e.Question}
	left := map[int64]bool{}
	for _, x := range epochs {
		query.Epochs = append(query.Epochs, x.ID)
		if left[x.ID] = !as(x, versions); !left[x.ID] {
			g.in.Epochs = append(g.in.Epochs, x)
		}
	}
	return g.counts(ctx, query, func(c scoring.DayCount) bool { return !left[c.Epoch] })
}

// versionsOf lists the versions that each layout had, the newest first.
func versionsOf(epochs []scoring.Epoch) map[string][]string {
	versions := map[string][]string{}
	for _, e := range slices.Backward(epochs) {
		for _, a := range e.Arms {
			if !slices.Contains(versions[a.Layout], a.Version) {
				versions[a.Layout] = append(versions[a.Layout], a.Version)
			}
		}
	}
	return versions
}

// as reports whether every layout of an epoch had one of the versions.
func as(e scoring.Epoch, versions map[string][]string) bool {
	return !slices.ContainsFunc(e.Arms, func(a scoring.EpochArm) bool { return !slices.Contains(versions[a.Layout], a.Version) })
}

// counted lists the newest of a layout's versions, given newest first, and if
// they are to be pooled those that offer the same verdicts: ratings under
// others are another quantity, and the newest does not know what they mean.
func (g *gathering) counted(versions []string) ([]string, error) {
	if len(versions) < 2 || !g.pool {
		return versions[:min(1, len(versions))], nil
	}
	definitions := map[string]layout.Definition{}
	for _, l := range g.kept {
		if !slices.Contains(versions, l.Version) {
			continue
		}
		var d layout.Definition
		if err := json.Unmarshal(l.Definition, &d); err != nil {
			return nil, fmt.Errorf("layout %q, version %s: what the store holds of it cannot be read: %w", l.Name, l.Version, err)
		}
		definitions[l.Version] = d
	}
	newest := definitions[versions[0]]
	return slices.DeleteFunc(versions, func(v string) bool {
		return slices.Contains(layout.Differ(newest, definitions[v]), layout.ByOptions)
	}), nil
}

// byName gathers layouts in the versions that were offered last.
func (g *gathering) byName(ctx context.Context) error {
	if err := g.findQuestion(); err != nil {
		return err
	}
	query := scoring.CountQuery{Question: g.in.Question, Queue: g.queue, From: g.from, To: g.to}
	nameOf := map[string]string{}
	for _, l := range g.kept {
		if l.Question == g.in.Question && slices.Contains(g.layouts, l.Name) {
			query.Versions, nameOf[l.Version] = append(query.Versions, l.Version), l.Name
		}
	}
	days, err := g.store.DayCounts(ctx, query)
	if err != nil {
		return err
	}
	counted := map[string]bool{}
	for _, name := range g.layouts {
		versions, err := g.counted(lastOffered(query.Versions, days, func(v string) bool { return nameOf[v] == name }))
		if err != nil {
			return err
		}
		for _, v := range versions {
			counted[v] = true
		}
		arm, err := g.arm(name, g.in.Question, versions)
		if err != nil {
			return err
		}
		g.in.Arms = append(g.in.Arms, arm)
	}
	return g.take(ctx, days, query, func(c scoring.DayCount) bool { return counted[c.Version] })
}

// lastOffered lists versions, which are given oldest first, by the last day on
// which they were offered, the latest first. Of those that never were it gives
// the newest, and only if there are no others.
func lastOffered(versions []string, days []scoring.DayCount, of func(string) bool) []string {
	last := map[string]string{}
	for _, d := range days {
		last[d.Version] = max(last[d.Version], d.Day)
	}
	var found []string
	for _, v := range slices.Backward(versions) {
		if of(v) {
			found = append(found, v)
		}
	}
	slices.SortStableFunc(found, func(a, b string) int { return strings.Compare(last[b], last[a]) })
	never := slices.IndexFunc(found, func(v string) bool { return last[v] == "" })
	if never < 0 {
		never = len(found)
	}
	return found[:max(never, 1)]
}

// findQuestion finds the one question that every layout was kept for.
func (g *gathering) findQuestion() error {
	var all []string // questions that every layout has
	for i, name := range g.layouts {
		var has []string
		for _, l := range g.kept {
			if l.Name == name && !slices.Contains(has, l.Question) {
				has = append(has, l.Question)
			}
		}
		if len(has) == 0 {
			var names []string
			for _, l := range g.kept {
				names = append(names, l.Name)
			}
			return fmt.Errorf("layout %q was never used, want one of: %s", name, known(names))
		}
		if i > 0 {
			has = slices.DeleteFunc(has, func(q string) bool { return !slices.Contains(all, q) })
		}
		all = has
	}
	switch {
	case len(all) == 0:
		return fmt.Errorf("--layouts %s: they do not ask the same question", strings.Join(g.layouts, ","))
	case g.question != "" && !slices.Contains(all, g.question):
		return fmt.Errorf("--question %q: these layouts were not used for it, want one of: %s", g.question, known(all))
	case g.question != "":
		g.in.Question = g.question
	case len(all) > 1:
		return fmt.Errorf("--layouts %s were used for several questions, want --question with one of: %s", strings.Join(g.layouts, ","), known(all))
	default:
		g.in.Question = all[0]
	}
	return nil
}

// arm gives a layout in its versions, the newest first, with the definition
// of that one. Of a layout that no call was split for, only the name is known.
func (g *gathering) arm(name, question string, versions []string) (compare.Arm, error) {
	a := compare.Arm{Name: name, Versions: append([]string{}, versions...), Definition: layout.Definition{Layout: layout.Layout{Name: name, Question: question}}}
	for _, l := range slices.Backward(g.kept) {
		if l.Name != name || l.Question != question || len(versions) > 0 && l.Version != versions[0] {
			continue
		}
		if err := json.Unmarshal(l.Definition, &a.Definition); err != nil {
			return a, fmt.Errorf("layout %q, version %s: what the store holds of it cannot be read: %w", name, l.Version, err)
		}
		break
	}
	return a, nil
}

// counts reads the days of a query and takes them.
func (g *gathering) counts(ctx context.Context, query scoring.CountQuery, counted func(scoring.DayCount) bool) error {
	days, err := g.store.DayCounts(ctx, query)
	if err != nil {
		return err
	}
	return g.take(ctx, days, query, counted)
}

// take keeps the cells that count, notes how much the others hold, and reads
// the agents' counts of the same query. They know no days: with dates there
// are none.
func (g *gathering) take(ctx context.Context, days []scoring.DayCount, query scoring.CountQuery, counted func(scoring.DayCount) bool) error {
	nameOf := map[string]string{}
	for _, l := range g.kept {
		nameOf[l.Version] = l.Name
	}
	left := map[string]int64{}
	ids := map[int64]bool{}
	for _, d := range days {
		if counted(d) {
			g.in.Days, ids[d.Epoch] = append(g.in.Days, d), true
		} else {
			left[d.Version] += d.N
		}
	}
	g.in.LeftOut = map[string][]compare.VersionNote{}
	for _, l := range g.kept {
		if n := left[l.Version]; n > 0 {
			g.in.LeftOut[nameOf[l.Version]] = append(g.in.LeftOut[nameOf[l.Version]], compare.VersionNote{Version: l.Version, Offered: n})
		}
	}
	if query.From != "" || query.To != "" || g.days {
		return nil
	}
	agents, err := g.store.AgentCounts(ctx, query)
	g.in.Agents = slices.DeleteFunc(agents, func(a scoring.AgentCount) bool { return !ids[a.Epoch] })
	return err
}
