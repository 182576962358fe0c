package centre

import (
	stdcmp "cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"aftercall/scoring"

	"github.com/google/go-cmp/cmp"
)

// handedOn is a caller whom agents hand on: who talked with them, as the store
// has it.
type handedOn struct {
	name    string
	agent   int // of the queue, counted from 1
	phones  []string
	local   bool     // the queue reaches its agent through a Local channel
	talks   int      // with how many agents the caller talks
	ends    bool     // the extension that the caller was sent to ends the call: no tone of the operator's is heard
	queue   string   // the call is kept under; "" = the caller's
	earlier []string // interface and name
	agentIs string   // the same of who is rated
	id      string   // of who is rated; "" = the interface
	again   string   // who is rated at the second visit to the queue; "" = there is none
}

// second is the queue that agents send callers on to, and its number.
const (
	second       = "second"
	secondNumber = "7999"
)

// Agents 1 to 3 take what others hand on: 3 in the queue second.
var handed = []handedOn{
	{name: "blind", agent: 4, phones: []string{"1004=blind:1002"}, talks: 2, ends: true,
		earlier: []string{"PJSIP/1004 Dana 1004"}, agentIs: "PJSIP/1002 "},
	{name: "attended", agent: 5, phones: []string{"1005=attended:1002"}, talks: 2,
		earlier: []string{"PJSIP/1005 Erik 1005"}, agentIs: "PJSIP/1002 "},
	{name: "blind from Local", agent: 6, phones: []string{"1006=blind:1002"}, local: true, talks: 2,
		earlier: []string{"Local/1006@agents/n 王芳 1006"}, agentIs: "PJSIP/1002 "},
	{name: "attended from Local", agent: 7, phones: []string{"1007=attended:1002"}, local: true, talks: 2,
		earlier: []string{"Local/1007@agents/n Alice 1007"}, agentIs: "PJSIP/1002 "},
	{name: "blind to a queue", agent: 8, phones: []string{"1008=blind:" + secondNumber}, talks: 2, queue: second,
		earlier: []string{"PJSIP/1008 "}, agentIs: "PJSIP/1003 Chen"},
	{name: "blind to a queue from Local", agent: 9, phones: []string{"1009=blind:" + secondNumber}, local: true, talks: 2, queue: second,
		earlier: []string{"Local/1009@agents/n Chen"}, agentIs: "PJSIP/1003 Chen"},
	{name: "blind twice", agent: 10, phones: []string{"1010=blind:1011", "1011=blind:1002"}, talks: 3, ends: true,
		earlier: []string{"PJSIP/1010 Dana 1010", "PJSIP/1011 "}, agentIs: "PJSIP/1002 "},
	{name: "attended twice", agent: 12, phones: []string{"1012=attended:1013", "1013=attended:1002"}, talks: 3,
		earlier: []string{"PJSIP/1012 王芳 1012", "PJSIP/1013 "}, agentIs: "PJSIP/1002 "},
	{name: "blind, then attended", agent: 14, phones: []string{"1014=blind:1015", "1015=attended:1002"}, talks: 3, ends: true,
		earlier: []string{"PJSIP/1014 Bob 1014", "PJSIP/1015 "}, agentIs: "PJSIP/1002 "},
	{name: "blind to nowhere", agent: 19, phones: []string{"1019=blind:4711"}, talks: 1, agentIs: "PJSIP/1019 Alice 1019"},
	{name: "blind to nobody", agent: 20, phones: []string{"1020=blind:8800"}, talks: 1, ends: true, agentIs: "PJSIP/1020 Bob 1020"},
	{name: "blind, an id of its own", agent: 21, phones: []string{"1021=blind:8801"}, talks: 2, ends: true,
		earlier: []string{"PJSIP/1021 Chen"}, agentIs: "PJSIP/1001 ", id: "hr-9"},
	{name: "nobody from Local", agent: 16, local: true, talks: 1, agentIs: "Local/1016@agents/n Dana 1016"},
	{name: "twice blind from Local", agent: 17, phones: []string{"1017=blind:1002"}, local: true, talks: 2,
		earlier: []string{"Local/1017@agents/n Erik 1017"}, agentIs: "PJSIP/1002 ", again: "PJSIP/1002 "},
	// Asterisk tells who hung up first in the life of a channel: the second time
	// nobody knows, and nobody is credited.
	{name: "twice attended", agent: 18, phones: []string{"1018=attended:1002"}, talks: 2,
		earlier: []string{"PJSIP/1018 王芳 1018"}, agentIs: "PJSIP/1002 ", again: " "},
}

