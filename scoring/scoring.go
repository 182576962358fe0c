// Package scoring holds the records that a survey leaves behind: what was
// asked, what the caller did, how it ended. It is the vocabulary that the
// conversation (ivr) and everything that learns from it (the store, the
// metrics, the comparisons) share; it has no logic beyond checks.
//
// The way in: a [Record] is one durable step of one call. The store takes
// records ([Record] in, [Receipt] out) and hands back [CallRow], [Count] and
// [Total].
package scoring

import (
	"errors"
	"fmt"
	"time"
)

// Outcome is how one assigned question ended. Each assigned question ends in
// exactly one; where several fit, the first in the order below is stored.
type Outcome string

const (
	Rated      Outcome = "rated"       // an accepted key
	Failed     Outcome = "error"       // a fault of ours: no audio, no store, service stopped
	HungUp     Outcome = "hangup"      // the caller left while the question was open
	Invalid    Outcome = "invalid"     // only wrong keys came
	NoInput    Outcome = "no_input"    // no key came
	NotReached Outcome = "not_reached" // the survey ended before this question
)

// Outcomes lists every outcome in order of precedence.
var Outcomes = []Outcome{Rated, Failed, HungUp, Invalid, NoInput, NotReached}

// Reason is why a call's survey ended: one closed list for the store, the
// metrics, the log and the pages.
type Reason string

const (
	Completed   Reason = "completed"   // every question was rated
	Silent      Reason = "silent"      // no key after all retries
	WrongKeys   Reason = "wrong_keys"  // only wrong keys after all retries
	CallerLeft  Reason = "caller_left" // the caller hung up
	AudioFailed Reason = "audio"       // a prompt did not play
	StoreFailed Reason = "store"       // the store did not take a record in time
	Overdue     Reason = "overdue"     // the call's time limit was reached
	Stopped     Reason = "stopped"     // the service was stopped with the call in progress
	Lost        Reason = "lost"        // the service or Asterisk went away with the call in progress
)

// Reasons lists every reason.
var Reasons = []Reason{Completed, Silent, WrongKeys, CallerLeft, AudioFailed, StoreFailed, Overdue, Stopped, Lost}

// Unknown stands where the dialplan did not say (or said unusably) who the
// agent or what the queue was.
const Unknown = "unknown"

// CallID names one visit of one caller after an agent. A caller who goes back
// to a queue keeps the unique id and comes again with the next visit.
type CallID struct {
	UniqueID string `json:"uniqueid"` // Asterisk's, with the system name in front
	Visit    int    `json:"visit"`    // from 1
}

// String gives the id as it stands in logs: "node1-17.3/2".
func (id CallID) String() string { return fmt.Sprintf("%s/%d", id.UniqueID, id.Visit) }

// Agent is who is rated, by the three names an agent has.
type Agent struct {
	ID        string `json:"id"`        // what figures are kept under; Unknown if nothing usable came
	Interface string `json:"interface"` // as the queue dialled it: PJSIP/1001
	Name      string `json:"name"`      // the queue's member name
}

// Call is one caller entering the survey. Of the caller it holds what the
// configuration allows, in Caller.
type Call struct {
	LinkedID  string    `json:"linkedid,omitempty"`
	Node      string    `json:"node"`
	Trunk     string    `json:"trunk"` // what the call came in by: PJSIP/provider
	Queue     string    `json:"queue"`
	Agent     Agent     `json:"agent"`
	Earlier   []Agent   `json:"earlier,omitempty"` // who talked with the caller before, oldest first; not rated
	Survey    string    `json:"survey"`
	Language  string    `json:"language"`
	Codec     string    `json:"codec,omitempty"`
	TalkMS    *int64    `json:"talk_ms,omitempty"` // time with the agent; nil = not told
	Test      bool      `json:"test,omitempty"`    // kept, but counted nowhere
	StartedAt time.Time `json:"started_at"`        // StasisStart as it arrived, to the ms
	Day       string    `json:"day"`               // civil date of StartedAt in the site's zone: 2006-01-02
	Caller    Caller    `json:"caller,omitzero"`
}

