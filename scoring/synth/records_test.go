package synth

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"aftercall/ivr/layout"
	"aftercall/scoring"
	"aftercall/scoring/sqlite"
	"aftercall/scoring/storetest"
)

// judge judges a record as what the service could have stored.
func judge(g *Generator, r scoring.Record) error {
	if err := r.Check(); err != nil {
		return err
	}
	if len(r.Answers) != len(r.Assignments) || r.End == nil {
		return fmt.Errorf("%d answers to %d questions, end %v, want one each and an end", len(r.Answers), len(r.Assignments), r.End)
	}
	if strings.Contains(r.ID.UniqueID, ".") || !strings.HasPrefix(r.ID.UniqueID, "synth-") {
		return fmt.Errorf("id %s could be one of Asterisk", r.ID)
	}
	if day := scoring.Day(r.Call.StartedAt, g.site.Zone); day != r.Call.Day {
		return fmt.Errorf("day %s, want %s", r.Call.Day, day)
	}
	at := r.Call.StartedAt
	for i, k := range r.Keypresses {
		if k.Seq != i+1 || k.At.Before(at) || k.At.After(r.End.At) {
			return fmt.Errorf("key %d: number %d at %s, want it behind %s", i+1, k.Seq, k.At, at)
		}
		at = k.At
	}
	for i, a := range r.Answers {
		if a.Question != r.Assignments[i].Question || a.At.After(r.End.At) || a.At.Before(r.Call.StartedAt) || a.At != a.At.Truncate(time.Millisecond) {
			return fmt.Errorf("answer %d: question %q at %s, want %q to the ms before the end, %s", i, a.Question, a.At, r.Assignments[i].Question, r.End.At)
		}
		if err := judgeAnswer(g, r, i); err != nil {
			return fmt.Errorf("answer %d: %w", i, err)
		}
	}
	return nil
}

// judgeAnswer holds one answer against its menu.
func judgeAnswer(g *Generator, r scoring.Record, i int) error {
	a, given := r.Answers[i], r.Assignments[i]
	m := g.site.Menus[slices.IndexFunc(g.site.Menus, func(m Menu) bool { return m.Layout.Name == given.Layout })]
	sound := m.Renditions[slices.IndexFunc(m.Renditions, func(s layout.Rendition) bool { return s.Language == r.Call.Language })]
	if given.Rendition != sound.Hash || given.Version != sound.Version || given.Position != i+1 || given.Primary != (i == 0) {
		return fmt.Errorf("assignment %+v, want version %s, rendition %s", given, sound.Version, sound.Hash)
	}
	if a.Heard > len(m.Layout.Options) || a.Reading > m.Layout.Readings() {
		return fmt.Errorf("heard %d options in %d readings of %q", a.Heard, a.Reading, given.Layout)
	}
	wrong := 0
	for _, k := range r.Keypresses {
		if k.Question == a.Question && k.Use == scoring.Wrong {
			wrong++
			if _, rates := m.Layout.Option(k.Key); rates {
				return fmt.Errorf("wrong key %s rates in %q", k.Key, given.Layout)
			}
		}
	}
	switch {
	case a.Outcome == scoring.NotReached && (i == 0 || a.Reading != 0):
		return fmt.Errorf("not reached, reading %d", a.Reading)
	case a.Outcome == scoring.Invalid && wrong != m.Layout.WrongKey.Times+1, a.Outcome != scoring.Invalid && wrong > m.Layout.WrongKey.Times:
		return fmt.Errorf("%s after %d wrong keys, which %q forgives %d times", a.Outcome, wrong, given.Layout, m.Layout.WrongKey.Times)
	case a.Outcome == scoring.NoInput && (a.Heard != len(m.Layout.Options) || a.Reading != m.Layout.NoInput.Times+1):
		return fmt.Errorf("silent after %d readings and %d options", a.Reading, a.Heard)
	case a.Outcome != scoring.Rated:
		return nil
	}
	o, rates := m.Layout.Option(a.Entry)
	v, _ := m.Scale.Verdict(o.Verdict)
	k := r.Keypresses[slices.IndexFunc(r.Keypresses, func(k scoring.Keypress) bool {
		return k.Question == a.Question && k.Use == scoring.Accepted
	})]
	most := layout.Length(sound.Menu) + layout.Length(sound.NoInput) + layout.Length(sound.WrongKey) + m.Layout.Wait.D()
	if !rates || a.Verdict != v.ID || a.Value != v.Value || k.Key != a.Entry || k.MS != a.PressMS || k.Reading != a.Reading || a.PressMS > most.Milliseconds() {
		return fmt.Errorf("%+v by %+v, want verdict %q within %s", a, k, v.ID, most)
	}
	return nil
}

