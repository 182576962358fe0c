package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"aftercall/configs"
	"aftercall/ivr/asterisk"

	"github.com/spf13/cobra"
)

func doctorCommand(load loader) *cobra.Command {
	var asJSON bool
	var etc []string
	cmd := &cobra.Command{
		Use: "doctor", Short: "Look at everything that a survey needs, here and on each Asterisk; status 1 if something is wrong", Args: cobra.NoArgs,
		Long: "Look at everything that a survey needs, here and on each Asterisk, and say what to\n" +
			"write where if something is wrong. Nothing is changed and no call is touched; each\n" +
			"sound is begun once on each Asterisk, in a bridge with nobody in it. What could not\n" +
			"be looked at is said to be so. Run it as the user that the service runs as, or as root.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			e := &examination{etc: etc}
			c, err := load()
			if err != nil {
				e.faulty(err)
			} else {
				e.here(cmd.Context(), c)
				e.nodes(cmd.Context(), c)
			}
			return e.tell(cmd.OutOrStdout(), c, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON document a line")
	etcFlag(cmd, &etc)
	return cmd
}

func etcFlag(cmd *cobra.Command, etc *[]string) {
	cmd.Flags().StringSliceVar(etc, "etc", []string{"/etc/asterisk"}, "configuration folders of the Asterisks on this machine; each is known by the port in its http.conf")
}

// examination is what was looked at so far, and what it takes to look further.
type examination struct {
	etc   []string
	want  asterisk.Expected
	found []asterisk.Finding
}

func (e *examination) add(check string, l asterisk.Level, text, remedy string) {
	e.found = append(e.found, asterisk.Finding{Check: check, Level: l, Text: text, Remedy: remedy})
}

// tell writes what was found; it is an error if something is wrong.
func (e *examination) tell(w io.Writer, c *configs.Config, asJSON bool) (err error) {
	if asJSON {
		err = e.printJSON(w)
	} else {
		err = e.print(w, c)
	}
	if err != nil {
		return err
	}
	return e.verdict()
}

// count tells how many findings have a level.
func (e *examination) count(l asterisk.Level) (n int) {
	for _, f := range e.found {
		if f.Level == l {
			n++
		}
	}
	return n
}

// verdict is an error if something is wrong.
func (e *examination) verdict() error {
	switch n := e.count(asterisk.Fault); n {
	case 0:
		return nil
	case 1:
		return fmt.Errorf("1 fault")
	default:
		return fmt.Errorf("%d faults", n)
	}
}

func (e *examination) printJSON(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	for _, f := range e.found {
		if err := out.Encode(f); err != nil {
			return err
		}
	}
	return nil
}

// print writes a line for each finding, our own side first, then node by node.
// What mends several findings in a row stands below the last.
func (e *examination) print(w io.Writer, c *configs.Config) error {
	var out strings.Builder
	widest := 0
	for _, f := range e.found {
		widest = max(widest, utf8.RuneCountInString(f.Check))
	}
	node := "none yet"
	for i, f := range e.found {
		if f.Node != node {
			node = f.Node
			out.WriteString(e.head(node, c))
		}
		gap := strings.Repeat(" ", widest-utf8.RuneCountInString(f.Check))
		fmt.Fprintf(&out, "  %-13s  %s%s  %s\n", f.Level, f.Check, gap, f.Text)
		next := asterisk.Finding{}
		if i+1 < len(e.found) {
			next = e.found[i+1]
		}
		if f.Remedy != "" && (next.Node != f.Node || next.Remedy != f.Remedy) {
			fmt.Fprintf(&out, "  %-13s  %*s  -> %s\n", "", widest, "", f.Remedy)
		}
	}
	if e.count(asterisk.Fault) == 0 {
		out.WriteString("nothing wrong was found")
		for _, l := range []asterisk.Level{asterisk.Warning, asterisk.Unseen} {
			if n := e.count(l); n > 0 {
				fmt.Fprintf(&out, "; %s: %d", l, n)
			}
		}
		out.WriteByte('\n')
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// head is the line above the findings of a node.
func (e *examination) head(node string, c *configs.Config) string {
	if node == "" {
		return "here\n"
	}
	for _, n := range c.Asterisk.Nodes {
		if n.Name == node {
			return fmt.Sprintf("node %q at %s\n", node, n.URL)
		}
	}
	return fmt.Sprintf("node %q\n", node)
}
