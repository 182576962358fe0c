package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"aftercall/cmd/aftercall/web"
	"aftercall/scoring"
	"aftercall/scoring/sqlite"

	"github.com/google/go-cmp/cmp"
)

// running is a service that answers HTTP.
type running struct {
	t     *testing.T
	base  string
	log   string // until it serves
	lines *bufio.Scanner
	rest  io.Reader
	cut   context.CancelFunc
	ended chan error
}

var listening = regexp.MustCompile(`msg=starting .*http=(\S+)`)

// serves starts a service and waits until it serves.
func serves(t *testing.T, path string, flags ...string) *running {
	t.Helper()
	r := launched(t, path, flags...)
	r.await()
	return r
}

// launched starts a service and waits until it says where it listens.
func launched(t *testing.T, path string, flags ...string) *running {
	t.Helper()
	ctx, cut := context.WithCancel(t.Context())
	r := &running{t: t, cut: cut, ended: make(chan error, 1)}
	log, w := io.Pipe()
	go func() {
		err := run(ctx, append([]string{"-c", path, "serve"}, flags...), strings.NewReader(""), io.Discard, w)
		_ = w.CloseWithError(err)
		r.ended <- err
	}()
	t.Cleanup(cut)
	r.lines, r.rest = bufio.NewScanner(log), log
	if m := r.says(listening); m != nil {
		r.base = "http://" + m[1]
	}
	return r
}

// says waits for a line of the log. If the service ends before, the test does.
func (r *running) says(what *regexp.Regexp) []string {
	r.t.Helper()
	for r.lines.Scan() {
		r.log += r.lines.Text() + "\n"
		if m := what.FindStringSubmatch(r.lines.Text()); m != nil {
			return m
		}
	}
	r.t.Fatalf("the service does not serve: %v", <-r.ended)
	return nil
}

// await waits until the service serves.
func (r *running) await() {
	r.t.Helper()
	r.says(regexp.MustCompile(`msg=serving `))
	go func() { _, _ = io.Copy(io.Discard, r.rest) }() // ends with the service
}

func (r *running) stop() {
	r.t.Helper()
	r.cut()
	select {
	case err := <-r.ended:
		if err != nil {
			r.t.Errorf("the service ended with %v", err)
		}
	case <-time.After(stopLimit):
		r.t.Error("the service does not end")
	}
}

func (r *running) get(path, language string) (status int, body string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, r.base+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Accept-Language", language)
	req.Close = true
	return r.send(req, "")
}

// counters gives the lines of a page of metrics that count something.
func (r *running) counters(path string) string {
	r.t.Helper()
	_, body := r.get(path, "")
	lines := slices.DeleteFunc(strings.Split(body, "\n"), func(l string) bool { return !strings.Contains(l, "_total{") })
	return strings.Join(lines, "\n")
}

// send sends a request; the folder of path is written … in the answer.
func (r *running) send(req *http.Request, path string) (status int, body string) {
	r.t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	if path != "" {
		b = bytes.ReplaceAll(b, []byte(filepath.Dir(path)), []byte("…"))
	}
	return resp.StatusCode, string(b)
}

func TestServe(t *testing.T) {
	t.Setenv("AFTERCALL_METRICS_AGENT_IDLE", "0s") // the calls are old
	path := built(t)
	fill(t, path, visit(1, scoring.Rated, scoring.Completed))
	s := serves(t, path)
	for _, c := range []struct {
		path, language string
		status         int
		want           []string
	}{
		{"/healthz", "", 200, []string{"ok\n"}},
		{"/metrics", "", 200, []string{`aftercall_build_info{`, `aftercall_ari_connected{node="node1"} 0`, `aftercall_spill_pending 0`,
			`aftercall_layout_surveys_total{layout="strict",outcome="rated",question="service",queue="support"} 0`,
			`aftercall_layout_surveys_total{layout="habit",outcome="rated",question="service",queue="support"} 1`}},
		{"/metrics/agents", "", 200, []string{`aftercall_agent_ratings_total{agent="PJSIP/1002",verdict="fair"} 1`, `aftercall_agents_hidden{reason="bound"} 0`}},
		{"/", "en", 200, []string{`<html lang="en">`, "demo centre", "PJSIP/1002", "2026-03-29 00:31:00"}},
		{"/", "zh-Hans", 200, []string{`<html lang="zh-CN">`, "一般", "PJSIP/1002"}},
		{"/?lang=zh-CN", "en", 200, []string{`<html lang="zh-CN">`}},
		{"/nothing", "", 404, nil},
	} {
		status, body := s.get(c.path, c.language)
		if status != c.status {
			t.Errorf("%s in %q: status %d, want %d", c.path, c.language, status, c.status)
		}
		for _, w := range c.want {
			if !strings.Contains(body, w) {
				t.Errorf("%s in %q: no %q in\n%s", c.path, c.language, w, body)
			}
		}
	}
	s.stop()
}

