package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"strings"

	"aftercall/configs"
	"aftercall/configs/i18n"
	"aftercall/scoring"
	"aftercall/scoring/compare"
	"aftercall/scoring/sqlite"

	"github.com/spf13/cobra"
)

// wish is what the command line wants planned. Shares and differences are in
// percentage points.
type wish struct {
	question string
	queues   []string
	arms     int
	days     int
	goal     struct{ answered, satisfied, order float64 }
	base     struct{ answered, satisfied, perDay float64 } // 0 = as it was lately
}

func experimentPlanCommand(load loader) *cobra.Command {
	var x wish
	var asJSON bool
	cmd := &cobra.Command{
		Use: "plan [--answered POINTS] [--satisfied POINTS] [--order POINTS]", Short: "How many surveys and days a difference needs", Args: cobra.NoArgs,
		Long: "How many surveys, and at the current traffic how many days, it takes to find a difference\n" +
			"in 80 of 100 experiments: in the share of callers who answer, in the share of them who\n" +
			"are satisfied, and of answers that follow the order of reading. What was measured lately\n" +
			"is the base, where no flag says otherwise.",
	}
	f := cmd.Flags()
	f.Float64Var(&x.goal.answered, "answered", 0, "difference in the share answered, in percentage points")
	f.Float64Var(&x.goal.satisfied, "satisfied", 0, "difference in satisfied of the answers, in percentage points")
	f.Float64Var(&x.goal.order, "order", 0, "of 100 answers, how many follow the order of reading")
	f.StringVar(&x.question, "question", "", "question (default: the primary one of calls whose queue is not listed)")
	f.StringArrayVar(&x.queues, "queue", nil, "only calls of this queue; may be repeated")
	f.IntVar(&x.arms, "arms", 2, "number of layouts")
	f.IntVar(&x.days, "days", ratedDays, "whole days of traffic to go by, from the first on that had surveys")
	f.Float64Var(&x.base.answered, "baseline-answered", 0, "share answered now, in percent")
	f.Float64Var(&x.base.satisfied, "baseline-satisfied", 0, "satisfied of the answers now, in percent")
	f.Float64Var(&x.base.perDay, "per-day", 0, "surveys a day now")
	f.BoolVar(&asJSON, "json", false, "one JSON document")
	return speaking(cmd, load, readLimit, func(ctx context.Context, c *configs.Config, words i18n.Printer, _ []string) error {
		if err := x.check(c); err != nil {
			return err
		}
		p, err := x.plan(ctx, c)
		if err != nil {
			return err
		}
		if asJSON {
			return json.NewEncoder(cmd.OutOrStdout()).Encode(p)
		}
		return p.print(cmd.OutOrStdout(), words)
	})
}

// check refuses what cannot be planned, and fills in the question.
func (x *wish) check(c *configs.Config) error {
	for _, v := range []struct {
		flag  string
		value float64
	}{
		{"answered", x.goal.answered}, {"satisfied", x.goal.satisfied}, {"order", x.goal.order},
		{"baseline-answered", x.base.answered}, {"baseline-satisfied", x.base.satisfied},
	} {
		if !(v.value >= 0 && v.value < 100) { // NaN is neither
			return fmt.Errorf("--%s %v: want more than 0 and less than 100", v.flag, v.value)
		}
	}
	switch {
	case x.goal.answered+x.goal.satisfied+x.goal.order == 0:
		return errors.New("nothing to plan for, want at least one of --answered, --satisfied and --order, such as --answered 3")
	case !(x.base.perDay >= 0 && x.base.perDay <= 1e7):
		return fmt.Errorf("--per-day %v: want more than 0 and at most 10000000", x.base.perDay)
	case x.arms < 2 || x.arms > scoring.MaxArms:
		return fmt.Errorf("--arms %d: want 2 to %d", x.arms, scoring.MaxArms)
	case x.days < 1 || x.days > 3650:
		return fmt.Errorf("--days %d: want 1 to 3650", x.days)
	}
	if x.question == "" {
		s, _ := c.Catalogue.Survey(c.Catalogue.Default.Survey)
		x.question = s.Primary
	}
	if _, ok := c.Catalogue.Question(x.question); !ok {
		return fmt.Errorf("--question %q: is not defined", x.question)
	}
	for _, q := range x.queues {
		if _, ok := c.Catalogue.Queue(q); !ok && q != scoring.Unknown {
			return fmt.Errorf("--queue %q: is not listed, want one of the configuration, or %s for all that are not", q, scoring.Unknown)
		}
	}
	return nil
}

// plan is what an experiment needs, and by what that was reckoned.
type plan struct {
	Question  string         `json:"question"`
	Queues    []string       `json:"queues"`   // none = all
	Days      int            `json:"days"`     // that were looked at
	Surveys   int64          `json:"surveys"`  // in them
	Answered  float64        `json:"answered"` // shares now, as fractions; 0 = not known
	Satisfied float64        `json:"satisfied"`
	Net       float64        `json:"net"` // satisfied minus dissatisfied
	Variance  float64        `json:"net_variance"`
	Widest    bool           `json:"net_variance_is_widest"` // it was not measured: the greatest that Satisfied allows
	PerDay    float64        `json:"per_day"`                // 0 = not known
	Arms      int            `json:"arms"`
	Invented  bool           `json:"invented"` // the traffic is of invented calls
	Needs     []compare.Need `json:"needs"`
}