// extensions that callers are sent to: nobody answers the first, so whoever
// transferred them talked last; the second names its agent.
const extensions = `
[agents]
exten => 8800,1,Gosub(aftercall-transferred,s,1)
 same => n,Dial(Local/nobody@agents,20,g)
 same => n,GosubIf($["${DIALSTATUS}"!="ANSWER" & "${MEMBERINTERFACE}"!=""]?aftercall-rate,s,1(${QUEUENAME}))
 same => n,Hangup()
exten => 8801,1,Gosub(aftercall-transferred,s,1)
 same => n,Set(AFTERCALL_AGENT=hr-9)
 same => n,Dial(PJSIP/1001,20,g)
 same => n,GosubIf($["${DIALSTATUS}"="ANSWER"]?aftercall-rate,s,1(${QUEUENAME},PJSIP/1001))
 same => n,Hangup()
exten => nobody,1,Hangup(17)
`

// Callers whom agents hand on, in every way at the same time: who talked last
// is rated once, the others are kept.
func TestTransfers(t *testing.T) {
	t.Parallel()
	o := Options{Agents: 21, Talk: "1200ms..1500ms", Phones: []string{"--pick-up", "500ms"},
		Dialled: func(printed string) string { return printed + extensions }}
	var rows []row
	for _, h := range handed {
		for _, f := range h.phones {
			o.Phones = append(o.Phones, "--transfer", f)
		}
		if h.local {
			o.Local = append(o.Local, h.agent)
		}
		r := row{name: h.name, queue: Queue{Agents: []int{h.agent}}, gone: h.ends}
		acts := fmt.Sprintf(`{visit: %d, at: 200ms, press: "1"}`, h.talks)
		if h.again != "" {
			acts += fmt.Sprintf(`, {visit: %d, at: 200ms, press: "1"}`, 2*h.talks)
			r.queue.Visits = 2
		}
		r.acts = "[" + acts + "]"
		rows = append(rows, r)
	}
	o.Queues = []Queue{{Name: second, Number: secondNumber, Survey: "service", Layouts: arms("habit"), Agents: []int{3}}}
	c := openRows(t, rows, o, "attempted blind transfer to '4711@agents' but target does not exist")
	t.Run("caller", func(t *testing.T) {
		for i, r := range rows {
			t.Run(r.name, func(t *testing.T) {
				t.Parallel()
				heard := c.robots(t, r)
				handed[i].stored(t, heard[0], c.settled(t, heard), r.queue.Name)
			})
		}
	})
	c.creditedOnce(t)
}

