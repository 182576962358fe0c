package main

import (
	"fmt"

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
	if d, name := b.Longest(); d > c.Survey.Longest {
		return nil, layout.Fault{
			Path: fmt.Sprintf("survey %q", name),
			Text: fmt.Sprintf("takes up to %s when every retry is used, want at most survey.longest = %s: fewer retries, shorter waits, or a higher bound", d.Round(100_000_000), c.Survey.Longest),
		}
	}
	return b, nil
}
