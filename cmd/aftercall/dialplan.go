package main

import (
	_ "embed"
	"fmt"
	"math"
	"text/template"
	"time"

	"aftercall/configs"
	"aftercall/ivr/asterisk"

	"github.com/spf13/cobra"
)

// dialplanSlack is what a call may take beyond the longest survey before
// Asterisk takes it out of our hands.
const dialplanSlack = 10 * time.Second

//go:embed dialplan.tmpl
var dialplanText string

var dialplan = template.Must(template.New("dialplan").Parse(dialplanText))

func dialplanCommand(load loader) *cobra.Command {
	return &cobra.Command{
		Use: "dialplan", Short: "Print the include for Asterisk's extensions.conf", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := load()
			if err != nil {
				return err
			}
			return dialplan.Execute(cmd.OutOrStdout(), dialplanOf(c))
		},
	}
}

// dialplanFields fill the template.
type dialplanFields struct {
	Site, App, Arguments string
	Limit                int    // seconds
	Mark                 string // of this print
	Queues               []string
}

func dialplanOf(c *configs.Config) dialplanFields {
	f := dialplanFields{
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
