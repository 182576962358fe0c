package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aftercall/scoring"
	"aftercall/scoring/sqlite"

	"github.com/google/go-cmp/cmp"
)

// moments are times as people read them.
var moments = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d`)

// says carries out a command that must go well, and holds what it prints
// against a file.
func says(t *testing.T, path, file string, args ...string) {
	t.Helper()
	out, log, status := command(t, path, append([]string{"experiment"}, args...)...)
	if log != "" || status != 0 {
		t.Fatalf("experiment %v printed %q with status %d", args, log, status)
	}
	golden(t, file, moments.ReplaceAllString(out, "2026-01-02 03:04"))
}

// ordered carries out a command that must print no more than text, a regular
// expression.
func ordered(t *testing.T, path, text string, status int, args ...string) {
	t.Helper()
	out, log, got := command(t, path, append([]string{"experiment"}, args...)...)
	wants(t, fmt.Sprint("experiment ", args), out+log, text, got, status)
}

// stores reads the store of a site beside the program.
func stores(t *testing.T, path string, look func(*sqlite.Store)) {
	t.Helper()
	store, err := sqlite.OpenReadOnly(t.Context(), load(t, path).Store.Path)
	if err != nil {
		t.Fatal(err)
	}
	look(store)
	if err := store.Close(); err != nil {
		t.Error(err)
	}
}

// epochs lists the epochs of the question service, each as its queue, its
// experiment and its arms with their weights.
func epochs(t *testing.T, path string) (all []string) {
	t.Helper()
	stores(t, path, func(s *sqlite.Store) {
		list, err := s.EpochList(t.Context(), "service")
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			text := e.Queue + " " + e.Experiment + " " + e.Seed
			for _, a := range e.Arms {
				text += fmt.Sprintf(" %s:%d", a.Layout, a.Weight)
			}
			all = append(all, text)
		}
	})
	return all
}

const (
	configuredElsewhere = "unknown  1 habit:1"
	configured          = "support  1 habit:1 strict:1"
)

// lived fills a site's store with a hundred calls of each of the last four
// days, 80 of them rated and all of these satisfied, by a service that ran.
func lived(t *testing.T, path string) {
	t.Helper()
	serves(t, path).stop()
	version := ""
	stores(t, path, func(s *sqlite.Store) {
		list, err := s.LayoutList(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range list {
			if l.Name == "habit" {
				version = l.Version
			}
		}
	})
	var all []scoring.Record
	for day := range 4 {
		at := time.Now().In(load(t, path).Zone).AddDate(0, 0, -1-day)
		for n := range 100 {
			r := visit(1000*day+n, scoring.NoInput, scoring.Silent)
			if n < 80 {
				r = visit(1000*day+n, scoring.Rated, scoring.Completed)
				r.Answers[0].Verdict, r.Answers[0].Value, r.Answers[0].Entry = "satisfied", 3, "1"
			}
			if n < 10 {
				r.Answers[0].Verdict, r.Answers[0].Value, r.Answers[0].Entry = "dissatisfied", 1, "3"
			}
			r.Call.Day = at.Format(time.DateOnly)
			r.Assignments[0].Version = version
			all = append(all, r)
		}
	}
	c := load(t, path)
	store, err := sqlite.Open(t.Context(), c.Store.Path, sqlite.Options{Zone: c.Site.TimeZone, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.WriteAll(t.Context(), all); err != nil {
		t.Error(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}

var started = []string{"start", "gaps", "--layouts", "habit,gap", "--queue", "support=3:1", "--queue", "unknown", "--size", "4000"}

// TestExperiment: started, changed and stopped while the service runs, each in
// force at once.
func TestExperiment(t *testing.T) {
	path := built(t)
	lived(t, path)
	s := serves(t, path)
	says(t, path, "experiment-none.golden", "status")
	says(t, path, "experiment-start.golden", started...)
	const elsewhere, support = "unknown gaps gaps habit:1 gap:1", "support gaps gaps habit:3 gap:1"
	want := []string{configuredElsewhere, configured, elsewhere, support}
	same := func() {
		t.Helper()
		if d := cmp.Diff(want, epochs(t, path)); d != "" {
			t.Errorf("epochs differ (-want +got):\n%s", d)
		}
	}
	same()
	if status, body := s.reload(path); status != 200 { // changes nothing
		t.Errorf("reload: %s", body)
	}
	same()
	if _, body := s.get("/metrics", ""); !strings.Contains(body, `aftercall_layout_surveys_total{layout="gap",outcome="rated",question="service",queue="support"} 0`) {
		t.Error("the series of the new layout do not stand at 0")
	}
	says(t, path, "experiment-status.golden", "status")
	ordered(t, path, `--queue "support=2:1": queue "support" is there twice\n`, 1, "change", "gaps", "--queue", "support", "--queue", "support=2:1")
	ordered(t, path, "Experiment gaps has other weights.\n", 0, "change", "gaps", "--queue", "support")
	want = append(want, "support gaps gaps habit:1 gap:1")
	same()
	says(t, path, "experiment-status-zh.golden", "status", "gaps", "--lang", "zh-CN")
	ordered(t, path, "Experiment gaps has ended: its queues go by the configured split.\n", 0, "stop", "gaps")
	want = append(want, configuredElsewhere, configured)
	same()
	says(t, path, "experiment-ended.golden", "status", "gaps")
	ordered(t, path, `[^=]*experiment "gaps": no such experiment runs: it ended at .*\n`, 1, "stop", "gaps")
	ordered(t, path, `[^=]*experiment "gaps": the store holds another of this name, .*\n`, 1, started...)
	same()
	s.stop()
}

// TestExperimentOfAStoppedService: commands go into its store, its next start
// follows them, and each one after that goes on as it was. A service that is
// killed in the middle of a command leaves its store just so.
func TestExperimentOfAStoppedService(t *testing.T) {
	path := built(t)
	serves(t, path).stop()
	says(t, path, "experiment-start-stopped.golden", append(slices.Clone(started), "--seed", "7", "--lang", "zh-CN")...)
	ordered(t, path, "Experiment gaps has other weights.\nThe service does not run.*\n", 0, "change", "gaps", "--queue", "support=1:2")
	want := []string{configuredElsewhere, configured}
	if d := cmp.Diff(want, epochs(t, path)); d != "" {
		t.Errorf("epochs before the start (-want +got):\n%s", d)
	}
	says(t, path, "experiment-status-stopped.golden", "status")
	want = append(want, "unknown gaps 7 habit:1 gap:1", "support gaps 7 habit:1 gap:2")
	for range 2 {
		serves(t, path).stop()
		if d := cmp.Diff(want, epochs(t, path)); d != "" {
			t.Errorf("epochs (-want +got):\n%s", d)
		}
	}
	ordered(t, path, "Experiment gaps has ended.*\nThe service does not run.*\n", 0, "stop", "gaps")
	serves(t, path).stop()
	if d := cmp.Diff(append(want, configuredElsewhere, configured), epochs(t, path)); d != "" {
		t.Errorf("epochs after the stop (-want +got):\n%s", d)
	}
}

// TestStopBeforeTheStart: where the clock was set back behind the start of an
// experiment, it can be stopped all the same, by the service and without it.
func TestStopBeforeTheStart(t *testing.T) {
	path := built(t)
	s := serves(t, path)
	for _, alone := range []bool{false, true} {
		name := fmt.Sprint("x-", alone)
		ordered(t, path, "Experiment "+name+" has started.*", 0, "start", name, "--layouts", "habit,gap", "--queue", "support", "--size", "4000")
		change(t, path, "UPDATE experiments SET started_at = started_at + 3600000 WHERE ended_at IS NULL")
		if alone {
			s.stop()
		}
		ordered(t, path, "Experiment .* has ended.*\n", 0, "stop", name)
	}
	stores(t, path, func(s *sqlite.Store) {
		all, err := s.Experiments(t.Context())
		if err != nil || len(all) != 2 {
			t.Fatalf("experiments %+v, %v, want two", all, err)
		}
		for _, e := range all {
			if e.EndedAt == nil || !e.EndedAt.Equal(e.StartedAt) {
				t.Errorf("experiment %q from %s to %v, want its start for its end", e.Name, e.StartedAt, e.EndedAt)
			}
		}
	})
}

// TestReloadUnderAnExperiment: what it needs cannot be reloaded away.
// A service that starts without it runs all the same, with the experiment
// suspended, and takes it up when it can.
func TestReloadUnderAnExperiment(t *testing.T) {
	path := built(t)
	s := serves(t, path)
	if _, log, status := command(t, path, append([]string{"experiment"}, "start", "x", "--layouts", "habit,gap", "--queue", "support", "--size", "4000")...); status != 0 {
		t.Fatal(log)
	}
	const before, after = "  - name: support\n", "  - name: sales\n"
	edit(t, path, before, after)
	want := `experiment "x": queue "support": is not listed, want one of the configuration, or unknown for all that are not; want the configuration as it was, or the experiment stopped: aftercall experiment stop x`
	if status, body := s.reload(path); status != 500 || !strings.Contains(body, want) {
		t.Errorf("reload: status %d, %q, want 500 with %s", status, body, want)
	}
	all := []string{configuredElsewhere, configured, "support x x habit:1 gap:1"}
	if d := cmp.Diff(all, epochs(t, path)); d != "" {
		t.Errorf("epochs (-want +got):\n%s", d)
	}
	s.stop()
	s = serves(t, path)
	if want := `msg="experiment suspended: its calls go by the configured split" experiment=x error="experiment \"x\": queue \"support\": is not listed`; !strings.Contains(s.log, want) {
		t.Errorf("no %s in\n%s", want, s.log)
	}
	says(t, path, "experiment-suspended.golden", "status", "x")
	if status, body := s.reload(path); status != 200 {
		t.Errorf("reload with a suspended experiment: %s", body)
	}
	edit(t, path, after, before)
	if status, body := s.reload(path); status != 200 {
		t.Errorf("reload: %s", body)
	}
	if d := cmp.Diff(append(all, strings.Replace(configured, "support", "sales", 1)), epochs(t, path)); d != "" {
		t.Errorf("epochs (-want +got):\n%s", d)
	}
	says(t, path, "experiment-resumed.golden", "status", "x")
	s.stop()
}

