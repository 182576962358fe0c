package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"aftercall/scoring"
	"aftercall/scoring/privacy"
	"aftercall/scoring/sqlite"
)

const (
	anns      = "+4930555017"
	bobs      = "030 555 088"
	callerKey = "5e8f0c1d2b3a49586776859493a2b1c0"
)

// keeps gives a site that keeps numbers in one form, with the calls of two
// callers, one of them in progress, and of some who cannot be told.
func keeps(t *testing.T, form scoring.CallerForm, changes ...string) (path string, k privacy.Keeper) {
	t.Helper()
	t.Setenv("CALLER_KEY", callerKey)
	key := ""
	if changes = append(changes, "  caller: none", "  caller: "+string(form)); form == scoring.CallerHMAC {
		key, changes = callerKey, append(changes, `  key_env: ""`, `  key_env: CALLER_KEY`)
	}
	k, err := privacy.New(form, key)
	if err != nil {
		t.Fatal(err)
	}
	path = built(t, changes...)
	serves(t, path).stop() // which keeps the layouts
	var all []scoring.Record
	for n, who := range []scoring.Caller{k.Keep(anns), k.Keep(anns), k.Keep(bobs), {}, scoring.NewCaller(scoring.CallerHMAC, "00000000", "0011"),
		scoring.NewCaller(scoring.CallerLast4, "", "5017"), scoring.NewCaller(form, "", "")} {
		if who.Form == scoring.CallerNone {
			who = scoring.Caller{}
		}
		r := visit(n, scoring.Rated, scoring.Completed)
		r.Call.Caller = who
		all = append(all, r)
	}
	open := visit(9, "", "")
	open.Call.Caller = k.Keep(anns)
	open.Call.StartedAt = time.Now() // or the service closes it
	fill(t, path, append(all, open)...)
	return path, k
}

// TestSubjectAndErase: with the service and on its store alone, under both
// forms by which callers are found.
func TestSubjectAndErase(t *testing.T) {
	for _, form := range []scoring.CallerForm{scoring.CallerHMAC, scoring.CallerFull} {
		for _, served := range []bool{true, false} {
			t.Run(fmt.Sprint(form, " service ", served), func(t *testing.T) {
				path, k := keeps(t, form)
				var s *running
				if served {
					s = serves(t, path)
				}
				before := shown(t, path)
				out, log, status := typed(t, path, strings.NewReader(anns+"\n+49 (30) 555-017\n"), "subject", "--caller", "-")
				if status != 0 || strings.Count(out, "node1-") != 3 || !strings.Contains(out, "3 calls are held") || !strings.Contains(out, k.Keep(anns).Reveal()) {
					t.Errorf("subject: status %d, want three calls with what is kept:\n%s%s", status, out, log)
				}
				for _, lost := range []string{"1 more calls are held without anything of a number", "1 more calls are held whose number was lost", "1 more calls are held under another key (fingerprint 00000000)",
					"1 more calls are held with the last four digits", "Copies of the database were not looked through"} {
					if !strings.Contains(out, lost) {
						t.Errorf("subject does not say %q:\n%s", lost, out)
					}
				}
				if out, _, _ = command(t, path, "subject", "--caller", bobs, "--lang", "zh-CN"); !strings.Contains(out, "存有 1 条通话记录") || !strings.Contains(out, "一般") {
					t.Errorf("subject in Chinese:\n%s", out)
				}
				if _, log, status = command(t, path, "erase", "--caller", anns); status != 1 || !strings.Contains(log, "want --yes") {
					t.Errorf("erase without a terminal: status %d, %s", status, log)
				}
				erases(t, path, 2, 1)
				erases(t, path, 0, 1)
				held := heldJSON(t, path, anns)
				if held.All != 1 || len(held.Calls) != 1 || held.Calls[0].End != nil {
					t.Errorf("held behind the erasure: %+v, want the call in progress", held)
				}
				if held = heldJSON(t, path, bobs); held.All != 1 {
					t.Errorf("%d calls of another are held, want 1", held.All)
				}
				if served {
					if _, body := s.get("/metrics", ""); !strings.Contains(body, `aftercall_calls_removed_total{why="erasure"} 2`) {
						t.Error("the metrics do not tell of the erasure")
					}
					s.stop()
				}
				wantAudit(t, path)
				if after := shown(t, path); before != after {
					t.Errorf("agents' figures behind the erasure:\n%swant\n%s", after, before)
				}
				if out, _, _ := command(t, path, "recount"); out != "recounted; 0 figures differed\n" {
					t.Errorf("recount: %q", out)
				}
				s = serves(t, path)
				if _, body := s.get("/metrics", ""); !strings.Contains(body, `aftercall_calls_removed_total{why="erasure"} 2`) {
					t.Error("the next start does not remember the erasure")
				}
				s.stop()
			})
		}
	}
}

