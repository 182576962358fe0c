package report

import (
	"io"
	"math"
	"slices"

	"aftercall/configs/i18n"
	"aftercall/scoring/compare"
)

// AgentsText writes the marks of agents for supervisors: a table that follows
// the names, one for each group of agents who can be compared, and in plain
// words how it is to be read.
func AgentsText(w io.Writer, a Agents, p i18n.Printer) error {
	t := &text{words: words{p}}
	rows := a.rows(p.Language())
	t.agentsHead(a, rows)
	for _, g := range groupsOf(a, rows) {
		if err := t.agentGroup(a, g); err != nil {
			return err
		}
	}
	if a.Method != compare.NoMethod {
		t.line("")
		t.under(t.T("marks.read"), t.howToRead(rows))
		if err := t.exams(a); err != nil {
			return err
		}
	}
	if len(a.Warnings) > 0 {
		t.line("")
		t.under(t.T("report.warnings"), t.agentRemarks(a.Warnings))
	}
	_, err := w.Write(t.out.Bytes())
	return err
}

func (t *text) agentsHead(a Agents, rows []agentRow) {
	if a.Invented {
		t.say("report.invented")
	}
	t.line(t.T("marks.title") + "  " + a.Site)
	t.say("marks.period", a.Period.From, a.Period.To, count(days(a.Period.From, a.Period.To)), count(a.Offered), count(a.Satisfied.N))
	switch {
	case a.Moved:
		t.say("marks.moved")
	case a.Offered == 0 && a.LastDay != "":
		t.say("marks.last_day", a.LastDay)
	case a.Offered == 0:
		t.say("marks.no_surveys")
	}
	if a.Period.Queue != "" {
		t.say("marks.only_queue", a.Period.Queue)
	}
	if a.Team != "" {
		t.say("marks.only_team", fit(a.Team))
	}
	if n := a.unheardOf(rows); n > 0 {
		t.say("marks.unheard", count(n))
	}
	if len(rows) == 0 {
		t.line("")
		t.say("marks.nobody")
	}
}

// days counts civil dates from one to another, both of them too.
func days(from, to string) int64 { return int64(dayNumber(to)-dayNumber(from)) + 1 }

// agentGroup is what stands in one table.
type agentGroup struct {
	number int // 0 = everybody
	rows   []agentRow
}

// groupsOf divides the rows if marks cannot be compared with each other; those
// without ratings, who belong nowhere, come last.
func groupsOf(a Agents, rows []agentRow) []agentGroup {
	if len(rows) == 0 {
		return nil
	}
	if a.Groups < 2 {
		return []agentGroup{{rows: rows}}
	}
	by := make([]agentGroup, a.Groups+1)
	for _, r := range rows {
		g := a.Groups
		if r.Rated > 0 {
			g = r.Group - 1
		}
		by[g].number = g + 1
		by[g].rows = append(by[g].rows, r)
	}
	return slices.DeleteFunc(by, func(g agentGroup) bool { return len(g.rows) == 0 })
}

// agentGroup writes one table, and what its marks want.
func (t *text) agentGroup(a Agents, g agentGroup) error {
	t.line("")
	switch {
	case g.number > a.Groups:
		t.say("marks.unrated")
	case g.number > 0:
		t.say("marks.group", count(int64(g.number)), t.list(queuesOf(a, g.number)))
	}
	if err := t.agentTable(a, g.rows); err != nil {
		return err
	}
	if wanted := middling(a, g.number); wanted > 0 {
		t.say("marks.needed", hundredths(compare.MinReliability), count(forReliability(wanted, compare.MinReliability)), hundredths(compare.PayReliability), count(wanted))
	}
	return nil
}

// queuesOf lists where the agents of a group were rated.
func queuesOf(a Agents, group int) (names []string) {
	for _, e := range a.Exams {
		if e.Group == group && !slices.Contains(names, e.Queue) {
			names = append(names, e.Queue)
		}
	}
	return names
}

// column is one column of a table of things: its head, and what it says of one
// of them.
type column[T any] struct {
	head string
	cell func(T) string
}

type (
	agentColumn = column[agentRow]
	examColumn  = column[compare.Exam]
)

// printTable writes a line for each thing.
func printTable[T any](t *text, columns []column[T], things []T) error {
	var heads []string
	for _, c := range columns {
		heads = append(heads, c.head)
	}
	table := i18n.NewTable(heads...)
	for _, x := range things {
		cells := make([]string, len(columns))
		for i, c := range columns {
			cells[i] = c.cell(x)
		}
		table.Row(cells...)
	}
	return table.Print(&t.out)
}