// TestExperimentRefused: what is wrong is said, and nothing is changed; with
// the service or without it.
func TestExperimentRefused(t *testing.T) {
	path := built(t)
	s := serves(t, path)
	try := func() {
		t.Helper()
		for args, text := range map[string]string{
			"start x --layouts habit,none --queue support --size 4000":                              `experiment "x": layout "none" is not defined\n`,
			"start x --layouts habit,resolved-yes-no --queue support --size 4000":                   `experiment "x": layouts ask questions "service" and "resolved", want all to ask one\n`,
			"start x --question service --layouts habit,resolved-yes-no --queue supprt --size 4000": `experiment "x": layout "resolved-yes-no" asks question "resolved", want one that asks "service"\nexperiment "x": queue "supprt": is not listed, .*\n`,
			"start x --question resolved --layouts habit,gap --queue support --size 4000":           `.*experiment "x": queue "support": survey "service" does not ask question "resolved"\n`,
			"start x --layouts habit,gap --queue support=1:1:1 --size 4000":                         `--queue "support=1:1:1": 3 weights, want one for each of 2 layouts\n`,
			"start x --layouts habit,gap --queue support=1:x --size 4000":                           `--queue "support=1:x": "x" is no weight, want whole numbers such as 9:1\n`,
			"start x --layouts habit,gap --queue support=1:0 --size 4000":                           `experiment "x": invalid record: queue "support": 1 layouts .*\n`,
			"start x --layouts habit,gap --queue support=-1:1 --size 4000":                          `experiment "x": invalid record: queue "support": layout "habit": weight -1, .*\n`,
			"start x --layouts habit --queue support --size 4000":                                   `experiment "x": invalid record: 1 layouts, .*\n`,
			"start x --layouts habit,gap --queue support --size 3":                                  `experiment "x": invalid record: size 3, .*\n`,
			"start x/y --layouts habit,gap --queue support --size 4000":                             `experiment "x/y": invalid record: name, .*\n`,
			"start x --layouts habit,gap --queue support":                                           `required flag\(s\) "size" not set\n`,
			"start x --layouts habit,gap --queue support --size 4000 --lang xx":                     `--lang "xx": .*\n`,
			"start --layouts habit,gap --queue support --size 4000":                                 `accepts 1 arg\(s\), received 0\n`,
			"change x --queue support":                                                              `experiment "x": no such experiment runs\n`,
			"stop x":                                                                                `[^=]*experiment "x": no such experiment runs: the store holds none of that name\n`,
			"status x":                                                                              `experiment "x": the store holds none of that name\n`,
			"bogus":                                                                                 `unknown command "bogus" for "aftercall experiment"\n`,
		} {
			ordered(t, path, text, 1, strings.Fields(args)...)
		}
	}
	try()
	s.stop()
	try()
	if d := cmp.Diff([]string{configuredElsewhere, configured}, epochs(t, path)); d != "" {
		t.Errorf("epochs (-want +got):\n%s", d)
	}
	says(t, path, "experiment-none-stopped.golden", "status")
}

