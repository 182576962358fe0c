package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"aftercall/scoring"
)

// What make bench-compare gives.
var (
	speedSurveys = flag.Int("surveys", 30_000, "surveys of the larger store that compare is timed on")
	speedFolder  = flag.String("stores", "", "where the stores are made once and kept; empty = nowhere")
	speedProgram = flag.String("program", "", "the program whose command line is timed; empty = in this process")
)

const (
	speedDays  = 90
	speedRuns  = 5
	speedLimit = time.Second // for the larger store, from the command line
)

// TestCompareSpeed times a comparison of three layouts by 500 agents in 90
// days, on a store and on one of a tenth of its surveys. Only a whole command
// line has a limit: how fast a test goes depends on who else is running.
func TestCompareSpeed(t *testing.T) {
	path := site(t)
	folder := *speedFolder
	if folder == "" {
		folder = t.TempDir()
	}
	var medians []time.Duration
	for _, surveys := range []int{*speedSurveys / 10, *speedSurveys} {
		name := filepath.Join(folder, fmt.Sprintf("%d.db", surveys))
		perDay := strconv.Itoa((surveys + speedDays - 1) / speedDays)
		if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
			var out bytes.Buffer
			if err := run(t.Context(), []string{"-c", path, "synth", "--out", name, "--days", strconv.Itoa(speedDays), "--calls-per-day", perDay}, nil, &out, &out); err != nil {
				t.Fatalf("%v\n%s", err, &out)
			}
		}
		t.Setenv("AFTERCALL_STORE_PATH", name)
		cells, offered := cellsOf(t, name)
		if offered < int64(surveys) {
			t.Fatalf("%s holds %d surveys, want %d at least", name, offered, surveys)
		}
		var took []time.Duration
		for range speedRuns {
			took = append(took, timed(t, path))
		}
		slices.Sort(took)
		medians = append(medians, took[speedRuns/2])
		t.Logf("%d surveys, %d cells read: median %s of %d runs, %s to %s", offered, cells, took[speedRuns/2].Round(time.Millisecond), speedRuns,
			took[0].Round(time.Millisecond), took[speedRuns-1].Round(time.Millisecond))
	}
	t.Logf("10 times the surveys take %.1f times as long", float64(medians[1])/float64(medians[0]))
	if *speedProgram != "" && medians[1] >= speedLimit {
		t.Errorf("compare takes %s, want less than %s", medians[1], speedLimit)
	}
}

// timed compares the layouts once and says how long that took.
func timed(t *testing.T, path string) time.Duration {
	t.Helper()
	args := []string{"--config", path, "compare", "synthetic"}
	var out, log bytes.Buffer
	began := time.Now()
	var err error
	if *speedProgram == "" {
		err = run(t.Context(), args, nil, &out, &log)
	} else {
		cmd := exec.CommandContext(t.Context(), *speedProgram, args...)
		cmd.Stdout, cmd.Stderr = &out, &log
		err = cmd.Run()
	}
	took := time.Since(began)
	if err != nil {
		t.Fatalf("%v\n%s", err, &log)
	}
	for _, layout := range []string{"habit", "worst-first", "gap"} {
		if !strings.Contains(out.String(), layout) {
			t.Fatalf("the comparison does not say %s:\n%s", layout, &out)
		}
	}
	return took
}

// cellsOf counts what a comparison reads of a store, and the surveys in it.
func cellsOf(t *testing.T, name string) (cells int, offered int64) {
	t.Helper()
	s := readStore(t, name)
	q := scoring.CountQuery{Question: "service"}
	days, err := s.DayCounts(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	agents, err := s.AgentCounts(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range days {
		offered += c.N
	}
	return len(days) + len(agents), offered
}
