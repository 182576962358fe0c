package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"aftercall/configs"
	"aftercall/configs/i18n"
	"aftercall/scoring"
	"aftercall/scoring/sqlite"

	"github.com/spf13/cobra"
)

// thinkLimit bounds a command that asks before it does something.
const thinkLimit = 10 * time.Minute

func agentsMergeCommand(load loader) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use: "merge FROM INTO", Short: "Count the figures of one agent under another", Args: cobra.ExactArgs(2),
		Long: "Count the figures of one agent under another: those so far, and whatever comes. It is for one\n" +
			"person who was kept under two ids. Calls keep the agent whom they were said to be of, and the\n" +
			"totals of FROM, which Prometheus counts by, stay as they are. It cannot be undone.",
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask before")
	return speaking(cmd, load, thinkLimit, func(ctx context.Context, c *configs.Config, words i18n.Printer, args []string) error {
		m := merging{c: c, words: words, out: cmd.OutOrStdout(), from: args[0], into: args[1]}
		already, err := m.plan(ctx)
		if err != nil || already {
			return err
		}
		if !yes {
			if sure, err := sure(ctx, words, cmd.OutOrStdout(), cmd.InOrStdin(), "merge"); err != nil || !sure {
				return err
			}
		}
		return m.merge(ctx, cmd.ErrOrStderr())
	})
}

// merging is two agents of whom one is to be counted under the other.
type merging struct {
	c          *configs.Config
	words      i18n.Printer
	out        io.Writer
	from, into string
}

func (m merging) say(key string, args ...any) {
	fmt.Fprintln(m.out, m.words.T("merge."+key, args...))
}

// called is what people call an agent: by id, and by name if the roster has one.
func (m merging) called(id string) string {
	for _, a := range m.c.Agents {
		if a.ID == id && a.Name != "" {
			return m.words.T("merge.called", id, a.Name)
		}
	}
	return id
}

// listed reports whether the roster has an agent.
func (m merging) listed(id string) bool {
	for _, a := range m.c.Agents {
		if a.ID == id {
			return true
		}
	}
	return false
}

// plan says what would be moved. already tells that there is nothing to do.
func (m merging) plan(ctx context.Context) (already bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	store, err := sqlite.OpenReadOnly(ctx, m.c.Store.Path)
	if err != nil {
		return false, err
	}
	defer store.Close()
	list, err := store.KnownAgents(ctx)
	if err != nil {
		return false, err
	}
	known := make(map[string]scoring.KnownAgent, len(list))
	for _, a := range list {
		known[a.ID] = a
	}
	err = scoring.CheckMerge(m.from, m.into, func(id string) (scoring.KnownAgent, bool) { a, ok := known[id]; return a, ok })
	if err != nil {
		return false, err
	}
	if known[m.from].MergedInto == m.into {
		m.say("already", m.called(m.from), m.called(m.into))
		m.warn()
		return true, nil
	}
	days, err := store.AgentDays(ctx, m.from)
	if err != nil {
		return false, err
	}
	if days.Surveys == 0 {
		m.say("plan_none", m.called(m.from), m.called(m.into))
	} else {
		m.say("plan", m.called(m.from), m.called(m.into), days.Surveys, days.First, days.Last)
	}
	m.say("keeps", m.from)
	return false, nil
}

// sure asks whoever sits at the terminal, in the words of an area.
func sure(ctx context.Context, words i18n.Printer, out io.Writer, in io.Reader, area string) (yes bool, err error) {
	k, err := listen(in)
	if err != nil {
		return false, err
	}
	defer k.close()
	if !k.terminal {
		return false, errors.New("nobody can be asked: standard input is no terminal, want --yes")
	}
	fmt.Fprint(out, words.T(area+".ask"))
	key, err := k.ask(ctx)
	fmt.Fprintln(out)
	if err != nil && !errors.Is(err, errQuit) {
		return false, err
	}
	if yes = key == 'y' || key == 'Y'; !yes {
		fmt.Fprintln(out, words.T("merge.not"))
	}
	return yes, nil
}

// merge merges, and says what came of it.
func (m merging) merge(ctx context.Context, log io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, setUpLimit)
	defer cancel()
	var done scoring.Merged
	_, err := carryOut(ctx, m.c, log, func(to orders) (err error) {
		done, err = to.merge(ctx, m.from, m.into)
		return err
	})
	if err != nil {
		return err
	}
	if done.Already { // somebody else was faster
		m.say("already", m.called(m.from), m.called(m.into))
	} else {
		m.say("done", m.called(m.from), m.called(m.into), done.Surveys)
	}
	m.warn()
	return nil
}

// warn says that the roster still takes people for who was merged.
func (m merging) warn() {
	if m.listed(m.from) {
		m.say("roster", m.from, m.into)
	}
}
