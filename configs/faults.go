package configs

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"aftercall/ivr/layout"
)

// Faults is everything that is wrong with a configuration, in the order in
// which it stands in the files. The path of a fault begins with file and
// line; what came from the environment is last and names its variable.
type Faults []layout.Fault

// Error gives one fault per line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, x := range f {
		lines[i] = x.Error()
	}
	return strings.Join(lines, "\n")
}

// mark is a place in the files. Line 0 is the file as a whole.
type mark struct{ file, line int }

// fromEnvironment sorts behind every file.
var fromEnvironment = mark{file: math.MaxInt}

// ledger collects faults and knows where things stand. Things are named as
// people name them: site.time_zone, layout "gap": option 2.
type ledger struct {
	files     []string          // by number, as they are shown
	marks     map[string]mark   // name -> where it stands
	variables map[string]string // name -> the variable its value came from
	undecoded []string          // names that have no usable value: further faults of theirs mean nothing
	read      secrets           // which of them are
	partial   bool              // a layout file is missing or no YAML: what refers to it cannot be judged
	found     []entry
	more      int // faults that are not kept: there are maxFaults
}

// maxFaults is the most faults that are named. A file in which every line is
// wrong would fill the log and the memory of a service that reloads it.
const maxFaults = 1000

type entry struct {
	at    mark
	fault layout.Fault
}

// at adds a fault at a place.
func (g *ledger) at(m mark, name, format string, a ...any) {
	if len(g.found) >= maxFaults {
		g.more++
		return
	}
	where := g.files[m.file]
	if m.line > 0 {
		where = fmt.Sprintf("%s:%d", where, m.line)
	}
	if name != "" {
		where += ": " + name
	}
	g.found = append(g.found, entry{m, layout.Fault{Path: where, Text: fmt.Sprintf(format, a...)}})
}

// add adds a fault of a thing, unless it only follows from a value that could
// not be decoded.
func (g *ledger) add(name, format string, a ...any) {
	text := fmt.Sprintf(format, a...)
	whole := name + ": " + text
	for _, u := range g.undecoded {
		if rest, ok := strings.CutPrefix(whole, u); ok && strings.IndexAny(rest, ":. ") == 0 {
			return
		}
	}
	if v, ok := g.variables[name]; ok {
		f := layout.Fault{Path: v + " (environment)", Text: text}
		g.found = append(g.found, entry{fromEnvironment, f})
		return
	}
	g.at(g.find(name), name, "%s", text)
}

// undecodable adds a fault of a value that cannot be used at all.
func (g *ledger) undecodable(name, format string, a ...any) {
	g.add(name, format, a...)
	g.undecoded = append(g.undecoded, name)
}

// find gives the place of a thing, or of what it would stand in.
func (g *ledger) find(name string) mark {
	for name != "" {
		if m, ok := g.marks[name]; ok {
			return m
		}
		name = name[:max(strings.LastIndex(name, ": "), strings.LastIndex(name, "."), 0)]
	}
	return mark{}
}

// count is how many faults there are so far.
func (g *ledger) count() int { return len(g.found) + g.more }

// err gives every fault, in order; nil if there is none. Of more than
// maxFaults it gives the first that were found, and how many more there are.
func (g *ledger) err() error {
	if len(g.found) == 0 {
		return nil
	}
	slices.SortStableFunc(g.found, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.at.file, b.at.file), cmp.Compare(a.at.line, b.at.line))
	})
	all := make(Faults, len(g.found))
	for i, e := range g.found {
		all[i] = e.fault
	}
	if g.more > 0 {
		all = append(all, layout.Fault{Path: "and", Text: fmt.Sprintf("%d faults more, want these mended first", g.more)})
	}
	return all
}
