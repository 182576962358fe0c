package survey

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"aftercall/ivr/layout"
	"aftercall/scoring"

	"github.com/google/go-cmp/cmp"
)

func two(say string) layout.Texts {
	return layout.Texts{{Language: "en", Say: say}, {Language: "zh-CN", Say: "中" + say}}
}

// centre asks two questions in the queue support, the first with two layouts,
// and one everywhere else.
func centre() layout.Catalogue {
	scale := threeWay
	scale.Verdicts = slices.Clone(scale.Verdicts)
	for i, v := range scale.Verdicts {
		scale.Verdicts[i].Label = two(v.ID)
	}
	of := func(name, question string) layout.Layout {
		l := menu(question)
		l.Name, l.Phrase, l.NoInput.Say, l.WrongKey.Say = name, two("{label} {key}"), two("nothing heard"), two("wrong key")
		return l
	}
	gap := of("gap", "service")
	gap.Options[0].Pause = layout.Delay(3 * time.Second)
	return layout.Catalogue{
		Languages: []string{"en", "zh-CN"}, Scales: []layout.Scale{scale},
		Questions: []layout.Question{{Name: "service", Scale: "service", Ask: two("rate us")}, {Name: "resolved", Scale: "service", Ask: two("resolved")}},
		Layouts:   []layout.Layout{of("habit", "service"), gap, of("plain", "resolved")},
		Surveys: []layout.Survey{
			{Name: "long", Questions: []string{"resolved", "service"}, Primary: "service", Thanks: two("thanks")},
			{Name: "short", Questions: []string{"service"}, Primary: "service", Thanks: two("bye")},
		},
		Default: layout.Queue{Survey: "short", Layouts: []layout.Arm{{Layout: "habit", Weight: 1}}},
		Queues: []layout.Queue{{Name: "support", Survey: "long",
			Layouts: []layout.Arm{{Layout: "habit", Weight: 1}, {Layout: "plain", Weight: 1}, {Layout: "gap", Weight: 1}}}},
	}
}

