package faults

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"aftercall/deploy/centre"
	"aftercall/scoring"
)

// civil are days of Europe/Berlin by the instant at which they begin: 28 March
// 2027 has 23 hours, 31 October 25.
var civil = []struct{ begins, day string }{
	{"2027-03-26T23:00:00Z", "2027-03-27"}, {"2027-03-27T23:00:00Z", "2027-03-28"}, {"2027-03-28T22:00:00Z", "2027-03-29"},
	{"2027-10-29T22:00:00Z", "2027-10-30"}, {"2027-10-30T22:00:00Z", "2027-10-31"}, {"2027-10-31T23:00:00Z", "2027-11-01"},
}

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func dayOf(t *testing.T, at time.Time) (day string) {
	t.Helper()
	for _, c := range civil {
		if !at.Before(instant(t, c.begins)) {
			day = c.day
		}
	}
	return day
}

// Calls come over the changes of days that have 23 and 25 hours, and over the
// hours that are left out or come twice: each belongs to the civil day of its
// start, and the figures of a day begin and end with it.
func TestClockDaysOf23And25Hours(t *testing.T) {
	t.Parallel()
	changes := short(
		[]string{"2027-03-28T22:00:00Z", "2027-10-31T23:00:00Z"},
		[]string{"2027-03-27T23:00:00Z", "2027-03-28T01:00:00Z", "2027-03-28T22:00:00Z", "2027-10-30T22:00:00Z", "2027-10-31T01:00:00Z", "2027-10-31T23:00:00Z"})
	const before = 20 * time.Second
	off := func(change string) time.Duration { return time.Until(instant(t, change)) - before }
	c := openClock(t, off(changes[0]), centre.Options{Zone: "Europe/Berlin", Env: []string{"AFTERCALL_METRICS_AGENT_IDLE=0s"}}, nobody) // or half a year hides every agent
	if err := c.Configure(func(config string) string { return config + "metrics: {windows: [1d, 30d]}\n" }); err != nil {
		t.Fatal(err)
	}
	c.reload(t)
	var heard []centre.Heard
	for i, change := range changes {
		if i > 0 {
			if err := c.StopService(t.Context()); err != nil {
				t.Fatal(err)
			}
			c.service(t, off(change))
			if err := c.StartService(t.Context()); err != nil {
				t.Fatal(err)
			}
		} else {
			c.service(t, off(change)) // to open a centre took its time
		}
		quick := c.callers(t, centre.Callers{Number: "7001", Calls: 30, Rate: 1, Limit: longest.String(), Seed: i,
			Personas: "personas:\n  - {name: at once, weight: 1, acts: [{at: 700ms, press: \"1\"}]}\n"})
		heard = append(heard, quick.gone(t)...)
		c.day(t, change)
	}
	e := c.account(t, heard, nil)
	for _, r := range e.Rows {
		if want := dayOf(t, r.Call.StartedAt); r.Call.Day != want {
			t.Errorf("call %s began at %s: day %s, want %s", r.ID, r.Call.StartedAt, r.Call.Day, want)
		}
	}
}

// reload has the configuration taken over, and with it figures worked out anew.
func (c *clock) reload(t *testing.T) {
	t.Helper()
	if well, err := c.Reload(t.Context()); err != nil || !well {
		t.Fatalf("reload: %t, %v, want it to go well", well, err)
	}
}

// day holds the figures behind a change against the calls: in Prometheus, and
// as `agents` shows them.
func (c *clock) day(t *testing.T, change string) {
	t.Helper()
	at := instant(t, change)
	rows, err := c.Calls(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	today, month, earlier, later := dayOf(t, at), 0.0, 0, 0
	rated := map[string]float64{}
	for _, r := range rows {
		began := r.Call.StartedAt
		if began.After(at.Add(-time.Minute)) && began.Before(at) {
			earlier++
		} else if began.Before(at.Add(time.Minute)) && !began.Before(at) {
			later++
		}
		if a := r.Questions[0].Answer; a != nil && a.Outcome == scoring.Rated {
			rated[dayOf(t, began)]++
			if at.Sub(began) < 29*24*time.Hour {
				month++
			}
		}
	}
	if earlier < 3 || later < 3 {
		t.Errorf("%s: %d calls before it and %d behind it, want 3 of each", change, earlier, later)
	}
	// The last refresh was when the day began: what came since is not in it.
	windows := func() (day, all float64) {
		_, page, err := c.Get(t.Context(), "/metrics/agents")
		if err != nil {
			t.Fatal(err)
		}
		f, err := centre.ReadFigures(page)
		if err != nil {
			t.Fatal(err)
		}
		return f.Sum("aftercall_agent_window_ratings", `window="1d"`), f.Sum("aftercall_agent_window_ratings", `window="30d"`)
	}
	if day, _ := windows(); day > rated[today] {
		t.Errorf("%s: %v ratings are shown of the day so far, want %v at most", change, day, rated[today])
	}
	c.reload(t)
	for limit := time.Now().Add(endLimit); ; time.Sleep(watchFor) {
		day, all := windows()
		if day == rated[today] && all == month {
			break
		}
		if time.Now().After(limit) {
			t.Errorf("%s: %v and %v ratings in 1 and 30 days, want %v and %v", change, day, all, rated[today], month)
			break
		}
	}
	out, err := c.Program(t.Context(), "agents", "--json", "--from", today)
	var shown struct {
		Agents []struct{ Rated float64 }
	}
	if err := json.Unmarshal([]byte(out), &shown); err != nil || len(shown.Agents) == 0 {
		t.Errorf("agents: %v: %.300s", err, out)
	}
	sum := 0.0
	for _, a := range shown.Agents {
		sum += a.Rated
	}
	if err != nil || sum != rated[today] {
		t.Errorf("%s: agents shows %v ratings of today, %v, want %v: %s", change, sum, err, rated[today], strings.TrimSpace(fmt.Sprintf("%.600s", out)))
	}
}
