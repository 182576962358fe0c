package metrics

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"aftercall/scoring"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// clock is a moment of most tests: the 12th in UTC, the 13th in Shanghai.
var clock = time.Date(2026, 3, 12, 18, 0, 0, 0, time.UTC)

var shanghai = time.FixedZone("Shanghai", 8*3600)

func newAgents(source MovedTotals) *Agents {
	return NewAgents(source, shanghai, func() time.Time { return clock })
}

// book is a source of totals that tests move.
type book struct {
	all   []scoring.Total
	moved []uint64
	moves uint64
}

func (b *book) source(since uint64) (moved []scoring.Total, now uint64) {
	for i, t := range b.all {
		if b.moved[i] > since {
			moved = append(moved, t)
		}
	}
	return moved, b.moves
}

// add moves totals of one agent by as much as n.
func (b *book) add(n int64, agent string, labels ...string) {
	b.moves++
	for _, label := range labels {
		at := -1
		for i, t := range b.all {
			if t.Agent == agent && t.Label == label {
				at = i
			}
		}
		if at < 0 {
			kind := scoring.AgentVerdict
			if label == "rated" || label == "hangup" {
				kind = scoring.AgentOutcome
			}
			at = len(b.all)
			b.all, b.moved = append(b.all, scoring.Total{Series: scoring.Series{Kind: kind, Agent: agent, Label: label}}), append(b.moved, 0)
		}
		b.all[at].N += n
		b.moved[at] = b.moves
	}
}

// shown lists the series of some metrics, without what all names begin with.
func shown(t testing.TB, a *Agents, names ...string) []string {
	t.Helper()
	families, err := a.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range families {
		name := strings.TrimPrefix(f.GetName(), "aftercall_")
		for _, m := range f.Metric {
			for _, wanted := range names {
				if name == wanted {
					out = append(out, name+labelled(m)+fmt.Sprint(" ", m.GetGauge().GetValue()+m.GetCounter().GetValue()))
				}
			}
		}
	}
	return out
}

func labelled(m *dto.Metric) string {
	var all []string
	for _, l := range m.Label {
		all = append(all, l.GetValue())
	}
	return "{" + strings.Join(all, ",") + "}"
}

func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func known(id, lastDay string) scoring.KnownAgent {
	return scoring.KnownAgent{ID: id, KnownAt: clock.AddDate(-1, 0, 0), LastDay: lastDay}
}

// TestWhoIsShown: the roster first, then by when they became known; one who is
// new comes last and pushes nobody out.
func TestWhoIsShown(t *testing.T) {
	var b book
	for _, id := range []string{"a", "late", "early", "listed"} { // as a file may hold them
		b.add(1, id, "rated")
	}
	a := newAgents(b.source)
	a.Know([]scoring.KnownAgent{known("early", "2026-03-13"), known("late", "2026-03-13"), known("listed", "2026-03-13"), known("a", "2026-03-13")})
	roster := []scoring.RosterAgent{{ID: "new"}, {ID: "listed"}}
	for _, c := range []struct {
		most int
		want string
	}{
		{1, "new|4"}, {2, "new listed|3"}, {3, "new listed early|2"}, {4, "new listed early late|1"}, {5, "new listed early late a|0"}, {9, "new listed early late a|0"},
	} {
		a.Configure(AgentPolicy{Roster: roster, Max: c.most})
		if got := ids(t, a); got != c.want {
			t.Errorf("at most %d: %s, want %s", c.most, got, c.want)
		}
	}
	a.Configure(AgentPolicy{Roster: roster, Max: 5})
	b.add(0, "0 newcomer", "rated")
	if got, want := ids(t, a), "new listed early late a|1"; got != want {
		t.Errorf("with a newcomer: %s, want %s", got, want)
	}
	a.Configure(AgentPolicy{Max: 9})
	if got, want := ids(t, a), "early late listed a new 0 newcomer|0"; got != want {
		t.Errorf("without a roster: %s, want %s", got, want)
	}
}

// ids lists who is shown, and how many are hidden by the bound.
func ids(t *testing.T, a *Agents) string {
	t.Helper()
	var all []string
	for _, s := range shown(t, a, "agent_info") {
		id, _, _ := strings.Cut(strings.TrimPrefix(s, "agent_info{"), ",")
		all = append(all, id)
	}
	_, hidden, _ := strings.Cut(shown(t, a, "agents_hidden")[0], " ")
	return strings.Join(all, " ") + "|" + hidden
}

