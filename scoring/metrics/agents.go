package metrics

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"aftercall/scoring"

	dto "github.com/prometheus/client_model/go"
)

// MovedTotals gives the totals by agent that have moved since an earlier
// call, and what to say as since next time; 0 = all of them. It answers from
// memory.
type MovedTotals func(since uint64) (moved []scoring.Total, now uint64)

// AgentPolicy says which agents are shown, and how.
type AgentPolicy struct {
	Roster []scoring.RosterAgent
	Names  bool          // whether names are shown; ids and teams always are
	Max    int           // most agents that are shown, 1 or more
	Idle   time.Duration // hidden is whose last survey is more days ago than this, begun ones counted whole; 0 = nobody
}

// AgentFigures is what is worked out of one agent in the background.
type AgentFigures struct {
	Windows []WindowFigures // one for each window; nil = no ratings in any
	Mark    *Mark           // nil = too few ratings for one
}

// WindowFigures counts the ratings of a window.
type WindowFigures struct{ Ratings, Satisfied int64 }

// Mark is the share of satisfied as if all agents' callers had heard the same
// menus.
type Mark struct {
	Known            bool    // whether the share and its bounds are
	Share, Low, High float64 // 0 to 1
	Tier             int     // -1 below, 0 as expected or cannot be told, 1 above
}

// Why an agent is hidden.
const (
	Bound = "bound" // there are more than AgentPolicy.Max
	Idle  = "idle"
)

// Agents gathers the figures of agents. It is a Gatherer by itself and no
// collector of a registry, which would check, hash and sort the 160,000 series
// of 10,000 agents anew at each scrape: here labels are made once, and values
// come from memory.
//
// Shown are at most Max agents: those of the roster first, in its order, then
// the others in the order in which they became known, so that whoever is new
// pushes nobody out. One who was idle is shown again with the next survey, at
// once and in the old place. Counters of an agent who was merged into another
// stand still until that one is idle; there are no gauges of such an agent.
//
// Its methods may be called from any goroutine.
type Agents struct {
	source MovedTotals
	zone   *time.Location
	now    func() time.Time

	mu        sync.Mutex
	since     uint64      // as source wants it
	rows      []*agentRow // in the order in which they became known
	byID      map[string]*agentRow
	pairs     map[[2]string]*dto.LabelPair // those that agents share, by name and value
	policy    AgentPolicy
	day       string // for which shown was worked out; "" = it has to be done anew
	shown     []*agentRow
	hidden    map[string]int // by reason
	windows   []*dto.LabelPair
	refreshed time.Time // zero = never
}

// agentRow is what is known of one agent.
type agentRow struct {
	info    []*dto.LabelPair // agent, name, team
	counts  [2][]counted     // surveys and ratings
	lastDay string           // the last civil date with a survey, or the one on which the agent became known
	merged  bool
	figures AgentFigures
}

// counted is one total.
type counted struct {
	label *dto.LabelPair
	n     int64
}

// Places in agentRow.counts.
const (
	surveys = iota
	ratings
)

// NewAgents gives the figures of nobody until [Agents.Know] and
// [Agents.Configure]. Days are those of zone; now is the clock.
func NewAgents(source MovedTotals, zone *time.Location, now func() time.Time) *Agents {
	return &Agents{source: source, zone: zone, now: now, byID: map[string]*agentRow{}, pairs: map[[2]string]*dto.LabelPair{}}
}

// Configure puts a policy in force.
func (a *Agents) Configure(p AgentPolicy) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.policy, a.day = p, ""
	for _, r := range a.rows {
		r.info[1], r.info[2] = a.pair("name", ""), a.pair("team", "")
	}
	for _, x := range p.Roster {
		r := a.row(x.ID)
		if p.Names {
			r.info[1] = pair("name", x.Name)
		}
		r.info[2] = a.pair("team", x.Team)
	}
}

