package privacy

import (
	"net/url"
	"strings"
)

// between is what people write between digits.
const between = " \t\u00a0-().-/\u2010\u2011\u2012\u2013"

// Normal gives a number in the one form in which numbers are compared: digits,
// * and #, and + in front where it stood there. It knows no country: +49 30 1
// and 030 1 are two numbers. "" = it is no number: without a digit, with
// anything else in it (a name, "anonymous"), or longer than any.
func Normal(number string) string {
	s := strings.TrimSpace(number)
	if _, rest, ok := strings.Cut(s, "<"); ok { // "Name" <sip:...>
		s, _, _ = strings.Cut(rest, ">")
	}
	for _, scheme := range []string{"sip:", "sips:", "tel:"} {
		if len(s) > len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
			s, _, _ = strings.Cut(s[len(scheme):], "@")
			s, _, _ = strings.Cut(s, ";")
			if plain, err := url.PathUnescape(s); err == nil {
				s = plain
			}
			break
		}
	}
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(between, r) {
			return -1
		}
		return r
	}, s)
	digits := strings.TrimPrefix(s, "+")
	if len(s) > longest || !strings.ContainsAny(digits, "0123456789") || strings.Trim(digits, "0123456789*#") != "" {
		return ""
	}
	return s
}
