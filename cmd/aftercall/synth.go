package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"aftercall/configs"
	"aftercall/ivr/layout"
	"aftercall/ivr/prompt"
	"aftercall/scoring"
	"aftercall/scoring/sqlite"
	"aftercall/scoring/synth"

	"github.com/spf13/cobra"
)

func synthCommand(load loader) *cobra.Command {
	var out, file, of string
	var printTruth bool
	d := synth.Default()
	cmd := &cobra.Command{
		Use: "synth --out FILE", Short: "Write a store of invented calls of which the truth is known", Args: cobra.NoArgs,
		Long: "Write a store of invented calls: an experiment over layouts of the configuration, with\n" +
			"agents, callers who think what they think, and menus that do to the answers what the\n" +
			"parameters say. The parameters and what follows from them are kept in the store, so that a\n" +
			"comparison can be held against the truth. The same parameters make the same calls.\n" +
			"--print-truth shows every parameter, in the form that --truth reads; --truth-of shows those\n" +
			"of a store, and under \"expected\" what should be found in it.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if of != "" {
				return printTruthOf(cmd.Context(), of, cmd.OutOrStdout())
			}
			c, err := load()
			if err != nil {
				return err
			}
			t, err := parameters(file, c)
			if err != nil {
				return err
			}
			flagged(cmd.Flags().Changed, &d, &t)
			g, err := generator(t, c)
			if err != nil {
				return err
			}
			if printTruth {
				return printIndented(cmd.OutOrStdout(), t)
			}
			if err := inventStore(cmd.Context(), g, c.Site.TimeZone, out, cmd.ErrOrStderr()); err != nil {
				return err
			}
			e := g.Truth().Expected
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %d invented surveys of %d days in experiment %q; %.1f of 100 callers are truly satisfied\n",
				out, e.Surveys, t.Days, t.Experiment.Name, 100*e.Satisfied)
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&out, "out", "", "the store to make; it must not be there")
	f.StringVar(&file, "truth", "", "file of parameters in JSON; the flags win over it")
	f.BoolVar(&printTruth, "print-truth", false, "print the parameters instead")
	f.StringVar(&of, "truth-of", "", "print those of a store instead")
	truthFlags(cmd, &d)
	cmd.MarkFlagsOneRequired("out", "print-truth", "truth-of")
	cmd.MarkFlagsMutuallyExclusive("out", "print-truth", "truth-of")
	return cmd
}

// truthFlags are those of the parameters that are changed most.
func truthFlags(cmd *cobra.Command, d *synth.Truth) {
	f := cmd.Flags()
	f.Uint64Var(&d.Seed, "seed", d.Seed, "another seed makes other calls of the same kind")
	f.StringVar(&d.FirstDay, "first-day", d.FirstDay, "civil date of the first day")
	f.IntVar(&d.Days, "days", d.Days, "days of calls")
	f.IntVar(&d.CallsPerDay, "calls-per-day", d.CallsPerDay, "calls on an average day")
	f.IntVar(&d.Agents.Number, "agents", d.Agents.Number, "number of agents")
	f.StringSliceVar(&d.Experiment.Layouts, "layouts", d.Experiment.Layouts, "layouts of one question; the first is what the others are held against")
	f.StringVar(&d.Experiment.Name, "experiment", d.Experiment.Name, "name of the experiment")
	f.BoolVar(&d.Experiment.Stopped, "stopped", false, "the experiment ends with the last day")
	f.Float64Var(&d.OrderEffect, "lambda", d.OrderEffect, "share who press what is read first, whatever they think")
	f.Float64Var(&d.KeyEffect, "key-effect", d.KeyEffect, "share of the others who press key 1")
	f.Float64Var(&d.GapEffect.Share, "gap-effect", d.GapEffect.Share, "share who take the first option for the only one where a long silence follows")
}

// printTruthOf prints what the calls of a store were invented from.
func printTruthOf(ctx context.Context, name string, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	store, err := sqlite.OpenReadOnly(ctx, name)
	if err != nil {
		return err
	}
	defer store.Close()
	truth, err := store.Truth(ctx)
	if err != nil {
		return err
	}
	if truth == nil {
		return fmt.Errorf("database %q: holds no invented calls, want a store that aftercall synth made", name)
	}
	return printIndented(out, truth)
}

