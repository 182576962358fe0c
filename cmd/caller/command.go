package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// run carries out one command line. It ends when the command has done its work,
// or soon after ctx ends or SIGINT or SIGTERM comes. An error means exit 1.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := &cobra.Command{
		Use:           "caller",
		Short:         "Robots with telephones: callers that listen and press keys, and agents",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(agentsCommand(), callersCommand())
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return root.ExecuteContext(ctx)
}

func agentsCommand() *cobra.Command {
	var o agentOptions
	var talk string
	var transfers []string
	cmd := &cobra.Command{
		Use:   "agents",
		Short: "Be the phones of all agents: answer, talk for a while (a steady tone), hang up or transfer",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if o.talkMin, o.talkMax, err = talkRange(talk); err != nil {
				return err
			}
			if o.transfers, err = readTransfers(transfers); err != nil {
				return err
			}
			if o.consult < frameTime || o.pickUp < 0 {
				return fmt.Errorf("--consult %s, --pick-up %s: want 20ms or more, and 0 or more", o.consult, o.pickUp)
			}
			if err := checkTone("--tone", o.tone); err != nil {
				return err
			}
			if err := checkLoopback("--listen", o.listen, o.anyHost); err != nil {
				return err
			}
			return runAgents(cmd.Context(), o, cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:0", "UDP address of the phones; the user part of a call's request says which agent it is for")
	f.StringVar(&talk, "talk", "1s..3s", "how long an agent talks, shortest..longest")
	f.Uint64Var(&o.seed, "seed", 1, "with a call's id it decides how long the agent talks")
	f.IntVar(&o.tone, "tone", 620, "the agents' voice, Hz")
	f.StringArrayVar(&transfers, "transfer", nil, "what an agent does with every caller in place of hanging up: <agent>=blind:<number> (REFER) or\n"+
		"<agent>=attended:<number> (calls there first, then REFER with Replaces); may be given several times")
	f.DurationVar(&o.pickUp, "pick-up", 0, "how long an agent takes to answer; the far end is not told that the phone rings, or it would make a tone of it")
	f.DurationVar(&o.consult, "consult", 500*time.Millisecond, "how long an agent talks to the other one before an attended transfer")
	f.BoolVar(&o.anyHost, "any-host", false, "allow an address that other machines can reach")
	return cmd
}

func callersCommand() *cobra.Command {
	var o callerOptions
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Dial, listen, press keys, hang up; ends when all calls have ended",
		Long: "Dial, listen, press keys, hang up; ends when all calls have ended.\n" +
			"Exit status 1: a call could not be carried out (refused, no audio, time limit).",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return runCallers(cmd.Context(), o, cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.proxy, "proxy", "127.0.0.1:5060", "SIP address that the calls go to (UDP)")
	f.StringVar(&o.number, "number", "", "number to dial where the persona names none")
	f.StringVar(&o.personas, "personas", "", "YAML file of personas (default: the mix built in)")
	f.IntVar(&o.calls, "calls", 20, "how many calls")
	f.Float64Var(&o.rate, "rate", 2, "calls dialled per second")
	f.IntVar(&o.atOnce, "at-once", 50, "most calls at one time")
	f.Uint64Var(&o.seed, "seed", 1, "with a call's number it decides the persona")
	f.StringVar(&o.prefix, "prefix", "robot-", "a call's caller number is this and the call's number, from 1")
	f.DurationVar(&o.limit, "limit", 2*time.Minute, "longest a call may take from dialling; then it counts as failed")
	f.DurationVar(&o.lostAfter, "lost-after", 0, "hang up when no audio has come for so long, as on a dead line; 0: never. Asterisk is silent while it waits for a key")
	f.StringVar(&o.log, "log", "", "file for one JSON line per call (default: none)")
	f.BoolVar(&o.json, "json", false, "summary as JSON")
	f.IntVar(&o.keyMs, "key-ms", 100, "how long a key is held, ms")
	f.IntVar(&o.tone, "tone", 620, "the agents' voice, Hz")
	f.IntVar(&o.releaseTone, "release-tone", 1850, "what the operator's dialplan plays after the survey, Hz")
	f.IntSliceVar(&o.moreTones, "more-tones", nil, "further tones that the log tells apart from speech, Hz")
	f.BoolVar(&o.anyHost, "any-host", false, "allow calling another machine")
	return cmd
}

// talkRange reads "1s..3s".
func talkRange(s string) (shortest, longest time.Duration, err error) {
	low, high, found := strings.Cut(s, "..")
	if found {
		if shortest, err = time.ParseDuration(low); err == nil {
			longest, err = time.ParseDuration(high)
		}
	}
	if !found || err != nil || shortest < frameTime || longest < shortest {
		return 0, 0, fmt.Errorf("--talk %q: not a range, want shortest..longest of 20ms or more, e.g. 1s..3s", s)
	}
	return shortest, longest, nil
}

func checkTone(flag string, hz int) error {
	if hz < 300 || hz > 3400 {
		return fmt.Errorf("%s %d: not in a telephone's band, want 300 to 3400 Hz", flag, hz)
	}
	return nil
}

// checkLoopback refuses robots that would reach, or be reached from, another
// machine by mistake.
func checkLoopback(flag, address string, anyHost bool) error {
	a, err := net.ResolveUDPAddr("udp4", address)
	if err != nil {
		return fmt.Errorf("%s %q: %w, want host:port", flag, address, err)
	}
	if !a.IP.IsLoopback() && !anyHost {
		return fmt.Errorf("%s %q: not this machine, want 127.0.0.1, or --any-host", flag, address)
	}
	return nil
}
