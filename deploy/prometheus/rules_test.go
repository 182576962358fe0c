package prometheus

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// rule is one of the shipped rules.
type rule struct {
	Record      string            `yaml:"record"`
	Alert       string            `yaml:"alert"`
	Expr        string            `yaml:"expr"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

func (r rule) name() string { return r.Record + r.Alert }

// files reads every YAML file of a pattern.
func files[T any](t *testing.T, pattern string) []T {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: %d files, %v", pattern, len(names), err)
	}
	var all []T
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var v T
		if err := yaml.Unmarshal(text, &v); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, v)
	}
	return all
}

// rules are the shipped ones, in the order of the files.
func rules(t *testing.T) (list []rule) {
	t.Helper()
	type file struct {
		Groups []struct {
			Rules []rule `yaml:"rules"`
		} `yaml:"groups"`
	}
	for _, f := range files[file](t, "rules/*.yml") {
		for _, g := range f.Groups {
			list = append(list, g.Rules...)
		}
	}
	return list
}

// TestPromtool: Prometheus' own tool reads the configuration and the rules, and
// carries out their unit tests.
func TestPromtool(t *testing.T) {
	tests, err := filepath.Glob("testdata/*.yml")
	if err != nil || len(tests) == 0 {
		t.Fatalf("%d unit tests, %v", len(tests), err)
	}
	for _, args := range [][]string{{"check", "config", "prometheus.yml"}, append([]string{"test", "rules"}, tests...)} {
		said, err := exec.CommandContext(t.Context(), "promtool", args...).CombinedOutput()
		if err != nil {
			t.Errorf("promtool %s: %v, want Debian's package prometheus and no fault\n%s", strings.Join(args, " "), err, said)
		}
	}
}

// unitTests is a file of promtool's.
type unitTests struct {
	Tests []struct {
		Alerts []struct {
			Name   string           `yaml:"alertname"`
			Firing []map[string]any `yaml:"exp_alerts"`
		} `yaml:"alert_rule_test"`
		Values []struct {
			Expr    string           `yaml:"expr"`
			Samples []map[string]any `yaml:"exp_samples"`
		} `yaml:"promql_expr_test"`
	} `yaml:"tests"`
}

// TestEveryRuleIsTested: every alert is seen firing and not firing, and every
// recorded series with a value.
func TestEveryRuleIsTested(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range files[unitTests](t, "testdata/*.yml") {
		for _, test := range f.Tests {
			for _, a := range test.Alerts {
				if len(a.Firing) > 0 {
					seen[a.Name+" firing"] = true
				} else {
					seen[a.Name+" not firing"] = true
				}
			}
			for _, v := range test.Values {
				words := strings.FieldsFunc(v.Expr, func(r rune) bool { return strings.ContainsRune("{}()[], ", r) })
				for _, w := range words {
					seen[w] = seen[w] || len(v.Samples) > 0
				}
			}
		}
	}
	for _, r := range rules(t) {
		want := []string{r.Record}
		if r.Alert != "" {
			want = []string{r.Alert + " firing", r.Alert + " not firing"}
		}
		for _, w := range want {
			if !seen[w] {
				t.Errorf("no unit test of %s", w)
			}
		}
	}
}

// TestAlertsSayWhatToDo: each says how urgent it is, what it means, and what to
// do; each name stands once.
func TestAlertsSayWhatToDo(t *testing.T) {
	names := map[string]bool{}
	for _, r := range rules(t) {
		if names[r.name()] {
			t.Errorf("rule %s stands twice", r.name())
		}
		names[r.name()] = true
		if r.Alert == "" {
			continue
		}
		if !slices.Contains([]string{"critical", "warning", "info"}, r.Labels["severity"]) {
			t.Errorf("alert %s: severity %q, want critical, warning or info", r.Alert, r.Labels["severity"])
		}
		for _, what := range []string{"summary", "description"} {
			if r.Annotations[what] == "" {
				t.Errorf("alert %s has no %s", r.Alert, what)
			}
		}
	}
}
