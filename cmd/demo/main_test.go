package main

import (
	"net"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for args, want := range map[string]string{
		"":                  "",
		"-rate NaN":         "-rate NaN: want 0.01 to 50 callers per second",
		"-rate 0":           "-rate 0: want 0.01 to 50 callers per second",
		"-rate 51":          "-rate 51: want 0.01 to 50 callers per second",
		"-calls 0":          "-calls 0: want 1 to 10000",
		"-calls 3 -exit 40": `arguments ["40"]: want flags alone`,
		"-lang xx":          `-lang "xx": want one of [en zh-CN]`,
	} {
		said := ""
		if _, err := parse(strings.Fields(args)); err != nil {
			said = err.Error()
		}
		if said != want {
			t.Errorf("demo %s: %q, want %q", args, said, want)
		}
	}
}

// Two demos at once do not get into each other's way.
func TestListenAddress(t *testing.T) {
	l, err := net.Listen("tcp", usual)
	if err == nil { // else another program holds it, which is as good
		defer l.Close()
	}
	for args, want := range map[string]string{"": "127.0.0.1:0", "-exit": "127.0.0.1:0", "-listen 127.0.0.1:1": "127.0.0.1:1"} {
		o, err := parse(strings.Fields(args))
		if err != nil || o.listen != want {
			t.Errorf("demo %s with %s taken listens on %q, %v; want %q", args, usual, o.listen, err, want)
		}
	}
}