// TestIdle: an agent is hidden once more days than the bound have gone by, and
// is back with the next survey, with all totals.
func TestIdle(t *testing.T) {
	var b book
	b.add(0, "a", "rated", "fair")
	b.add(5, "a", "rated", "fair")
	b.add(1, "b", "rated")
	b.add(0, "never", "rated")
	now := clock
	a := NewAgents(b.source, shanghai, func() time.Time { return now })
	never := scoring.KnownAgent{ID: "never", KnownAt: time.Date(2026, 3, 10, 17, 0, 0, 0, time.UTC)} // the 11th in Shanghai
	a.Know([]scoring.KnownAgent{known("a", "2026-03-10"), known("b", "2026-03-13"), never})
	a.Configure(AgentPolicy{Max: 9, Idle: 49 * time.Hour}) // 3 days
	counters := []string{"agent_surveys_total", "agents_hidden"}
	same(t, "3 days after", shown(t, a, counters...), "agent_surveys_total{a,rated} 5", "agent_surveys_total{b,rated} 1", "agent_surveys_total{never,rated} 0", "agents_hidden{bound} 0", "agents_hidden{idle} 0")
	now = now.Add(24 * time.Hour)
	same(t, "4 days after", shown(t, a, counters...), "agent_surveys_total{b,rated} 1", "agent_surveys_total{never,rated} 0", "agents_hidden{bound} 0", "agents_hidden{idle} 1")
	b.add(0, "a", "rated") // made to stand anew: no survey
	now = now.Add(24 * time.Hour)
	same(t, "5 days after", shown(t, a, counters...), "agent_surveys_total{b,rated} 1", "agents_hidden{bound} 0", "agents_hidden{idle} 2")
	b.add(1, "a", "rated", "fair")
	same(t, "after another survey", shown(t, a, append(counters, "agent_ratings_total")...),
		"agent_ratings_total{a,fair} 6", "agent_surveys_total{a,rated} 6", "agent_surveys_total{b,rated} 1", "agents_hidden{bound} 0", "agents_hidden{idle} 1")
	a.Configure(AgentPolicy{Max: 9})
	same(t, "with nobody idle", shown(t, a, "agents_hidden"), "agents_hidden{bound} 0", "agents_hidden{idle} 0")
}

// TestFigures: no gauges before the first refresh; then windows of everybody,
// marks of those who have one, nothing of those who were merged.
func TestFigures(t *testing.T) {
	var b book
	b.add(3, "a", "rated")
	b.add(3, "few", "rated")
	b.add(3, "gone", "rated")
	a := newAgents(b.source)
	gone := known("gone", "2026-03-13")
	gone.MergedInto = "a"
	a.Know([]scoring.KnownAgent{known("a", "2026-03-13"), known("few", "2026-03-13"), gone})
	a.Configure(AgentPolicy{Max: 9})
	gauges := []string{"agent_window_ratings", "agent_window_satisfied", "agent_adjusted_ratio", "agent_adjusted_ratio_lower", "agent_adjusted_ratio_upper", "agent_tier", "agents_refreshed_timestamp_seconds"}
	same(t, "before a refresh", shown(t, a, gauges...), "agents_refreshed_timestamp_seconds{} 0")
	figures := map[string]AgentFigures{
		"a":    {Windows: []WindowFigures{{12, 9}, {40, 30}}, Mark: &Mark{Known: true, Share: 0.75, Low: 0.5, High: 0.875, Tier: 1}},
		"gone": {Windows: []WindowFigures{{1, 1}, {1, 1}}, Mark: &Mark{Known: true}},
	}
	a.Refresh([]string{"1d", "30d"}, figures, time.UnixMilli(1500))
	same(t, "after a refresh", shown(t, a, gauges...),
		"agent_adjusted_ratio{a} 0.75", "agent_adjusted_ratio_lower{a} 0.5", "agent_adjusted_ratio_upper{a} 0.875", "agent_tier{a} 1",
		"agent_window_ratings{a,1d} 12", "agent_window_ratings{a,30d} 40", "agent_window_ratings{few,1d} 0", "agent_window_ratings{few,30d} 0",
		"agent_window_satisfied{a,1d} 9", "agent_window_satisfied{a,30d} 30", "agent_window_satisfied{few,1d} 0", "agent_window_satisfied{few,30d} 0",
		"agents_refreshed_timestamp_seconds{} 1.5")
	same(t, "the counters of one who was merged", shown(t, a, "agent_surveys_total")[2:], "agent_surveys_total{gone,rated} 3")
	a.Refresh([]string{"30d"}, map[string]AgentFigures{"a": {Mark: &Mark{}}}, clock)
	same(t, "without a share", shown(t, a, gauges[:6]...), "agent_tier{a} 0", "agent_window_ratings{a,30d} 0", "agent_window_ratings{few,30d} 0", "agent_window_satisfied{a,30d} 0", "agent_window_satisfied{few,30d} 0")
}

