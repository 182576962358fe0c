package lab

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// sippPort is a free UDP port: SIPp does not tell which one it took.
func sippPort(t *testing.T) int {
	t.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).Port
}

// sipp plays a scenario of testdata. Its output tells what went wrong.
func sipp(ctx context.Context, scenario string, port int, args ...string) *exec.Cmd {
	args = append([]string{"-sf", "testdata/" + scenario, "-i", "127.0.0.1", "-mi", "127.0.0.1",
		"-p", fmt.Sprint(port), "-nostdin", "-timeout", "20", "-timeout_error"}, args...)
	cmd := exec.CommandContext(ctx, "sipp", args...)
	cmd.Stdout = new(bytes.Buffer)
	cmd.Stderr = cmd.Stdout
	return cmd
}

// A caller goes through the queue to an agent, who hangs up; the dialplan under
// test runs although no service is there, and the call ends in order, with one
// visit and with two.
func TestCallThroughQueue(t *testing.T) {
	text, err := os.ReadFile("testdata/aftercall-rate.conf")
	if err != nil {
		t.Fatal(err)
	}
	o := options(findRoot(t))
	o.Dialplan, o.PhonePort = string(text), sippPort(t)
	a := start(t, o)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()

	phone := sipp(ctx, "agent.xml", o.PhonePort, "-m", "3")
	if err := phone.Start(); err != nil {
		t.Fatalf("%v, want SIPp: run make setup", err)
	}
	for caller, number := range map[string]string{"robot-1": "7001", "robot-2": "7002"} {
		call := sipp(ctx, "caller.xml", sippPort(t), "-m", "1", "-s", number, "-key", "caller", caller, a.SIPAddr)
		if err := call.Run(); err != nil {
			t.Errorf("%s: %v\n%s", caller, err, call.Stdout)
		}
	}
	if err := phone.Wait(); err != nil {
		t.Errorf("agent: %v\n%s", err, phone.Stdout)
	}

	calls, err := a.Calls()
	if err != nil {
		t.Fatal(err)
	}
	if len(calls) != 2 || calls["robot-1"] == "" || calls["robot-1"] == calls["robot-2"] {
		t.Errorf("calls %v, want one each of robot-1 and robot-2", calls)
	}
	after, err := a.WentOn()
	if err != nil {
		t.Fatal(err)
	}
	for _, caller := range []string{"robot-1", "robot-2"} {
		if d, ok := after[caller]; !ok || d < 0 || d > 5*time.Second {
			t.Errorf("%s went on after %s (%t), want a moment", caller, d, ok)
		}
	}
	log, err := os.ReadFile(a.LogFile)
	if err != nil {
		t.Fatal(err)
	}
	// Such as a name that Asterisk asks DNS for because setup.sh did not tell it.
	if bytes.Contains(log, []byte("ERROR[")) {
		t.Error("errors in the log of a call")
	}
	skipped := "aftercall is not available, rating skipped for "
	for line, times := range map[string]int{
		"lab visit 1 of robot-1 in support ended CONTINUE by PJSIP/1001": 1,
		"lab visit 1 of robot-2 in sales ended CONTINUE by PJSIP/1001":   1,
		"lab visit 2 of robot-2 in sales ended CONTINUE by PJSIP/1001":   1,
		skipped + calls["robot-1"] + "\n":                                1,
		skipped + calls["robot-2"] + "\n":                                2,
	} {
		if n := strings.Count(string(log), line); n != times {
			t.Errorf("log holds %q %d times, want %d", line, n, times)
		}
	}
}
