package sqlite

import (
	"debug/elf"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

// TestSyncsDataAlone: as the Makefile builds, SQLite syncs by fdatasync; built
// without it, by either.
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
	flags := os.Getenv("CGO_CFLAGS")
	made := os.Getenv("MAKELEVEL") != "" || strings.Contains(flags, "-DHAVE_FDATASYNC")
	one, other := imports("fdatasync"), imports("fsync")
	if made && (!one || other) || !one && !other {
		t.Errorf("built with CGO_CFLAGS=%q, SQLite has fdatasync: %v, fsync: %v, want one of them, and by make the first alone", flags, one, other)
	}
}

// raced tells whether this program was built with the race detector.
func raced() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}
