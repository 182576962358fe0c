package report

import (
	"cmp"
	"encoding/json"
	"io"
	"slices"
	"strconv"

	"aftercall/scoring"
	"aftercall/scoring/compare"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// Agents is the marks of agents, with what people are to be told of them. The
// way in: [AgentsText], [AgentsCSV] and [AgentsJSON].
type Agents struct {
	compare.AgentMarks
	Site     string
	Period   scoring.Period // both days are set; a queue: of its surveys alone
	Offered  int64          // surveys of the period, of unknown agents too
	Team     string         // only its agents are shown; "" = all
	Roster   []scoring.RosterAgent
	LastDay  string // the last day with surveys, whenever it was; "" = there is none
	Moved    bool   // the period ends with LastDay, because nothing came lately
	Invented bool   // the calls are not real: say so
}

// agentRow is one agent as it is shown.
type agentRow struct {
	compare.AgentMark
	Name  string `json:"name"` // "" = not in the roster, or without a name there
	Team  string `json:"team"`
	known bool   // in the roster
}

// shownAs is what the agent is looked up by.
func (r agentRow) shownAs() string { return cmp.Or(r.Name, r.Agent) }

// rows lists the agents that are shown, by name as a language orders names,
// else by id. Everybody of the roster is there, because somebody looks for the
// name; but of one queue only those who had a survey in it, because nobody
// says whose queue it is.
func (a Agents) rows(languageTag string) []agentRow {
	people := map[string]scoring.RosterAgent{}
	for _, p := range a.Roster {
		people[p.ID] = p
	}
	var rows []agentRow
	add := func(m compare.AgentMark) {
		p, known := people[m.Agent]
		delete(people, m.Agent)
		if a.Team == "" || p.Team == a.Team {
			rows = append(rows, agentRow{m, p.Name, p.Team, known})
		}
	}
	for _, m := range a.Agents {
		add(m)
	}
	for _, p := range a.Roster {
		if _, left := people[p.ID]; left && a.Period.Queue == "" {
			add(unheard(p.ID))
		}
	}
	byName(rows, languageTag)
	return rows
}

// unheardOf counts the agents of the roster, or of the team, who are not among
// the rows because they had no survey in the queue.
func (a Agents) unheardOf(rows []agentRow) (n int64) {
	for _, p := range a.Roster {
		if a.Team == "" || p.Team == a.Team {
			n++
		}
	}
	for _, r := range rows {
		if r.known {
			n--
		}
	}
	return n
}

// unheard is the mark of somebody who had no survey.
func unheard(id string) compare.AgentMark {
	none := compare.Estimate{Lo: 0, Hi: 1, Status: compare.NoData}
	return compare.AgentMark{Agent: id, Answered: none, Raw: none, Adjusted: none, Tier: compare.Untold, Method: compare.NoMethod, Funnel: compare.Funnel{Hi95: 1, Hi998: 1}}
}

// byName orders agents as a language orders names (CLDR; Chinese by pinyin),
// those of one name by id.
func byName(rows []agentRow, languageTag string) {
	order, keys := collate.New(language.Make(languageTag)), collate.Buffer{}
	type keyed struct {
		key []byte
		agentRow
	}
	all := make([]keyed, len(rows))
	for i, r := range rows {
		all[i] = keyed{order.KeyFromString(&keys, r.shownAs()), r}
	}
	slices.SortFunc(all, func(x, y keyed) int {
		return cmp.Or(slices.Compare(x.key, y.key), cmp.Compare(x.Agent, y.Agent))
	})
	for i, k := range all {
		rows[i] = k.agentRow
	}
}

// AgentsJSON writes all figures for other programs: the marks whole, with the
// roster's names and teams. The order is that of the text in this language.
func AgentsJSON(w io.Writer, a Agents, languageTag string) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Invented bool   `json:"invented"`
		Site     string `json:"site"`
		From     string `json:"from"`
		To       string `json:"to"`
		Queue    string `json:"queue"` // "" = all
		Team     string `json:"team"`  // "" = all
		Offered  int64  `json:"offered"`
		compare.AgentMarks
		Agents []agentRow `json:"agents"` // in the place of those of AgentMarks
	}{a.Invented, a.Site, a.Period.From, a.Period.To, a.Period.Queue, a.Team, a.Offered, a.AgentMarks, append([]agentRow{}, a.rows(languageTag)...)})
}

// agentHeads are the columns of AgentsCSV. Shares are fractions.
var agentHeads = []string{
	"agent", "name", "team", "queue", "from", "to", "group", "offered", "rated", "satisfied",
	"answered", "answered_lo", "answered_hi", "raw", "raw_lo", "raw_hi", "adjusted", "adjusted_lo", "adjusted_hi",
	"reliability", "wanted", "tier", "invented",
}

// agentTexts is how many of them are texts from outside.
const agentTexts = 4

// AgentsCSV writes a line for each agent, for spreadsheets and other programs:
// in one language, its numbers with six digits, empty where there is none. An
// empty queue means all of them. The order is that of the text in this language.
func AgentsCSV(w io.Writer, a Agents, languageTag string) error {
	lines := [][]string{agentHeads}
	for _, r := range a.rows(languageTag) {
		line := []string{
			r.Agent, r.Name, r.Team, a.Period.Queue, a.Period.From, a.Period.To, positive(int64(r.Group)),
			strconv.FormatInt(r.Offered, 10), strconv.FormatInt(r.Rated, 10), strconv.FormatInt(r.Satisfied, 10),
		}
		for _, e := range []compare.Estimate{r.Answered, r.Raw, r.Adjusted} {
			line = append(line, estimateCells(e)...)
		}
		reliability := ""
		if measured(r.AgentMark) {
			reliability = number(r.Reliability)
		}
		line = append(line, reliability, positive(r.Wanted), string(r.Tier), strconv.FormatBool(a.Invented))
		for i := range line[:agentTexts] {
			line[i] = harmless(line[i])
		}
		lines = append(lines, line)
	}
	return writeCSV(w, lines)
}

// positive gives a number of which 0 means that there is none.
func positive(n int64) string {
	if n <= 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}
