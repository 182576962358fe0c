package survey

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"aftercall/ivr/layout"
	"aftercall/scoring"

	"github.com/google/go-cmp/cmp"
)

// TestSlowestCaller: whoever uses up every wait, retry, repeat and
// choose-again takes as long as the plan says, less a millisecond for each
// key that came just in time.
func TestSlowestCaller(t *testing.T) {
	begin := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	d := &teller{t: t, begin: begin, now: begin}
	late := func(key string) string { return "hear all\nwait 4999ms\nkey " + key + "\n" }
	story := "plan confirm\nhear all\nwait 5s\n" + late("9") + late("9") + late("0") + late("0") +
		late("1") + "hear all\nwait 3999ms\nkey 2\n" + late("1") + "hear all\nwait 3999ms\nkey 2\n" + late("1") + "saved\nhear all"
	for line := range strings.SplitSeq(story, "\n") {
		d.line(strings.Fields(line))
	}
	if got, want := d.now.Sub(begin), plans(t)["confirm"].Longest()-9*time.Millisecond; got != want || !strings.HasSuffix(d.text.String(), "release\n") {
		t.Errorf("released after %s, want %s; the survey:\n%s", got, want, &d.text)
	}
}

// TestChoiceOfAFrozenCall: when the service was frozen with a choice made
// until the dialplan's time limit took the caller, or the wait for a key was
// over long ago, the choice stands.
func TestChoiceOfAFrozenCall(t *testing.T) {
	p := plans(t)["confirm-two"]
	begin := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	late := begin.Add(p.Longest() + OverSlack)
	for name, e := range map[string]Event{"left": Left{Reason: scoring.CallerLeft}, "alarm": Wakeup{}} {
		s, out := New(begin, p)
		check, err := NewChecker(begin, p, out)
		if err != nil {
			t.Fatal(err)
		}
		var save *Save
		step := func(now time.Time, e Event) {
			out := s.Step(now, e)
			if err := check.After(now, e, out); err != nil {
				t.Errorf("%s: %T: %v", name, e, err)
			}
			for _, c := range out {
				if c, ok := c.(Save); ok && save == nil {
					save = &c
				}
			}
		}
		step(begin, Started{Play: 1, Media: p.Questions[0].Sound.Menu[0].Media})
		step(begin.Add(time.Second), Key{Key: "3"})
		step(late, e)
		if save == nil || save.Answers[0].Outcome != scoring.Rated || save.Answers[0].Entry != "3" || save.Answers[0].PressMS != 1000 {
			t.Errorf("%s: first save %+v, want the choice of key 3 at 1000 ms", name, save)
		}
		step(late, Left{Reason: scoring.CallerLeft})
		if !s.Done() {
			t.Errorf("%s: the survey goes on", name)
		}
	}
}

// TestTimeOfKeysBehindChoice: keys behind a choice are timed from the start of
// the reading like any other, not from that of the sentence; 0 if the menu had
// not begun.
func TestTimeOfKeysBehindChoice(t *testing.T) {
	for story, want := range map[string][]int64{
		"plan confirm\nhear option 1\nkey 1\nhear all\nwait 500ms\nkey 1": {3000, 4500},
		"plan confirm\nkey 1\nhear all\nwait 500ms\nkey 1":                {0, 0},
	} {
		begin := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
		d := &teller{t: t, begin: begin, now: begin}
		for line := range strings.SplitSeq(story, "\n") {
			d.line(strings.Fields(line))
		}
		if got := []int64{d.check.stored[1].MS, d.check.stored[2].MS}; !slices.Equal(got, want) || d.check.stored[2].Use != scoring.Action {
			t.Errorf("%q: keys at %v ms, the second %s, want %v and action", story, got, d.check.stored[2].Use, want)
		}
	}
}

// confirmingCentre is the centre with a step to confirm in the layout gap.
func confirmingCentre() layout.Catalogue {
	c := centre()
	c.Layouts[1].Confirm = &layout.Confirm{Say: two("{label} {key} {again}"), Key: "1", Again: "#", Times: 2, Wait: layout.Delay(4 * time.Second)}
	return c
}

// TestSeriesOfConfirm: keys of the step can mean something in the layout;
// each key has one series.
func TestSeriesOfConfirm(t *testing.T) {
	keys := func(c layout.Catalogue) map[scoring.Series]int {
		n := map[scoring.Series]int{}
		for _, s := range book(t, c).Series() {
			if s.Kind == scoring.LayoutKey {
				n[s]++
			}
		}
		return n
	}
	want := keys(centre())
	want[scoring.Series{Kind: scoring.LayoutKey, Layout: "gap", Label: "#"}] = 1
	if d := cmp.Diff(want, keys(confirmingCentre())); d != "" {
		t.Errorf("keys that mean something (-want +got):\n%s", d)
	}
}

// TestDefinitionWithConfirm: what is kept of a layout holds the step, and of
// one without it nothing of it.
func TestDefinitionWithConfirm(t *testing.T) {
	c := confirmingCentre()
	all, err := book(t, c).Definitions()
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range all {
		var kept struct {
			Layout   layout.Layout
			Question layout.Question
			Scale    layout.Scale
		}
		if err := json.Unmarshal(d.Definition, &kept); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.Layouts[i].Confirm, kept.Layout.Confirm); diff != "" || layout.Version(kept.Layout, kept.Question, kept.Scale) != d.Version {
			t.Errorf("layout %q read back has version %s, want %s; its step (-want +got):\n%s", d.Name, layout.Version(kept.Layout, kept.Question, kept.Scale), d.Version, diff)
		}
		if asks := strings.Contains(string(d.Definition), "confirm"); asks != (c.Layouts[i].Confirm != nil) {
			t.Errorf("layout %q speaks of a step to confirm: %v", d.Name, asks)
		}
	}
}
