package configs

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"aftercall/ivr/layout"
	"aftercall/scoring"

	"github.com/google/go-cmp/cmp"
)

func shipped(t *testing.T) *Config {
	t.Helper()
	t.Setenv("AFTERCALL_ARI_PASSWORD", password)
	c, err := Load("aftercall.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestShippedFilesHaveNoFault(t *testing.T) {
	c := shipped(t)
	if d := cmp.Diff([]string{"en", "zh-CN"}, c.Site.Languages); d != "" {
		t.Errorf("languages (-want +got):\n%s", d)
	}
	if s, ok := c.Catalogue.Survey("service-and-resolved"); !ok || len(s.Questions) != 2 {
		t.Errorf("survey of two questions = %+v, %v", s, ok)
	}
	q, ok := c.Catalogue.Queue("support")
	if arms := c.Catalogue.Arms(q, "service"); !ok || len(arms) != 2 {
		t.Errorf("queue support splits its calls between %v, want two layouts", arms)
	}
}

// Every default that the program would take is what the shipped file says, so
// that nobody is surprised by leaving a line out.
func TestShippedFileShowsTheDefaults(t *testing.T) {
	c := shipped(t)
	short := load(t, good(t))
	if d := cmp.Diff([]any{short.Store, short.Privacy, short.HTTP, short.Prompts.Folder, short.Prompts.Media, short.Prompts.Recordings, short.Prompts.Wideband, short.Prompts.Engine, short.Survey, short.Metrics, short.Log, short.Asterisk.App},
		[]any{c.Store, c.Privacy, c.HTTP, c.Prompts.Folder, c.Prompts.Media, c.Prompts.Recordings, c.Prompts.Wideband, c.Prompts.Engine, c.Survey, c.Metrics, c.Log, c.Asterisk.App}); d != "" {
		t.Errorf("(-default +shipped):\n%s", d)
	}
}

// The example of a roster is a comment: nobody's calls may be credited by it.
func TestShippedExampleOfARosterIsSound(t *testing.T) {
	if c := shipped(t); len(c.Agents) != 0 {
		t.Errorf("the shipped file has agents: %+v", c.Agents)
	}
	b, err := os.ReadFile("aftercall.yaml")
	if err != nil {
		t.Fatal(err)
	}
	example := "agents:\n"
	for line := range strings.Lines(string(b)) {
		if strings.HasPrefix(line, "#  ") {
			example += line[1:]
		}
	}
	c := load(t, good(t)+example)
	for _, tt := range []struct{ iface, member, day, want string }{
		{"PJSIP/1001", "", "2026-03-31", "wf-7"},
		{"PJSIP/1001", "", "2026-04-01", "al-1"},
		{"Local/1002@agents/n", "", "2026-04-01", "wf-7"},
		{"PJSIP/1001", "Wang Fang", "2026-04-01", "wf-7"},
	} {
		if id, _ := c.Roster.ID(scoring.Agent{Interface: tt.iface, Name: tt.member}, tt.day); id != tt.want {
			t.Errorf("%+v is %q", tt, id)
		}
	}
}

// A roster of 10,000 agents with a history is read.
func TestLargeRoster(t *testing.T) {
	var b strings.Builder
	b.WriteString(good(t) + "agents:\n")
	for i := range 10_000 {
		fmt.Fprintf(&b, "  - id: a%d\n    name: Agent %[1]d\n    aliases:\n      - {interface: PJSIP/%[1]d, to: 2026-03-31}\n"+
			"      - {interface: Local/%[1]d@agents, from: 2026-04-01}\n      - {member: Agent %[1]d}\n", i)
	}
	c := load(t, b.String())
	if id, _ := c.Roster.ID(scoring.Agent{Interface: "Local/9999@agents"}, "2026-04-01"); id != "a9999" {
		t.Errorf("the last agent is %q", id)
	}
}

// menu is what a layout reads out: verdict, key and pause of each option.
func menu(l layout.Layout) string {
	var all []string
	for i, o := range l.Options {
		part := o.Verdict + " " + o.Key
		if i+1 < len(l.Options) {
			part += ", " + o.Pause.String()
		}
		all = append(all, part)
	}
	return strings.Join(all, ", ")
}

func preset(t *testing.T, c *Config, name string) layout.Layout {
	t.Helper()
	l, ok := c.Catalogue.Layout(name)
	if !ok {
		t.Fatalf("no layout %q", name)
	}
	return l
}

func TestPresetsAreTheOnesOfTheDesign(t *testing.T) {
	c := shipped(t)
	for name, want := range map[string]string{
		"habit":       "satisfied 1, 500ms, fair 2, 500ms, dissatisfied 3",
		"strict":      "very_satisfied 5, 500ms, satisfied 3, 500ms, dissatisfied 1",
		"gap":         "satisfied 1, 3s, fair 2, 3s, dissatisfied 3",
		"worst-first": "dissatisfied 3, 500ms, fair 2, 500ms, satisfied 1",
		"reversed":    "dissatisfied 1, 500ms, fair 2, 500ms, satisfied 3",
	} {
		if got := menu(preset(t, c, name)); got != want {
			t.Errorf("layout %s: %s, want %s", name, got, want)
		}
	}
}

// differences derives from two layouts what they differ in, in the words of
// the design.
func differences(a, b layout.Layout) []string {
	verdicts := func(l layout.Layout) (all []string) {
		for _, o := range l.Options {
			all = append(all, o.Verdict)
		}
		return all
	}
	gaps := func(l layout.Layout) (all []layout.Delay) {
		for _, o := range l.Options[:len(l.Options)-1] {
			all = append(all, o.Pause)
		}
		return append(all, l.LeadIn, l.AskPause)
	}
	both := func(of, other []string) []string {
		return slices.DeleteFunc(slices.Clone(of), func(v string) bool { return !slices.Contains(other, v) })
	}
	va, vb := verdicts(a), verdicts(b)
	var d []string
	if !slices.Equal(both(va, vb), both(vb, va)) {
		d = append(d, "order")
	}
	if slices.ContainsFunc(a.Options, func(o layout.Option) bool {
		return slices.ContainsFunc(b.Options, func(p layout.Option) bool { return o.Verdict == p.Verdict && o.Key != p.Key })
	}) {
		d = append(d, "key")
	}
	if !slices.Equal(gaps(a), gaps(b)) {
		d = append(d, "gap")
	}
	if !slices.Equal(a.Phrase, b.Phrase) {
		d = append(d, "wording")
	}
	if len(both(va, vb)) < max(len(va), len(vb)) {
		d = append(d, "options")
	}
	return d
}

func TestPresetsDifferOnlyAsTheDesignSays(t *testing.T) {
	c := shipped(t)
	tests := []struct {
		a, b string
		want []string
	}{
		{"habit", "gap", []string{"gap"}},
		{"habit", "worst-first", []string{"order"}},
		{"worst-first", "reversed", []string{"key"}},
		{"habit", "reversed", []string{"order", "key"}},
		{"habit", "strict", []string{"key", "options"}},
		{"reversed", "strict", []string{"order", "options"}},
		{"gap", "reversed", []string{"order", "key", "gap"}},
		{"habit", "habit", nil},
	}
	for _, tt := range tests {
		a, b := preset(t, c, tt.a), preset(t, c, tt.b)
		if got := differences(a, b); !slices.Equal(got, tt.want) {
			t.Errorf("%s and %s differ in %v, want %v", tt.a, tt.b, got, tt.want)
		}
		// Whatever is no option and no name is the same.
		a.Name, a.Options, b.Name, b.Options = "", nil, "", nil
		if d := cmp.Diff(a, b); d != "" {
			t.Errorf("%s and %s differ elsewhere:\n%s", tt.a, tt.b, d)
		}
	}
}

// A pause inside a sentence would sound like the end of an option.
func TestShippedTextsAreOneSentence(t *testing.T) {
	speech, _ := shipped(t).Catalogue.Sounds()
	for _, s := range speech {
		if strings.ContainsAny(s.Say, ".;:!?。；：！？") {
			t.Errorf("%s: %q has a full stop, want one sentence", s.Language, s.Say)
		}
	}
}