// TestExperimentTooLong: layouts that would hold callers longer than allowed
// are refused, also by weights that bring them in.
func TestExperimentTooLong(t *testing.T) {
	t.Setenv("AFTERCALL_SURVEY_LONGEST", "1m50s")
	path := built(t, "pause: 3s", "pause: 6s")
	edit(t, path, oneQueue, "layouts: [{layout: habit, weight: 1}]")
	s := serves(t, path)
	ordered(t, path, `experiment "x": survey "service" would take up to \d+m[\d.]+s with its layouts, want at most survey.longest = 1m50s\n`, 1,
		"start", "x", "--layouts", "habit,gap", "--queue", "support", "--size", "4000")
	s.stop()
}

// TestExperimentsAtOnce: of many over one queue, one is started.
func TestExperimentsAtOnce(t *testing.T) {
	path := built(t)
	s := serves(t, path)
	var all sync.WaitGroup
	statuses := make([]int, 8)
	for i := range statuses {
		all.Go(func() {
			_, _, statuses[i] = command(t, path, "experiment", "start", fmt.Sprint("x", i), "--layouts", "habit,gap", "--queue", "support", "--size", "4000")
		})
	}
	all.Wait()
	slices.Sort(statuses)
	if d := cmp.Diff([]int{0, 1, 1, 1, 1, 1, 1, 1}, statuses); d != "" {
		t.Errorf("statuses (-want +got):\n%s", d)
	}
	if n := len(epochs(t, path)); n != 3 {
		t.Errorf("%d epochs, want 3", n)
	}
	s.stop()
}