// TestNames: they come from the roster, follow it, and can be switched off.
func TestNames(t *testing.T) {
	a := newAgents((&book{}).source)
	roster := []scoring.RosterAgent{{ID: "wf", Name: "王芳", Team: "morning"}, {ID: "al", Team: "morning"}}
	a.Configure(AgentPolicy{Roster: roster, Names: true, Max: 9})
	same(t, "with names", shown(t, a, "agent_info"), "agent_info{wf,王芳,morning} 1", "agent_info{al,,morning} 1")
	a.Configure(AgentPolicy{Roster: roster, Max: 9})
	same(t, "without names", shown(t, a, "agent_info"), "agent_info{wf,,morning} 1", "agent_info{al,,morning} 1")
	a.Configure(AgentPolicy{Roster: roster[1:], Names: true, Max: 9})
	same(t, "one has left the roster", shown(t, a, "agent_info"), "agent_info{al,,morning} 1", "agent_info{wf,,} 1")
}

// TestHostileIDs: whatever the ids are, the others are shown, and both forms of
// text can be read back.
func TestHostileIDs(t *testing.T) {
	var b book
	hostile := []string{`"},x{y="`, "a\nb", "\xff\xfe", "🤖", strings.Repeat("x", 10_000), "\x00", `\`, "plain"}
	for _, id := range hostile {
		b.add(1, id, "rated", "\xff")
	}
	a := newAgents(b.source)
	a.Configure(AgentPolicy{Roster: []scoring.RosterAgent{{ID: "plain", Name: "\xff", Team: "\xff"}}, Names: true, Max: 99})
	families, err := a.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []expfmt.Format{expfmt.NewFormat(expfmt.TypeTextPlain), expfmt.NewFormat(expfmt.TypeOpenMetrics), expfmt.NewFormat(expfmt.TypeProtoDelim)} {
		var out bytes.Buffer
		e := expfmt.NewEncoder(&out, format)
		for _, f := range families {
			if err := e.Encode(f); err != nil {
				t.Errorf("%s: %v", format, err)
			}
		}
		if format.FormatType() != expfmt.TypeTextPlain {
			continue
		}
		p := expfmt.NewTextParser(model.LegacyValidation)
		back, err := p.TextToMetricFamilies(&out)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range back["aftercall_agent_surveys_total"].Metric {
			got = append(got, m.Label[0].GetValue())
		}
		want := append([]string(nil), hostile...)
		want[2] = `\xff\xfe`
		want = append(want[7:], want[:7]...) // the roster first
		same(t, "ids that were read back", got, want...)
	}
}

// TestScrapesTogether: figures may be gathered and change at the same time.
func TestScrapesTogether(t *testing.T) {
	var mu sync.Mutex
	var b book
	a := newAgents(func(since uint64) ([]scoring.Total, uint64) {
		mu.Lock()
		defer mu.Unlock()
		return b.source(since)
	})
	var running sync.WaitGroup
	for range 3 {
		running.Go(func() {
			last := 0.0
			for range 200 {
				families, err := a.Gather()
				if err != nil {
					t.Error(err)
				}
				for _, f := range families {
					if f.GetName() == "aftercall_agent_surveys_total" {
						if n := f.Metric[0].GetCounter().GetValue(); n < last {
							t.Errorf("a total fell from %v to %v", last, n)
						} else {
							last = n
						}
					}
				}
			}
		})
	}
	running.Go(func() {
		for i := range 200 {
			mu.Lock()
			b.add(1, "a", "rated")
			mu.Unlock()
			a.Configure(AgentPolicy{Max: 1 + i%2, Idle: time.Hour})
			a.Know([]scoring.KnownAgent{known("a", "2026-03-13")})
			a.Refresh([]string{"30d"}, map[string]AgentFigures{"a": {Windows: []WindowFigures{{1, 1}}}}, clock)
		}
	})
	running.Wait()
	same(t, "the total in the end", shown(t, a, "agent_surveys_total"), "agent_surveys_total{a,rated} 200")
}
