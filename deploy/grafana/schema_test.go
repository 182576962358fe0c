package grafana

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// compilerFolder holds the compiler and Grafana's types, installed once for
// each content of the lock file.
var compilerFolder = filepath.Join("..", "..", ".lab", "npm")

// installed puts the compiler, the types and what stands in schema/ in place.
func installed(t *testing.T) {
	t.Helper()
	lock := "package-lock.json"
	wanted, err := os.ReadFile(filepath.Join("schema", lock))
	if err != nil {
		t.Fatal(err)
	}
	done := filepath.Join(compilerFolder, "installed")
	have, err := os.ReadFile(done)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, name := range []string{"package.json", lock, ".npmrc", "tsconfig.json", "check.ts"} {
		text, err := os.ReadFile(filepath.Join("schema", name))
		if err != nil {
			t.Fatal(err)
		}
		put(t, name, text)
	}
	if !bytes.Equal(have, wanted) {
		if out, err := run(t, 5*time.Minute, "npm", "ci", "--no-progress"); err != nil {
			t.Fatalf("npm ci: %v, want node 18 and npm 9 or newer, and a registry that answers\n%s", err, out)
		}
		put(t, "installed", wanted)
	}
}

func put(t *testing.T, name string, text []byte) {
	t.Helper()
	name = filepath.Join(compilerFolder, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, limit time.Duration, name string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = compilerFolder
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// broken are changes of a dashboard's JSON that Grafana's types do not take:
// in which file, from what, to what.
var broken = map[string][3]string{
	"version":     {"en/agent.json", `"schemaVersion": 42`, `"schemaVersion": "42"`},
	"kind":        {"en/agent.json", `"type": "timeseries"`, `"type": "graph"`},
	"option":      {"en/agent.json", `"textMode": "value_and_name"`, `"textMode": "values"`},
	"unknown":     {"en/agent.json", `"graphMode": "none"`, `"grafMode": "none"`},
	"custom":      {"en/agent.json", `"drawStyle": "line"`, `"drawStyle": "lines"`},
	"override":    {"en/agent.json", `"id": "custom.fillBelowTo"`, `"id": "custom.fillBelow"`},
	"setting":     {"en/agent.json", `"id": "unit"`, `"id": "units"`},
	"unit":        {"en/layouts.json", `"unit": "percentunit"`, `"unit": 5`},
	"color":       {"en/layouts.json", `"mode": "palette-classic-by-name"`, `"mode": "palette"`},
	"threshold":   {"en/layouts.json", `"mode": "absolute"`, `"mode": "absolut"`},
	"place":       {"en/layouts.json", `"x": 0`, `"x": "0"`},
	"link":        {"en/layouts.json", `"keepTime": true`, `"keepTime": "yes"`},
	"annotation":  {"en/layouts.json", `"iconColor": "purple"`, `"icon": "purple"`},
	"heatmap":     {"en/layouts.json", `"scheme": "Blues"`, `"scheme": 3`},
	"stacking":    {"en/layouts.json", `"stacking": "percent"`, `"stacking": "percents"`},
	"variable":    {"en/supervisor.json", `"type": "query"`, `"type": "querry"`},
	"data source": {"en/supervisor.json", `"uid": "${datasource}"`, `"uid": "P1809F7CD0C75ACF3"`},
	"cell":        {"en/supervisor.json", `"type": "color-text"`, `"type": "colour-text"`},
	"mapping":     {"en/supervisor.json", `"match": "null"`, `"match": "nil"`},
}

func TestGrafanasTypesTakeTheDashboards(t *testing.T) {
	installed(t)
	const head = "import type { Board } from './check';\nexport const board: Board ="
	text := map[string]string{}
	old, err := filepath.Glob(filepath.Join(compilerFolder, "board-*.ts"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range old {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range files(t) {
		text[f.Name] = string(f.JSON)
		put(t, "board-good-"+strings.ReplaceAll(f.Name, "/", "-")+".ts", []byte(head+text[f.Name]))
	}
	for name, b := range broken {
		bad := strings.Replace(text[b[0]], b[1], b[2], 1)
		if bad == text[b[0]] {
			t.Errorf("%s: %s has no %s", name, b[0], b[1])
		}
		put(t, "board-bad-"+name+".ts", []byte(head+bad))
	}
	out, err := run(t, 3*time.Minute, "node", filepath.Join("node_modules", "typescript", "bin", "tsc"), "--pretty", "false")
	for _, line := range strings.Split(out, "\n") {
		if strings.HasPrefix(line, "error") || strings.HasPrefix(line, "check") || strings.HasPrefix(line, "board-good") {
			t.Error(line)
		}
	}
	if err == nil {
		t.Errorf("the compiler takes the broken dashboards as well:\n%s", out)
	}
	for name := range broken {
		if !strings.Contains(out, "board-bad-"+name+".ts(") {
			t.Errorf("%s: the compiler takes %s with %s", name, broken[name][0], broken[name][2])
		}
	}
}
