package centre

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aftercall/scoring"
)

// twoQueues leads a caller through a queue, and then through one that does not
// tell who answered: Asterisk leaves the member of the first standing.
const twoQueues = `
[lab](+)
exten => 8700,1,Answer()
 same => n,Log(NOTICE,lab call ${CALLERID(num)} is ${CHANNEL(linkedid)})
 same => n,Queue(first,c,,,20)
 same => n,GosubIf($["${QUEUESTATUS}"="CONTINUE"]?aftercall-rate,s,1(first))
 same => n,Queue(silent,c,,,20)
 same => n,GosubIf($["${QUEUESTATUS}"="CONTINUE"]?aftercall-rate,s,1(first))
 same => n,Playtones(1850)
 same => n,Wait(0.5)
 same => n,Hangup()
`

// An agent is not credited with what the caller says of the next one, whom the
// queue does not name.
func TestAgentOfAnEarlierQueue(t *testing.T) {
	t.Parallel()
	o := Options{Agents: 2, Dialled: func(printed string) string { return printed + twoQueues }}
	for i, name := range []string{"first", "silent"} {
		o.Queues = append(o.Queues, Queue{Number: "700" + string(rune('1'+i)), Name: name, Survey: "service", Layouts: arms("habit"), Agents: []int{i + 1}})
	}
	c := open(t, o)
	path := filepath.Join(c.Asterisk.ConfigFolder, "queues.conf")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, tail, _ := strings.Cut(string(text), "[silent]")
	tail = strings.Replace(tail, "setinterfacevar = yes", "setinterfacevar = no", 1)
	if err := os.WriteFile(path, []byte(head+"[silent]"+tail), 0o644); err != nil {
		t.Fatal(err)
	}
	if said, err := c.Asterisk.CLI(t.Context(), "queue reload all"); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	r := row{name: "two queues", queue: Queue{Number: "8700", Name: "first"}, acts: `[{at: 200ms, press: "1"}, {visit: 2, at: 200ms, press: "1"}]`}
	heard := c.robots(t, r)
	calls := c.settled(t, heard)
	if len(calls) != 2 {
		t.Fatalf("%d calls in the store, want 2: %+v", len(calls), heard)
	}
	if got := calls[0].Call.Agent.Interface; got != "PJSIP/1001" {
		t.Errorf("the first agent is %q, want PJSIP/1001", got)
	}
	if got := calls[1].Call.Agent; got != (scoring.Agent{ID: scoring.Unknown}) {
		t.Errorf("the second agent is %+v, want nobody", got)
	}
}

// A Local member's extension leads to another context, where the phone is
// dialled: that is still the member, not a second agent.
func TestLocalMemberLedOn(t *testing.T) {
	t.Parallel()
	const member = "Local/1001@desks/n"
	rows := []row{{name: "led", queue: Queue{Agents: []int{}}, acts: atOnce, want: asked, agent: member, check: func(t *testing.T, s scene) {
		if got, want := s.calls[0].Call.Agent, (scoring.Agent{ID: member, Interface: member, Name: "Alice 1001"}); got != want || len(s.calls[0].Call.Earlier) > 0 {
			t.Errorf("agent %+v behind %+v, want %+v behind nobody", got, s.calls[0].Call.Earlier, want)
		}
	}}}
	c := openRows(t, rows, Options{Agents: 1, Dialled: func(printed string) string {
		return printed + "\n[desks]\nexten => _1XXX,1,Goto(agents,${EXTEN},1)\n"
	}})
	said, err := c.Asterisk.CLI(t.Context(), `queue add member `+member+` to led penalty 0 as "Alice 1001"`)
	if err != nil || !strings.Contains(said, "Added interface") {
		t.Fatalf("%v: %s", err, said)
	}
	c.play(t, rows[0])
}
