package report

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"aftercall/scoring"
	"aftercall/scoring/compare"
)

// characters is an output that takes texts of whole characters alone.
type characters struct{ t *testing.T }

func (c characters) Write(b []byte) (int, error) {
	if !utf8.Valid(b) {
		c.t.Errorf("a write of %d bytes begins or ends inside of a character", len(b))
	}
	return len(b), nil
}

// TestCSVBreaksNoCharacter: what is longer than a buffer comes in whole
// characters, of which a screen would else make �.
func TestCSVBreaksNoCharacter(t *testing.T) {
	a, c := usual(), states()["worse"]
	for i := range 400 {
		id := fmt.Sprint("agent", i)
		a.Roster = append(a.Roster, scoring.RosterAgent{ID: id, Name: strings.Repeat("王", 1+i%7)})
		a.AgentMarks.Agents = append(a.AgentMarks.Agents, compare.AgentMark{Agent: id})
		c.Queues = append(c.Queues, compare.QueueFigures{Queue: strings.Repeat("芳", 1+i%7), Arms: c.Arms})
	}
	for name, write := range map[string]func(io.Writer) error{
		"agents":     func(w io.Writer) error { return AgentsCSV(w, a, "zh-CN") },
		"comparison": func(w io.Writer) error { return CSV(w, c, Options{}) },
	} {
		t.Run(name, func(t *testing.T) {
			if err := write(characters{t}); err != nil {
				t.Fatal(err)
			}
		})
	}
}
