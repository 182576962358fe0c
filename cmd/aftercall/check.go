package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"time"

	"aftercall/configs"
	"aftercall/ivr/layout"
	"aftercall/ivr/prompt"
	"aftercall/scoring"

	"github.com/spf13/cobra"
)

func checkCommand(load loader) *cobra.Command {
	var explain bool
	var lang string
	cmd := &cobra.Command{
		Use: "check [--explain [LAYOUT ...]]", Short: "Name every fault of the configuration; status 1 if there is one",
		Long: "Name every fault of the configuration; status 1 if there is one. With --explain, show\n" +
			"each menu (or those that are named) as a timeline in every language, and warn of what\n" +
			"it does to what callers press.",
		RunE: func(cmd *cobra.Command, names []string) error {
			words, err := wordsIn("--lang", lang)
			if err != nil {
				return err
			}
			if len(names) > 0 && !explain {
				return fmt.Errorf("%q: want no argument without --explain", names[0])
			}
			c, err := load()
			if err != nil {
				return err
			}
			menus, err := layouts(c.Catalogue, names)
			if err != nil {
				return err
			}
			if err := check(cmd.OutOrStdout(), c); err != nil {
				return err
			}
			e, err := newExplainer(cmd.OutOrStdout(), words, c)
			if err != nil {
				return err
			}
			if explain {
				return e.explain(menus)
			}
			return e.count()
		},
	}
	cmd.Flags().BoolVar(&explain, "explain", false, "show each menu as a timeline, with warnings")
	cmd.Flags().StringVar(&lang, "lang", "en", "language of the explanation: en or zh-CN")
	return cmd
}

// check judges how long surveys take and says what is worth a second look.
func check(out io.Writer, c *configs.Config) error {
	lib, err := sounds(c)
	if err != nil {
		return err
	}
	b, err := newBook(c, lib)
	if faults := (configs.Faults{}); errors.As(err, &faults) {
		return err
	}
	warn(out, c)
	if err != nil {
		// Prompts may not be built yet: judge by estimated lengths.
		b, estimated := newBook(c, prompt.Estimate{})
		if estimated != nil {
			return estimated
		}
		d, name := b.Longest()
		fmt.Fprintf(out, "configuration is good; survey %q takes up to about %s\nprompts are not ready: %v\n", name, d.Round(time.Second), err)
		return nil
	}
	d, name := b.Longest()
	fmt.Fprintf(out, "configuration is good; survey %q takes up to %s\n", name, d.Round(100*time.Millisecond))
	return nil
}

// warn says what is no fault and yet worth a second look.
func warn(out io.Writer, c *configs.Config) {
	if text := openPages(c); text != "" {
		fmt.Fprintf(out, "warning: http.listen %s\n", text)
	}
	for _, text := range exposed(c) {
		fmt.Fprintf(out, "warning: %s\n", text)
	}
	for _, text := range tellingCallers(c) {
		fmt.Fprintf(out, "warning: privacy: %s\n", text)
	}
	for _, f := range c.Catalogue.Fallbacks() {
		fmt.Fprintf(out, "warning: %s\n", fellBack(f))
	}
	if text := manySeries(c); text != "" {
		fmt.Fprintf(out, "warning: metrics: %s\n", text)
	}
}

// fewSeries is how many series an agent may have before it is worth a word.
const fewSeries = 16

// manySeries says how many series of /metrics/agents an agent has, if they are
// more than fewSeries; "" if not.
func manySeries(c *configs.Config) string {
	outcomes := len(scoring.Outcomes)
	if c.Catalogue.PrimaryFirst() {
		outcomes-- // it is always reached
	}
	verdicts := map[string]bool{}
	for _, s := range c.Catalogue.PrimaryScales() {
		for _, v := range s.Verdicts {
			verdicts[v.ID] = true
		}
	}
	windows := len(c.Metrics.Windows)
	n := 1 + outcomes + len(verdicts) + 2*windows + 4
	if n <= fewSeries {
		return ""
	}
	return fmt.Sprintf("an agent has %d series, more than %d: 1 of info, %d outcomes, %d verdicts, 2 for each of %d windows, 4 of the adjusted ratio; %d agents (metrics.max_agents) have up to %d",
		n, fewSeries, outcomes, len(verdicts), windows, c.Metrics.MaxAgents, n*c.Metrics.MaxAgents)
}

// fellBack says what a missing text does to the callers of a queue.
func fellBack(f layout.Fallback) string {
	queue := fmt.Sprintf("queue %q", f.Queue)
	if f.Queue == "" {
		queue = "default"
	}
	more := ""
	if n := len(f.Missing); n > 1 {
		more = fmt.Sprintf(" (and %d more)", n-1)
	}
	return fmt.Sprintf("%s: callers who want %s are asked in %s, whichever layout they get: no text in %s for %s%s",
		queue, f.Wanted, f.Heard, f.Wanted, f.Missing[0], more)
}

// openPages says whether other machines can reach the pages; "" if not.
func openPages(c *configs.Config) string {
	host, _, _ := net.SplitHostPort(c.HTTP.Listen) // it was checked
	if loopback(host) {
		return ""
	}
	return fmt.Sprintf("%q: other machines can reach pages, metrics and reload, which have no login", c.HTTP.Listen)
}

// tellingCallers says what of callers is open to more people, or for longer,
// than need be.
func tellingCallers(c *configs.Config) (all []string) {
	p := c.Privacy
	if p.Caller == scoring.CallerFull {
		all = append(all, "caller full: whoever can read the database, or a copy of it, can read who called and what they said; hmac finds callers as well")
	}
	if p.Caller != scoring.CallerNone && p.KeepCalls == 0 {
		all = append(all, fmt.Sprintf("caller %s with keep_calls 0s: what is kept of callers is kept for ever", p.Caller))
	}
	if p.KeyShared() {
		all = append(all, fmt.Sprintf("key_file %q: its group can read it", p.KeyFile))
	}
	if p.KeyFile != "" && filepath.Dir(p.KeyFile) == filepath.Dir(c.Store.Path) {
		all = append(all, fmt.Sprintf("key_file %q is in the folder of the database: whoever copies that folder can find out who called", p.KeyFile))
	}
	return all
}
