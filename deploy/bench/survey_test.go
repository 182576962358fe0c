package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSurveyPart(t *testing.T) {
	clients := []string{"b: FastAGI", "c: node-ari-client", "d: aftercall", "e: bare Go client, storing nothing", "f: bare Go client, 2 syncs a survey",
		"g: bare Go client, net/http and SQLite", "h: bare Go client, net/http and our store"}
	want := map[string]int{"a: dialplan: Asterisk": 1, "a: dialplan": 1, "d: own process to f": 1, "d: own process to g": 1, "d: own process to h": 1}
	for _, c := range clients {
		for _, figure := range []string{"", ": Asterisk", ": own process", ": sum", ": sum to a"} {
			want[c+figure] = 1
		}
	}
	got := map[string]int{}
	for _, r := range played(t, survey, 2) { // the short form makes one
		got[r.name] += r.n
		if strings.HasPrefix(r.title, "From the caller's key") && r.lowest < 1000 {
			t.Errorf("%s: hung up on %v ms behind the key, want the thank-you to be heard", r.name, r.lowest)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
}

// TestJournal: what is written over and over stays as long as SQLite's log.
func TestJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	keep, file, err := journal(path)
	if err != nil {
		t.Fatal(err)
	}
	if f, err := os.Stat(path); err != nil || f.Size() < 4e6 {
		t.Errorf("a new journal is %+v, error %v, want 4 MB", f, err)
	}
	for range journalSize + 1 {
		if err := keep("channel", "1"); err != nil {
			t.Fatal(err)
		}
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if f, err := os.Stat(path); err != nil || f.Size() != journalSize*commitSize || f.Size() < 4e6 {
		t.Errorf("a journal that was written over is %+v, error %v, want 4 MB", f, err)
	}
}

func TestRatePart(t *testing.T) {
	got := map[string]int{}
	for _, r := range played(t, rate, 2) {
		got[r.name] += r.n
	}
	if diff := cmp.Diff(map[string]int{"a: dialplan, at least": 1, "d: aftercall, at least": 1, "d to a": 1}, got); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
}

func TestSearchFindsTheRate(t *testing.T) {
	for _, c := range []struct{ limit, want, most int }{{137, 135, 1280}, {40, 40, 1280}, {44, 40, 1280}, {160, 160, 1280}, {39, 35, 1280}, {7, 5, 1280}, {3, 0, 1280}, {5000, 1280, 1280}} {
		h := search{next: 40}
		tries := 0
		for done := false; !done && h.next <= c.most; tries++ {
			done = h.result(h.next <= c.limit, 5)
		}
		if h.carried != c.want || tries > 14 {
			t.Errorf("what carries %d/s was found to carry %d in %d tries, want %d in 14 at most", c.limit, h.carried, tries, c.want)
		}
	}
}

func TestCallersWhoHeardTooLittle(t *testing.T) {
	for name, c := range map[string]struct{ times, want string }{
		"all heard":      {"1040 1104.5", ""},
		"one cut short":  {"1040 640", "640ms behind the key"},
		"one is missing": {"1040", "2 lines, want 2 and a heading"},
		"not a time":     {"1040 soon", "soon"},
		"no file at all": {"", "want one file"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			if c.times != "" {
				text := "Date_ms;response_time_ms;rtd_no\n"
				for _, v := range strings.Fields(c.times) {
					text += "1.5;" + v + ";1\n"
				}
				if err := os.WriteFile(filepath.Join(folder, "caller_1_rtt.csv"), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			switch ends, _, err := readEnds(folder, 2); {
			case c.want == "" && (err != nil || len(ends) != 2 || ends[1] != 1104500*time.Microsecond):
				t.Errorf("%v, %v; want both times", ends, err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestAnswersThatAreNotKept(t *testing.T) {
	for n, want := range map[int]string{3: "", 4: "1 answers more than callers", 2: "1 of 3 answers are missing"} {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		c := contender{Kept: func(context.Context) (int, error) { return n, nil }}
		if err := new(stage).kept(ctx, c, 0, 3); fmt.Sprint(err) != want && (err != nil || want != "") {
			t.Errorf("%d of 3 answers kept: error %v, want %q", n, err, want)
		}
	}
}

func TestLateCallers(t *testing.T) {
	in := load{Ends: []time.Duration{time.Second, patience}}
	late := load{Ends: []time.Duration{time.Second, patience + 1}}
	if in.late("a", 5) != nil || late.late("a", 5) == nil {
		t.Errorf("%v: %v, %v: %v; want the second alone to be an error", in, in.late("a", 5), late, late.late("a", 5))
	}
	slow := load{Ends: make([]time.Duration, 51), Span: 11 * time.Second}
	if slow.late("a", 5) == nil || slow.late("a", 4) != nil {
		t.Errorf("51 calls within 11 s at 5/s: %v, at 4/s: %v; want the first alone to be an error", slow.late("a", 5), slow.late("a", 4))
	}
}
