package centre

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"aftercall/scoring"
)

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// edited gives a change of the configuration.
func edited(from, to string) func(string) string {
	return func(config string) string { return strings.Replace(config, from, to, 1) }
}

// The configuration is reloaded in the middle of surveys: those finish on the
// layout that they began with, later callers get the new one, and a faulty
// configuration changes nothing.
func TestReloadInMidSurvey(t *testing.T) {
	t.Parallel()
	rows := []row{
		{name: "asked before", calls: 3, acts: `[{quiet: 4s, press: "1"}]`,
			want: []string{
				"1: habit rated satisfied 3 by 1, reading 1, heard 3; key 1 accepted; completed",
				"1: habit rated satisfied 3 by 1, reading 1, heard 3; key 1 accepted; completed",
				"1: habit rated satisfied 3 by 1, reading 1, heard 3; key 1 accepted; completed",
			}},
		{name: "asked afterwards", acts: `[{after_part: 2, press: "5"}]`,
			want: []string{"1: strict rated very_satisfied 4 by 5, reading 1, heard 1; key 5 accepted; completed"}},
		{name: "asked behind a fault", acts: `[{after_part: 2, press: "5"}]`,
			want: []string{"1: strict rated very_satisfied 4 by 5, reading 1, heard 1; key 5 accepted; completed"}},
	}
	c := openRows(t, rows, Options{Agents: 4})
	gone := c.dial(t, rows[0])
	c.untilAll(t, func(rows []scoring.CallRow) bool { open, _ := inProgressOf(rows); return open == 3 })
	c.reconfigure(t, true, func(config string) string {
		return strings.ReplaceAll(config, "{layout: habit, weight: 1}", "{layout: strict, weight: 1}")
	})
	c.play(t, rows[1])
	heard := gone()
	s := scene{Centre: c, row: rows[0], heard: heard, calls: c.settled(t, heard)}
	s.stored(t)
	c.account(t, s)
	before := c.scrape(t, "/metrics")["aftercall_config_last_reload_success_timestamp_seconds"]
	c.reconfigure(t, false, edited("weight: 1", "weight: -1"))
	f := c.scrape(t, "/metrics")
	if f["aftercall_config_last_reload_successful"] != 0 || f["aftercall_config_last_reload_success_timestamp_seconds"] != before {
		t.Errorf("metrics say that a faulty configuration was taken over")
	}
	if err := c.Configure(); err != nil { // readable for "aftercall calls", and not taken over
		t.Fatal(err)
	}
	c.play(t, rows[2])
}

// A node is taken out of the configuration in the middle of a survey, and put
// back before it is over: the survey goes on as if nothing had happened, and
// the node takes new callers behind it.
func TestNodeOutAndBack(t *testing.T) {
	t.Parallel()
	rows := []row{
		{name: "asked before", acts: `[{quiet: 4s, press: "1"}]`, want: []string{"1: habit rated satisfied 3 by 1, reading 1, heard 3; key 1 accepted; completed"}},
		{name: "asked afterwards", acts: atOnce, want: asked},
	}
	c := openRows(t, rows, Options{Agents: 2})
	caller := c.dial(t, rows[0])
	c.until(t, inProgress)
	const longer = "drain: 30s"
	c.reconfigure(t, true, func(config string) string {
		return strings.NewReplacer(c.Asterisk.ARIURL, placeholder.URL, "name: "+c.Asterisk.Name, "name: "+placeholder.Name, "drain: 5s", longer).Replace(config)
	})
	c.reconfigure(t, true, edited("drain: 5s", longer))
	scene{row: rows[0], calls: c.settled(t, caller())}.stored(t)
	if err := c.WaitReady(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.play(t, rows[1])
}

// reconfigure changes the configuration and reloads it.
func (c *Centre) reconfigure(t *testing.T, well bool, change func(string) string) {
	t.Helper()
	if err := c.Configure(change); err != nil {
		t.Fatal(err)
	}
	got, err := c.Reload(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got != well {
		t.Errorf("the reload went well: %v, want %v\n%s", got, well, c.ServiceLog())
	}
}

// SIGTERM with callers in their surveys: whoever answers within the drain is
// thanked, whoever comes meanwhile is sent on unasked, whoever is still silent
// then is released into the operator's dialplan, and the service ends with
// status 0.
func TestDrain(t *testing.T) {
	t.Parallel()
	const drain = 9 * time.Second
	rows := []row{
		// A robot takes a hole in the intro, which a busy machine makes, for its
		// end: how much of the menu is heard before the key is not looked at.
		{name: "answers in time", acts: `[{after_part: 2, press: "1"}]`},
		{name: "stays silent"},
		{name: "comes meanwhile"},
	}
	c := openRows(t, rows, Options{Agents: 3})
	c.reconfigure(t, true, edited("drain: 5s", "drain: "+drain.String()))
	callers := []func() []Heard{c.dial(t, rows[0]), c.dial(t, rows[1])}
	c.untilAll(t, func(rows []scoring.CallRow) bool { open, _ := inProgressOf(rows); return open == 2 })
	begun := time.Now()
	if err := c.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	late := c.robots(t, rows[2])
	neverAsked(t, scene{heard: late})
	releasedAfter(t, late[0], late[0].Visits[0].TalkEndMS, 0, 1000)
	<-c.ServiceEnded()
	if took := time.Since(begun); took < drain || took > drain+5*time.Second {
		t.Errorf("the service took %s to stop, want a little more than the drain of %s", took, drain)
	}
	if s := c.service.Load().process.State(); !s.Success() {
		t.Errorf("the service ended with %s", s)
	}
	heard := callers[0]()
	rated := c.settled(t, heard)
	if len(rated) != 1 || rated[0].Questions[0].Answer.Verdict != "satisfied" || rated[0].End.Reason != scoring.Completed {
		t.Errorf("who answered in time is in the store as %+v, want one call that was completed; heard: %+v", rated, heard)
	}
	silent := c.settled(t, callers[1]())
	if len(silent) != 1 || silent[0].Questions[0].Answer.Outcome != scoring.Failed || silent[0].End.Reason != scoring.Stopped {
		t.Errorf("the silent caller is in the store as %+v, want one call that was stopped", silent)
	}
	scene{row: rows[2], calls: c.settled(t, late)}.stored(t)
}
