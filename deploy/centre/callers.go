package centre

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"aftercall/deploy/lab"
)

// Heard is what one robot caller heard and did: a line of its log. All times
// ending in MS are milliseconds of RTP timestamp since the first audio packet
// of the call.
type Heard struct {
	Caller    string    `json:"caller"`
	Number    string    `json:"number"`
	Persona   string    `json:"persona"`
	DialledAt time.Time `json:"dialled_at"`
	EndedAt   time.Time `json:"ended_at"`
	EndedBy   string    `json:"ended_by"` // caller, far, limit or failed
	Error     string    `json:"error"`
	ActsLeft  int       `json:"acts_left"`
	Visits    []Visit   `json:"visits"`
	Segments  []Segment `json:"segments"`
	Released  bool      `json:"released"` // the operator's dialplan went on
}

// Visit is what happened from one agent's talk to the next.
type Visit struct {
	TalkEndMS     int       `json:"talk_end_ms"`
	SurveyStartMS *int      `json:"survey_start_ms"` // first speech after the talk; nil = none was heard
	Segments      []Segment `json:"segments"`
	Presses       []Press   `json:"presses"`
}

// Segment is a stretch of one kind of sound.
type Segment struct {
	Kind    string `json:"kind"` // speech, tone or silence
	Hz      int    `json:"hz"`
	StartMS int    `json:"start_ms"`
	EndMS   int    `json:"end_ms"`
	CameUS  int64  `json:"came_us"` // when the packet that begins it arrived, in µs since the call was answered; silence: means nothing
}

// Press is one key, from its first packet to its first end packet.
type Press struct {
	Key     string `json:"key"`
	StartMS int    `json:"start_ms"`
	EndMS   int    `json:"end_ms"`
	SentUS  int64  `json:"sent_us"` // when its first end packet was sent, in µs since the call was answered
}

// Callers is a run of robot callers.
type Callers struct {
	Node      int           // index of the Asterisk that they dial
	Number    string        // to dial where the persona names none
	Personas  string        // YAML; "" = the mix that is built into the program
	Calls     int           // how many; 0 = 1
	Rate      float64       // calls dialled per second; 0 = 2
	AtOnce    int           // most calls at one time; 0 = 50
	Seed      int           // of the choice of personas
	Limit     string        // longest a call may take; "" = 5m
	LostAfter time.Duration // a robot hangs up when nothing was heard for so long; 0 = it stays
	Tones     []int         // Hz; what is told apart from speech besides the agents' voice and the operator's tone
	Prefix    string        // of callers' numbers, behind which they are counted from 1; "" = one that is no number
}

var numbering sync.Mutex // of runs of callers

// Call lets robots dial and returns what each heard when all have ended. The
// error says which could not carry out its call.
func (c *Centre) Call(ctx context.Context, r Callers) ([]Heard, error) {
	numbering.Lock()
	c.callers++
	n := c.callers
	numbering.Unlock()
	log := filepath.Join(c.Run, fmt.Sprintf("callers-%d.jsonl", n))
	args := []string{"run", "--proxy", c.Nodes[r.Node].SIPAddr, "--number", r.Number, "--calls", strconv.Itoa(max(r.Calls, 1)), "--log", log,
		"--prefix", cmp.Or(r.Prefix, fmt.Sprintf("robot-%d-", n)), "--limit", cmp.Or(r.Limit, "5m"), "--seed", strconv.Itoa(r.Seed)}
	if r.Rate > 0 {
		args = append(args, "--rate", strconv.FormatFloat(r.Rate, 'f', -1, 64))
	}
	if r.AtOnce > 0 {
		args = append(args, "--at-once", strconv.Itoa(r.AtOnce))
	}
	if r.LostAfter > 0 {
		args = append(args, "--lost-after", r.LostAfter.String())
	}
	for _, hz := range r.Tones {
		args = append(args, "--more-tones", strconv.Itoa(hz))
	}
	if r.Personas != "" {
		file := filepath.Join(c.Run, fmt.Sprintf("personas-%d.yaml", n))
		if err := os.WriteFile(file, []byte(r.Personas), 0o644); err != nil {
			return nil, err
		}
		args = append(args, "--personas", file)
	}
	var out bytes.Buffer
	cmd := c.command(context.WithoutCancel(ctx), "caller", args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	p, err := lab.StartProcess(cmd)
	if err != nil {
		return nil, err
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		err = p.End(context.WithoutCancel(ctx))
	}
	if c.o.Log != nil {
		fmt.Fprintf(c.o.Log, "%s", out.Bytes())
	}
	heard, unread := readLog(log)
	if s := p.State(); !s.Success() {
		err = errors.Join(err, fmt.Errorf("callers: %s: %s", s, out.Bytes()))
	}
	return heard, errors.Join(unread, err)
}

func readLog(path string) ([]Heard, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []Heard
	s := bufio.NewScanner(f)
	s.Buffer(nil, 4<<20)
	for s.Scan() {
		var h Heard
		if err := json.Unmarshal(s.Bytes(), &h); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		all = append(all, h)
	}
	return all, s.Err()
}
