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
// earlier call, agent by agent in the order in which they became known here,
// and what to say as since next time; 0 = all of them. It comes from memory, as
// [Store.Totals] does. A total may be given although it has not moved.
func (s *Store) AgentTotals(since uint64) (moved []scoring.Total, now uint64) {
	t := &s.totals
	t.mu.RLock()
	defer t.mu.RUnlock()
	n := 0
	for _, a := range t.agents {
		for _, c := range a.counts {
			if c.moved > since {
				n++
			}
		}
	}
	moved = make([]scoring.Total, 0, n)
	for _, a := range t.agents {
		for _, c := range a.counts {
			if c.moved > since {
				moved = append(moved, scoring.Total{Series: scoring.Series{Kind: c.kind, Agent: a.id, Label: c.label}, N: c.n})
			}
		}
	}
	return moved, t.moves
}

// totals holds the table of that name in memory: those by layout, which are
// few, apart from those by agent, which are kept small.
type totals struct {
	mu      sync.RWMutex
	at      map[scoring.Series]int // index in layouts
	layouts []scoring.Total
	agents  []*agentTotals
	byID    map[string]*agentTotals
	words   map[string]string // kinds and labels of agents' totals, each once
	moves   uint64            // times that totals moved, or were read from the file
}

type agentTotals struct {
	id     string
	counts []agentCount // few
}

// agentCount is one total with the last of the moves that it was part of.
type agentCount struct {
	kind  scoring.Kind
	label string
	n     int64
	moved uint64
}

// find gives nil if the agent has no such total.
func (a *agentTotals) find(s scoring.Series) *agentCount {
	if a == nil {
		return nil
	}
	for i := range a.counts {
		if a.counts[i].label == s.Label && a.counts[i].kind == s.Kind {
			return &a.counts[i]
		}
	}
	return nil
}

func (t *totals) holds(s scoring.Series) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if s.Agent != "" {
		return t.byID[s.Agent].find(s) != nil
	}
	_, ok := t.at[s]
	return ok
}

// newTotals gives totals that nobody else sees yet; see take.
func newTotals() *totals {
	return &totals{at: map[scoring.Series]int{}, byID: map[string]*agentTotals{}, words: map[string]string{}}
}

// take has the totals of fresh, which were read from the file, take the place
// of these. fresh must not be used afterwards.
func (t *totals) take(fresh *totals) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.moves++
	for _, a := range fresh.agents {
		for i := range a.counts {
			a.counts[i].moved = t.moves
		}
	}
	t.at, t.layouts, t.agents, t.byID, t.words = fresh.at, fresh.layouts, fresh.agents, fresh.byID, fresh.words
}

// advance adds what one commit made durable. Whoever became known by it takes
// a place in the order of agents, as in the file.
func (t *totals) advance(by map[scoring.Series]int64, agents []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.moves++
	for _, id := range agents {
		t.agent(id)
	}
	for series, n := range by {
		t.add(series, n)
	}
}

func (t *totals) add(s scoring.Series, n int64) {
	if s.Agent != "" {
		t.addAgent(s, n)
		return
	}
	i, stands := t.at[s]
	if !stands {
		i = len(t.layouts)
		t.at[s], t.layouts = i, append(t.layouts, scoring.Total{Series: s})
	}
	t.layouts[i].N += n
}

// agent finds an agent's totals, or makes a place for them behind the others.
func (t *totals) agent(id string) *agentTotals {
	a := t.byID[id]
	if a == nil {
		a = &agentTotals{id: id}
		t.byID[id], t.agents = a, append(t.agents, a)
	}
	return a
}

func (t *totals) addAgent(s scoring.Series, n int64) {
	a := t.agent(s.Agent)
	if c := a.find(s); c == nil {
		a.counts = append(a.counts, agentCount{scoring.Kind(t.word(string(s.Kind))), t.word(s.Label), n, t.moves})
	} else if n != 0 {
		c.n, c.moved = c.n+n, t.moves
	}
}

// word gives the one copy of a text that many totals share.
func (t *totals) word(s string) string {
	if _, ok := t.words[s]; !ok {
		t.words[s] = s
	}
	return t.words[s]
}
