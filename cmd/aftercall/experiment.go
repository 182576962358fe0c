package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"aftercall/configs"
	"aftercall/configs/i18n"
	"aftercall/scoring"
	"aftercall/scoring/sqlite"

	"github.com/spf13/cobra"
)

func experimentCommand(load loader) *cobra.Command {
	cmd := &cobra.Command{
		Use: "experiment", Short: "Calls divided between layouts, to compare them fairly", Args: cobra.NoArgs,
		Long: "Calls of some queues divided between layouts of one question, to compare them fairly.\n" +
			"While the service runs, it carries the commands out at once; surveys in progress finish\n" +
			"as they began. Otherwise they go into its store, and its next start follows them.",
		// Without it cobra would not look at the arguments.
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(experimentPlanCommand(load), experimentStartCommand(load), experimentChangeCommand(load),
		experimentStopCommand(load), experimentStatusCommand(load))
	return cmd
}

func experimentChangeCommand(load loader) *cobra.Command {
	var queues []string
	cmd := &cobra.Command{
		Use: "change NAME --queue QUEUE[=WEIGHTS] ...", Short: "Give a running experiment other weights", Args: cobra.ExactArgs(1),
		Long: "Give a running experiment other weights, in those of its queues that are named. In each\n" +
			"of them a new epoch begins; comparisons are made inside of epochs.",
	}
	cmd.Flags().StringArrayVar(&queues, "queue", nil, "queue with its weights in the order of the layouts, support=9:1; without weights all are equal")
	must(cmd, "queue")
	return speaking(cmd, load, setUpLimit, func(ctx context.Context, c *configs.Config, words i18n.Printer, args []string) error {
		weights, err := reweigh(ctx, c, args[0], queues)
		if err != nil {
			return err
		}
		return order(ctx, c, cmd, words, words.T("experiment.changed", args[0]), func(to orders) error { return to.change(ctx, args[0], weights) })
	})
}

func experimentStopCommand(load loader) *cobra.Command {
	cmd := &cobra.Command{Use: "stop NAME", Short: "End an experiment: its queues go back to the configured split", Args: cobra.ExactArgs(1)}
	return speaking(cmd, load, setUpLimit, func(ctx context.Context, c *configs.Config, words i18n.Printer, args []string) error {
		return order(ctx, c, cmd, words, words.T("experiment.stopped", args[0]), func(to orders) error { return to.stop(ctx, args[0]) })
	})
}

// must marks flags that a command cannot do without.
func must(cmd *cobra.Command, flags ...string) {
	for _, f := range flags {
		if err := cmd.MarkFlagRequired(f); err != nil {
			panic(err) // it was defined a line before
		}
	}
}

// order carries a command out where it has to go, and says that it is done.
func order(ctx context.Context, c *configs.Config, cmd *cobra.Command, words i18n.Printer, done string, do func(orders) error) error {
	direct, err := carryOut(ctx, c, cmd.ErrOrStderr(), do)
	if err != nil {
		return err
	}
	if direct {
		done += "\n" + words.T("experiment.not_running")
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), done)
	return err
}

// carryOut tells whether the command went straight into the store.
func carryOut(ctx context.Context, c *configs.Config, log io.Writer, do func(orders) error) (direct bool, err error) {
	to, direct, err := ways(ctx, c, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		return false, err
	}
	if err := do(to); err != nil {
		_ = to.close() // what went wrong before says more
		return direct, err
	}
	return direct, to.close()
}

// reweigh gives the weights of every queue of an experiment, those that are
// named as they are wanted and the others as they are.
func reweigh(ctx context.Context, c *configs.Config, name string, wanted []string) ([]scoring.QueueWeights, error) {
	store, err := sqlite.OpenReadOnly(ctx, c.Store.Path)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	running, err := runningIn(ctx, store)
	if err != nil {
		return nil, err
	}
	for _, e := range running {
		if e.Name != name {
			continue
		}
		given := map[string]bool{}
		for _, text := range wanted {
			w, err := weighted(text, len(e.Layouts))
			if err != nil {
				return nil, err
			}
			if given[w.Queue] {
				return nil, fmt.Errorf("--queue %q: queue %q is there twice", text, w.Queue)
			}
			given[w.Queue] = true
			i := slices.Index(queuesOf(e), w.Queue)
			if i < 0 {
				return nil, fmt.Errorf("--queue %q: experiment %q does not divide it, want one of %v", w.Queue, name, queuesOf(e))
			}
			e.Queues[i] = w
		}
		return e.Queues, nil
	}
	return nil, fmt.Errorf("experiment %q: %w", name, scoring.ErrNoExperiment)
}

// weighted reads a queue with its weights: support=9:1, or support alone.
func weighted(text string, arms int) (scoring.QueueWeights, error) {
	w := scoring.QueueWeights{Queue: text}
	at := strings.LastIndexByte(text, '=')
	if at < 0 {
		for range arms {
			w.Weights = append(w.Weights, 1)
		}
		return w, nil
	}
	w.Queue = text[:at]
	for part := range strings.SplitSeq(text[at+1:], ":") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return w, fmt.Errorf("--queue %q: %q is no weight, want whole numbers such as 9:1", text, part)
		}
		w.Weights = append(w.Weights, n)
	}
	if len(w.Weights) != arms {
		return w, fmt.Errorf("--queue %q: %d weights, want one for each of %d layouts", text, len(w.Weights), arms)
	}
	return w, nil
}

func queuesOf(e scoring.Experiment) []string {
	var names []string
	for _, q := range e.Queues {
		names = append(names, q.Queue)
	}
	return names
}
