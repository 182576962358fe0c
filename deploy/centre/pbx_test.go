package centre

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A dialplan in the shape that FreePBX and Issabel give it, without what does
// not touch a survey. Queue 600 has one member, the others none, so that their
// callers go where the queue sends who was not served: those of 602 to 600.
//
// What the two do around Queue() differs: %[1]s stands for what is set before
// it, %[2]s for what follows it, %[3]s is where callers of a queue are sent.
const pbxDialplan = `
[lab](+)
exten => _86XX,1,Gosub(pbx-arrival,s,1)
 same => n,Goto(%[3]s,${EXTEN:1},1)
; a virtual queue says where its callers go who are not served
exten => _876XX,1,Gosub(pbx-arrival,s,1)
 same => n,Set(VQ_DEST=pbx-virtual^${EXTEN:2}^1)
 same => n,Goto(%[3]s,${EXTEN:2},1)
; past the Custom Destination
exten => _96XX,1,Gosub(pbx-arrival,s,1)
 same => n,Goto(ext-queues,${EXTEN:1},1)

[pbx-arrival]
exten => s,1,Log(NOTICE,lab call ${CALLERID(num)} is ${UNIQUEID})
 same => n,Set(CHANNEL(hangup_handler_push)=pbx-handler,s,1)
 same => n,Return()

[pbx-handler]
exten => s,1,Log(NOTICE,hangup handler of ${UNIQUEID})
 same => n,Return()

[pbx-virtual]
exten => _6XX,1,Log(NOTICE,virtual queue of ${UNIQUEID})
 same => n,Goto(pbx-failover,${EXTEN},1)

[ext-queues]
exten => _6XX,1,Answer()
 same => n,Set(__NODEST=${EXTEN})
%[1]s same => n,Set(VQ_OPTIONS=)
 same => n,Set(QUEUENUM=${EXTEN})
 same => n(qcall),Queue(${EXTEN},${QOPTIONS},,,${IF($[${EXTEN}=600]?20:2)})
 same => n,Gosub(sub-record-cancel,s,1)
 same => n,Set(__NODEST=)
 same => n,Set(QDEST=${VQ_DEST})
 same => n,Set(VQ_DEST=)
%[2]s same => n(gotodest),GotoIf($["${QDEST}"=""]?pbx-failover,${EXTEN},1:${CUT(QDEST,^,1)},${CUT(QDEST,^,2)},${CUT(QDEST,^,3)})
exten => h,1,Gosub(macro-hangupcall,s,1)

; where each queue sends who was not served
[pbx-failover]
exten => 602,1,Goto(%[3]s,600,1)
exten => _6XX,1,Playtones(1850)
 same => n,Wait(0.5)
 same => n,Hangup()
exten => h,1,Gosub(macro-hangupcall,s,1)

[from-queue]
exten => _6XX,1,Goto(from-internal,${QAGENT},1)
exten => _X.,1,Set(QAGENT=${EXTEN})
 same => n,Goto(${NODEST},1)
exten => h,1,Gosub(macro-hangupcall,s,1)

[from-internal]
exten => _1XXX,1,Dial(PJSIP/${EXTEN},15)
 same => n,Hangup()
exten => h,1,Gosub(macro-hangupcall,s,1)

[ext-local]
exten => 1001,hint,PJSIP/1001

[sub-record-cancel]
exten => s,1,Return()

[macro-hangupcall]
exten => s,1,Log(NOTICE,own ending of ${UNIQUEID})
 same => n,Hangup()
 same => n,Return()
`

var (
	freepbx = fmt.Sprintf(pbxDialplan, " same => n,Set(QOPTIONS=${IF($[${LEN(${VQ_OPTIONS})}>0]?${VQ_OPTIONS}:t)})\n", "", "aftercall-queue")
	issabel = fmt.Sprintf(pbxDialplan, " same => n,Set(VQ_CONTINUE=c)\n"+
		" same => n,Set(QOPTIONS=${IF($[${LEN(${VQ_OPTIONS})}>0]?${VQ_OPTIONS}:t)}${VQ_CONTINUE})\n",
		" same => n(gotocontinue),GotoIf($[\"${QUEUESTATUS}\"=\"CONTINUE\"]?aftercall-after,${EXTEN},1)\n", "ext-queues")
)

// The member of queue 600, as such a PBX has it.
const (
	localMember = "Local/1001@from-queue/n"
	localName   = "Chen Mei"
)

// pbxQueues stands at the end of queues.conf: what the PBX makes of the queue,
// which knows nothing of setinterfacevar, and queues_post_custom.conf.
const pbxQueues = `
[600](+)
setinterfacevar = no
member=` + localMember + `,0,"` + localName + `",hint:1001@ext-local

[600](+)
setinterfacevar = yes
`

// openPBX starts a centre whose queues have numbers and Local members.
func openPBX(t *testing.T, flag, dialplan string) *Centre {
	t.Helper()
	o := Options{Agents: 1, PBX: flag, Dialled: func(printed string) string { return printed + dialplan }}
	for _, name := range []string{"600", "601", "602"} {
		o.Queues = append(o.Queues, Queue{Number: "7" + name, Name: name, Survey: "service", Layouts: arms("habit"), Unstaffed: true})
	}
	c := open(t, o)
	c.addQueues(t, pbxQueues)
	return c
}

