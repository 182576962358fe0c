// Command demo runs a whole call centre on this machine and lets robots call
// it: a throwaway Asterisk with a queue, agents' phones, the aftercall
// service, a Prometheus that watches it, and callers who rate, stay silent, press
// wrong keys or hang up. It ends by printing what the store holds, held against
// what the callers did and what Prometheus counts.
//
// make demo builds what it needs and runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"aftercall/configs/i18n"
	"aftercall/deploy/centre"
	"aftercall/deploy/prometheus"
	"aftercall/ivr/layout"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// endLimit is how long the last surveys may take after the callers are gone.
const endLimit = 20 * time.Second

type options struct {
	calls  int
	rate   float64
	exit   bool
	listen string
	lang   string
	quiet  bool
}

func parse(args []string) (o options, err error) {
	f := flag.NewFlagSet("demo", flag.ContinueOnError)
	f.IntVar(&o.calls, "calls", 40, "how many callers")
	f.Float64Var(&o.rate, "rate", 2, "callers dialling per second")
	f.BoolVar(&o.exit, "exit", false, "end when every call is accounted for, instead of running on")
	f.StringVar(&o.listen, "listen", "", "address of metrics and status page; empty = 127.0.0.1:9380, or a free port with -exit or if that is taken")
	f.StringVar(&o.lang, "lang", "en", "language of the summary: en or zh-CN")
	f.BoolVar(&o.quiet, "quiet", false, "without the programs' own logs")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	switch {
	case f.NArg() > 0:
		return o, fmt.Errorf("arguments %q: want flags alone", f.Args())
	case o.calls < 1 || o.calls > 10_000:
		return o, fmt.Errorf("-calls %d: want 1 to 10000", o.calls)
	case !(o.rate >= 0.01 && o.rate <= 50): // also what is no number
		return o, fmt.Errorf("-rate %v: want 0.01 to 50 callers per second", o.rate)
	case !slices.Contains(i18n.Languages, o.lang):
		return o, fmt.Errorf("-lang %q: want one of %v", o.lang, i18n.Languages)
	}
	if o.listen == "" {
		o.listen = address(o.exit)
	}
	return o, nil
}

// usual is where people look for the pages of a demo.
const usual = "127.0.0.1:9380"

// address is the usual one while it is free. Where nobody will look, a free
// one serves as well and is in no other's way.
func address(ends bool) string {
	const free = "127.0.0.1:0"
	if ends {
		return free
	}
	l, err := net.Listen("tcp", usual)
	if err != nil {
		return free
	}
	_ = l.Close() // nothing was received on it
	return usual
}

// run opens the centre, lets the callers call, and tells what came of it.
func run(ctx context.Context, args []string, out io.Writer) (err error) {
	o, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	var log io.Writer
	if !o.quiet {
		log = out
	}
	c, err := centre.Open(ctx, centre.Options{Folder: ".", Agents: 6, Talk: "500ms..2s", Listen: o.listen, Log: log, Queues: queues, Teams: teams})
	if err != nil {
		return err
	}
	defer func() {
		// The centre is taken down however the demo ends.
		down, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		err = errors.Join(err, c.Close(down))
	}()
	p, err := watch(ctx, c)
	if err != nil {
		return err
	}
	defer func() {
		down, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		err = errors.Join(err, p.Stop(down))
	}()
	fmt.Fprintf(out, "Asterisk %s at %s; pages at http://%s/; Prometheus at %s/; %d callers dial\n", c.Asterisk.Version, c.Asterisk.SIPAddr, c.Address(), p.URL(), o.calls)
	if err := call(ctx, c, p, o, out); err != nil || o.exit {
		return err
	}
	where(out, c)
	ask(out, p)
	fmt.Fprintln(out, "Running on; Ctrl-C ends it.")
	select {
	case <-ctx.Done():
		return nil
	case <-c.ServiceEnded():
		return c.ServiceFault()
	}
}

// queues: the presets share the callers evenly.
var queues = []centre.Queue{{Number: "7001", Name: "support", Survey: "service", Layouts: []layout.Arm{
	{Layout: "habit", Weight: 1}, {Layout: "strict", Weight: 1}, {Layout: "gap", Weight: 1}, {Layout: "worst-first", Weight: 1}, {Layout: "reversed", Weight: 1},
}}}

// teams of the agents, by turns.
var teams = []string{"morning", "night"}

// call lets everybody call, waits for the end of the last survey, and holds
// the callers' logs and what Prometheus counts against the store.
func call(ctx context.Context, c *centre.Centre, p *prometheus.Server, o options, out io.Writer) error {
	heard, err := c.Call(ctx, centre.Callers{Number: queues[0].Number, Calls: o.calls, Rate: o.rate, AtOnce: 100, Seed: 1})
	if err != nil {
		return err
	}
	wait, cancel := context.WithTimeout(ctx, endLimit)
	defer cancel()
	rows, err := c.Ended(wait, "")
	if err != nil {
		return err
	}
	counts, err := c.Counts(ctx)
	if err != nil {
		return err
	}
	summary(out, counts, i18n.For(o.lang))
	ids, err := c.Asterisk.Calls()
	if err != nil {
		return err
	}
	faults := centre.Account(heard, rows, ids)
	surveys := 0
	for _, h := range heard {
		if len(h.Visits) == 0 {
			faults = append(faults, h.Caller+": no agent answered")
		}
		for _, v := range h.Visits {
			if v.SurveyStartMS != nil {
				surveys++
			}
		}
	}
	if err := c.ServiceFault(); err != nil {
		faults = append(faults, err.Error())
	}
	for _, f := range faults {
		fmt.Fprintln(out, "NOT ACCOUNTED FOR:", f)
	}
	if len(faults) > 0 {
		where(out, c)
		return fmt.Errorf("%d faults in %d calls", len(faults), len(heard))
	}
	fmt.Fprintf(out, "Every call is accounted for: %d callers, %d heard a menu, %d surveys in the store.\n", len(heard), surveys, len(rows))
	return seen(wait, p, rows, out)
}

func where(out io.Writer, c *centre.Centre) {
	at := "http://" + c.Address()
	fmt.Fprintf(out, "\nstatus page   %s/  (%s/?lang=zh-CN)\nmetrics       %s/metrics  %s/metrics/agents\nreadiness     %s/readyz\nstore, logs   %s\n", at, at, at, at, at, c.Run)
}
