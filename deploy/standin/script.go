package standin

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// Script says what goes wrong. A nil script is one without faults.
type Script struct {
	mu     sync.Mutex
	chance *rand.Rand
	rules  []*rule
	held   []delivery // that the next event overtakes
}

// rule is one line: what it is about, which of them, and what becomes of it.
type rule struct {
	pattern string
	nth     int     // only that one, from 1; 0 = any
	share   float64 // of them, 0 to 1
	seen    int
	fault   string
	of      string        // of garble and beside: which
	wait    time.Duration // of delay and slow
	code    int           // of status and done
}

var (
	kinds      = []string{"StasisStart", "StasisEnd", "ChannelDtmfReceived", "PlaybackStarted", "PlaybackContinuing", "PlaybackFinished"}
	operations = []string{"application", "info", "channel", "variable", "play", "filter", "stop", "continue", "events"}
)

const (
	ofEvents   = "drop, duplicate, swap, delay TIME, garble KIND, beside KIND, break or cut"
	ofRequests = "status CODE, done CODE, slow TIME, never, half, garbage or twice"
	ofEntry    = "status CODE, slow TIME, never or garbage"
)

// ParseScript reads a script, one rule a line, # begins a comment:
//
//	ChannelDtmfReceived 3: drop        # the third key
//	StasisStart *: duplicate           # every one
//	Playback* 20%: delay 300ms         # one in five, by the seed
//	play 10%: status 500               # requests begin small; "requests" is every one but events
//	ping *: drop                       # is not answered
//
// Events: drop, duplicate, swap (the next one comes first), delay TIME, garble
// KIND (in its place), beside KIND (ahead of it), break (the connection ends in
// the middle of it), cut (ahead of it). Kinds are those of [Garbled].
// Requests: status CODE (nothing is done), done CODE (it is done, and answered
// so), slow TIME, never, half (the answer breaks off), garbage, twice.
// Every rule that fits an event is applied, in their order, and the first that
// fits a request. It fails with every line that is at fault.
func ParseScript(text string, seed uint64) (*Script, error) {
	s := &Script{chance: rand.New(rand.NewPCG(seed, 7))}
	var errs []error
	n := 0
	for line := range strings.Lines(text) {
		n++
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		r, err := parseRule(line)
		if err != nil {
			errs = append(errs, fmt.Errorf("fault script, line %d: %w", n, err))
			continue
		}
		s.rules = append(s.rules, r)
	}
	return s, errors.Join(errs...)
}

func parseRule(line string) (*rule, error) {
	head, tail, ok := strings.Cut(line, ":")
	what, which := strings.Fields(head), strings.Fields(tail)
	if !ok || len(what) != 2 || len(which) == 0 {
		return nil, fmt.Errorf("%q, want WHAT WHICH: FAULT", line)
	}
	r := &rule{pattern: what[0], share: 1, fault: which[0]}
	if !slices.ContainsFunc(slices.Concat(kinds, operations, []string{"requests", "ping"}), r.about) {
		return nil, fmt.Errorf("%q is no event and no request, want one of %v, %v, requests or ping", r.pattern, kinds, operations)
	}
	if err := r.which(what[1]); err != nil {
		return nil, err
	}
	return r, r.what(which[1:])
}

// about tells whether a rule is about a type of event, or an operation.
func (r *rule) about(what string) bool {
	if r.pattern == "requests" {
		return what != "events" && slices.Contains(operations, what)
	}
	small := strings.ToLower(what[:1]) == what[:1]
	if r.pattern[0] == '*' && small {
		return false
	}
	fits, _ := path.Match(r.pattern, what)
	return fits
}

func (r *rule) which(text string) error {
	if text == "*" {
		return nil
	}
	if share, ok := strings.CutSuffix(text, "%"); ok {
		n, err := strconv.ParseFloat(share, 64)
		if err != nil || n <= 0 || n > 100 {
			return fmt.Errorf("%q, want a share over 0%% and up to 100%%", text)
		}
		r.share = n / 100
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return fmt.Errorf("%q, want *, a number from 1 or a share like 20%%", text)
	}
	r.nth = n
	return nil
}

