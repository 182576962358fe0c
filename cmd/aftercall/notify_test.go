package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"aftercall/cmd/aftercall/web"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// manager is the socket on which systemd would listen.
type manager struct {
	t    *testing.T
	conn *net.UnixConn
}

// managed makes this process one that systemd started.
func managed(t *testing.T) manager {
	t.Helper()
	name := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	t.Setenv("NOTIFY_SOCKET", name)
	t.Setenv("WATCHDOG_USEC", "")
	t.Setenv("WATCHDOG_PID", "")
	return manager{t, conn}
}

// hears gives the next message; "" if none comes in time.
func (m manager) hears(within time.Duration) string {
	m.t.Helper()
	if err := m.conn.SetReadDeadline(time.Now().Add(within)); err != nil {
		m.t.Fatal(err)
	}
	b := make([]byte, 4096)
	n, err := m.conn.Read(b)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return ""
	case err != nil:
		m.t.Fatal(err)
	}
	return string(b[:n])
}

// soon is longer than a message ever takes.
const soon = 10 * time.Second

func TestSystemdIsTold(t *testing.T) {
	m := managed(t)
	n := notifier{slog.New(slog.DiscardHandler)}
	for _, c := range []struct {
		name, want string
		tell       func()
	}{
		{"ready", "READY=1\nSTATUS=0 surveys in progress", func() { n.ready("0 surveys in progress") }},
		{"refused", "READY=1\nSTATUS=not reloaded: a fault; another", func() { n.ready("not reloaded:\n a fault;\n\tanother\n") }},
		{"no text", "READY=1\nSTATUS=ab", func() { n.ready("a\xffb") }},
		{"cut within a letter", "READY=1\nSTATUS=" + strings.Repeat("x", maxStatus-1), func() { n.ready(strings.Repeat("x", maxStatus-1) + "é") }},
		{"stopping", "STOPPING=1\nEXTEND_TIMEOUT_USEC=55000000\nSTATUS=stopping: nobody new is asked", func() { n.stopping(55 * time.Second) }},
	} {
		c.tell()
		if d := cmp.Diff(c.want, m.hears(soon)); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

// systemd 253 and newer take a message of an earlier reload for none.
func TestReloadSaysWhenItBegan(t *testing.T) {
	m := managed(t)
	monotonic := func() int64 {
		var now unix.Timespec
		if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
			t.Fatal(err)
		}
		return now.Nano() / 1000
	}
	before := monotonic()
	notifier{slog.New(slog.DiscardHandler)}.reload()
	got := m.hears(soon)
	fields := regexp.MustCompile(`^RELOADING=1\nMONOTONIC_USEC=(\d+)$`).FindStringSubmatch(got)
	if fields == nil {
		t.Fatalf("systemd hears %q", got)
	}
	if at, err := strconv.ParseInt(fields[1], 10, 64); err != nil || at < before || at > monotonic() {
		t.Errorf("reload began at %s us, %v, want a time after %d", fields[1], err, before)
	}
}

// While something takes long, systemd hears that it goes on, from the start on
// and until it is over.
func TestSystemdWaitsForWhatTakesLong(t *testing.T) {
	m := managed(t)
	n := notifier{slog.New(slog.DiscardHandler)}
	fault := errors.New("a fault")
	err := n.during(time.Millisecond, "opening the store", func() error {
		for range 3 {
			if d := cmp.Diff("EXTEND_TIMEOUT_USEC=60002000\nSTATUS=opening the store", m.hears(soon)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		}
		return fault
	})
	if !errors.Is(err, fault) {
		t.Errorf("error %v, want that of what was done", err)
	}
	n.ready("well")
	for got := m.hears(soon); got != "READY=1\nSTATUS=well"; got = m.hears(soon) {
		if !strings.HasPrefix(got, "EXTEND_TIMEOUT_USEC=") {
			t.Fatalf("systemd hears %q", got)
		}
	}
	if got := m.hears(20 * time.Millisecond); got != "" {
		t.Errorf("behind the end systemd hears %q", got)
	}
}

// watching runs watch until the test ends.
func watching(t *testing.T, ask func() string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		notifier{slog.New(slog.DiscardHandler)}.watch(ctx, ask)
	}()
	t.Cleanup(func() { cancel(); <-done })
}

// A part that hangs leaves the watchdog hungry; one that answers feeds it.
func TestTheWatchdogIsFedByAnswersAlone(t *testing.T) {
	m := managed(t)
	const interval = 200 * time.Millisecond
	t.Setenv("WATCHDOG_USEC", strconv.FormatInt(interval.Microseconds(), 10))
	t.Setenv("WATCHDOG_PID", strconv.Itoa(os.Getpid()))
	answers := make(chan string)
	watching(t, func() string { return <-answers })
	t.Cleanup(func() { close(answers) })
	for _, answer := range []string{"all is well", "asterisk node1: gone"} {
		if got := m.hears(interval); got != "" {
			t.Fatalf("the watchdog was fed without an answer: %q", got)
		}
		answers <- answer
		if d := cmp.Diff("WATCHDOG=1\nSTATUS="+answer, m.hears(soon)); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	}
}

func TestTheWatchdogIsFedTwiceInItsInterval(t *testing.T) {
	m := managed(t)
	const interval = time.Second
	t.Setenv("WATCHDOG_USEC", strconv.FormatInt(interval.Microseconds(), 10))
	asked := 0
	watching(t, func() string { asked++; return strconv.Itoa(asked) })
	var first time.Time
	for i := range 3 {
		if got, want := m.hears(soon), "WATCHDOG=1\nSTATUS="+strconv.Itoa(i+1); got != want {
			t.Fatalf("systemd hears %q, want %q", got, want)
		}
		if i == 0 {
			first = time.Now()
		}
	}
	if d := time.Since(first); d < interval*9/10 || d > interval*19/10 {
		t.Errorf("three answers within %s, want one each %s", d, interval/2)
	}
}

func TestStatusWithoutAWatchdog(t *testing.T) {
	for name, set := range map[string][2]string{"none": {"", ""}, "of another process": {"1000000", "1"}, "garbled": {"soon", ""}} {
		t.Run(name, func(t *testing.T) {
			m := managed(t)
			t.Setenv("WATCHDOG_USEC", set[0])
			t.Setenv("WATCHDOG_PID", set[1])
			watching(t, func() string { return "well" })
			if got := m.hears(soon); got != "STATUS=well" {
				t.Errorf("systemd hears %q, want the status alone", got)
			}
		})
	}
}

func TestWithoutSystemdNothingIsDone(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	n := notifier{slog.New(slog.NewTextHandler(t.Output(), nil))}
	n.ready("")
	n.reload()
	n.stopping(time.Second)
	n.watch(t.Context(), func() string { return "" }) // returns though ctx goes on
}

// A systemd that cannot be reached is logged, and the service goes on.
func TestASocketThatIsGone(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "none"))
	var log strings.Builder
	notifier{slog.New(slog.NewTextHandler(&log, nil))}.ready("well")
	if !strings.Contains(log.String(), "systemd is not told how the service stands") {
		t.Errorf("log = %q", log.String())
	}
}

func TestStanding(t *testing.T) {
	parts := []web.Part{{Name: "store", OK: true}, {Name: "asterisk", Instance: "node1", OK: true, Active: 2}, {Name: "asterisk", Instance: "node2", Error: "connection refused", Active: 1}, {Name: "spill", Error: "records wait"}}
	if got, want := standing(parts), "3 surveys in progress; asterisk node2: connection refused; spill: records wait"; got != want {
		t.Errorf("standing = %q, want %q", got, want)
	}
}
