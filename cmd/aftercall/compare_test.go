package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"aftercall/ivr/layout"
	"aftercall/scoring"
	"aftercall/scoring/compare"
	"aftercall/scoring/sqlite"
)

// trial writes into a site's store as the service would.
type trial struct {
	t        *testing.T
	store    *sqlite.Store
	c        layout.Catalogue
	versions map[string]string // by layout
	calls    int
}

// trials gives a site whose store is open for writing, and the layouts of the
// configuration in it.
func trials(t *testing.T) (string, *trial) {
	t.Helper()
	path := site(t)
	c := load(t, path)
	store, err := sqlite.Open(t.Context(), c.Store.Path, sqlite.Options{Zone: c.Site.TimeZone, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	x := &trial{t: t, store: store, c: c.Catalogue, versions: map[string]string{}}
	for _, l := range c.Catalogue.Layouts {
		x.keep(l)
	}
	return path, x
}

// keep puts a layout into the store; calls are asked by it from now on.
func (x *trial) keep(l layout.Layout) {
	x.t.Helper()
	q, _ := x.c.Question(l.Question)
	s, _ := x.c.Scale(q.Scale)
	definition, err := json.Marshal(layout.Definition{Layout: l, Question: q, Scale: s})
	if err != nil {
		x.t.Fatal(err)
	}
	x.versions[l.Name] = layout.Version(l, q, s)
	if err := x.store.PutLayouts(x.t.Context(), []scoring.Layout{{Version: x.versions[l.Name], Name: l.Name, Question: l.Question, Definition: definition}}); err != nil {
		x.t.Fatal(err)
	}
}

// longer makes the pauses of a layout longer: another version of it.
func (x *trial) longer(name string) {
	x.t.Helper()
	l, _ := x.c.Layout(name)
	l.Options = append([]layout.Option(nil), l.Options...)
	for i := range l.Options {
		l.Options[i].Pause += layout.Delay(time.Second)
	}
	x.keep(l)
}

// without takes a verdict from a layout: another version, with other options.
func (x *trial) without(name, verdict string) {
	x.t.Helper()
	l, _ := x.c.Layout(name)
	l.Options = slices.DeleteFunc(slices.Clone(l.Options), func(o layout.Option) bool { return o.Verdict == verdict })
	x.keep(l)
}

func (x *trial) start(name string, layouts ...string) {
	x.t.Helper()
	q := scoring.QueueWeights{Queue: "support"}
	for range layouts {
		q.Weights = append(q.Weights, 1)
	}
	e := scoring.Experiment{Name: name, Question: "service", Layouts: layouts, Queues: []scoring.QueueWeights{q}, Seed: "s", Size: 3000, Ratings: 2000, StartedAt: began}
	if err := x.store.StartExperiment(x.t.Context(), e); err != nil {
		x.t.Fatal(err)
	}
}

func (x *trial) stop(name string) {
	x.t.Helper()
	if err := x.store.StopExperiment(x.t.Context(), name, began.AddDate(0, 0, 20)); err != nil {
		x.t.Fatal(err)
	}
}

// epoch begins an epoch of the queue support in which layouts share its calls
// alike.
func (x *trial) epoch(experiment string, layouts ...string) int64 {
	x.t.Helper()
	split := struct {
		Experiment string             `json:"experiment"`
		Seed       string             `json:"seed"`
		Arms       []scoring.EpochArm `json:"arms"`
	}{experiment, "s", nil}
	for _, l := range layouts {
		split.Arms = append(split.Arms, scoring.EpochArm{Layout: l, Version: x.versions[l], Weight: 1})
	}
	arms, err := json.Marshal(split)
	if err != nil {
		x.t.Fatal(err)
	}
	ids, err := x.store.Epochs(x.t.Context(), []scoring.Split{{Queue: "support", Question: "service", Arms: string(arms)}}, began)
	if err != nil {
		x.t.Fatal(err)
	}
	return ids[0]
}

// ask has surveys offered by a layout on the days from one to another: in
// hundreds, so many satisfied, dissatisfied and hung up after one option; the
// rest stay silent.
func (x *trial) ask(epoch int64, name string, from, to, hundreds int, satisfied, dissatisfied, hungUp int) {
	x.t.Helper()
	var all []scoring.Record
	for n := range 100 * hundreds * (to - from) {
		x.calls++
		day := from + n/(100*hundreds)
		outcome, verdict, heard := scoring.NoInput, "", 3
		switch p := n % 100; {
		case p < satisfied:
			outcome, verdict, heard = scoring.Rated, "satisfied", 1
		case p < satisfied+dissatisfied:
			outcome, verdict = scoring.Rated, "dissatisfied"
		case p < satisfied+dissatisfied+hungUp:
			outcome, heard = scoring.HungUp, 1
		}
		r := visit(x.calls, outcome, scoring.Completed)
		r.Call.Day = began.AddDate(0, 0, day).Format(time.DateOnly)
		r.Assignments[0].Layout, r.Assignments[0].Version, r.Assignments[0].Epoch = name, x.versions[name], epoch
		r.Answers[0].Heard = heard
		if verdict != "" {
			r.Answers[0].Verdict = verdict
		}
		all = append(all, r)
	}
	if err := x.store.WriteAll(x.t.Context(), all); err != nil {
		x.t.Fatal(err)
	}
}

func (x *trial) close() {
	x.t.Helper()
	if err := x.store.Close(); err != nil {
		x.t.Fatal(err)
	}
}

// compared gives a site with an experiment that runs and one that ended.
func compared(t *testing.T) string {
	t.Helper()
	path, x := trials(t)
	x.start("spring", "habit", "gap")
	id := x.epoch("spring", "habit", "gap")
	x.ask(id, "habit", 0, 10, 1, 62, 8, 4)
	x.ask(id, "gap", 0, 10, 1, 50, 2, 22)
	x.stop("spring")
	x.start("autumn", "habit", "strict")
	id = x.epoch("autumn", "habit", "strict")
	x.ask(id, "habit", 20, 22, 1, 62, 8, 4)
	x.ask(id, "strict", 20, 22, 1, 60, 10, 4)
	x.close()
	return path
}

func TestCompare(t *testing.T) {
	path := compared(t)
	for name, args := range map[string]string{
		"compare.golden": "spring", "compare-zh.golden": "spring --lang zh-CN", "compare-by-queue.golden": "spring --by queue --queue support",
		"compare-running.golden": "", "compare-layouts.golden": "--layouts habit,gap --to 2026-04-02", "compare-csv.golden": "autumn --csv",
		"compare-empty.golden": "--layouts habit,gap --from 2027-01-01", "compare-colour.golden": "spring --color always",
	} {
		out, log, status := command(t, path, append([]string{"compare"}, strings.Fields(args)...)...)
		if log != "" || status != 0 {
			t.Errorf("compare %s printed %q with status %d", args, log, status)
		}
		golden(t, name, out)
	}
}

func TestCompareAsJSON(t *testing.T) {
	out, log, status := command(t, compared(t), "compare", "spring", "--json")
	if log != "" || status != 0 {
		t.Fatalf("it printed %q with status %d", log, status)
	}
	var c struct {
		Experiment scoring.Experiment
		Verdict    compare.Verdict
		Arms       []struct{ Versions []string }
		Pairs      []struct{ Tipping, Win map[string]any }
	}
	if err := json.Unmarshal([]byte(out), &c); err != nil {
		t.Fatal(err)
	}
	if c.Experiment.Name != "spring" || c.Verdict.State != compare.Worse || len(c.Verdict.Worse) != 1 || len(c.Arms[0].Versions) != 1 || len(c.Pairs) != 1 {
		t.Errorf("it holds %+v", c)
	}
}

func TestComparePage(t *testing.T) {
	path := compared(t)
	file := filepath.Join(filepath.Dir(path), "report.html")
	for _, lang := range []string{"en", "zh-CN"} {
		out, log, status := command(t, path, "compare", "spring", "--html", file, "--lang", lang)
		if out+log != "" || status != 0 {
			t.Fatalf("it printed %q with status %d", out+log, status)
		}
		written, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if s := string(written); !strings.Contains(s, `<html lang="`+lang+`">`) || strings.Count(s, "<svg") != 5 || !strings.HasSuffix(s, "</html>\n") {
			t.Errorf("the page in %s has %d plots and ends with %q", lang, strings.Count(s, "<svg"), s[max(0, len(s)-20):])
		}
		out, _, _ = command(t, path, "compare", "spring", "--html", "-", "--lang", lang)
		if out != string(written) {
			t.Errorf("the page in %s is another on standard output", lang)
		}
	}
	out, log, status := command(t, path, "compare", "spring", "--html", filepath.Dir(path))
	wants(t, "a folder as page", out+log, `file "…": is no regular file, .*`, status, 1)
}

// TestCompareVersions: when a layout changes in an experiment, what came
// before is left out unless it is asked for.
func TestCompareVersions(t *testing.T) {
	path, x := trials(t)
	x.start("spring", "habit", "gap")
	before := x.versions["gap"]
	id := x.epoch("spring", "habit", "gap")
	x.ask(id, "habit", 0, 1, 1, 62, 8, 4)
	x.ask(id, "gap", 0, 1, 2, 50, 2, 22)
	x.longer("gap")
	id = x.epoch("spring", "habit", "gap")
	x.ask(id, "habit", 1, 2, 3, 62, 8, 4)
	x.ask(id, "gap", 1, 2, 3, 50, 2, 22)
	x.close()
	type arm struct {
		Offered  int64
		Versions []string
		LeftOut  []compare.VersionNote `json:"left_out"`
	}
	for args, want := range map[string][]int64{
		"compare --json": {300, 300}, "compare --json --pool-versions": {400, 500},
		"compare --json --layouts habit,gap": {400, 300}, "compare --json --layouts habit,gap --pool-versions": {400, 500},
		"compare --json --layouts habit,gap --to 2026-03-28": {100, 200},
	} {
		out, log, status := command(t, path, strings.Fields(args)...)
		var c struct{ Arms []arm }
		if err := json.Unmarshal([]byte(out), &c); err != nil || status != 0 {
			t.Fatalf("%s: %v, %q", args, err, log)
		}
		if got := []int64{c.Arms[0].Offered, c.Arms[1].Offered}; got[0] != want[0] || got[1] != want[1] {
			t.Errorf("%s: %v surveys, want %v", args, got, want)
		}
		versions := []string{x.versions["gap"]}
		switch {
		case strings.Contains(args, "pool"):
			versions = append(versions, before)
		case strings.Contains(args, "--to"):
			versions = []string{before}
		default:
			if l := c.Arms[1].LeftOut; len(l) != 1 || l[0] != (compare.VersionNote{Version: before, Offered: 200}) {
				t.Errorf("%s: left out %v, want 200 of %s", args, l, before)
			}
		}
		if fmt.Sprint(c.Arms[1].Versions) != fmt.Sprint(versions) {
			t.Errorf("%s: versions %v, want %v", args, c.Arms[1].Versions, versions)
		}
	}
}

// TestCompareOtherVerdicts: a version that offered other verdicts is not
// pooled, even if it is asked for: nobody knows what they are worth now.
func TestCompareOtherVerdicts(t *testing.T) {
	path, x := trials(t)
	x.start("spring", "habit", "gap")
	before := x.versions["gap"]
	id := x.epoch("spring", "habit", "gap")
	x.ask(id, "habit", 0, 1, 1, 62, 8, 4)
	x.ask(id, "gap", 0, 1, 2, 50, 2, 22)
	x.without("gap", "fair")
	id = x.epoch("spring", "habit", "gap")
	x.ask(id, "habit", 1, 2, 3, 62, 8, 4)
	x.ask(id, "gap", 1, 2, 3, 50, 2, 22)
	x.close()
	for _, args := range []string{"compare --json --pool-versions", "compare --json --layouts habit,gap --pool-versions"} {
		out, log, status := command(t, path, strings.Fields(args)...)
		var c struct {
			Arms []struct {
				Offered  int64
				Versions []string
				LeftOut  []compare.VersionNote `json:"left_out"`
			}
		}
		if err := json.Unmarshal([]byte(out), &c); err != nil || status != 0 {
			t.Fatalf("%s: %v, %q", args, err, log)
		}
		a := c.Arms[1]
		if a.Offered != 300 || fmt.Sprint(a.Versions) != fmt.Sprint([]string{x.versions["gap"]}) || len(a.LeftOut) != 1 || a.LeftOut[0] != (compare.VersionNote{Version: before, Offered: 200}) {
			t.Errorf("%s: %+v, want 300 surveys of the newest and 200 of %s left out", args, a, before)
		}
	}
}

// TestCompareBeforeTheFirstCall: an experiment that nobody was offered.
func TestCompareBeforeTheFirstCall(t *testing.T) {
	path, x := trials(t)
	x.start("spring", "habit", "of-tomorrow")
	x.close()
	out, log, status := command(t, path, "compare")
	wants(t, "compare", out+log, `MENU TEST  Experiment spring, question service\n\nVERDICT  Nothing can be said.\n  No survey was offered.\n.*`, status, 0)
}

// TestCompareInvented: a store of invented calls says so first.
func TestCompareInvented(t *testing.T) {
	path, x := trials(t)
	if err := x.store.MarkSynthetic(t.Context(), json.RawMessage(`{"order": 0.06}`)); err != nil {
		t.Fatal(err)
	}
	x.start("spring", "habit", "gap")
	x.close()
	for args, want := range map[string]string{
		"compare": "INVENTED CALLS", "compare --html -": "INVENTED CALLS", "compare --json": `"invented": true`, "compare --csv": "\n,,invented,0,,,0,ok\n",
		"experiment status": "INVENTED CALLS", "experiment status --json": `"invented":true`,
		"experiment plan --answered 3 --baseline-answered 60": "INVENTED CALLS",
	} {
		out, _, _ := command(t, path, strings.Fields(args)...)
		if !strings.Contains(out, want) {
			t.Errorf("%s does not say that the calls are invented", args)
		}
	}
}

// TestCompareOneQueue: of an experiment in several queues, one alone says
// nothing of the planned size.
func TestCompareOneQueue(t *testing.T) {
	path, x := trials(t)
	both := []scoring.QueueWeights{{Queue: "support", Weights: []int{1, 1}}, {Queue: scoring.Unknown, Weights: []int{1, 1}}}
	e := scoring.Experiment{Name: "spring", Question: "service", Layouts: []string{"habit", "gap"}, Queues: both, Seed: "s", Size: 3000, Ratings: 2000, StartedAt: began}
	if err := x.store.StartExperiment(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	id := x.epoch("spring", "habit", "gap")
	x.ask(id, "habit", 0, 8, 1, 62, 8, 4)
	x.ask(id, "gap", 0, 8, 1, 61, 8, 5)
	x.close()
	out, log, status := command(t, path, "compare", "--queue", "support")
	if log != "" || status != 0 {
		t.Fatalf("it printed %q with status %d", log, status)
	}
	golden(t, "compare-queue.golden", out)
}

// TestColourful: colours are for terminals of those who have nothing against
// them.
func TestColourful(t *testing.T) {
	_, screen := terminal(t)
	file, err := os.Create(filepath.Join(t.TempDir(), "text"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	t.Setenv("NO_COLOR", "")
	if !colourful(screen) || colourful(file) || colourful(&strings.Builder{}) {
		t.Errorf("colours on a terminal %v, in a file %v, in a text %v, want the first alone", colourful(screen), colourful(file), colourful(&strings.Builder{}))
	}
	t.Setenv("NO_COLOR", "1")
	if colourful(screen) {
		t.Error("colours in spite of NO_COLOR")
	}
}

func TestCompareRefuses(t *testing.T) {
	path := compared(t)
	for args, text := range map[string]string{
		"winter":                                                   `experiment "winter" is not known, want one of: autumn, spring\n`,
		"spring autumn":                                            `accepts at most 1 arg\(s\), received 2\n`,
		"spring --layouts habit,gap":                               `experiment "spring" and --layouts habit,gap: want one of the two\n`,
		"spring --from 2026-03-01":                                 `--from "2026-03-01": an experiment has its own, want it with --layouts only\n`,
		"--question service":                                       `--question "service": an experiment has its own, .*`,
		"--layouts habit":                                          `--layouts habit: want 2 to 9 layouts\n`,
		"--layouts habit,habit":                                    `--layouts: "habit" is there twice\n`,
		"--layouts habit,best":                                     `layout "best" was never used, want one of: gap, habit, resolved-yes-no, reversed, strict, worst-first\n`,
		"--layouts habit,resolved-yes-no":                          `--layouts habit,resolved-yes-no: they do not ask the same question\n`,
		"--layouts habit,gap --question resolved":                  `--question "resolved": these layouts were not used for it, want one of: service\n`,
		"--layouts habit,gap --from 2026-02-30":                    `--from "2026-02-30": no such day, want one like 2026-03-01\n`,
		"--layouts habit,gap --to yesterday":                       `--to "yesterday": no such day, .*`,
		"--layouts habit,gap --from 2026-04-02 --to 2026-04-01":    `--from 2026-04-02 is after --to 2026-04-01\n`,
		"spring --queue sales":                                     `--queue "sales": no survey was ever offered in it, want one of: support\n`,
		"spring --by agent":                                        `--by "agent": want queue\n`,
		"spring --color red":                                       `--color "red": want auto, always or never\n`,
		"spring --lang de":                                         `--lang "de": want one of \[en zh-CN\]\n`,
		"spring --json --csv":                                      `.*\[csv json\] were all set\n`,
		"spring --html " + filepath.Join("nowhere", "report.html"): `file "nowhere/report.html": no such file or directory\n`,
	} {
		out, log, status := command(t, path, append([]string{"compare"}, strings.Fields(args)...)...)
		wants(t, "compare "+args, out+log, text, status, 1)
	}
}

// TestCompareWhichExperiment: without a name, one must be the one that runs.
func TestCompareWhichExperiment(t *testing.T) {
	path, x := trials(t)
	out, log, status := command(t, path, "compare")
	wants(t, "compare without an experiment", out+log, `there is no experiment, want --layouts a,b for figures of any layouts\n`, status, 1)
	x.start("spring", "habit", "gap")
	x.stop("spring")
	out, log, status = command(t, path, "compare")
	wants(t, "compare when none runs", out+log, `no experiment runs, want the name of one: spring\n`, status, 1)
	x.start("summer", "habit", "gap")
	second := scoring.Experiment{Name: "elsewhere", Question: "service", Layouts: []string{"habit", "gap"}, Seed: "s", Size: 3000, Ratings: 2000,
		Queues: []scoring.QueueWeights{{Queue: scoring.Unknown, Weights: []int{1, 1}}}, StartedAt: began}
	if err := x.store.StartExperiment(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	out, log, status = command(t, path, "compare")
	wants(t, "compare when two run", out+log, `2 experiments run, want the name of one: elsewhere, spring, summer\n`, status, 1)
	x.close()
}

// TestCompareCSV can be read, and its first columns name what a line is of.
func TestCompareCSV(t *testing.T) {
	out, _, _ := command(t, compared(t), "compare", "spring", "--csv", "--queue", "support")
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, r := range rows[1:] {
		id := strings.Join(r[:3], " ")
		if seen[id] {
			t.Errorf("two lines of %s", id)
		}
		seen[id] = true
	}
	if !seen["gap support answered"] || !seen["gap  answered_difference"] || !seen["habit  verdict_dissatisfied"] {
		t.Errorf("it holds %d lines, not those that were wanted", len(rows))
	}
}
