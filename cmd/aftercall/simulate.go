package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"aftercall/configs"
	"aftercall/configs/i18n"
	"aftercall/ivr/layout"
	"aftercall/ivr/prompt"
	"aftercall/ivr/survey"
	"aftercall/scoring"

	"github.com/spf13/cobra"
)

const simulateHelp = `Hear a menu in the terminal and answer it, without an Asterisk: the survey
machine is the one that callers meet, its sounds are written out at the second
at which a caller hears them, and at the end stands what would be stored.
Nothing is stored.

Keys come from standard input: 0-9 * # are the telephone's, h hangs up, q ends
the simulation. On a terminal a key counts as it is pressed; from a pipe the
keys come as fast as they can be read.

With --fast no time passes: keys are read only when the menu has ended and the
caller can do nothing but wait. There Enter (in a pipe: an empty line) or the
end of the input stands for a caller who presses nothing.

A key at an exact moment, also during the menu, is given by --keys, with the
time since the survey began; then standard input is not read:

  aftercall simulate habit --fast --keys 2.5s:9,12s:0,13.25s:1
  aftercall simulate gap --fast --keys 8s:h`

// simulateFlags is what the command line says besides the layout.
type simulateFlags struct {
	language string // of the menu, "" = the site's first
	words    string // language of the report
	keys     string // the script
	scripted bool   // there is a script, though it may be empty
	fast     bool
}

func simulateCommand(load loader) *cobra.Command {
	var f simulateFlags
	cmd := &cobra.Command{
		Use: "simulate LAYOUT", Short: "Hear a menu in the terminal and answer it; nothing is stored", Args: cobra.ExactArgs(1),
		Long: simulateHelp,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.scripted = cmd.Flags().Changed("keys")
			return simulate(cmd, load, args[0], f)
		},
	}
	cmd.Flags().StringVar(&f.language, "lang", "", "language in which the menu is heard (default: the site's first)")
	cmd.Flags().StringVar(&f.words, "words", i18n.Languages[0], "language of the report: en or zh-CN")
	cmd.Flags().StringVar(&f.keys, "keys", "", "keys and when they are pressed, such as 2.5s:1,4s:h")
	cmd.Flags().BoolVar(&f.fast, "fast", false, "let no time pass")
	return cmd
}

func simulate(cmd *cobra.Command, load loader, name string, f simulateFlags) error {
	words, err := wordsIn("--words", f.words)
	if err != nil {
		return err
	}
	script, err := readScript(f.keys)
	if err != nil {
		return err
	}
	c, err := load()
	if err != nil {
		return err
	}
	h, err := rehearse(c, name, f.language)
	if err != nil {
		return err
	}
	show := &transcript{out: cmd.OutOrStdout(), words: words, catalogue: c.Catalogue, said: map[int]scoring.Use{}}
	who := &caller{script: script, fast: f.fast}
	if !f.scripted {
		k, err := listen(cmd.InOrStdin())
		if err != nil {
			return err
		}
		defer k.close()
		who.keyboard = k
	}
	show.head(h, f)
	err = newSimulation(time.Now(), who, show).run(cmd.Context(), h.plan)
	if errors.Is(err, errQuit) || errors.Is(err, context.Canceled) {
		show.say("simulate.quit")
		return show.err
	}
	if err != nil {
		return err
	}
	return show.summary(h, who.script)
}

// rehearsal is one layout as one caller would be asked by it.
type rehearsal struct {
	plan      survey.Plan
	survey    string // whose thank-you is heard
	estimated error  // why lengths are estimated; nil if the sounds are there
}

// rehearse plans a survey of one layout in a language of the site, "" = the
// first, with the thank-you of the first survey that asks its question.
func rehearse(c *configs.Config, name, language string) (rehearsal, error) {
	l, language, err := findMenu(c.Catalogue, name, language)
	if err != nil {
		return rehearsal{}, err
	}
	i := slices.IndexFunc(c.Catalogue.Surveys, func(s layout.Survey) bool {
		return slices.Contains(s.Questions, l.Question) && s.Thanks.In(language) != ""
	})
	if i < 0 {
		return rehearsal{}, fmt.Errorf("layout %q: no survey asks its question %q and thanks in %s, want one to take the thank-you from", name, l.Question, language)
	}
	s := c.Catalogue.Surveys[i]
	lib, err := sounds(c)
	if err != nil {
		return rehearsal{}, err
	}
	h := rehearsal{survey: s.Name}
	if h.plan, h.estimated = planOne(c.Catalogue, l, s, language, lib); h.estimated != nil {
		h.plan, err = planOne(c.Catalogue, l, s, language, prompt.Estimate{})
	}
	return h, err
}

// planOne asks one question and thanks. It fails with the first sound that
// the library does not have.
func planOne(c layout.Catalogue, l layout.Layout, s layout.Survey, language string, lib layout.Library) (survey.Plan, error) {
	q, _ := c.Question(l.Question)
	scale, _ := c.Scale(q.Scale)
	r, err := c.Render(l, language, lib)
	if err != nil {
		return survey.Plan{}, err
	}
	thanks, err := layout.RenderThanks(s, language, lib)
	if err != nil {
		return survey.Plan{}, err
	}
	return survey.Plan{Questions: []survey.Ask{{Layout: l, Scale: scale, Sound: r}}, Thanks: thanks}, nil
}
