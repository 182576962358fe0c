package faults

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// syncer is a process that brings files to the disk, one after the other, and
// says each time whether that went well.
type syncer struct {
	t     *testing.T
	pid   int
	asks  io.Writer
	tells *bufio.Scanner
}

func newSyncer(t *testing.T) *syncer {
	t.Helper()
	cmd := exec.Command("sh", "-c", `while read f; do if sync -d "$f" 2>&-; then echo well; else echo failed; fi; done`)
	asks, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	tells, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(asks.Close(), cmd.Wait()); err != nil {
			t.Error(err)
		}
	})
	return &syncer{t, cmd.Process.Pid, asks, bufio.NewScanner(tells)}
}

// syncs gives what became of a file, and how long it took.
func (s *syncer) syncs(file string) (says string, took time.Duration) {
	s.t.Helper()
	began := time.Now()
	if _, err := fmt.Fprintln(s.asks, file); err != nil || !s.tells.Scan() {
		s.t.Fatalf("the process says nothing of %q: %v", file, errors.Join(err, s.tells.Err()))
	}
	return s.tells.Text(), time.Since(began)
}

// TestInject: what was asked for fails or is slow, in the files that were
// named and no others, and not any more when it is let go.
func TestInject(t *testing.T) {
	dir := t.TempDir()
	one, other := filepath.Join(dir, "one"), filepath.Join(dir, "other")
	for _, name := range []string{one, other} {
		if err := os.WriteFile(name, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := newSyncer(t)
	wants := func(when, file, want string) (took time.Duration) {
		t.Helper()
		says, took := s.syncs(file)
		if says != want {
			t.Errorf("%s: %s says %q, want %q", when, filepath.Base(file), says, want)
		}
		return took
	}
	inject := func(rules ...string) (detach func() error) {
		t.Helper()
		detach, err := Inject(t.Context(), s.pid, rules...)
		if err != nil {
			t.Fatal(err)
		}
		return detach
	}
	wants("before", one, "well")
	detach := inject("path="+one, "fdatasync:error=EIO")
	wants("EIO", one, "failed")
	wants("EIO in another file", other, "well")
	if err := detach(); err != nil {
		t.Error(err)
	}
	wants("let go", one, "well")
	detach = inject("fdatasync,fsync:delay_enter=300000")
	if took := wants("slow", one, "well"); took < 300*time.Millisecond {
		t.Errorf("it took %s, want 300 ms or more", took)
	}
	if err := detach(); err != nil {
		t.Error(err)
	}
	detach = inject("path="+other, "fdatasync:error=EIO")
	wants("nothing hit", one, "well")
	if err := detach(); !errors.Is(err, ErrNothingHit) {
		t.Errorf("error %v, want %v", err, ErrNothingHit)
	}
}

func TestInjectRefused(t *testing.T) {
	s := newSyncer(t)
	for _, c := range []struct {
		pid        int
		rule, says string
	}{
		{s.pid, "path=/x", "want one that names a system call"}, {s.pid, "nonsense:error=EIO", "nonsense"}, {1 << 30, "fsync:error=EIO", "No such process"},
	} {
		if _, err := Inject(t.Context(), c.pid, c.rule); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("process %d, rule %q: error %v, want one that says %q", c.pid, c.rule, err, c.says)
		}
	}
}
