package bench

import (
	"bytes"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// line is one figure of a printed table: name, median, lowest, highest, n.
var line = regexp.MustCompile(`(?m)^  (\S.*?)  +(\S+)  +(\S+)  +(\S+)  +(\d+)  `)

func TestStorePart(t *testing.T) {
	top, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	s := &Suite{Top: top, Program: filepath.Join(top, "bin", "aftercall"), Folder: t.TempDir(), Rounds: 2, Short: true, Out: &out, Log: t.Output()}
	if err := store.Run(t.Context(), s); err != nil {
		t.Fatalf("part %s: %v", store.Name, err)
	}
	n := map[string]int{}
	for _, row := range line.FindAllStringSubmatch(out.String(), -1) {
		if row[1] == "figure" {
			continue
		}
		for _, text := range row[2:5] {
			if v, err := strconv.ParseFloat(text, 64); err != nil || v <= 0 {
				t.Errorf("%s: %q, want a number over 0", row[1], text)
			}
		}
		rounds, err := strconv.Atoi(row[5])
		if err != nil {
			t.Errorf("%s: n %q: %v", row[1], row[5], err)
		}
		n[row[1]] += rounds
	}
	// Three tables of writers and one in bulk, and three of a large store, two
	// of which have one round.
	for name, want := range map[string]int{
		"written by the store": 8, "the same statements in a bare loop": 6, "store to bare loop": 6, "as many bytes and syncs, nothing else": 6,
		"in one commit": 6, "written for one commit": 6, "allocated for one survey": 6, "allocations for one survey": 6,
		"opened, ready to write": 4, "of the file for one survey": 2, "of which: the copy from before": 2, "of which: tables changed, the rest": 2,
	} {
		if n[name] != want {
			t.Errorf("%s: %d values in all tables, want %d", name, n[name], want)
		}
		delete(n, name)
	}
	if len(n) > 0 {
		t.Errorf("figures that nobody wants: %v", n)
	}
	if t.Failed() {
		t.Logf("the tables:\n%s", &out)
	}
}
