package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"aftercall/configs"
	"aftercall/configs/i18n"

	"github.com/spf13/cobra"
)

// readLimit bounds a command that only reads the store.
const readLimit = 30 * time.Second

// speaking gives a command the flag --lang and lets it do its work with the
// words of that language and with the configuration, in so much time.
func speaking(cmd *cobra.Command, load loader, limit time.Duration, do func(ctx context.Context, c *configs.Config, words i18n.Printer, args []string) error) *cobra.Command {
	var lang string
	cmd.Flags().StringVar(&lang, "lang", "en", "language of what is said: en or zh-CN")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		words, err := wordsIn("--lang", lang)
		if err != nil {
			return err
		}
		c, err := load()
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(cmd.Context(), limit)
		defer cancel()
		return do(ctx, c, words, args)
	}
	return cmd
}

// wordsIn gives the words for people in the language that a flag names.
func wordsIn(flag, lang string) (i18n.Printer, error) {
	if !slices.Contains(i18n.Languages, lang) {
		return i18n.Printer{}, fmt.Errorf("%s %q: want one of %v", flag, lang, i18n.Languages)
	}
	return i18n.For(lang), nil
}