// Assignment is the layout that one question of a call was given. It is
// durable before any audio.
type Assignment struct {
	Question  string `json:"question"`
	Position  int    `json:"position"` // of the question in the survey, from 1
	Primary   bool   `json:"primary"`  // agents' figures show the primary question only
	Layout    string `json:"layout"`
	Version   string `json:"version"`   // hash of the layout's structure and texts
	Rendition string `json:"rendition"` // hash of the audio that is played
	Epoch     int64  `json:"epoch"`     // period in which nothing about the split changed
}

// Answer is the final word on one assigned question.
type Answer struct {
	Question string    `json:"question"`
	Outcome  Outcome   `json:"outcome"`
	Verdict  string    `json:"verdict,omitempty"` // set when rated
	Value    int       `json:"value,omitempty"`   // the verdict's value when rated
	Entry    string    `json:"entry,omitempty"`   // what was pressed, as text
	Reading  int       `json:"reading"`           // readings begun, from 1; 0 = none began
	PressMS  int64     `json:"press_ms"`          // from the start of that reading to the key; 0 unless rated
	Heard    int       `json:"heard"`             // most options read out in one reading
	At       time.Time `json:"at"`
}

// Use says what became of a key.
type Use string

const (
	Accepted  Use = "accepted"   // it rated the question
	TakenBack Use = "taken_back" // it chose a rating, which the caller then took back
	Action    Use = "action"     // it asked for something: a repeat, to keep a choice or to choose again
	Wrong     Use = "wrong"      // it means nothing in this menu
	Early     Use = "early"      // it came during a menu without barge-in
	Late      Use = "late"       // it came after the question was settled, or was the second press of a double press
)

// Uses lists every use.
var Uses = []Use{Accepted, TakenBack, Action, Wrong, Early, Late}

// Keypress is one key as it was received; every one is kept.
type Keypress struct {
	Seq      int       `json:"seq"` // of the call, from 1
	Question string    `json:"question"`
	Key      string    `json:"key"`
	Reading  int       `json:"reading"`
	MS       int64     `json:"ms"` // from the start of that reading
	Use      Use       `json:"use"`
	At       time.Time `json:"at"`
}

// Valid reports whether the key meant something where it came.
func (k Keypress) Valid() bool { return k.Use == Accepted || k.Use == TakenBack || k.Use == Action }

// End closes a call.
type End struct {
	Reason Reason    `json:"reason"`
	At     time.Time `json:"at"`
}

// Record is one durable step of a call: any of its parts may be missing. It
// is written whole or not at all, and writing it twice changes nothing: the
// first answer, key or end under an id stays.
type Record struct {
	ID          CallID       `json:"id"`
	Call        *Call        `json:"call,omitempty"`
	Assignments []Assignment `json:"assignments,omitempty"`
	Answers     []Answer     `json:"answers,omitempty"`
	Keypresses  []Keypress   `json:"keypresses,omitempty"`
	End         *End         `json:"end,omitempty"`
	// Resumed is how often the survey was taken up again so far, after the
	// service or its connection was away; 0 = never, or nothing new. The
	// highest stays.
	Resumed int `json:"resumed,omitempty"`
	// Born names totals that must stand at 0 before this record counts: a
	// Prometheus series that is born at 1 loses its first rating.
	Born []Series `json:"born,omitempty"`
	// Patient: nobody waits for it. The store may hold it for a moment, until
	// another record is written with it. It is nothing that is kept.
	Patient bool `json:"-"`
}

// Receipt is the store's word that a record is durable.
type Receipt struct {
	// Known: the record brought a Call that the store held already, or of which
	// a record waits in the spill file. The call and its assignments were left
	// as they stand; the rest was written.
	Known bool
	// Spilled: the record is durable in the spill file, not yet in the store.
	Spilled bool
}

var (
	// ErrNoCall: a record without Call names a call that the store does not hold.
	ErrNoCall = errors.New("the store does not hold this call")
	// ErrInvalid: what is to be kept or asked for contradicts itself; see
	// [Record.Check] and [Experiment.Check].
	ErrInvalid = errors.New("invalid record")
	// ErrExists: the store holds an experiment of that name, or one that splits
	// the same calls.
	ErrExists = errors.New("the store holds another")
	// ErrNoExperiment: no experiment of that name runs.
	ErrNoExperiment = errors.New("no such experiment runs")
	// ErrNoAgent: the store knows no agent of that id.
	ErrNoAgent = errors.New("no such agent")
)
