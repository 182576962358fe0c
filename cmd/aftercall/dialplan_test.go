package main

import "testing"

// numbered gives the site a queue as a PBX with a web interface has it, beside
// one that it cannot have.
func numbered(t *testing.T) string {
	return site(t, "  - name: support", "  - {name: \"600\", survey: service, layouts: [{layout: habit, weight: 1}]}\n  - name: support")
}

func TestDialplan(t *testing.T) {
	for _, c := range []struct {
		golden string
		path   string
		flags  []string
	}{
		{"dialplan.golden", site(t), nil},
		{"dialplan-freepbx.golden", numbered(t), []string{"--freepbx"}},
		{"dialplan-issabel.golden", numbered(t), []string{"--issabel"}},
	} {
		out, log, status := command(t, c.path, append([]string{"dialplan"}, c.flags...)...)
		if log != "" || status != 0 {
			t.Errorf("%s: dialplan printed %q with status %d", c.golden, log, status)
		}
		golden(t, c.golden, out)
	}
}

func TestDialplanFaults(t *testing.T) {
	const both = `--freepbx and --issabel: both are given, want the one that is on this machine, or neither for plain Asterisk\n`
	const names = `: queues "support": none is a number, want the names that the PBX gives its queues, such as "600"\n`
	for _, c := range []struct {
		flags []string
		text  string
	}{
		{[]string{"--freepbx", "--issabel"}, both},
		{[]string{"--freepbx"}, "--freepbx" + names},
		{[]string{"--issabel"}, "--issabel" + names},
	} {
		out, log, status := command(t, site(t), append([]string{"dialplan"}, c.flags...)...)
		wants(t, "dialplan", out+log, c.text, status, 1)
	}
}