// what reads what a fault needs.
func (r *rule) what(args []string) (err error) {
	of := ofEvents
	if r.about("events") {
		of = ofEntry
	} else if slices.ContainsFunc(operations, r.about) {
		of = ofRequests
	} else if r.about("ping") {
		of = "drop"
	}
	if !slices.Contains(strings.FieldsFunc(of, func(c rune) bool { return c == ' ' || c == ',' }), r.fault) || strings.ToUpper(r.fault) == r.fault || r.fault == "or" {
		return fmt.Errorf("fault %q, want %s", r.fault, of)
	}
	need := map[string]string{"delay": "TIME", "slow": "TIME", "status": "CODE", "done": "CODE", "garble": "KIND", "beside": "KIND"}[r.fault]
	if want := min(len(need), 1); len(args) != want {
		return fmt.Errorf("%s %v, want %s", r.fault, args, strings.TrimSpace(r.fault+" "+need))
	}
	switch need {
	case "TIME":
		if r.wait, err = time.ParseDuration(args[0]); err != nil || r.wait <= 0 {
			return fmt.Errorf("%s %q, want a time like 300ms", r.fault, args[0])
		}
	case "CODE":
		if r.code, err = strconv.Atoi(args[0]); err != nil || r.code < 200 || r.code > 599 {
			return fmt.Errorf("%s %q, want a status from 200 to 599", r.fault, args[0])
		}
	case "KIND":
		if r.of = args[0]; !slices.Contains(Garbled, r.of) {
			return fmt.Errorf("%s %q, want one of %v", r.fault, r.of, Garbled)
		}
	}
	return nil
}

// hits gives the rules that something falls under now. The lock is held.
func (s *Script) hits(what string) (out []*rule) {
	for _, r := range s.rules {
		if !r.about(what) {
			continue
		}
		r.seen++
		if r.nth == r.seen || r.nth == 0 && (r.share == 1 || s.chance.Float64() < r.share) {
			out = append(out, r)
		}
	}
	return out
}

// deaf tells whether a ping is not answered.
func (s *Script) deaf() bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.hits("ping")) > 0
}

// reply gives what answers a request instead of what a well Asterisk does.
func (s *Script) reply(operation string, well Reply) Reply {
	if s == nil {
		return well
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	hits := s.hits(operation)
	if len(hits) == 0 {
		return well
	}
	return hits[0].reply(well)
}

// delivery is what becomes of an event.
type delivery struct {
	kind     websocket.MessageType
	data     []byte
	after    time.Duration
	raw      bool
	last     bool   // the connection ends behind it
	to, key  string // it is this key on that channel, for whoever reads it
	entry    bool   // it is the entry of that channel
	disturbs string // channel of somebody else whom it tells of what was not
}

// deliver gives what comes of an event of a channel. others are the channels
// in the application.
func (s *Script) deliver(kind, channel, event string, others []string) []delivery {
	d := delivery{kind: websocket.MessageText, data: []byte(event), to: channel, key: keyOf(kind, event), entry: kind == "StasisStart"}
	if s == nil {
		return []delivery{d}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []delivery{d}
	swapped := false
	for _, r := range s.hits(kind) {
		switch r.fault {
		case "drop":
			out = nil
		case "duplicate":
			out = append(out, out...)
		case "delay":
			for i := range out {
				out[i].after += r.wait
			}
		case "swap":
			swapped = true
		case "garble":
			out = []delivery{s.garbled(r.of, kind, channel, event, others)}
		case "beside":
			out = append([]delivery{s.garbled(r.of, kind, channel, event, others)}, out...)
		case "break":
			out = []delivery{{raw: true, last: true, data: half(event)}}
		case "cut":
			out = []delivery{{raw: true, last: true}}
		}
	}
	if swapped {
		s.held = append(s.held, out...)
		return nil
	}
	out, s.held = append(out, s.held...), nil
	return out
}

// reply makes a rule's fault of a request.
func (r *rule) reply(well Reply) Reply {
	switch r.fault {
	case "status":
		return Status(r.code)
	case "never":
		return Never
	}
	return func(w http.ResponseWriter, req *http.Request) { r.spoil(w, req, well) }
}
