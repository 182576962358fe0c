package configs

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"aftercall/scoring"
)

// rosterColumns are all that a roster can have; id has to be there.
var rosterColumns = []string{"id", "name", "team", "interface", "member", "from", "to"}

// maxRosterLines bounds a roster: 10,000 agents with ten aliases each.
const maxRosterLines = 100_000

// rosterFile is one CSV being read.
type rosterFile struct {
	g       *ledger
	file    int
	columns map[string]int // by name
	listed  map[string]bool
	place   map[string]int // of an id in agents
	agents  []scoring.RosterAgent
}

// agentsFile adds the agents of the CSV that the configuration names. Faults
// that the list itself could have too are left to the roster.
func (g *ledger) agentsFile(c *Config) {
	if c.AgentsFile == "" {
		return
	}
	text, err := readFile(c.AgentsFile, maxFile)
	if err != nil {
		g.add("agents_file", "%q: %v", c.AgentsFile, err)
		return
	}
	r := &rosterFile{g: g, file: g.open(c.AgentsFile).file, columns: map[string]int{}, listed: map[string]bool{}, place: map[string]int{}}
	for _, a := range c.Agents {
		r.listed[a.ID] = true
	}
	r.read(bytes.TrimPrefix(text, []byte("\ufeff")))
	c.Agents = append(c.Agents, r.agents...)
}

// fault adds one of a line; line 0 is the file as a whole.
func (r *rosterFile) fault(line int, name, format string, a ...any) {
	r.g.at(mark{r.file, line}, name, format, a...)
}

// read reads the whole file. The separator is the semicolon if the first line
// has one: Excel writes it where the comma stands in numbers.
func (r *rosterFile) read(text []byte) {
	if i := foreign(text); i >= 0 {
		r.fault(1+bytes.Count(text[:i], []byte("\n")), "", "is not UTF-8, want the file saved as such (in Excel: CSV UTF-8)")
		return
	}
	d := csv.NewReader(bytes.NewReader(text))
	d.FieldsPerRecord, d.TrimLeadingSpace = -1, true
	if head, _, _ := bytes.Cut(bytes.TrimLeft(text, "\r\n"), []byte("\n")); bytes.ContainsRune(head, ';') {
		d.Comma = ';'
	}
	before := r.g.count()
	head, line := r.next(d)
	if r.g.count() > before || !r.head(line, head) {
		return
	}
	for n := 1; ; n++ {
		values, line := r.next(d)
		switch {
		case values == nil:
			return
		case n > maxRosterLines:
			r.fault(line, "", "is behind %d lines with agents, want no more", maxRosterLines)
			return
		case len(values) != len(head):
			r.fault(line, "", "has %d values, want %d, one for each column", len(values), len(head))
		default:
			r.line(line, values)
		}
	}
}

// foreign gives the place of the first byte that is no text in UTF-8; -1 =
// there is none. UTF-16 without a mark of its own is full of zero bytes.
func foreign(text []byte) int {
	for i := 0; i < len(text); {
		c, n := utf8.DecodeRune(text[i:])
		if c == 0 || c == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// next gives the values of the next line that has any, without the blanks
// around them, and where it begins; nil = there is none.
func (r *rosterFile) next(d *csv.Reader) (values []string, line int) {
	for {
		values, err := d.Read()
		var bad *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return nil, 0
		case errors.As(err, &bad):
			r.fault(bad.StartLine, "", `has a quote that is not closed or stands inside of a value, want "so", and "" for one inside`)
			continue
		}
		filled := false
		for i, v := range values {
			values[i] = strings.TrimSpace(v)
			filled = filled || values[i] != ""
		}
		if filled {
			line, _ := d.FieldPos(0)
			return values, line
		}
	}
}

// head reads the names of the columns. Without them nothing can be said of
// the lines.
func (r *rosterFile) head(line int, names []string) bool {
	before := r.g.count()
	for i, name := range names {
		_, twice := r.columns[name]
		switch {
		case !slices.Contains(rosterColumns, name):
			r.fault(line, "", "column %d %.40q: unknown, want some of %s", i+1, name, strings.Join(rosterColumns, ", "))
		case twice:
			r.fault(line, "", "column %d %q: stands twice", i+1, name)
		}
		r.columns[name] = i
	}
	if _, ok := r.columns["id"]; !ok {
		r.fault(line, "", "has no column id, want a first line such as %s", strings.Join(rosterColumns, ","))
	}
	return r.g.count() == before
}

// line takes an agent, or one more alias of an agent, over.
func (r *rosterFile) line(line int, values []string) {
	value := func(column string) string {
		if i, ok := r.columns[column]; ok {
			return values[i]
		}
		return ""
	}
	id := value("id")
	name := fmt.Sprintf("agent %q", id)
	switch {
	case id == "":
		r.fault(line, "", "has no id")
		return
	case len(id) > scoring.MaxID:
		r.fault(line, "", "has an id of %d bytes, want at most %d", len(id), scoring.MaxID)
		return
	case r.listed[id]:
		r.fault(line, name, "stands in agents of the configuration too, want it in one of the two")
		return
	}
	i, known := r.place[id]
	if !known {
		i = len(r.agents)
		r.place[id], r.agents = i, append(r.agents, scoring.RosterAgent{ID: id})
		r.g.marks[name] = mark{r.file, line}
	}
	a := &r.agents[i]
	r.once(line, name+": name", &a.Name, value("name"))
	r.once(line, name+": team", &a.Team, value("team"))
	alias := scoring.Alias{Interface: value("interface"), Member: value("member"), From: value("from"), To: value("to")}
	if alias != (scoring.Alias{}) {
		a.Aliases = append(a.Aliases, alias)
		r.g.marks[fmt.Sprintf("%s: alias %d", name, len(a.Aliases))] = mark{r.file, line}
	}
}

// once takes over what may stand in several lines of an agent, or in one.
func (r *rosterFile) once(line int, name string, have *string, value string) {
	switch {
	case value == "" || value == *have:
	case *have != "":
		r.fault(line, name, "%.80q, but %.80q in line %d, want one", value, *have, r.g.marks[name].line)
	default:
		*have = value
		r.g.marks[name] = mark{r.file, line}
	}
}
