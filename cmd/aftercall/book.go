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
)

// sounds opens the prompts of a configuration.
func sounds(c *configs.Config) (layout.Library, error) {
	return prompt.Open(c.Prompts.Folder, c.Prompts.Media, c.Prompts.ByLanguage())
}

// newBook renders everything that can be asked and refuses a survey that
// could hold a caller longer than the configuration allows.
func newBook(c *configs.Config, lib layout.Library) (*survey.Book, error) {
	b, err := survey.NewBook(c.Catalogue, c.Survey.Seed, lib)
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
		b, err := survey.NewBook(alone, c.Survey.Seed, lib)
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
