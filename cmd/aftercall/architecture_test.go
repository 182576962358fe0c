package main

import (
	"bufio"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	module           = "aftercall"
	maxFunctionLines = 60
	maxFileLines     = 300
)

// source is one Go file of the module.
type source struct {
	path string // from the top, with slashes
	fset *token.FileSet
	file *ast.File
}

func (s source) folder() string { return path.Dir(s.path) }
func (s source) test() bool     { return strings.HasSuffix(s.path, "_test.go") }

func (s source) line(p token.Pos) int { return s.fset.Position(p).Line }

// imports maps what is imported to the name it goes by here, "" if none is given.
func (s source) imports() map[string]string {
	m := map[string]string{}
	for _, i := range s.file.Imports {
		name := ""
		if i.Name != nil {
			name = i.Name.Name
		}
		m[strings.Trim(i.Path.Value, `"`)] = name
	}
	return m
}

func parse(name string, text any) (source, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, text, 0)
	return source{filepath.ToSlash(name), fset, file}, err
}

// friends says whom of ours a package may import besides itself, in code that
// is no test; by package, or by half for packages that are not listed.
var friends = map[string][]string{
	"ivr":               {"ivr/layout", "scoring"},
	"ivr/layout":        {},
	"ivr/prompt":        {"ivr/layout"},
	"ivr/asterisk":      {"ivr/layout", "ivr/survey", "scoring", "scoring/metrics"},
	"scoring":           {"ivr/layout", "scoring"},
	"scoring/report":    {"ivr/layout", "scoring", "scoring/compare", "configs/i18n"},
	"configs":           {"ivr/layout", "scoring"},
	"configs/i18n":      {},
	"deploy":            {},
	"deploy/bench":      {"configs", "deploy/centre", "deploy/lab", "deploy/standin", "ivr/layout", "ivr/prompt", "scoring", "scoring/sqlite"},
	"deploy/centre":     {"deploy/lab", "ivr/layout", "scoring", "scoring/sqlite"},
	"deploy/faults":     {"deploy/centre", "scoring"},
	"deploy/grafana":    {"configs/i18n"},
	"deploy/prometheus": {"deploy/lab"},
	"deploy/standin":    {},
}

// ours judges the imports between packages of the module.
func ours(s source) []string {
	half, _, _ := strings.Cut(s.folder(), "/")
	if half == "cmd" {
		return nil
	}
	may, listed := friends[s.folder()]
	if !listed {
		may = friends[half]
	}
	var bad []string
	for i := range s.imports() {
		to, is := strings.CutPrefix(i, module+"/")
		if !is || slices.Contains(may, to) || to == s.folder() {
			continue
		}
		back := half == "scoring" && strings.HasPrefix(to, "ivr/") // not even in tests
		if !s.test() || back {
			bad = append(bad, fmt.Sprintf("%s imports %s, may import %v", s.path, to, may))
		}
	}
	return bad
}

// owners are the only packages that know an outside library.
var owners = map[string]string{
	"github.com/spf13/viper":           "configs",
	"github.com/CyCoreSystems/ari":     "ivr/asterisk",
	"github.com/mattn/go-sqlite3":      "scoring/sqlite",
	"github.com/go-viper/mapstructure": "configs",
}

func outside(s source) []string {
	var bad []string
	for i := range s.imports() {
		for library, owner := range owners {
			if strings.HasPrefix(i+"/", library+"/") && s.folder() != owner && !s.test() {
				bad = append(bad, fmt.Sprintf("%s imports %s, which only %s may", s.path, i, owner))
			}
		}
	}
	return bad
}

// What the state machine of a survey must not reach for: whoever calls it
// tells it the time and does what it says.
var (
	impure = []string{
		"sync", "math/rand", "crypto/rand", "log", "database/sql", "os", "net", "syscall",
		"github.com/CyCoreSystems/ari", "github.com/prometheus",
	}
	clocks = []string{"Now", "Since", "Until", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick", "Sleep", "Timer", "Ticker"}
)

func pure(s source) []string {
	if s.folder() != "ivr/survey" || s.test() {
		return nil
	}
	var bad []string
	clock := "time"
	for i, name := range s.imports() {
		for _, x := range impure {
			if strings.HasPrefix(i+"/", x+"/") {
				bad = append(bad, fmt.Sprintf("%s imports %s, which is not for a state machine", s.path, i))
			}
		}
		if i == "time" && name != "" {
			clock = name
		}
		if name == "." {
			bad = append(bad, fmt.Sprintf("%s imports %s as a part of itself", s.path, i))
		}
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			bad = append(bad, fmt.Sprintf("%s:%d starts a goroutine", s.path, s.line(n.Pos())))
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && x.Name == clock && slices.Contains(clocks, n.Sel.Name) {
				bad = append(bad, fmt.Sprintf("%s:%d uses time.%s", s.path, s.line(n.Pos()), n.Sel.Name))
			}
		}
		return true
	})
	return bad
}

