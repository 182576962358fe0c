package faults

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"aftercall/deploy/centre"
	"aftercall/scoring"
)

// The service reads the machine's clock where nothing can get in between, and
// the machine's clock must not be set. So the program under test is built with
// a package time in which the wall clock, and it alone, is off by as many
// seconds as a file says. The program itself knows nothing of it.
const (
	clockEnv = "FAULTS_CLOCK"
	nowReads = "func Now() Time {\n\tsec, nsec, mono := runtimeNow()\n"
	offset   = `package time

import (
	"syscall"
	"unsafe"
)

var offset = func() *int64 {
	name, set := syscall.Getenv("` + clockEnv + `")
	if !set {
		return new(int64)
	}
	fd, err := syscall.Open(name, syscall.O_RDONLY, 0)
	if err != nil {
		panic(name + ": " + err.Error())
	}
	b, err := syscall.Mmap(fd, 0, 8, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		panic(name + ": " + err.Error())
	}
	return (*int64)(unsafe.Pointer(&b[0]))
}()
`
)

// clocked is the folder of the programs whose clock can be set.
var clocked = sync.OnceValues(func() (string, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "", err
	}
	source := filepath.Join(strings.TrimSpace(string(root)), "src", "time")
	text, err := os.ReadFile(filepath.Join(source, "time.go"))
	if err != nil {
		return "", err
	}
	changed := strings.Replace(string(text), nowReads, nowReads+"\tsec += *offset\n", 1)
	if changed == string(text) {
		return "", fmt.Errorf("%s does not hold %q: the clock of the program under test cannot be set with this Go", source, nowReads)
	}
	folder := filepath.Join(programs, "clocked")
	overlay := map[string]map[string]string{"Replace": {
		filepath.Join(source, "time.go"):   filepath.Join(folder, "time.go"),
		filepath.Join(source, "offset.go"): filepath.Join(folder, "offset.go"),
	}}
	b, err := json.Marshal(overlay)
	err = errors.Join(err, os.Mkdir(folder, 0o755), os.WriteFile(filepath.Join(folder, "time.go"), []byte(changed), 0o644),
		os.WriteFile(filepath.Join(folder, "offset.go"), []byte(offset), 0o644), os.WriteFile(filepath.Join(folder, "overlay.json"), b, 0o644),
		os.Symlink(filepath.Join(programs, "caller"), filepath.Join(folder, "caller")))
	if err != nil {
		return "", err
	}
	out, err := exec.Command("go", "build", "-overlay", filepath.Join(folder, "overlay.json"), "-o", folder+"/", "aftercall/cmd/aftercall").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build with a clock that can be set: %w\n%s", err, out)
	}
	return folder, nil
})

// clock is the wall clock of a service under test.
type clock struct {
	*kit
	file string
	was  map[int64]bool // how many seconds it was off so far
}

// openClock is a centre whose clock can be set; it is off by this at first.
func openClock(t *testing.T, off time.Duration, o centre.Options, expected ...string) *clock {
	t.Helper()
	folder, err := clocked()
	if err != nil {
		t.Fatal(err)
	}
	c := &clock{file: filepath.Join(t.TempDir(), "clock"), was: map[int64]bool{}}
	c.service(t, off)
	o.Programs, o.Env = folder, append(o.Env, clockEnv+"="+c.file)
	c.kit = open(t, o, expected...)
	return c
}

