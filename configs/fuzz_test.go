package configs

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"aftercall/scoring"

	"github.com/google/go-cmp/cmp"
)

func FuzzLoad(f *testing.F) {
	const mainText = "layout_files: [layouts.yaml]\n"
	for _, pattern := range []string{"testdata/*.yaml", "testdata/bad/*.yaml", "*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b, []byte{})
			f.Add([]byte(mainText), b)
		}
	}
	f.Setenv("TEST_PASSWORD", password)
	f.Fuzz(func(t *testing.T, mainText, layouts []byte) {
		folder := t.TempDir()
		file := filepath.Join(folder, "main.yaml")
		for name, text := range map[string][]byte{"main.yaml": mainText, "layouts.yaml": layouts} {
			if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		c, err := Load(file)
		if err == nil {
			if bad := c.Catalogue.Faults(); len(bad) > 0 {
				t.Errorf("accepted with faults: %v", bad)
			}
			if _, bad := scoring.NewRoster(c.Agents); len(bad) > 0 {
				t.Errorf("accepted a roster with faults: %v", bad)
			}
			return
		}
		var all Faults
		if !errors.As(err, &all) || len(all) == 0 || c != nil {
			t.Fatalf("Load = %v, %#v, want faults alone", c, err)
		}
		for _, x := range all {
			if x.Path == "" || x.Text == "" {
				t.Errorf("fault %#v, want where and what", x)
			}
		}
		_, again := Load(file)
		if d := cmp.Diff(err.Error(), again.Error()); d != "" {
			t.Errorf("the second load says something else:\n%s", d)
		}
	})
}