func short(s source) []string {
	if s.test() {
		return nil
	}
	var bad []string
	if n := s.fset.File(s.file.FileStart).LineCount(); n > maxFileLines {
		bad = append(bad, fmt.Sprintf("%s has %d lines, want at most %d", s.path, n, maxFileLines))
	}
	for _, d := range s.file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if n := s.line(f.End()) - s.line(f.Pos()) + 1; n > maxFunctionLines {
			bad = append(bad, fmt.Sprintf("%s: %s has %d lines, want at most %d", s.path, f.Name.Name, n, maxFunctionLines))
		}
	}
	return bad
}

var (
	tops     = []string{"cmd", "ivr", "scoring", "configs", "deploy", ".ci"}
	vagueAll = []string{"pkg", "internal", "util", "common", "helpers", "types", "mocks"}
)

// placed judges a folder by its path from the top. Packages stand on two
// levels; what a package embeds may stand one below it, test data anywhere.
func placed(folder string, hasGo bool) []string {
	parts := strings.Split(folder, "/")
	if slices.Contains(parts, "testdata") {
		return nil
	}
	deepest := 3
	if hasGo {
		deepest = 2
	}
	if folder == "cmd/aftercall/web" || strings.HasPrefix(folder, "cmd/aftercall/web/") {
		deepest++
	}
	var bad []string
	if !slices.Contains(tops, parts[0]) {
		bad = append(bad, fmt.Sprintf("folder %s: %q is not one of %v", folder, parts[0], tops))
	}
	if len(parts) > deepest {
		bad = append(bad, fmt.Sprintf("folder %s: %d levels, want at most %d", folder, len(parts), deepest))
	}
	for _, p := range parts {
		if slices.Contains(vagueAll, p) {
			bad = append(bad, fmt.Sprintf("folder %s: %q says nothing about its job", folder, p))
		}
	}
	return bad
}

