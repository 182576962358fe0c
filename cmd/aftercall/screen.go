package main

import (
	"bytes"
	"io"
	"regexp"
	"unicode/utf8"
)

// screen is an output of texts that hold names from elsewhere: from phones,
// files and stores. What a terminal would take for a command is written �.
// Such names are refused where they enter; this is for those that got in
// otherwise.
type screen struct {
	out      io.Writer
	coloured bool // the colours of a comparison (scoring/report) pass
}

// commands are control characters but tab and line feed; of our colours the
// whole sequence.
var commands = regexp.MustCompile(`\x1b\[(?:0|3[1-3])m|[\x00-\x08\x0b-\x1f\x7f-\x{9f}]`)

// replacement stands for what is not passed on.
const replacement = "\ufffd"

// Write writes whole texts: none may end inside of a character.
func (s screen) Write(b []byte) (int, error) {
	text := b
	if !utf8.Valid(text) {
		text = bytes.ToValidUTF8(text, []byte(replacement))
	}
	if commands.Match(text) {
		text = commands.ReplaceAllFunc(text, func(c []byte) []byte {
			switch colour := len(c) > 2; { // a control character has one or two bytes
			case colour && s.coloured:
				return c
			case colour:
				return append([]byte(replacement), c[1:]...)
			}
			return []byte(replacement)
		})
	}
	if n, err := s.out.Write(text); err != nil {
		return min(n, len(b)), err
	}
	return len(b), nil
}

// bare gives what a screen writes to: for what is no text, and to see whether
// it is a terminal.
func bare(w io.Writer) io.Writer {
	if s, ok := w.(screen); ok {
		return s.out
	}
	return w
}
