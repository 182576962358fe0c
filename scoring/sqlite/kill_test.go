package sqlite

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"aftercall/scoring"
	"aftercall/scoring/storetest"
)

// victim names, in the environment of a process that is going to be killed,
// the database it writes to.
const victim = "STORE_OF_THE_VICTIM"

func TestMain(m *testing.M) {
	if path := os.Getenv(victim); path != "" {
		runtime.LockOSThread() // system calls are counted by thread
		switch deed := os.Getenv(deed); deed {
		case "":
			writeUntilKilled(path)
		default:
			doOnce(path, deed)
		}
	}
	goleak.VerifyTestMain(m)
}

// deed says, in the same way, what a victim does once, and source from what.
const (
	deed   = "DEED_OF_THE_VICTIM"
	source = "SOURCE_OF_THE_VICTIM"
)

// doOnce does something that may be killed, and ends the process.
func doOnce(path, deed string) {
	ctx, o := context.Background(), Options{Zone: os.Getenv("ZONE_OF_THE_VICTIM")}
	var err error
	switch deed {
	case "open":
		var s *Store
		if s, err = Open(ctx, path, o); err == nil {
			err = s.Close()
		}
	case "restore":
		_, err = Restore(ctx, path, os.Getenv(source), o, false, nil)
	case "backup":
		_, err = Backup(ctx, path, os.Getenv(source), true)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// suffering has a process of its own do a deed while a system call suffers from
// a rule of strace's, and gives how it ended and what it said.
func suffering(t *testing.T, call, rule, path, what, from, zone string) (status syscall.WaitStatus, said string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace="+call, "-e", "inject="+call+":"+rule, self)
	cmd.Env = append(os.Environ(), victim+"="+path, deed+"="+what, source+"="+from, "ZONE_OF_THE_VICTIM="+zone)
	text, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.Sys().(syscall.WaitStatus), string(text)
}

// killedAt has a process of its own do a deed and kills it, with SIGKILL, when
// it enters a system call for the nth time. done tells that it came to its end.
func killedAt(t *testing.T, call string, n int, path, what, from, zone string) (done bool) {
	t.Helper()
	status, said := suffering(t, call, fmt.Sprintf("signal=KILL:when=%d", n), path, what, from, zone)
	killed := status.Signaled() && status.Signal() == syscall.SIGKILL
	if said != "" || !killed && status.ExitStatus() != 0 {
		t.Fatalf("%s, killed at %s %d: status %v, %s", what, call, n, status, said)
	}
	return !killed
}

// writeUntilKilled writes surveys from several goroutines and prints the id of
// each record when the store has confirmed it.
func writeUntilKilled(path string) {
	s, err := Open(context.Background(), path, Options{Zone: "UTC"})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var all sync.WaitGroup
	var out sync.Mutex
	for w := range 8 {
		all.Go(func() {
			for n := w; ; n += 8 {
				for part, r := range storetest.Survey(n) {
					if _, err := s.Write(context.Background(), r); err != nil {
						fmt.Fprintln(os.Stderr, err)
						os.Exit(1)
					}
					out.Lock()
					fmt.Println(r.ID, part)
					out.Unlock()
				}
			}
		})
	}
	all.Wait()
}

func TestKilledWhileWriting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	acknowledged := map[string]int{} // call to how many of its records
	for _, lines := range []int{1, 300, 2000} {
		for id, parts := range runVictim(t, path, lines) {
			acknowledged[id] = max(acknowledged[id], parts)
		}
		s := open(t, path, Options{})
		rows, err := s.Calls(t.Context(), scoring.Query{Limit: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		held := map[string]int{}
		for _, row := range rows {
			if id := row.ID.String(); held[id] != 0 {
				t.Errorf("call %s is there twice", id)
			}
			held[row.ID.String()] = 1
			if row.Questions[0].Answer != nil && len(row.Keys) == 1 {
				held[row.ID.String()]++
			}
			if row.End != nil {
				held[row.ID.String()]++
			}
		}
		for id, parts := range acknowledged {
			if held[id] < parts {
				t.Errorf("call %s: %d records in the store, %d were confirmed", id, held[id], parts)
			}
		}
		storetest.Check(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(acknowledged) < 100 {
		t.Errorf("%d calls confirmed, want 100 or more for this to mean something", len(acknowledged))
	}
}

// runVictim kills a writing process with SIGKILL after so many confirmations,
// and gives what it had confirmed up to its death.
func runVictim(t *testing.T, path string, lines int) map[string]int {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), victim+"="+path)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	confirmed := map[string]int{}
	scanner := bufio.NewScanner(out)
	for n := 1; scanner.Scan(); n++ {
		var id string
		var part int
		if got, _ := fmt.Sscan(scanner.Text(), &id, &part); got == 2 { // the last line may be cut off
			confirmed[id] = part + 1
		}
		if n == lines {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || complaints.Len() > 0 {
		t.Fatalf("the victim ended with %v and said %q, want it killed in silence", err, complaints.String())
	}
	return confirmed
}
