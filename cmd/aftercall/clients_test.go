package main

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// TestClientsAreBounded: whoever opens connections and says nothing takes no
// more of the service's files than are given to all clients, and whoever
// comes behind is served as soon as one of them is gone.
func TestClientsAreBounded(t *testing.T) {
	s := serves(t, built(t))
	address := strings.TrimPrefix(s.base, "http://")
	var silent []net.Conn
	for range maxClients {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		silent = append(silent, c)
	}
	late, err := net.Dial("tcp", address) // by the kernel's queue alone
	if err != nil {
		t.Fatal(err)
	}
	defer late.Close()
	if _, err := io.WriteString(late, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if err := late.SetReadDeadline(time.Now().Add(300 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, err := late.Read(make([]byte, 1)); err == nil {
		t.Errorf("client %d is answered %d bytes beside %d others", maxClients+1, n, maxClients)
	}
	if err := silent[0].Close(); err != nil {
		t.Fatal(err)
	}
	if err := late.SetReadDeadline(time.Now().Add(soon)); err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(late); err != nil || !strings.HasPrefix(string(b), "HTTP/1.1 200 OK") {
		t.Errorf("behind one that went: %q, %v", b, err)
	}
	for _, c := range silent {
		_ = c.Close() // the first is
	}
	s.stop()
}
