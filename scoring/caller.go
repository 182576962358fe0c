package scoring

import (
	"fmt"
	"io"
	"log/slog"
)

// CallerForm is what is kept of a caller's number.
type CallerForm string

const (
	CallerNone  CallerForm = "none"  // nothing
	CallerHMAC  CallerForm = "hmac"  // a keyed hash: who has the key can look for a number, nobody can read one
	CallerLast4 CallerForm = "last4" // the last four digits
	CallerFull  CallerForm = "full"  // the number
)

// CallerForms lists every form, from the least that is kept to the most.
var CallerForms = []CallerForm{CallerNone, CallerHMAC, CallerLast4, CallerFull}

// Caller is what is kept of one caller's number; the zero Caller is nothing.
// Its JSON is the form alone and it prints itself to nobody, so that no spill
// file, page or log can hold the rest: a record that comes back from JSON is of
// a call without its number.
type Caller struct {
	Form CallerForm `json:"form"`
	// Key is the fingerprint of the key that an HMAC was made with, so that
	// those of another key are known to be out of reach. It is no secret.
	Key string `json:"-"`
	// A pointer, because a wrong verb (%s of a record) prints what lies inside
	// without asking it.
	value *string
}

// NewCaller gives a caller of whom value is kept.
func NewCaller(form CallerForm, key, value string) Caller { return Caller{form, key, &value} }

// Reveal gives what is kept of the number; "" = it was lost on the way through
// JSON. It is for the store, and for who asks what is held of a caller.
func (c Caller) Reveal() string {
	if c.value == nil {
		return ""
	}
	return *c.value
}

// Equal reports whether the same is kept.
func (c Caller) Equal(o Caller) bool {
	return c.Form == o.Form && c.Key == o.Key && c.Reveal() == o.Reveal()
}

// Format prints the form alone, whatever the verb.
func (c Caller) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "<"+string(c.Form)+">") }

// LogValue gives the form alone.
func (c Caller) LogValue() slog.Value { return slog.StringValue(string(c.Form)) }

// CallerCount is how many calls of a store are kept in one way.
type CallerCount struct {
	Form  CallerForm `json:"form"`          // "" = nothing is kept of the number
	Key   string     `json:"key,omitempty"` // as in [Caller]
	Lost  bool       `json:"lost"`          // the number itself was lost on the way through the spill file
	Calls int64      `json:"calls"`
}

// Removal says which calls are removed, of those that have ended: by one of its
// two. It is counted under [Removal.Why].
type Removal struct {
	Before  string   // civil date: those of the days before it; "" = those of Callers
	Callers []Caller // those of whom exactly this is kept
}

// Why calls are removed, as it stands in the audit and in the metrics.
const (
	Retention = "retention" // they were kept for as long as the configuration says
	Erasure   = "erasure"   // somebody asked for it
)

// Removals lists every reason.
var Removals = []string{Retention, Erasure}

// Why gives the reason.
func (r Removal) Why() string {
	if r.Before != "" {
		return Retention
	}
	return Erasure
}

// Removed is what a removal took away. Totals and roll-ups stay as they stand.
type Removed struct {
	Calls    int64             `json:"calls"`
	Outcomes map[Outcome]int64 `json:"outcomes,omitempty"` // of their questions
	// Lingers: somebody reads the database, so that its log could not be
	// emptied yet of what was removed.
	Lingers bool `json:"lingers,omitempty"`
}
