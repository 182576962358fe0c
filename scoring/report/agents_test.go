package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"aftercall/configs/i18n"
	"aftercall/scoring"
	"aftercall/scoring/compare"

	terminal "github.com/jedib0t/go-pretty/v6/text"
)

// marked makes the mark of an agent who was offered so many surveys. Adjusted
// is given; everything else follows as the comparison would have it.
func marked(id string, offered, rated, satisfied int64, adjusted, reliability float64, tier compare.Tier) compare.AgentMark {
	m := compare.AgentMark{
		Agent: id, Offered: offered, Rated: rated, Satisfied: satisfied, Tier: tier, Group: 1, Reliability: reliability, Wanted: 140, Method: compare.MixedModel,
		Answered: compare.Wilson(rated, offered, compare.Confidence), Raw: compare.Wilson(satisfied, rated, compare.Confidence),
		Adjusted: compare.Estimate{Value: adjusted, Lo: adjusted - 0.04, Hi: adjusted + 0.03, N: rated, Status: compare.OK},
		Funnel:   compare.Funnel{Lo95: 0.7, Hi95: 0.9, Lo998: 0.65, Hi998: 0.95},
	}
	if rated < compare.FewRatings {
		few := func(n int64) compare.Estimate {
			if n == 0 {
				return compare.Estimate{Lo: 0, Hi: 1, Status: compare.NoData}
			}
			return compare.Estimate{Lo: 0, Hi: 1, N: n, Status: compare.TooFew}
		}
		m.Answered, m.Raw, m.Adjusted = few(offered), few(rated), few(rated)
	}
	return m
}

// exam makes the exam of a layout in a queue.
func exam(queue, layout string, rated, satisfied int64, share, expected float64, group int) compare.Exam {
	return compare.Exam{Queue: queue, Layout: layout, Version: "v-" + layout, Rated: rated, Satisfied: satisfied, Share: share, Group: group,
		Expected: compare.Estimate{Value: expected, Lo: expected, Hi: expected, N: rated, Status: compare.Degenerate}, Wanted: 150}
}

// team is a roster of four.
var team = []scoring.RosterAgent{
	{ID: "1001", Name: "王芳", Team: "早班"}, {ID: "1002", Name: "李娜", Team: "早班"},
	{ID: "1003", Name: "Alice", Team: "evening"}, {ID: "1004", Name: "张伟", Team: "evening"},
}

// usual is a centre in which menus and agents differ.
func usual() Agents {
	return Agents{
		AgentMarks: compare.AgentMarks{
			Method: compare.MixedModel, Groups: 1, Unknown: 14,
			Agents: []compare.AgentMark{
				marked("1001", 900, 610, 540, 0.861, 0.813, compare.Above),
				marked("1002", 880, 590, 470, 0.828, 0.808, compare.Expected),
				marked("1003", 300, 205, 140, 0.719, 0.694, compare.Below),
				marked("PJSIP/2001", 60, 41, 33, 0.811, 0.406, compare.Untold),
				marked("PJSIP/2002", 12, 7, 7, 0.833, 0.104, compare.Untold),
			},
			Exams:  []compare.Exam{exam("support", "habit", 743, 643, 0.511, 0.856, 1), exam("support", "strict", 710, 547, 0.489, 0.774, 1)},
			Spread: compare.Estimate{Value: 0.35, N: 1453, Status: compare.OK}, Satisfied: compare.Wilson(1190, 1453, compare.Confidence),
			Drift:    compare.Estimate{Value: -0.012, Lo: -0.054, Hi: 0.03, N: 1303, Status: compare.OK},
			Warnings: []compare.Remark{{Code: compare.WithoutAgent, Args: []any{int64(14)}}},
		},
		Site: "demo centre", Period: scoring.Period{From: "2026-03-02", To: "2026-03-31"}, Offered: 2166, Roster: team, LastDay: "2026-03-31",
	}
}

