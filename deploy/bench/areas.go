package bench

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

// area is something that a process works at.
type area struct {
	name string
	fits *regexp.Regexp // a function
}

// areas are what a process in Go works at. A sample belongs to the first of them
// that a function of its stack fits: what the kernel does for somebody is his.
var areas = []area{
	{"Go: sysmon, which looks after threads while one works", regexp.MustCompile(`^runtime\.sysmon`)},
	{"Go: garbage collector", regexp.MustCompile(`^runtime\.(gcBg|gcDrain|gcAssist|bgsweep|bgscavenge)`)},
	{"the disk: fsync", regexp.MustCompile(`^(__x64_sys_)?f(data)?sync$`)},
	{"SQLite", regexp.MustCompile(`^(sqlite3|pager|btree|pcache|balance|wal[A-Z]|unix[A-Z]|__libc_pwrite|__x64_sys_(pwrite64|fcntl))`)},
	{"the store, in Go", regexp.MustCompile(`^(aftercall/scoring/(sqlite|spill)|github\.com/mattn/go-sqlite3|database/sql)\.`)},
	{"the event connection", regexp.MustCompile(`^github\.com/coder/websocket\.`)},
	{"requests: net/http", regexp.MustCompile(`^net/http\.`)},
	{"events: decoding", regexp.MustCompile(`^aftercall/ivr/asterisk\.decode$`)},
	{"log", regexp.MustCompile(`^log/slog\.`)},
	{"metrics", regexp.MustCompile(`^(aftercall/scoring/metrics|github\.com/prometheus/.*)\.`)},
	{"survey machine and layouts", regexp.MustCompile(`^aftercall/ivr/(survey|layout)\.`)},
	{"calls and the rest of the program", regexp.MustCompile(`^(aftercall/|main\.)`)},
	{"Go: scheduler and stacks", regexp.MustCompile(`^runtime\.`)},
	{"the kernel and C, for nobody in particular", regexp.MustCompile(``)},
}

// byArea says how a process's samples of so many surveys spread over areas, one
// line each, most first, when so many were taken of a second's work. A sample is a
// stack, an address and a function a line, with an empty line behind it, as perf
// script writes it.
func byArea(script io.Reader, surveys int, frequency float64) (text string, err error) {
	counts, all := map[string]int{}, 0
	const none = -1
	found := none
	s := bufio.NewScanner(script)
	for s.Scan() {
		fields := strings.Fields(s.Text())
		switch {
		case len(fields) > 1 && found == none:
			found = areaOf(fields[1])
		case len(fields) > 1:
			found = min(found, areaOf(fields[1]))
		case found != none:
			counts[areas[found].name]++
			all++
			found = none
		}
	}
	if all == 0 || s.Err() != nil {
		return "", fmt.Errorf("%d samples: %w", all, cmp.Or(s.Err(), io.ErrUnexpectedEOF))
	}
	var lines []string
	for name, n := range counts {
		lines = append(lines, fmt.Sprintf("%5.1f %%  %.2f ms  %s\n", 100*float64(n)/float64(all), 1000*float64(n)/frequency/float64(surveys), name))
	}
	slices.Sort(lines)
	slices.Reverse(lines)
	return strings.Join(lines, ""), nil
}

// areaOf gives the area of a function by its place. The last takes all.
func areaOf(function string) int {
	return slices.IndexFunc(areas, func(a area) bool { return a.fits.MatchString(function) })
}

// byAreas is byArea of what perf sampled.
func byAreas(ctx context.Context, samples string, surveys int) (string, error) {
	script, err := exec.CommandContext(ctx, "perf", "script", "-i", samples, "-F", "ip,sym").Output()
	if err != nil {
		return "", fmt.Errorf("perf script: %w", err)
	}
	return byArea(bytes.NewReader(script), surveys, samplesASecond)
}
