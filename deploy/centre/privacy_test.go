package centre

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aftercall/scoring"
	"aftercall/scoring/privacy"
)

const callerKey = "5e8f0c1d2b3a49586776859493a2b1c0"

// inquiry is a centre whose callers have numbers, under one form after the
// other, and everything that our programs made of their calls.
type inquiry struct {
	*Centre
	rows []row
	said map[string]string // what was printed or lay in a file that is no more
}

// TestCallersNumbers: numbers are where the configuration wants them, and
// nowhere else, whatever befalls the calls; what is held of a caller is shown,
// and erased. Asterisk's own logs are Asterisk's, and robots note whom they
// are; both are left out.
func TestCallersNumbers(t *testing.T) {
	t.Parallel()
	rows := []row{
		{name: "rates", acts: atOnce, want: asked},
		{name: "before the kill", acts: `[{quiet: 4s, press: "1"}]`},
		{name: "comes while the store is locked", want: []string{"1: habit error, reading 0, heard 0; store"}},
	}
	q := inquiry{openRows(t, rows, Options{Agents: 4, StoreLimit: "500ms"}, reset), rows, map[string]string{}}
	key := filepath.Join(q.Run, "caller-key")
	writeFile(t, key, callerKey+"\n")
	keeper, err := privacy.New(scoring.CallerHMAC, callerKey)
	if err != nil {
		t.Fatal(err)
	}
	var used []string // numbers that nothing may hold
	for i, form := range scoring.CallerForms {
		privacy := fmt.Sprintf("privacy: {caller: %s}\n", form)
		if form == scoring.CallerHMAC {
			privacy = "privacy: {caller: hmac, key_file: " + key + "}\n"
		}
		q.reconfigure(t, true, edited("store:\n", privacy+"store:\n"))
		prefix := fmt.Sprintf("+493055%d17", 3+i)
		numbers := q.lives(t, prefix)
		q.print(t)
		shown := map[string]bool{}
		if form == scoring.CallerFull {
			for _, n := range numbers[:2] {
				shown[n] = true
			}
		}
		used = append(used, numbers...)
		q.nowhere(t, form, used, shown)
		switch form {
		case scoring.CallerHMAC, scoring.CallerFull:
			q.heldAndErased(t, form, numbers, keeper)
			q.nowhere(t, form, used, map[string]bool{numbers[1]: shown[numbers[1]]})
		default:
			for _, command := range []string{"subject", "erase"} {
				_, err := q.Program(t.Context(), command, "--caller", numbers[0])
				if err == nil || !strings.Contains(err.Error(), "callers cannot be found: privacy.caller is "+string(form)) {
					t.Errorf("%s under %s: %v, want it refused with the reason", command, form, err)
				}
			}
		}
	}
	if err := q.StopService(t.Context()); err != nil {
		t.Fatal(err)
	}
	q.recounted(t)
	q.nowhere(t, "stopped", used, map[string]bool{used[len(used)-2]: true})
}

// lives has callers rate, be spilled, and be found again behind a kill, and
// gives their numbers: of who rates, of who is found again, of who is spilled.
func (q inquiry) lives(t *testing.T, prefix string) (numbers []string) {
	t.Helper()
	who := append([]row{}, q.rows...)
	for i := range who {
		who[i].prefix = fmt.Sprintf("%s%d00", prefix, i)
		numbers = append(numbers, who[i].prefix+"1")
	}
	q.play(t, who[0])
	end := lock(t, q.Centre)
	spilled := q.robots(t, who[2])
	text, err := os.ReadFile(q.Spill())
	if err != nil || !strings.Contains(string(text), `"uniqueid":"`+q.ids(t)[spilled[0].Caller]) {
		t.Errorf("spill file %q, error %v, want the call in it", text, err)
	}
	q.said["spill file "+prefix] = string(text)
	q.pageSays(t, "/readyz", "locked by another program") // from here on the record is in the spill file alone
	end()
	q.settled(t, spilled)
	ctx, cancel := context.WithTimeout(t.Context(), endLimit)
	defer cancel()
	if err := q.WaitReady(ctx); err != nil {
		t.Fatal(err)
	}
	caller := q.dial(t, who[1])
	q.until(t, inProgress)
	if err := q.KillService(); err != nil {
		t.Fatal(err)
	}
	if err := q.StartService(t.Context()); err != nil {
		t.Fatal(err)
	}
	calls := q.settled(t, caller())
	if len(calls) != 1 || calls[0].Resumed == 0 || calls[0].Questions[0].Answer.Outcome != scoring.Rated {
		t.Errorf("who was found again: %+v, want one call that was taken up again and rated", calls)
	}
	return numbers
}

