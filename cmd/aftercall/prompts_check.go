package main

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"aftercall/configs"
	"aftercall/ivr/asterisk"
	"aftercall/ivr/prompt"

	"github.com/spf13/cobra"
)

func checkPromptsCommand(load loader) *cobra.Command {
	var asJSON bool
	e := &examination{}
	cmd := &cobra.Command{
		Use: "check", Short: "Look at every sound, here and on each Asterisk; status 1 if one is not as it must be", Args: cobra.NoArgs,
		Long: "Look at every sound that the configuration needs: whether it is there, whole, loud\n" +
			"and long enough, and as it was built; and whether each Asterisk can play it. Nothing\n" +
			"is changed; each sound is begun once on each Asterisk, in a bridge with nobody in it.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := load()
			if err != nil {
				return err
			}
			if err := e.sounds(cmd.Context(), c); err != nil {
				return err
			}
			return e.tell(cmd.OutOrStdout(), c, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON document a line")
	etcFlag(cmd, &e.etc)
	return cmd
}

// sounds looks at every sound, here and on each node.
func (e *examination) sounds(ctx context.Context, c *configs.Config) error {
	lib, err := sounds(c)
	if err != nil {
		return err
	}
	files, err := soundFiles(c)
	if err != nil {
		return err
	}
	flaws, err := lib.Inspect(files)
	if err != nil {
		return err
	}
	well := e.flaws(c, files, flaws)
	warnings, err := promptWarnings(c, well)
	if err != nil {
		return err
	}
	for _, w := range warnings {
		e.add("voices", asterisk.Warning, w, "")
	}
	if m, err := lib.Manifest(files); err == nil {
		e.soundsManifest(c, lib, m)
	} // else a flaw says so
	e.unneeded(c, lib, files)
	e.nodeSounds(ctx, c, lib, files)
	return nil
}

// flaws tells what is wrong with files, and gives those that are well.
func (e *examination) flaws(c *configs.Config, files []prompt.File, flaws []prompt.Flaw) (well []prompt.File) {
	flawed := map[string]bool{} // by File.Name
	for _, f := range flaws {
		level := asterisk.Warning
		if f.Grave {
			level = asterisk.Fault
		}
		e.add(cmp.Or(f.File, "folder"), level, f.Text, f.Remedy)
		flawed[strings.TrimSuffix(f.File, filepath.Ext(f.File))] = true
	}
	for _, f := range files {
		if !flawed[f.Name] {
			well = append(well, f)
		}
	}
	if len(well) > 0 {
		e.add("sounds", asterisk.Well, fmt.Sprintf("%d of %d are well, in %s", len(well), len(files), c.Prompts.Folder), "")
	}
	return well
}

// soundsManifest tells whether the sounds have a manifest.
func (e *examination) soundsManifest(c *configs.Config, lib *prompt.Library, m prompt.Manifest) {
	e.want.Markers = lib.Markers(m)
	if len(e.want.Markers) == 0 {
		e.add("manifest", asterisk.Warning, "these sounds have none: whether a node has the same is not known", `"aftercall prompts build"`)
		return
	}
	e.add("manifest", asterisk.Well, path.Base(e.want.Markers[0].Media)+".sha256", "")
}

// unneeded counts what may be an older configuration's, or another's.
func (e *examination) unneeded(c *configs.Config, lib *prompt.Library, files []prompt.File) {
	names, err := lib.Unneeded(files)
	if err == nil && len(names) > 0 {
		e.add("other files", asterisk.Well, fmt.Sprintf("%d in %s that this configuration does not need, such as %s", len(names), c.Prompts.Folder, names[0]), "")
	}
}

// nodeSounds asks each Asterisk for the sounds that are well enough here to be
// played.
func (e *examination) nodeSounds(ctx context.Context, c *configs.Config, lib *prompt.Library, files []prompt.File) {
	by := map[string]prompt.File{}
	for _, f := range files {
		if s, err := lib.File(f); err == nil {
			e.want.Sounds = append(e.want.Sounds, s)
		}
		by[f.Name+".wav"] = f
	}
	e.want.Etc = e.etc
	for _, f := range asterisk.ExamineSounds(ctx, servers(c), e.want) {
		if file, ok := by[f.Check]; ok {
			f.Text = fmt.Sprintf("%s: %s", file, f.Text)
		}
		e.found = append(e.found, f)
	}
}