// TestNotReadyWithoutAsterisk: ready says which part is not, and the others
// are well.
func TestNotReadyWithoutAsterisk(t *testing.T) {
	s := serves(t, built(t))
	status, body := s.get("/readyz", "")
	var got struct {
		Ready bool
		Parts []web.Part
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	if status != http.StatusServiceUnavailable || got.Ready || len(got.Parts) != 3 {
		t.Fatalf("status %d, %s, want 503 with 3 parts", status, body)
	}
	for _, p := range got.Parts {
		if p.OK != (p.Name != "asterisk") || p.OK != (p.Error == "") {
			t.Errorf("part %+v, want all but asterisk well", p)
		}
	}
	if a := got.Parts[2]; a.Name != "asterisk" || a.Instance != "node1" {
		t.Errorf("the last part is %+v, want asterisk node1", a)
	}
	s.stop()
}

// refuses has a service that cannot work say why and end.
func refuses(t *testing.T, path, want string) {
	t.Helper()
	out, log, status := command(t, path, "serve")
	if out != "" || status != 1 || !strings.Contains(log, want) {
		t.Errorf("serve printed %q with status %d, want %q with status 1", out+log, status, want)
	}
}

func TestServeWithoutPrompts(t *testing.T) {
	refuses(t, site(t), `layout "habit" in en: silence of 500ms: file "…/prompts/silence-500.wav": is missing, run: aftercall prompts build`)
}

func TestServeTooLong(t *testing.T) {
	t.Setenv("AFTERCALL_SURVEY_LONGEST", "1m")
	refuses(t, built(t), `want at most survey.longest = 1m`)
}

func TestServePortInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	path := built(t)
	fill(t, path, visit(1, "", ""))
	t.Setenv("AFTERCALL_HTTP_LISTEN", l.Addr().String())
	refuses(t, path, fmt.Sprintf("http.listen: listen tcp %s: bind: address already in use", l.Addr()))
	if rows := stored(t, path); len(rows) != 1 || rows[0].End != nil {
		t.Errorf("stored %+v, want the call still open", rows)
	}
}

// TestShutWithAClientWhoAsksNothing: whoever connects and sends nothing, as
// browsers do beforehand, does not make a stop a failure.
func TestShutWithAClientWhoAsksNothing(t *testing.T) {
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	connected := make(chan struct{}, 1)
	s := newServer(http.NotFoundHandler())
	s.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connected <- struct{}{}
		}
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	client, err := net.Dial("unix", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	<-connected
	ctx, cancel := context.WithDeadline(t.Context(), time.Now())
	defer cancel()
	if err := shut(ctx, s); err != nil {
		t.Errorf("shut: %v", err)
	}
	if n, err := client.Read(make([]byte, 1)); err == nil {
		t.Errorf("the client reads %d bytes, want to be cut off", n)
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		t.Errorf("serve: %v", err)
	}
}

// TestServeTwice: a second service on the same store is refused, also with a
// spill file of its own, and so is recount; the calls in progress of the first
// stay open.
func TestServeTwice(t *testing.T) {
	path := built(t)
	fill(t, path, visit(1, scoring.Rated, scoring.Completed))
	s := serves(t, path)
	change(t, path, "UPDATE calls SET ended_at = NULL, reason = ''") // as if the first were asking this caller
	t.Setenv("AFTERCALL_STORE_SPILL", filepath.Join(t.TempDir(), "other.jsonl"))
	refuses(t, path, fmt.Sprintf("aftercall.db\": the store is in use by another process, process %d: ", os.Getpid()))
	out, log, status := command(t, path, "recount")
	wants(t, "recount beside a service", out+log, ".*in use by another process.*: stop the service, recount, and start it again\n", status, 1)
	if rows := stored(t, path); len(rows) != 1 || rows[0].End != nil {
		t.Errorf("stored %+v, want the call still open", rows)
	}
	s.stop()
}

