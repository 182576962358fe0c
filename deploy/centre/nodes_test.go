package centre

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"aftercall/scoring"

	"github.com/coder/websocket"
)

// onNode lets one caller of a row dial a node and gives what comes of it. A
// robot whose Asterisk dies cannot say goodbye, which is no fault here.
func (c *Centre) onNode(t *testing.T, node int, r row) (gone func() ([]Heard, []scoring.CallRow)) {
	t.Helper()
	type outcome struct {
		heard []Heard
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		heard, err := c.Call(t.Context(), Callers{Node: node, Number: r.queue.Number, Calls: r.calls, Rate: 5,
			Personas: fmt.Sprintf("personas: [{name: %q, weight: 1, acts: %s}]", r.name, r.acts)})
		done <- outcome{heard, err}
	}()
	return func() ([]Heard, []scoring.CallRow) {
		t.Helper()
		o := <-done
		if o.err != nil && !strings.Contains(o.err.Error(), "callers: exit status 1") {
			t.Fatal(o.err)
		}
		return o.heard, c.settled(t, o.heard)
	}
}

// nodeState is what the service says of a node: connected or not, and why.
func (c *Centre) nodeState(t *testing.T, node string) (connected bool, why string) {
	t.Helper()
	_, body, err := c.Get(t.Context(), "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(body, fmt.Sprintf("%q", node))
	if at < 0 {
		t.Fatalf("/readyz does not name %s:\n%s", node, body)
	}
	part := body[at:]
	if end := strings.Index(part, "}"); end >= 0 {
		part = part[:end]
	}
	return strings.Contains(part, `"ok": true`), part
}

// One Asterisk of two is killed with callers in their surveys, and started
// again: the calls of the other are not touched, those of the dead one are
// closed once as lost, and both take new callers. One that is frozen is
// noticed, comes back by itself, and whoever is still there is asked again.
func TestTwoNodes(t *testing.T) {
	t.Parallel()
	rows := []row{
		{name: "on the living", calls: 3, acts: `[{quiet: 4s, press: "1"}]`},
		{name: "on the dead", calls: 3, acts: `[{talk: 8s, hangup: true}]`},
		{name: "afterwards", acts: `[{after_part: 2, press: "1"}]`},
		{name: "in the frost", acts: `[{quiet: 4s, press: "1"}]`},
	}
	c := openRows(t, rows, Options{Agents: 8, Nodes: 2}, reset)
	living, dead := c.Nodes[0], c.Nodes[1]
	goneLiving, goneDead := c.onNode(t, 0, rows[0]), c.onNode(t, 1, rows[1])
	c.untilAll(t, func(rows []scoring.CallRow) bool { open, _ := inProgressOf(rows); return open == 6 })
	if err := dead.Kill(); err != nil {
		t.Fatal(err)
	}
	c.eventually(t, "the dead node shows", func() bool { ok, _ := c.nodeState(t, dead.Name); return !ok })
	if ok, why := c.nodeState(t, living.Name); !ok {
		t.Errorf("the living node: %s", why)
	}
	f := c.scrape(t, "/metrics")
	for node, want := range map[string]float64{living.Name: 1, dead.Name: 0} {
		if got := f.Sum("aftercall_ari_connected", fmt.Sprintf("node=%q", node)); got != want {
			t.Errorf("aftercall_ari_connected of %s is %v, want %v", node, got, want)
		}
	}
	if err := dead.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.WaitReady(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.wantAll(t, goneLiving, living.Name, 3, "1: habit rated satisfied 3 by 1, reading 1, heard 3; key 1 accepted; completed")
	c.wantAll(t, goneDead, dead.Name, 3, "1: habit error, reading 1, heard 0; lost", "1: habit error, reading 1, heard 1; lost", "1: habit error, reading 1, heard 2; lost")
	if n := strings.Count(c.ServiceLog(), "no event connection to Asterisk"); n < 1 || n > 6 {
		t.Errorf("%d lines in the log about the connection, want a few", n)
	}
	const rated = "1: habit rated satisfied 3 by 1, reading 1, heard 1; key 1 accepted; completed"
	for node := range c.Nodes {
		c.wantAll(t, c.onNode(t, node, rows[2]), c.Nodes[node].Name, 1, rated)
	}

	goneFrozen := c.onNode(t, 1, rows[3])
	c.until(t, inProgress)
	if err := dead.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	goneBeside := c.onNode(t, 0, rows[2])
	c.eventually(t, "the frozen node shows", func() bool { ok, _ := c.nodeState(t, dead.Name); return !ok })
	if err := dead.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if err := c.WaitReady(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.wantAll(t, goneBeside, living.Name, 1, rated)
	c.wantAll(t, goneFrozen, dead.Name, 1, "1: habit rated satisfied 3 by 1, reading 2, heard 3; key 1 accepted; resumed 1; completed")
	c.wantAll(t, c.onNode(t, 1, rows[2]), dead.Name, 1, rated)
}

// wantAll: the store holds so many calls of these callers, all of this node,
// and each as one of the texts says.
func (c *Centre) wantAll(t *testing.T, gone func() ([]Heard, []scoring.CallRow), node string, n int, texts ...string) {
	t.Helper()
	heard, calls := gone()
	if len(calls) != n || len(heard) != n {
		t.Errorf("node %s: %d callers, %d calls in the store, want %d of both", node, len(heard), len(calls), n)
	}
	for _, call := range calls {
		got := told(call)
		found := false
		for _, text := range texts {
			found = found || got == text
		}
		if !found || call.Call.Node != node {
			t.Errorf("call %s of node %q is in the store as %q, want node %q, one of %q", call.ID, call.Call.Node, got, node, texts)
		}
	}
}

// Two nodes with one systemname: the second is refused, because the calls of
// the two could not be told apart; the first works. A node whose password is
// wrong, and one that is not there, do not disturb it either.
func TestNodesInTrouble(t *testing.T) {
	t.Parallel()
	rows := []row{{name: "on the good one", acts: atOnce, want: asked}}
	c := openRows(t, rows, Options{Agents: 1})
	good := c.Asterisk
	gate := openRelay(t) // the same Asterisk at another address
	more := fmt.Sprintf(`
    - {name: locked, url: "%s", username: aftercall, password_file: %s-wrong}
    - {name: absent, url: "http://127.0.0.1:1/ari", username: aftercall, password_file: %s-wrong}
    - {name: doubled, url: "%s", username: %s, password_file: ari-password-%s}
store:`, gate.Route(good), c.config(), c.config(), strings.Replace(good.ARIURL, "127.0.0.1", "localhost", 1), good.ARIUser, good.Name)
	writeFile(t, c.config()+"-wrong", "not the password\n")
	if err := c.Configure(func(config string) string { return strings.Replace(config, "\nstore:", more, 1) }); err != nil {
		t.Fatal(err)
	}
	if well, err := c.Reload(t.Context()); err != nil || !well {
		t.Fatalf("reload: %v, %v\n%s", well, err, c.ServiceLog())
	}
	for node, want := range map[string]string{
		"locked":  "ARI refused the user name or password",
		"absent":  "connection refused",
		"doubled": fmt.Sprintf("its systemname \\\"%s\\\" is also that of node \\\"%s\\\"", good.Name, good.Name),
	} {
		c.eventually(t, node+" says what is wrong", func() bool {
			ok, why := c.nodeState(t, node)
			return !ok && strings.Contains(why, want)
		})
	}
	if ok, why := c.nodeState(t, good.Name); !ok {
		t.Errorf("the good node: %s", why)
	}
	c.page(t, "/readyz", http.StatusServiceUnavailable)
	c.play(t, rows[0])
	if err := c.Configure(); err != nil {
		t.Fatal(err)
	}
	if well, err := c.Reload(t.Context()); err != nil || !well {
		t.Fatalf("reload: %v, %v\n%s", well, err, c.ServiceLog())
	}
	if err := c.WaitReady(t.Context()); err != nil {
		t.Fatal(err)
	}
	if body := c.page(t, "/metrics", http.StatusOK); strings.Contains(body, `node="absent"`) {
		t.Error("a node that was taken out still shows in /metrics")
	}
}

// Another program takes the application's name: the alarm says so, callers go
// on in the dialplan or to that program, and when it is gone the service takes
// the name again by itself.
func TestNameTaken(t *testing.T) {
	t.Parallel()
	rows := []row{
		{name: "asked when the name is taken", want: []string{"1: habit error, reading 1, heard 0; lost"}},
		{name: "asked afterwards", acts: atOnce, want: asked},
	}
	c := openRows(t, rows, Options{Agents: 2}, reset)
	a := c.Asterisk
	caller := c.dial(t, rows[0])
	c.until(t, inProgress)
	ctx, leave := context.WithTimeout(t.Context(), 2*endLimit)
	defer leave()
	login := http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(a.ARIUser+":"+a.ARIPassword))}}
	other, _, err := websocket.Dial(ctx, strings.Replace(a.ARIURL, "http", "ws", 1)+"/events?app=aftercall", &websocket.DialOptions{HTTPHeader: login})
	if err != nil {
		t.Fatal(err)
	}
	gone := make(chan struct{})
	go func() { // it listens as a client does
		defer close(gone)
		for {
			if _, _, err := other.Read(ctx); err != nil {
				return
			}
		}
	}()
	c.eventually(t, "the alarm", func() bool {
		ok, why := c.nodeState(t, a.Name)
		return !ok && strings.Contains(why, "another client took the application name")
	})
	if n := c.scrape(t, "/metrics").Sum("aftercall_ari_replaced_total", ""); n != 1 {
		t.Errorf("aftercall_ari_replaced_total is %v, want 1", n)
	}
	if !strings.Contains(c.ServiceLog(), "another client took our application name") {
		t.Error("the log does not say that the name was taken")
	}
	scene{row: rows[0], calls: c.settled(t, caller())}.stored(t)
	if ok, why := c.nodeState(t, a.Name); ok {
		t.Errorf("the name was taken back while the other client was there: %s", why)
	}
	if err := other.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Fatal(err)
	}
	<-gone
	ready, cancel := context.WithTimeout(t.Context(), endLimit)
	defer cancel()
	if err := c.WaitReady(ready); err != nil {
		t.Fatal(err)
	}
	c.play(t, rows[1])
}

// A node gets another name in the configuration while the service is away:
// its callers are found under the new one and asked again.
func TestNodeRenamed(t *testing.T) {
	t.Parallel()
	const again = "1: habit rated satisfied 3 by 1, reading 1, heard 3; key 1 accepted; resumed 1; completed"
	rows := []row{{name: "patient", calls: 2, acts: `[{quiet: 4s, press: "1"}]`, want: []string{again, again}}}
	c := openRows(t, rows, Options{Agents: 2}, reset)
	gone := c.dial(t, rows[0])
	c.untilAll(t, func(rows []scoring.CallRow) bool { open, _ := inProgressOf(rows); return open == 2 })
	if err := c.KillService(); err != nil {
		t.Fatal(err)
	}
	if err := c.Configure(edited("name: "+c.Asterisk.Name, "name: renamed")); err != nil {
		t.Fatal(err)
	}
	if err := c.StartService(t.Context()); err != nil {
		t.Fatal(err)
	}
	heard := gone()
	scene{row: rows[0], heard: heard, calls: c.settled(t, heard)}.stored(t)
}
