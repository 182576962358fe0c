package bench

import (
	"io"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestDispatchPart: the part runs in its short form, and every figure is there.
func TestDispatchPart(t *testing.T) {
	top, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	const rounds = 2
	var out strings.Builder
	s := &Suite{Top: top, Rounds: rounds, Short: true, Out: &out, Log: io.Discard}
	if err := dispatch.Run(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	figures := 0
	for line := range strings.Lines(out.String()) {
		columns := regexp.MustCompile(`\s{2,}`).Split(strings.TrimSpace(line), -1)
		if len(columns) < 5 || columns[0] == "figure" {
			continue
		}
		figures++
		for _, c := range columns[1:4] {
			if v, err := strconv.ParseFloat(c, 64); err != nil || v <= 0 {
				t.Errorf("%q has %q, want figures above 0", columns[0], c)
			}
		}
		if columns[4] != strconv.Itoa(rounds) {
			t.Errorf("%q is of %s rounds, want %d", columns[0], columns[4], rounds)
		}
	}
	if figures != 17 {
		t.Errorf("%d figures, want 12 of events and 5 ratios:\n%s", figures, out.String())
	}
}
