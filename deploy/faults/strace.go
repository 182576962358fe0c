package faults

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrNothingHit: while rules were in force no system call was made that they
// are about, so nothing was tried.
var ErrNothingHit = errors.New("no system call was hit")

// detachLimit bounds how long strace may take to let go of a process; of one
// that was killed meanwhile it may never.
const detachLimit = 3 * time.Second

// Inject has system calls of a running process, of all its threads and of
// what they start, fail or be slow, by means of strace. A rule is what strace
// takes behind inject=, for instance
//
//	fdatasync:error=EIO:when=3+
//	pwrite64:error=ENOSPC
//	fdatasync,fsync:delay_enter=300000     (microseconds)
//	renameat:signal=KILL
//
// or "path=FILE": then only calls on the files that are so named suffer. The
// count of when= is each thread's own. When Inject returns, the rules are in
// force, until detach is called or ctx ends. The error of detach wraps
// [ErrNothingHit] if nothing came of the rules. A process can be held by one
// injection at a time.
func Inject(ctx context.Context, pid int, rules ...string) (detach func() error, err error) {
	args := []string{"-f", "-p", strconv.Itoa(pid)}
	var calls []string
	for _, rule := range rules {
		if file, ok := strings.CutPrefix(rule, "path="); ok {
			args = append(args, "-P", file)
			continue
		}
		names, _, _ := strings.Cut(rule, ":")
		calls = append(calls, names)
		args = append(args, "-e", "inject="+rule)
	}
	if len(calls) == 0 {
		return nil, fmt.Errorf("inject into process %d: rules %q, want one that names a system call", pid, rules)
	}
	args = slices.Insert(args, 0, "-e", "trace="+strings.Join(calls, ","), "-e", "signal=none")
	cmd := exec.CommandContext(ctx, "strace", args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) } // it lets go, and does not kill what it holds
	cmd.WaitDelay = detachLimit
	said, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("inject into process %d: %w (apt-get install strace)", pid, err)
	}
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if strings.Contains(lines.Text(), " attached") {
			return follow(cmd, lines, pid), nil
		}
		err = errors.Join(err, errors.New(lines.Text()))
	}
	return nil, fmt.Errorf("inject into process %d: %w", pid, errors.Join(err, cmd.Wait()))
}

// follow counts what strace says it did, until it is told to let go.
func follow(cmd *exec.Cmd, lines *bufio.Scanner, pid int) (detach func() error) {
	ended := make(chan int, 1) // system calls that were hit
	go func() {
		hit := 0
		for lines.Scan() {
			if text := lines.Text(); strings.HasSuffix(text, "INJECTED)") || strings.HasSuffix(text, "DELAYED)") || strings.HasSuffix(text, "(INJECTED: signal)") {
				hit++
			}
		}
		ended <- hit
	}()
	return func() error {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			return fmt.Errorf("let go of process %d: %w", pid, err)
		}
		late := time.AfterFunc(detachLimit, func() { _ = cmd.Process.Kill() }) // the kernel lets go for it
		defer late.Stop()
		hit := <-ended // strace, which alone writes there, is gone
		if err := cmd.Wait(); err != nil && cmd.ProcessState == nil {
			return fmt.Errorf("let go of process %d: %w", pid, err)
		}
		if hit == 0 {
			return fmt.Errorf("process %d: %w", pid, ErrNothingHit)
		}
		return nil
	}
}
