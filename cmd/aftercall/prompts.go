package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"aftercall/configs"
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
			defer hideSecrets(c)()
			log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: c.Log.Slog()}))
			return buildPrompts(cmd.Context(), c, cmd.OutOrStdout(), log)
		},
	})
	prompts.AddCommand(packCommand(load), installCommand(load), checkPromptsCommand(load))
	return prompts
}

// buildPrompts makes the sounds that are missing, and logs what is amiss with
// recordings and sounds but no error.
func buildPrompts(ctx context.Context, c *configs.Config, out io.Writer, log *slog.Logger) error {
	s := promptSettings(c)
	files, err := soundFiles(c)
	if err != nil {
		return err
	}
	made, err := prompt.Build(ctx, s, files, log)
	if err != nil {
		return err
	}
	warnings, err := promptWarnings(c, files)
	if err != nil {
		return err
	}
	for _, w := range warnings {
		log.Warn(w)
	}
	if _, _, err := manifested(c); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d sounds made, %d in all, in %s\n", made, len(files), s.Folder)
	return nil
}

// promptWarnings says what is amiss with the sounds of a configuration that
// are built, and with its recordings, and is no error.
func promptWarnings(c *configs.Config, files []prompt.File) ([]string, error) {
	s := promptSettings(c)
	speech, _ := c.Catalogue.Sounds()
	strays, err := prompt.Strays(s, speech)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, f := range strays {
		all = append(all, fmt.Sprintf("recording %q: is heard nowhere, want a name such as habit/option-1.en.wav", f))
	}
	mixed, err := prompt.Mixed(s, speech)
	if err != nil {
		return nil, err
	}
	of, err := prompt.Warnings(s, files)
	return append(append(all, mixed...), of...), err
}
