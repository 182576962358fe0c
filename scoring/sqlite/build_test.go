package sqlite

import (
	"debug/elf"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

// built gives what this program was built with: -race, CGO_CFLAGS.
func built(t *testing.T, key string) string {
	t.Helper()
	info, ok := debug.ReadBuildInfo()
	if !ok {
		t.Fatal("the program does not say how it was built")
	}
	for _, s := range info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}

// TestSyncsDataAlone: built as the Makefile builds, SQLite syncs what is in its
// files, and else their times as well.
func TestSyncsDataAlone(t *testing.T) {
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	calls, err := program.ImportedSymbols()
	if err != nil {
		t.Fatal(err)
	}
	imports := func(name string) bool {
		return slices.ContainsFunc(calls, func(s elf.ImportedSymbol) bool { return s.Name == name })
	}
	flags := built(t, "CGO_CFLAGS")
	if want := strings.Contains(flags, "-DHAVE_FDATASYNC"); imports("fdatasync") != want || imports("fsync") == want {
		t.Errorf("built with CGO_CFLAGS=%q, SQLite has fdatasync: %v, fsync: %v, want one of them, and the first: %v", flags, imports("fdatasync"), imports("fsync"), want)
	}
}
