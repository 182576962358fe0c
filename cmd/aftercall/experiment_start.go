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
	"aftercall/scoring"
	"aftercall/scoring/compare"
	"aftercall/scoring/sqlite"

	"github.com/spf13/cobra"
)

const (
	ratedDays = 28  // whose share of ratings a new experiment expects
	fewAsked  = 100 // surveys in them, under which they tell nothing
)

func experimentStartCommand(load loader) *cobra.Command {
	var e scoring.Experiment
	var queues []string
	cmd := &cobra.Command{
		Use: "start NAME --layouts FIRST,SECOND[,…] --queue QUEUE[=WEIGHTS] ... --size N", Short: "Divide the calls of queues between layouts", Args: cobra.ExactArgs(1),
		Long: "Divide the calls of queues between layouts of one question. The first layout is what the\n" +
			"others are held against. The size is the number of surveys, of all layouts and queues, that\n" +
			"the experiment is planned for; \"aftercall experiment plan\" says how many it needs.",
	}
	cmd.Flags().StringVar(&e.Question, "question", "", "question that the layouts ask; may be left out")
	cmd.Flags().StringSliceVar(&e.Layouts, "layouts", nil, "layouts, the reference first")
	cmd.Flags().StringArrayVar(&queues, "queue", nil, "queue with its weights in the order of the layouts, support=9:1; without weights all are equal; unknown = every queue that is not listed")
	cmd.Flags().Int64Var(&e.Size, "size", 0, "planned number of surveys")
	cmd.Flags().StringVar(&e.Seed, "seed", "", "of the division (default: the name)")
	must(cmd, "layouts", "queue", "size")
	return speaking(cmd, load, setUpLimit, func(ctx context.Context, c *configs.Config, words i18n.Printer, args []string) error {
		e.Name = args[0]
		if err := complete(&e, c, queues); err != nil {
			return err
		}
		traffic, err := before(ctx, c, e)
		if err != nil {
			return err
		}
		e.Ratings = expected(e.Size, traffic)
		direct, err := carryOut(ctx, c, cmd.ErrOrStderr(), func(to orders) error { return to.start(ctx, e) })
		if err != nil {
			return err
		}
		return starts{cmd.OutOrStdout(), words, c.Catalogue}.print(e, traffic, direct)
	})
}

// complete fills in what follows from the rest.
func complete(e *scoring.Experiment, c *configs.Config, queues []string) error {
	if e.Seed == "" {
		e.Seed = e.Name
	}
	for _, text := range queues {
		w, err := weighted(text, len(e.Layouts))
		if err != nil {
			return err
		}
		e.Queues = append(e.Queues, w)
	}
	if e.Question != "" {
		return nil
	}
	for _, name := range e.Layouts {
		l, ok := c.Catalogue.Layout(name)
		if !ok {
			return fmt.Errorf("experiment %q: layout %q is not defined", e.Name, name)
		}
		if e.Question != "" && l.Question != e.Question {
			return fmt.Errorf("experiment %q: layouts ask questions %q and %q, want all to ask one", e.Name, e.Question, l.Question)
		}
		e.Question = l.Question
	}
	return nil
}

// before reads what the queues of an experiment had lately.
func before(ctx context.Context, c *configs.Config, e scoring.Experiment) (compare.Traffic, error) {
	store, err := sqlite.OpenReadOnly(ctx, c.Store.Path)
	if err != nil {
		return compare.Traffic{}, err
	}
	defer store.Close()
	return recent(ctx, store, c.Zone, e.Question, queuesOf(e), ratedDays)
}

// recent counts what queues (none = all) had in the last whole days for a
// question, from the first day on that had a survey.
func recent(ctx context.Context, store *sqlite.Store, zone *time.Location, question string, queues []string, days int) (compare.Traffic, error) {
	y, m, d := time.Now().In(zone).Date()
	date := func(back int) string { return time.Date(y, m, d-back, 0, 0, 0, 0, time.UTC).Format(time.DateOnly) }
	counts, err := store.DayCounts(ctx, scoring.CountQuery{Question: question, From: date(days), To: date(1)})
	if err != nil {
		return compare.Traffic{}, err
	}
	if len(queues) > 0 {
		counts = slices.DeleteFunc(counts, func(n scoring.DayCount) bool { return !slices.Contains(queues, n.Queue) })
	}
	for days > 0 && !slices.ContainsFunc(counts, func(n scoring.DayCount) bool { return n.Day <= date(days) }) {
		days--
	}
	layouts, err := store.LayoutList(ctx)
	if err != nil {
		return compare.Traffic{}, err
	}
	definitions := map[string]layout.Definition{}
	for _, l := range layouts {
		var d layout.Definition
		if err := json.Unmarshal(l.Definition, &d); err != nil {
			return compare.Traffic{}, fmt.Errorf("layout %q, version %s: %w", l.Name, l.Version, err)
		}
		definitions[l.Version] = d
	}
	return compare.TrafficOf(counts, definitions, days), nil
}

// expected is how many of so many surveys are taken to be rated: as many as
// lately, or half of them where that cannot be told.
func expected(size int64, t compare.Traffic) int64 {
	share := 0.5
	if t.Offered >= fewAsked {
		share = float64(t.Rated) / float64(t.Offered)
	}
	return max(1, int64(math.Round(float64(size)*share)))
}

// starts says what was started.
type starts struct {
	out   io.Writer
	words i18n.Printer
	c     layout.Catalogue
}

func (s starts) print(e scoring.Experiment, t compare.Traffic, direct bool) error {
	say := func(key string, args ...any) { fmt.Fprintln(s.out, s.words.T("experiment."+key, args...)) }
	say("started", e.Name, e.Question, strings.Join(e.Layouts, s.words.T("report.list")), e.Layouts[0])
	if direct {
		say("not_running")
	}
	if err := weights(s.words, e).Print(s.out); err != nil {
		return err
	}
	if perDay := t.PerDay(); perDay > 0 {
		say("size", e.Size, int(math.Ceil(float64(e.Size)/perDay)), perDay)
	} else {
		say("size_unknown", e.Size)
	}
	if t.Offered >= fewAsked {
		say("expected", e.Ratings, t.Rated, t.Offered, ratedDays)
	} else {
		say("expected_half", e.Ratings, t.Offered, ratedDays)
	}
	single := false
	for i, name := range e.Layouts {
		for _, other := range e.Layouts[:i] {
			differences := layout.Differ(s.definition(other), s.definition(name))
			single = single || len(differences) == 1
			var all []string
			for _, d := range differences {
				all = append(all, s.words.T("differ."+string(d)))
			}
			if all == nil {
				say("pair_alike", other, name)
				continue
			}
			say("pair", other, name, strings.Join(all, s.words.T("report.list")))
		}
	}
	if !single {
		say("no_single")
	}
	return nil
}

func (s starts) definition(name string) layout.Definition {
	var d layout.Definition
	d.Layout, _ = s.c.Layout(name)
	d.Question, _ = s.c.Question(d.Layout.Question)
	d.Scale, _ = s.c.Scale(d.Question.Scale)
	return d
}

// weights is how an experiment divides its queues.
func weights(words i18n.Printer, e scoring.Experiment) i18n.Table {
	t := i18n.NewTable(append([]string{words.T("column.queue")}, e.Layouts...)...)
	for _, q := range e.Queues {
		row := []string{q.Queue}
		for _, w := range q.Weights {
			row = append(row, fmt.Sprint(w))
		}
		t.Row(row...)
	}
	return t
}
