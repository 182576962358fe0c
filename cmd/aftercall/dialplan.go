package main

import (
	"embed"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"
	"text/template"
	"time"

	"aftercall/configs"
	"aftercall/ivr/asterisk"

	"github.com/spf13/cobra"
)

// dialplanSlack is what a call may take beyond the longest survey before
// Asterisk takes it out of our hands.
const dialplanSlack = 10 * time.Second

//go:embed dialplan*.tmpl
var dialplanFiles embed.FS

// Each PBX has a template of its own; what is asked stands in dialplan.tmpl.
var dialplans = template.Must(template.ParseFS(dialplanFiles, "dialplan*.tmpl"))

func dialplanCommand(load loader) *cobra.Command {
	var freepbx, issabel bool
	cmd := &cobra.Command{
		Use: "dialplan", Short: "Print the include for Asterisk's dialplan", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if freepbx && issabel {
				return errors.New("--freepbx and --issabel: both are given, want the one that is on this machine, or neither for plain Asterisk")
			}
			c, err := load()
			if err != nil {
				return err
			}
			f, name := dialplanOf(c), "dialplan.tmpl"
			switch {
			case freepbx:
				name, err = "dialplan-freepbx.tmpl", f.numbersOnly("--freepbx")
			case issabel:
				name, err = "dialplan-issabel.tmpl", f.numbersOnly("--issabel")
			}
			if err != nil {
				return err
			}
			return dialplans.ExecuteTemplate(cmd.OutOrStdout(), name, f)
		},
	}
	cmd.Flags().BoolVar(&freepbx, "freepbx", false, "for extensions_custom.conf of FreePBX 16 and 17")
	cmd.Flags().BoolVar(&issabel, "issabel", false, "for extensions_custom.conf of Issabel 4 and 5")
	return cmd
}

// dialplanFields fill the templates.
type dialplanFields struct {
	Site, App, Arguments string
	Limit                int    // seconds
	Mark                 string // of this print
	Queues               []string
	Others               []string // queues that the PBX in question cannot have
}

func dialplanOf(c *configs.Config) *dialplanFields {
	f := &dialplanFields{
		Site: fmt.Sprintf("%q", c.Site.Name), App: c.Asterisk.App,
		Arguments: asterisk.Arguments("${ARG1}", "${AFTERCALL_VISIT}"),
		Limit:     int(math.Ceil((c.Survey.Longest + dialplanSlack).Seconds())),
	}
	f.Mark = asterisk.Mark(f.App, f.Limit)
	for _, q := range c.Catalogue.Queues {
		f.Queues = append(f.Queues, q.Name)
	}
	return f
}

var queueNumber = regexp.MustCompile(`^[0-9]+$`)

// numbersOnly sorts out the queues that are no numbers: a PBX with a web
// interface knows its queues by number. It is an error if none is left.
func (f *dialplanFields) numbersOnly(flag string) error {
	all := f.Queues
	f.Queues = nil
	for _, name := range all {
		if queueNumber.MatchString(name) {
			f.Queues = append(f.Queues, name)
		} else {
			f.Others = append(f.Others, name)
		}
	}
	if len(f.Queues) == 0 {
		return fmt.Errorf("%s: queues %q: none is a number, want the names that the PBX gives its queues, such as \"600\"", flag, strings.Join(all, " "))
	}
	return nil
}
