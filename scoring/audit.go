package scoring

import "time"

// AuditRow is one line of what was done to the stored records.
type AuditRow struct {
	At     time.Time `json:"at"`
	Action string    `json:"action"` // one of Audited
	Detail string    `json:"detail"` // mostly JSON; nothing personal
	N      int64     `json:"n"`      // calls, surveys or cells that it was done to
}

// SubjectAsked is the action of looking up what is held of a caller.
const SubjectAsked = "subject"

// Audited lists every action.
var Audited = []string{"agents merge", "recount", "restore", Retention, Erasure, SubjectAsked}
