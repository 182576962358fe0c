package spill

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	strace "aftercall/deploy/faults"
	"aftercall/scoring"
	"aftercall/scoring/sqlite"
	"aftercall/scoring/storetest"
)

// victim names, in the environment of a process whose system calls fail, the
// folder of its store and its spill file.
const victim = "FOLDER_OF_THE_VICTIM"

const (
	victimLimit = 500 * time.Millisecond // of its recorder
	victimEvery = 100 * time.Millisecond // between its replays
)

// serveVictim records as the service does: it reads numbers of surveys, writes the
// records of each, and says how many were confirmed, and how many of them by
// way of the spill file. Behind the end of its input it replays and ends.
func serveVictim(dir string) {
	fatal := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	s, err := sqlite.Open(context.Background(), filepath.Join(dir, "store.db"), sqlite.Options{Zone: "UTC"})
	fatal(err)
	r, err := Open(filepath.Join(dir, "spill.jsonl"), s.Write, victimLimit, nil)
	fatal(err)
	_, err = r.Replay(context.Background())
	fatal(err)
	fmt.Println("ready")
	ctx, cancel := context.WithCancel(context.Background())
	var replaying sync.WaitGroup
	replaying.Go(func() { fatal(r.Run(ctx, victimEvery)) })
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var n, confirmed, spilled int
		_, err := fmt.Sscan(lines.Text(), &n)
		fatal(err)
		for _, rec := range storetest.Survey(n) {
			receipt, err := r.Write(context.Background(), rec)
			if err != nil {
				break
			}
			if confirmed++; receipt.Spilled {
				spilled++
			}
		}
		fmt.Println(n, confirmed, spilled)
	}
	cancel()
	replaying.Wait()
	_, err = r.Replay(context.Background())
	fatal(errors.Join(err, r.Close(), s.Close()))
	os.Exit(0)
}

// sufferer is such a process.
type sufferer struct {
	t         *testing.T
	cmd       *exec.Cmd
	dir       string
	asks      io.WriteCloser
	tells     *bufio.Scanner
	said      strings.Builder
	confirmed map[int]int // records of each survey
	spilled   int         // of all records
}

func newSufferer(t *testing.T, dir string) *sufferer {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	v := &sufferer{t: t, dir: dir, cmd: exec.Command(self), confirmed: map[int]int{}}
	v.cmd.Env = append(os.Environ(), victim+"="+dir)
	v.cmd.Stderr = &v.said
	v.asks, err = v.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := v.cmd.StdoutPipe()
	if err == nil {
		err = v.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.cmd.Process.Kill() }) // it is gone, unless the test failed
	if v.tells = bufio.NewScanner(out); !v.tells.Scan() {
		t.Fatalf("the process does not start: %v, %s", v.cmd.Wait(), v.said.String())
	}
	return v
}

// write has it record surveys from one number to before another.
func (v *sufferer) write(from, to int) (all int) {
	v.t.Helper()
	for n := from; n < to; n++ {
		if _, err := fmt.Fprintln(v.asks, n); err != nil || !v.tells.Scan() {
			v.t.Fatalf("the process says nothing of survey %d: %v, %s", n, err, v.said.String())
		}
		var is, confirmed, spilled int
		if _, err := fmt.Sscan(v.tells.Text(), &is, &confirmed, &spilled); err != nil || is != n {
			v.t.Fatalf("the process says %q of survey %d", v.tells.Text(), n)
		}
		v.confirmed[n] = confirmed
		v.spilled += spilled
		all += confirmed
	}
	return all
}

// inject has its system calls suffer. files are those of its folder that do.
func (v *sufferer) inject(rules []string, files ...string) (detach func()) {
	v.t.Helper()
	for _, f := range files {
		rules = append(rules, "path="+filepath.Join(v.dir, f))
	}
	let, err := strace.Inject(v.t.Context(), v.cmd.Process.Pid, rules...)
	if err != nil {
		v.t.Fatal(err)
	}
	return func() {
		v.t.Helper()
		if err := let(); err != nil {
			v.t.Error(err)
		}
	}
}

// end lets it come to its end.
func (v *sufferer) end() {
	v.t.Helper()
	if err := errors.Join(v.asks.Close(), v.cmd.Wait()); err != nil {
		v.t.Errorf("the process ended with %v, %s", err, v.said.String())
	}
}

