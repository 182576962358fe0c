package asterisk

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"aftercall/scoring"
)

// talk is who talked with the caller, by what the dialplan says of transfers:
// the oldest first, nobody twice. The last one is rated.
type talk struct {
	agents []scoring.Agent
	id     string // that the dialplan gives the last one; "" = none
	queue  string // in which the last one talked, if another than the caller's own channel names
	handed bool   // somebody handed the caller over to the last one, whom the dialplan does not name
}

// talked reads who talked with the caller: those before (a list), whom the
// caller's own channel names, and whom the far half of a Local channel told of.
func (p *parser) talked() talk {
	t := talk{id: p.optional("agentid", scoring.MaxID)}
	for i := range strings.SplitSeq(p.optional("before", scoring.MaxEarlier*scoring.MaxName), "&") {
		if i = interfaceOf(i); i != "" && len(i) <= scoring.MaxName {
			t.add(scoring.Agent{Interface: i})
		}
	}
	if p.take("agent", scoring.MaxName) == "" {
		t.add(scoring.Agent{Name: p.optional("agentname", scoring.MaxName)})
	}
	if p.optional("dialled", scoring.MaxName) == "" {
		delete(p.values, "peer") // of an earlier Dial(): the queue says nothing of its peer
	}
	p.follow(&t)
	if text := p.optional("told", toldBound); text != "" {
		told := parser{values: map[string]string{}}
		told.read(append([]string{ArgumentsVersion}, strings.Split(text, "&")...))
		told.follow(&t)
		t.queue = told.optional("queue", scoring.MaxID)
		if len(told.faults) > 0 {
			p.fault("told")
		}
	}
	last := len(t.agents) - 1
	t.agents = append(slices.DeleteFunc(t.agents[:last:last], func(a scoring.Agent) bool { return a == scoring.Agent{} }), t.agents[last])
	if more := len(t.agents) - 1 - scoring.MaxEarlier; more > 0 {
		p.fault("before")
		t.agents = slices.Delete(t.agents, 0, more)
	}
	if t.handed && t.agents[len(t.agents)-1].Interface == "" {
		p.fault("hungup")
	}
	return t
}

// toldBound is the most that is read of what another channel told, in bytes.
const toldBound = 8 * scoring.MaxName

// follow adds who talked on one channel: the queue's member, whoever was
// dialled behind the queue, and whom the caller was handed over to.
func (p *parser) follow(t *talk) {
	member := scoring.Agent{Interface: p.optional("agent", scoring.MaxName), Name: p.optional("agentname", scoring.MaxName)}
	dialled := p.optional("dialled", scoring.MaxName)
	known := t.find(member.Interface)
	switch {
	case dialled != "" && known >= 0:
		t.agents[known] = member // others may have talked since
	case member.Interface != "":
		t.add(member)
	}
	if dialled != "" {
		t.add(scoring.Agent{Interface: dialled})
	}
	if dialled != "" || member.Interface != "" {
		t.id = p.optional("agentid", scoring.MaxID)
	}
	t.handOver(p.optional("peer", scoring.MaxName), p.optional("attended", scoring.MaxName), p.optional("hungup", scoring.MaxName))
}

// add puts an agent behind the others.
func (t *talk) add(a scoring.Agent) {
	if i := t.find(a.Interface); i >= 0 {
		a.Name = cmp.Or(a.Name, t.agents[i].Name)
		if known := t.agents[i].Interface; len(known) > len(a.Interface) {
			a.Interface = known // with the options that its channel does not name
		}
		t.agents = slices.Delete(t.agents, i, i+1)
	}
	t.agents = append(t.agents, a)
	t.handed = false
}

// find gives the place of who is called by an interface, -1 if there is nobody.
func (t *talk) find(iface string) int {
	return slices.IndexFunc(t.agents, func(a scoring.Agent) bool { return scoring.Station(a.Interface) == scoring.Station(iface) })
}

// handOver adds who the caller was handed over to in an attended transfer: who
// hung up at last. attended is the channel of who handed the caller over, as
// Asterisk tells it; where it tells nothing, somebody else than the peer hung
// up. Asterisk keeps the first hang-up of a channel's whole life: only a
// channel that is younger than that of who handed over can be the last one's.
// Else nobody knows who it was, which is better than to credit somebody else.
func (t *talk) handOver(peer, attended, hungup string) {
	from := cmp.Or(attended, peer)
	last := ""
	if younger(hungup, from) {
		last = interfaceOf(hungup)
	}
	if attended == "" && last == "" {
		return
	}
	if by := interfaceOf(attended); by != "" {
		t.add(scoring.Agent{Interface: by})
	}
	t.add(scoring.Agent{Interface: last})
	t.handed, t.id = true, "" // the id is of somebody else
}

// channelName is the name of a channel: technology and endpoint, which are
// dialled, the number that Asterisk counts channels by, and which half of a
// Local channel it is.
var channelName = regexp.MustCompile(`^([A-Za-z0-9]+)(/.+)-([0-9a-f]{8})(;[12])?$`)

// interfaceOf gives what is dialled to reach the endpoint of a channel:
// PJSIP/1001 for PJSIP/1001-0000002a, Local/1001@agents for
// Local/1001@agents-0000002a;1. Anything else is given back as it is.
func interfaceOf(channel string) string {
	return channelName.ReplaceAllString(channel, "$1$2")
}

// younger reports whether channel a is known to have been made after b. Of the
// halves of Local channels it is not: what is dialled by them may be anybody's
// number.
func younger(a, b string) bool {
	m, n := channelName.FindStringSubmatch(a), channelName.FindStringSubmatch(b)
	if m == nil || n == nil || m[1] != n[1] || m[4] != "" {
		return false
	}
	i, _ := strconv.ParseUint(m[3], 16, 32)
	j, _ := strconv.ParseUint(n[3], 16, 32)
	return i > j
}
