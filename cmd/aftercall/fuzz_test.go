package main

import (
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMakeFuzzKnowsEveryTarget: a fuzz target that is not in the Makefile's
// list would never be run for long; one without a committed corpus would have
// nothing to begin with.
func TestMakeFuzzKnowsEveryTarget(t *testing.T) {
	files, _ := house(t)
	var there []string
	for _, s := range files {
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv != nil || !s.test() || !strings.HasPrefix(f.Name.Name, "Fuzz") {
				continue
			}
			there = append(there, s.folder()+":"+f.Name.Name)
			corpus := filepath.Join("..", "..", s.folder(), "testdata", "fuzz", f.Name.Name)
			if kept, err := os.ReadDir(corpus); err != nil || len(kept) == 0 {
				t.Errorf("%s has no corpus: %v", f.Name.Name, err)
			}
		}
	}
	makefile, err := os.ReadFile(filepath.Join("..", "..", "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	listed := regexp.MustCompile(`\S+:Fuzz\w+`).FindAllString(string(makefile), -1)
	slices.Sort(there)
	slices.Sort(listed)
	if d := cmp.Diff(there, listed); d != "" {
		t.Errorf("the fuzz targets that there are, and those of the Makefile (-there +listed):\n%s", d)
	}
}
