// Package i18n is the two-language catalogue: every word that supervisors and
// operations read on pages, in tables and in summaries, in English and in
// Simplified Chinese.
//
// The way in: [For] gives a [Printer], [Printer.T] a text by its key;
// [Match] chooses the language for a browser.
package i18n

import (
	"fmt"

	"golang.org/x/text/language"
)

// Languages of the catalogue; the first is used for all that are not here.
var Languages = []string{"en", "zh-CN"}

// matcher knows Languages, in their order.
var matcher = language.NewMatcher([]language.Tag{language.English, language.SimplifiedChinese})

// Printer gives texts in one language. The zero Printer has no texts.
type Printer struct {
	language string
	texts    map[string]string
}

// For gives the texts in a language (BCP 47) or the nearest that there is.
func For(tag string) Printer {
	l := Match(tag)
	return Printer{l, catalogues[l]}
}

// Language is the language of the texts, one of Languages.
func (p Printer) Language() string { return p.language }

// T gives the text of a key with its arguments, as fmt.Sprintf does. A key
// that is not in the catalogue gives itself: better a bare word on a page
// than none.
func (p Printer) T(key string, args ...any) string {
	text, ok := p.texts[key]
	switch {
	case !ok:
		return key
	case len(args) == 0:
		return text
	}
	return fmt.Sprintf(text, args...)
}

// Match gives the one of Languages that suits an Accept-Language header or a
// language tag best. Whatever it is given, it gives one.
func Match(acceptLanguage string) string {
	wanted, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil {
		return Languages[0]
	}
	_, i, confidence := matcher.Match(wanted...)
	if confidence == language.No {
		return Languages[0]
	}
	return Languages[i]
}
