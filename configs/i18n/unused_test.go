package i18n

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// unused names the keys that a program's text never asks for: neither whole
// ("status.ok") nor as an area with a name that stands elsewhere
// ("column." + "key").
func unused(keys []string, text string) []string {
	return slices.DeleteFunc(keys, func(key string) bool {
		area, name, _ := strings.Cut(key, ".")
		has := func(s string) bool { return strings.Contains(text, `"`+s+`"`) }
		return has(key) || has(area+".") && has(name)
	})
}

func TestUnusedKeysAreFound(t *testing.T) {
	const text = `p.T("a.whole"); for _, c := range []string{"part"} { p.T("b." + c) }`
	got := unused([]string{"a.whole", "a.part", "b.part", "b.whole", "b.none"}, text)
	if want := []string{"a.part", "b.whole", "b.none"}; !slices.Equal(got, want) {
		t.Errorf("unused %v, want %v", got, want)
	}
}

// sources is every Go and HTML file that can ask for a text, without tests and
// field tags: the programs, reports and dashboards ask, and the lists of outcomes, reasons,
// lint's rules, remarks and flaws stand in scoring, ivr/layout, scoring/compare and scoring/sqlite.
func sources(t *testing.T) string {
	t.Helper()
	root := os.DirFS(filepath.Join("..", ".."))
	var files []string
	for _, pattern := range []string{"scoring/*.go", "scoring/sqlite/examine.go", "scoring/compare/*.go", "scoring/report/*", "ivr/layout/*.go", "deploy/grafana/*.go"} {
		found, err := fs.Glob(root, pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	err := fs.WalkDir(root, "cmd", func(path string, _ fs.DirEntry, err error) error {
		files = append(files, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, file := range files {
		if ext := filepath.Ext(file); strings.HasSuffix(file, "_test.go") || ext != ".go" && ext != ".html" {
			continue
		}
		b, err := fs.ReadFile(root, file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	return strings.ReplaceAll(all.String(), `:"`, "") // json:"since"
}

func TestEveryKeyIsUsed(t *testing.T) {
	keys := slices.Sorted(maps.Keys(catalogues[Languages[0]]))
	if dead := unused(keys, sources(t)); len(dead) > 0 {
		t.Errorf("nothing uses %v: take them out", dead)
	}
}
