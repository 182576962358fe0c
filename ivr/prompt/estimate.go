package prompt

import (
	"time"
	"unicode"

	"aftercall/ivr/layout"
)

// Lengths that [Estimate] counts with. They are above what the voices in use
// take (a test measures it), so that a survey that fits by the estimate also
// fits when it is built.
const (
	perSyllable = 320 * time.Millisecond // a Chinese character or a digit
	perLetter   = 65 * time.Millisecond  // of an alphabet, and a blank
	perMark     = 250 * time.Millisecond // punctuation
	perText     = 400 * time.Millisecond // whatever the length
)

// Estimate is a library that needs no files: it judges a text's length by its
// characters. Its sounds have names, so that they can be told apart, and
// cannot be played.
type Estimate struct{}

var _ layout.Library = Estimate{}

// Speech never fails.
func (Estimate) Speech(s layout.Speech) (layout.Sound, error) {
	d := perText
	for _, r := range s.Say {
		switch {
		case unicode.Is(unicode.Han, r), unicode.IsDigit(r):
			d += perSyllable
		case unicode.IsPunct(r):
			d += perMark
		default:
			d += perLetter
		}
	}
	return layout.Sound{Media: "estimate:" + s.Say, Hash: "estimate", Length: d}, nil
}

// Silence never fails; its length is exact.
func (Estimate) Silence(d time.Duration) (layout.Sound, error) {
	return layout.Sound{Media: "estimate:" + silenceName(d), Hash: "estimate", Length: d}, nil
}
