package survey

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"aftercall/ivr/layout"
	"aftercall/scoring"

	"github.com/google/go-cmp/cmp"
)

// tried is an experiment over the queue support and all that are not listed.
func tried(name string) scoring.Experiment {
	return scoring.Experiment{
		Name: name, Question: "service", Layouts: []string{"gap", "habit"}, Seed: "trial",
		Queues: []scoring.QueueWeights{{Queue: "support", Weights: []int{3, 1}}, {Queue: scoring.Unknown, Weights: []int{1, 1}}},
	}
}

func trying(t *testing.T, c layout.Catalogue, experiments ...scoring.Experiment) *Book {
	t.Helper()
	for _, e := range experiments {
		if f := Misfits(c, e); f != nil {
			t.Fatal(f)
		}
	}
	b, err := NewBook(c, "seed", experiments, toneLibrary{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestPlanOfAnExperiment: its queues are split by its weights and its seed,
// for its question; the other question and the catalogue stay as they are.
func TestPlanOfAnExperiment(t *testing.T) {
	c := centre()
	b := trying(t, c, tried("x"))
	const calls = 4000
	for _, tt := range []struct {
		queue string
		arms  []layout.Arm
		last  int // position of the question
	}{
		{"support", []layout.Arm{{Layout: "gap", Weight: 3}, {Layout: "habit", Weight: 1}}, 1},
		{scoring.Unknown, []layout.Arm{{Layout: "gap", Weight: 1}, {Layout: "habit", Weight: 1}}, 0},
		{"sales", []layout.Arm{{Layout: "gap", Weight: 1}, {Layout: "habit", Weight: 1}}, 0},
	} {
		seen := map[string]int{}
		for i := range calls {
			id := scoring.CallID{UniqueID: fmt.Sprint(i), Visit: 1}
			_, given, _ := b.Plan(id, tt.queue, "en")
			got, want := given[tt.last].Layout, tt.arms[layout.Choose("trial", "service", id.String(), tt.arms)].Layout
			if got != want || tt.last == 1 && given[0].Layout != "plain" {
				t.Fatalf("%s: call %s got %+v, want %s for the question of the experiment", tt.queue, id, given, want)
			}
			seen[got]++
		}
		share := float64(tt.arms[0].Weight) / float64(tt.arms[0].Weight+tt.arms[1].Weight)
		if got := float64(seen["gap"]) / calls; got < share-0.05 || got > share+0.05 {
			t.Errorf("%s: %v of the calls got gap, want about %v", tt.queue, got, share)
		}
	}
	if d := cmp.Diff(centre(), c); d != "" {
		t.Errorf("the catalogue has changed:\n%s", d)
	}
}

// TestPlanOfTwoExperiments: two questions of one queue are divided each by an
// experiment of its own.
func TestPlanOfTwoExperiments(t *testing.T) {
	c := centre()
	other := c.Layouts[2]
	other.Name = "plainer"
	c.Layouts = append(c.Layouts, other)
	x, y := tried("x"), tried("y")
	y.Question, y.Layouts, y.Seed, y.Queues = "resolved", []string{"plain", "plainer"}, "y", y.Queues[:1]
	b, seen := trying(t, c, x, y), map[string]int{}
	for i := range 400 {
		_, given, _ := b.Plan(scoring.CallID{UniqueID: fmt.Sprint(i), Visit: 1}, "support", "en")
		seen[given[0].Layout+" "+given[1].Layout]++
	}
	for _, pair := range []string{"plain habit", "plain gap", "plainer habit", "plainer gap"} {
		if seen[pair] == 0 {
			t.Errorf("calls were given %v, never %s", seen, pair)
		}
	}
}

// TestFallbackOfAnExperiment: an arm without a text in a language changes the
// language of the whole queue, if its weight is not 0.
func TestFallbackOfAnExperiment(t *testing.T) {
	c := centre()
	c.Layouts[1].Phrase = c.Layouts[1].Phrase[:1] // gap: English alone
	c.Queues[0].Layouts = c.Queues[0].Layouts[:2] // and not in use
	e := tried("x")
	for weight, want := range map[int]string{0: "zh-CN", 1: "en"} {
		e.Queues[0].Weights = []int{weight, 1}
		e.Queues[1].Weights = []int{weight, 1}
		b := trying(t, c, e)
		if got, _ := b.Language("support", "zh"); got != want {
			t.Errorf("weight %d: support is asked in %s, want %s", weight, got, want)
		}
		if n := len(b.Fallbacks()); n != 2*weight {
			t.Errorf("weight %d: %d fallbacks, want %d", weight, n, 2*weight)
		}
	}
}

func TestLongestOfAnExperiment(t *testing.T) {
	c := centre()
	for i := range c.Queues[0].Layouts {
		c.Queues[0].Layouts[i].Layout = strings.Replace(c.Queues[0].Layouts[i].Layout, "gap", "habit", 1)
	}
	c.Queues[0].Layouts = c.Queues[0].Layouts[:2]
	before, _ := trying(t, c).Longest()
	with, name := trying(t, c, tried("x")).Longest()
	if with-before < 6*time.Second || name != "long" {
		t.Errorf("longest %s of %q with a layout of longer pauses, %s without", with, name, before)
	}
}

// TestSplitsOfAnExperiment: the text of a split changes exactly when something
// about the experiment, its layouts or their sounds does, and no other does.
func TestSplitsOfAnExperiment(t *testing.T) {
	splits := func(change func(*layout.Catalogue, *scoring.Experiment)) map[Split]string {
		c, e := centre(), tried("x")
		if change != nil {
			change(&c, &e)
		}
		list, err := trying(t, c, e).Splits()
		if err != nil {
			t.Fatal(err)
		}
		arms := map[Split]string{}
		for _, s := range list {
			arms[Split{s.Queue, s.Question}] = s.Arms
		}
		return arms
	}
	first, key, other := splits(nil), Split{"support", "service"}, Split{scoring.Unknown, "service"}
	if !strings.HasPrefix(first[key], `{"experiment":"x","seed":"trial","arms":[{"layout":"gap",`) || len(first) != 3 {
		t.Errorf("%d splits, that of the experiment is\n%s", len(first), first[key])
	}
	if text := first[Split{"support", "resolved"}]; !strings.HasPrefix(text, `{"seed":"seed","arms":[{"layout":"plain",`) {
		t.Errorf("the split of the other question is\n%s", text)
	}
	for name, tt := range map[string]struct {
		change func(*layout.Catalogue, *scoring.Experiment)
		want   []Split
	}{
		"nothing":    {func(*layout.Catalogue, *scoring.Experiment) {}, nil},
		"size":       {func(_ *layout.Catalogue, e *scoring.Experiment) { e.Size++ }, nil},
		"configured": {func(c *layout.Catalogue, _ *scoring.Experiment) { c.Queues[0].Layouts[0].Weight = 7 }, nil},
		"name":       {func(_ *layout.Catalogue, e *scoring.Experiment) { e.Name = "y" }, []Split{key, other}},
		"seed":       {func(_ *layout.Catalogue, e *scoring.Experiment) { e.Seed = "y" }, []Split{key, other}},
		"weight":     {func(_ *layout.Catalogue, e *scoring.Experiment) { e.Queues[0].Weights[0] = 0 }, []Split{key}},
		"queue":      {func(_ *layout.Catalogue, e *scoring.Experiment) { e.Queues = e.Queues[:1] }, []Split{other}},
		"text":       {func(c *layout.Catalogue, _ *scoring.Experiment) { c.Layouts[1].Phrase = two("{key} {label}") }, []Split{key, other}},
	} {
		got := splits(tt.change)
		for at, text := range first {
			if changed := got[at] != text; changed != slices.Contains(tt.want, at) {
				t.Errorf("change of %s: split %v changed: %v", name, at, changed)
			}
		}
	}
}

// TestSplitOfOtherSounds: the same words in another voice are another split.
func TestSplitOfOtherSounds(t *testing.T) {
	var texts []string
	for _, lib := range []layout.Library{toneLibrary{}, otherVoice{}} {
		b, err := NewBook(centre(), "seed", []scoring.Experiment{tried("x")}, lib)
		if err != nil {
			t.Fatal(err)
		}
		list, err := b.Splits()
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, list[0].Arms)
	}
	if texts[0] == texts[1] {
		t.Errorf("the same split in two voices: %s", texts[0])
	}
}

// otherVoice speaks otherwise than toneLibrary.
type otherVoice struct{ toneLibrary }

func (v otherVoice) Speech(s layout.Speech) (layout.Sound, error) {
	sound, err := v.toneLibrary.Speech(s)
	sound.Hash = "other " + sound.Hash
	return sound, err
}

func TestMisfits(t *testing.T) {
	e := tried("x")
	e.Layouts = []string{"gap", "plain", "none"}
	e.Queues = []scoring.QueueWeights{{Queue: "sales", Weights: []int{1, 1, 1}}, {Queue: "support", Weights: []int{1, 1, 1}}, {Queue: scoring.Unknown, Weights: []int{1, 1, 1}}}
	resolved := e
	resolved.Question = "resolved"
	unasked := e
	unasked.Question = "colour"
	for _, tt := range []struct {
		e    scoring.Experiment
		want []string
	}{
		{tried("x"), nil},
		{e, []string{
			`experiment "x": layout "plain" asks question "resolved", want one that asks "service"`,
			`experiment "x": layout "none" is not defined`,
			`experiment "x": queue "sales": is not listed, want one of the configuration, or unknown for all that are not`,
		}},
		{resolved, []string{
			`experiment "x": layout "gap" asks question "service", want one that asks "resolved"`,
			`experiment "x": layout "none" is not defined`,
			`experiment "x": queue "sales": is not listed, want one of the configuration, or unknown for all that are not`,
			`experiment "x": queue "unknown": survey "short" does not ask question "resolved"`,
		}},
		{unasked, []string{`experiment "x": question "colour" is not defined`}},
	} {
		var got []string
		for _, f := range Misfits(centre(), tt.e) {
			got = append(got, f.Error())
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("misfits of %+v (-want +got):\n%s", tt.e, d)
		}
	}
}
