package main

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// wants compares a command's text and status; text is a regular expression
// for all of it.
func wants(t *testing.T, what, got, text string, status, wantStatus int) {
	t.Helper()
	if !regexp.MustCompile(`(?s)\A`+text+`\z`).MatchString(got) || status != wantStatus {
		t.Errorf("%s printed %q with status %d, want %s with status %d", what, got, status, text, wantStatus)
	}
}

func TestCheckGood(t *testing.T) {
	out, log, status := command(t, built(t), "check")
	wants(t, "check", out+log, `configuration is good; survey "service" takes up to 1m[\d.]+s\nwarnings .*\n`, status, 0)
}

func TestCheckBeforePromptsAreBuilt(t *testing.T) {
	out, log, status := command(t, site(t), "check")
	wants(t, "check", out+log, `configuration is good; survey "service" takes up to about 1m\d+s\nprompts are not ready: layout "habit" in en: .*`, status, 0)
}

func TestCheckFaulty(t *testing.T) {
	path := site(t, "time_zone: Asia/Shanghai", "time_zone: Mars/Olympus", "{layout: habit, weight: 1}, {layout: strict, weight: 1}", "{layout: habbit, weight: 1}")
	out, log, status := command(t, path, "check")
	if status != 1 || out != "" || !strings.Contains(log, `"Mars/Olympus"`) || !strings.Contains(log, `layout "habbit" is not defined`) {
		t.Errorf("check printed %q and %q with status %d, want both faults and status 1", out, log, status)
	}
}

const tooLong = `survey "service": takes up to 1m[\d.]+s when every retry is used, want at most survey.longest = 1m[\d.s]*: fewer retries, shorter waits, or a higher bound\n`

func TestCheckTooLong(t *testing.T) {
	t.Setenv("AFTERCALL_SURVEY_LONGEST", "1m")
	out, log, status := command(t, site(t), "check")
	wants(t, "check with estimated lengths", out+log, tooLong, status, 1)
	out, log, status = command(t, built(t), "check")
	wants(t, "check", out+log, tooLong, status, 1)
}

// TestCheckEverySurveyTooLong: each survey that is too long is a fault of its
// own; one that is short enough is none.
func TestCheckEverySurveyTooLong(t *testing.T) {
	t.Setenv("AFTERCALL_SURVEY_LONGEST", "2m")
	path := site(t, "- name: support\n    survey: service\n    layouts: [{layout: habit, weight: 1}, {layout: strict, weight: 1}]",
		"- {name: slow, survey: service, layouts: [{layout: gap, weight: 1}]}\n"+
			"  - {name: slower, survey: service-and-resolved, layouts: [{layout: gap, weight: 1}, {layout: resolved-yes-no, weight: 1}]}\n"+
			"  - {name: quick, survey: short, layouts: [{layout: habit, weight: 1}]}",
		"pause: 3s", "pause: 20s",
		"surveys:\n", "surveys:\n  - {name: short, questions: [service], primary: service, thanks_pause: 300ms, thanks: [{language: en, say: Goodbye}, {language: zh-CN, say: 再见}]}\n")
	const fault = `takes up to \d+m[\d.]+s when every retry is used, want at most survey.longest = 2m0s: fewer retries, shorter waits, or a higher bound\n`
	out, log, status := command(t, path, "check")
	wants(t, "check", out+log, `survey "service": `+fault+`survey "service-and-resolved": `+fault, status, 1)
}

func TestCheckWarnsOfOpenPages(t *testing.T) {
	path := site(t)
	for listen, text := range map[string]string{
		"0.0.0.0:0":   `warning: http.listen "0.0.0.0:0": other machines can reach pages, metrics and reload, which have no login\n.*is good.*`,
		":9380":       `warning: http.listen ":9380": .*`,
		"[::1]:0":     `configuration is good.*`,
		"localhost:0": `configuration is good.*`,
	} {
		t.Setenv("AFTERCALL_HTTP_LISTEN", listen)
		out, log, status := command(t, path, "check")
		wants(t, "check with "+listen, out+log, text, status, 0)
	}
}

