// Package systemd holds the unit of the service and its notes; its tests put
// the unit before systemd's own judges.
package systemd

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aftercall/configs"
	"aftercall/ivr/asterisk"
)

const (
	unit    = "aftercall.service"
	program = "/usr/local/bin/aftercall"
	// exposed is the most of "systemd-analyze security", in tenths of its 0
	// (safe) to 10 that the unit may have. What is left is what the service
	// needs: the network, unix sockets, /proc/stat.
	exposed = "12"
)

func read(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(unit)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// verify gives what systemd says of a unit, with a program in the place of
// ours, which need not be installed.
func verify(t *testing.T, text string) string {
	t.Helper()
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), unit)
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(text, program, own)), 0o644); err != nil {
		t.Fatal(err)
	}
	// Unknown settings are said and yet no failure: whatever is said counts.
	out, err := exec.CommandContext(t.Context(), "systemd-analyze", "verify", "--man=no", "--recursive-errors=no", file).CombinedOutput()
	if err != nil {
		return string(out) + err.Error()
	}
	return string(out)
}

func TestSystemdTakesTheUnit(t *testing.T) {
	text := read(t)
	if !strings.Contains(text, "ExecStart="+program+" ") {
		t.Fatalf("%s does not start %s", unit, program)
	}
	if said := verify(t, text); said != "" {
		t.Errorf("systemd says of the unit:\n%s", said)
	}
	if said := verify(t, text+"\n[Service]\nLockPersonalty=yes\n"); !strings.Contains(said, "LockPersonalty") {
		t.Errorf("systemd says of a misspelt setting: %q", said)
	}
}

func TestTheUnitIsHardened(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "systemd-analyze", "security", "--offline=yes", "--no-pager", "--threshold="+exposed, unit).CombinedOutput()
	if err != nil {
		t.Errorf("%v, want an exposure of at most %s tenths:\n%s", err, exposed, out)
	}
}

// setting gives the value of a setting that stands once.
func setting(t *testing.T, name string) string {
	t.Helper()
	_, value, found := strings.Cut(read(t), "\n"+name+"=")
	value, _, _ = strings.Cut(value, "\n")
	if !found {
		t.Fatalf("%s does not say %s", unit, name)
	}
	return value
}

// The unit gives the service the time that it takes to stop, and the folders
// that the shipped configuration names.
func TestTheUnitFitsTheService(t *testing.T) {
	t.Setenv("AFTERCALL_ARI_PASSWORD", "x")
	c, err := configs.Load("../../configs/aftercall.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const others = 10 * time.Second // beside the callers: the spill file, pages, the store
	stop, err := time.ParseDuration(setting(t, "TimeoutStopSec"))
	if least := c.Survey.Drain + asterisk.StopLimit + others; err != nil || stop < least {
		t.Errorf("TimeoutStopSec=%s, %v, want at least %s", stop, err, least)
	}
	for _, path := range []string{c.Store.Path, c.Store.Spill, c.Prompts.Folder} {
		if folder := "/var/lib/" + setting(t, "StateDirectory"); filepath.Dir(path) != folder {
			t.Errorf("%s does not lie in %s", path, folder)
		}
	}
	if mode := setting(t, "StateDirectoryMode"); mode != "0755" {
		t.Errorf("StateDirectoryMode=%s, want Asterisk to reach the prompts", mode)
	}
}
