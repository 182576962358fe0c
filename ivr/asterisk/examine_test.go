package asterisk

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// examined gives what is found on a server, a line for each finding.
func examined(t *testing.T, h http.Handler, want Expected, password string) string {
	t.Helper()
	server := httptest.NewServer(h)
	defer server.Close()
	var out strings.Builder
	for _, f := range Examine(t.Context(), []Server{{Name: "node1", URL: server.URL + "/ari", Username: "aftercall", Password: password, App: "aftercall"}}, want) {
		fmt.Fprintf(&out, "%s: %s: %s\n", f.Check, f.Level, f.Text)
	}
	return out.String()
}

func says(code int, kind, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(code)
		_, _ = w.Write([]byte(text))
	}
}

const rest = "the rest: not looked at: ARI does not let us in\n"

// What answers a ping, but is no ARI that lets us in.
func TestExamineWhatIsNoARI(t *testing.T) {
	const kind = "application/json"
	for _, tt := range []struct {
		name   string
		answer http.HandlerFunc
		want   string
	}{
		{"garbled", says(200, kind, "{\"ping\":"), `ARI: fault: what answers is no ARI: 200, "{\"ping\":"`},
		{"another server", says(404, "text/html", "<h1>no</h1>"), `ARI: fault: what answers is no ARI: 404, "<h1>no</h1>"`},
		{"huge", says(200, kind, strings.Repeat("x", maxReady)), `ARI: fault: what answers is no ARI: 200, "x{200}"`},
		{"starting", says(503, kind, `{"message":"Asterisk not booted"}`), `ARI: fault: Asterisk is still starting: {"message":"Asterisk not booted"}`},
		{"without its part", says(404, kind, `{"message":"Resource not found"}`), `ARI: fault: is there without its part for the server itself`},
		{"not from here", says(403, kind, `{"message":"Access denied"}`), `login: fault: user "aftercall" is not let in from here: {"message":"Access denied"}`},
		{"hanging up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, `ARI: fault: the connection is closed without an answer: EOF`},
	} {
		got := examined(t, tt.answer, Expected{}, "right")
		want := strings.NewReplacer(`\`, `\\`, "{\"", `\{"`, "x{200}", "x{200}", ".", `\.`).Replace(tt.want)
		if !regexp.MustCompile("^" + want + "\n" + rest + "$").MatchString(got) {
			t.Errorf("%s: found %q, want %q", tt.name, got, tt.want+"\n"+rest)
		}
	}
}

// maxReady is more than one line of a finding and less than a whole reply.
const maxReady = 1 << 20

// An Asterisk that answers the first request and no other.
func TestExamineWhatStopsAnswering(t *testing.T) {
	began := time.Now()
	got := examined(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ari/asterisk/ping" {
			fmt.Fprintf(w, `{"ping":"pong","timestamp":"yesterday"}`)
			return
		}
		never(w, r)
	}), Expected{Queues: []string{"a", "b"}}, "right")
	if took := time.Since(began); took > 3*RequestLimit {
		t.Errorf("it took %s: a dead Asterisk is asked again", took)
	}
	const lost = ": not looked at: no answer from Asterisk any more\n"
	want := "ARI: ok: answers\nlogin: ok: user \"aftercall\"\nclock: not looked at: unreadable time \"yesterday\"\n" +
		"ARI: fault: answered at first, then no more: no answer within 2s\nsystemname, entityid" + lost + "rights" + lost + "application" + lost + "connections" + lost + "dialplan" + lost + "queue a" + lost + "queue b" + lost + "sounds: not looked at: none is built\n"
	if got != want {
		t.Errorf("found\n%s\nwant\n%s", got, want)
	}
}

// Which of user and password is wrong, by ari.conf.
func TestExamineLogin(t *testing.T) {
	refuses := says(401, "application/json", `{"message":"Authentication required"}`)
	server := httptest.NewServer(refuses)
	defer server.Close()
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ ari, want string }{
		{"[general]\n", `there is no user "aftercall" in …/ari.conf`},
		{"#include none.conf\n", `there is no user "aftercall", or its password is another (which, was not looked at: #include …/none.conf: no such file)`},
		{"[aftercall]\npassword = right\n", "[aftercall] in …/ari.conf is no user"},
		{"[aftercall]\ntype = user\npassword = wrong\n", `the password of user "aftercall" is another in …/ari.conf`},
		{"[aftercall]\ntype = user\npassword_format = crypt\npassword = $6$x\n", `the password of user "aftercall" is another in …/ari.conf`},
		{"[aftercall]\ntype = user\npassword = right\n", `…/ari.conf has user "aftercall" with this password, and Asterisk has not read it yet`},
	} {
		folder := etc(t, "http.conf", "[general]\nbindport = "+u.Port()+"\n", "ari.conf", tt.ari)
		found := Examine(t.Context(), []Server{{Name: "node1", URL: server.URL + "/ari", Username: "aftercall", Password: "right"}}, Expected{Etc: []string{"/none", folder}})
		if got := strings.ReplaceAll(found[0].Text, folder, "…"); got != tt.want || found[0].Level != Fault {
			t.Errorf("%q: found %q, want %q", tt.ari, got, tt.want)
		}
		for _, f := range found {
			if strings.Contains(f.Text+f.Remedy, "right") || strings.Contains(f.Text+f.Remedy, "$6$") {
				t.Errorf("%q: a password in %+v", tt.ari, f)
			}
		}
	}
}