func drawShare(t *rapid.T, name string) float64 { return rapid.Float64Range(0, 1).Draw(t, name) }

func drawByOpinion(t *rapid.T, name string) ByOpinion {
	return ByOpinion{drawShare(t, name+" satisfied"), drawShare(t, name+" fair"), drawShare(t, name+" dissatisfied")}
}

// drawTruth draws a valid truth of a few calls.
func drawTruth(t *rapid.T) Truth {
	x := plain()
	x.Seed = rapid.Uint64().Draw(t, "seed")
	x.FirstDay = rapid.SampledFrom([]string{"2026-03-28", "2024-02-28", "1999-12-31"}).Draw(t, "first day")
	x.Days, x.CallsPerDay = rapid.IntRange(1, 3).Draw(t, "days"), rapid.IntRange(1, 60).Draw(t, "calls")
	x.WeekdayCalls = rapid.SliceOfN(rapid.Float64Range(0, 2), 7, 7).Draw(t, "weekday calls")
	x.WeekdayPoints = rapid.SliceOfN(rapid.Float64Range(-50, 50), 7, 7).Draw(t, "weekday points")
	x.TrendPoints = rapid.Float64Range(-50, 50).Draw(t, "trend")
	names := rapid.Permutation([]string{"habit", "strict", "gap", "worst-first", "reversed", "deaf", "asks", "bare"}).Draw(t, "layouts")
	x.Experiment.Layouts = names[:rapid.IntRange(2, len(names)).Draw(t, "arms")]
	weights := rapid.SliceOfN(rapid.IntRange(1, scoring.MaxWeight), len(x.Experiment.Layouts), len(x.Experiment.Layouts))
	x.Queues[1].Weights = weights.Draw(t, "weights")
	if x.Days > 1 && rapid.Bool().Draw(t, "ramp") {
		x.Ramps = []Ramp{{Day: 2, Queue: rapid.SampledFrom([]string{"", "support", "sales"}).Draw(t, "queue"), Weights: weights.Draw(t, "ramp weights")}}
	}
	x.Agents = Agents{Number: rapid.IntRange(2, 9).Draw(t, "agents"), Spread: rapid.Float64Range(0, 5).Draw(t, "spread")}
	x.Opinions.Satisfied = rapid.Float64Range(0.001, 0.999).Draw(t, "satisfied")
	x.Opinions.Fair = rapid.Float64Range(0, 1-x.Opinions.Satisfied).Draw(t, "fair")
	x.Opinions.Very, x.Answering = drawShare(t, "very"), drawByOpinion(t, "answering")
	x.LayoutFactors = []Factor{{x.Experiment.Layouts[0], drawShare(t, "factor")}}
	x.Silent.HangUp = drawShare(t, "hang up")
	x.Silent.WrongKeys = rapid.Float64Range(0, 1-x.Silent.HangUp).Draw(t, "wrong keys")
	x.OrderEffect, x.KeyEffect, x.Errors = drawShare(t, "order"), drawShare(t, "key"), drawShare(t, "errors")
	x.GapEffect.Share, x.GapEffect.HangUp = drawShare(t, "gap"), drawByOpinion(t, "gap")
	x.GapEffect.From = layout.Delay(rapid.Int64Range(100, 4000).Draw(t, "from")) * layout.Delay(time.Millisecond)
	x.Press = Press{Reaction: layout.Delay(rapid.Int64Range(100, 30_000).Draw(t, "reaction")) * layout.Delay(time.Millisecond),
		Spread: rapid.Float64Range(0, 2).Draw(t, "reactions"), Blind: drawShare(t, "blind"), Patient: drawShare(t, "patient"),
		Late: drawShare(t, "late"), WrongKey: drawShare(t, "wrong key")}
	if rapid.Bool().Draw(t, "second") {
		x.Second = Second{"resolved-yes-no", drawShare(t, "second share")}
	}
	return x
}

