package main

import (
	"context"
	"fmt"
	"io"

	"aftercall/configs"
	"aftercall/configs/i18n"

	"github.com/spf13/cobra"
)

func eraseCommand(load, keyed loader) *cobra.Command {
	var given []string
	var yes bool
	cmd := &cobra.Command{
		Use: "erase --caller NUMBER", Short: "Erase the calls of a caller", Args: cobra.NoArgs,
		Long: "Erase the calls of a caller, by the number, with answers and keys. Totals and roll-ups stay:\n" +
			"they hold nothing of the caller. Calls in progress stay, and so does what is in copies of the\n" +
			"database. It cannot be undone, and stands in the audit, without the number.",
	}
	cmd.Flags().StringArrayVar(&given, "caller", nil, numbersHelp)
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask before")
	return speaking(cmd, load, thinkLimit, func(ctx context.Context, c *configs.Config, words i18n.Printer, _ []string) error {
		numbers, err := callerNumbers(given, cmd.InOrStdin())
		if err != nil {
			return err
		}
		e := erasing{subjectPrinter{words, c, cmd.OutOrStdout()}, callerOrder{Numbers: numbers, Erasing: true}, keyed, cmd.ErrOrStderr()}
		if err := e.plan(ctx); err != nil {
			return err
		}
		if !yes {
			if sure, err := sure(ctx, words, cmd.OutOrStdout(), cmd.InOrStdin(), "erase"); err != nil || !sure {
				return err
			}
		}
		return e.erase(ctx)
	})
}

// erasing is an erasure on its way.
type erasing struct {
	subjectPrinter
	order callerOrder
	keyed loader
	log   io.Writer
}

func (e erasing) tell(key string, args ...any) {
	fmt.Fprintln(e.out, e.words.T("erase."+key, args...))
}

// plan says what would be erased.
func (e erasing) plan(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, setUpLimit)
	defer cancel()
	held, err := lookUp(ctx, e.c, e.keyed, e.log, e.order)
	if err != nil {
		return err
	}
	if held.All == 0 {
		e.say("none")
	} else {
		e.tell("plan", held.All, held.Calls[len(held.Calls)-1].Call.Day, held.Calls[0].Call.Day)
	}
	e.tell("stays")
	return nil
}

// erase erases, and says what came of it.
func (e erasing) erase(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, setUpLimit)
	defer cancel()
	var done erased
	_, err := carryOut(ctx, e.c, e.log, func(to orders) error {
		to, err := keyedTo(to, e.keyed)
		if err == nil {
			done, err = to.erase(ctx, e.order)
		}
		return err
	})
	if err != nil {
		return err
	}
	e.tell("done", done.Calls)
	if done.Open > 0 {
		e.tell("open", done.Open)
	}
	if done.Lingers {
		e.tell("lingers")
	}
	e.unsearched(done.Unsearched)
	e.say("backups")
	return nil
}