func book(t *testing.T, c layout.Catalogue) *Book {
	t.Helper()
	if f := c.Faults(); f != nil {
		t.Fatal(f)
	}
	b, err := NewBook(c, "seed", nil, toneLibrary{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPlan(t *testing.T) {
	b := book(t, centre())
	id := scoring.CallID{UniqueID: "node1-1.0", Visit: 1}
	plan, given, name := b.Plan(id, "support", "zh-CN")
	if name != "long" || len(plan.Questions) != 2 || len(given) != 2 {
		t.Fatalf("survey %q with %d questions and %d assignments, want long with 2", name, len(plan.Questions), len(given))
	}
	for i, want := range []scoring.Assignment{{Question: "resolved", Position: 1}, {Question: "service", Position: 2, Primary: true}} {
		ask := plan.Questions[i]
		want.Layout, want.Version, want.Rendition = ask.Layout.Name, ask.Sound.Version, ask.Sound.Hash
		if d := cmp.Diff(want, given[i]); d != "" {
			t.Errorf("assignment %d differs (-want +got):\n%s", i+1, d)
		}
		if ask.Layout.Question != want.Question || ask.Sound.Language != "zh-CN" || want.Version == "" || want.Rendition == "" {
			t.Errorf("question %d: layout of %q in %q, version %q, rendition %q", i+1, ask.Layout.Question, ask.Sound.Language, want.Version, want.Rendition)
		}
	}
	if plan.Thanks[0].Media != "中thanks" {
		t.Errorf("thanked with %q, want it in the caller's language", plan.Thanks[0].Media)
	}
	if _, again, _ := b.Plan(id, "support", "en"); again[1].Layout != given[1].Layout || again[1].Version != given[1].Version || again[1].Rendition == given[1].Rendition {
		t.Errorf("the same call in English got %+v, want the same layout and version in another rendition", again[1])
	}
	if _, given, name := b.Plan(id, scoring.Unknown, "en"); name != "short" || len(given) != 1 || given[0].Layout != "habit" {
		t.Errorf("a queue that is not listed got survey %q with %+v, want the default", name, given)
	}
}

// TestPlanSplits: both layouts of a question are given, and only these.
func TestPlanSplits(t *testing.T) {
	b, seen := book(t, centre()), map[string]int{}
	for i := range 2000 {
		_, given, _ := b.Plan(scoring.CallID{UniqueID: fmt.Sprint(i), Visit: 1}, "support", "en")
		seen[given[1].Layout]++
	}
	if len(seen) != 2 || seen["habit"] < 900 || seen["gap"] < 900 {
		t.Errorf("2000 calls got %v, want about half habit and half gap", seen)
	}
}

func TestQueue(t *testing.T) {
	b := book(t, centre())
	for name, want := range map[string]string{"support": "support", "sales": scoring.Unknown, "": scoring.Unknown, "Support": scoring.Unknown} {
		if got, known := b.Queue(name); got != want || known != (want == name) {
			t.Errorf("Queue(%q) = %q, %v, want %q", name, got, known, want)
		}
	}
}

func TestLanguage(t *testing.T) {
	b := book(t, centre())
	for _, c := range []struct {
		said, want string
		ok         bool
	}{
		{"en", "en", true}, {"EN", "en", true}, {"en_GB", "en", true}, {"en-AU", "en", true},
		{"zh", "zh-CN", true}, {"zh_CN", "zh-CN", true}, {"ZH-cn", "zh-CN", true}, {"cn", "zh-CN", true}, {"zh_TW", "zh-CN", true},
		{"", "en", true}, {"fr", "en", false}, {"-", "en", false}, {"e", "en", false}, {"english", "en", false},
	} {
		if got, ok := b.Language("support", c.said); got != c.want || ok != c.ok {
			t.Errorf("Language(%q) = %q, %v, want %q, %v", c.said, got, ok, c.want, c.ok)
		}
	}
	c := centre()
	c.Languages = []string{"zh-CN", "en"}
	if got, ok := book(t, c).Language("support", "fr"); got != "zh-CN" || ok {
		t.Errorf("Language(fr) = %q, %v, want the site's first and false", got, ok)
	}
}

// TestLanguageFallsBackWholeQueue: where one layout of a queue lacks a text,
// every caller of that queue is asked in the site's first language, whichever
// layout the call gets; callers of other queues are not.
func TestLanguageFallsBackWholeQueue(t *testing.T) {
	c := centre()
	c.Layouts[1].Phrase = c.Layouts[1].Phrase[:1] // gap: English alone
	b := book(t, c)
	if got, ok := b.Language("support", "zh"); got != "en" || !ok {
		t.Errorf("support: Language(zh) = %q, %v, want en and true", got, ok)
	}
	if got, ok := b.Language("sales", "zh"); got != "zh-CN" || !ok {
		t.Errorf("sales: Language(zh) = %q, %v, want zh-CN and true", got, ok)
	}
	for n := range 20 {
		id := scoring.CallID{UniqueID: strconv.Itoa(n), Visit: 1}
		p, _, _ := b.Plan(id, "support", "en")
		for _, ask := range p.Questions {
			if len(ask.Sound.Menu) == 0 || ask.Sound.Language != "en" {
				t.Errorf("call %d: layout %q is heard in %q", n, ask.Layout.Name, ask.Sound.Language)
			}
		}
	}
	if d, _ := b.Longest(); d <= 0 {
		t.Errorf("Longest = %s", d)
	}
}

// TestSplits: the text of a split changes exactly when the split does.
func TestSplits(t *testing.T) {
	splits := func(change func(*layout.Catalogue), seed string) map[Split]string {
		c := centre()
		if change != nil {
			change(&c)
		}
		b, err := NewBook(c, seed, nil, toneLibrary{})
		if err != nil {
			t.Fatal(err)
		}
		list, err := b.Splits()
		if err != nil {
			t.Fatal(err)
		}
		arms := map[Split]string{}
		for _, s := range list {
			arms[Split{s.Queue, s.Question}] = s.Arms
		}
		return arms
	}
	first := splits(nil, "seed")
	b := book(t, centre())
	key := Split{"support", "service"}
	heard := func(layout, language string) string { return b.asks[rendered{layout, language}].Sound.Hash }
	want := fmt.Sprintf(`{"seed":"seed","arms":[{"layout":"habit","version":%q,"weight":1,"renditions":{"en":%q,"zh-CN":%q}},{"layout":"gap","version":%q,"weight":1,"renditions":{"en":%q,"zh-CN":%q}}]}`,
		b.version("habit"), heard("habit", "en"), heard("habit", "zh-CN"), b.version("gap"), heard("gap", "en"), heard("gap", "zh-CN"))
	if len(first) != 3 || first[key] != want {
		t.Errorf("%d splits, that of %v is\n%s, want 3 and\n%s", len(first), key, first[key], want)
	}
	if d := cmp.Diff(first, splits(nil, "seed")); d != "" {
		t.Errorf("the same catalogue has other splits:\n%s", d)
	}
	for name, change := range map[string]func(*layout.Catalogue){
		"weight": func(c *layout.Catalogue) { c.Queues[0].Layouts[0].Weight = 2 },
		"arm":    func(c *layout.Catalogue) { c.Queues[0].Layouts = c.Queues[0].Layouts[:2] },
		"layout": func(c *layout.Catalogue) { c.Layouts[1].Options[0].Pause = 0 },
		"order": func(c *layout.Catalogue) {
			l := c.Queues[0].Layouts
			l[0], l[2] = l[2], l[0]
		},
	} {
		got := splits(change, "seed")
		if got[key] == first[key] {
			t.Errorf("change of %s: the split has the same text", name)
		}
		if other := (Split{"support", "resolved"}); got[other] != first[other] {
			t.Errorf("change of %s: the split of the other question changed", name)
		}
	}
	if splits(nil, "other")[key] == first[key] {
		t.Error("change of seed: the split has the same text")
	}
	if splits(func(c *layout.Catalogue) { c.Surveys[0].Thanks = two("ta") }, "seed")[key] != first[key] {
		t.Error("change of the thank-you: the split changed")
	}
}

// TestLongestSurvey: the longest layout of every question, in the longest
// language, and the thank-you.
func TestLongestSurvey(t *testing.T) {
	b := book(t, centre())
	d, name := b.Longest()
	gap, plain := b.asks[rendered{"gap", "en"}], b.asks[rendered{"plain", "en"}]
	want := time.Second + layout.Longest(gap.Layout, gap.Sound) + layout.Longest(plain.Layout, plain.Sound)
	if d != want || name != "long" {
		t.Errorf("Longest = %s, %q, want %s, long", d, name, want)
	}
	for i := range 50 {
		for _, queue := range []string{"support", scoring.Unknown} {
			if p, _, _ := b.Plan(scoring.CallID{UniqueID: fmt.Sprint(i), Visit: 1}, queue, "en"); p.Longest() > d {
				t.Errorf("a plan takes %s, longer than the longest", p.Longest())
			}
		}
	}
}

func TestSeries(t *testing.T) {
	b := book(t, centre())
	kinds, seen := map[scoring.Kind]int{}, map[scoring.Series]bool{}
	for _, s := range b.Series() {
		if seen[s] {
			t.Errorf("series %+v stands twice", s)
		}
		seen[s] = true
		kinds[s.Kind]++
	}
	// 4 arms (support: habit, gap, plain; default: habit), 6 outcomes, 3 verdicts; 3 layouts with 3 options and a repeat, 12 keys that may be wrong, and 0 to 3 options heard before a hang-up.
	want := map[scoring.Kind]int{scoring.LayoutOutcome: 24, scoring.LayoutVerdict: 12, scoring.LayoutKey: 12, scoring.LayoutMS: 3, scoring.LayoutWrong: 36, scoring.LayoutHangup: 12}
	if d := cmp.Diff(want, kinds); d != "" {
		t.Errorf("series by kind differ (-want +got):\n%s", d)
	}
	if !seen[scoring.Series{Kind: scoring.LayoutVerdict, Question: "service", Layout: "gap", Queue: "support", Label: "fair"}] {
		t.Error("no series for fair with the layout gap in the queue support")
	}
	agent := b.AgentSeries("wf", "support")
	if len(agent) != 9 || agent[0] != (scoring.Series{Kind: scoring.AgentOutcome, Agent: "wf", Label: "rated"}) || agent[8].Label != "satisfied" {
		t.Errorf("an agent's series %+v, want 6 outcomes and 3 verdicts", agent)
	}
}

func TestDefinitions(t *testing.T) {
	b := book(t, centre())
	all, err := b.Definitions()
	if err != nil || len(all) != 3 {
		t.Fatalf("%d definitions, %v, want 3", len(all), err)
	}
	for _, d := range all {
		var kept struct {
			Layout   layout.Layout
			Question layout.Question
			Scale    layout.Scale
		}
		if err := json.Unmarshal(d.Definition, &kept); err != nil {
			t.Fatal(err)
		}
		if got := layout.Version(kept.Layout, kept.Question, kept.Scale); got != d.Version || kept.Layout.Name != d.Name || kept.Question.Name != d.Question {
			t.Errorf("layout %q read back has version %s, want %s", d.Name, got, d.Version)
		}
	}
}

// deaf lacks the thank-you.
type deaf struct{ toneLibrary }

var errDeaf = errors.New("no such sound")

func (d deaf) Speech(s layout.Speech) (layout.Sound, error) {
	if strings.HasSuffix(s.Say, "bye") && s.Language == "zh-CN" {
		return layout.Sound{}, errDeaf
	}
	return d.toneLibrary.Speech(s)
}

func TestBookLacksASound(t *testing.T) {
	_, err := NewBook(centre(), "seed", nil, deaf{})
	if want := `survey "short" in zh-CN: no such sound`; !errors.Is(err, errDeaf) || err.Error() != want {
		t.Errorf("NewBook without a sound: %v, want %s", err, want)
	}
}
