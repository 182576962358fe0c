package main

import (
	"io"
	"path/filepath"
	"strings"
	"testing"

	"aftercall/deploy/bench"
)

func TestParse(t *testing.T) {
	s, parts, err := parse([]string{"-rounds", "3", "-short"})
	if err != nil || len(parts) != len(bench.Parts) || s.Rounds != 3 || !s.Short || !filepath.IsAbs(s.Program) {
		t.Errorf("%+v, %d parts, %v, want every part", s, len(parts), err)
	}
	last := bench.Parts[len(bench.Parts)-1].Name
	if _, parts, err = parse([]string{"-run", last + "," + bench.Parts[0].Name}); err != nil || len(parts) != 2 || parts[0].Name != last {
		t.Errorf("%v, %v, want two parts in the order that was asked for", parts, err)
	}
	for _, c := range []struct{ args, want string }{
		{"-run survey,nothing", `-run "nothing": want some of ` + bench.Parts[0].Name},
		{"-rounds 0", "-rounds 0: want 1 to 100"},
		{"survey", `arguments ["survey"]: want flags alone`},
	} {
		if _, _, err := parse(strings.Fields(c.args)); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.args, err, c.want)
		}
	}
}

// Without a built program nothing is measured.
func TestNoProgram(t *testing.T) {
	err := run(t.Context(), []string{"-program", filepath.Join(t.TempDir(), "none")}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "want a built aftercall") {
		t.Errorf("%v, want an error that says what to build", err)
	}
}
