package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

// sipgo opens a socket of its own for an ACK that is still being handled while
// its station closes; nothing can be told to close that one.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/emiago/sipgo/sip.(*TransportUDP).readUDPConnection"))
}

// phones starts `caller agents` and returns its address, and what ends it and
// returns the rest of its output.
func phones(t *testing.T, talk string, flags ...string) (address string, hangUp func() string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"agents", "--talk", talk}, flags...), nil, in, io.Discard)
		in.CloseWithError(err)
		ended <- err
	}()
	lines := bufio.NewReader(out)
	first, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address, found := strings.CutPrefix(strings.TrimSpace(first), "listening on ")
	if !found {
		t.Fatalf("first line %q, want listening on ...", first)
	}
	return address, func() string {
		cancel()
		rest, err := io.ReadAll(lines)
		if err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
		return string(rest)
	}
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func readLog(t *testing.T, path string) (records []callRecord) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		var r callRecord
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	return records
}

// Robots call agents over real SIP and RTP: half stay until the agent hangs up,
// half press keys at the agent and hang up first.
func TestCallersAndAgents(t *testing.T) {
	address, hangUp := phones(t, "600ms..800ms")
	personas := writeFile(t, "personas.yaml", `
personas:
  - {name: patient, weight: 1}
  - {name: hasty, weight: 1, acts: [{talk: 150ms, press: "5"}, {talk: 300ms, hangup: true}]}
`)
	log := filepath.Join(t.TempDir(), "calls.jsonl")
	var out bytes.Buffer
	err := run(t.Context(), []string{"run", "--proxy", address, "--number", "1001", "--personas", personas,
		"--calls", "8", "--rate", "100", "--at-once", "8", "--log", log, "--json"}, nil, &out, io.Discard)
	if err != nil {
		t.Error(err)
	}
	var sum summary
	if err := json.Unmarshal(out.Bytes(), &sum); err != nil {
		t.Fatal(err)
	}
	hasty := sum.Personas["hasty"]
	if hasty == 0 || hasty == 8 {
		t.Fatalf("%d of 8 calls are hasty, want some of each: choose another seed", hasty)
	}
	records := readLog(t, log)
	if len(records) != 8 || sum.Calls != 8 || sum.Answered != 8 || sum.Failed != 0 || sum.Talks != 8 || sum.Keys["5"] != hasty {
		t.Errorf("%d records, summary %+v", len(records), sum)
	}
	for _, r := range records {
		checkTalk(t, r)
	}
	said := hangUp()
	want := []string{"1001", "8", strconv.Itoa(8 - hasty), strconv.Itoa(hasty), "0", "0"}
	if diff := cmp.Diff(want, board(said)); diff != "" {
		t.Errorf("agents say:\n%s%s", said, diff)
	}
}

// checkTalk sees that a call with an agent was one steady tone.
func checkTalk(t *testing.T, r callRecord) {
	t.Helper()
	if r.Error != "" || len(r.Visits) != 1 || len(r.Segments) == 0 || r.Segments[0].sound != (sound{Kind: tone, Hz: testTone}) {
		t.Errorf("%s: %+v", r.Caller, r)
		return
	}
	talk := r.Visits[0].TalkEnd - r.Visits[0].TalkStart
	switch r.Persona {
	case "hasty":
		if p := r.Visits[0].Presses; r.EndedBy != endedByCaller || len(p) != 1 || p[0].Start < 150 || p[0].End <= p[0].Start {
			t.Errorf("%s: ended by %s, presses %v", r.Caller, r.EndedBy, p)
		}
	case "patient":
		if r.EndedBy != endedByFar || talk < 580 || talk > 800 {
			t.Errorf("%s: ended by %s, talk of %d ms, want far, 600 to 800", r.Caller, r.EndedBy, talk)
		}
	}
}

func TestCallsThatFail(t *testing.T) {
	host := netip.MustParseAddr("127.0.0.1")
	refusing, err := newStation(netip.AddrPortFrom(host, 0), func(req *sip.Request, tx sip.ServerTransaction) {
		respond(req, tx, sip.StatusNotFound, "Not Found")
	})
	if err != nil {
		t.Fatal(err)
	}
	defer refusing.close()
	endless, hangUp := phones(t, "1m..1m")
	defer hangUp()
	mute, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(host, 0)))
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	tests := map[string]struct {
		proxy   string
		endedBy ending
		want    string
	}{
		"refused": {refusing.address.String(), endedByFault, `dial "1001": refused: 404 Not Found`},
		"mute":    {mute.LocalAddr().String(), endedByFault, `dial "1001": no answer within the call's time limit`},
		"endless": {endless, endedByLimit, "still up after 1s"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			log := filepath.Join(t.TempDir(), "calls.jsonl")
			err := run(t.Context(), []string{"run", "--proxy", test.proxy, "--number", "1001", "--calls", "1",
				"--limit", "1s", "--log", log}, nil, io.Discard, io.Discard)
			if err == nil || err.Error() != "1 of 1 calls could not be carried out" {
				t.Errorf("error %v", err)
			}
			records := readLog(t, log)
			if len(records) != 1 || records[0].EndedBy != test.endedBy || records[0].Error != test.want {
				t.Errorf("%+v, want error %q", records, test.want)
			}
		})
	}
}

func TestBadFlags(t *testing.T) {
	tests := map[string]struct {
		args []string
		want string
	}{
		"talk":     {[]string{"agents", "--talk", "3s..1s"}, `--talk "3s..1s": not a range, want shortest..longest of 20ms or more, e.g. 1s..3s`},
		"tone":     {[]string{"agents", "--tone", "5"}, `--tone 5: not in a telephone's band, want 300 to 3400 Hz`},
		"transfer": {[]string{"agents", "--transfer", "1001=1002"}, `--transfer "1001=1002": want <agent>=blind:<number> or <agent>=attended:<number>`},
		"twice":    {[]string{"agents", "--transfer", "1=blind:2", "--transfer", "1=blind:3"}, `--transfer "1=blind:3": agent "1" is named twice, want once`},
		"consult":  {[]string{"agents", "--consult", "0s"}, `--consult 0s, --pick-up 0s: want 20ms or more, and 0 or more`},
		"listen":   {[]string{"agents", "--listen", "192.0.2.1:0"}, `--listen "192.0.2.1:0": not this machine, want 127.0.0.1, or --any-host`},
		"proxy":    {[]string{"run", "--proxy", "192.0.2.1:5060"}, `--proxy "192.0.2.1:5060": not this machine, want 127.0.0.1, or --any-host`},
		"several":  {[]string{"run", "--calls", "0", "--rate", "0"}, "--calls 0: want 1 or more\n--rate 0: want 0.01 to 1000 calls per second"},
		"personas": {[]string{"run", "--personas", "nowhere.yaml"}, "--personas: open nowhere.yaml: no such file or directory"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := run(t.Context(), test.args, nil, io.Discard, io.Discard)
			if err == nil || err.Error() != test.want {
				t.Errorf("error:\n%v\nwant:\n%s", err, test.want)
			}
		})
	}
}