// TestAnyValidTruthGivesValidRecords, and figures without holes.
func TestAnyValidTruthGivesValidRecords(t *testing.T) {
	site := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		g, err := New(drawTruth(t), site)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := json.Marshal(g.Truth()); err != nil { // no NaN, no infinity
			t.Fatal(err)
		}
		if err := g.Experiment().Check(); err != nil {
			t.Fatal(err)
		}
		for _, e := range g.Truth().Expected.Layouts {
			if !(e.Answered >= 0 && e.Answered <= 1+1e-9 && e.Satisfied >= 0 && e.Satisfied <= 1+1e-9) {
				t.Errorf("expected %+v", e)
			}
		}
		seen := map[scoring.CallID]bool{}
		for _, r := range all(g) {
			if err := judge(g, r); err != nil {
				t.Fatalf("%v\n%+v", err, r)
			}
			if seen[r.ID] {
				t.Errorf("call %s twice", r.ID)
			}
			seen[r.ID] = true
		}
	})
}

// TestEveryStoryIsTold: the default truth with a second question gives every
// outcome, use and reason that a caller can bring about.
func TestEveryStoryIsTold(t *testing.T) {
	truth := plain()
	truth.Days, truth.Second = 10, Second{Layout: "resolved-yes-no", Share: 0.3}
	g := made(t, truth)
	records := all(g)
	told := map[string]int{}
	for _, r := range records {
		if err := judge(g, r); err != nil {
			t.Fatalf("%v\n%+v", err, r)
		}
		told["reason "+string(r.End.Reason)]++
		for i, a := range r.Answers {
			told[fmt.Sprintf("outcome %s of %d", a.Outcome, i+1)]++
			told[fmt.Sprintf("reading %d", a.Reading)]++
			if a.Outcome == scoring.Rated && i == 0 {
				told[fmt.Sprintf("rated after %d options", a.Heard)]++
			}
			if a.Outcome == scoring.HungUp {
				told[fmt.Sprintf("hung up after %d options", a.Heard)]++
			}
		}
	}
	for _, want := range []string{"reason completed", "reason silent", "reason wrong_keys", "reason caller_left", "reason audio",
		"outcome rated of 1", "outcome hangup of 1", "outcome invalid of 1", "outcome no_input of 1", "outcome error of 1",
		"outcome rated of 2", "outcome hangup of 2", "outcome no_input of 2", "outcome not_reached of 2", "reading 2", "reading 3",
		"rated after 0 options", "rated after 1 options", "rated after 3 options", "hung up after 0 options", "hung up after 3 options"} {
		if told[want] == 0 {
			t.Errorf("nothing of %q in %v", want, told)
		}
	}
	two := filter(records, func(r scoring.Record) bool { return len(r.Assignments) == 2 && r.Call.Survey == "service-and-resolved" })
	near(t, "asked two questions", float64(len(two))/float64(len(records)), 0.3, len(records))
	zh := share(records, func(r scoring.Record) bool { return r.Call.Language == "zh-CN" })
	near(t, "in Chinese", zh, 0.75, len(records))
	near(t, "to support", share(records, func(r scoring.Record) bool { return r.Call.Queue == "support" }), 0.75, len(records))
	if math.Abs(share(records, ended(scoring.Rated))-0.69) > 0.05 {
		t.Errorf("%.3f answered", share(records, ended(scoring.Rated)))
	}
}

// TestStored: a store of these records is as sound as one of the service.
func TestStored(t *testing.T) {
	truth := plain()
	truth.Days, truth.Second = 2, Second{Layout: "resolved-yes-no", Share: 0.3}
	g := made(t, truth)
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "x.db"), sqlite.Options{Zone: "Asia/Shanghai"})
	if err != nil {
		t.Fatal(err)
	}
	records := all(g)
	if err := s.WriteAll(t.Context(), records); err != nil {
		t.Fatal(err)
	}
	storetest.Check(t, s)
	rows, err := s.Calls(t.Context(), scoring.Query{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	last := records[len(records)-1]
	if d := cmp.Diff(last.Answers[0], *rows[0].Questions[0].Answer); d != "" || rows[0].ID != last.ID || !rows[0].End.At.Equal(last.End.At) {
		t.Errorf("the last call comes back as %+v (-want +got):\n%s", rows[0], d)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
