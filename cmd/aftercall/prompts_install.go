package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"aftercall/configs"
	"aftercall/ivr/prompt"

	"github.com/spf13/cobra"
)

func installCommand(load loader) *cobra.Command {
	var to, name string
	cmd := &cobra.Command{
		Use: "install", Short: "Copy every sound to where Asterisk of this machine reads them, and see that it can", Args: cobra.NoArgs,
		Long: "Copy every sound that the configuration needs to where Asterisk of this machine reads\n" +
			"them, with a manifest, and let everybody read them. As root it is then found out\n" +
			"whether Asterisk's user can. Where that is prompts.folder itself, nothing is copied.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := load()
			if err != nil {
				return err
			}
			if to == "" {
				to = mediaFolder(c)
			}
			listener, err := prompt.FindListener(name)
			if err != nil {
				return fmt.Errorf("--user %q: %w, want the user that Asterisk runs as on this machine", name, err)
			}
			lib, m, err := manifested(c)
			if err != nil {
				return err
			}
			copied, mended, err := lib.Install(m, to)
			if err != nil {
				return fmt.Errorf("%d of %d files are copied: %w", copied, len(m.Files()), err)
			}
			out := cmd.OutOrStdout()
			fmt.Fprintf(out, "%d files copied, %d in all, in %s; %d made readable\n", copied, len(m.Files()), to, mended)
			if os.Getuid() != 0 {
				fmt.Fprintf(out, "whether user %q can read them was not looked at, which takes root; aftercall doctor asks Asterisk itself\n", name)
				return nil
			}
			if err := listener.Reads(cmd.Context(), to, m.Files()); err != nil {
				return err
			}
			fmt.Fprintf(out, "user %q can read them all\n", name)
			return nil
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "where Asterisk of this machine reads sounds (default prompts.media)")
	cmd.Flags().StringVar(&name, "user", "asterisk", "the user that Asterisk runs as")
	return cmd
}

// mediaFolder is where Asterisk reads the sounds, as Asterisk sees it.
func mediaFolder(c *configs.Config) string {
	if c.Prompts.Media != "" {
		return c.Prompts.Media
	}
	if abs, err := filepath.Abs(c.Prompts.Folder); err == nil {
		return abs
	}
	return c.Prompts.Folder
}

// quoted writes a path as a shell takes it.
func quoted(path string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:@%,="
	if strings.Trim(path, plain) == "" {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
