package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"aftercall/configs"
	"aftercall/configs/i18n"
	"aftercall/ivr/prompt"
	"aftercall/scoring/compare"
	"aftercall/scoring/report"
	"aftercall/scoring/sqlite"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

// presentation says how a comparison is to be shown.
type presentation struct {
	json, csv bool
	html      string // file, - for standard output, "" for none
	by        string
	colour    string
}

func compareCommand(load loader) *cobra.Command {
	var q comparing
	var show presentation
	cmd := &cobra.Command{
		Use: "compare [EXPERIMENT]", Short: "What layouts do to what callers say", Args: cobra.MaximumNArgs(1),
		Long: "What the layouts of an experiment do to what callers say, with a verdict. Without a name:\n" +
			"the experiment that runs. With --layouts: figures of any layouts, whose calls nothing\n" +
			"divided at random, so that nothing is concluded from them.",
	}
	f := cmd.Flags()
	f.StringSliceVar(&q.layouts, "layouts", nil, "layouts instead of an experiment, the reference first: habit,gap")
	f.StringVar(&q.question, "question", "", "question of --layouts, if they were used for several")
	f.StringVar(&q.from, "from", "", "first day of --layouts, 2026-03-01")
	f.StringVar(&q.to, "to", "", "last day of --layouts")
	f.StringVar(&q.queue, "queue", "", "only calls of this queue")
	f.BoolVar(&q.pool, "pool-versions", false, "count all versions of a layout as one")
	f.StringVar(&show.by, "by", "", "queue: a table for each queue besides")
	f.BoolVar(&show.json, "json", false, "one JSON document with every figure")
	f.BoolVar(&show.csv, "csv", false, "one line for each layout, queue and metric")
	f.StringVar(&show.html, "html", "", "write a page with plots into this file, - for standard output")
	f.StringVar(&show.colour, "color", "auto", "colours for what is decided: auto, always or never")
	cmd.MarkFlagsMutuallyExclusive("json", "csv", "html")
	return speaking(cmd, load, readLimit, func(ctx context.Context, c *configs.Config, words i18n.Printer, args []string) error {
		q.experiment = strings.Join(args, "")
		if f.Changed("layouts") && len(q.layouts) == 0 {
			return errors.New("--layouts: there are none, want two or more, such as habit,gap")
		}
		if err := errors.Join(q.check(), show.check()); err != nil {
			return err
		}
		return compareLayouts(ctx, c, q, show, words, cmd.OutOrStdout())
	})
}

func (p presentation) check() error {
	switch {
	case p.by != "" && p.by != "queue":
		return fmt.Errorf("--by %q: want queue", p.by)
	case p.colour != "auto" && p.colour != "always" && p.colour != "never":
		return fmt.Errorf("--color %q: want auto, always or never", p.colour)
	}
	return nil
}

// compareLayouts reads the roll-ups once, compares and shows.
func compareLayouts(ctx context.Context, c *configs.Config, q comparing, show presentation, words i18n.Printer, out io.Writer) error {
	store, err := sqlite.OpenReadOnly(ctx, c.Store.Path)
	if err != nil {
		return err
	}
	defer store.Close()
	in, err := gather(ctx, store, q, time.Now().In(c.Zone).Format(time.DateOnly))
	if err != nil {
		return err
	}
	truth, err := store.Truth(ctx)
	if err != nil {
		return err
	}
	o := report.Options{ByQueue: show.by == "queue", Invented: truth != nil, Colour: show.colour == "always" || show.colour == "auto" && colourful(out)}
	result := compare.Compare(in)
	if q.queue != "" && in.Experiment != nil && len(in.Experiment.Queues) > 1 {
		o.Queue = q.queue
		withoutSize(&result.Verdict)
	}
	switch {
	case show.json:
		return report.JSON(out, result, o)
	case show.csv:
		return report.CSV(out, result, o)
	case show.html != "":
		return writePage(show.html, result, words, o, out)
	}
	return report.Text(screen{bare(out), o.Colour}, result, words, o)
}

// withoutSize takes from a verdict what holds the surveys of one queue against
// the planned size of all.
func withoutSize(v *compare.Verdict) {
	v.DaysLeft, v.Missing, v.Smallest = 0, 0, 0
	v.Reasons = slices.DeleteFunc(v.Reasons, func(r compare.Remark) bool {
		return slices.Contains([]compare.Code{compare.SizeReached, compare.SizeToCome, compare.SizeUnknown, compare.EndedEarly}, r.Code)
	})
}

// writePage writes the page whole or not at all.
func writePage(file string, c compare.Comparison, words i18n.Printer, o report.Options, out io.Writer) error {
	if file == "-" {
		return report.HTML(out, c, words, o)
	}
	var page bytes.Buffer
	if err := report.HTML(&page, c, words, o); err != nil {
		return err
	}
	return prompt.WriteFile(file, &page)
}

// colourful reports whether a writer is a terminal of somebody who has
// nothing against colours (no-color.org).
func colourful(out io.Writer) bool {
	f, is := bare(out).(*os.File)
	if !is || os.Getenv("NO_COLOR") != "" {
		return false
	}
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}
