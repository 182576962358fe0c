package asterisk

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"aftercall/scoring"
	"aftercall/scoring/metrics"

	"github.com/google/go-cmp/cmp"
)

// whole is what the dialplan says when all is well.
var whole = []string{
	"v1", "agent=PJSIP%2F1001", "agentname=Zh%C5%8Du%2C%20A", "agentid=wf-7", "queue=support", "uniqueid=node1-17.3", "visit=2",
	"linkedid=node1-17.1", "talk=61", "language=zh_CN", "codec=alaw", "test=1",
}

// without gives whole without some arguments, and with others instead.
func without(names string, instead ...string) []string {
	out := append([]string{ArgumentsVersion}, instead...)
	for _, a := range whole[1:] {
		name, _, _ := strings.Cut(a, "=")
		if !slices.Contains(strings.Fields(names), name) {
			out = append(out, a)
		}
	}
	return out
}

func TestArguments(t *testing.T) {
	talk := int64(61_000)
	all := arguments{
		id: scoring.CallID{UniqueID: "node1-17.3", Visit: 2}, agent: scoring.Agent{ID: "wf-7", Interface: "PJSIP/1001", Name: "Zhōu, A"},
		queue: "support", linkedID: "node1-17.1", language: "zh_CN", codec: "alaw", talkMS: &talk, test: true,
	}
	long := strings.Repeat("a", scoring.MaxID+1)
	for _, c := range []struct {
		name string
		args []string
		want func(*arguments)
	}{
		{"whole", whole, func(*arguments) {}},
		{"nothing", nil, func(a *arguments) {
			*a = arguments{id: scoring.CallID{UniqueID: "chan", Visit: 1}, agent: scoring.Agent{ID: "unknown"}, queue: "unknown",
				faults: []string{"version", "uniqueid", "visit", "agent", "queue"}}
		}},
		{"no version", whole[1:], func(a *arguments) { a.faults = []string{"version"} }},
		{"another version", append([]string{"v2"}, whole[1:]...), func(a *arguments) { a.faults = []string{"version", "other"} }},
		{"unknown argument", without("", "colour=red"), func(*arguments) {}},
		{"no value", without("agentname", "agentname"), func(a *arguments) { a.agent.Name, a.faults = "", []string{"other"} }},
		{"doubled", without("", "queue=sales"), func(a *arguments) { a.queue, a.faults = "sales", []string{"other"} }},
		{"empty agent", without("agent agentid", "agent="), func(a *arguments) {
			a.agent.ID, a.agent.Interface, a.faults = "unknown", "", []string{"agent"}
		}},
		{"agent without id", without("agentid"), func(a *arguments) { a.agent.ID = "PJSIP/1001" }},
		{"agent of another script", without("agentid", "agentid=%E7%8E%8B%E8%8A%B3"), func(a *arguments) { a.agent.ID = "王芳" }},
		{"agent id with a space", without("agentid", "agentid=w%20f"), func(a *arguments) { a.agent.ID, a.faults = "PJSIP/1001", []string{"agentid"} }},
		{"agent id too long", without("agentid", "agentid="+long), func(a *arguments) { a.agent.ID, a.faults = "PJSIP/1001", []string{"agentid"} }},
		{"agent id with quotes", without("agentid", "agentid=a%22b%27c"), func(a *arguments) { a.agent.ID, a.faults = "PJSIP/1001", []string{"agentid"} }},
		{"agent id with a newline", without("agentid", "agentid=a%0Ab"), func(a *arguments) { a.agent.ID, a.faults = "PJSIP/1001", []string{"agentid"} }},
		{"agent id an emoji", without("agentid", "agentid=%F0%9F%99%82"), func(a *arguments) { a.agent.ID, a.faults = "PJSIP/1001", []string{"agentid"} }},
		{"agent id of 10,000 characters", without("agentid", "agentid="+strings.Repeat("a", 10_000)), func(a *arguments) { a.agent.ID, a.faults = "PJSIP/1001", []string{"agentid"} }},
		{"interface with quotes", without("agent agentid", "agent=PJSIP%2F%22a"), func(a *arguments) {
			a.agent.ID, a.agent.Interface, a.faults = "unknown", `PJSIP/"a`, []string{"agentid"}
		}},
		{"interface an emoji", without("agent agentid", "agent=PJSIP%2F%F0%9F%99%82"), func(a *arguments) {
			a.agent.ID, a.agent.Interface, a.faults = "unknown", "PJSIP/🙂", []string{"agentid"}
		}},
		{"interface with a newline", without("agent agentid", "agent=PJSIP%2F1%0A2"), func(a *arguments) {
			a.agent.ID, a.agent.Interface, a.faults = "unknown", "", []string{"agent"}
		}},
		{"interface of 10,000 characters", without("agent agentid", "agent=PJSIP%2F"+strings.Repeat("a", 10_000)), func(a *arguments) {
			a.agent.ID, a.agent.Interface, a.faults = "unknown", "", []string{"agent"}
		}},
		{"interface longer than an id", without("agent agentid", "agent="+long), func(a *arguments) {
			a.agent.ID, a.agent.Interface, a.faults = "unknown", long, []string{"agentid"}
		}},
		{"broken escape", without("agentname", "agentname=100%"), func(a *arguments) { a.agent.Name, a.faults = "", []string{"agentname"} }},
		{"bytes that are no text", without("agentname", "agentname=%FF"), func(a *arguments) { a.agent.Name, a.faults = "", []string{"agentname"} }},
		{"control character", without("queue", "queue=a%0Ab"), func(a *arguments) { a.queue, a.faults = "unknown", []string{"queue"} }},
		{"unique id too long", without("uniqueid", "uniqueid="+long), func(a *arguments) { a.id.UniqueID, a.faults = "chan", []string{"uniqueid"} }},
		{"visit 0", without("visit", "visit=0"), func(a *arguments) { a.id.Visit, a.faults = 1, []string{"visit"} }},
		{"visit a word", without("visit", "visit=two"), func(a *arguments) { a.id.Visit, a.faults = 1, []string{"visit"} }},
		{"visit too large", without("visit", "visit=1000000"), func(a *arguments) { a.id.Visit, a.faults = 1, []string{"visit"} }},
		{"talk negative", without("talk", "talk=-1"), func(a *arguments) { a.talkMS, a.faults = nil, []string{"talk"} }},
		{"talk of the day of the epoch", without("talk", "talk=9999999999"), func(a *arguments) {
			ms := int64(9_999_999_999_000)
			a.talkMS = &ms
		}},
		{"talk not told", without("talk", "talk="), func(a *arguments) { a.talkMS = nil }},
		{"test 0", without("test", "test=0"), func(a *arguments) { a.test = false }},
	} {
		t.Run(c.name, func(t *testing.T) {
			want, got := all, parse(c.args, "chan")
			c.want(&want)
			got.resolve(scoring.Roster{}, "2026-01-05")
			for _, name := range want.faults {
				if !slices.Contains(metrics.Arguments, name) {
					t.Errorf("argument %q is not listed: its first fault would not be seen", name)
				}
			}
			if d := cmp.Diff(want, got, cmp.AllowUnexported(arguments{})); d != "" {
				t.Errorf("arguments differ (-want +got):\n%s", d)
			}
		})
	}
}

