package lab

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// helperFor makes this test program the one whose death is watched.
const helperFor = "AFTERCALL_LAB_HELPER_ROOT"

func TestMain(m *testing.M) {
	if root := os.Getenv(helperFor); root != "" {
		helper(root)
		return
	}
	goleak.VerifyTestMain(m)
}

// helper starts a run, tells where it is, and waits to be killed.
func helper(root string) {
	a, err := Start(context.Background(), options(root))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(a.folder.host, a.ARIURL)
	<-a.Done()
}

func options(root string) Options {
	return Options{
		Root: root,
		Numbers: []Number{
			{Number: "7001", Queue: "support"}, {Number: "7002", Queue: "sales", Visits: 2}, {Number: "7003", Queue: "night"},
		},
		Agents: []Agent{
			{Number: "1001", Name: "Alice 1001", Queues: []string{"support", "sales"}},
			{Number: "1002", Name: "Wu, Bo", Queues: []string{"night"}},
		},
		PhonePort: 9,
	}
}

func findRoot(t *testing.T) string {
	t.Helper()
	root, err := FindRoot()
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// start starts a run that ends with the test, and shows its log on failure.
func start(t *testing.T, o Options) *Asterisk {
	t.Helper()
	a, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(a.logTail())
		}
		if err := a.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return a
}

func TestStart(t *testing.T) {
	a := start(t, options(findRoot(t)))
	for command, want := range map[string]string{
		"core show version":            "Asterisk " + a.Version,
		"queue show night":             "Wu, Bo (PJSIP/1002)",
		"core show settings":           "Entity ID:",
		"queue show sales":             "Alice 1001 (PJSIP/1001)",
		"dialplan show 7002@lab":       "[extensions.conf:",
		"core show application Stasis": "[Synopsis]",
	} {
		got, err := a.CLI(t.Context(), command)
		if err != nil {
			t.Error(err)
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want it to hold %q", command, got, want)
		}
	}
	if log := a.logTail(); strings.Contains(log, "ERROR[") {
		t.Errorf("errors in the log of a start:\n%s", log)
	}
	select {
	case <-a.Done():
		t.Error("Done before Stop")
	default:
	}
	if err := a.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	<-a.Done()
	if _, err := os.Stat(a.folder.host); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("run folder after Stop: %v, want none", err)
	}
	if err := a.Signal(syscall.SIGCONT); !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("signal after Stop: %v, want %v", err, os.ErrProcessDone)
	}
}

func TestTwoAtOnce(t *testing.T) {
	root := findRoot(t)
	a, b := start(t, options(root)), start(t, options(root))
	if a.SIPAddr == b.SIPAddr || a.ARIURL == b.ARIURL || a.ARIPassword == b.ARIPassword || a.SoundsFolder == b.SoundsFolder {
		t.Errorf("shared between runs:\n%+v\n%+v", a, b)
	}
	if a.ports.rtpFirst <= b.ports.rtpEnd && b.ports.rtpFirst <= a.ports.rtpEnd {
		t.Errorf("RTP ranges overlap: %+v and %+v", a.ports, b.ports)
	}
	for _, x := range []*Asterisk{a, b} {
		if _, err := x.CLI(t.Context(), "core show uptime"); err != nil {
			t.Error(err)
		}
	}
}

// A frozen Asterisk answers nobody, thaws, and cannot hold up Stop.
func TestFrozen(t *testing.T) {
	a, err := Start(t.Context(), options(findRoot(t)))
	if err != nil {
		t.Fatal(err)
	}
	ask := func(limit time.Duration) error {
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		defer cancel()
		_, err := a.CLI(ctx, "core show uptime")
		return err
	}
	for _, step := range []struct {
		signal os.Signal
		limit  time.Duration
		frozen bool
	}{{syscall.SIGSTOP, 300 * time.Millisecond, true}, {syscall.SIGCONT, 5 * time.Second, false}, {syscall.SIGSTOP, 300 * time.Millisecond, true}} {
		if err := a.Signal(step.signal); err != nil {
			t.Error(err)
		}
		if err := ask(step.limit); (err != nil) != step.frozen {
			t.Errorf("command after %s: %v, want frozen %t", step.signal, err, step.frozen)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := a.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Stop of a frozen Asterisk: %v, want killed", err)
	}
	<-a.Done()
}

// When the program is killed, Asterisk dies too, and the next Start removes
// what was left.
func TestDiesWithProgram(t *testing.T) {
	root := findRoot(t)
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), helperFor+"="+root)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	folder, ari, ok := strings.Cut(strings.TrimSpace(line), " ")
	if err != nil || !ok {
		t.Fatalf("helper said %q: %v, want its folder and its ARI", line, err)
	}
	u, err := url.Parse(ari)
	if err != nil {
		t.Fatal(err)
	}
	// The connection is Asterisk's: it ends when Asterisk does.
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("connection to the Asterisk of a killed program: %v, want it closed", err)
	}
	_ = cmd.Wait() // killed, as it should be
	if _, err := os.Stat(filepath.Join(folder, lockName)); err != nil {
		t.Errorf("what a killed program leaves: %v", err)
	}
	living := start(t, options(root))
	start(t, options(root))
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("folder of the dead run after the next Start: %v, want none", err)
	}
	if _, err := os.Stat(living.folder.host); err != nil {
		t.Errorf("folder of a living run after the next Start: %v", err)
	}
}
