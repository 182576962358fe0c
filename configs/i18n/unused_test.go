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

// sources is every Go and HTML file of the repository, but tests and the
// catalogue itself.
func sources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && (e.Name() == "i18n" || e.Name() == "bin" || len(e.Name()) > 2 && e.Name()[0] == '.'):
			return filepath.SkipDir
		case strings.HasSuffix(path, "_test.go"), filepath.Ext(path) != ".go" && filepath.Ext(path) != ".html":
			return nil
		}
		b, err := os.ReadFile(path)
		all.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

func TestEveryKeyIsUsed(t *testing.T) {
	keys := slices.Sorted(maps.Keys(catalogues[Languages[0]]))
	if dead := unused(keys, sources(t)); len(dead) > 0 {
		t.Errorf("nothing uses %v: take them out", dead)
	}
}