// Know takes over what the store knows of agents, in the order in which they
// became known. An agent who is known here already keeps the place.
func (a *Agents) Know(known []scoring.KnownAgent) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, k := range known {
		r := a.row(k.ID)
		if r.merged = k.MergedInto != ""; k.LastDay == "" {
			k.LastDay = a.civil(k.KnownAt)
		}
		if a.since == 0 { // what row assumed
			r.lastDay = k.LastDay
		}
		r.lastDay = max(r.lastDay, k.LastDay)
	}
	a.day = ""
	a.absorb() // from here on a total that moves is a survey
}

// Refresh puts figures by agent's id in the place of all earlier ones; at is
// when they were worked out.
func (a *Agents) Refresh(windows []string, figures map[string]AgentFigures, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.windows = nil
	for _, w := range windows {
		a.windows = append(a.windows, a.pair("window", w))
	}
	for id, r := range a.byID {
		r.figures = figures[id]
	}
	a.refreshed = at
}

func (a *Agents) civil(t time.Time) string { return t.In(a.zone).Format(time.DateOnly) }

// row finds an agent, or lets a new one be known as of today.
func (a *Agents) row(id string) *agentRow {
	r := a.byID[id]
	if r == nil {
		r = &agentRow{info: []*dto.LabelPair{pair("agent", id), a.pair("name", ""), a.pair("team", "")}, lastDay: a.civil(a.now())}
		a.byID[id], a.rows, a.day = r, append(a.rows, r), ""
	}
	return r
}

// absorb takes over the totals that moved. A total that moves is a survey
// today; what stood before the first call may be of any day.
func (a *Agents) absorb() {
	before := a.since
	var moved []scoring.Total
	moved, a.since = a.source(before)
	today := a.civil(a.now())
	for _, t := range moved {
		kind, label := surveys, "outcome"
		switch t.Kind {
		case scoring.AgentOutcome:
		case scoring.AgentVerdict:
			kind, label = ratings, "verdict"
		default: // of a later version
			continue
		}
		r := a.row(t.Agent)
		was := r.count(kind, a.pair(label, t.Label), t.N)
		if before != 0 && was != t.N && r.lastDay < today {
			r.lastDay, a.day = today, ""
		}
	}
}

// count keeps a total and gives what it was.
func (r *agentRow) count(kind int, label *dto.LabelPair, n int64) (was int64) {
	for i := range r.counts[kind] {
		if c := &r.counts[kind][i]; c.label == label {
			was, c.n = c.n, n
			return was
		}
	}
	r.counts[kind] = append(r.counts[kind], counted{label, n})
	slices.SortFunc(r.counts[kind], func(a, b counted) int { return cmp.Compare(a.label.GetValue(), b.label.GetValue()) })
	return 0
}

// arrange works out who is shown, if that may have changed.
func (a *Agents) arrange() {
	today := a.now().In(a.zone)
	if a.day == today.Format(time.DateOnly) {
		return
	}
	a.day = today.Format(time.DateOnly)
	oldest := "" // last day of those who are shown
	if a.policy.Idle > 0 {
		days := int((a.policy.Idle + 24*time.Hour - 1) / (24 * time.Hour))
		oldest = time.Date(today.Year(), today.Month(), today.Day()-days, 12, 0, 0, 0, a.zone).Format(time.DateOnly)
	}
	order := make([]*agentRow, 0, len(a.rows))
	listed := map[*agentRow]bool{}
	for _, x := range a.policy.Roster {
		order = append(order, a.byID[x.ID])
		listed[a.byID[x.ID]] = true
	}
	for _, r := range a.rows {
		if !listed[r] {
			order = append(order, r)
		}
	}
	a.hidden = map[string]int{Bound: 0, Idle: 0}
	a.shown = slices.DeleteFunc(order, func(r *agentRow) bool {
		if r.lastDay < oldest {
			a.hidden[Idle]++
			return true
		}
		return false
	})
	if over := len(a.shown) - a.policy.Max; over > 0 {
		a.hidden[Bound] = over
		a.shown = a.shown[:a.policy.Max]
	}
}
