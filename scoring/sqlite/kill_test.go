package sqlite

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
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
		writeUntilKilled(path)
	}
	goleak.VerifyTestMain(m)
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
