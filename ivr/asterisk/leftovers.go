package asterisk

import (
	"sync"

	"aftercall/scoring"
)

// Leftovers are the calls that an earlier run of the service left open. Each
// is handed out once: to the node that finds its caller in the application
// and takes the survey up again, or to whoever closes it.
type Leftovers struct {
	mu   sync.Mutex
	rows map[scoring.CallID]scoring.CallRow
}

// NewLeftovers takes the open calls as the store holds them.
func NewLeftovers(rows []scoring.CallRow) *Leftovers {
	l := &Leftovers{rows: make(map[scoring.CallID]scoring.CallRow, len(rows))}
	for _, r := range rows {
		l.rows[r.ID] = r
	}
	return l
}

// Take hands out one call; ok is false if it is none of these, or was handed
// out before.
func (l *Leftovers) Take(id scoring.CallID) (row scoring.CallRow, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	row, ok = l.rows[id]
	delete(l.rows, id)
	return row, ok
}

// list names every call that is meant.
func (l *Leftovers) list(meant func(scoring.CallRow) bool) (ids []scoring.CallID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, r := range l.rows {
		if meant(r) {
			ids = append(ids, id)
		}
	}
	return ids
}

// Len tells how many are left.
func (l *Leftovers) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.rows)
}
