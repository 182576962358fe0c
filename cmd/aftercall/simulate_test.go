package main

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"aftercall/configs/i18n"
	"aftercall/ivr/layout"
	"aftercall/ivr/prompt"
	"aftercall/scoring"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestSimulate: what a caller hears and does, with estimated lengths.
func TestSimulate(t *testing.T) {
	path, patient := site(t), site(t, "barge_in: &barge_in true", "barge_in: &barge_in false")
	confirming := site(t, "\n  - name: strict #", `    confirm:
      say: [{language: en, say: "you chose {label}, {key} keeps it, {again} takes it back"}, {language: zh-CN, say: "您选择了{label}，确认请按{key}，重选请按{again}"}]
      key: "1"
      again: "2"
      times: 1
      wait: 4s

  - name: strict #`)
	for _, c := range []struct{ name, path, layout, keys string }{
		{"barge-in", path, "habit", "5.5s:1,5.75s:1,8s:2"},
		{"silent", path, "habit", ""},
		{"wrong-then-right", path, "habit", "2.5s:9,20s:3"},
		{"wrong-only", path, "habit", "3s:9,6s:8,9s:*,9.1s:1"},
		{"repeat", path, "habit", "6s:0,16s:2"},
		{"hangup", path, "gap", "8s:h,9s:1"},
		{"confirm", confirming, "habit", "3s:1,3.2s:1,8s:9,9s:2,9.1s:2,15s:3"},
		{"confirm-hangup", confirming, "habit", "3s:1,6s:h"},
		{"no-barge-in", patient, "worst-first", "2s:3,4s:1"},
	} {
		for suffix, more := range map[string][]string{"": nil, "-zh": {"--lang", "zh-CN", "--words", "zh-CN"}} {
			out, log, status := command(t, c.path, append([]string{"simulate", c.layout, "--fast", "--keys", c.keys}, more...)...)
			if log != "" || status != 0 {
				t.Errorf("%s%s printed %q with status %d", c.name, suffix, log, status)
			}
			golden(t, "simulate-"+c.name+suffix+".golden", out)
		}
	}
}

// TestSimulateTakesItsTime: without --fast a simulation shows the same, and
// takes as long as it says.
func TestSimulateTakesItsTime(t *testing.T) {
	path := site(t)
	args := []string{"simulate", "habit", "--keys", "2.5s:9,20s:3,21s:3"}
	fast, _, _ := command(t, path, append(args, "--fast")...)
	ended := regexp.MustCompile(`(?m)^ *([\d.]+) s  the caller goes on in the dialplan$`).FindStringSubmatch(fast)
	if ended == nil {
		t.Fatalf("no end in %s", fast)
	}
	want, err := strconv.ParseFloat(ended[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		slow, _, status := command(t, path, args...)
		if took := time.Since(began).Seconds(); took < want-0.005 || took > want+0.005 {
			t.Errorf("took %.3f s, want %.2f s", took, want)
		}
		if d := cmp.Diff(fast, slow); d != "" || status != 0 {
			t.Errorf("status %d; differs from --fast (-fast +slow):\n%s", status, d)
		}
	})
}

// TestSimulateWithSounds: the times are those of the sounds that were built.
func TestSimulateWithSounds(t *testing.T) {
	path := built(t)
	c := load(t, path)
	h, err := rehearse(c, "habit", "")
	if err != nil || h.estimated != nil {
		t.Fatalf("rehearse: %v, estimated %v", err, h.estimated)
	}
	out, _, status := command(t, path, "simulate", "habit", "--fast", "--keys", "")
	for _, o := range h.plan.Questions[0].Sound.Timeline() {
		if line := fmt.Sprintf("%6.2f s  option %d: ", o.Start.Seconds(), o.Option); !strings.Contains(out, "\n"+line) {
			t.Errorf("no line %q", line)
		}
	}
	if sound := h.plan.Questions[0].Sound; !strings.Contains(out, sound.Version+"  "+sound.Hash) || strings.Contains(out, "estimated") || status != 0 {
		t.Errorf("status %d, want version %s and rendition %s in:\n%s", status, sound.Version, sound.Hash, out)
	}
}

// TestSimulateAtTheSameMoment: a key at the end of a wait is in time; at the
// end of a menu it comes when the menu has been heard.
func TestSimulateAtTheSameMoment(t *testing.T) {
	path := site(t, "barge_in: &barge_in true", "barge_in: &barge_in false")
	h, err := rehearse(load(t, path), "habit", "")
	if err != nil {
		t.Fatal(err)
	}
	menu := layout.Length(h.plan.Questions[0].Sound.Menu)
	wait := h.plan.Questions[0].Layout.Wait.D()
	for at, use := range map[time.Duration]string{
		menu - time.Millisecond:        "1 comes before the end of what is said",
		menu:                           "1 rates the question",
		menu + wait:                    "1 rates the question",
		menu + wait + time.Millisecond: "2 comes before the end of what is said",
	} {
		script := fmt.Sprintf("%s:1,%s:2", at, at)
		out, _, _ := command(t, path, "simulate", "habit", "--fast", "--keys", script)
		_, table, _ := strings.Cut(out, "what became of it\n")
		first, _, _ := strings.Cut(table, "\n")
		if !strings.HasSuffix(strings.Join(strings.Fields(first), " "), use) {
			t.Errorf("--keys %s: the first key became %q, want %q", script, first, use)
		}
	}
}

