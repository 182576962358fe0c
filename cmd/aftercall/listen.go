package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"aftercall/configs"
	"aftercall/ivr/layout"
	"aftercall/ivr/prompt"

	"github.com/spf13/cobra"
)

func listenCommand(load loader) *cobra.Command {
	var language, output string
	cmd := &cobra.Command{
		Use: "listen LAYOUT", Short: "Write a whole menu into one WAV file, as a caller hears it", Args: cobra.ExactArgs(1),
		Long: "Write a whole menu into one WAV file, as a caller hears it who presses no key: one\n" +
			"reading, the wait for a key, and what is said before the menu is read again. Its\n" +
			"pauses are those of the layout, to the sample (8 kHz, one channel, 16 bit).",
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := load()
			if err != nil {
				return err
			}
			l, language, err := findMenu(c.Catalogue, args[0], language)
			if err != nil {
				return err
			}
			if output == "" {
				output = l.Name + "." + language + ".wav"
			}
			samples, err := hearMenu(c, l, language)
			if err != nil {
				return err
			}
			if output == "-" {
				return prompt.WriteWAV(bare(cmd.OutOrStdout()), samples)
			}
			var file bytes.Buffer
			if err := prompt.WriteWAV(&file, samples); err != nil {
				return err
			}
			if err := prompt.WriteFile(output, &file); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: layout %q in %s, %.2f s\n", output, l.Name, language, length(samples).Seconds())
			return err
		},
	}
	cmd.Flags().StringVar(&language, "lang", "", "language in which the menu is heard (default: the site's first)")
	cmd.Flags().StringVarP(&output, "output", "o", "", "file to write, - for standard output (default: LAYOUT.LANGUAGE.wav)")
	return cmd
}

// findMenu finds a layout that can be heard in a language of the site; "" is
// the site's first.
func findMenu(c layout.Catalogue, name, language string) (layout.Layout, string, error) {
	l, ok := c.Layout(name)
	if !ok {
		return l, "", noLayout(c, name)
	}
	if language == "" {
		language = c.Languages[0]
	}
	if !slices.Contains(c.Languages, language) {
		return l, "", fmt.Errorf("--lang %q: is not a language of the site, want one of: %s", language, strings.Join(c.Languages, ", "))
	}
	if lacks := c.Lacks(l, language); len(lacks) > 0 {
		return l, "", fmt.Errorf("--lang %q: layout %q has no text in it for %s", language, name, strings.Join(lacks, ", "))
	}
	return l, language, nil
}

// perMS is the bytes of a millisecond: 8 samples of 2 bytes.
const perMS = 16

func length(samples []byte) time.Duration {
	return time.Duration(len(samples)/perMS) * time.Millisecond
}

// hearMenu gives the samples of one reading, the wait and the first retry's text. Each sound
// stands where the timeline has it; what is between them is silence.
func hearMenu(c *configs.Config, l layout.Layout, language string) ([]byte, error) {
	lib, err := sounds(c)
	if err != nil {
		return nil, err
	}
	r, err := c.Catalogue.Render(l, language, lib)
	if err != nil {
		return nil, err
	}
	wait := []layout.Item{{Part: layout.Silence, End: l.Wait.D()}}
	items := layout.Join(r.Menu, wait, r.NoInput)
	all := make([]byte, layout.Length(items).Milliseconds()*perMS)
	for _, it := range items {
		if it.Part == layout.Silence {
			continue
		}
		sound, err := lib.Samples(it.Media)
		if err != nil {
			return nil, err
		}
		copy(all[it.Start.Milliseconds()*perMS:], sound)
	}
	return all, nil
}
