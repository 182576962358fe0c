package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"aftercall/configs"
	"aftercall/ivr/asterisk"
	"aftercall/ivr/layout"
	"aftercall/ivr/prompt"
	"aftercall/ivr/survey"
	"aftercall/scoring"
	"aftercall/scoring/compare"
	"aftercall/scoring/metrics"
	"aftercall/scoring/sqlite"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
)

// backroom is the background figures of a site with a clock of the test.
type backroom struct {
	*figures
	t      *testing.T
	path   string // of the configuration
	config *configs.Config
	state  *inForce
	clock  time.Time
	log    bytes.Buffer
	calls  int
}

// backroomOf opens the store of a site in a zone, at a moment there.
func backroomOf(t *testing.T, zone, moment string, changes ...string) *backroom {
	t.Helper()
	path := site(t, append([]string{"time_zone: Asia/Shanghai", "time_zone: " + zone}, changes...)...)
	c := load(t, path)
	store, err := sqlite.Open(t.Context(), c.Store.Path, sqlite.Options{Zone: zone})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	b := &backroom{t: t, path: path, config: c}
	b.at(moment)
	book, err := newBook(c, prompt.Estimate{})
	if err != nil {
		t.Fatal(err)
	}
	b.state = &inForce{config: c, lib: prompt.Estimate{}, asking: &asterisk.Asking{Book: book}}
	b.figures = newFigures(store, c, func() *inForce { return b.state }, func() time.Time { return b.clock }, slog.New(slog.NewTextHandler(&b.log, nil)))
	kept, err := book.Definitions()
	if err != nil {
		t.Fatal(err)
	}
	if err := store.PutLayouts(t.Context(), kept); err != nil {
		t.Fatal(err)
	}
	if err := b.begin(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	return b
}

// at sets the clock: 2026-03-29 00:30 in the site's zone.
func (b *backroom) at(moment string) {
	b.t.Helper()
	var err error
	if b.clock, err = time.ParseInLocation("2006-01-02 15:04", moment, b.config.Zone); err != nil {
		b.t.Fatal(err)
	}
}

// born is the version of a layout, and an agent's totals, as calls bring them.
func bornOf(t *testing.T, book *survey.Book, agent, name string) (version string, totals []scoring.Series) {
	t.Helper()
	kept, err := book.Definitions()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(kept, func(l scoring.Layout) bool { return l.Name == name })
	return kept[i].Version, book.AgentSeries(agent, "support")
}

// call rates an agent now; "" hangs up.
func (b *backroom) call(agent, verdict string) {
	b.t.Helper()
	b.calls++
	version, totals := bornOf(b.t, b.state.asking.Book, agent, "habit")
	r := ratedRecord(b.calls, agent, verdict, version, b.clock, b.config.Zone)
	r.Born = totals
	if _, err := b.store.Write(b.t.Context(), r); err != nil {
		b.t.Fatal(err)
	}
}

// ratedRecord is a whole call about an agent that began at a time.
func ratedRecord(n int, agent, verdict, version string, at time.Time, zone *time.Location) scoring.Record {
	a := scoring.Answer{Question: "service", Outcome: scoring.HungUp, Reading: 1, Heard: 1, At: at}
	if verdict != "" {
		a.Outcome, a.Verdict, a.Value, a.Entry, a.PressMS = scoring.Rated, verdict, 1, "1", 2500
	}
	return scoring.Record{
		ID: scoring.CallID{UniqueID: fmt.Sprintf("node1-%d.0", n), Visit: 1},
		Call: &scoring.Call{Node: "node1", Queue: "support", Survey: "service", Language: "en", StartedAt: at, Day: at.In(zone).Format(time.DateOnly),
			Agent: scoring.Agent{ID: agent, Interface: agent}},
		Assignments: []scoring.Assignment{{Question: "service", Position: 1, Primary: true, Layout: "habit", Version: version, Rendition: "r1", Epoch: 1}},
		Answers:     []scoring.Answer{a}, End: &scoring.End{Reason: scoring.Completed, At: at},
	}
}

// agentSeries lists the series of agents whose names hold a text, without
// what all names begin with.
func agentSeries(t *testing.T, a *metrics.Agents, text string) []string {
	t.Helper()
	families, err := a.Gather()
	if err != nil {
		t.Fatal(err)
	}
	return seriesOf(families, text)
}

func seriesOf(families []*dto.MetricFamily, text string) []string {
	var out []string
	for _, f := range families {
		for _, m := range f.Metric {
			var labels []string
			for _, l := range m.Label {
				labels = append(labels, l.GetValue())
			}
			if strings.Contains(f.GetName(), text) {
				out = append(out, fmt.Sprintf("%s{%s} %v", strings.TrimPrefix(f.GetName(), "aftercall_"), strings.Join(labels, ","), m.GetGauge().GetValue()+m.GetCounter().GetValue()))
			}
		}
	}
	return out
}

func (b *backroom) sees(what, text string, want ...string) {
	b.t.Helper()
	if d := cmp.Diff(want, agentSeries(b.t, b.agents, text)); d != "" {
		b.t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func (b *backroom) refreshed() {
	b.t.Helper()
	if err := b.refresh(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

// TestWindows: today's window begins with the civil day, however many hours it
// has; the others hold today and the days before. Counters never fall.
func TestWindows(t *testing.T) {
	for _, day := range []struct{ zone, before, late, early string }{
		{"Europe/Berlin", "2026-03-28 12:00", "2026-03-28 23:59", "2026-03-29 00:00"}, // begins the day of 23 hours
		{"Europe/Berlin", "2026-03-29 00:30", "2026-03-29 23:59", "2026-03-30 00:00"}, // the day of 23 hours
		{"Europe/Berlin", "2026-10-25 00:30", "2026-10-25 23:59", "2026-10-26 00:00"}, // the day of 25 hours
		{"Africa/Cairo", "2026-04-23 12:00", "2026-04-23 23:59", "2026-04-24 01:00"},  // the 24th has no midnight
	} {
		b := backroomOf(t, day.zone, day.before, "windows: [30d]", "windows: [1d, 7d, 30d]")
		b.call("wf", "satisfied")
		b.call("wf", "dissatisfied")
		b.call("wf", "")
		b.at(day.late)
		b.refreshed()
		b.sees(day.late, "window", "agent_window_ratings{wf,1d} 2", "agent_window_ratings{wf,7d} 2", "agent_window_ratings{wf,30d} 2",
			"agent_window_satisfied{wf,1d} 1", "agent_window_satisfied{wf,7d} 1", "agent_window_satisfied{wf,30d} 1")
		late := b.clock
		if wait := b.pause(time.Minute, false); b.clock.Add(wait).In(b.zone).Format("2006-01-02 15:04") != day.early {
			t.Errorf("at %s the next refresh comes after %s, want it when the day begins", day.late, wait)
		}
		b.at(day.early)
		if d := b.clock.Sub(late); d != time.Minute {
			t.Fatalf("from %s to %s it is %s, want a minute", day.late, day.early, d)
		}
		b.refreshed()
		b.sees(day.early, "window_r", "agent_window_ratings{wf,1d} 0", "agent_window_ratings{wf,7d} 2", "agent_window_ratings{wf,30d} 2")
		b.sees(day.early, "ratings_total", "agent_ratings_total{wf,dissatisfied} 1", "agent_ratings_total{wf,fair} 0", "agent_ratings_total{wf,satisfied} 1", "agent_ratings_total{wf,very_satisfied} 0")
		for days, want := range map[int]string{6: "2", 7: "0"} {
			b.clock = late.AddDate(0, 0, days)
			b.refreshed()
			if got := agentSeries(t, b.agents, "window_r"); !slices.Contains(got, "agent_window_ratings{wf,7d} "+want) {
				t.Errorf("%d days after %s: %q, want %s in 7d", days, day.late, got, want)
			}
		}
	}
}

// TestPause: seldom enough for a fiftieth of a core, and not for long after a
// failure, which may have waited.
func TestPause(t *testing.T) {
	b := backroomOf(t, "Asia/Shanghai", "2026-03-29 12:00")
	for _, c := range []struct {
		took   time.Duration
		failed bool
		want   time.Duration
	}{
		{time.Second, false, time.Minute}, {6 * time.Second, false, 5 * time.Minute}, {30 * time.Second, false, 25 * time.Minute},
		{30 * time.Second, true, 5 * time.Minute}, {0, true, time.Minute}, {time.Hour, false, 12 * time.Hour},
	} {
		if got := b.pause(c.took, c.failed); got != c.want {
			t.Errorf("after %s, failed %v: %s, want %s", c.took, c.failed, got, c.want)
		}
	}
	b.clock = b.clock.Add(12*time.Hour - time.Nanosecond)
	if got := b.pause(0, false); got != time.Second {
		t.Errorf("just before midnight: %s, want a second", got)
	}
}

// TestFigureOfAnAgent: counters stand at 0 with the first call, at once; an
// agent who was idle is back at once; rows that are deleted take nothing away.
func TestFigureOfAnAgent(t *testing.T) {
	b := backroomOf(t, "Asia/Shanghai", "2026-03-01 12:00", "agent_idle: 2160h", "agent_idle: 48h")
	version, totals := bornOf(t, b.state.asking.Book, "wf", "habit")
	r := ratedRecord(1, "wf", "fair", version, b.clock, b.zone)
	answers, end := r.Answers, r.End
	r.Answers, r.End, r.Born = nil, nil, totals
	write := func(r scoring.Record) {
		t.Helper()
		if _, err := b.store.Write(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	write(r)
	surveys := func(rated string) []string {
		return []string{"agent_surveys_total{wf,error} 0", "agent_surveys_total{wf,hangup} 0", "agent_surveys_total{wf,invalid} 0", "agent_surveys_total{wf,no_input} 0", "agent_surveys_total{wf,rated} " + rated}
	}
	b.sees("before the first rating", "surveys", surveys("0")...)
	write(scoring.Record{ID: r.ID, Answers: answers, End: end})
	b.sees("after it", "surveys", surveys("1")...)
	b.at("2026-03-04 00:00")
	b.refreshed()
	b.sees("after days without a survey", "surveys")
	b.sees("after days without a survey", "hidden", "agents_hidden{bound} 0", "agents_hidden{idle} 1")
	b.calls = 1
	b.call("wf", "fair")
	b.sees("with the next survey", "surveys", surveys("2")...)
	change(t, b.path, "DELETE FROM answers; DELETE FROM assignments; DELETE FROM calls")
	b.call("wf", "fair")
	b.refreshed()
	b.sees("after rows were deleted, and another survey", "surveys", surveys("3")...)
}

// TestMarks: shares and tiers as numbers; none of either under ten ratings.
func TestMarks(t *testing.T) {
	share := compare.Estimate{Value: 0.75, Lo: 0.5, Hi: 0.875, Status: compare.OK}
	marks := compare.AgentMarks{Agents: []compare.AgentMark{
		{Agent: "above", Rated: 40, Adjusted: share, Tier: compare.Above}, {Agent: "below", Rated: 40, Adjusted: share, Tier: compare.Below},
		{Agent: "expected", Rated: 40, Adjusted: share, Tier: compare.Expected}, {Agent: "untold", Rated: 10, Adjusted: share, Tier: compare.Untold},
		{Agent: "few", Rated: 9, Adjusted: share, Tier: compare.Untold}, {Agent: "unmarked", Rated: 10, Adjusted: compare.Estimate{Status: compare.TooFew}, Tier: compare.Untold},
	}}
	definitions := map[string]layout.Definition{"v1": {Scale: layout.Scale{Verdicts: []layout.Verdict{{ID: "fair"}, {ID: "satisfied", Satisfied: true}}}}}
	cells := map[string][]scoring.AgentCell{"30d": {
		{Agent: "few", Queue: "a", Version: "v1", Result: "satisfied", N: 5}, {Agent: "few", Queue: "b", Version: "v1", Result: "satisfied", N: 1},
		{Agent: "few", Version: "v1", Result: "fair", N: 3}, {Agent: "few", Version: "v1", Result: "hangup", N: 7}, {Agent: "few", Version: "unread", Result: "satisfied", N: 99},
	}}
	got := agentFigures([]string{"30d"}, cells, definitions, marks)
	mark := func(tier int) metrics.AgentFigures {
		return metrics.AgentFigures{Mark: &metrics.Mark{Known: true, Share: 0.75, Low: 0.5, High: 0.875, Tier: tier}}
	}
	want := map[string]metrics.AgentFigures{"above": mark(1), "below": mark(-1), "expected": mark(0), "untold": mark(0), "unmarked": {Mark: &metrics.Mark{}},
		"few": {Windows: []metrics.WindowFigures{{Ratings: 9, Satisfied: 6}}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("figures differ (-want +got):\n%s", d)
	}
}

// TestRefreshFails: it is said once when it begins to fail and once when it
// works again; what was worked out before stays, with its time.
func TestRefreshFails(t *testing.T) {
	b := backroomOf(t, "Asia/Shanghai", "2026-03-29 12:00")
	b.call("wf", "satisfied")
	b.refreshed()
	before := agentSeries(t, b.agents, "")
	b.clock = b.clock.Add(time.Hour)
	late, cut := context.WithCancel(t.Context())
	cut()
	for range 2 {
		err := b.refresh(late)
		if err == nil {
			t.Fatal("a refresh went well without time for it")
		}
		b.tell(err, 0)
	}
	if d := cmp.Diff(before, agentSeries(t, b.agents, "")); d != "" {
		t.Errorf("a failed refresh changed (-want +got):\n%s", d)
	}
	for range 2 {
		err := b.refresh(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		b.tell(err, 0)
	}
	if n := strings.Count(b.log.String(), "are not refreshed"); n != 1 || strings.Count(b.log.String(), "refreshed again") != 1 {
		t.Errorf("the log says\n%s\nwant each once", &b.log)
	}
	b.sees("the time", "refreshed", fmt.Sprintf("agents_refreshed_timestamp_seconds{} %v", float64(b.clock.Unix())))
}

// TestUnreadableLayout: it is left out and said once; the others count.
func TestUnreadableLayout(t *testing.T) {
	b := backroomOf(t, "Asia/Shanghai", "2026-03-29 12:00")
	if err := b.store.PutLayouts(t.Context(), []scoring.Layout{{Version: "odd", Name: "odd", Question: "service", Definition: []byte(`{"scale": 1}`)}}); err != nil {
		t.Fatal(err)
	}
	b.call("wf", "satisfied")
	b.refreshed()
	b.refreshed()
	b.sees("the layouts that can be read", "window", "agent_window_ratings{wf,30d} 1", "agent_window_satisfied{wf,30d} 1")
	if strings.Count(b.log.String(), "layout=odd") != 1 {
		t.Errorf("the log says\n%s\nwant the layout once", &b.log)
	}
}