// stored: the caller heard one survey behind the last talk of each visit, and
// the store has it under the last agent.
func (h handedOn) stored(t *testing.T, heard Heard, calls []scoring.CallRow, queue string) {
	rated := []string{h.agentIs}
	if h.again != "" {
		rated = append(rated, h.again)
	}
	var surveyed []int // behind which talks, counted from 1
	for i, v := range heard.Visits {
		if v.SurveyStartMS != nil {
			surveyed = append(surveyed, i+1)
		}
	}
	var behind []int
	var want, got [][]string
	for i, agent := range rated {
		behind = append(behind, (i+1)*h.talks)
		want = append(want, append(slices.Clone(h.earlier), agent, stdcmp.Or(h.queue, queue), fmt.Sprint(i+1)+strings.TrimPrefix(asked[0], "1")))
	}
	if !slices.Equal(surveyed, behind) || len(heard.Visits) != len(rated)*h.talks {
		t.Errorf("%d talks, surveys behind %v, want %d talks in %d visits: %+v", len(heard.Visits), surveyed, h.talks, len(rated), heard.Visits)
	}
	for _, call := range calls {
		var agents []string
		for _, a := range append(call.Call.Earlier, call.Call.Agent) {
			agents = append(agents, a.Interface+" "+a.Name)
		}
		if who := call.Call.Agent; h.again == "" && who.ID != stdcmp.Or(h.id, who.Interface) {
			t.Errorf("agent's id %q, want %q", who.ID, stdcmp.Or(h.id, who.Interface))
		}
		got = append(got, append(agents, call.Call.Queue, told(call)))
		if len(agents) > 1 && call.Call.TalkMS != nil {
			t.Errorf("talk %d ms, want none: Asterisk counts from the first of %d agents", *call.Call.TalkMS, len(agents))
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("earlier agents, agent, queue, survey (-want +got):\n%s", d)
	}
}

// creditedOnce: agents' figures count who was rated, and nobody else.
func (c *Centre) creditedOnce(t *testing.T) {
	want := map[string]float64{}
	for _, h := range handed {
		for _, who := range []string{h.agentIs, h.again} {
			if agent, _, rated := strings.Cut(who, " "); rated {
				want[stdcmp.Or(h.id, agent, scoring.Unknown)]++
			}
		}
	}
	f := c.scrape(t, "/metrics/agents")
	all := 0.0
	for agent, n := range want {
		all += n
		if got := f.Sum("aftercall_agent_ratings_total", fmt.Sprintf("agent=%q", agent)); got != n {
			t.Errorf("agent %q: %v ratings counted, want %v", agent, got, n)
		}
	}
	for _, name := range []string{"aftercall_agent_ratings_total", "aftercall_agent_surveys_total"} {
		if got := f.Sum(name); got != all { // more would be an agent who was asked
			t.Errorf("%s: %v counted, want %v", name, got, all)
		}
	}
}

// An agent logs in at another desk: the name stays, the interface does not.
func TestAnotherDesk(t *testing.T) {
	t.Parallel()
	rows := []row{{name: "desk", queue: Queue{Agents: []int{}}, acts: atOnce, want: asked, agent: "PJSIP/1002", check: func(t *testing.T, s scene) {
		if got, want := s.calls[0].Call.Agent, (scoring.Agent{ID: "PJSIP/1002", Interface: "PJSIP/1002", Name: "Alice 1001"}); got != want {
			t.Errorf("agent %+v, want %+v", got, want)
		}
	}}}
	c := openRows(t, rows, Options{Agents: 2})
	said, err := c.Asterisk.CLI(t.Context(), `queue add member PJSIP/1002 to desk penalty 0 as "Alice 1001"`)
	if err != nil || !strings.Contains(said, "Added interface") {
		t.Fatalf("%v: %s", err, said)
	}
	c.play(t, rows[0])
}

// A roster knows agents by their names and desks: who logs in at another desk,
// or moved there on a date, keeps their figures; an id of the dialplan's own
// stands above it, and whoever is not listed goes by the interface.
func TestRoster(t *testing.T) {
	t.Parallel()
	rows := []row{
		{name: "by name", queue: Queue{Agents: []int{}}, agent: "alice"},
		{name: "by desk", queue: Queue{Agents: []int{}}, agent: "bob"},
		{name: "moved in", queue: Queue{Agents: []int{}}, agent: "carol"},
		{name: "not listed", queue: Queue{Agents: []int{}}, agent: "PJSIP/1004"},
	}
	for i := range rows {
		rows[i].acts, rows[i].want = atOnce, asked
	}
	c := openRows(t, rows, Options{Agents: 4})
	c.reconfigure(t, true, edited("\nlayout_files:", `
agents:
  - {id: alice, name: Alice, aliases: [{member: Alice 1001}]}
  - {id: bob, name: Bob, aliases: [{interface: PJSIP/1002}]}
  - {id: dave, name: Dave, aliases: [{interface: PJSIP/1003, to: "2020-12-31"}]}
  - {id: carol, name: Carol, aliases: [{interface: PJSIP/1003, from: "2021-01-01"}]}
layout_files:`))
	for queue, member := range map[string]string{
		"by-name": `PJSIP/1001 to by-name penalty 0 as "Alice 1001"`, "by-desk": `PJSIP/1002 to by-desk penalty 0 as "Somebody new"`,
		"moved-in": "PJSIP/1003 to moved-in", "not-listed": "PJSIP/1004 to not-listed",
	} {
		if said, err := c.Asterisk.CLI(t.Context(), "queue add member "+member); err != nil || !strings.Contains(said, "Added interface") {
			t.Fatalf("%s: %v: %s", queue, err, said)
		}
	}
	for _, r := range rows {
		c.play(t, r)
	}
	// Alice takes Bob's desk: her name goes with her.
	for _, command := range []string{"queue remove member PJSIP/1002 from by-desk", `queue add member PJSIP/1002 to by-name penalty 0 as "Alice 1001"`, "queue remove member PJSIP/1001 from by-name"} {
		if said, err := c.Asterisk.CLI(t.Context(), command); err != nil {
			t.Fatalf("%s: %v: %s", command, err, said)
		}
	}
	c.play(t, rows[0])
	f := c.scrape(t, "/metrics/agents")
	for agent, want := range map[string]float64{"alice": 2, "bob": 1, "carol": 1, "dave": 0, "PJSIP/1004": 1, "PJSIP/1001": 0} {
		if got := f.Sum("aftercall_agent_ratings_total", fmt.Sprintf("agent=%q", agent)); got != want {
			t.Errorf("%s has %v ratings, want %v", agent, got, want)
		}
	}
}
