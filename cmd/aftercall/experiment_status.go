package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"aftercall/configs"
	"aftercall/configs/i18n"
	"aftercall/ivr/layout"
	"aftercall/ivr/prompt"
	"aftercall/scoring"
	"aftercall/scoring/sqlite"

	"github.com/spf13/cobra"
)

// paceDays are the last whole days whose traffic says how long an experiment
// has still to go.
const paceDays = 7

func experimentStatusCommand(load loader) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{Use: "status [NAME]", Short: "Show how experiments stand", Args: cobra.MaximumNArgs(1)}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON document a line")
	return speaking(cmd, load, readLimit, func(ctx context.Context, c *configs.Config, words i18n.Printer, args []string) error {
		all, running, err := progresses(ctx, c, strings.Join(args, ""))
		if err != nil {
			return err
		}
		if asJSON {
			return eachAsJSON(cmd.OutOrStdout(), all)
		}
		return printProgress(cmd.OutOrStdout(), all, running, words, c.Zone)
	})
}

// progress is how far an experiment has come.
type progress struct {
	experimentState
	Offered  int64           `json:"offered"` // surveys so far
	Arms     []armProgress   `json:"arms"`
	Epochs   []scoring.Epoch `json:"epochs"`
	PerDay   float64         `json:"per_day"`   // surveys of its queues on a day of the last whole week; 0 = not known
	Invented bool            `json:"invented"`  // the store holds invented calls
	DaysLeft int             `json:"days_left"` // until its size at this pace; 0 = none, or not known
}

type armProgress struct {
	Layout  string `json:"layout"`
	Offered int64  `json:"offered"`
}

// progresses reads how experiments stand, that of a name or all ("" = all).
// running tells whether the service does.
func progresses(ctx context.Context, c *configs.Config, name string) (all []progress, running bool, err error) {
	store, err := sqlite.OpenReadOnly(ctx, c.Store.Path)
	if err != nil {
		return nil, false, err
	}
	defer store.Close()
	list, running, err := statesNow(ctx, c, store)
	if err != nil {
		return nil, false, err
	}
	truth, err := store.Truth(ctx)
	if err != nil {
		return nil, false, err
	}
	for _, s := range list {
		if name != "" && s.Name != name {
			continue
		}
		p, err := progressOf(ctx, store, c.Zone, s)
		if err != nil {
			return nil, false, err
		}
		p.Invented = truth != nil
		all = append(all, p)
	}
	if name != "" && all == nil {
		return nil, false, fmt.Errorf("experiment %q: the store holds none of that name", name)
	}
	return all, running, nil
}

// statesNow asks the service how experiments stand; if it does not run, it is
// judged how they would with the configuration as it is.
func statesNow(ctx context.Context, c *configs.Config, store *sqlite.Store) (all []experimentState, running bool, err error) {
	service, err := dial(ctx, c.Store.Socket)
	if err != nil {
		return nil, false, err
	}
	if service != nil {
		all, err := service.states(ctx)
		return all, true, err
	}
	list, err := store.Experiments(ctx)
	if err != nil {
		return nil, false, err
	}
	var lib layout.Library
	if lib, err = sounds(c); err != nil {
		return nil, false, err
	}
	going := slices.DeleteFunc(slices.Clone(list), func(e scoring.Experiment) bool { return e.EndedAt != nil })
	_, unfit, err := divided(c, going, lib)
	if err != nil { // prompts may not be built: judge by estimated lengths
		_, unfit, err = divided(c, going, prompt.Estimate{})
	}
	return states(list, unfit), false, err
}

