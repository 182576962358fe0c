package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"aftercall/scoring"
)

// filled gives a site with six calls, of which one is in progress.
func filled(t *testing.T) string {
	path := site(t)
	fill(t, path,
		visit(1, scoring.Rated, scoring.Completed), visit(2, scoring.HungUp, scoring.CallerLeft), visit(3, scoring.NoInput, scoring.Silent),
		visit(4, scoring.Invalid, scoring.WrongKeys), visit(5, scoring.Failed, scoring.AudioFailed), visit(6, "", ""))
	return path
}

func TestCalls(t *testing.T) {
	path := filled(t)
	for name, args := range map[string]string{
		"calls.golden": "", "calls-zh.golden": "--lang zh-CN", "calls-agent.golden": "--agent PJSIP/1002 --limit 2", "calls-none.golden": "--queue sales",
	} {
		out, log, status := command(t, path, append([]string{"calls"}, strings.Fields(args)...)...)
		if log != "" || status != 0 {
			t.Errorf("calls %s printed %q with status %d", args, log, status)
		}
		golden(t, name, out)
	}
}

func TestCallsAsJSON(t *testing.T) {
	out, _, status := command(t, filled(t), "calls", "--json", "--limit", "2")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if status != 0 || len(lines) != 2 {
		t.Fatalf("%d lines with status %d, want 2", len(lines), status)
	}
	var rows [2]scoring.CallRow
	for i, l := range lines {
		if err := json.Unmarshal([]byte(l), &rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	if rows[0].ID.UniqueID != "node1-6.0" || rows[0].End != nil || rows[0].Questions[0].Answer != nil {
		t.Errorf("the newest call is %+v, want the one in progress", rows[0])
	}
	if rows[1].End.Reason != scoring.AudioFailed || !rows[1].Call.StartedAt.Equal(visit(5, "", "").Call.StartedAt) || rows[1].Call.Agent.Name != "王芳" {
		t.Errorf("the call before is %+v", rows[1])
	}
}

// TestRecountOfNothing: a mistyped path is an error, not a new database.
func TestRecountOfNothing(t *testing.T) {
	path := site(t)
	name := filepath.Join(t.TempDir(), "mistyped.db")
	t.Setenv("AFTERCALL_STORE_PATH", name)
	out, log, status := command(t, path, "recount")
	wants(t, "recount of nothing", out+log, `.*mistyped.db": .*no such file or directory, want a database that the service has made\n`, status, 1)
	if found, err := filepath.Glob(name + "*"); err != nil || len(found) != 0 {
		t.Errorf("recount left %v, error %v, want nothing", found, err)
	}
}

func TestRecount(t *testing.T) {
	path := filled(t)
	out, log, status := command(t, path, "recount")
	wants(t, "recount", out+log, "recounted; 0 figures differed\n", status, 0)
	change(t, path, "UPDATE counts_agent SET n = n + 1 WHERE result = 'fair'")
	out, log, status = command(t, path, "recount")
	wants(t, "recount of a figure that was changed", out+log, "recounted; 1 figures differed\n", status, 0)
}
