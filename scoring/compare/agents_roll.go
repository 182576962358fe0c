package compare

import (
	"cmp"
	"maps"
	"slices"

	"aftercall/scoring"
)

// absurd is more than any site counts in one cell. What is over it counts as
// much, so that sums stay whole numbers.
const absurd = 1 << 40

// roll is the counts of all agents by exam.
type roll struct {
	agents          []sheet // ordered by id
	exams           []Exam  // ordered by queue, layout and version
	unknown, unread int64
}

// sheet is what one agent counted.
type sheet struct {
	id                        string
	offered, rated, satisfied int64
	cells                     []cell // ordered by exam
}

// cell is the ratings of one agent under one exam.
type cell struct {
	exam int
	x, n float64 // satisfied, rated
}

// examKey is the place of an exam, which is one version of a layout in one queue.
type examKey struct{ queue, version string }

// readRoll adds up the cells.
func readRoll(in AgentsInput) *roll {
	r := &roll{exams: []Exam{}}
	readers := map[string]reader{}
	for version, d := range in.Definitions {
		readers[version] = newReader(d)
	}
	sheets, byExam := map[string]*sheet{}, map[examKey]map[string]tally{}
	for _, c := range in.Cells {
		n := min(c.N, absurd)
		read, known := readers[c.Version]
		_, verdict := read.satisfied[c.Result]
		outcome := isOutcome(c.Result) && c.Result != string(scoring.Rated)
		switch {
		case n <= 0:
			continue
		case c.Agent == scoring.Unknown:
			r.unknown += n
			continue
		case !outcome && !verdict:
			r.unread += n
			continue
		case !known:
			continue
		}
		if sheets[c.Agent] == nil {
			sheets[c.Agent] = &sheet{id: c.Agent}
		}
		sheets[c.Agent].offered += n
		if outcome {
			continue
		}
		k := examKey{c.Queue, c.Version}
		if byExam[k] == nil {
			byExam[k] = map[string]tally{}
		}
		t := byExam[k][c.Agent]
		t.add(read.tally(c.Result, 0, n))
		byExam[k][c.Agent] = t
	}
	r.settle(in, sheets, byExam)
	return r
}

// settle puts exams and agents in order.
func (r *roll) settle(in AgentsInput, sheets map[string]*sheet, byExam map[examKey]map[string]tally) {
	for k, agents := range byExam {
		e := Exam{Queue: k.queue, Layout: in.Definitions[k.version].Layout.Name, Version: k.version, Expected: Estimate{Status: NoData}}
		for _, t := range agents {
			e.Rated, e.Satisfied = e.Rated+t.rated, e.Satisfied+t.satisfied
		}
		r.exams = append(r.exams, e)
	}
	slices.SortFunc(r.exams, func(a, b Exam) int {
		return cmp.Or(cmp.Compare(a.Queue, b.Queue), cmp.Compare(a.Layout, b.Layout), cmp.Compare(a.Version, b.Version))
	})
	for i, e := range r.exams {
		for agent, t := range byExam[examKey{e.Queue, e.Version}] {
			sheets[agent].sit(i, t)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(sheets)) {
		r.agents = append(r.agents, *sheets[id])
	}
}

// sit adds the ratings under one exam.
func (s *sheet) sit(exam int, t tally) {
	s.rated, s.satisfied = s.rated+t.rated, s.satisfied+t.satisfied
	s.cells = append(s.cells, cell{exam, float64(t.satisfied), float64(t.rated)})
}

// marks gives what needs no model.
func (r *roll) marks() ([]AgentMark, []Exam) {
	all := make([]AgentMark, len(r.agents))
	for i, s := range r.agents {
		all[i] = AgentMark{
			Agent: s.id, Offered: s.offered, Rated: s.rated, Satisfied: s.satisfied,
			Answered: enough(share(s.rated, s.offered)), Raw: enough(share(s.satisfied, s.rated)),
			Adjusted: share(0, 0), Tier: Untold, Method: NoMethod, Funnel: Funnel{Hi95: 1, Hi998: 1},
		}
	}
	return all, r.exams
}

// enough takes the value from a figure that rests on too little, and leaves
// its interval.
func enough(e Estimate) Estimate {
	if e.N < FewRatings && e.Known() {
		e.Value, e.Status = 0, TooFew
	}
	return e
}
