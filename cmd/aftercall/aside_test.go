package main

import (
	"bufio"
	"flag"
	"os"
	"os/exec"
	"regexp"
	"syscall"
	"testing"
)

// What make chaos gives.
var givenProgram = flag.String("program", "", "the program that is started beside a test; empty = the test's own")

const partVariable = "AFTERCALL_TEST_PART"

// playPart has the test's own program, started again, be the service.
func playPart() {
	if os.Getenv(partVariable) != "" {
		os.Exit(exit(run(signals(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr), os.Stderr))
	}
}

// process is a service in a process of its own.
type process struct {
	*running
	pid int
}

var servingAt = regexp.MustCompile(`msg=serving .*http=(\S+)`)

// serviceAside serves a site in a process of its own until the test ends, and
// waits until it serves.
func serviceAside(t *testing.T, path string) process {
	t.Helper()
	program := *givenProgram
	if program == "" {
		program = os.Args[0]
	}
	cmd := exec.Command(program, "--config", path, "serve")
	cmd.Env = append(os.Environ(), partVariable+"=serve")
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	at, read := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(read)
		for lines := bufio.NewScanner(log); lines.Scan(); {
			if m := servingAt.FindStringSubmatch(lines.Text()); m != nil {
				at <- m[1]
			}
		}
		close(at)
	}()
	t.Cleanup(func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		<-read
		_ = cmd.Wait() // ended by the signal
	})
	return process{running: &running{t: t, base: "http://" + <-at}, pid: cmd.Process.Pid}
}
