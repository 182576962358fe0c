package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aftercall/configs/i18n"
	"aftercall/ivr/layout"
	"aftercall/ivr/prompt"
	"aftercall/ivr/survey"
	"aftercall/scoring"
	"aftercall/scoring/sqlite"
	"aftercall/scoring/storetest"
	"aftercall/scoring/synth"

	"github.com/google/go-cmp/cmp"
)

// truthFile writes parameters for --truth.
func truthFile(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "truth.json")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// readStore opens a store for reading until the test ends.
func readStore(t *testing.T, name string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.OpenReadOnly(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// files lists what stands in a folder.
func files(t *testing.T, folder string) string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

// TestSynth: the store is whole, says what it is, and holds an experiment
// whose weights changed on a day and which ended behind the last.
func TestSynth(t *testing.T) {
	path, folder := site(t), t.TempDir()
	name := filepath.Join(folder, "x.db")
	truth := truthFile(t, `{"days": 99, "queues": [{"name": "support", "share": 2}, {"name": "sales", "share": 1, "weights": [9, 1]}],
		"ramps": [{"day": 3, "queue": "sales", "weights": [1, 1]}], "experiment": {"layouts": ["worst-first"]},
		"second": {"layout": "resolved-yes-no", "share": 0.2}}`)
	out, log, status := command(t, path, "synth", "--out", name, "--truth", truth, "--days", "4", "--calls-per-day", "300", "--layouts", "habit,gap", "--lambda", "0", "--experiment", "pauses", "--first-day", "2026-03-28", "--stopped")
	wants(t, "synth", out+log, `.*/x.db: 1110 invented surveys of 4 days in experiment "pauses"; 8\d.\d of 100 callers are truly satisfied\n`, status, 0)
	if found := files(t, folder); found != "x.db" {
		t.Errorf("left %s, want x.db alone", found)
	}
	s := readStore(t, name)
	experiments, err := s.Experiments(t.Context())
	if err != nil || len(experiments) != 1 {
		t.Fatalf("experiments %v, error %v, want one", experiments, err)
	}
	zone := load(t, path).Zone
	day := func(n int) time.Time { return time.Date(2026, 3, 27+n, 0, 0, 0, 0, zone).UTC() }
	end := day(5)
	want := scoring.Experiment{Name: "pauses", Question: "service", Layouts: []string{"habit", "gap"}, Seed: "synthetic", Size: 1110, Ratings: experiments[0].Ratings,
		Queues: []scoring.QueueWeights{{Queue: "support", Weights: []int{1, 1}}, {Queue: "sales", Weights: []int{1, 1}}}, StartedAt: day(1), EndedAt: &end}
	if d := cmp.Diff(want, experiments[0]); d != "" {
		t.Errorf("experiment (-want +got):\n%s", d)
	}
	epochs, err := s.EpochList(t.Context(), "service")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range epochs {
		line := e.Queue + " " + e.Experiment + " " + scoring.Day(e.StartedAt, zone)
		for _, a := range e.Arms {
			line += " " + a.Layout + strings.Repeat("|", a.Weight)
		}
		got = append(got, line)
	}
	if d := cmp.Diff([]string{"support pauses 2026-03-28 habit| gap|", "sales pauses 2026-03-28 habit||||||||| gap|", "sales pauses 2026-03-30 habit| gap|",
		"support  2026-04-01 habit|", "sales  2026-04-01 habit|"}, got); d != "" {
		t.Errorf("epochs (-want +got):\n%s", d)
	}
	checkInvented(t, s, epochs)
}

// checkInvented holds what is kept of a truth against it.
func checkInvented(t *testing.T, s *sqlite.Store, epochs []scoring.Epoch) {
	t.Helper()
	kept, err := s.Truth(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var truth synth.Truth
	if err := json.Unmarshal(kept, &truth); err != nil {
		t.Fatal(err)
	}
	if truth.Days != 4 || truth.OrderEffect != 0 || truth.Expected.Surveys != 1110 || len(truth.Expected.Agents) != 500 || len(truth.Expected.Layouts) != 2 {
		t.Errorf("the truth is kept as %.2000s", kept)
	}
	layouts, err := s.LayoutList(t.Context())
	if err != nil || len(layouts) != 6 {
		t.Errorf("%d layouts, error %v, want the 6 of the configuration", len(layouts), err)
	}
	days, err := s.DayCounts(t.Context(), scoring.CountQuery{Question: "service"})
	if err != nil {
		t.Fatal(err)
	}
	sum := int64(0)
	for _, c := range days {
		e := epochs[0]
		for _, e = range epochs {
			if e.ID == c.Epoch {
				break
			}
		}
		from, to := scoring.Day(e.StartedAt, time.UTC), "9999"
		if e.EndedAt != nil {
			to = scoring.Day(*e.EndedAt, time.UTC)
		}
		if sum += c.N; e.Queue != c.Queue || c.Day < from || c.Day > to {
			t.Errorf("%+v counts for epoch %+v", c, e)
		}
	}
	if sum != 1110 {
		t.Errorf("%d surveys, want 1110", sum)
	}
}

// TestSynthStoreIsSound: the checker of the store's contract finds nothing.
func TestSynthStoreIsSound(t *testing.T) {
	path, name := site(t), filepath.Join(t.TempDir(), "x.db")
	if _, log, status := command(t, path, "synth", "--out", name, "--days", "2", "--calls-per-day", "200"); status != 0 {
		t.Fatal(log)
	}
	s, err := sqlite.Open(t.Context(), name, sqlite.Options{Zone: load(t, path).Site.TimeZone, Existing: true})
	if err != nil {
		t.Fatal(err)
	}
	storetest.Check(t, s)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestSynthRefuses: every fault in one pass, and no file.
func TestSynthRefuses(t *testing.T) {
	path, folder := site(t), t.TempDir()
	there := filepath.Join(folder, "there.db")
	if err := os.WriteFile(there, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(folder, "x.db")
	for _, c := range []struct{ args, truth, text string }{
		{"", "", `at least one of the flags in the group \[out print-truth truth-of\] is required\n`},
		{"--out " + there, "", `--out ".*/there.db": is there already, want a file that is not\n`},
		{"--out " + folder + "/no/x.db", "", `--out ".*/no/x.db": .*no such file or directory\n`},
		{"--out " + out + " --truth /nonexistent.json", "", `open /nonexistent.json: no such file or directory\n`},
		{"--out " + out, `{"lamda": 1}`, `.*/truth.json: truth: json: unknown field "lamda"\n`},
		{"--out " + out, `{} {}`, `.*/truth.json: truth: something stands behind it, want one JSON object\n`},
		{"--out " + out + " --days 0 --lambda NaN --agents 0 --gap-effect 1.5 --first-day today", `{"opinions": {"satisfied": 0.9, "fair": 0.2}}`,
			"truth: first_day: \"today\", want the form 2006-01-02\n" +
				"truth: days: 0, want 1 to 3660\n" +
				"truth: agents.number: 0, want 1 to 10000\n" +
				"truth: opinions: satisfied and fair are 1.1 together, want at most 1\n" +
				"truth: order_effect: NaN, want 0 to 1\n" +
				"truth: gap_effect.share: 1.5, want 0 to 1\n"},
		{"--out " + out + " --layouts habit,habbit,resolved-yes-no", "", "truth: experiment.layouts: layout \"habbit\" is not there\n" +
			"truth: experiment.layouts: layout \"resolved-yes-no\" asks question \"resolved\", want \"service\" as the first does\n"},
		{"--out " + out + " --layouts habit", "", `truth: day 1: experiment "synthetic": .*1 layouts, want 2 to 9\n`},
		{"--out " + out, `{"queues": [{"name": "a", "share": 0, "weights": [1]}, {"name": "a", "share": 1}], "ramps": [{"day": 1, "queue": "b", "weights": [1, 2]}]}`,
			"truth: queue \"a\": weights: 1, want one for each of 3 layouts\n" +
				"truth: ramp 1: weights: 2, want one for each of 3 layouts\n" +
				"truth: queue \"a\": share: 0, want 1e-06 to 1000000\n" +
				"truth: queue \"a\": want a name of 1 to 128 bytes that no other has\n" +
				"truth: ramp 1: day: 1, want 2 to 90, in order\n" +
				"truth: ramp 1: queue \"b\" does not stand among the queues\n"},
		{"--out " + out + " --days 2000000000", `{"press": {"reaction": "1ms"}, "gap_effect": {"from": "1m"}}`,
			"truth: days: 2000000000, want 1 to 3660\ntruth: gap_effect.from: 1m0s, want 100ms to 30s\ntruth: press.reaction: 1ms, want 100ms to 30s\n"},
		{"--out " + out, `{"layout_factors": [{"layout": "habit", "factor": 2}, {"layout": "strict", "factor": 1}], "languages": [{"name": "fr", "share": 1}]}`,
			"truth: layout_factors: layout \"habit\": 2 times 0.7 who answer, want 0 to 1\n" +
				"truth: layout_factors: layout \"strict\": is none of the experiment, want one of \\[habit worst-first gap\\]\n"},
		{"--out " + out, `{"languages": [{"name": "fr", "share": 1}], "second": {"layout": "strict"}}`,
			"(truth: experiment.layouts: layout \"\\S+\" cannot be heard in language \"fr\"\n){3}" +
				"truth: second.layout: layout \"strict\" cannot be heard in language \"fr\"\n" +
				"truth: second.layout: layout \"strict\" asks question \"service\", want another than the first\n"},
	} {
		args := append([]string{"synth"}, strings.Fields(c.args)...)
		if c.truth != "" {
			args = append(args, "--truth", truthFile(t, c.truth))
		}
		printed, log, status := command(t, path, args...)
		wants(t, "synth "+c.args+" "+c.truth, printed+log, c.text, status, 1)
	}
	printed, log, status := command(t, path, "synth", "--out", "")
	wants(t, "synth without a name", printed+log, "--out: is empty, want the name of a file that is not there\n", status, 1)
	if found := files(t, folder); found != "there.db" {
		t.Errorf("left %s, want nothing new", found)
	}
	if b, err := os.ReadFile(there); err != nil || string(b) != "mine" {
		t.Errorf("the file that was there holds %q, error %v", b, err)
	}
}

// TestPrintTruth: what is printed makes the same calls again.
func TestPrintTruth(t *testing.T) {
	path := site(t)
	printed, _, status := command(t, path, "synth", "--print-truth", "--days", "3", "--key-effect", "0.25", "--seed", "7")
	again, _, _ := command(t, path, "synth", "--print-truth", "--truth", truthFile(t, printed))
	if status != 0 || printed != again || !strings.Contains(printed, `"key_effect": 0.25`) || !strings.Contains(printed, `"name": "support"`) {
		t.Errorf("printed %s with status %d, and read again %s", printed, status, again)
	}
}

// TestTruthOf: a store says what it was made from; one of real calls that it
// was not.
func TestTruthOf(t *testing.T) {
	path, folder := site(t), t.TempDir()
	name := filepath.Join(folder, "x.db")
	if _, log, status := command(t, path, "synth", "--out", name, "--days", "1", "--agents", "3", "--lambda", "0.03"); status != 0 {
		t.Fatal(log)
	}
	printed, _, status := command(t, path, "synth", "--truth-of", name)
	truth, err := synth.Read(strings.NewReader(printed))
	if err != nil || status != 0 || truth.OrderEffect != 0.03 || strings.Count(printed, `"agent": "agent-0000`) != 3 {
		t.Errorf("the store says %s with status %d, error %v", printed, status, err)
	}
	fill(t, path, visit(1, scoring.Rated, scoring.Completed))
	out, log, status := command(t, path, "synth", "--truth-of", load(t, path).Store.Path)
	wants(t, "synth --truth-of a store of real calls", out+log, `database "…/aftercall.db": holds no invented calls, want a store that aftercall synth made\n`, status, 1)
}

// ends is a context that ends when it was asked a number of times.
type ends struct {
	context.Context
	left atomic.Int32
	end  context.CancelFunc
}

func (e *ends) Done() <-chan struct{} {
	if e.left.Add(-1) == 0 {
		e.end()
	}
	return e.Context.Done()
}

// TestSynthInterrupted: whenever it is interrupted, nothing is left.
func TestSynthInterrupted(t *testing.T) {
	path, folder := site(t), t.TempDir()
	truth := synth.Default()
	truth.Days, truth.CallsPerDay = 6, 50
	truth.Queues, truth.Languages = []synth.Queue{{Name: "support", Share: 1}}, []synth.Language{{Name: "en", Share: 1}}
	c := load(t, path)
	g, err := generator(truth, c)
	if err != nil {
		t.Fatal(err)
	}
	interrupted := 0
	for after := int32(1); ; after += 17 {
		ctx, cancel := context.WithCancel(t.Context())
		fading := &ends{Context: ctx, end: cancel}
		fading.left.Store(after)
		err := inventStore(fading, g, c.Site.TimeZone, filepath.Join(folder, "x.db"), io.Discard)
		cancel()
		if err == nil {
			break
		}
		if found := files(t, folder); found != "" {
			t.Fatalf("interrupted after %d left %s: %v", after, found, err)
		}
		interrupted++
	}
	if found := files(t, folder); found != "x.db" || interrupted < 5 {
		t.Errorf("left %s after %d interruptions, want x.db after 5 at least", found, interrupted)
	}
}

// TestServeRefusesInventedCalls: unless they are wanted; then log and page say so.
func TestServeRefusesInventedCalls(t *testing.T) {
	path := built(t)
	name := load(t, path).Store.Path
	if _, log, status := command(t, path, "synth", "--out", name, "--days", "1", "--calls-per-day", "300"); status != 0 {
		t.Fatal(log)
	}
	out, log, status := command(t, path, "serve")
	wants(t, "serve", out+log, `(.*\n)?database "…/aftercall.db": holds invented calls; want a real one, or --synthetic\n`, status, 1)
	s := serves(t, path, "--synthetic")
	defer s.stop()
	if !strings.Contains(s.log, "holds invented calls") {
		t.Errorf("the log says %s, want a warning of invented calls", s.log)
	}
	for _, language := range i18n.Languages {
		want := i18n.For(language).T("status.synthetic")
		if _, body := s.get("/", language); !strings.Contains(body, want) {
			t.Errorf("the page in %s says %s, want %s", language, body, want)
		}
	}
}

// TestServiceStoresTheSame: a caller who presses the keys of an invented call
// at their times leaves the same answers behind in the survey that callers
// meet.
func TestServiceStoresTheSame(t *testing.T) {
	path := site(t)
	c := load(t, path)
	c.Catalogue.Layouts = append(c.Catalogue.Layouts, variants(t, c.Catalogue)...)
	truth := synth.Default()
	truth.Days, truth.CallsPerDay, truth.Errors = 1, 1500, 0
	truth.Experiment.Layouts = []string{"habit", "worst-first", "gap", "deaf", "asks", "bare"}
	truth.Silent.WrongKeys, truth.Press.Late, truth.Press.WrongKey = 0.2, 0.2, 0.2
	truth.Second = synth.Second{Layout: "resolved-yes-no", Share: 0.3}
	truth.Queues, truth.Languages = []synth.Queue{{Name: "support", Share: 1}}, []synth.Language{{Name: "en", Share: 1}, {Name: "zh-CN", Share: 1}}
	g, err := generator(truth, c)
	if err != nil {
		t.Fatal(err)
	}
	for r := range g.Records(1, []int64{1, 2}) {
		began := r.Call.StartedAt.Add(200 * time.Millisecond)
		who := &caller{fast: true}
		for _, k := range r.Keypresses {
			who.script = append(who.script, press{k.At.Sub(began), k.Key[0]})
		}
		if r.End.Reason == scoring.CallerLeft {
			who.script = append(who.script, press{r.End.At.Sub(began), hangUp})
		}
		var shown bytes.Buffer
		show := &transcript{out: &shown, words: i18n.For("en"), catalogue: c.Catalogue, said: map[int]scoring.Use{}}
		if err := newSimulation(began, who, show).run(t.Context(), planned(t, c.Catalogue, r)); err != nil {
			t.Fatal(err)
		}
		want := scoring.Record{Answers: r.Answers, Keypresses: r.Keypresses, End: r.End}
		got := show.stored
		got.End.At = r.End.At // how long a thank-you takes is not the truth's
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("call %s of %s (-invented +stored):\n%s\n%s", r.ID, r.Assignments[0].Layout, d, shown.String())
		}
	}
}

// variants gives layouts that the shipped configuration has not: without
// barge-in, with a choice that is read back, without any retry.
func variants(t *testing.T, k layout.Catalogue) []layout.Layout {
	t.Helper()
	habit, ok := k.Layout("habit")
	if !ok {
		t.Fatal("no layout habit")
	}
	deaf, asks, bare := habit, habit, habit
	deaf.Name, deaf.BargeIn = "deaf", false
	asks.Name, asks.Confirm = "asks", &layout.Confirm{Say: layout.Texts{{Language: "en", Say: "{label}?"}, {Language: "zh-CN", Say: "{label}？"}}, Key: "1", Again: "9", Times: 1, Wait: layout.Delay(3 * time.Second)}
	bare.Name, bare.NoInput, bare.WrongKey, bare.Actions = "bare", layout.Retry{}, layout.Retry{}, nil
	return []layout.Layout{deaf, asks, bare}
}

// planned gives the plan of a call that was assigned these layouts.
func planned(t *testing.T, k layout.Catalogue, r scoring.Record) survey.Plan {
	t.Helper()
	var plan survey.Plan
	s, _ := k.Survey(r.Call.Survey)
	for _, a := range r.Assignments {
		l, _ := k.Layout(a.Layout)
		one, err := planOne(k, l, s, r.Call.Language, prompt.Estimate{})
		if err != nil {
			t.Fatal(err)
		}
		plan.Questions, plan.Thanks = append(plan.Questions, one.Questions...), one.Thanks
	}
	return plan
}
