package main

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"aftercall/configs/i18n"
	"aftercall/ivr/layout"
)

// steady speaks every text at the same pace, whatever voices are installed.
type steady struct{}

func (steady) Speech(s layout.Speech) (layout.Sound, error) {
	pace := 60 * time.Millisecond // a letter
	if s.Language == "zh-CN" {
		pace = 220 * time.Millisecond // a character
	}
	return layout.Sound{Length: time.Duration(utf8.RuneCountInString(s.Say)) * pace}, nil
}

func (steady) Silence(d time.Duration) (layout.Sound, error) { return layout.Sound{Length: d}, nil }

// TestExplain: each preset in both languages, in the words of both.
func TestExplain(t *testing.T) {
	c := load(t, site(t))
	presets, err := layouts(c.Catalogue, []string{"habit", "strict", "gap", "worst-first", "reversed"})
	if err != nil {
		t.Fatal(err)
	}
	for _, language := range i18n.Languages {
		for _, l := range presets {
			var out strings.Builder
			e := &explainer{out: &out, words: i18n.For(language), catalogue: c.Catalogue, lib: steady{}}
			if err := e.explain([]layout.Layout{l}); err != nil {
				t.Error(err)
			}
			golden(t, "explain-"+l.Name+"."+language+".golden", out.String())
		}
	}
}

// TestExplainCommand: what is built is shown, what is not is estimated, a
// language that a layout lacks is named, and a layout that is not there too.
func TestExplainCommand(t *testing.T) {
	out, log, status := command(t, site(t), "check", "--explain", "gap")
	wants(t, "check --explain before the build", out+log, `configuration is good.*\nprompts are not ready.*\nTimes in seconds.*\nTimes are estimated.*\n\nLayout gap: .*\n(?s:.*)warning: 3\.0 s of silence behind option 1: .*flatter.*\n.*`, status, 0)
	path := built(t, ", {language: zh-CN, say: 非常满意}", "")
	out, log, status = command(t, path, "check", "--explain", "--lang", "zh-CN", "strict", "habit")
	if strings.Contains(out, "估算") || strings.Count(out, "按键方案 ") != 2 {
		t.Errorf("check --explain of two built layouts prints\n%s", out)
	}
	wants(t, "check --explain of a layout with a text missing", out+log, `(?s:.*)\nzh-CN：无法播报，缺少文本：verdict "very_satisfied": label\nen：(?s:.*)`, status, 0)
	out, _, _ = command(t, site(t, "times: 1\n      say:", "times: 0\n      say:"), "check", "--explain", "habit")
	if want := "No key: the question ends.\nA wrong key: the menu is read again, at most 2×.\n"; !strings.Contains(out, want) {
		t.Errorf("check --explain without a retry does not say %q, but\n%s", want, out)
	}
	for args, want := range map[string]string{
		"--explain habit none": `layout "none" is not in the configuration, want one of: habit, strict, gap, worst-first, reversed, resolved-yes-no` + "\n",
		"habit":                `"habit": want no argument without --explain` + "\n",
		"--lang fr":            `--lang "fr": want one of [en zh-CN]` + "\n",
	} {
		if out, log, status := command(t, path, append([]string{"check"}, strings.Fields(args)...)...); log != want || status != 1 {
			t.Errorf("check %s printed %q and %q with status %d, want %q and 1", args, out, log, status, want)
		}
	}
}

// TestCheckCountsWarningsOfLayoutsInUse: habit has none, strict two; one that
// no queue uses does not count.
func TestCheckCountsWarningsOfLayoutsInUse(t *testing.T) {
	out, log, status := command(t, built(t), "check")
	wants(t, "check", out+log, `configuration is good.*\nwarnings about layouts in use: 2 \(aftercall check --explain\)\n`, status, 0)
	out, log, status = command(t, built(t, ", {layout: strict, weight: 1}]", ", {layout: strict, weight: 0}]"), "check")
	wants(t, "check with strict switched off", out+log, `configuration is good.*\n`, status, 0)
}
