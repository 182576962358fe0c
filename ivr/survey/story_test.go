package survey

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"aftercall/ivr/layout"
	"aftercall/scoring"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what the survey does into the story files")

// TestStories tells each story in testdata to a survey and compares what it
// does. A line of a story is something that happens; the indented lines under
// it are what the survey asks for. See testdata/README.md.
func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/*.story")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".story"), func(t *testing.T) {
			want, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			got := tell(t, string(want))
			if *update {
				if err := os.WriteFile(f, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if d := cmp.Diff(string(want), got); d != "" && !*update {
				t.Errorf("story differs (-want +got):\n%s", d)
			}
		})
	}
}

// teller plays the caller, Asterisk and the store to one survey.
type teller struct {
	t     *testing.T
	s     *Survey
	check *Checker
	begin time.Time
	now   time.Time
	alarm time.Time
	play  Play          // list on the air
	next  int           // its sound that comes next
	took  time.Duration // of the list so far
	save  int
	text  strings.Builder
}

func tell(t *testing.T, story string) string {
	begin := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	d := &teller{t: t, begin: begin, now: begin}
	for line := range strings.Lines(story) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "  "):
			continue // what the survey did last time
		case line == "" || strings.HasPrefix(line, "#"):
			fmt.Fprintln(&d.text, line)
			continue
		}
		fmt.Fprintln(&d.text, line)
		d.line(strings.Fields(line))
	}
	if d.s == nil || !d.s.Done() {
		t.Error("the story ends before the call does")
	}
	return d.text.String()
}

func (d *teller) line(f []string) {
	switch f[0] {
	case "plan":
		p, ok := plans(d.t)[f[1]]
		if !ok {
			d.t.Fatalf("no plan %q", f[1])
		}
		s, out := New(d.now, p)
		check, err := NewChecker(d.now, p, out)
		if err != nil {
			d.t.Error(err)
		}
		d.s, d.check = s, check
		d.carryOut(out)
	case "resume":
		d.resume(f[1], f[2], f[3], f[4:])
	case "hear":
		d.hear(f[1:])
	case "wait":
		d.wait(f[1])
	case "key":
		d.step(Key{Key: f[1]})
	case "saved":
		d.step(Saved{Save: d.save})
	case "unsaved":
		d.step(Saved{Save: d.save, Failed: true})
	case "hangup", "left":
		d.step(Left{Reason: scoring.CallerLeft})
	case "lost":
		d.step(Left{Reason: scoring.Lost})
	case "stop":
		d.step(Stop{})
	case "cut":
		d.step(Cut{})
	case "restored":
		d.step(Restored{})
	case "break":
		// What Asterisk sends when the caller hangs up during a list.
		d.step(Finished{Play: d.play.ID, Took: d.took})
	case "late-finish":
		d.step(Finished{Play: d.play.ID - 1})
	default:
		d.t.Fatalf("unknown line %q", f)
	}
}

// resume takes up a survey whose first questions have the answers named
// ("none", "rated", "rated,no_input") and whose caller may stay until a time;
// "again 6": for the sixth time.
func (d *teller) resume(plan, answers, until string, again []string) {
	p, ok := plans(d.t)[plan]
	if !ok {
		d.t.Fatalf("no plan %q", plan)
	}
	i := Interrupted{Seq: 2, Resumed: 1, Until: d.now.Add(d.duration(until))}
	if len(again) == 2 {
		i.Resumed, _ = strconv.Atoi(again[1])
	}
	for n, o := range strings.Split(answers, ",") {
		if o == "none" {
			break
		}
		a := scoring.Answer{Question: p.Questions[n].Layout.Question, Outcome: scoring.Outcome(o)}
		if a.Outcome == scoring.Rated {
			option := p.Questions[n].Layout.Options[0]
			a.Verdict, a.Entry, a.Reading = option.Verdict, option.Key, 1
		}
		i.Answers = append(i.Answers, a)
	}
	s, out := Resume(d.now, p, i)
	check, err := NewResumedChecker(d.now, p, i, out)
	if err != nil {
		d.t.Error(err)
	}
	d.s, d.check = s, check
	d.carryOut(out)
}

func (d *teller) duration(s string) time.Duration {
	dur, err := time.ParseDuration(s)
	if err != nil {
		d.t.Fatal(err)
	}
	return dur
}

func (d *teller) wait(s string) {
	until := d.now.Add(d.duration(s))
	for !d.s.Done() && !d.alarm.After(until) {
		d.now = d.alarm
		d.step(Wakeup{})
	}
	d.now = until
}

// hear plays the list on the air up to an option ("option 2"), to the start of
// a sound ("start 2"), to the end ("all"), without the end being told ("all silently"), with a sound missing
// ("all without 3"), or with Asterisk refusing it ("failure").
func (d *teller) hear(f []string) {
	if f[0] == "failure" {
		d.step(Finished{Play: d.play.ID, Failed: true})
		return
	}
	items := d.play.Items
	for ; d.next < len(items); d.next++ {
		it := items[d.next]
		if len(f) == 3 && f[1] == "without" && f[2] == strconv.Itoa(d.next+1) {
			continue
		}
		d.step(Started{Play: d.play.ID, Media: it.Media})
		if f[0] == "start" && f[1] == strconv.Itoa(d.next+1) {
			return
		}
		d.took += it.End - it.Start
		d.now = d.now.Add(it.End - it.Start)
		if d.next < len(items)-1 {
			d.step(Ended{Play: d.play.ID, Media: it.Media, Took: it.End - it.Start})
		}
		if f[0] == "option" && it.Part == layout.OptionPart && f[1] == strconv.Itoa(it.Option) {
			d.next++
			return
		}
	}
	if len(f) == 2 && f[1] == "silently" {
		return
	}
	d.step(Finished{Play: d.play.ID, Took: d.took})
}

func (d *teller) step(e Event) {
	d.t.Helper()
	out := d.s.Step(d.now, e)
	if err := d.check.After(d.now, e, out); err != nil {
		d.t.Errorf("at %s, %T: %v", d.now.Sub(d.begin), e, err)
	}
	d.carryOut(out)
}

func (d *teller) carryOut(out []Command) {
	for _, c := range out {
		switch c := c.(type) {
		case Play:
			d.play, d.next, d.took = c, 0, 0
		case Wake:
			d.alarm = c.At
			continue // shown by what it leads to
		case Save:
			d.save = c.ID
		}
		fmt.Fprintf(&d.text, "  %s\n", d.show(c))
	}
}

func (d *teller) show(c Command) string {
	at := fmt.Sprintf("%.3fs", d.now.Sub(d.begin).Seconds())
	switch c := c.(type) {
	case Play:
		var names []string
		for _, it := range c.Items {
			names = append(names, it.Media)
		}
		return fmt.Sprintf("%s play %s", at, strings.Join(names, " "))
	case StopPlay:
		return at + " stop"
	case Release:
		return at + " release"
	case Save:
		return at + " save" + showSave(c)
	}
	return fmt.Sprintf("%T", c)
}

func showSave(c Save) string {
	var b strings.Builder
	for _, a := range c.Answers {
		fmt.Fprintf(&b, " [%s %s", a.Question, a.Outcome)
		if a.Outcome == scoring.Rated {
			fmt.Fprintf(&b, " %s=%d key %s at %dms of reading %d", a.Verdict, a.Value, a.Entry, a.PressMS, a.Reading)
		}
		fmt.Fprintf(&b, " heard %d]", a.Heard)
	}
	for _, k := range c.Keypresses {
		fmt.Fprintf(&b, " (%s %s %s)", k.Question, k.Key, k.Use)
	}
	if c.Resumed > 0 {
		fmt.Fprintf(&b, " resumed %d", c.Resumed)
	}
	if c.End != nil {
		fmt.Fprintf(&b, " end %s", c.End.Reason)
	}
	return b.String()
}
