package main

import (
	"bytes"
	"errors"
	"testing"
)

func TestScreen(t *testing.T) {
	const coloured = "\x1b[31mless\x1b[0m \x1b[2J"
	for _, c := range []struct {
		text, want string
		coloured   bool
	}{
		{"王芳\t7\n\n", "王芳\t7\n\n", false},
		{"a\x1b[2Jb\x1b]0;t\x07\r\x7f\x00", "a\ufffd[2Jb\ufffd]0;t\ufffd\ufffd\ufffd\ufffd", false},
		{"\u009b2J é \u00a0", "\ufffd2J é \u00a0", false},
		{"\x9b2J\xff", "\ufffd2J\ufffd", false},
		{coloured, "\ufffd[31mless\ufffd[0m \ufffd[2J", false},
		{coloured, "\x1b[31mless\x1b[0m \ufffd[2J", true},
		{"\x1b[8m\x1b[31;8m", "\ufffd[8m\ufffd[31;8m", true},
	} {
		var out bytes.Buffer
		if n, err := (screen{&out, c.coloured}).Write([]byte(c.text)); n != len(c.text) || err != nil || out.String() != c.want {
			t.Errorf("%q is shown as %q, %d, %v, want %q and %d", c.text, &out, n, err, c.want, len(c.text))
		}
	}
	if n, err := (screen{out: full{}}).Write([]byte("\x1b")); n > 1 || !errors.Is(err, errDiskFull) {
		t.Errorf("%d, %v, want %v", n, err, errDiskFull)
	}
}

var errDiskFull = errors.New("full")

type full struct{}

func (full) Write(b []byte) (int, error) { return len(b) - 1, errDiskFull }