func TestSimulateFaults(t *testing.T) {
	path := site(t, "questions: [service]", "questions: [resolved]", "primary: service # the one", "primary: resolved # the one",
		"questions: [service, resolved]", "questions: [resolved]", "    primary: service\n", "    primary: resolved\n",
		"{layout: habit, weight: 1}, {layout: strict, weight: 1}", "{layout: resolved-yes-no, weight: 1}", "{layout: habit, weight: 1}", "{layout: resolved-yes-no, weight: 1}")
	for args, text := range map[string]string{
		"":                            `accepts 1 arg\(s\), received 0\n`,
		"habbit":                      `layout "habbit" is not in the configuration, want one of: habit, strict, gap, worst-first, reversed, resolved-yes-no\n`,
		"habit":                       `layout "habit": no survey asks its question "service" and thanks in en, want one to take the thank-you from\n`,
		"habit --lang fr":             `--lang "fr": is not a language of the site, want one of: en, zh-CN\n`,
		"habit --words fr":            `--words "fr": want one of \[en zh-CN\]\n`,
		"habit --keys 1":              `--keys: key 1 "1": want a time since the survey began and a key, such as 2\.5s:1\n`,
		"habit --keys 1s:1,2:2":       `--keys: key 2 "2:2": "2" is no length of time, want a number with a unit such as 500ms or 3s\n`,
		"habit --keys 1s:1,":          `--keys: key 2 "": want a time .*`,
		"habit --keys -1s:1":          `--keys: key 1 "-1s:1": -1s, want whole milliseconds from 0\n`,
		"habit --keys 1us:1":          `--keys: key 1 "1us:1": 1µs, want whole milliseconds from 0\n`,
		"habit --keys 1s:1,2s:x":      `--keys: key 2 "2s:x": "x" is no key, want one of 0-9 \* #, or h to hang up\n`,
		"habit --keys 1s:12":          `--keys: key 1 "1s:12": "12" is no key, .*`,
		"habit --keys 1s:1,2s:2,1s:3": `--keys: key 3 "1s:3": comes before 2s:2, want the keys in order\n`,
	} {
		out, log, status := command(t, path, append([]string{"simulate"}, strings.Fields(args)...)...)
		wants(t, "simulate "+args, out+log, text, status, 1)
	}
}

func FuzzReadScript(f *testing.F) {
	f.Add("2.5s:1,4s:h")
	f.Add(" 0s:* , 1h2m3.004s:#")
	f.Fuzz(func(t *testing.T, text string) {
		script, err := readScript(text)
		if err != nil {
			return
		}
		texts := make([]string, len(script))
		for i, p := range script {
			texts[i] = p.String()
		}
		again, err := readScript(strings.Join(texts, ","))
		if d := cmp.Diff(script, again, cmp.AllowUnexported(press{})); d != "" || err != nil {
			t.Errorf("%q reads again as %v, %v:\n%s", text, again, err, d)
		}
	})
}

// TestSimulateAnything: whatever is pressed, the survey ends with a record
// that a store takes and that has every key that was pressed. The rules of
// survey.Checker are held at every step.
func TestSimulateAnything(t *testing.T) {
	c := load(t, site(t))
	for _, name := range []string{"habit", "strict", "gap", "resolved-yes-no"} {
		l, _ := c.Catalogue.Layout(name)
		rapid.Check(t, func(t *rapid.T) {
			l.BargeIn = rapid.Bool().Draw(t, "barge-in")
			plan, err := planOne(c.Catalogue, l, c.Catalogue.Surveys[1], "en", prompt.Estimate{})
			if err != nil {
				t.Fatal(err)
			}
			var script []press
			var at time.Duration
			for range rapid.IntRange(0, 6).Draw(t, "keys") {
				at += time.Duration(rapid.IntRange(0, 20_000).Draw(t, "ms")) * time.Millisecond
				script = append(script, press{at, rapid.SampledFrom([]byte(layout.Keys+"1123h")).Draw(t, "key")})
			}
			var out bytes.Buffer
			who := &caller{script: script, fast: true}
			show := &transcript{out: &out, words: i18n.For("en"), catalogue: c.Catalogue, said: map[int]scoring.Use{}}
			if err := newSimulation(began, who, show).run(t.Context(), plan); err != nil {
				t.Fatal(err)
			}
			r := show.stored
			r.ID = scoring.CallID{UniqueID: "node1-1.0", Visit: 1}
			pressed := len(script) - len(who.script) - strings.Count(out.String(), "the caller hangs up")
			if err := r.Check(); err != nil || len(r.Answers) != 1 || len(r.Keypresses) != pressed || r.End == nil {
				t.Fatalf("stored %+v after %d keys, check %v", r, pressed, err)
			}
		})
	}
}
