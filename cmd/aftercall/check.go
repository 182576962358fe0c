package main

import (
	"errors"
	"fmt"
	"time"

	"aftercall/ivr/layout"
	"aftercall/ivr/prompt"

	"github.com/spf13/cobra"
)

func checkCommand(load loader) *cobra.Command {
	return &cobra.Command{
		Use: "check", Short: "Name every fault of the configuration; status 1 if there is one", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := load()
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			lib, err := sounds(c)
			if err != nil {
				return err
			}
			b, err := newBook(c, lib)
			if fault := (layout.Fault{}); errors.As(err, &fault) {
				return err
			}
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
		},
	}
}