// service sets the service's clock.
func (c *clock) service(t *testing.T, off time.Duration) {
	t.Helper()
	seconds := int64(off / time.Second)
	c.was[seconds] = true
	f, err := os.OpenFile(c.file, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt(binary.NativeEndian.AppendUint64(nil, uint64(seconds)), 0)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// set sets the clock of the machine, as the service and Asterisk read it, and
// returns when both do.
func (c *clock) set(t *testing.T, off time.Duration) {
	t.Helper()
	c.service(t, off)
	if err := c.Asterisk.SetClock(off); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := c.Asterisk.ClockShows(ctx, off); err != nil {
		t.Fatal(err)
	}
}

// The clock is set forward and back with at least twenty callers in their
// surveys, who do not notice unless the dialplan's own limit takes them; what
// is stored of them keeps its order.
func TestClockIsSet(t *testing.T) {
	t.Parallel()
	steps := []time.Duration{5 * time.Second, 0, -time.Hour, 0, 24 * time.Hour, 0}
	if *campaign {
		steps = append(steps, time.Second, 0, time.Hour, -time.Hour, 24*time.Hour, -24*time.Hour, 30*24*time.Hour, 0, -5*time.Second, 0)
	}
	c := openClock(t, 0, centre.Options{Clock: true})
	callers := c.traffic(t, len(steps)*35, 5)
	for _, off := range steps {
		c.inProgress(t, busy)
		c.moment(2 * time.Second)
		t.Logf("%s: the clock is off by %s", time.Now().Format("15:04:05.000"), off)
		c.set(t, off)
	}
	heard := callers.gone(t)
	// Set forward, Asterisk's clock is beyond the dialplan's limit at once: a
	// key may come when the caller is in the operator's hands.
	e := c.account(t, heard, func(e *Evidence) { e.Deaf, e.Set = true, true })
	c.ordered(t, e, longest)
	taken := 0
	for _, r := range e.Rows {
		if r.End.Reason == scoring.Overdue {
			taken++
		} else if h := c.heardOf(e, r); len(h.Visits[0].Presses) != len(r.Keys) {
			t.Errorf("call %s (%s): %d keys pressed, %d stored", r.ID, h.Persona, len(h.Visits[0].Presses), len(r.Keys))
		}
	}
	if taken == 0 {
		t.Error("the dialplan's limit took nobody, want some whom the clock carried beyond it")
	}
}

// heardOf gives the caller of a call.
func (c *clock) heardOf(e Evidence, r scoring.CallRow) centre.Heard {
	for _, h := range e.Heard {
		if e.IDs[h.Caller] == r.ID.UniqueID {
			return whole(h)
		}
	}
	return centre.Heard{}
}

// The clock is set while the service is down, with at least twenty callers in
// their surveys: they are found again, and taken up within their time.
func TestClockIsSetBetweenRuns(t *testing.T) {
	t.Parallel()
	steps := short([]time.Duration{time.Hour, 0}, []time.Duration{time.Hour, 0, 24 * time.Hour, 0, -5 * time.Second, 5 * time.Second, -time.Hour, 0})
	c := openClock(t, 0, centre.Options{}, reset, nobody)
	callers := c.traffic(t, len(steps)*45, 6)
	for _, off := range steps {
		c.inProgress(t, busy)
		c.moment(2 * time.Second)
		if err := c.KillService(); err != nil {
			t.Fatal(err)
		}
		c.service(t, off) // not Asterisk's: its own limit would take the callers
		if err := c.StartService(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	e := c.account(t, callers.gone(t), func(e *Evidence) { e.Deaf = true })
	c.ordered(t, e, longest+30*24*time.Hour) // nobody can tell how long the service was away
	resumed := 0
	for _, r := range e.Rows {
		if r.Resumed > 0 {
			resumed++
		}
	}
	if resumed < len(steps)*busy/4 {
		t.Errorf("%d surveys were taken up again, want a fair part of the %d and more that were in progress", resumed, len(steps)*busy)
	}
}

// ordered: whatever the clock said, what is stored of a call is in order, and
// no hang-up is told of a caller who did not hang up.
func (c *clock) ordered(t *testing.T, e Evidence, most time.Duration) {
	t.Helper()
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range e.Rows {
		began := r.Call.StartedAt
		last := began
		behind := func(what string, at time.Time) {
			if at.Before(last) || at.Sub(began) > most {
				t.Errorf("call %s: %s at %s, %s behind the start, want it behind %s and within %s", r.ID, what, at, at.Sub(began), last.Sub(began), most)
			}
			last = at
		}
		for _, k := range r.Keys {
			behind(fmt.Sprintf("key %d", k.Seq), k.At)
			if k.MS < 0 || k.MS > longest.Milliseconds() {
				t.Errorf("call %s: key %d came %d ms into the reading", r.ID, k.Seq, k.MS)
			}
		}
		a := r.Questions[0].Answer
		if a.PressMS < 0 || a.PressMS > 60_000 {
			t.Errorf("call %s: pressed %d ms into the reading", r.ID, a.PressMS)
		}
		last = began
		behind("answer", a.At)
		last = began
		behind("end", r.End.At)
		if want := scoring.Day(began, shanghai); r.Call.Day != want {
			t.Errorf("call %s: day %s, began on %s", r.ID, r.Call.Day, want)
		}
		if h := c.heardOf(e, r); a.Outcome == scoring.HungUp && h.EndedBy != "caller" {
			t.Errorf("call %s (%s): a hang-up is stored, the call was ended by %q", r.ID, h.Persona, h.EndedBy)
		}
	}
}
