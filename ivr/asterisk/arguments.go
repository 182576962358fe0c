package asterisk

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"aftercall/scoring"
)

// ArgumentsVersion is the first argument of Stasis(): the form of the rest.
const ArgumentsVersion = "v1"

// arguments are what the dialplan says about a call: key=value, each value
// percent-encoded so that commas and blanks do not split it.
type arguments struct {
	id       scoring.CallID
	agent    scoring.Agent   // without an ID unless the dialplan named one: see resolve
	earlier  []scoring.Agent // who talked with the caller before the agent, oldest first; without IDs
	queue    string
	linkedID string
	language string
	codec    string
	talkMS   *int64
	test     bool
	faults   []string // names of arguments that could not be used as they came
}

// parse reads the arguments of Stasis(). It never fails: what is missing, too
// long, doubled or garbled is named in faults, and the caller is surveyed all
// the same. channel is the channel's own id, which Asterisk makes its unique
// id.
func parse(args []string, channel string) arguments {
	p := parser{values: map[string]string{}}
	p.read(args)
	a := arguments{id: scoring.CallID{UniqueID: p.take("uniqueid", scoring.MaxID), Visit: p.visit()}}
	who := p.talked()
	a.queue = p.take("queue", scoring.MaxID)
	a.linkedID = p.optional("linkedid", scoring.MaxID)
	a.language = p.optional("language", 35) // the longest well-formed language tag
	a.codec = p.optional("codec", 35)
	a.test = p.optional("test", 1) == "1"
	if a.id.UniqueID == "" {
		a.id.UniqueID = channel
	}
	if s := p.optional("talk", 10); s != "" {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil && n >= 0 {
			ms := n * time.Second.Milliseconds()
			a.talkMS = &ms
		} else {
			p.fault("talk")
		}
	}
	a.credit(who, &p)
	if a.queue == "" {
		a.queue = scoring.Unknown
	}
	a.faults = p.faults
	return a
}

// credit names the agent who is rated, and those before.
func (a *arguments) credit(who talk, p *parser) {
	last := len(who.agents) - 1
	a.agent = who.agents[last]
	if a.agent.ID = who.id; who.id != "" && !scoring.IsAgentID(who.id) {
		p.fault("agentid")
		a.agent.ID = ""
	}
	a.queue = cmp.Or(who.queue, a.queue)
	if last > 0 {
		a.earlier = who.agents[:last]
		a.talkMS = nil // Asterisk counts from the first agent
	}
}

type parser struct {
	values map[string]string
	faults []string
}

// fault names an argument once, however much is wrong with it.
func (p *parser) fault(name string) {
	if !slices.Contains(p.faults, name) {
		p.faults = append(p.faults, name)
	}
}

func (p *parser) read(args []string) {
	if len(args) == 0 || args[0] != ArgumentsVersion {
		p.fault("version")
	} else {
		args = args[1:]
	}
	for _, arg := range args {
		key, value, ok := strings.Cut(arg, "=")
		if _, doubled := p.values[key]; !ok || doubled {
			p.fault("other")
			continue
		}
		p.values[key] = value
	}
}

// optional takes an argument that may be missing; "" if it cannot be used.
func (p *parser) optional(name string, most int) string {
	v, err := url.PathUnescape(p.values[name])
	if err != nil || len(v) > most || !utf8.ValidString(v) || strings.ContainsFunc(v, unicode.IsControl) {
		p.fault(name)
		return ""
	}
	return v
}

// take takes an argument that ought to be there.
func (p *parser) take(name string, most int) string {
	before := len(p.faults)
	v := p.optional(name, most)
	if v == "" && len(p.faults) == before {
		p.fault(name)
	}
	return v
}

func (p *parser) visit() int {
	n, err := strconv.Atoi(p.optional("visit", 6))
	if err != nil || n < 1 {
		p.fault("visit")
		return 1
	}
	return n
}

// trunk gives what a call came in by, from its channel's name: PJSIP/provider
// for PJSIP/provider-0000002a. Only the technology is kept where the rest may
// be somebody's number: on Local channels, and where it is five digits or
// more.
func trunk(channel string) string {
	tech, rest, _ := strings.Cut(channel, "/")
	endpoint := rest
	if i := strings.LastIndexByte(rest, '-'); i >= 0 {
		endpoint = rest[:i]
	}
	if tech == "Local" || endpoint == "" || number.MatchString(endpoint) {
		return cut(tech, scoring.MaxName)
	}
	return cut(tech+"/"+endpoint, scoring.MaxName)
}

// number is what could be a telephone number, grouped or not.
var number = regexp.MustCompile(`([0-9][^0-9]*){4}`)

// Arguments gives the arguments of Stasis() as the dialplan must write them,
// with Asterisk's own variables for the values. queue is the expression that
// holds the queue's name, visit the one that counts the caller's visits.
func Arguments(queue, visit string) string {
	pairs := [][2]string{
		{"queue", "${URIENCODE(" + queue + ")}"}, {"uniqueid", "${UNIQUEID}"}, {"visit", visit},
		{"linkedid", "${CHANNEL(linkedid)}"}, {"talk", "${ANSWEREDTIME}"},
		{"language", "${CHANNEL(language)}"}, {"codec", "${CHANNEL(audioreadformat)}"},
		// Of transfers: see talked.
		{"agentid", "${URIENCODE(${AFTERCALL_AGENT})}"}, {"before", "${URIENCODE(${AFTERCALL_BEFORE})}"},
		{"dialled", "${URIENCODE(${ARG2})}"}, {"peer", "${URIENCODE(${DIALEDPEERNAME})}"},
		{"attended", "${URIENCODE(${ATTENDEDTRANSFER})}"}, {"hungup", "${URIENCODE(${CHANNEL(hangupsource)})}"},
		{"told", "${URIENCODE(${AFTERCALL_TOLD})}"},
		// Free texts stand last: URIENCODE leaves parentheses alone, and an open
		// one takes the commas behind it away from Asterisk.
		{"agent", "${URIENCODE(${MEMBERINTERFACE})}"}, {"agentname", "${URIENCODE(${MEMBERNAME})}"},
	}
	out := []string{ArgumentsVersion}
	for _, p := range pairs {
		out = append(out, fmt.Sprintf("%s=%s", p[0], p[1]))
	}
	return strings.Join(out, ",")
}
