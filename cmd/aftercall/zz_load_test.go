package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"aftercall/deploy/standin"
)

func ticks(t *testing.T, pid int) (u, s float64) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+2:]))
	u, _ = strconv.ParseFloat(f[11], 64)
	s, _ = strconv.ParseFloat(f[12], 64)
	return u * 10, s * 10
}

func TestZZLoad(t *testing.T) {
	s := staged(t)
	rate, _ := strconv.Atoi(os.Getenv("ZZ_RATE"))
	secs, _ := strconv.Atoi(os.Getenv("ZZ_SECS"))
	n := rate * secs
	args := []string{"queue=support", "linkedid=x", "talk=0", "language=en", "codec=ulaw", "agentid=", "before=", "dialled=", "peer=", "attended=", "hungup=PJSIP%2F1001-00000001", "told=", "agent=PJSIP%2F1001", "agentname=Alice%201001"}
	var perf *exec.Cmd
	u0, s0 := ticks(t, s.pid)
	if os.Getenv("ZZ_PERF") != "" {
		perf = exec.Command("perf", "record", "-g", "-o", os.Getenv("ZZ_PERF"), "-p", strconv.Itoa(s.pid))
		if err := perf.Start(); err != nil {
			t.Fatal(err)
		}
	}
	var gone []<-chan struct{}
	var callers []*standin.Caller
	tick := time.NewTicker(time.Second / time.Duration(rate))
	for range n {
		<-tick.C
		c := s.arrives(args, standin.Act{Cue: "PlaybackStarted", N: 1, Wait: time.Second, Key: "1"})
		callers = append(callers, c)
		gone = append(gone, s.Enter(c))
	}
	for _, g := range gone {
		<-g
	}
	u1, s1 := ticks(t, s.pid)
	if perf != nil {
		perf.Process.Signal(os.Interrupt)
		perf.Wait()
	}
	t.Logf("%d surveys: user %.3f ms sys %.3f ms total %.3f ms each; thanked %d", n, (u1-u0)/float64(n), (s1-s0)/float64(n), (u1-u0+s1-s0)/float64(n), s.account(callers, 0))
}