// agentTable leaves out names and teams where nobody has one, and what needs a
// model where there is none.
func (t *text) agentTable(a Agents, rows []agentRow) error {
	all := []agentColumn{
		{t.T("marks.id"), func(r agentRow) string { return isolate(r.Agent) }},
		{t.T("column.offered"), func(r agentRow) string { return count(r.Offered) }},
		{t.T("marks.answered"), func(r agentRow) string { return t.plainMark(r.Answered) }},
		{t.T("marks.ratings"), func(r agentRow) string { return count(r.Rated) }},
		{t.T("marks.raw"), func(r agentRow) string { return t.mark(r.Raw) }},
	}
	if slices.ContainsFunc(rows, func(r agentRow) bool { return r.Team != "" }) {
		all = slices.Insert(all, 1, agentColumn{t.T("marks.team"), func(r agentRow) string { return fit(r.Team) }})
	}
	if slices.ContainsFunc(rows, func(r agentRow) bool { return r.Name != "" }) {
		all = slices.Insert(all, 0, agentColumn{t.T("marks.name"), func(r agentRow) string { return fit(r.Name) }})
	}
	adjusted, modelled := methods(rows)
	if adjusted {
		all = append(all, agentColumn{t.T("marks.adjusted"), func(r agentRow) string { return t.mark(r.Adjusted) }})
	}
	if modelled {
		all = append(all, agentColumn{t.T("marks.reliability"), func(r agentRow) string { return reliability(r) }})
	}
	all = append(all, agentColumn{t.T("marks.tier"), func(r agentRow) string { return t.T("tier." + string(r.Tier)) }})
	return printTable(t, all, rows)
}

// mark says a share with its interval; of a few it says that they are few.
func (w words) mark(e compare.Estimate) string {
	if e.N < compare.FewRatings {
		return w.plainMark(e)
	}
	return w.figure(e)
}

// plainMark is mark without the interval.
func (w words) plainMark(e compare.Estimate) string {
	switch {
	case e.N == 0:
		return w.T("report.no_data")
	case e.N < compare.FewRatings || e.Status == compare.TooFew:
		return w.T("marks.few", count(e.N))
	case !e.Known():
		return w.status(e.Status)
	}
	return w.share(e.Value)
}

// methods reports whether any of the rows has an adjusted mark, and whether a
// model made it.
func methods(rows []agentRow) (adjusted, modelled bool) {
	for _, r := range rows {
		modelled = modelled || r.Method == compare.MixedModel
		adjusted = adjusted || r.Method == compare.ObservedExpected
	}
	return adjusted || modelled, modelled
}

// measured reports whether the reliability of a mark could be told.
func measured(m compare.AgentMark) bool {
	return m.Method == compare.MixedModel && m.Rated >= compare.FewRatings
}

// reliability is rounded down, so that none looks better than what it has to
// reach.
func reliability(r agentRow) string {
	if !measured(r.AgentMark) {
		return "-"
	}
	return hundredths(math.Floor(100*r.Reliability) / 100)
}

// exams writes the menus and, where a model found it, how difficult each is.
func (t *text) exams(a Agents) error {
	all := []examColumn{
		{t.T("column.queue"), func(e compare.Exam) string { return e.Queue }},
		{t.T("column.layout"), func(e compare.Exam) string { return e.Layout }},
		{t.T("marks.ratings"), func(e compare.Exam) string { return count(e.Rated) }},
		{t.T("marks.raw"), func(e compare.Exam) string {
			return t.mark(compare.Wilson(e.Satisfied, e.Rated, compare.Confidence))
		}},
	}
	modelled := slices.ContainsFunc(a.Exams, func(e compare.Exam) bool { return e.Expected.Known() })
	if modelled {
		all = append(all, examColumn{t.T("marks.expected"), func(e compare.Exam) string { return t.mark(e.Expected) }},
			examColumn{t.T("marks.weight"), func(e compare.Exam) string { return t.share(e.Share) }})
	}
	if severalVersions(a.Exams) {
		all = slices.Insert(all, 2, examColumn{t.T("column.version"), func(e compare.Exam) string { return e.Version }})
	}
	if a.Groups > 1 {
		all = slices.Insert(all, 0, examColumn{t.T("marks.in_group"), func(e compare.Exam) string { return count(int64(e.Group)) }})
	}
	t.line("")
	t.say("marks.exams")
	if err := printTable(t, all, a.Exams); err != nil {
		return err
	}
	if modelled {
		t.say("marks.exams_note")
	}
	return nil
}

// severalVersions reports whether a layout stands twice in one queue.
func severalVersions(exams []compare.Exam) bool {
	seen := map[[2]string]bool{}
	for _, e := range exams {
		k := [2]string{e.Queue, e.Layout}
		if seen[k] {
			return true
		}
		seen[k] = true
	}
	return false
}
