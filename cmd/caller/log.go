package main

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"
)

// ending says who ended a call. The list is closed.
type ending string

const (
	endedByCaller ending = "caller" // the robot hung up: its persona said so, or the program was stopped
	endedByFar    ending = "far"    // the far end hung up
	endedByLimit  ending = "limit"  // the call's time limit; the robot hung up
	endedByFault  ending = "failed" // the call never stood: refused, unanswered, no usable audio
)

// callRecord is one line of the log: one call. All times ending in _ms are
// milliseconds of RTP timestamp since the first audio packet of the call.
type callRecord struct {
	Caller     string        `json:"caller"`
	CallID     string        `json:"call_id"`
	Number     string        `json:"number"`
	Persona    string        `json:"persona"`
	DialledAt  time.Time     `json:"dialled_at"`
	AnsweredAt time.Time     `json:"answered_at,omitzero"`
	EndedAt    time.Time     `json:"ended_at"`
	EndedBy    ending        `json:"ended_by"`
	Error      string        `json:"error"`     // why the call could not be carried out, empty if it was
	ActsLeft   int           `json:"acts_left"` // acts of the persona whose cue never came
	Visits     []visitRecord `json:"visits"`
	Segments   []segment     `json:"segments"`
	Released   bool          `json:"released"` // the release tone was heard after an agent's talk
	Packets    packetCounts  `json:"packets"`
}

// visitRecord is what happened from one agent's talk to the next.
type visitRecord struct {
	TalkStart   int       `json:"talk_start_ms"`
	TalkEnd     int       `json:"talk_end_ms"`
	SurveyStart *int      `json:"survey_start_ms,omitempty"` // first speech after the talk; absent: none was heard
	Segments    []segment `json:"segments"`                  // from the talk's start to the next talk's
	Presses     []press   `json:"presses"`
}

// press is one key: from its first packet to its first end packet, on the axis
// of the audio being received at that moment. Sent is when its first end packet
// was sent, in µs since the call was answered.
type press struct {
	Key   string `json:"key"`
	Start int    `json:"start_ms"`
	End   int    `json:"end_ms"`
	Sent  int64  `json:"sent_us"`
}

// packetCounts says what the ear got. Lost were waited for and never came; late
// came twice or after they had been given up; anchored is how often the axis
// had to be continued by time of arrival (change of SSRC or timestamp base).
type packetCounts struct {
	Received int `json:"received"`
	Lost     int `json:"lost"`
	Late     int `json:"late"`
	Anchored int `json:"anchored"`
}

// callLog writes records as JSON lines. It may be used by many calls at once.
type callLog struct {
	mu  sync.Mutex
	out *json.Encoder
	err error
}

func newCallLog(w io.Writer) *callLog { return &callLog{out: json.NewEncoder(w)} }

// write appends one record. The first fault is kept for fault.
func (l *callLog) write(r callRecord) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.out.Encode(r); err != nil && l.err == nil {
		l.err = fmt.Errorf("log: call of %q: %w", r.Caller, err)
	}
}

// fault returns the first write that failed, or nil.
func (l *callLog) fault() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}
