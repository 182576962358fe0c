package grafana

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"aftercall/configs/i18n"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

var update = flag.Bool("update", false, "write the dashboards")

func files(t *testing.T) []File {
	t.Helper()
	all, err := Files()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestTheDashboardsThatStandHereAreThoseThatAreMade(t *testing.T) {
	made := map[string]bool{}
	for _, f := range files(t) {
		made[filepath.FromSlash(f.Name)] = true
		if *update {
			if err := os.WriteFile(f.Name, f.JSON, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		stands, err := os.ReadFile(f.Name)
		if err != nil {
			t.Error(err)
		}
		if d := cmp.Diff(string(stands), string(f.JSON)); d != "" {
			t.Errorf("%s differs, want what is made (make dashboards) (-stands +made):\n%s", f.Name, d)
		}
	}
	for _, l := range languages {
		stand, err := filepath.Glob(filepath.Join(l.folder, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range stand {
			if !made[name] {
				t.Errorf("%s stands here and nothing makes it", name)
			}
		}
	}
}

func TestEveryLanguageOfTheCatalogueHasDashboards(t *testing.T) {
	var tags []string
	for _, l := range languages {
		tags = append(tags, l.tag)
	}
	if !reflect.DeepEqual(tags, i18n.Languages) {
		t.Errorf("dashboards in %v, want %v", tags, i18n.Languages)
	}
}

// bones is a dashboard without its words: what both languages have in common.
func bones(t *testing.T, d Dashboard, folder string) any {
	t.Helper()
	b, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("aftercall-"+folder, "aftercall-LANGUAGE", "-"+folder, "-LANGUAGE").Replace(string(b))
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return stripped(v)
}

// wordy are the fields that hold words for people.
var wordy = map[string]bool{
	"title": true, "description": true, "label": true, "name": true, "content": true, "noValue": true, "text": true, "titleFormat": true,
	"legendFormat": true, "displayName": true, "custom.fillBelowTo": true,
}

func stripped(v any) any {
	switch v := v.(type) {
	case map[string]any:
		id, _ := v["id"].(string)
		for k, x := range v {
			if s, is := x.(string); is && (wordy[k] && !strings.Contains(s, "{{") || k == "value" && wordy[id]) {
				v[k] = "a word"
				continue
			}
			v[k] = stripped(x)
		}
		if s, is := v["legendFormat"].(string); is {
			v["legendFormat"] = regexp.MustCompile(`: .*`).ReplaceAllString(s, "")
		}
		if f, is := v["rowsFrame"].(map[string]any); is {
			f["value"] = "a word"
		}
		return v
	case []any:
		for i, x := range v {
			v[i] = stripped(x)
		}
	}
	return v
}

func TestTheLanguagesDifferInWordsAlone(t *testing.T) {
	english := Dashboards(languages[0].tag)
	for _, l := range languages[1:] {
		other := Dashboards(l.tag)
		if len(english) != 3 || len(other) != len(english) {
			t.Fatalf("%d dashboards in %s, %d in %s, want 3", len(english), languages[0].tag, len(other), l.tag)
		}
		for i, d := range english {
			if diff := cmp.Diff(bones(t, d, languages[0].folder), bones(t, other[i], l.folder)); diff != "" {
				t.Errorf("%s and %s differ in more than words:\n%s", d.UID, other[i].UID, diff)
			}
			if d.Title == other[i].Title {
				t.Errorf("%s has the title %q in both languages", d.UID, d.Title)
			}
		}
	}
}

// odd has an agent's id that breaks what is put together carelessly.
// (Control characters are refused long before.)
var odd = Filled{Agent: "a\"b\\c😀", Step: "5m", Shown: "1d"}

func TestQueriesAreFilledIn(t *testing.T) {
	all := Queries(odd)
	seen := map[string]int{}
	for _, q := range all {
		if strings.Contains(q.Expr, "$") || strings.Contains(q.Expr, "label_values") || strings.Contains(q.Expr, "query_result") {
			t.Errorf("%s, %s: %q is not filled in", q.Dashboard, q.Panel, q.Expr)
		}
		if q.Panel == "" || q.Expr == "" {
			t.Errorf("a query without panel or expression: %+v", q)
		}
		seen[q.Dashboard]++
	}
	for _, d := range Dashboards("en") {
		n := len(d.Templating.List) - 1 + len(d.Annotations.List) // the data source is no query
		for _, p := range d.Panels {
			n += len(p.Targets)
		}
		if seen[d.UID] != n {
			t.Errorf("%s: %d queries, want %d", d.UID, seen[d.UID], n)
		}
	}
	want := `sum(increase(aftercall_agent_ratings_total{agent="a\"b\\c😀"}[5m])) by (verdict)`
	got := Filled(odd).fill(`sum(increase(aftercall_agent_ratings_total{agent="$agent_id"}[$__rate_interval])) by (verdict)`)
	if got != want {
		t.Errorf("filled %q, want %q", got, want)
	}
}

// TestPrometheusReadsEveryQuery gives every expression to Prometheus' own
// parser, as a recording rule.
func TestPrometheusReadsEveryQuery(t *testing.T) {
	if out, err := parsed(t, Queries(odd)...); err != nil {
		t.Errorf("promtool: %v\n%s", err, out)
	}
	if out, err := parsed(t, Query{Expr: `sum(rate(x[5m])`}); err == nil || !strings.Contains(out, "unclosed left parenthesis") {
		t.Errorf("a broken query: %v, %q, want it refused", err, out)
	}
}

func parsed(t *testing.T, queries ...Query) (string, error) {
	t.Helper()
	type rule struct{ Record, Expr string }
	type group struct {
		Name  string
		Rules []rule
	}
	g := group{Name: "dashboards"}
	for i, q := range queries {
		g.Rules = append(g.Rules, rule{fmt.Sprintf("query:%d", i), q.Expr})
	}
	b, err := yaml.Marshal(map[string][]group{"groups": {g}})
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "rules.yml")
	if err := os.WriteFile(name, b, 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "promtool", "check", "rules", "--lint=none", name).CombinedOutput()
	return string(out), err
}
