package sqlite

import (
	"sync"

	"aftercall/scoring"
)

// Totals gives every cumulative total, in no order. It comes from memory,
// never touches the file and is never ahead of what is durable. On a store
// opened for reading only, it is what stood in the file at that moment.
func (s *Store) Totals() []scoring.Total {
	agents, _ := s.AgentTotals(0)
	return append(s.LayoutTotals(), agents...)
}

// LayoutTotals gives the totals by layout, as [Store.Totals] does, and does
// not take longer for any number of agents.
func (s *Store) LayoutTotals() []scoring.Total {
	t := &s.totals
	t.mu.RLock()
	defer t.mu.RUnlock()
	return append([]scoring.Total(nil), t.layouts...)
}

// AgentTotals gives the totals by agent that are new or have moved since an
// earlier call, in the order in which they came to stand, and what to say as
// since next time; 0 = all of them. It comes from memory, as [Store.Totals]
// does. A total may be given although it has not moved.
func (s *Store) AgentTotals(since uint64) (moved []scoring.Total, now uint64) {
	t := &s.totals
	t.mu.RLock()
	defer t.mu.RUnlock()
	for i := range t.agents {
		if t.agents[i].moved > since {
			moved = append(moved, t.agents[i].Total)
		}
	}
	return moved, t.moves
}

// totals holds the table of that name in memory: those by layout, which are
// few, apart from those by agent.
type totals struct {
	mu      sync.RWMutex
	at      map[scoring.Series]int // index in the list of its kind
	layouts []scoring.Total
	agents  []movedTotal
	moves   uint64 // times that totals moved, or were read from the file
}

// movedTotal is a total with the last of the moves that it was part of.
type movedTotal struct {
	scoring.Total
	moved uint64
}

func (t *totals) holds(s scoring.Series) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	_, ok := t.at[s]
	return ok
}

// missing gives those of the series that do not stand.
func (t *totals) missing(series []scoring.Series) []scoring.Series {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var out []scoring.Series
	for _, s := range series {
		if _, ok := t.at[s]; !ok {
			out = append(out, s)
		}
	}
	return out
}

// replace takes what stands in the file.
func (t *totals) replace(list []scoring.Total) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.moves++
	t.at = make(map[scoring.Series]int, len(list))
	t.layouts, t.agents = nil, nil
	for _, total := range list {
		t.add(total.Series, total.N)
	}
}

// advance adds what one commit made durable.
func (t *totals) advance(by map[scoring.Series]int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.moves++
	for series, n := range by {
		t.add(series, n)
	}
}

func (t *totals) add(s scoring.Series, n int64) {
	i, stands := t.at[s]
	if s.Agent == "" {
		if !stands {
			i = len(t.layouts)
			t.at[s], t.layouts = i, append(t.layouts, scoring.Total{Series: s})
		}
		t.layouts[i].N += n
		return
	}
	if !stands {
		i = len(t.agents)
		t.at[s], t.agents = i, append(t.agents, movedTotal{Total: scoring.Total{Series: s}})
	}
	t.agents[i].N += n
	if n != 0 || !stands {
		t.agents[i].moved = t.moves
	}
}
