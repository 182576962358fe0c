package main

import (
	"path/filepath"
	"strings"
	"testing"

	"aftercall/scoring"
)

// TestAuditNamesWhatWasDone: whatever the programs write to the audit table
// has a name for people, in both languages.
func TestAuditNamesWhatWasDone(t *testing.T) {
	path := built(t)
	copied := filepath.Join(t.TempDir(), "copy.db")
	fill(t, path, visit(1, scoring.Rated, scoring.Completed))
	for _, args := range []string{
		"experiment start x --layouts habit,gap --queue support --size 4000", "experiment change x --queue support=9:1", "experiment stop x",
		"recount", "backup " + copied, "restore " + copied,
	} {
		if out, log, status := command(t, path, strings.Fields(args)...); status != 0 {
			t.Fatalf("%s: status %d: %s%s", args, status, out, log)
		}
	}
	for language, want := range map[string][]string{
		"en": {"experiment started", "experiment: other weights", "experiment ended", "restored from a backup"}, "zh-CN": {"实验开始", "实验改权重", "实验结束", "从备份恢复"},
	} {
		out, log, _ := command(t, path, "audit", "--lang", language)
		for _, w := range want {
			if !strings.Contains(out, w) || strings.Contains(out, "audit.") {
				t.Errorf("audit in %s lacks %q, or names a key:\n%s%s", language, w, out, log)
			}
		}
	}
}
