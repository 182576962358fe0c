package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"aftercall/configs/i18n"
	"aftercall/ivr/layout"
	"aftercall/scoring/compare"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s differs (-want +got):\n%s", name, d)
	}
}

func textOf(t *testing.T, c compare.Comparison, language string, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Text(&b, c, i18n.For(language), o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestText: every state in both languages.
func TestText(t *testing.T) {
	all := states()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for _, language := range i18n.Languages {
			golden(t, name+"."+language+".golden", textOf(t, all[name], language, Options{}))
		}
	}
	for name, c := range all {
		if name != "few" && name != "nine" && string(c.Verdict.State) != name {
			t.Errorf("the case %s has the state %s", name, c.Verdict.State)
		}
	}
}

func TestTextByQueue(t *testing.T) {
	s := screen()
	for i := range s.Days {
		if i%2 == 0 {
			s.Days[i].Queue, s.Days[i].Epoch = "sales", 2
		}
	}
	other := s.Epochs[0]
	other.ID, other.Queue = 2, "sales"
	s.Epochs = append(s.Epochs, other)
	golden(t, "by-queue.golden", textOf(t, compare.Compare(s.Input), "en", Options{ByQueue: true}))
}

// TestColours: what is decided is coloured, and nothing else.
func TestColours(t *testing.T) {
	all := states()
	for name, c := range all {
		coloured := textOf(t, c, "en", Options{Colour: true})
		called := slices.ContainsFunc(c.Pairs, func(p compare.Pair) bool { return p.Answered.Called || p.Dissatisfied.Called })
		if got := strings.Contains(coloured, "\x1b["); got != called {
			t.Errorf("%s: coloured %v, decided %v", name, got, called)
		}
		if bare := strings.NewReplacer("\x1b[31m", "", "\x1b[32m", "", "\x1b[33m", "", "\x1b[0m", "").Replace(coloured); bare != textOf(t, c, "en", Options{}) {
			t.Errorf("%s: colours change more than colours", name)
		}
	}
}

// codes reads the remarks' names out of the list that defines them.
func codes(t *testing.T, file string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "compare", file), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	ast.Inspect(f, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok {
			if id, ok := v.Type.(*ast.Ident); ok && id.Name == "Code" {
				all = append(all, strings.Trim(v.Values[0].(*ast.BasicLit).Value, `"`))
			}
		}
		return true
	})
	return all
}

// TestEverythingHasWords: remarks, differences and states.
func TestEverythingHasWords(t *testing.T) {
	var keys []string
	for _, c := range codes(t, "remark.go") {
		keys = append(keys, "compare."+c)
	}
	for _, c := range codes(t, "agents_remark.go") {
		keys = append(keys, compare.AgentWords+c)
	}
	if len(keys) < 30 {
		t.Fatalf("only %d codes found", len(keys))
	}
	for _, tier := range compare.Tiers {
		keys = append(keys, "tier."+string(tier))
	}
	for _, d := range layout.Differences {
		keys = append(keys, "differ."+string(d))
	}
	for _, s := range []compare.State{compare.Nothing, compare.NotRandomised, compare.SplitBroken, compare.Collecting, compare.Worse, compare.Alike, compare.KeepRunning, compare.Undecided, compare.CannotCompare} {
		keys = append(keys, "state."+string(s))
	}
	for _, l := range i18n.Languages {
		for _, k := range keys {
			if i18n.For(l).T(k) == k {
				t.Errorf("no words in %s for %s", l, k)
			}
		}
	}
}

// faulty finds what no report may hold.
var faulty = regexp.MustCompile(`%!.*|NaN|[+-]Inf|\b(compare|report|state|differ)\.[a-z_]+`)

// TestNothingIsLeftUnsaid: no text of any case has a fault of formatting, a
// key instead of words, or a number that is none.
func TestNothingIsLeftUnsaid(t *testing.T) {
	for name, c := range states() {
		for _, l := range i18n.Languages {
			text := textOf(t, c, l, Options{ByQueue: true})
			var page bytes.Buffer
			if err := HTML(&page, c, i18n.For(l), Options{ByQueue: true}); err != nil {
				t.Fatal(err)
			}
			for what, s := range map[string]string{"text": text, "page": page.String()} {
				if bad := faulty.FindString(s); bad != "" {
					t.Errorf("%s, %s in %s: %q", name, what, l, bad)
				}
			}
		}
	}
}

func TestCSV(t *testing.T) {
	var b bytes.Buffer
	if err := CSV(&b, states()["worse"], Options{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "worse.csv", b.String())
}

// TestCSVHoldsNoFormulas: a name from outside is a text in a spreadsheet.
func TestCSVHoldsNoFormulas(t *testing.T) {
	c := states()["worse"]
	for i, name := range []string{"=1+2", "@now", "-3"} {
		c.Arms[i].Name = name
	}
	c.Queues[0].Queue = "+cmd"
	var b bytes.Buffer
	if err := CSV(&b, c, Options{}); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, r := range rows {
		for _, cell := range r[:3] {
			seen[cell] = true
			if cell != "" && strings.Contains("=+-@", cell[:1]) {
				t.Errorf("a cell begins as a formula does: %q", cell)
			}
		}
	}
	for _, want := range []string{"'=1+2", "'@now", "'-3", "'+cmd"} {
		if !seen[want] {
			t.Errorf("no cell %q", want)
		}
	}
}

// TestCSVOfWhatIsNotRandom has no differences.
func TestCSVOfWhatIsNotRandom(t *testing.T) {
	for _, name := range []string{"not_randomised", "split_broken"} {
		var b bytes.Buffer
		if err := CSV(&b, states()[name], Options{}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "difference") || !strings.Contains(b.String(), "habit,,answered,0.6899") {
			t.Errorf("%s:\n%s", name, b.String())
		}
	}
}

// TestJSON: whole, and null where there is no value.
func TestJSON(t *testing.T) {
	for name, c := range states() {
		var b bytes.Buffer
		if err := JSON(&b, c, Options{}); err != nil {
			t.Fatal(name, err)
		}
		var back struct {
			Offered int64
			Arms    []struct{ Satisfied struct{ Value *float64 } }
			Verdict struct{ State compare.State }
		}
		if err := json.Unmarshal(b.Bytes(), &back); err != nil {
			t.Fatal(name, err)
		}
		if back.Offered != c.Offered || back.Verdict.State != c.Verdict.State || len(back.Arms) != len(c.Arms) {
			t.Errorf("%s came back as %+v", name, back)
		}
		for i, a := range c.Arms {
			if (back.Arms[i].Satisfied.Value != nil) != a.Satisfied.Known() {
				t.Errorf("%s, %s: satisfied in JSON is %v, known %v", name, a.Name, back.Arms[i].Satisfied.Value, a.Satisfied.Known())
			}
		}
	}
}