// check wants every confirmed record in the store, once, none in the spill
// file, and roll-ups and totals as the rows say.
func (v *sufferer) check() {
	v.t.Helper()
	s := openStore(v.t, filepath.Join(v.dir, "store.db"))
	rows, err := s.Calls(v.t.Context(), scoring.Query{Limit: 1 << 20})
	if err != nil {
		v.t.Fatal(err)
	}
	have := map[scoring.CallID]int{}
	for _, row := range rows {
		have[row.ID]++
		if row.Questions[0].Answer != nil && len(row.Keys) == 1 {
			have[row.ID]++
		}
		if row.End != nil {
			have[row.ID]++
		}
	}
	for n, confirmed := range v.confirmed {
		if got := have[storetest.Whole(n).ID]; got < confirmed || got > 3 {
			v.t.Errorf("survey %d: %d records in the store, %d were confirmed", n, got, confirmed)
		}
	}
	storetest.Check(v.t, s)
	if waiting, err := Waiting(filepath.Join(v.dir, "spill.jsonl")); err != nil || waiting != 0 {
		v.t.Errorf("%d records wait in the spill file, error %v, want none", waiting, err)
	}
	if aside, err := os.ReadFile(filepath.Join(v.dir, "spill.jsonl.rejected")); err == nil {
		v.t.Errorf("put aside: %s", aside)
	}
}

// TestSystemCallsFail lets those of the store's file and of the spill file fail, be
// slow, or both, in a real process. What was confirmed is in the store in the
// end, once; when it is over, everything goes on by itself.
func TestSystemCallsFail(t *testing.T) {
	store := []string{"store.db", "store.db-wal"}
	both := append([]string{"spill.jsonl"}, store...)
	for name, c := range map[string]struct {
		rules   []string
		files   []string
		spills  bool // confirmed by way of the spill file
		nothing bool // nothing is confirmed meanwhile
	}{
		"no commit gets to the disk":        {[]string{"fdatasync,fsync:error=EIO"}, store, true, false},
		"every second commit does not":      {[]string{"fdatasync,fsync:error=EIO:when=1+2"}, store, true, false},
		"no space for the store":            {[]string{"pwrite64:error=ENOSPC"}, store, true, false},
		"writes of the store fail":          {[]string{"pwrite64:error=EIO"}, store, true, false},
		"the store's disk is slow":          {[]string{"fdatasync,fsync:delay_enter=300000"}, store, false, false},
		"slower than callers wait":          {[]string{"fdatasync,fsync:delay_exit=800000"}, store, true, false},
		"neither takes anything":            {[]string{"fdatasync,fsync:error=EIO"}, both, false, true},
		"no space for either":               {[]string{"pwrite64:error=ENOSPC"}, both, false, true},
		"every second sync of either fails": {[]string{"fdatasync,fsync:error=EIO:when=1+2"}, both, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			v := newSufferer(t, t.TempDir())
			if got := v.write(0, 3); got != 9 || v.spilled != 0 {
				t.Fatalf("%d records confirmed, %d spilled before anything fails, want 9 and 0", got, v.spilled)
			}
			let := v.inject(c.rules, c.files...)
			got := v.write(3, 8)
			let()
			if (v.spilled > 0) != c.spills || c.nothing != (got == 0) {
				t.Errorf("%d of 15 records confirmed, %d spilled; want spilled: %v, nothing: %v", got, v.spilled, c.spills, c.nothing)
			}
			before := v.spilled
			v.write(8, 60) // some may still go behind others of the spill file, or be impatient
			if last := v.spilled; v.write(60, 63) != 9 || v.spilled != last {
				t.Errorf("%d records spilled at last, %d before, want the store to take them again", v.spilled-last, last-before)
			}
			v.end()
			newSufferer(t, v.dir).end() // what neither confirmed may be in the file all the same
			v.check()
		})
	}
}

// TestKilledWhileSystemCallsFail: neither a commit nor the spill file is sure
// to work, and then the process is killed, again and again.
func TestKilledWhileSystemCallsFail(t *testing.T) {
	dir := t.TempDir()
	confirmed, total := map[int]int{}, 0
	for round := range 6 {
		v := newSufferer(t, dir)
		let, err := strace.Inject(t.Context(), v.cmd.Process.Pid, "fdatasync,fsync:error=EIO:when=2+3", "pwrite64:error=ENOSPC:when=7+9",
			"path="+filepath.Join(dir, "store.db-wal"), "path="+filepath.Join(dir, "spill.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		total += v.write(20*round, 20*round+20)
		for n, c := range v.confirmed {
			confirmed[n] = c
		}
		if err := v.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = v.cmd.Wait() // it was killed
		if err := let(); err != nil {
			t.Error(err)
		}
	}
	v := newSufferer(t, dir)
	v.confirmed = confirmed
	v.end()
	v.check()
	if total < 60 {
		t.Errorf("%d records confirmed, want 60 or more for this to mean something", total)
	}
}