// ignored lists the folders at the top that git does not keep.
func ignored(t *testing.T, top string) []string {
	t.Helper()
	f, err := os.Open(filepath.Join(top, ".gitignore"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	names := []string{".git"}
	for sc := bufio.NewScanner(f); sc.Scan(); {
		if l := sc.Text(); strings.HasPrefix(l, "/") {
			names = append(names, strings.Trim(l, "/"))
		}
	}
	return names
}

// house walks the module: its Go files, and of each folder whether it holds any.
func house(t *testing.T) (files []source, folders map[string]bool) {
	t.Helper()
	top := filepath.Join("..", "..")
	skip := ignored(t, top)
	folders = map[string]bool{}
	err := fs.WalkDir(os.DirFS(top), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case slices.Contains(skip, name):
			if d.IsDir() {
				return fs.SkipDir
			}
		case d.IsDir() && name != ".":
			if _, ok := folders[name]; !ok {
				folders[name] = false
			}
		case !d.IsDir() && strings.HasSuffix(name, ".go"):
			folders[path.Dir(name)] = true
			text, err := fs.ReadFile(os.DirFS(top), name)
			if err != nil {
				return err
			}
			s, err := parse(name, text)
			if err != nil {
				return err
			}
			files = append(files, s)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files, folders
}

var rules = map[string]func(source) []string{"ours": ours, "outside": outside, "pure": pure, "short": short}

func TestTheHouseKeepsItsRules(t *testing.T) {
	files, folders := house(t)
	if len(files) < 10 || !folders["ivr/layout"] {
		t.Fatalf("found %d files in %d folders, want the whole module", len(files), len(folders))
	}
	for _, s := range files {
		for _, rule := range rules {
			for _, bad := range rule(s) {
				t.Error(bad)
			}
		}
	}
	for folder, hasGo := range folders {
		for _, bad := range placed(folder, hasGo) {
			t.Error(bad)
		}
	}
}

func TestRulesFindWhatTheyForbid(t *testing.T) {
	long := "package p\nfunc f() {" + strings.Repeat("\n", maxFunctionLines) + "}\n"
	fits := "package p\nfunc f() {" + strings.Repeat("\n", maxFunctionLines-1) + "}\n"
	full := "package p\n" + strings.Repeat("// a line\n", maxFileLines-1)
	imports := func(path string) string { return fmt.Sprintf("package p\nimport _ %q\n", path) }
	tests := []struct {
		rule, path, text string
		bad              int
	}{
		{"ours", "ivr/layout/a.go", imports("aftercall/scoring"), 1},
		{"ours", "ivr/survey/a.go", imports("aftercall/scoring"), 0},
		{"ours", "ivr/survey/a.go", imports("aftercall/ivr/layout"), 0},
		{"ours", "ivr/survey/a.go", imports("aftercall/ivr/asterisk"), 1},
		{"ours", "ivr/asterisk/a.go", imports("aftercall/scoring/sqlite"), 1},
		{"ours", "ivr/asterisk/a.go", imports("aftercall/ivr/survey"), 0},
		{"ours", "scoring/a.go", imports("aftercall/ivr/survey"), 1},
		{"ours", "scoring/sqlite/a_test.go", imports("aftercall/ivr/survey"), 1},
		{"ours", "scoring/compare/a.go", imports("aftercall/ivr/layout"), 0},
		{"ours", "scoring/metrics/a.go", imports("aftercall/scoring/sqlite"), 1},
		{"ours", "scoring/metrics/a_test.go", imports("aftercall/scoring/sqlite"), 0},
		{"ours", "scoring/report/a.go", imports("aftercall/scoring/compare"), 0},
		{"ours", "scoring/compare/a.go", imports("aftercall/scoring/report"), 1},
		{"ours", "configs/a.go", imports("aftercall/scoring"), 0},
		{"ours", "configs/a.go", imports("aftercall/scoring/sqlite"), 1},
		{"ours", "scoring/a.go", imports("aftercall/configs"), 1},
		{"ours", "configs/i18n/a_test.go", imports("aftercall/scoring"), 0},
		{"ours", "deploy/lab/a.go", imports("aftercall/configs"), 1},
		{"ours", "cmd/aftercall/a.go", imports("aftercall/scoring/sqlite"), 0},
		{"outside", "cmd/aftercall/a.go", imports("github.com/spf13/viper"), 1},
		{"outside", "configs/a.go", imports("github.com/spf13/viper"), 0},
		{"outside", "cmd/aftercall/a.go", imports("github.com/CyCoreSystems/ari/v5/client/native"), 1},
		{"outside", "ivr/asterisk/a.go", imports("github.com/CyCoreSystems/ari/v5"), 0},
		{"outside", "scoring/metrics/a.go", imports("github.com/mattn/go-sqlite3"), 1},
		{"outside", "scoring/sqlite/a.go", imports("github.com/mattn/go-sqlite3"), 0},
		{"pure", "ivr/survey/a.go", imports("math/rand/v2"), 1},
		{"pure", "ivr/survey/a.go", imports("log/slog"), 1},
		{"pure", "ivr/survey/a.go", imports("net/http"), 1},
		{"pure", "ivr/survey/a.go", imports("strings"), 0},
		{"pure", "ivr/survey/a.go", "package p\nimport . \"strings\"\n", 1},
		{"pure", "ivr/survey/a.go", "package p\nimport \"time\"\nvar x = time.Now()\n", 1},
		{"pure", "ivr/survey/a.go", "package p\nimport c \"time\"\nvar x = c.NewTimer(c.Second)\n", 1},
		{"pure", "ivr/survey/a.go", "package p\nimport \"time\"\nvar x = time.Second\n", 0},
		{"pure", "ivr/survey/a.go", "package p\nfunc f() { go f() }\n", 1},
		{"pure", "ivr/asterisk/a.go", "package p\nfunc f() { go f() }\n", 0},
		{"short", "ivr/layout/a.go", long, 1},
		{"short", "ivr/layout/a.go", fits, 0},
		{"short", "ivr/layout/a_test.go", long, 0},
		{"short", "ivr/layout/a.go", full, 0},
		{"short", "ivr/layout/a.go", full + "// one more\n", 1},
	}
	for _, tt := range tests {
		s, err := parse(tt.path, tt.text)
		if err != nil {
			t.Fatal(err)
		}
		if bad := rules[tt.rule](s); len(bad) != tt.bad {
			t.Errorf("%s(%s, %.60q) = %q, want %d faults", tt.rule, tt.path, tt.text, bad, tt.bad)
		}
	}
}

func TestPlacedFindsWhatItForbids(t *testing.T) {
	tests := []struct {
		folder string
		hasGo  bool
		bad    int
	}{
		{"ivr/layout", true, 0},
		{"web", true, 1},
		{"ivr/layout/menu", true, 1},
		{"scoring/sqlite/migrations", false, 0},
		{"scoring/sqlite/migrations/old", false, 1},
		{"cmd/aftercall/web", true, 0},
		{"cmd/aftercall/web/static", false, 0},
		{"cmd/aftercall/web/api", true, 1},
		{"cmd/aftercall/api", true, 1},
		{"configs/testdata/bad/deep/er", false, 0},
		{"scoring/internal", true, 1},
	}
	for _, tt := range tests {
		if bad := placed(tt.folder, tt.hasGo); len(bad) != tt.bad {
			t.Errorf("placed(%s, %v) = %q, want %d faults", tt.folder, tt.hasGo, bad, tt.bad)
		}
	}
}
