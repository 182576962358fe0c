package bench

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStorePart(t *testing.T) {
	n := map[string]int{}
	for _, r := range played(t, store, 2) {
		n[r.name] += r.n
	}
	// Three tables of writers and one in bulk, and three of a large store, two
	// of which have one round.
	want := map[string]int{
		"written by the store": 8, "the same statements in a bare loop": 6, "store to bare loop": 6, "as many bytes and syncs, nothing else": 6,
		"in one commit": 6, "written for one commit": 6, "allocated for one survey": 6, "allocations for one survey": 6,
		"opened, ready to write": 4, "of the file for one survey": 2, "of which: the copy from before": 2, "of which: tables changed, the rest": 2,
	}
	if diff := cmp.Diff(want, n); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
}
