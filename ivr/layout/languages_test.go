package layout

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// english takes the Chinese away from a text.
func english(t *Texts) { *t = (*t)[:1] }

func TestFallbacksNameEveryTextThatIsMissing(t *testing.T) {
	c := toyCatalogue()
	if got := c.Fallbacks(); got != nil {
		t.Errorf("everything stands in both languages, and Fallbacks = %+v", got)
	}
	c.Queues = []Queue{{Name: "spare", Survey: "service", Layouts: []Arm{{"spare", 1}}}}
	spare := toyLayout()
	spare.Name = "spare"
	c.Layouts = append(c.Layouts, spare)
	l := &c.Layouts[0]
	l.Confirm = toyConfirm("8", "9")
	english(&l.Phrase)
	english(&l.NoInput.Say)
	english(&l.WrongKey.Say)
	english(&l.Confirm.Say)
	if f := c.Faults(); f != nil {
		t.Errorf("texts in the site's first language are enough, and Faults = %v", f)
	}
	want := []Fallback{{Queue: "", Wanted: "zh-CN", Heard: "en", Missing: []string{
		`layout "habit": phrase`, `layout "habit": no_input: say`, `layout "habit": wrong_key: say`, `layout "habit": confirm: say`,
	}}}
	if d := cmp.Diff(want, c.Fallbacks()); d != "" {
		t.Errorf("fallbacks differ (-want +got):\n%s", d)
	}
	if got := c.Asked(c.Default, "zh-CN"); got != "en" {
		t.Errorf("Asked = %q, want en", got)
	}
	if got := c.Asked(c.Queues[0], "zh-CN"); got != "zh-CN" {
		t.Errorf("a queue whose layout is whole: Asked = %q, want zh-CN", got)
	}
	english(&c.Questions[0].Ask)
	english(&c.Scales[0].Verdicts[1].Label)
	english(&c.Surveys[0].Thanks)
	want = append(want[:0], Fallback{Queue: "", Wanted: "zh-CN", Heard: "en", Missing: []string{
		`layout "habit": ask`, `layout "habit": phrase`, `layout "habit": verdict "fair": label`,
		`layout "habit": no_input: say`, `layout "habit": wrong_key: say`, `layout "habit": confirm: say`, `survey "service": thanks`,
	}}, Fallback{Queue: "spare", Wanted: "zh-CN", Heard: "en", Missing: []string{
		`layout "spare": ask`, `layout "spare": verdict "fair": label`, `survey "service": thanks`,
	}})
	if d := cmp.Diff(want, c.Fallbacks()); d != "" {
		t.Errorf("fallbacks differ (-want +got):\n%s", d)
	}
	speech, _ := c.Sounds()
	for _, s := range speech {
		if s.Language == "zh-CN" {
			t.Errorf("a sound is wanted that nobody can hear: %+v", s)
		}
	}
}

// TestTextsThatAreNeverSaidMayLack: what a retry that never happens would say,
// and the label of a verdict without an option.
func TestTextsThatAreNeverSaidMayLack(t *testing.T) {
	c := toyCatalogue()
	l := &c.Layouts[0]
	l.NoInput.Times, l.WrongKey.Times = 0, 0
	english(&l.NoInput.Say)
	english(&l.WrongKey.Say)
	english(&c.Scales[0].Verdicts[1].Label)
	l.Options = []Option{l.Options[0], l.Options[2]}
	if got := c.Fallbacks(); got != nil {
		t.Errorf("Fallbacks = %+v, want none", got)
	}
}

// TestALayoutThatIsSwitchedOffMayLack: callers of the others go on to hear
// their language.
func TestALayoutThatIsSwitchedOffMayLack(t *testing.T) {
	c := toyCatalogue()
	draft := toyLayout()
	draft.Name, draft.Phrase = "draft", draft.Phrase[:1]
	c.Layouts = append(c.Layouts, draft)
	c.Default.Layouts = append(c.Default.Layouts, Arm{"draft", 0})
	if got := c.Fallbacks(); got != nil {
		t.Errorf("Fallbacks = %+v, want none", got)
	}
	c.Default.Layouts[len(c.Default.Layouts)-1].Weight = 1
	if got := c.Asked(c.Default, "zh-CN"); got != "en" {
		t.Errorf("switched on: Asked = %q, want en", got)
	}
}

// TestTheFirstLanguageIsWhole: there must be something to fall back to.
func TestTheFirstLanguageIsWhole(t *testing.T) {
	c := toyCatalogue()
	c.Questions[0].Ask = c.Questions[0].Ask[1:]
	want := []Fault{{`question "service": ask`, "no text in language en, the site's first"}}
	if d := cmp.Diff(want, c.Faults()); d != "" {
		t.Errorf("faults differ (-want +got):\n%s", d)
	}
}
