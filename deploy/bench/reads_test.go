package bench

import (
	"slices"
	"strings"
	"testing"
)

// whole fails unless a part prints so many tables whose titles begin with words
// and whose figures have these names, of every round.
func whole(t *testing.T, p Part, want map[string]string) {
	t.Helper()
	const rounds = 2
	names := map[string][]string{}
	for _, r := range played(t, p, rounds) {
		first := strings.Join(strings.Fields(r.title)[:2], " ")
		names[first] = append(names[first], r.name)
		if r.n != rounds {
			t.Errorf("%+v, want %d rounds", r, rounds)
		}
	}
	if len(names) != len(want) {
		t.Errorf("%d tables, want %d", len(names), len(want))
	}
	for title, figures := range want {
		if !slices.Equal(names[title], strings.Split(figures, "; ")) {
			t.Errorf("table %q has %q, want %q", title, names[title], figures)
		}
	}
}

func TestScrapePart(t *testing.T) {
	const all = "/metrics/agents, plain; /metrics/agents, gzip; - CPU of the program; bare registry, plain; bare registry, gzip; - CPU of it; " +
		"/metrics, gzip; memory of the program, most; memory of the program, scraped; memory of the bare registry, scraped; gzip, program to bare registry; - CPU"
	whole(t, scrape, map[string]string{"3 agents:": all, "10 agents:": all, "30 agents:": all})
}

func TestComparePart(t *testing.T) {
	const all = "compare; compare, store not in the page cache; agents"
	whole(t, reads, map[string]string{"646 surveys:": all, "6070 surveys:": all + "; compare, to the first store; agents, to the first store"})
}

func TestMemoryPart(t *testing.T) {
	const all = "memory; memory, most; goroutines; open files"
	whole(t, memory, map[string]string{"0 surveys": all, "5 surveys": all, "20 surveys": all})
}
