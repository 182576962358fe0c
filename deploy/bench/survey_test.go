package bench

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"aftercall/deploy/centre"
)

// play runs a part in short form on programs built for it, and returns the
// figures that it printed, by name: their medians and how many rounds each has.
func play(t *testing.T, p Part) (medians map[string]float64, rounds map[string]int) {
	t.Helper()
	top, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	programs := t.TempDir()
	if err := centre.Build(programs); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	s := &Suite{Top: top, Program: filepath.Join(programs, "aftercall"), Folder: t.TempDir(), Rounds: 2, Short: true, Out: &out, Log: io.Discard}
	if err := p.Run(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	medians, rounds = map[string]float64{}, map[string]int{}
	row := regexp.MustCompile(`(?m)^  (\S.*?)  +(\S+)  +\S+  +\S+  +(\d+)  `)
	for _, m := range row.FindAllStringSubmatch(out.String(), -1) {
		v, err := strconv.ParseFloat(m[2], 64)
		if err != nil || v <= 0 {
			t.Errorf("%s: median %q, want a number above 0", m[1], m[2])
		}
		medians[m[1]] = v
		rounds[m[1]], _ = strconv.Atoi(m[3])
	}
	t.Logf("%s", out.String())
	return medians, rounds
}

func TestSurveyPart(t *testing.T) {
	medians, rounds := play(t, survey)
	names := []string{"a: dialplan: Asterisk", "a: dialplan", "d: own process to f"}
	clients := []string{"b: FastAGI", "c: node-ari-client", "d: aftercall", "e: bare Go client, storing nothing", "f: bare Go client, 3 syncs a survey"}
	for _, c := range clients {
		names = append(names, c+": Asterisk", c+": own process", c+": sum", c+": sum to a", c)
	}
	for _, name := range names {
		if rounds[name] != 1 {
			t.Errorf("%s has %d rounds, want 1", name, rounds[name])
		}
	}
	if len(rounds) != len(names) {
		t.Errorf("%d figures, want %d: %v", len(rounds), len(names), rounds)
	}
	for _, c := range append(clients, "a: dialplan") {
		if v := medians[c]; v < 1000 {
			t.Errorf("%s: hung up on %v ms behind the key, want the thank-you to be heard", c, v)
		}
	}
}

func TestRatePart(t *testing.T) {
	_, rounds := play(t, rate)
	for _, name := range []string{"a: dialplan", "d: aftercall", "d to a"} {
		if rounds[name] != 1 {
			t.Errorf("%s has %d values, want 1", name, rounds[name])
		}
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
			switch ends, err := readEnds(folder, 2); {
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
}
