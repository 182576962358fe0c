package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// Micro is benchmarks that live beside the code of a package.
type Micro struct {
	Package string   // from the top: ivr/asterisk
	Match   string   // as go test -bench takes it
	Time    string   // as -benchtime takes it
	Args    []string // further ones, for the test program
}

// Results are the figures by benchmark (without "Benchmark" and the number of
// processors) and unit, as the benchmark reports it (sec/op, B/op, its own).
type Results map[string]map[string]*Series

// Bench runs benchmarks once for each round. All of them run in every round,
// one after the other, so that they take turns.
func (s *Suite) Bench(ctx context.Context, m Micro) (Results, error) {
	program, err := s.benchmarks(ctx, m.Package)
	if err != nil {
		return nil, err
	}
	// What they write is on the disk of the large stores, wherever others keep
	// what is for a while, and is gone afterwards.
	folder, err := os.MkdirTemp(s.Folder, "written-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	all := Results{}
	for round := range s.Rounds {
		s.Say("%s, benchmarks %s: round %d of %d", m.Package, m.Match, round+1, s.Rounds)
		args := append([]string{"-test.run=^$", "-test.bench=" + m.Match, "-test.benchmem", "-test.benchtime=" + m.Time, "-test.timeout=0"}, m.Args...)
		cmd := exec.CommandContext(ctx, program, args...)
		cmd.Dir = filepath.Join(s.Top, m.Package)
		cmd.Env = append(os.Environ(), "TMPDIR="+folder)
		var log bytes.Buffer
		cmd.Stderr = &log
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("benchmarks %s of %s: %w\n%s%s", m.Match, m.Package, err, out, &log)
		}
		if err := all.read(bytes.NewReader(out)); err != nil {
			return nil, fmt.Errorf("benchmarks %s of %s: %w\n%s", m.Match, m.Package, err, out)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("benchmarks %s of %s: none ran", m.Match, m.Package)
	}
	return all, nil
}

// benchmarks gives the test program of a package, which is built once a run.
func (s *Suite) benchmarks(ctx context.Context, of string) (program string, err error) {
	if s.built[of] != "" {
		return s.built[of], nil
	}
	program = filepath.Join(s.Folder, "programs", strings.ReplaceAll(of, "/", "-")+".test")
	build := exec.CommandContext(ctx, "go", "test", "-c", "-o", program, "./"+of)
	build.Dir = s.Top
	if build.Env, err = s.flags(); err != nil {
		return "", err
	}
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the benchmarks of %s: %w\n%s", of, err, out)
	}
	if s.built == nil {
		s.built = map[string]string{}
	}
	s.built[of] = program
	return program, nil
}

func (r Results) read(from io.Reader) error {
	lines := benchfmt.NewReader(from, "benchmarks")
	for lines.Scan() {
		result, ok := lines.Result().(*benchfmt.Result)
		if fault, is := lines.Result().(*benchfmt.SyntaxError); is {
			return fault
		}
		if !ok {
			continue
		}
		name := string(result.Name)
		if i := strings.LastIndexByte(name, '-'); i >= 0 {
			name = name[:i] // the number of processors
		}
		if r[name] == nil {
			r[name] = map[string]*Series{}
		}
		for _, v := range result.Values {
			if r[name][v.Unit] == nil {
				r[name][v.Unit] = &Series{Name: name, Unit: v.Unit}
			}
			r[name][v.Unit].Add(v.Value)
		}
	}
	return lines.Err()
}

// Of gives one figure under a name of its own; its values are multiplied, so
// that sec/op times 1e9 is ns. The error says what there is.
func (r Results) Of(benchmark, unit, name, shown string, times float64) (Series, error) {
	f := r[benchmark][unit]
	if f == nil {
		var there []string
		for b, units := range r {
			for u := range units {
				there = append(there, b+" "+u)
			}
		}
		return Series{}, fmt.Errorf("no benchmark %q gives %q, there are %q", benchmark, unit, there)
	}
	made := Series{Name: name, Unit: shown}
	for _, v := range f.Values {
		made.Add(v * times)
	}
	return made, nil
}
