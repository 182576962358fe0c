package centre

import (
	"bytes"
	"context"
	"net"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"aftercall/deploy/lab"
)

// A phone that is not ours (SIPp) with recorded key events rates like the
// robots do.
func TestForeignPhone(t *testing.T) {
	t.Parallel()
	rows := []row{{name: "foreign phone", want: []string{"1: habit rated satisfied 3 by 1, reading 1, heard 1; key 1 accepted; completed"}}}
	c := openRows(t, rows, Options{Agents: 1})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	const caller = "foreign-1"
	var out bytes.Buffer
	cmd := exec.Command("sipp", "-sf", "testdata/rates.xml", "-i", "127.0.0.1", "-mi", "127.0.0.1",
		"-p", strconv.Itoa(freePort(t)), "-nostdin", "-timeout", "40", "-timeout_error", "-m", "1",
		"-s", rows[0].queue.Number, "-key", "caller", caller, c.Asterisk.SIPAddr)
	cmd.Stdout, cmd.Stderr = &out, &out
	p, err := lab.StartProcess(cmd)
	if err != nil {
		t.Fatalf("%v, want SIPp: run make setup", err)
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		t.Error(ctx.Err(), p.End(context.Background()))
	}
	if s := p.State(); !s.Success() {
		t.Fatalf("SIPp: %s\n%s", s, out.Bytes())
	}
	scene{row: rows[0], calls: c.settled(t, []Heard{{Caller: caller}})}.stored(t)
}

// freePort is a free UDP port: SIPp does not tell which one it took.
func freePort(t *testing.T) int {
	t.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).Port
}