// agentCases is every way in which the marks can come.
func agentCases() map[string]Agents {
	all := map[string]Agents{"usual": usual()}
	few := usual()
	few.Agents = []compare.AgentMark{marked("1001", 14, 9, 8, 0, 0, compare.Untold), marked("1002", 3, 0, 0, 0, 0, compare.Untold)}
	few.Agents[0].Method, few.Agents[1].Method, few.Agents[1].Group = compare.ObservedExpected, compare.NoMethod, 0
	few.Warnings = []compare.Remark{{Code: compare.FewAgents, Args: []any{2, compare.MinAgents}}}
	few.Exams, few.Method, few.Offered, few.Unknown = []compare.Exam{exam("support", "habit", 9, 8, 1, 0, 1)}, compare.ObservedExpected, 17, 0
	few.Satisfied = compare.Wilson(8, 9, compare.Confidence)
	few.Exams[0].Wanted = 0
	few.Exams[0].Expected = compare.Estimate{Lo: 0, Hi: 1, Status: compare.NoData}
	all["few"] = few
	alone := usual()
	alone.Agents = []compare.AgentMark{marked("1003", 300, 205, 140, 0, 0, compare.Untold)}
	alone.Agents[0].Method = compare.AloneMethod
	alone.Warnings = []compare.Remark{{Code: compare.NobodyElse, Args: []any{"1003"}}}
	alone.Agents[0].Adjusted, alone.Agents[0].Wanted = alone.Agents[0].Raw, 0
	alone.Exams, alone.Method, alone.Offered, alone.Unknown, alone.Roster = few.Exams[:0:0], compare.AloneMethod, 300, 0, nil
	alone.Exams = append(alone.Exams, exam("support", "habit", 205, 140, 1, 0, 1))
	alone.Satisfied = alone.Agents[0].Raw
	alone.Exams[0].Wanted = 0
	alone.Exams[0].Expected = few.Exams[0].Expected
	all["alone"] = alone
	none := compare.AgentMarks{Method: compare.NoMethod, Warnings: []compare.Remark{{Code: compare.NoRatings}}, Spread: few.Exams[0].Expected, Drift: few.Exams[0].Expected, Satisfied: few.Exams[0].Expected}
	all["nobody"] = Agents{AgentMarks: none, Site: "demo centre", Period: scoring.Period{From: "2026-03-02", To: "2026-03-31", Queue: "sales"}, LastDay: "2026-01-07", Roster: team}
	all["roster"] = Agents{AgentMarks: none, Site: "demo centre", Period: scoring.Period{From: "2026-03-02", To: "2026-03-31"}, Roster: team}
	groups := usual()
	groups.Groups = 2
	for i := range groups.Agents[2:] {
		groups.Agents[2+i].Group = 2
	}
	for i := range groups.Agents[:2] {
		groups.Agents[i].Method, groups.Agents[i].Wanted, groups.Agents[i].Reliability, groups.Agents[i].Tier = compare.ObservedExpected, 0, 0, compare.Untold
	}
	groups.Warnings = []compare.Remark{{Code: compare.GroupsApart, Args: []any{2}}, {Code: compare.FewAgents, Args: []any{2, compare.MinAgents}}}
	groups.Exams = []compare.Exam{exam("sales", "habit", 1200, 1010, 1, 0.842, 1), exam("support", "habit", 120, 92, 0.474, 0.77, 2), exam("support", "strict", 133, 88, 0.526, 0.66, 2)}
	groups.Exams[0].Expected, groups.Exams[0].Wanted = few.Exams[0].Expected, 0
	all["groups"] = groups
	observed := usual()
	observed.Method, observed.Agents = compare.ObservedExpected, observed.Agents[:3]
	for i := range observed.Agents {
		observed.Agents[i].Method = compare.ObservedExpected
		observed.Agents[i].Tier, observed.Agents[i].Reliability, observed.Agents[i].Wanted = compare.Untold, 0, 0
	}
	for i := range observed.Exams {
		observed.Exams = slices.Clone(observed.Exams)
		observed.Exams[i].Wanted = 0
		observed.Exams[i].Expected = few.Exams[0].Expected
	}
	all["observed"] = observed
	evening := usual()
	evening.Team = "evening"
	all["team"] = evening
	invented := usual()
	invented.Invented, invented.Moved, invented.Roster = true, true, nil
	all["invented"] = invented
	versions := usual()
	versions.Period.Queue = "support"
	versions.Exams = append(slices.Clone(versions.Exams), exam("support", "strict", 30, 26, 0.01, 0.8, 1))
	versions.Exams[2].Version = "v-strict-2"
	all["queue"] = versions
	return all
}

