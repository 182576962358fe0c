package centre

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"aftercall/deploy/lab"
	"aftercall/ivr/asterisk"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

// patient is a centre whose service stands at an address that is known before.
func patient(t *testing.T, expected ...string) *Centre {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listen := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	queues := []Queue{{Number: "7001", Name: "support", Survey: "service", Layouts: arms("habit")}, {Number: "7002", Name: "sales", Survey: "service", Layouts: arms("gap")}}
	return open(t, Options{Agents: 1, Queues: queues, Listen: listen}, expected...)
}

// visit has the doctor look at a centre, with changes to its configuration.
func (c *Centre) visit(t *testing.T, etc string, changes []string, args ...string) (out string, status int) {
	t.Helper()
	return c.changed(t, changes, append([]string{"doctor", "--etc", etc}, args...)...)
}

// changed runs a subcommand of aftercall with changes to the centre's
// configuration: pairs of a text and what stands in its place.
func (c *Centre) changed(t *testing.T, changes []string, args ...string) (out string, status int) {
	t.Helper()
	text, err := os.ReadFile(c.config())
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(string(text), changes[i]) {
			t.Fatalf("the configuration has no %q to change:\n%s", changes[i], text)
		}
	}
	path := filepath.Join(c.Run, "changed.yaml")
	if err := os.WriteFile(path, []byte(strings.NewReplacer(changes...).Replace(string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := c.command(t.Context(), "aftercall", append([]string{"--config", path}, args...)...).Output()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	if ended != nil {
		status = ended.ExitCode()
	}
	return string(b), status
}

// faults gives what the doctor found wrong, as "check: text", and the whole.
func (c *Centre) faults(t *testing.T, etc string, changes []string) (faults []string, all string) {
	t.Helper()
	out, status := c.visit(t, etc, changes, "--json")
	for line := range strings.Lines(out) {
		var f asterisk.Finding
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if f.Level == asterisk.Fault {
			faults = append(faults, f.Check+": "+f.Text)
			if f.Remedy == "" {
				t.Errorf("no remedy: %s", line)
			}
		}
	}
	if want := min(len(faults), 1); status != want {
		t.Errorf("status %d with %d faults, want %d", status, len(faults), want)
	}
	return faults, out
}

// goldenVisit compares what the doctor prints with a file in testdata.
func (c *Centre) goldenVisit(t *testing.T, name string, changes []string, want int) {
	t.Helper()
	out, status := c.visit(t, c.Asterisk.ConfigFolder, changes)
	if status != want {
		t.Errorf("%s: status %d, want %d", name, status, want)
	}
	hide := strings.NewReplacer(c.Asterisk.ConfigFolder, "ETC", c.Asterisk.SoundsMedia, "MEDIA", c.Run, "RUN", c.cache(), "PROMPTS", c.Asterisk.Name, "NODE")
	out = hide.Replace(out)
	out = regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(out, "127.0.0.1:PORT")
	out = regexp.MustCompile(`(?:[0-9a-f]{2}:){5}[0-9a-f]{2}`).ReplaceAllString(out, "ENTITY")
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(golden), out); d != "" {
		t.Errorf("%s differs (-want +got):\n%s", name, d)
	}
}

// TestDoctorHealthy: nothing is wrong, with the service and without it, and
// what the doctor does disturbs nobody.
func TestDoctorHealthy(t *testing.T) {
	c := patient(t)
	asked := row{name: "asked meanwhile", queue: Queue{Number: "7001", Name: "support"}, acts: `[{quiet: 4s, press: "1"}]`,
		want: []string{"1: habit rated satisfied 3 by 1, reading 1, heard 3; key 1 accepted; completed"}}
	caller := c.dial(t, asked)
	c.until(t, inProgress)
	c.goldenVisit(t, "doctor-serving.golden", nil, 0)
	heard := caller()
	s := scene{Centre: c, row: asked, heard: heard, calls: c.settled(t, heard)}
	s.stored(t)
	c.account(t, s)
	if code, body, err := c.Get(t.Context(), "/readyz"); err != nil || code != http.StatusOK {
		t.Errorf("the service after the visit: %d, %v: %s", code, err, body)
	}
	if err := c.StopService(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.goldenVisit(t, "doctor-stopped.golden", nil, 0)
	c.goldenVisit(t, "doctor-sick.golden", []string{"name: " + c.Asterisk.Name, "name: pbx1", `- name: "sales"`, `- name: "ghost"`, "media: /", "media: /elsewhere/"}, 1)
	for what, path := range map[string]string{"bridges": "/bridges", "applications": "/applications"} {
		if left := ask(t, c.Asterisk, path); left != "[]" {
			t.Errorf("%s left behind: %s", what, left)
		}
	}
}

// ask reads what ARI says.
func ask(t *testing.T, a *lab.Asterisk, path string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.ARIURL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(a.ARIUser, a.ARIPassword)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}

// sickness is something wrong with Asterisk, and what the doctor says of it.
type sickness struct {
	name     string
	file     string   // of Asterisk's configuration
	from, to string   // what is changed in it: a regular expression, and what stands in its place
	reload   string   // how Asterisk is told
	config   []string // changes to ours
	blind    bool     // Asterisk's files cannot be read
	want     []string // what is found wrong: check and regular expression
}

func sicknesses(c *Centre) []sickness {
	const (
		http, ari, plan, queues = "module reload http", "module reload res_ari.so", "dialplan reload", "queue reload all"
		longer                  = "longest: 4m30s"
		unseen                  = `\(which, was not looked at: /none/http\.conf: no such file or directory; name the folder of asterisk\.conf with --etc\)`
	)
	return []sickness{
		{name: "http disabled", file: "http.conf", from: "enabled = yes", to: "enabled = no", reload: http, want: []string{`ARI: nothing listens at 127\.0\.0\.1:\d+: .*/http\.conf disables it`}},
		{name: "ari disabled", file: "ari.conf", from: "enabled = yes", to: "enabled = no", reload: ari, want: []string{`ARI: Asterisk has no ARI at this address: .*/ari\.conf disables it`}},
		{name: "only reads", file: "ari.conf", from: "read_only = no", to: "read_only = yes", reload: ari, want: []string{`rights: user "aftercall" may only read`}},
		{name: "no such user", config: []string{"username: aftercall", "username: nobody"}, want: []string{`login: there is no user "nobody" in .*/ari\.conf`}},
		{name: "no such user, blind", config: []string{"username: aftercall", "username: nobody"}, blind: true, want: []string{`login: there is no user "nobody", or its password is another ` + unseen}},
		{name: "other password", config: []string{"ari-password-" + c.Asterisk.Name, "other-password"}, want: []string{`login: the password of user "aftercall" is another in .*/ari\.conf`}},
		{name: "password not read yet", file: "ari.conf", from: "(?m)^(password = ).*", to: "${1}other", reload: ari, want: []string{`login: the password of user "aftercall" is another in .*/ari\.conf`}},
		{name: "TLS", config: []string{"http://127", "https://127"}, want: []string{`ARI: this port speaks HTTP without TLS`}},
		{name: "no ARI there", config: []string{"/ari\n", "/httpstatus/ari\n"}, want: []string{`ARI: Asterisk has no ARI at this address`}},
		{name: "sessionlimit", file: "http.conf", from: "sessionlimit = .*", to: "sessionlimit = 12", reload: http, want: []string{`connections: Asterisk serves 1[0-2] of 20 at once, and closes the others: sessionlimit is 12`}},
		{name: "other systemname", config: []string{"name: " + c.Asterisk.Name, "name: pbx1"}, want: []string{`systemname: is "run-\w+", our configuration calls this node "pbx1"`}},
		{name: "no context", file: "dialplan.conf", from: `(?s).*`, to: "", reload: plan, want: []string{`dialplan: has no context aftercall-rate`}},
		{name: "no limit", file: "dialplan.conf", from: `.*TIMEOUT\(absolute\)=280.*\n`, to: "", reload: plan, want: []string{`dialplan: has no TIMEOUT\(absolute\) before Stasis\(\): who is in a survey that hangs is trapped`}},
		{name: "short limit", file: "dialplan.conf", from: `\(absolute\)=280`, to: "(absolute)=60", reload: plan, want: []string{`dialplan: TIMEOUT\(absolute\) is 60 s, the longest survey and 10 s are \d+ s: it would be cut off`}},
		{name: "other application", file: "dialplan.conf", from: `Stasis\(aftercall,`, to: "Stasis(other,", reload: plan, want: []string{`dialplan: is for application "other", ours is "aftercall"`}},
		{name: "other arguments", file: "dialplan.conf", from: `Stasis\(aftercall,v1`, to: "Stasis(aftercall,v0", reload: plan, want: []string{`dialplan: gives arguments of version "v0", want v1`}},
		{name: "never asks", file: "dialplan.conf", from: `Stasis\(.*\)`, to: "NoOp()", reload: plan, want: []string{`dialplan: never calls Stasis\(\): nobody is asked`}},
		{name: "never comes back", file: "dialplan.conf", from: `exten => T`, to: "exten => X", reload: plan, want: []string{`dialplan: has no extension T: .*`}},
		{name: "other print, blind", config: []string{longer, "longest: 4m40s"}, blind: true, want: []string{`dialplan: aftercall-rate is loaded, but not as this configuration prints it: .*`}},
		{name: "other print, long enough", config: []string{longer, "longest: 4m40s"}},
		{name: "printed again, not loaded", file: "dialplan.conf", from: `v1_280`, to: "v1_290", config: []string{longer, "longest: 4m40s"}, want: []string{`dialplan: another aftercall-rate is loaded than stands in .*/extensions\.conf`}},
		{name: "setinterfacevar", file: "queues.conf", from: `(?s)(\[sales\].*?setinterfacevar = )yes`, to: "${1}no", reload: queues, want: []string{`queue sales: has no setinterfacevar = yes: .*`}},
		{name: "setinterfacevar where Asterisk skips it", file: "queues.conf", from: `(?s)(\[sales\].*?setinterfacevar = )yes(.*)`, to: "${1}no${2}\n[sales]\nsetinterfacevar = yes\n", reload: queues, want: []string{`queue sales: has setinterfacevar = yes only where \[sales\] stands again, which Asterisk skips: .*`}},
		{name: "no such queue", config: []string{`- name: "sales"`, `- name: "ghost"`}, want: []string{`queue ghost: Asterisk has no such queue`}},
		{name: "sounds elsewhere", config: []string{"media: /", "media: /elsewhere/"}, want: []string{`sounds: Asterisk cannot play \d+ of \d+, such as /elsewhere/.*\.wav`}},
		{name: "no prompts", config: []string{"folder: ", "folder: /none"}, want: []string{`prompts: (\d+) of \d+ are not in /none.* or are damaged`}},
		{name: "twice the same", config: []string{"  nodes:\n", "  nodes:\n    - {name: pbx1, url: " + strings.Replace(c.Asterisk.ARIURL, "127.0.0.1", "localhost", 1) + ", username: " + c.Asterisk.ARIUser + ", password_file: " + c.Run + "/ari-password-" + c.Asterisk.Name + "}\n"}, want: []string{
			`systemname: is "run-\w+", our configuration calls this node "pbx1"; run-\w+ is also that of node "run-\w+": .*`, `entityid: [0-9a-f:]+ is also that of node "run-\w+": .*`,
			`systemname: run-\w+ is also that of node "pbx1": .*`, `entityid: [0-9a-f:]+ is also that of node "pbx1": .*`,
		}},
	}
}

// TestDoctorFinds: each fault is provoked once on the real Asterisk, and found;
// nothing else is.
func TestDoctorFinds(t *testing.T) {
	c := patient(t)
	if err := c.StopService(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.Run, "other-password"), []byte("other"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, s := range sicknesses(c) {
		t.Run(s.name, func(t *testing.T) {
			if s.file != "" {
				c.infect(t, s)
			}
			etc := c.Asterisk.ConfigFolder
			if s.blind {
				etc = "/none"
			}
			c.finds(t, etc, s.config, s.want...)
		})
	}
}

// finds compares what the doctor found wrong with what was to be found.
func (c *Centre) finds(t *testing.T, etc string, changes []string, want ...string) {
	t.Helper()
	got, all := c.faults(t, etc, changes)
	same := slices.EqualFunc(got, want, func(g, w string) bool { return regexp.MustCompile("^(?:" + w + ")$").MatchString(g) })
	if !same {
		t.Errorf("found %q,\nwant  %q\nin\n%s", got, want, all)
	}
}

// infect makes a change to Asterisk's configuration for one test.
func (c *Centre) infect(t *testing.T, s sickness) {
	t.Helper()
	path := filepath.Join(c.Asterisk.ConfigFolder, s.file)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	put := func(text []byte) {
		ctx, cancel := context.WithTimeout(context.Background(), endLimit) // also at the test's end
		defer cancel()
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Error(err)
		}
		if s.reload == "" {
			return
		}
		if _, err := c.Asterisk.CLI(ctx, s.reload); err != nil {
			t.Error(err)
		}
	}
	after := regexp.MustCompile(s.from).ReplaceAll(before, []byte(s.to))
	if string(after) == string(before) {
		t.Fatalf("%s has no %q to change", s.file, s.from)
	}
	put(after)
	t.Cleanup(func() { put(before) })
}

// TestDoctorNotLoaded: a context that is written and was never loaded.
func TestDoctorNotLoaded(t *testing.T) {
	c := patient(t)
	path := filepath.Join(c.Asterisk.ConfigFolder, "dialplan.conf")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Asterisk.CLI(t.Context(), "dialplan reload"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	c.finds(t, c.Asterisk.ConfigFolder, nil, "dialplan: context aftercall-rate stands in .*/extensions.conf and is not loaded")
}

// TestDoctorHearsSounds: a sound that Asterisk does not have and one that it
// cannot decode, beside ours that are well.
func TestDoctorHearsSounds(t *testing.T) {
	c := patient(t)
	sounds, err := filepath.Glob(filepath.Join(c.Asterisk.SoundsFolder, "speech-*.wav"))
	if err != nil || len(sounds) < 2 {
		t.Fatalf("%d sounds, %v", len(sounds), err)
	}
	if err := os.Remove(sounds[0]); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(sounds[1], []byte("no sound"), 0o644); err != nil {
		t.Fatal(err)
	}
	c.finds(t, c.Asterisk.ConfigFolder, nil, `sounds: Asterisk cannot play 2 of 29, such as .*/speech-\w+\.wav`)
}

// TestDoctorSeesOtherNodes: nodes that are frozen, wrong or without names do
// not keep the doctor from the others.
func TestDoctorSeesOtherNodes(t *testing.T) {
	c := patient(t)
	root, err := lab.FindRoot()
	if err != nil {
		t.Fatal(err)
	}
	other, err := lab.Start(t.Context(), lab.Options{
		Root: root, Numbers: []lab.Number{{Number: "7001", Queue: "support"}},
		Edit: func(name, text string) string {
			if name != "asterisk.conf" {
				return text
			}
			return regexp.MustCompile("(?m)^systemname.*$").ReplaceAllString(text, "")
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), endLimit)
		defer cancel()
		if err := other.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer silent.Close()
	node := func(name, url string) string {
		return fmt.Sprintf("    - {name: %s, url: %s, username: aftercall, password_file: %s}\n", name, url, filepath.Join(c.Run, "other-password"))
	}
	if err := os.WriteFile(filepath.Join(c.Run, "other-password"), []byte(other.ARIPassword), 0o600); err != nil {
		t.Fatal(err)
	}
	more := node("none", other.ARIURL) + node("silent", silent.URL+"/ari") + node("dead", "http://127.0.0.1:1/ari")
	changes := []string{"store:\n", more + "store:\n"}
	began := time.Now()
	got, all := c.faults(t, c.Asterisk.ConfigFolder, changes)
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("it took %s", took)
	}
	for _, want := range []string{"systemname: has none: calls of several nodes could get the same unique id", "dialplan: has no context aftercall-rate", "ARI: no answer within 2s", "ARI: nothing listens at 127.0.0.1:1"} {
		if !slices.Contains(got, want) {
			t.Errorf("found %q, want %q among them\n%s", got, want, all)
		}
	}
	if err := c.Asterisk.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	got, all = c.faults(t, c.Asterisk.ConfigFolder, nil)
	if err := c.Asterisk.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(got, "ARI: no answer within 2s") {
		t.Errorf("found %q of a frozen Asterisk\n%s", got, all)
	}
}

// TestDoctorAndOtherClients: the application's name is another client's.
func TestDoctorAndOtherClients(t *testing.T) {
	c := patient(t)
	etc := c.Asterisk.ConfigFolder
	taken := c.take(t)
	if err := taken.CloseNow(); err != nil {
		t.Fatal(err)
	}
	c.finds(t, etc, nil, `application: "aftercall": our service is not connected: another client took .*`)
	if err := c.StopService(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.finds(t, etc, nil)
	taken = c.take(t)
	c.finds(t, etc, nil, `application: "aftercall" is in use by another client: our service does not run`)
	if err := taken.CloseNow(); err != nil {
		t.Fatal(err)
	}
}

// take connects to the events of our application as another client does.
func (c *Centre) take(t *testing.T) *websocket.Conn {
	t.Helper()
	a := c.Asterisk
	login := url.Values{"app": {"aftercall"}, "api_key": {a.ARIUser + ":" + a.ARIPassword}}
	conn, _, err := websocket.Dial(t.Context(), strings.Replace(a.ARIURL, "http", "ws", 1)+"/events?"+login.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestDoctorReadsClocks: an Asterisk whose clock is a minute off.
func TestDoctorReadsClocks(t *testing.T) {
	c := patient(t)
	to, err := url.Parse(strings.TrimSuffix(c.Asterisk.ARIURL, "/ari"))
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	var off time.Duration
	proxy.ModifyResponse = func(r *http.Response) error {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		b = regexp.MustCompile(`"timestamp":"[^"]*"`).ReplaceAll(b, []byte(`"timestamp":"`+time.Now().Add(off).Format("2006-01-02T15:04:05.000-0700")+`"`))
		r.Body = io.NopCloser(strings.NewReader(string(b)))
		r.ContentLength = int64(len(b))
		r.Header.Set("Content-Length", fmt.Sprint(len(b)))
		return nil
	}
	server := httptest.NewServer(proxy)
	defer server.Close()
	for by, want := range map[time.Duration][]string{
		time.Minute:      {"clock: is 1m0s ahead of ours"},
		-time.Minute:     {"clock: is 1m0s behind ours"},
		-3 * time.Second: nil,
	} {
		off = by
		c.finds(t, c.Asterisk.ConfigFolder, []string{c.Asterisk.ARIURL, server.URL + "/ari"}, want...)
	}
}
