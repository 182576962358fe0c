package centre

import (
	"fmt"
	"strings"
	"testing"
)

// asked is what the store holds of a caller who rates at once, whatever the
// dialplan said.
var asked = []string{"1: habit rated satisfied 3 by 1, reading 1, heard 0; key 1 accepted; completed"}

const atOnce = `[{at: 200ms, press: "1"}]`

// Dialplans that say something unusable: the caller is surveyed all the same.
var badArguments = []row{
	{name: "unlisted queue", queue: Queue{Unlisted: true}, kept: "unknown", faults: []string{"queue"}},
	{name: "other language", queue: Queue{Language: "fr"}, faults: []string{"language"}},
	{name: "no agent", agent: "unknown", faults: []string{"agent"}},
	{name: "no arguments", agent: "unknown", kept: "unknown", faults: []string{"version", "agent", "uniqueid", "queue", "visit"}},
	{name: "long agent", agent: "unknown", faults: []string{"agent"}},
	{name: "agent not UTF-8", agent: "unknown", faults: []string{"agent", "agentname"}},
	{name: "agent with quotes", agent: "unknown", faults: []string{"agentid"}},
	{name: "newline in a name", faults: []string{"agentname"}},
	{name: "emoji in a name", check: func(t *testing.T, s scene) {
		if got, want := s.calls[0].Call.Agent.Name, "Ann, 🙂 \"A\""; got != want {
			t.Errorf("agent's name %q, want %q", got, want)
		}
	}},
	{name: "parenthesis in a name", check: func(t *testing.T, s scene) {
		if got, want := s.calls[0].Call.Agent.Name, "Ann (night"; got != want {
			t.Errorf("agent's name %q, want %q", got, want)
		}
	}},
	{name: "other version", faults: []string{"version", "other"}},
	{name: "no visit", faults: []string{"visit"}},
}

// meddle is what the dialplan does before Stasis(), by queue; where it goes to
// Stasis() itself, the printed line is left out.
var meddle = map[string][]string{
	"no-agent":     {"Set(MEMBERINTERFACE=)"},
	"no-arguments": {"Stasis(aftercall)"},
	"long-agent": {
		"Set(TEN=aaaaaaaaaa)", "Set(HUNDRED=" + strings.Repeat("${TEN}", 10) + ")", "Set(THOUSAND=" + strings.Repeat("${HUNDRED}", 10) + ")",
		"Set(MEMBERINTERFACE=" + strings.Repeat("${THOUSAND}", 10) + ")",
	},
	"agent-not-UTF-8":       {"Set(MEMBERINTERFACE=PJSIP/10\xff\xfe01)", "Set(MEMBERNAME=\xc3\x28)"},
	"agent-with-quotes":     {"Set(MEMBERINTERFACE=PJSIP/\"10'01\")"},
	"newline-in-a-name":     {"Set(MEMBERNAME=${URIDECODE(Ann%0AA)})"},
	"emoji-in-a-name":       {"Set(MEMBERNAME=Ann, 🙂 \"A\")"},
	"parenthesis-in-a-name": {"Set(MEMBERNAME=${URIDECODE(Ann %28night)})"},
	"other-version":         {"Stasis(aftercall,v9,agent=${URIENCODE(${MEMBERINTERFACE})},queue=${ARG1},uniqueid=${UNIQUEID},visit=1)"},
	"no-visit":              {"Set(AFTERCALL_VISIT=once more)"},
}

// meddled is the printed dialplan with the meddling of some queues.
func meddled(dialplan string) string {
	const ask = " same => n,Stasis("
	var jumps, bodies strings.Builder
	for queue, steps := range meddle {
		fmt.Fprintf(&jumps, " same => n,GotoIf($[\"${ARG1}\"=\"%s\"]?%s)\n", queue, queue)
		label, back := "("+queue+")", "ask"
		for _, step := range steps {
			fmt.Fprintf(&bodies, " same => n%s,%s\n", label, step)
			label = ""
			if strings.HasPrefix(step, "Stasis(") {
				back = "asked"
			}
		}
		fmt.Fprintf(&bodies, " same => n,Goto(%s)\n", back)
	}
	dialplan = strings.Replace(dialplan, ask, jumps.String()+" same => n(ask),Stasis(", 1)
	before, after, _ := strings.Cut(dialplan, "n(ask),")
	after = strings.Replace(after, " same => n,", " same => n(asked),", 1)
	return strings.Replace(before+"n(ask),"+after, "exten => T,1", bodies.String()+"exten => T,1", 1)
}

// faultyArguments fills in what the rows have in common.
func faultyArguments() []row {
	var rows []row
	for _, r := range badArguments {
		r.acts, r.want = atOnce, asked
		rows = append(rows, r)
	}
	return rows
}

// countedFaults: the service counted each argument once for each call in
// which it could not be used.
func countedFaults(t *testing.T, c *Centre, rows []row) {
	f := c.scrape(t, "/metrics")
	want := map[string]float64{}
	for _, r := range rows {
		for _, name := range r.faults {
			want[name]++
		}
	}
	all := 0.0
	for name, n := range want {
		all += n
		if got := f.Sum("aftercall_argument_faults_total", fmt.Sprintf("argument=%q", name)); got != n {
			t.Errorf("argument %q: %v faults counted, want %v", name, got, n)
		}
	}
	if got := f.Sum("aftercall_argument_faults_total"); got != all {
		t.Errorf("%v faults counted, want %v", got, all)
	}
}
