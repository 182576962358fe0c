package centre

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"aftercall/deploy/lab"
)

// programs is the folder of the programs under test.
var programs string

// endLimit bounds what happens after the last caller is gone.
const endLimit = 30 * time.Second

func TestMain(m *testing.M) {
	flag.Parse()
	// A row waits for a telephone, not for the processor: all ring at once.
	if err := flag.Set("test.parallel", "100"); err != nil {
		panic(err)
	}
	code, err := buildAndRun(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func buildAndRun(m *testing.M) (code int, err error) {
	release, err := lab.Alone(filepath.Join("..", ".."))
	if err != nil {
		return 1, err
	}
	defer release() //nolint:errcheck // the program ends
	if programs, err = os.MkdirTemp("", "aftercall-programs-"); err != nil {
		return 1, err
	}
	defer os.RemoveAll(programs)
	if err := Build(programs); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// opening lets one centre start at a time: all at once would hold up the sound
// of those that are open.
var opening sync.Mutex

// seats bound the Asterisks that run at a time: more would hold up each
// other's sound, and the lab has ports for 14.
var seats = make(chan struct{}, 6)

// open starts a centre for one test. At its end nothing of it may be left,
// and Asterisk must have had nothing to complain of but what is expected.
func open(t *testing.T, o Options, expected ...string) *Centre {
	t.Helper()
	o.Folder, o.Programs = filepath.Join("..", ".."), programs
	if o.Talk == "" {
		o.Talk = "300ms..600ms"
	}
	opening.Lock()
	for range max(o.Nodes, 1) {
		seats <- struct{}{}
		t.Cleanup(func() { <-seats }) // when the centre is closed
	}
	c, err := Open(t.Context(), o)
	opening.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { takeDown(t, c, expected) })
	return c
}

func takeDown(t *testing.T, c *Centre, expected []string) {
	lines, err := c.Complaints(expected)
	if err != nil {
		t.Error(err)
	}
	for _, line := range lines {
		t.Errorf("Asterisk: %s", line)
	}
	if strings.Contains(c.ServiceLog(), "DATA RACE") {
		t.Error("the service has a data race")
	}
	if t.Failed() {
		t.Logf("what the service said:\n%s", c.ServiceLog())
	}
	ctx, cancel := context.WithTimeout(context.Background(), endLimit)
	defer cancel()
	if err := c.Close(ctx); err != nil {
		t.Error(err)
	}
	done := map[string]<-chan struct{}{"the service": c.service.Load().process.Done(), "the phones": c.phones.Done()}
	folders := []string{c.Run}
	for _, a := range c.Nodes {
		done[a.Name] = a.Done()
		folders = append(folders, filepath.Dir(a.SoundsFolder))
	}
	for name, ended := range done {
		select {
		case <-ended:
		default:
			t.Errorf("%s: still runs after Close", name)
		}
	}
	for _, folder := range folders {
		if _, err := os.Stat(folder); !os.IsNotExist(err) {
			t.Errorf("folder %q after Close: %v, want none", folder, err)
		}
	}
}
