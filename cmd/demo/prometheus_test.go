package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestQueriesCanBeRead: Prometheus' own tool reads the queries that are printed.
func TestQueriesCanBeRead(t *testing.T) {
	rules := "groups: [{name: demo, rules: [\n"
	for i, q := range queries {
		rules += fmt.Sprintf("{record: 'demo:query:%d', expr: %q},\n", i, q.query)
	}
	name := filepath.Join(t.TempDir(), "rules.yml")
	if err := os.WriteFile(name, []byte(rules+"]}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.CommandContext(t.Context(), "promtool", "check", "rules", name).CombinedOutput(); err != nil {
		t.Errorf("promtool check rules: %v\n%s", err, said)
	}
}