// addQueues adds the member of queue 600, or more, to Asterisk's queues.conf.
func (c *Centre) addQueues(t *testing.T, text string) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(filepath.Dir(c.Asterisk.SoundsFolder), "etc", "queues.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Asterisk.CLI(t.Context(), "queue reload all"); err != nil {
		t.Fatal(err)
	}
	if said, err := c.Asterisk.CLI(t.Context(), "queue show 600"); err != nil || !strings.Contains(said, localName) {
		t.Fatalf("queue 600 has no member %q: %v\n%s", localName, err, said)
	}
}

func TestFreePBX(t *testing.T) {
	t.Parallel()
	c := openPBX(t, "--freepbx", freepbx)
	playPBX(t, c)
	t.Run("past the Custom Destination", func(t *testing.T) { c.notAsked(t, "9600") })
	c.away(t)
	c.finds(t, c.Asterisk.ConfigFolder, nil)
}

func TestIssabel(t *testing.T) {
	t.Parallel()
	c := openPBX(t, "--issabel", issabel)
	playPBX(t, c)
	c.away(t)
	c.finds(t, c.Asterisk.ConfigFolder, nil)
}

// playPBX lets callers come to the queues, who are asked in 600 alone.
func playPBX(t *testing.T, c *Centre) {
	to := func(number string) Queue { return Queue{Number: number, Name: "600"} }
	named := func(t *testing.T, s scene) {
		for _, r := range s.calls {
			if r.Call.Agent.Interface != localMember || r.Call.Agent.Name != localName {
				t.Errorf("agent %+v, want %s named %s", r.Call.Agent, localMember, localName)
			}
		}
	}
	rows := []row{
		{name: "rates", queue: to("8600"), acts: atOnce, want: asked, gone: true, agent: localMember, check: named},
		{name: "hangs up in the survey", queue: to("8600"), acts: `[{after_part: 2, hangup: true}]`, gone: true,
			want: []string{"1: habit hangup, reading 1, heard 1; caller_left"}, agent: localMember, check: named},
		{name: "hangs up in the talk", queue: to("8600"), acts: `[{talk: 100ms, hangup: true}]`, gone: true, check: neverAsked},
		{name: "not served", queue: to("8601")},
		{name: "not served in a virtual queue", queue: to("87601"), check: func(t *testing.T, s scene) {
			if n := c.logged(t, "virtual queue of "+c.ids(t)[s.heard[0].Caller]); n != 1 {
				t.Errorf("came to the destination of the virtual queue %d times, want 1", n)
			}
		}},
		{name: "not served, then in 600", queue: to("8602"), acts: atOnce, want: asked, gone: true, agent: localMember, check: named},
	}
	t.Run("row", func(t *testing.T) {
		for _, r := range rows {
			t.Run(r.name, func(t *testing.T) {
				t.Parallel()
				check := r.check
				r.check = func(t *testing.T, s scene) {
					if check != nil {
						check(t, s)
					}
					c.endedAsEver(t, s.heard)
				}
				c.play(t, r)
			})
		}
	})
}

// away: without the service, the call ends at once behind the agent.
func (c *Centre) away(t *testing.T) {
	t.Run("service away", func(t *testing.T) {
		if err := c.StopService(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.notAsked(t, "8600")
	})
}

// notAsked: a caller of this number talks to the agent, is not asked, and the
// call ends as the PBX ends it.
func (c *Centre) notAsked(t *testing.T, number string) {
	t.Helper()
	r := row{name: "not asked", queue: Queue{Number: number}, gone: true}
	heard := c.robots(t, r)
	s := scene{Centre: c, row: r, heard: heard, calls: c.settled(t, heard)}
	s.stored(t)
	neverAsked(t, s)
	if h := heard[0]; len(h.Visits) != 1 || h.EndedBy != "far" {
		t.Errorf("%d talks, ended by %s; want 1, by far", len(h.Visits), h.EndedBy)
	}
	c.endedAsEver(t, heard)
}

// endedAsEver: the PBX's own ending and its hangup handler were reached, once.
func (c *Centre) endedAsEver(t *testing.T, heard []Heard) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), endLimit)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	ids := c.ids(t)
	for _, h := range heard {
		for {
			ending, handler := c.logged(t, "own ending of "+ids[h.Caller]), c.logged(t, "hangup handler of "+ids[h.Caller])
			if ending == 1 && handler == 1 {
				break
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				t.Fatalf("%s: the PBX's own ending was reached %d times, its hangup handler %d times; want 1 each", h.Caller, ending, handler)
			}
		}
	}
}

// logged counts the lines of Asterisk's log that end in a text.
func (c *Centre) logged(t *testing.T, text string) int {
	t.Helper()
	log, err := os.ReadFile(c.Asterisk.LogFile)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(log), text+"\n")
}