// shown gives the agents' figures as a table.
func shown(t *testing.T, path string) string {
	t.Helper()
	out, log, status := command(t, path, "agents", "--from", "2026-03-01", "--to", "2026-04-30", "--csv")
	if status != 0 {
		t.Fatalf("agents: %s", log)
	}
	return out
}

// erases erases Ann's calls, and wants so many gone and in progress.
func erases(t *testing.T, path string, gone, open int) {
	t.Helper()
	out, log, status := command(t, path, "erase", "--caller", anns, "--yes")
	for _, want := range []string{fmt.Sprintf("%d calls will be erased", gone+open), "Totals and roll-ups stay", fmt.Sprintf("%d calls were erased", gone),
		fmt.Sprintf("%d calls are in progress and were not erased", open), "under another key", "Copies of the database were not looked through"} {
		if status != 0 || !strings.Contains(out, want) {
			t.Errorf("erase: status %d, want %q in\n%s%s", status, want, out, log)
		}
	}
	if strings.Contains(out+log, anns[1:]) {
		t.Errorf("erase tells the number:\n%s%s", out, log)
	}
}

func heldJSON(t *testing.T, path, number string) (held subject) {
	t.Helper()
	out, log, status := command(t, path, "subject", "--caller", number, "--json")
	if err := json.Unmarshal([]byte(out), &held); err != nil || status != 0 {
		t.Fatalf("subject --json: %v, status %d: %s%s", err, status, out, log)
	}
	return held
}

func wantAudit(t *testing.T, path string) {
	t.Helper()
	out, log, status := command(t, path, "audit")
	for action, n := range map[string]int{"looked up for a caller": 7, "erased for a caller": 2} {
		if got := strings.Count(out, action); status != 0 || got != n {
			t.Errorf("audit tells %d times %q, want %d:\n%s%s", got, action, n, out, log)
		}
	}
	if zh, _, _ := command(t, path, "audit", "--lang", "zh-CN", "--limit", "1"); !strings.Contains(zh, "应来电者要求查询") {
		t.Errorf("audit in Chinese:\n%s", zh)
	}
	asJSON, _, _ := command(t, path, "audit", "--json")
	if strings.Count(asJSON, "\n") != 9 || strings.Contains(out+asJSON, "555") {
		t.Errorf("audit --json has not one line for each, or tells a number:\n%s", asJSON)
	}
}

// TestCallersCannotBeFound: under none and last4 nobody is shown or erased,
// and it is said why.
func TestCallersCannotBeFound(t *testing.T) {
	for form, want := range map[scoring.CallerForm]string{
		scoring.CallerNone:  `callers cannot be found: privacy\.caller is none, so nothing is kept of their numbers that could be looked for; want hmac or full; 1 calls are kept as full or hmac from before.*`,
		scoring.CallerLast4: `callers cannot be found: privacy\.caller is last4, and many callers share four digits: those of strangers would be shown or erased; want hmac or full; 1 calls .*`,
	} {
		for _, served := range []bool{true, false} {
			path, _ := keeps(t, form, "drain: 30s", "drain: 0s")
			var s *running
			if served {
				s = serves(t, path)
			}
			for _, args := range [][]string{{"subject", "--caller", anns}, {"erase", "--caller", anns, "--yes"}} {
				out, log, status := command(t, path, args...)
				if m := regexp.MustCompile("^" + want + "\n$").MatchString(log); status != 1 || !m || out != "" || strings.Contains(log, anns) {
					t.Errorf("%s, service %v, %s: status %d, %q, %q, want %q", form, served, args[0], status, out, log, want)
				}
			}
			if served {
				s.stop()
			}
			stores(t, path, func(s *sqlite.Store) {
				if rows, err := s.Calls(t.Context(), scoring.Query{}); err != nil || len(rows) != 8 {
					t.Errorf("%d calls, error %v, want all 8", len(rows), err)
				}
			})
		}
	}
}

// TestCallersAreNotAskedFor: what is wrong is told without the number.
func TestCallersAreNotAskedFor(t *testing.T) {
	path, _ := keeps(t, scoring.CallerHMAC)
	s := serves(t, path)
	defer s.stop()
	for _, c := range []struct {
		in   string
		args []string
		want string
	}{
		{"", []string{}, "--caller: want a number, or - for numbers on standard input"},
		{"\n\n", []string{"--caller", "-"}, "--caller: 0 numbers, want 1 to 100"},
		{strings.Repeat(anns+"\n", 101), []string{"--caller", "-"}, "--caller: 101 numbers, want 1 to 100"},
		{"", []string{"--caller", anns, "--caller", anns + "x"}, "caller 2: no telephone number: want digits, with + * # or without, at most 40 of them"},
	} {
		out, log, status := typed(t, path, strings.NewReader(c.in), append([]string{"subject"}, c.args...)...)
		if status != 1 || log != c.want+"\n" || out != "" {
			t.Errorf("%q: status %d, %q, %q, want %q", c.args, status, out, log, c.want)
		}
	}
	t.Setenv("CALLER_KEY", "") // the service has it: who asks need not
	if held := heldJSON(t, path, anns); held.All != 3 {
		t.Errorf("%d calls are held, want 3", held.All)
	}
}

