package sqlite

import (
	"time"

	"aftercall/scoring"
)

// job is a record, or a task that has a transaction to itself, or one that
// must have none.
type job struct {
	record *scoring.Record
	until  time.Time // the record may be held for others to come; zero = it may not
	task   func(c *conn, b *batch) error
	direct func(c *conn) error
	name   string // of the task
	reply  chan reply
}

type reply struct {
	receipt scoring.Receipt
	err     error
}

// String names the job as the path of a database follows it in an error.
func (j job) String() string {
	if j.record != nil {
		return "write call " + j.record.ID.String() + " to"
	}
	return j.name
}
