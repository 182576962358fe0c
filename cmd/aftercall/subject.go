package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"aftercall/configs"
	"aftercall/configs/i18n"
	"aftercall/scoring"

	"github.com/spf13/cobra"
)

const numbersHelp = "a caller's number; - reads numbers from standard input, one a line, so that no list of processes shows them; may be given several times: +49 30 1 and 030 1 are two numbers"

func subjectCommand(load, keyed loader) *cobra.Command {
	var given []string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "subject --caller NUMBER", Short: "Show what is held of a caller", Args: cobra.NoArgs,
		Long: "Show all that the store holds of a caller, by the number, and how many calls cannot be\n" +
			"compared with a number. Copies of the database are not looked through. That somebody asked\n" +
			"stands in the audit, without the number.",
	}
	cmd.Flags().StringArrayVar(&given, "caller", nil, numbersHelp)
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON document")
	return speaking(cmd, load, setUpLimit, func(ctx context.Context, c *configs.Config, words i18n.Printer, _ []string) error {
		numbers, err := callerNumbers(given, cmd.InOrStdin())
		if err != nil {
			return err
		}
		held, err := lookUp(ctx, c, keyed, cmd.ErrOrStderr(), callerOrder{Numbers: numbers})
		if err != nil {
			return err
		}
		if asJSON {
			return json.NewEncoder(cmd.OutOrStdout()).Encode(held)
		}
		p := subjectPrinter{words, c, cmd.OutOrStdout()}
		p.print(held)
		return nil
	})
}

// lookUp asks the service what is held, or its store.
func lookUp(ctx context.Context, c *configs.Config, keyed loader, log io.Writer, o callerOrder) (held subject, err error) {
	_, err = carryOut(ctx, c, log, func(to orders) error {
		to, err := keyedTo(to, keyed)
		if err == nil {
			held, err = to.subject(ctx, o)
		}
		return err
	})
	return held, err
}

// callerNumbers gives the numbers of a command line. What is wrong with them is
// told without them.
func callerNumbers(given []string, in io.Reader) (numbers []string, err error) {
	for _, g := range given {
		if g != "-" {
			numbers = append(numbers, g)
			continue
		}
		lines := bufio.NewScanner(io.LimitReader(in, 64<<10))
		for lines.Scan() {
			if text := strings.TrimSpace(lines.Text()); text != "" {
				numbers = append(numbers, text)
			}
		}
		if lines.Err() != nil {
			return nil, fmt.Errorf("standard input: %w", lines.Err())
		}
	}
	switch {
	case len(given) == 0:
		return nil, errors.New("--caller: want a number, or - for numbers on standard input")
	case len(numbers) == 0 || len(numbers) > maxNumbers:
		return nil, fmt.Errorf("--caller: %d numbers, want 1 to %d", len(numbers), maxNumbers)
	}
	return numbers, nil
}

// subjectPrinter tells people what is held.
type subjectPrinter struct {
	words i18n.Printer
	c     *configs.Config
	out   io.Writer
}

func (p subjectPrinter) say(key string, args ...any) {
	fmt.Fprintln(p.out, p.words.T("subject."+key, args...))
}

// line writes a field of a call, if there is anything in it.
func (p subjectPrinter) line(key, text string) {
	if text != "" {
		fmt.Fprintf(p.out, "  %s: %s\n", p.words.T("subject."+key), text)
	}
}

func (p subjectPrinter) print(s subject) {
	switch {
	case s.All == 0:
		p.say("none")
	case s.All > len(s.Calls):
		p.say("newest", s.All, len(s.Calls))
	default:
		p.say("calls", s.All)
	}
	for _, call := range s.Calls {
		p.call(call)
	}
	p.unsearched(s.Unsearched)
	p.say("backups")
}

// unsearched says which calls could be the caller's without anybody knowing.
func (p subjectPrinter) unsearched(counts []scoring.CallerCount) {
	for _, n := range counts {
		switch {
		case n.Form == "":
			p.say("without", n.Calls)
		case n.Lost:
			p.say("lost", n.Calls)
		case n.Form == scoring.CallerHMAC:
			p.say("other_key", n.Calls, n.Key)
		default:
			p.say("four", n.Calls)
		}
	}
}

func (p subjectPrinter) call(s subjectCall) {
	c := s.Call
	when := func(format string) string { return c.StartedAt.In(p.c.Zone).Format(format) }
	fmt.Fprintf(p.out, "\n%s  %s\n", when("2006-01-02 15:04:05"), s.ID)
	p.line("kept", fmt.Sprintf("%s %s", c.Caller.Form, s.Kept))
	p.line("queue", c.Queue)
	p.line("agent", called(c.Agent))
	for _, a := range c.Earlier {
		p.line("earlier", called(a))
	}
	p.line("day", c.Day)
	p.line("came", strings.Join([]string{c.Node, c.Trunk, c.LinkedID, c.Codec}, " "))
	p.line("language", c.Language)
	if c.TalkMS != nil {
		p.line("talk", fmt.Sprintf("%.0f s", float64(*c.TalkMS)/1000))
	}
	words := label(p.c.Catalogue)
	for _, q := range s.Questions {
		result := "…"
		if a := q.Answer; a != nil {
			result = p.words.T("outcome." + string(a.Outcome))
			if a.Outcome == scoring.Rated {
				result = words(q.Question, a.Verdict, p.words.Language())
			}
		}
		p.line("question", fmt.Sprintf("%s (%s, %s %s): %s", q.Question, c.Survey, q.Layout, q.Version, result))
	}
	for _, k := range s.Keys {
		p.line("key", fmt.Sprintf("%s  %s  %.1f s  %s", k.Key, k.Question, float64(k.MS)/1000, p.words.T("use."+string(k.Use))))
	}
	if s.End == nil {
		p.line("end", p.words.T("subject.open"))
		return
	}
	p.line("end", fmt.Sprintf("%s  %s", s.End.At.In(p.c.Zone).Format("2006-01-02 15:04:05"), p.words.T("reason."+string(s.End.Reason))))
}

// called gives every name of an agent.
func called(a scoring.Agent) string {
	return strings.Join(strings.Fields(strings.Join([]string{a.ID, a.Interface, a.Name}, " ")), " ")
}