// TestNotErasedWhileRecordsWait: a call that is erased must not come back with
// a record of it that waits.
func TestNotErasedWhileRecordsWait(t *testing.T) {
	path, _ := keeps(t, scoring.CallerFull)
	spill := load(t, path).Store.Spill
	line, err := json.Marshal(visit(0, scoring.Rated, scoring.Completed))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(spill, append(line, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, log, status := command(t, path, "erase", "--caller", anns, "--yes"); status != 1 || !strings.Contains(log, "records wait in the spill file") || !strings.Contains(log, "start the service") {
		t.Errorf("erase with a spill file: status %d, %s", status, log)
	}
	serves(t, path).stop() // replays it
	erases(t, path, 2, 1)
	if b, err := os.ReadFile(spill); err != nil || len(bytes.TrimSpace(b)) != 0 {
		t.Errorf("spill file %q, error %v, want it empty", b, err)
	}
}

// TestRetention: at the start, and when a reload says so, rows go that were
// kept for long enough; what is shown of them stays.
func TestRetention(t *testing.T) {
	t.Setenv("AFTERCALL_METRICS_AGENT_IDLE", "0s")
	path, _ := keeps(t, scoring.CallerFull)
	young := visit(20, scoring.Rated, scoring.Completed)
	young.Call.StartedAt = time.Now()
	zone := load(t, path).Zone
	young.Call.Day = scoring.Day(time.Now().AddDate(0, 0, -2), zone)
	fill(t, path, young)
	before := shown(t, path)
	s := serves(t, path)
	counters := s.counters("/metrics/agents")
	edit(t, path, "keep_calls: 0s", "keep_calls: 48h")
	if status, body := s.reload(path); status != 200 {
		t.Fatalf("reload: %s", body)
	}
	s.until("/metrics", func(body string) bool {
		return strings.Contains(body, `aftercall_calls_removed_total{why="retention"} 7`)
	})
	if after := s.counters("/metrics/agents"); after != counters {
		t.Errorf("agents' counters:\n%s\nwant\n%s", after, counters)
	}
	s.stop()
	if after := shown(t, path); after != before {
		t.Errorf("agents' figures:\n%s\nwant\n%s", after, before)
	}
	stores(t, path, func(s *sqlite.Store) {
		rows, err := s.Calls(t.Context(), scoring.Query{})
		if err != nil || len(rows) != 2 {
			t.Errorf("%d calls are left, error %v, want the one in progress, and the one of the day before yesterday", len(rows), err)
		}
	})
	if out, _, _ := command(t, path, "audit", "--limit", "1"); !strings.Contains(out, "removed: kept for long enough") || !strings.Contains(out, `"outcomes":{"rated":7}`) {
		t.Errorf("audit:\n%s", out)
	}
	if out, _, _ := command(t, path, "recount"); out != "recounted; 0 figures differed\n" {
		t.Errorf("recount: %q", out)
	}
}

// TestDayBefore: days of 23 and of 25 hours, and the turn of a year.
func TestDayBefore(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for now, want := range map[string]string{
		"2026-03-30 00:05": "2026-03-28", "2026-03-29 03:30": "2026-03-27", "2026-10-26 00:05": "2026-10-24", "2026-01-01 23:59": "2025-12-30",
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", now, zone)
		if got := dayBefore(at, 2); err != nil || got != want {
			t.Errorf("two days before %s: %s, error %v, want %s", now, got, err, want)
		}
	}
}

// TestCheckWarnsOfCallers: of what is open to more people, or for longer, than
// need be.
func TestCheckWarnsOfCallers(t *testing.T) {
	path := site(t, "  caller: none", "  caller: hmac", `  key_file: ""`, "  key_file: caller-key")
	key := filepath.Join(filepath.Dir(path), "caller-key")
	if err := os.WriteFile(key, []byte(callerKey), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(key, 0o640); err != nil { // whatever the umask is
		t.Fatal(err)
	}
	out, log, _ := command(t, path, "check")
	for _, want := range []string{"warning: privacy: caller hmac with keep_calls 0s: what is kept of callers is kept for ever",
		`its group can read it`, `is in the folder of the database: whoever copies that folder can find out who called`} {
		if !strings.Contains(out, want) {
			t.Errorf("check does not say %q:\n%s%s", want, out, log)
		}
	}
	if strings.Contains(out+log, callerKey) {
		t.Errorf("check tells the key:\n%s%s", out, log)
	}
	out, _, _ = command(t, site(t, "  caller: none", "  caller: full", "keep_calls: 0s", "keep_calls: 720h"), "check")
	if !strings.Contains(out, "warning: privacy: caller full: whoever can read the database") || strings.Contains(out, "for ever") {
		t.Errorf("check of full:\n%s", out)
	}
	if out, _, _ = command(t, site(t), "check"); strings.Contains(out, "privacy") {
		t.Errorf("check of what is shipped:\n%s", out)
	}
}
