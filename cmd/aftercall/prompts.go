package main

import (
	"fmt"
	"log/slog"

	"aftercall/ivr/prompt"

	"github.com/spf13/cobra"
)

func promptsCommand(load loader) *cobra.Command {
	prompts := &cobra.Command{
		Use: "prompts", Short: "The sounds that callers hear", Args: cobra.NoArgs,
		// Without it cobra would not look at the arguments.
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	prompts.AddCommand(&cobra.Command{
		Use: "build", Short: "Speak every text of the configuration into a sound file that is missing", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := load()
			if err != nil {
				return err
			}
			files, err := soundFiles(c)
			if err != nil {
				return err
			}
			log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: c.Log.Slog()}))
			made, err := prompt.Build(cmd.Context(), promptSettings(c), files, log)
			if err != nil {
				return err
			}
			if _, _, err := manifested(c); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d sounds made, %d in all, in %s\n", made, len(files), c.Prompts.Folder)
			return nil
		},
	})
	prompts.AddCommand(packCommand(load), installCommand(load), checkPromptsCommand(load))
	return prompts
}