func agentsText(t *testing.T, a Agents, language string) string {
	t.Helper()
	var b bytes.Buffer
	if err := AgentsText(&b, a, i18n.For(language)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAgentsText(t *testing.T) {
	all := agentCases()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for _, language := range i18n.Languages {
			got := agentsText(t, all[name], language)
			golden(t, "agents-"+name+"."+language+".golden", got)
			if bad := regexp.MustCompile(`%!.*|NaN|[+-]Inf|\b(marks|tier|column|agents)\.[a-z_]+`).FindString(got); bad != "" {
				t.Errorf("%s in %s: %q", name, language, bad)
			}
		}
	}
}

// order lists the ids of a text's first table from its top.
func order(text string, ids ...string) []string {
	slices.SortFunc(ids, func(a, b string) int { return strings.Index(text, a) - strings.Index(text, b) })
	return ids
}

// TestAgentsFollowTheirNames: by name in the language of the report, else by
// id, whatever their marks are.
func TestAgentsFollowTheirNames(t *testing.T) {
	a := usual()
	ids := []string{"1001", "1002", "1003", "1004", "PJSIP/2001", "PJSIP/2002"}
	for _, language := range i18n.Languages {
		before := fmt.Sprint(order(agentsText(t, a, language), slices.Clone(ids)...))
		for i := range a.Agents {
			a.Agents[i].Adjusted.Value = 0.2 + float64(i)/10
		}
		if after := fmt.Sprint(order(agentsText(t, a, language), slices.Clone(ids)...)); after != before {
			t.Errorf("%s: other marks make another order, %s for %s", language, after, before)
		}
	}
	rows := a.rows("zh-CN")
	var names []string
	for _, r := range rows {
		names = append(names, r.shownAs())
	}
	if got, want := fmt.Sprint(names), "[Alice PJSIP/2001 PJSIP/2002 李娜 王芳 张伟]"; got != want { // by pinyin: li, wang, zhang
		t.Errorf("by pinyin %s, want %s", got, want)
	}
	same := Agents{Roster: []scoring.RosterAgent{{ID: "b", Name: "Alice"}, {ID: "a", Name: "Alice"}, {ID: "c", Name: "alan"}}}
	names = nil
	for _, r := range same.rows("en") {
		names = append(names, r.Agent)
	}
	if fmt.Sprint(names) != "[c a b]" {
		t.Errorf("two of one name stand as %v, want [c a b]", names)
	}
}

// TestFewRatingsShowNoShare, wherever it could stand.
func TestFewRatingsShowNoShare(t *testing.T) {
	a := usual()
	for language, want := range map[string][]string{"en": {"too few (7)", "too few (12)", "cannot be told apart"}, "zh-CN": {"过少（7）", "过少（12）", "无法区分"}} {
		for l := range strings.Lines(agentsText(t, a, language)) {
			if !strings.HasPrefix(strings.TrimLeft(l, " "), "PJSIP/2002") {
				continue
			}
			if strings.Contains(l, "%") || regexp.MustCompile(`0\.\d`).MatchString(l) || !strings.Contains(l, want[0]) || !strings.Contains(l, want[1]) || !strings.Contains(l, want[2]) {
				t.Errorf("an agent with 7 ratings reads %q", l)
			}
			want = nil
		}
		if want != nil {
			t.Errorf("%s: no line of the agent with 7 ratings", language)
		}
	}
}

// TestReliabilityIsNotRoundedUp: 0.694 is under 0.70, and 0.699 too.
func TestReliabilityIsNotRoundedUp(t *testing.T) {
	a := usual()
	a.Agents = a.Agents[2:3]
	a.Agents[0].Reliability = 0.6999
	if s := agentsText(t, a, "en"); !strings.Contains(s, " 0.69 ") || !strings.Contains(s, "under 0.70 or cannot be told: here 1 of 1 agents") {
		t.Errorf("a reliability of 0.6999 reads\n%s", s)
	}
	a.Agents[0].Reliability = 0.7
	if s := agentsText(t, a, "en"); !strings.Contains(s, " 0.70 ") || strings.Contains(s, "Pay should") {
		t.Errorf("a reliability of 0.7 reads\n%s", s)
	}
}

// hostile are names that a roster may hold.
var hostile = []string{
	"Zoë 👩‍👩‍👧‍👦🏽", "e\u0301\u0323\u0302\u0301\u0323e\u0301", "محمد ١٢٣", "דנה \u202eetibw", strings.Repeat("长", 85), strings.Repeat("x", 256), "a|b\\c<script>", "%d %s", "ﷺ", "\u200b\u200d",
}

// TestHostileNamesKeepTheColumns: whatever the names, every line's tier begins
// in one column, and no name turns the direction of a line.
func TestHostileNamesKeepTheColumns(t *testing.T) {
	a := usual()
	a.Agents, a.Roster = nil, nil
	for i, name := range hostile {
		id := fmt.Sprintf("70%02d", i)
		a.Agents = append(a.Agents, marked(id, 900, 610, 540, 0.861, 0.813, compare.Above))
		a.Roster = append(a.Roster, scoring.RosterAgent{ID: id, Name: name, Team: name})
	}
	for _, language := range i18n.Languages {
		said := agentsText(t, a, language)
		columns := map[int]int{}
		for l := range strings.Lines(said) {
			if before, _, ok := strings.Cut(l, "  900 "); ok {
				columns[terminal.StringWidthWithoutEscSequences(before)]++
			}
		}
		if len(columns) != 1 || slices.Collect(maps.Values(columns))[0] != len(hostile) {
			t.Errorf("%s: the fourth column begins at %v", language, columns)
		}
		if strings.ContainsRune(said, '\u202e') || strings.Count(said, "\u2068") != strings.Count(said, "\u2069") {
			t.Errorf("%s: a name turns the line:\n%q", language, said)
		}
	}
}

// TestAgentsCSV can be read, has a line for each agent and a cell for each
// head, and holds no formulas.
func TestAgentsCSV(t *testing.T) {
	a := usual()
	a.Roster = append(slices.Clone(a.Roster), scoring.RosterAgent{ID: "+49", Name: "=1+2", Team: "@now"}, scoring.RosterAgent{ID: "-1", Name: `"quoted", name`})
	var b bytes.Buffer
	if err := AgentsCSV(&b, a, "en"); err != nil {
		t.Fatal(err)
	}
	golden(t, "agents.csv", b.String())
	lines, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != 1+8 {
		t.Errorf("%d lines, want a head and 8 agents", len(lines))
	}
	for _, l := range lines[1:] {
		for i, cell := range l[:agentTexts] {
			if cell != "" && strings.Contains("=+-@", cell[:1]) {
				t.Errorf("%s of %q begins as a formula does: %q", lines[0][i], l[0], cell)
			}
		}
	}
}

// TestAgentsJSON: whole, and null where there is no value.
func TestAgentsJSON(t *testing.T) {
	for name, a := range agentCases() {
		var b bytes.Buffer
		if err := AgentsJSON(&b, a, "en"); err != nil {
			t.Fatal(name, err)
		}
		var back struct {
			Invented       *bool
			Site, From, To string
			Offered        int64
			Method         compare.Method
			Agents         []struct {
				Agent, Name, Team string
				Rated             int64
				Raw, Adjusted     struct {
					Value  *float64
					N      int64
					Status compare.Status
				}
				Tier compare.Tier
			}
			Exams []struct{ Layout string }
		}
		if err := json.Unmarshal(b.Bytes(), &back); err != nil {
			t.Fatal(name, err)
		}
		rows := a.rows("en")
		if len(back.Agents) != len(rows) || back.Agents == nil || back.Method != a.Method || back.Offered != a.Offered || *back.Invented != a.Invented || back.From != a.Period.From || len(back.Exams) != len(a.Exams) {
			t.Fatalf("%s came back as %+v", name, back)
		}
		for i, r := range rows {
			got := back.Agents[i]
			if got.Agent != r.Agent || got.Name != r.Name || got.Team != r.Team || got.Rated != r.Rated || got.Raw.N != r.Raw.N || got.Raw.Status != r.Raw.Status || got.Tier != r.Tier || (got.Adjusted.Value != nil) != r.Adjusted.Known() {
				t.Errorf("%s: %+v came back as %+v", name, r, got)
			}
		}
		if strings.Contains(b.String(), `"status": ""`) {
			t.Errorf("%s: a figure of an agent has no status", name)
		}
	}
}

// TestForReliability: as many ratings as the model says for pay, fewer for
// less.
func TestForReliability(t *testing.T) {
	for _, wanted := range []int64{10, 140, 999_999} {
		half := forReliability(wanted, compare.MinReliability)
		if got := forReliability(wanted, compare.PayReliability); got != wanted {
			t.Errorf("%d ratings for the reliability that %d give", got, wanted)
		}
		if m := float64(wanted) * 3 / 7; float64(half) < m || float64(half) > m+1 {
			t.Errorf("%d ratings for 0.5, want %.1f", half, m)
		}
	}
}
