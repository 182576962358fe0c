package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Machine says in a few lines when and on what a run was made.
func Machine(ctx context.Context, s *Suite) (string, error) {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return "", err
	}
	version, err := exec.CommandContext(ctx, s.Program, "version").Output()
	if err != nil {
		return "", fmt.Errorf("%s version: %w, want a built aftercall", s.Program, err)
	}
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s\n%d processors (%s), Linux %s, %s\n%s", time.Now().UTC().Format("2006-01-02 15:04 UTC"),
		runtime.NumCPU(), field(string(info), "model name"), unix.ByteSliceToString(u.Release[:]), runtime.Version(), version), nil
}

// field is the first value of a name in a file of /proc; "unknown" if it has
// none.
func field(text, name string) string {
	for line := range strings.Lines(text) {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == name {
			return strings.TrimSpace(v)
		}
	}
	return "unknown"
}
