package main

import (
	"fmt"
	"io"

	"aftercall/configs"
	"aftercall/ivr/prompt"

	"github.com/spf13/cobra"
)

func packCommand(load loader) *cobra.Command {
	var to string
	cmd := &cobra.Command{
		Use: "pack", Short: "Put every sound into a tar, for an Asterisk on another machine", Args: cobra.NoArgs,
		Long: "Put every sound that the configuration needs into a tar, with a manifest of them, and\n" +
			"say how to unpack it on Asterisk's machine and how to check it there.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := load()
			if err != nil {
				return err
			}
			lib, m, err := manifested(c)
			if err != nil {
				return err
			}
			if to == "-" {
				if err := lib.Pack(bare(cmd.OutOrStdout()), m); err != nil {
					return err
				}
				return explain(cmd.ErrOrStderr(), c, m, to)
			}
			if err := lib.PackFile(to, m); err != nil {
				return err
			}
			return explain(cmd.OutOrStdout(), c, m, to)
		},
	}
	cmd.Flags().StringVarP(&to, "output", "o", "", "the tar to write; - = standard output")
	_ = cmd.MarkFlagRequired("output") // the flag is there
	return cmd
}

// manifested gives the sounds of a configuration, which must all be built, and
// leaves their manifest beside them.
func manifested(c *configs.Config) (*prompt.Library, prompt.Manifest, error) {
	lib, err := sounds(c)
	if err != nil {
		return nil, prompt.Manifest{}, err
	}
	files, err := soundFiles(c)
	if err != nil {
		return nil, prompt.Manifest{}, err
	}
	m, err := lib.Manifest(files)
	if err != nil {
		return nil, prompt.Manifest{}, err
	}
	return lib, m, m.Write(c.Prompts.Folder)
}

// explain says what to do with a tar on Asterisk's machine. An older marker
// goes first: it must not stand for sounds that the tar replaces.
func explain(w io.Writer, c *configs.Config, m prompt.Manifest, tar string) error {
	folder := mediaFolder(c)
	_, err := fmt.Fprintf(w, `%d files of sounds and their manifest. On Asterisk's machine:
  install -d -m 755 %[2]s
  rm -f %[2]s/manifest-*
  tar -xf %[3]s -C %[2]s
  cd %[2]s && sha256sum --quiet -c %[4]s
Then here: aftercall prompts check
`, len(m.Files()), quoted(folder), quoted(tar), m.List())
	return err
}