func (x wish) plan(ctx context.Context, c *configs.Config) (plan, error) {
	t, invented, err := x.lately(ctx, c)
	if err != nil {
		return plan{}, err
	}
	p := plan{Question: x.question, Queues: append([]string{}, x.queues...), Days: x.days, Surveys: t.Offered, PerDay: t.PerDay(), Net: t.Net, Variance: t.NetVariance, Arms: x.arms, Invented: invented}
	if t.Offered > 0 {
		p.Answered = float64(t.Rated) / float64(t.Offered)
	}
	if t.Rated > 0 {
		p.Satisfied = float64(t.Satisfied) / float64(t.Rated)
	}
	if x.base.answered > 0 {
		p.Answered = x.base.answered / 100
	}
	if x.base.perDay > 0 {
		p.PerDay = x.base.perDay
	}
	if x.base.satisfied > 0 {
		p.Satisfied, p.Widest = x.base.satisfied/100, true
		worst := min(1-p.Satisfied, p.Satisfied+0.5) // where the variance is greatest
		p.Net = p.Satisfied - worst
		p.Variance = p.Satisfied + worst - p.Net*p.Net
	}
	for _, missing := range []struct {
		goal, known float64
		flag        string
	}{
		{x.goal.answered + x.goal.satisfied + x.goal.order, p.Answered, "baseline-answered"},
		{x.goal.satisfied + x.goal.order, p.Variance, "baseline-satisfied"},
	} {
		if missing.goal > 0 && missing.known == 0 {
			return plan{}, fmt.Errorf("question %q: nothing to plan by in the last %d days (%d surveys, %d rated in %q), want --%s", x.question, x.days, t.Offered, t.Rated, c.Store.Path, missing.flag)
		}
	}
	for _, far := range []struct {
		flag       string
		goal, base float64 // in percent
	}{{"answered", x.goal.answered, 100 * p.Answered}, {"satisfied", x.goal.satisfied, 100 * p.Satisfied}} {
		if room := max(far.base, 100-far.base); far.goal > room {
			return plan{}, fmt.Errorf("--%s %v: the share is %.1f %% now, want at most %.1f", far.flag, far.goal, far.base, room)
		}
	}
	p.Needs = compare.PlanFor(p.traffic(), compare.Goal{Answered: x.goal.answered / 100, Satisfied: x.goal.satisfied / 100, Order: x.goal.order / 100}, x.arms)
	return p, nil
}

// lately is the traffic in the store, and whether it is invented. A site that
// has not begun has no store yet, and may plan all the same.
func (x wish) lately(ctx context.Context, c *configs.Config) (t compare.Traffic, invented bool, err error) {
	store, err := sqlite.OpenReadOnly(ctx, c.Store.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return t, false, nil
	}
	if err != nil {
		return t, false, err
	}
	defer store.Close()
	truth, err := store.Truth(ctx)
	if err != nil {
		return t, false, err
	}
	t, err = recent(ctx, store, c.Zone, x.question, x.queues, x.days)
	return t, truth != nil, err
}

// traffic is the base as counts, so many that nothing is lost by rounding.
func (p plan) traffic() compare.Traffic {
	const surveys = 1 << 40
	t := compare.Traffic{Offered: surveys, Rated: int64(math.Round(surveys * p.Answered)), Net: p.Net, NetVariance: p.Variance}
	t.Satisfied = int64(math.Round(float64(t.Rated) * p.Satisfied))
	if p.PerDay > 0 {
		t.Days = int(math.Round(surveys / p.PerDay))
	}
	return t
}

// goals are the words of what is planned for.
var goals = map[string]string{"answered": "experiment.goal_answered", "satisfied": "experiment.goal_satisfied", "order": "experiment.goal_order"}

func (p plan) print(w io.Writer, words i18n.Printer) error {
	say := func(key string, args ...any) { fmt.Fprintln(w, words.T("experiment."+key, args...)) }
	if p.Invented {
		fmt.Fprintln(w, words.T("report.invented"))
	}
	if len(p.Queues) > 0 {
		say("base_queues", p.Question, strings.Join(p.Queues, words.T("report.list")))
	} else {
		say("base_all", p.Question)
	}
	say("base", p.Surveys, p.Days)
	say("base_answered", 100*p.Answered)
	if p.Variance > 0 {
		say("base_satisfied", 100*p.Satisfied)
	}
	if p.PerDay > 0 {
		say("base_per_day", p.PerDay)
	} else {
		say("base_no_days")
	}
	t := i18n.NewTable(words.T("experiment.goal"), words.T("experiment.now"), words.T("experiment.then"), words.T("experiment.per_arm"),
		words.T("experiment.total", p.Arms), words.T("experiment.safe", p.Arms), words.T("experiment.days"))
	order, satisfied := false, false
	for _, n := range p.Needs {
		satisfied = satisfied || n.Goal == "satisfied"
		now, days := fmt.Sprintf("%.1f %%", 100*n.From), "-"
		if n.Goal == "order" {
			now, order = "-", true
		}
		if n.Days > 0 {
			days = fmt.Sprint(n.Days)
		}
		then := fmt.Sprintf("%.1f %%", 100*n.To)
		if n.Status != compare.OK {
			t.Row(words.T(goals[n.Goal]), now, then, "-", "-", "-", "-")
			continue
		}
		t.Row(words.T(goals[n.Goal]), now, then, fmt.Sprint(n.PerArm), fmt.Sprint(n.Total), fmt.Sprint(n.Safe), days)
	}
	if err := t.Print(w); err != nil {
		return err
	}
	say("power", int(math.Round(100*compare.Power)))
	if satisfied {
		say("among_raters")
	}
	if order && p.Widest {
		say("widest")
	}
	if order {
		say("mirrored")
	}
	return nil
}