func TestExperimentStatusAsJSON(t *testing.T) {
	path := built(t)
	lived(t, path)
	s := serves(t, path)
	if _, log, status := command(t, path, append([]string{"experiment"}, started...)...); status != 0 {
		t.Fatal(log)
	}
	out, _, status := command(t, path, "experiment", "status", "--json")
	var p progress
	if err := json.Unmarshal([]byte(out), &p); err != nil || status != 0 {
		t.Fatalf("%v: %s", err, out)
	}
	if p.Name != "gaps" || p.State != "running" || p.Size != 4000 || p.Ratings != 3200 || p.PerDay != 100 || p.DaysLeft != 40 || len(p.Epochs) != 2 || len(p.Arms) != 2 || time.Since(p.StartedAt) > time.Minute {
		t.Errorf("status %+v", p)
	}
	s.stop()
}

// dialled gives a client of a service's socket.
func dialled(t *testing.T, path string) *overSocket {
	t.Helper()
	o, err := dial(t.Context(), load(t, path).Store.Socket)
	if err != nil || o == nil {
		t.Fatalf("dial: %v, %v", o, err)
	}
	return o
}

// TestControl: the socket is its user's alone, answers faults with their
// status, and is not to be had over TCP.
func TestControl(t *testing.T) {
	path := built(t)
	s := serves(t, path)
	info, err := os.Stat(load(t, path).Store.Socket)
	if err != nil || info.Mode() != fs.ModeSocket|0o600 {
		t.Errorf("socket %v, %v, want one of mode 0600", info, err)
	}
	client := &dialled(t, path).client
	for _, tt := range []struct {
		method, path, body string
		status             int
		text               string
	}{
		{"GET", "/experiments", "", 200, "[]"},
		{"POST", "/experiments", "{", 400, "unexpected EOF"},
		{"POST", "/experiments", `{"colour": "red"}`, 400, `unknown field`},
		{"POST", "/experiments", `{} {}`, 400, "more than one value"},
		{"POST", "/experiments", `{"name": "x"}`, 400, "no question"},
		{"POST", "/experiments", `"` + strings.Repeat("x", maxOrder), 400, "too large"},
		{"PUT", "/experiments/x", `[]`, 404, "no such experiment runs"},
		{"POST", "/experiments/x/stop", "", 404, "no such experiment runs"},
		{"DELETE", "/experiments/x", "", 405, ""},
		{"GET", "/metrics", "", 404, ""},
	} {
		req, err := http.NewRequestWithContext(t.Context(), tt.method, "http://aftercall"+tt.path, strings.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var said strings.Builder
		if err := errors.Join(resp.Write(&said), resp.Body.Close()); err != nil {
			t.Error(err)
		}
		if resp.StatusCode != tt.status || !strings.Contains(said.String(), tt.text) {
			t.Errorf("%s %s %.30s: status %d, want %d with %q\n%s", tt.method, tt.path, tt.body, resp.StatusCode, tt.status, tt.text, said.String())
		}
	}
	if status, _ := s.get("/experiments", ""); status != 404 {
		t.Errorf("over TCP: status %d, want 404", status)
	}
	s.stop()
	if _, err := os.Stat(load(t, path).Store.Socket); !os.IsNotExist(err) {
		t.Errorf("the socket after the stop: %v, want none", err)
	}
}

// TestStaleSocket: what a killed service left is removed by the next, and a
// command beside it goes into the store.
func TestStaleSocket(t *testing.T) {
	path := built(t)
	serves(t, path).stop()
	l, err := net.Listen("unix", load(t, path).Store.Socket)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	ordered(t, path, "Experiment gaps has started.*The service does not run.*", 0, started...)
	s := serves(t, path)
	if all, err := dialled(t, path).states(t.Context()); err != nil || len(all) != 1 || all[0].State != "running" {
		t.Errorf("experiments %+v, %v", all, err)
	}
	s.stop()
}

// TestSocketIsAFile: what is no socket is not removed.
func TestSocketIsAFile(t *testing.T) {
	path := built(t)
	socket := load(t, path).Store.Socket
	if err := os.WriteFile(socket, []byte("of somebody"), 0o600); err != nil {
		t.Fatal(err)
	}
	refuses(t, path, `store.socket: "…/aftercall.db.sock" is no socket, want a path where nothing else is`)
	if b, err := os.ReadFile(socket); err != nil || string(b) != "of somebody" {
		t.Errorf("the file holds %q, %v", b, err)
	}
}

// TestSocketOfAnotherService: a service with a store of its own does not take
// away the socket of one that runs, whose commands it would get.
func TestSocketOfAnotherService(t *testing.T) {
	path := built(t)
	s := serves(t, path)
	other := built(t)
	t.Setenv("AFTERCALL_STORE_SOCKET", load(t, path).Store.Socket)
	refuses(t, other, `aftercall.db.sock" is that of another service, want a path of its own for each`)
	if all, err := dialled(t, path).states(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("experiments of the first %+v, %v, want none", all, err)
	}
	s.stop()
}

// TestServiceOnAnotherSocket: a service that holds the store and does not
// answer where the configuration says is no reason to write beside it.
func TestServiceOnAnotherSocket(t *testing.T) {
	path := built(t)
	s := serves(t, path)
	t.Setenv("AFTERCALL_STORE_SOCKET", filepath.Join(t.TempDir(), "other"))
	ordered(t, path, `open database .*: the store is in use by another process, .*; no service answers at store.socket ".*other": want the one that the service was started with, .*\n`, 1, started...)
	if status, body := s.reload(path); status != 500 || !strings.Contains(body, "store.socket: is …/aftercall.db.sock and would become") {
		t.Errorf("reload: status %d, %s", status, body)
	}
	s.stop()
}

// TestExperimentKeptAndNotInForce: where the store fails behind the moment at
// which it keeps an experiment, calls are split as before, which is said, and
// the next reload makes up for it.
func TestExperimentKeptAndNotInForce(t *testing.T) {
	path := built(t)
	s := serves(t, path)
	change(t, path, "ALTER TABLE epochs RENAME TO away")
	ordered(t, path, "it is kept, but calls are split as before until the next reload or start: .*no such table.*\n", 1, started...)
	change(t, path, "ALTER TABLE away RENAME TO epochs")
	want := []string{configuredElsewhere, configured}
	if d := cmp.Diff(want, epochs(t, path)); d != "" {
		t.Errorf("epochs (-want +got):\n%s", d)
	}
	stands := func(pending bool) {
		t.Helper()
		all, err := dialled(t, path).states(t.Context())
		if err != nil || len(all) != 1 || all[0].Pending != pending {
			t.Errorf("experiments %+v, %v, want one with pending %v", all, err, pending)
		}
		for lang, text := range map[string]string{"en": "Not in force yet", "zh-CN": "尚未生效"} {
			if out, _, _ := command(t, path, "experiment", "status", "--lang", lang); strings.Contains(out, text) != pending {
				t.Errorf("status, pending %v:\n%s", pending, out)
			}
		}
	}
	stands(true)
	if status, body := s.reload(path); status != 200 {
		t.Errorf("reload: %s", body)
	}
	stands(false)
	if d := cmp.Diff(append(want, "unknown gaps gaps habit:1 gap:1", "support gaps gaps habit:3 gap:1"), epochs(t, path)); d != "" {
		t.Errorf("epochs after the reload (-want +got):\n%s", d)
	}
	s.stop()
}