func TestServeNewerStore(t *testing.T) {
	path := built(t)
	fill(t, path)
	change(t, path, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)")
	refuses(t, path, sqlite.ErrNewerSchema.Error())
}

func TestServeAnotherZone(t *testing.T) {
	path := built(t)
	fill(t, path)
	t.Setenv("AFTERCALL_SITE_TIME_ZONE", "Europe/Berlin")
	refuses(t, path, "Asia/Shanghai")
}

// TestServeLockedStore: a database that another program holds is said to be
// so, after the time that SQLite waits for it.
func TestServeLockedStore(t *testing.T) {
	path := built(t)
	fill(t, path)
	db := open(t, path, "?_txlock=exclusive")
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	refuses(t, path, sqlite.ErrBusy.Error())
	if err := errors.Join(tx.Rollback(), db.Close()); err != nil {
		t.Error(err)
	}
}

// stored reads every call of a site's store, newest first.
func stored(t *testing.T, path string) (rows []scoring.CallRow) {
	t.Helper()
	out, log, status := command(t, path, "calls", "--json")
	if status != 0 {
		t.Fatal(log)
	}
	d := json.NewDecoder(bytes.NewBufferString(out))
	for d.More() {
		var r scoring.CallRow
		if err := d.Decode(&r); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, r)
	}
	return rows
}

// TestLostCalls: what a killed run left open is closed by the next, once.
func TestLostCalls(t *testing.T) {
	path := built(t)
	t.Setenv("AFTERCALL_METRICS_AGENT_IDLE", "0s") // the calls are old
	left := []scoring.Record{visit(1, "", ""), visit(2, scoring.Rated, ""), visit(3, scoring.Invalid, ""), visit(4, scoring.Rated, scoring.Completed)}
	for _, r := range left {
		r.Call.Node = "gone" // no node will look for their callers
	}
	fill(t, path, left...)
	s := serves(t, path)
	first := stored(t, path)
	counted := s.counters("/metrics/agents")
	s.stop()
	var got []string
	for _, r := range first {
		got = append(got, fmt.Sprint(r.ID, " ", r.Questions[0].Answer.Outcome, " ", r.End.Reason))
	}
	want := []string{"node1-4.0/1 rated completed", "node1-3.0/1 invalid wrong_keys", "node1-2.0/1 rated completed", "node1-1.0/1 error lost"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("closed calls differ (-want +got):\n%s", d)
	}
	s = serves(t, path)
	if d := cmp.Diff(first, stored(t, path)); d != "" {
		t.Errorf("the second start changed them:\n%s", d)
	}
	if again := s.counters("/metrics/agents"); again != counted || !strings.Contains(again, `{agent="PJSIP/1002",outcome="error"} 1`) {
		t.Errorf("the second start counted again:\n%s\nbefore:\n%s", again, counted)
	}
	s.stop()
}

// TestOldByTheClockAlone: calls that an earlier run left open wait for their
// node however old they are: the clock may have been set since.
func TestOldByTheClockAlone(t *testing.T) {
	path := built(t)
	fill(t, path, visit(1, "", ""))
	s := serves(t, path)
	s.stop()
	if rows := stored(t, path); rows[0].End != nil {
		t.Errorf("stored %+v, want the call left to its node", rows)
	}
}

// TestRenamedNode: calls that an earlier run left open a moment ago are not
// closed because their node has another name now: their callers may be found.
func TestRenamedNode(t *testing.T) {
	path := built(t)
	open, overdue := visit(1, "", ""), visit(2, "", "")
	open.Call.Node, overdue.Call.Node = "before", "before"
	open.Call.StartedAt = time.Now()
	fill(t, path, open, overdue)
	s := serves(t, path)
	s.stop()
	if rows := stored(t, path); rows[0].End == nil || rows[1].End != nil {
		t.Errorf("stored %+v, want the call of a moment ago open and the old one closed", rows)
	}
}