// TestCheckTooLongAsRecorded: a recording of the operator's own that takes
// longer than the estimate makes the survey too long, and check says so.
func TestCheckTooLongAsRecorded(t *testing.T) {
	t.Setenv("AFTERCALL_SURVEY_LONGEST", "1m50s")
	path := built(t)
	if _, _, status := command(t, path, "check"); status != 0 {
		t.Fatalf("status %d before the recording, want 0", status)
	}
	names, err := filepath.Glob(filepath.Join(filepath.Dir(path), "prompts", "speech-*.wav"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no prompts: %v", err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		b = append(b, make([]byte, 2*8000*2)...) // two seconds of silence
		binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
		binary.LittleEndian.PutUint32(b[40:], uint32(len(b)-44))
		if err := os.WriteFile(name, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out, log, status := command(t, path, "check")
	wants(t, "check", out+log, strings.Replace(tooLong, "1m[", `\d+m[`, 1), status, 1)
}

func TestPromptsBuild(t *testing.T) {
	path := site(t)
	out, _, status := command(t, path, "prompts", "build")
	wants(t, "prompts build", out, `(\d+) sounds made, \d+ in all, in …/prompts\n`, status, 0)
	out, log, status := command(t, path, "prompts", "build")
	wants(t, "the second prompts build", out+log, `0 sounds made, \d+ in all, in …/prompts\n`, status, 0)
}

func TestCommandLines(t *testing.T) {
	path := site(t)
	for _, c := range []struct {
		args   string
		text   string
		status int
	}{
		{"version", "aftercall dev\n", 0},
		{"version now", "unknown command \"now\" for \"aftercall version\"\n", 1},
		{"check --loud", "unknown flag: --loud\n", 1},
		{"chekc", "unknown command \"chekc\" for \"aftercall\"\n.*check\n.*", 1},
		{"", "Post-call rating for Asterisk: ask, record, explain\n.*", 0},
		{"serve --help", "Survey callers until stopped\n.*", 0},
		{"calls --limit 0", "--limit 0: want 1 to 100000\n", 1},
		{"calls --lang xx", "--lang \"xx\": want one of \\[en zh-CN\\]\n", 1},
		{"prompts bogus", "unknown command \"bogus\" for \"aftercall prompts\"\n", 1},
		{"prompts", "The sounds that callers hear\n.*build.*", 0},
		{"prompts pack", "required flag\\(s\\) \"output\" not set\n", 1},
		{"calls --limit many", "invalid argument \"many\" for \"--limit\" flag: .*", 1},
		{"calls", `open database "…/aftercall.db": file does not exist, want a database that the service has made\n`, 1},
		{"check --config /nonexistent/aftercall.yaml", ".*/nonexistent/aftercall.yaml.*no such file or directory\n", 1},
	} {
		out, log, status := command(t, path, strings.Fields(c.args)...)
		wants(t, "aftercall "+c.args, out+log, c.text, status, c.status)
	}
}

// TestPasswordsAreForAsterisk: who reads ratings needs no password of Asterisk.
func TestPasswordsAreForAsterisk(t *testing.T) {
	path := site(t)
	t.Setenv("AFTERCALL_ARI_PASSWORD", "")
	for _, args := range [][]string{{"dialplan"}, {"experiment", "plan", "--answered", "3", "--baseline-answered", "60", "--per-day", "100"}} {
		if _, stderr, status := command(t, path, args...); status != 0 {
			t.Errorf("%v: status %d, %s", args, status, stderr)
		}
	}
	if _, stderr, status := command(t, path, "check"); status != 1 || !strings.Contains(stderr, "holds no password") {
		t.Errorf("check: status %d, %s, want the missing password", status, stderr)
	}
}

// TestCheckCountsSeries: more than 16 series for each agent are worth a word.
func TestCheckCountsSeries(t *testing.T) {
	windows := func(list string) []string { return []string{"windows: [30d]", "windows: [" + list + "]"} }
	first := []string{"longest: 2m30s", "longest: 5m", "questions: [service, resolved]", "questions: [resolved, service]", "  - name: support\n    survey: service\n    layouts: [",
		"  - name: support\n    survey: service-and-resolved\n    layouts: [{layout: resolved-yes-no, weight: 1}, "}
	for _, c := range []struct {
		name    string
		changes []string
		want    string
	}{
		{"shipped", nil, ""},
		{"two windows", windows("30d, 1d"), "an agent has 18 series, more than 16: 1 of info, 5 outcomes, 4 verdicts, 2 for each of 2 windows, 4 of the adjusted ratio; 10000 agents (metrics.max_agents) have up to 180000"},
		{"no window", windows(""), ""},
		{"not first in one queue", first, "an agent has 17 series, more than 16: 1 of info, 6 outcomes, 4 verdicts, 2 for each of 1 windows, 4 of the adjusted ratio; 10000 agents (metrics.max_agents) have up to 170000"},
	} {
		out, log, status := command(t, site(t, c.changes...), "check")
		_, got, warned := strings.Cut(out, "warning: metrics: ")
		got, _, _ = strings.Cut(got, "\n")
		if status != 0 || log != "" || got != c.want || warned != (c.want != "") {
			t.Errorf("%s: check warns of %q with status %d, %q, want %q", c.name, got, status, log, c.want)
		}
	}
}
