package i18n

import (
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// Table lays out rows for a terminal, where a Chinese character is as wide as
// two Latin ones.
type Table struct{ w table.Writer }

// NewTable begins a table with its heads.
func NewTable(heads ...string) Table {
	w := table.NewWriter()
	style := table.StyleDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	style.Format.Header = 0 // as it is written
	w.SetStyle(style)
	w.SuppressTrailingSpaces()
	w.AppendHeader(row(heads))
	return Table{w}
}

// Row adds a row.
func (t Table) Row(cells ...string) { t.w.AppendRow(row(cells)) }

// Print writes the table.
func (t Table) Print(out io.Writer) error {
	_, err := fmt.Fprintln(out, t.w.Render())
	return err
}

func row(cells []string) table.Row {
	r := make(table.Row, len(cells))
	for i, c := range cells {
		r[i] = c
	}
	return r
}

// Fit gives a text that takes at most so many columns of a terminal, … for
// what is left out. Columns are counted as Table counts them: by character, also
// where a terminal draws several as one.
func Fit(s string, columns int) string {
	if text.StringWidthWithoutEscSequences(s) <= columns {
		return s
	}
	return text.Snip(s, columns, "…")
}
