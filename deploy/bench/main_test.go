package bench

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"aftercall/deploy/centre"
	"aftercall/deploy/lab"
)

// programs is the folder of the programs that are measured.
var programs string

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := buildAndRun(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func buildAndRun(m *testing.M) (code int, err error) {
	release, err := lab.Alone(filepath.Join("..", ".."))
	if err != nil {
		return 1, err
	}
	defer release() //nolint:errcheck // the program ends
	if programs, err = os.MkdirTemp("", "aftercall-programs-"); err != nil {
		return 1, err
	}
	defer os.RemoveAll(programs)
	if err := centre.Build(programs); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// brief is a suite in short form with folders of the test's own.
func brief(t *testing.T) *Suite {
	t.Helper()
	top, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return &Suite{Top: top, Program: filepath.Join(programs, "aftercall"), Folder: t.TempDir(), Rounds: 1, Short: true, Out: io.Discard, Log: t.Output()}
}

// row is a line of a printed table.
type row struct {
	title, name    string
	median, lowest float64
	n              int
}

// played runs a part in short form and gives all that it printed. Nothing that
// is measured is 0 or less.
func played(t *testing.T, p Part, rounds int) (rows []row) {
	t.Helper()
	s, out := brief(t), &strings.Builder{}
	s.Rounds, s.Out = rounds, out
	if err := p.Run(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	title := ""
	for lines := bufio.NewScanner(strings.NewReader(out.String())); lines.Scan(); {
		line, inside := strings.CutPrefix(lines.Text(), "  ")
		if !inside {
			title = lines.Text()
			continue
		}
		fields := strings.FieldsFunc(strings.ReplaceAll(line, "  ", "\t"), func(c rune) bool { return c == '\t' })
		if fields[0] == "figure" {
			continue
		}
		median, err1 := strconv.ParseFloat(strings.TrimSpace(fields[1]), 64)
		lowest, err2 := strconv.ParseFloat(strings.TrimSpace(fields[2]), 64)
		n, err3 := strconv.Atoi(strings.TrimSpace(fields[4]))
		if err1 != nil || err2 != nil || err3 != nil || lowest <= 0 || median < lowest {
			t.Errorf("%q: %v, %v, %v, want figures above 0", line, err1, err2, err3)
		}
		rows = append(rows, row{title, strings.TrimSpace(fields[0]), median, lowest, n})
	}
	if t.Failed() {
		t.Logf("%s", out)
	}
	return rows
}