// TestArgumentsOfTheDialplan: what the dialplan is told to write can be read.
func TestArgumentsOfTheDialplan(t *testing.T) {
	text := strings.NewReplacer("${URIENCODE(${MEMBERINTERFACE})}", "PJSIP%2F1001", "${URIENCODE(${MEMBERNAME})}", "A", "${URIENCODE(Q)}", "support",
		"${UNIQUEID}", "u.1", "${CHANNEL(linkedid)}", "u.0", "${ANSWEREDTIME}", "3", "${CHANNEL(language)}", "en", "${CHANNEL(audioreadformat)}", "ulaw",
		"${URIENCODE(${AFTERCALL_AGENT})}", "", "${URIENCODE(${AFTERCALL_BEFORE})}", "", "${URIENCODE(${ARG2})}", "", "${URIENCODE(${DIALEDPEERNAME})}", "PJSIP%2Fivr-00000001",
		"${URIENCODE(${ATTENDEDTRANSFER})}", "", "${URIENCODE(${CHANNEL(hangupsource)})}", "PJSIP%2F1001-00000005", "${URIENCODE(${AFTERCALL_TOLD})}", "").
		Replace(Arguments("Q", "4"))
	a := parse(strings.Split(text, ","), "u.1")
	if strings.Contains(text, "$") || a.faults != nil || a.id.Visit != 4 || *a.talkMS != (3*time.Second).Milliseconds() || a.codec != "ulaw" ||
		a.agent != (scoring.Agent{Interface: "PJSIP/1001", Name: "A"}) || a.earlier != nil {
		t.Errorf("%q is read as %+v", text, a)
	}
}