func progressOf(ctx context.Context, store *sqlite.Store, zone *time.Location, s experimentState) (progress, error) {
	p := progress{experimentState: s, Epochs: []scoring.Epoch{}}
	epochs, err := store.EpochList(ctx, s.Question)
	if err != nil {
		return p, err
	}
	given := map[string]int64{} // by version
	var ids []int64
	for _, e := range epochs {
		if e.Experiment == s.Name {
			p.Epochs, ids = append(p.Epochs, e), append(ids, e.ID)
		}
	}
	if ids != nil {
		counts, err := store.DayCounts(ctx, scoring.CountQuery{Question: s.Question, Epochs: ids})
		if err != nil {
			return p, err
		}
		for _, n := range counts {
			p.Offered += n.N
			given[n.Version] += n.N
		}
	}
	versions := versionsOf(p.Epochs)
	for _, name := range s.Layouts {
		a := armProgress{Layout: name}
		for _, version := range versions[name] {
			a.Offered += given[version]
		}
		p.Arms = append(p.Arms, a)
	}
	if s.State == "ended" {
		return p, nil
	}
	traffic, err := recent(ctx, store, zone, s.Question, queuesOf(s.Experiment), paceDays)
	if err != nil {
		return p, err
	}
	if p.PerDay = traffic.PerDay(); p.PerDay > 0 && p.Offered < p.Size {
		p.DaysLeft = int(math.Ceil(float64(p.Size-p.Offered) / p.PerDay))
	}
	return p, nil
}

func eachAsJSON(w io.Writer, all []progress) error {
	e := json.NewEncoder(w)
	for _, p := range all {
		if err := e.Encode(p); err != nil {
			return err
		}
	}
	return nil
}

func printProgress(w io.Writer, all []progress, running bool, words i18n.Printer, zone *time.Location) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(w, words.T("experiment.none"))
		return err
	}
	if all[0].Invented {
		fmt.Fprintln(w, words.T("report.invented"))
	}
	for i, p := range all {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if err := p.print(w, words, zone); err != nil {
			return err
		}
	}
	if !running {
		fmt.Fprintln(w)
		fmt.Fprintln(w, words.T("experiment.no_answer"))
	}
	return nil
}

func (p progress) print(w io.Writer, words i18n.Printer, zone *time.Location) error {
	say := func(key string, args ...any) { fmt.Fprintln(w, words.T("experiment."+key, args...)) }
	moment := func(t time.Time) string { return t.In(zone).Format("2006-01-02 15:04") }
	say("head", p.Name, words.T("experiment."+p.State), p.Question, moment(p.StartedAt))
	if p.Pending {
		say("pending")
	}
	for _, f := range p.Faults {
		say("fault", f)
	}
	switch {
	case p.EndedAt != nil:
		say("progress_ended", moment(*p.EndedAt), p.Offered, p.Size)
	case p.Offered >= p.Size:
		say("progress_reached", p.Offered, p.Size)
	case p.DaysLeft == 0:
		say("progress_unknown", p.Offered, p.Size)
	default:
		say("progress", p.Offered, p.Size, p.DaysLeft, p.PerDay)
	}
	arms := i18n.NewTable(words.T("column.layout"), words.T("column.offered"))
	for _, a := range p.Arms {
		arms.Row(a.Layout, fmt.Sprint(a.Offered))
	}
	epochs := i18n.NewTable(append([]string{words.T("experiment.epoch"), words.T("column.queue"), words.T("experiment.from")}, p.Layouts...)...)
	for _, e := range p.Epochs {
		row := []string{fmt.Sprint(e.ID), e.Queue, moment(e.StartedAt)}
		for _, name := range p.Layouts {
			i := slices.IndexFunc(e.Arms, func(a scoring.EpochArm) bool { return a.Layout == name })
			if i < 0 {
				row = append(row, "-")
				continue
			}
			row = append(row, fmt.Sprint(e.Arms[i].Weight))
		}
		epochs.Row(row...)
	}
	tables := []i18n.Table{arms, weights(words, p.Experiment)}
	if len(p.Epochs) > 0 {
		tables = append(tables, epochs)
	}
	for _, t := range tables {
		fmt.Fprintln(w)
		if err := t.Print(w); err != nil {
			return err
		}
	}
	return nil
}
