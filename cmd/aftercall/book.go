package main

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"aftercall/configs"
	"aftercall/ivr/layout"
	"aftercall/ivr/prompt"
	"aftercall/ivr/survey"
	"aftercall/scoring"
)

// promptSettings says how the texts of a configuration become sounds.
func promptSettings(c *configs.Config) prompt.Settings {
	p := c.Prompts
	return prompt.Settings{
		Folder: p.Folder, Media: p.Media, Voices: p.ByLanguage(),
		Engine: prompt.Engine(p.Engine), Recordings: p.Recordings, Wideband: p.Wideband,
	}
}

// sounds opens the prompts of a configuration.
func sounds(c *configs.Config) (*prompt.Library, error) { return prompt.Open(promptSettings(c)) }

// soundFiles lists the sound files that a configuration needs.
func soundFiles(c *configs.Config) ([]prompt.File, error) {
	speech, silences := c.Catalogue.Sounds()
	return prompt.Files(promptSettings(c), speech, silences)
}

// newBook renders everything that can be asked and refuses a survey that
// could hold a caller longer than the configuration allows.
func newBook(c *configs.Config, lib layout.Library) (*survey.Book, error) {
	b, err := survey.NewBook(c.Catalogue, c.Survey.Seed, nil, lib)
	if err != nil {
		return nil, err
	}
	if d, _ := b.Longest(); d > c.Survey.Longest {
		return nil, overlong(c, lib)
	}
	return b, nil
}

// overlong names every survey that takes longer than the configuration allows,
// with the longest that it can take in any queue.
func overlong(c *configs.Config, lib layout.Library) error {
	longest := map[string]time.Duration{}
	for _, q := range append([]layout.Queue{c.Catalogue.Default}, c.Catalogue.Queues...) {
		alone := c.Catalogue
		alone.Default, alone.Queues = q, nil
		b, err := survey.NewBook(alone, c.Survey.Seed, nil, lib)
		if err != nil {
			return err
		}
		d, name := b.Longest()
		longest[name] = max(longest[name], d)
	}
	var faults configs.Faults
	for _, name := range slices.Sorted(maps.Keys(longest)) {
		if d := longest[name]; d > c.Survey.Longest {
			faults = append(faults, layout.Fault{
				Path: fmt.Sprintf("survey %q", name),
				Text: fmt.Sprintf("takes up to %s when every retry is used, want at most survey.longest = %s: fewer retries, shorter waits, or a higher bound", d.Round(100*time.Millisecond), c.Survey.Longest),
			})
		}
	}
	return faults
}

// suspended says by name of running experiments what keeps the configuration
// from running them. Their calls go by the configured split meanwhile.
type suspended map[string]configs.Faults

// divided gives the book of a configuration together with the running
// experiments that it can run, the oldest first, and what is in the way of
// the others.
func divided(c *configs.Config, running []scoring.Experiment, lib layout.Library) (*survey.Book, suspended, error) {
	book, err := newBook(c, lib)
	if err != nil {
		return nil, nil, err
	}
	var fit []scoring.Experiment
	unfit := suspended{}
	for _, e := range running {
		if faults := survey.Misfits(c.Catalogue, e); faults != nil {
			unfit[e.Name] = faults
			continue
		}
		with := append(fit, e)
		b, err := survey.NewBook(c.Catalogue, c.Survey.Seed, with, lib)
		if err != nil {
			return nil, nil, err
		}
		if d, name := b.Longest(); d > c.Survey.Longest {
			unfit[e.Name] = configs.Faults{{Path: fmt.Sprintf("experiment %q", e.Name), Text: fmt.Sprintf(
				"survey %q would take up to %s with its layouts, want at most survey.longest = %s", name, d.Round(100*time.Millisecond), c.Survey.Longest)}}
			continue
		}
		book, fit = b, with
	}
	return book, unfit, nil
}