// FuzzArguments: whatever the dialplan says, what is made of it can be stored
// and shown.
func FuzzArguments(f *testing.F) {
	f.Add(strings.Join(whole, "\n"), "node1-17.3")
	f.Add(strings.Join(append(whole, "before=&PJSIP%2F1-00000001", "attended=PJSIP%2F1-00000001", "hungup=PJSIP%2F2-00000002",
		"dialled=PJSIP%2F2", "peer=PJSIP%2F2-00000002", "told=queue=q%26agent=PJSIP%2F3"), "\n"), "node1-17.3")
	f.Fuzz(func(t *testing.T, args, channel string) {
		a := parse(strings.Split(args, "\n"), channel)
		a.resolve(scoring.Roster{}, "2026-01-05")
		if a.id.UniqueID != channel && (a.id.UniqueID == "" || len(a.id.UniqueID) > scoring.MaxID) {
			t.Errorf("unique id %q", a.id.UniqueID)
		}
		if a.id.Visit < 1 || a.id.Visit > 999_999 {
			t.Errorf("visit %d, want 1 to 999999", a.id.Visit)
		}
		if a.agent.ID == "" || a.queue == "" || len(a.agent.ID) > scoring.MaxID || len(a.queue) > scoring.MaxID {
			t.Errorf("agent %q, queue %q, want 1 to %d bytes", a.agent.ID, a.queue, scoring.MaxID)
		}
		if !scoring.IsAgentID(a.agent.ID) {
			t.Errorf("agent %q is no id that can be a label", a.agent.ID)
		}
		if len(a.earlier) > scoring.MaxEarlier {
			t.Errorf("%d earlier agents, want at most %d", len(a.earlier), scoring.MaxEarlier)
		}
		for _, e := range append(a.earlier, a.agent) {
			if e.ID == "" || len(e.ID) > scoring.MaxID || len(e.Interface) > scoring.MaxName || len(e.Name) > scoring.MaxName {
				t.Errorf("agent %+v cannot be kept", e)
			}
		}
		for _, s := range []string{a.agent.ID, a.agent.Interface, a.agent.Name, a.queue, a.linkedID, a.language, a.codec} {
			if !utf8.ValidString(s) || strings.ContainsAny(s, "\n\r\x00") || len(s) > scoring.MaxName {
				t.Errorf("%q is no text that can be kept", s)
			}
		}
		if a.talkMS != nil && *a.talkMS < 0 {
			t.Errorf("talked for %d ms", *a.talkMS)
		}
		seen := map[string]bool{}
		for _, name := range a.faults {
			if seen[name] || !slices.Contains(metrics.Arguments, name) {
				t.Errorf("fault of %q told twice or not listed: %v", name, a.faults)
			}
			seen[name] = true
		}
	})
}