// print keeps what every page and command says.
func (q inquiry) print(t *testing.T) {
	t.Helper()
	for _, page := range []string{"/", "/metrics", "/metrics/agents", "/readyz", "/healthz"} {
		_, body, err := q.Get(t.Context(), page)
		if err != nil {
			t.Fatal(err)
		}
		q.said["page "+page] += body
	}
	for _, command := range []string{"calls", "calls --json", "calls --lang zh-CN", "agents", "agents --csv", "agents --json", "check", "doctor --json", "audit", "audit --json", "experiment status"} {
		out, err := q.Program(t.Context(), strings.Fields(command)...)
		if err != nil && !strings.HasPrefix(command, "doctor") { // which finds the lab wanting
			t.Errorf("%s: %v", command, err)
		}
		q.said[command] += out + fmt.Sprint(err)
	}
}

// files gives what the programs hold on the disk: the database with all that
// stands beside it, the spill file, the log, the configuration.
func (q inquiry) files(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, pattern := range []string{q.Store() + "*", q.Spill() + "*", filepath.Join(q.Run, "service.log"), q.config()} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			info, err := os.Stat(f)
			if err != nil || !info.Mode().IsRegular() {
				continue // the socket; or the log of a database that was closed since
			}
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			all[filepath.Base(f)] = string(b)
		}
	}
	if len(all) < 4 {
		t.Errorf("files %d, want database, spill file, log and configuration", len(all))
	}
	return all
}

// nowhere: of the numbers, no seven digits stand anywhere; but those that are
// shown stand in the database, which proves that they would be found.
func (q inquiry) nowhere(t *testing.T, form scoring.CallerForm, numbers []string, shown map[string]bool) {
	t.Helper()
	files := q.files(t)
	for _, n := range numbers {
		in := false
		for file, text := range files {
			holds := strings.Contains(text, n[len(n)-7:])
			database := strings.HasPrefix(file, filepath.Base(q.Store()))
			if in = in || holds && database; holds && !(database && shown[n]) {
				t.Errorf("%s: file %s holds number %s", form, file, n)
			}
		}
		if shown[n] && !in {
			t.Errorf("%s: number %s is not in the database", form, n)
		}
		for what, text := range q.said {
			if strings.Contains(text, n[len(n)-7:]) {
				t.Errorf("%s: %s tells number %s", form, what, n)
			}
		}
	}
}

// heldAndErased: the running service shows what is held of who rates, and
// erases it; the caller who was spilled cannot be found, which is said.
func (q inquiry) heldAndErased(t *testing.T, form scoring.CallerForm, numbers []string, keeper privacy.Keeper) {
	t.Helper()
	var held struct {
		All   int
		Calls []struct {
			scoring.CallRow
			Kept string
		}
		Unsearched []scoring.CallerCount
	}
	ask := func(number string) {
		t.Helper()
		out, err := q.Program(t.Context(), "subject", "--json", "--caller", number)
		if err == nil {
			err = json.Unmarshal([]byte(out), &held)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	ask(numbers[0])
	want := numbers[0]
	if form == scoring.CallerHMAC {
		want = keeper.Keep(numbers[0]).Reveal()
	}
	if held.All != 1 || held.Calls[0].Kept != want || held.Calls[0].Questions[0].Answer.Outcome != scoring.Rated || len(held.Calls[0].Keys) != 1 {
		t.Errorf("%s: held %+v, want one call with its rating and key, kept as %s", form, held, want)
	}
	for file, text := range q.files(t) { // so that its absence says something
		if database := strings.HasPrefix(file, "aftercall.db"); strings.Contains(text, want) && !database {
			t.Errorf("%s: file %s holds what is kept of a number", form, file)
		}
	}
	before := q.scrape(t, "/metrics/agents")
	erasedSoFar := q.scrape(t, "/metrics").Sum("aftercall_calls_removed_total", `why="erasure"`)
	said, err := q.Program(t.Context(), "erase", "--yes", "--caller", numbers[0])
	if err != nil || !strings.Contains(said, "1 calls were erased") || !strings.Contains(said, "lost on the way through the spill file") {
		t.Errorf("%s: erase: %v, %s", form, err, said)
	}
	q.said["erase "+string(form)] = said
	if ask(numbers[0]); held.All != 0 {
		t.Errorf("%s: %d calls are held behind the erasure", form, held.All)
	}
	if ask(numbers[1]); held.All != 1 || held.Calls[0].Resumed == 0 {
		t.Errorf("%s: held of who was found again: %+v, want one call", form, held)
	}
	if ask(numbers[2]); held.All != 0 {
		t.Errorf("%s: %d calls are held of who was spilled, want none that could be told", form, held.All)
	}
	for file, text := range q.files(t) {
		if strings.Contains(text, want) {
			t.Errorf("%s: file %s holds what was erased", form, file)
		}
	}
	for series, n := range before {
		if strings.Contains(series, "_total") && q.scrape(t, "/metrics/agents")[series] != n {
			t.Errorf("%s: %s moved by an erasure", form, series)
		}
	}
	if n := q.scrape(t, "/metrics").Sum("aftercall_calls_removed_total", `why="erasure"`); n != erasedSoFar+1 {
		t.Errorf("%s: %v calls erased by the metrics, want %v", form, n, erasedSoFar+1)
	}
	q.print(t)
}