func printIndented(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// parameters gives those of the file, else the default. What queues and
// languages there are the configuration says, unless the file does.
func parameters(file string, c *configs.Config) (synth.Truth, error) {
	t := synth.Default()
	if file != "" {
		r, err := os.Open(file)
		if err != nil {
			return t, err
		}
		defer r.Close()
		if t, err = synth.Read(r); err != nil {
			return t, fmt.Errorf("%s: %w", file, err)
		}
	}
	if len(t.Queues) == 0 {
		for _, q := range c.Catalogue.Queues {
			t.Queues = append(t.Queues, synth.Queue{Name: q.Name, Share: 1})
		}
	}
	if len(t.Queues) == 0 {
		t.Queues = []synth.Queue{{Name: scoring.Unknown, Share: 1}}
	}
	if len(t.Languages) == 0 {
		for _, l := range c.Catalogue.Languages {
			t.Languages = append(t.Languages, synth.Language{Name: l, Share: 1})
		}
	}
	return t, nil
}

// flagged puts what the command line names into the place of what the file does.
func flagged(changed func(name string) bool, given, t *synth.Truth) {
	for name, take := range map[string]func(){
		"seed":          func() { t.Seed = given.Seed },
		"first-day":     func() { t.FirstDay = given.FirstDay },
		"days":          func() { t.Days = given.Days },
		"calls-per-day": func() { t.CallsPerDay = given.CallsPerDay },
		"agents":        func() { t.Agents.Number = given.Agents.Number },
		"layouts":       func() { t.Experiment.Layouts = given.Experiment.Layouts },
		"experiment":    func() { t.Experiment.Name = given.Experiment.Name },
		"stopped":       func() { t.Experiment.Stopped = given.Experiment.Stopped },
		"lambda":        func() { t.OrderEffect = given.OrderEffect },
		"key-effect":    func() { t.KeyEffect = given.KeyEffect },
		"gap-effect":    func() { t.GapEffect.Share = given.GapEffect.Share },
	} {
		if changed(name) {
			take()
		}
	}
}

// generator gives the truth the layouts of a configuration, as they sound by
// estimate, and the surveys that ask them.
func generator(t synth.Truth, c *configs.Config) (*synth.Generator, error) {
	k := c.Catalogue
	s := synth.Site{Zone: c.Zone}
	for _, l := range k.Layouts {
		q, _ := k.Question(l.Question)
		scale, _ := k.Scale(q.Scale)
		m := synth.Menu{Definition: layout.Definition{Layout: l, Question: q, Scale: scale}}
		for _, language := range k.Languages {
			if len(k.Lacks(l, language)) > 0 {
				continue
			}
			r, err := k.Render(l, language, prompt.Estimate{})
			if err != nil {
				return nil, err
			}
			m.Renditions = append(m.Renditions, r)
		}
		s.Menus = append(s.Menus, m)
	}
	s.Survey, s.Longer = surveys(k, t)
	return synth.New(t, s)
}

// surveys gives the names of the surveys that ask the experiment's question
// alone, and the second behind it; where there is none, of the default.
func surveys(k layout.Catalogue, t synth.Truth) (alone, longer string) {
	question := func(name string) string {
		l, _ := k.Layout(name)
		return l.Question
	}
	named := func(questions ...string) string {
		for _, s := range k.Surveys {
			if slices.Equal(s.Questions, questions) {
				return s.Name
			}
		}
		return k.Default.Survey
	}
	var first string
	if len(t.Experiment.Layouts) > 0 {
		first = question(t.Experiment.Layouts[0])
	}
	return named(first), named(first, question(t.Second.Layout))
}

// inventStore writes the calls into a store of their own. It is made in a
// folder beside its place and put there when it is whole.
func inventStore(ctx context.Context, g *synth.Generator, zone, path string, progress io.Writer) (err error) {
	if path == "" {
		return errors.New("--out: is empty, want the name of a file that is not there")
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fmt.Errorf("--out %q: is there already, want a file that is not", path), err)
	}
	folder, err := os.MkdirTemp(filepath.Dir(path), ".synth-")
	if err != nil {
		return fmt.Errorf("--out %q: %w", path, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	whole := filepath.Join(folder, "store.db")
	store, err := sqlite.Open(ctx, whole, sqlite.Options{Zone: zone})
	if err != nil {
		return err
	}
	err = invent(ctx, g, store, progress)
	if err = errors.Join(err, store.Close()); err != nil {
		return err
	}
	// A link, unlike a new name, never takes the place of a file.
	if err := os.Link(whole, path); err != nil {
		return fmt.Errorf("--out %q: %w", path, err)
	}
	return nil
}