// Where the configuration of an Asterisk is not looked for, and why.
func TestConfFolder(t *testing.T) {
	folder := etc(t, "http.conf", "[general]\ntlsbindaddr = 0.0.0.0:8090\n")
	for address, want := range map[string]string{
		"http://127.0.0.1:8088/ari":   "",
		"http://localhost:8088/ari":   "",
		"https://[::1]:8090/ari":      "",
		"http://192.0.2.1:8088/ari":   "Asterisk is on another machine: run doctor there",
		"http://pbx.example:8088/ari": "Asterisk is on another machine: run doctor there",
		"http://127.0.0.1/ari":        "…/http.conf is of another Asterisk: its port is not 80; name the folder of asterisk.conf with --etc",
	} {
		got, why := confFolder(address, []string{folder})
		if why = strings.ReplaceAll(why, folder, "…"); why != want || (got == folder) != (want == "") {
			t.Errorf("%s: %q, %q, want %q", address, got, why, want)
		}
	}
}

// What a context in extensions.conf says.
func TestWrittenFaults(t *testing.T) {
	const good = "[aftercall-rate]\nexten => s,1,Set(TIMEOUT(absolute)=100)\n same => n,Stasis(aftercall,v1,a=${B})\n same => n,Set(TIMEOUT(absolute)=0)\nexten => x,1,Stasis(none)\n"
	for _, tt := range []struct{ from, to, want string }{
		{"", "", ""},
		{"=100", "=99.5", "TIMEOUT(absolute) is 99.5 s, the longest survey and 10 s are 100 s: it would be cut off"},
		{"=100", "=0", "has no TIMEOUT(absolute) before Stasis(): who is in a survey that hangs is trapped"},
		{"=100", "=NaN", "has no TIMEOUT(absolute) before Stasis(): who is in a survey that hangs is trapped"},
		{"=100", "=inf", "has no TIMEOUT(absolute) before Stasis(): who is in a survey that hangs is trapped"},
		{"=100", "=soon", "has no TIMEOUT(absolute) before Stasis(): who is in a survey that hangs is trapped"},
		{"=100", "=${LIMIT}", ""},
		{"(aftercall,v1,a=${B})", "(${APP},v1)", ""},
		{"(aftercall,v1,a=${B})", "(other)", "is for application \"other\", ours is \"aftercall\"\ngives arguments of version \"\", want v1"},
		{"n,Stasis", "n,NoOp", "never calls Stasis(): nobody is asked"},
	} {
		c, err := readConf(etc(t, "extensions.conf", strings.Replace(good, tt.from, tt.to, 1)), "extensions.conf")
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(writtenIn(c).faults("aftercall", 100*time.Second), "\n"); got != tt.want {
			t.Errorf("%q for %q: %q, want %q", tt.to, tt.from, got, tt.want)
		}
	}
}

// A dialplan that was printed before the arguments of transfers came lacks
// them; the one that is printed now lacks nothing.
func TestWrittenLacks(t *testing.T) {
	for args, want := range map[string]string{
		"aftercall," + Arguments("${ARG1}", "1"): "",
		"aftercall,v1,agent=${MEMBERINTERFACE},agentname=${URIENCODE(${MEMBERNAME})},queue=support,uniqueid=${UNIQUEID},visit=1,linkedid=x,talk=1,language=en,codec=ulaw": "agentid before dialled peer attended hungup told",
	} {
		c, err := readConf(etc(t, "extensions.conf", "[aftercall-rate]\nexten => s,1,Stasis("+args+")\n"), "extensions.conf")
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(writtenIn(c).lacks, " "); got != want {
			t.Errorf("%s: lacks %q, want %q", args, got, want)
		}
	}
}
