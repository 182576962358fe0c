// Command bench measures what a survey costs beside what a user would run
// instead of aftercall, and prints the figures. make bench builds what it
// needs and runs it; deploy/bench has the parts, and RESULTS.md there what
// they gave.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"aftercall/deploy/bench"
	"aftercall/deploy/lab"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run runs the parts that are asked for. One that fails does not keep the
// others from running.
func run(ctx context.Context, args []string, out, log io.Writer) error {
	switch { // so the parts scrape and survey start it
	case len(args) == 2 && args[0] == "bare":
		return bench.Bare(ctx, args[1], log)
	case len(args) == 1 && args[0] == "bare-client":
		return bench.BareClient(ctx, os.Stdin, out)
	}
	s, parts, err := parse(args)
	if err != nil {
		return err
	}
	s.Out, s.Log = out, log
	head, err := bench.Machine(ctx, s)
	if err != nil {
		return err
	}
	release, err := lab.Alone(s.Top)
	if err != nil {
		return err
	}
	defer release() //nolint:errcheck // the program ends
	fmt.Fprint(out, head)
	var errs []error
	for _, p := range parts {
		fmt.Fprintf(out, "\n== %s: %s\n", p.Name, p.Title)
		if err := p.Run(ctx, s); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", p.Name, err))
			fmt.Fprintln(log, "bench:", errs[len(errs)-1])
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(errs...)
}

func parse(args []string) (s *bench.Suite, parts []bench.Part, err error) {
	s = &bench.Suite{Top: "."}
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	names := f.String("run", "", "parts, with commas between them; empty = all: "+strings.Join(partNames(), ", "))
	f.StringVar(&s.Program, "program", "bin/aftercall", "the program that is measured")
	f.StringVar(&s.Folder, "stores", ".lab/bench", "where large stores are made once and kept")
	f.IntVar(&s.Rounds, "rounds", 5, "of every figure, 1 to 100")
	f.BoolVar(&s.Short, "short", false, "only to see that everything works")
	f.StringVar(&s.Profiles, "profiles", "", "folder for CPU profiles of the survey, by perf; empty = none are made")
	if err := f.Parse(args); err != nil {
		return nil, nil, err
	}
	switch {
	case f.NArg() > 0:
		return nil, nil, fmt.Errorf("arguments %q: want flags alone", f.Args())
	case s.Rounds < 1 || s.Rounds > 100:
		return nil, nil, fmt.Errorf("-rounds %d: want 1 to 100", s.Rounds)
	}
	for _, path := range []*string{&s.Top, &s.Program, &s.Folder} {
		if *path, err = filepath.Abs(*path); err != nil {
			return nil, nil, err
		}
	}
	if *names == "" {
		return s, bench.Parts, nil
	}
	for name := range strings.SplitSeq(*names, ",") {
		i := slices.Index(partNames(), name)
		if i < 0 {
			return nil, nil, fmt.Errorf("-run %q: want some of %s", name, strings.Join(partNames(), ", "))
		}
		parts = append(parts, bench.Parts[i])
	}
	return s, parts, nil
}

func partNames() []string {
	var names []string
	for _, p := range bench.Parts {
		names = append(names, p.Name)
	}
	return names
}
