package bench

import (
	"bufio"
	"strconv"
	"strings"
	"testing"
)

// row is a line of a printed table.
type row struct {
	name           string
	median, lowest float64
	n              int
}

// tables runs a part in short form and gives what it printed: the titles, and
// the lines under each.
func tables(t *testing.T, p Part) (titles []string, rows map[string][]row) {
	t.Helper()
	s, out := brief(t), &strings.Builder{}
	s.Rounds, s.Out = 2, out
	if err := p.Run(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	rows = map[string][]row{}
	for lines := bufio.NewScanner(strings.NewReader(out.String())); lines.Scan(); {
		line, inside := strings.CutPrefix(lines.Text(), "  ")
		if !inside {
			if line != "" {
				titles = append(titles, line)
			}
			continue
		}
		fields := strings.FieldsFunc(strings.ReplaceAll(line, "  ", "\t"), func(c rune) bool { return c == '\t' })
		if fields[0] == "figure" {
			continue
		}
		median, err1 := strconv.ParseFloat(strings.TrimSpace(fields[1]), 64)
		lowest, err2 := strconv.ParseFloat(strings.TrimSpace(fields[2]), 64)
		n, err3 := strconv.Atoi(strings.TrimSpace(fields[4]))
		if err1 != nil || err2 != nil || err3 != nil {
			t.Fatalf("%q: %v, %v, %v", line, err1, err2, err3)
		}
		title := titles[len(titles)-1]
		rows[title] = append(rows[title], row{strings.TrimSpace(fields[0]), median, lowest, n})
	}
	return titles, rows
}

// whole fails unless a part prints so many tables whose titles begin with words
// and whose figures have these names, of every round, all above 0.
func whole(t *testing.T, p Part, want map[string]string) {
	t.Helper()
	titles, rows := tables(t, p)
	if len(titles) != len(want) {
		t.Errorf("%d tables %q, want %d", len(titles), titles, len(want))
	}
	for _, title := range titles {
		first := strings.Join(strings.Fields(title)[:2], " ")
		var names []string
		for _, r := range rows[title] {
			names = append(names, r.name)
			if r.lowest <= 0 || r.median < r.lowest || r.n != 2 {
				t.Errorf("%s: %+v, want more than 0 of 2 rounds", title, r)
			}
		}
		if got := strings.Join(names, "; "); got != want[first] {
			t.Errorf("table %q has %q, want %q", first, got, want[first])
		}
	}
}

func TestScrapePart(t *testing.T) {
	const all = "/metrics/agents, plain; /metrics/agents, gzip; - CPU of the program; bare registry, plain; bare registry, gzip; - CPU of it; " +
		"/metrics, gzip; memory of the program, most; memory of the bare registry, most; gzip, program to bare registry; - CPU"
	whole(t, scrape, map[string]string{"3 agents:": all, "10 agents:": all, "30 agents:": all})
}

func TestComparePart(t *testing.T) {
	const all = "compare; compare, store not in the page cache; agents"
	whole(t, reads, map[string]string{"646 surveys:": all, "6070 surveys:": all + "; compare, to the first store; agents, to the first store"})
}

func TestMemoryPart(t *testing.T) {
	const all = "memory; memory, most so far; memory of a survey in progress; goroutines; open files"
	whole(t, memory, map[string]string{"0 surveys": "memory; memory, most so far; goroutines; open files", "5 surveys": all, "20 surveys": all})
}
