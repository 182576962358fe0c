package grafana

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// board is what the rules look at: the JSON, as Grafana reads it.
type board map[string]any

func asBoard(t *testing.T, v any) board {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var d board
	if err := json.Unmarshal(b, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func list(v any) []map[string]any {
	var all []map[string]any
	items, _ := v.([]any)
	for _, x := range items {
		all = append(all, x.(map[string]any))
	}
	return all
}

// at follows keys into maps; a key that is not there gives nil.
func at(v any, keys ...string) any {
	if d, is := v.(board); is {
		v = map[string]any(d)
	}
	for _, k := range keys {
		m, _ := v.(map[string]any)
		v = m[k]
	}
	return v
}

func str(v any, keys ...string) string {
	s, _ := at(v, keys...).(string)
	return s
}

func num(v any, keys ...string) int {
	f, _ := at(v, keys...).(float64)
	return int(f)
}

func (d board) panels() []map[string]any { return list(d["panels"]) }

// exprs gives every query of the dashboard by where it stands.
func (d board) exprs() map[string]string {
	all := map[string]string{}
	for _, p := range d.panels() {
		for _, q := range list(p["targets"]) {
			all[str(p, "title")+" "+str(q, "refId")] = str(q, "expr")
		}
	}
	for _, v := range list(at(d["templating"], "list")) {
		all["variable "+str(v, "name")] = str(v, "query", "query")
	}
	for _, a := range list(at(d["annotations"], "list")) {
		all["annotation "+str(a, "name")] = str(a, "target", "expr")
	}
	return all
}

// labelsOf gives the labels that are columns of a table: its rows stand in
// their order.
func labelsOf(p map[string]any) (all []string) {
	for _, t := range list(p["transformations"]) {
		for _, by := range list(at(t, "options", "sort")) {
			all = append(all, str(by, "field"))
		}
	}
	return all
}

// A rule says what is wrong with a dashboard.
type rule func(board) []string

var lint = map[string]rule{
	"head": func(d board) (bad []string) {
		for what, ok := range map[string]bool{
			"schemaVersion, want 36 or more": num(d, "schemaVersion") >= 36,
			"id, want null":                  d["id"] == nil,
			"uid, want aftercall-NAME-LANGUAGE of at most 40 characters": regexp.MustCompile(`^aftercall-[a-z]+-(en|zh)$`).MatchString(str(d, "uid")) && len(str(d, "uid")) <= 40,
			"title":                  str(d, "title") != "",
			"description":            str(d, "description") != "",
			"tags":                   len(d["tags"].([]any)) >= 2,
			"timezone, want browser": str(d, "timezone") == "browser",
			"refresh, want 1m":       str(d, "refresh") == "1m",
			"time, want a span":      str(d, "time", "from") != "" && str(d, "time", "to") == "now",
			"panels, want some":      len(d.panels()) > 0,
			"links, want some":       len(list(d["links"])) > 0,
			"variable datasource": slices.ContainsFunc(list(at(d["templating"], "list")), func(v map[string]any) bool {
				return str(v, "type") == "datasource" && str(v, "query") == "prometheus" && str(v, "name") == "datasource"
			}),
			"words: a key of no text": !regexp.MustCompile(`"(board|purpose|panel|about|note|legend|verdict|outcome|column)\.\w+"`).MatchString(text(d)),
		} {
			if !ok {
				bad = append(bad, what)
			}
		}
		return bad
	},
	"words": func(d board) (bad []string) {
		titles := map[string]bool{}
		for _, p := range d.panels() {
			if str(p, "title") == "" || len(str(p, "description")) < 20 {
				bad = append(bad, fmt.Sprintf("panel %q has no title or no description", str(p, "title")))
			}
			if titles[str(p, "title")] {
				bad = append(bad, fmt.Sprintf("two panels are called %q", str(p, "title")))
			}
			titles[str(p, "title")] = true
			if str(p, "type") != "text" && str(p, "fieldConfig", "defaults", "unit") == "" {
				bad = append(bad, fmt.Sprintf("panel %q has no unit", str(p, "title")))
			}
		}
		return bad
	},
	"types": func(d board) (bad []string) {
		for _, p := range d.panels() {
			if !slices.Contains([]string{"stat", "timeseries", "table", "barchart", "heatmap", "text"}, str(p, "type")) {
				bad = append(bad, fmt.Sprintf("panel %q is a %q", str(p, "title"), str(p, "type")))
			}
		}
		return bad
	},
	"sources": func(d board) (bad []string) {
		ok := func(v any) bool {
			return str(v, "datasource", "type") == "prometheus" && str(v, "datasource", "uid") == "${datasource}"
		}
		check := func(where string, v any) {
			if !ok(v) {
				bad = append(bad, where+" does not ask ${datasource}")
			}
		}
		for _, p := range d.panels() {
			if str(p, "type") != "text" {
				check(str(p, "title"), p)
			}
			for _, q := range list(p["targets"]) {
				check(str(p, "title")+" "+str(q, "refId"), q)
			}
		}
		for _, v := range list(at(d["templating"], "list")) {
			if str(v, "type") == "query" {
				check("variable "+str(v, "name"), v)
			}
		}
		for _, a := range list(at(d["annotations"], "list")) {
			check("annotation "+str(a, "name"), a)
			check("annotation "+str(a, "name"), a["target"])
		}
		return bad
	},
	"ranges": func(d board) (bad []string) {
		duration := regexp.MustCompile(`\[([^\]]*)\]`)
		want := func(where, expr, over string) {
			for _, m := range duration.FindAllStringSubmatch(expr, -1) {
				if m[1] != over {
					bad = append(bad, fmt.Sprintf("%s looks back %s, want %s", where, m[1], over))
				}
			}
			if strings.Contains(expr, " offset ") || strings.Contains(expr, "irate(") || strings.Contains(expr, "$__interval") {
				bad = append(bad, where+" uses offset, irate or $__interval")
			}
		}
		for _, p := range d.panels() {
			if p["interval"] != nil {
				bad = append(bad, str(p, "title")+" has an interval of its own")
			}
			for _, q := range list(p["targets"]) {
				over := shown
				if q["range"] == true {
					over = step
				}
				if q["range"] == q["instant"] {
					bad = append(bad, str(p, "title")+" is neither asked at the end nor over time")
				}
				want(str(p, "title")+" "+str(q, "refId"), str(q, "expr"), over)
			}
		}
		return bad
	},
	"counters": func(d board) (bad []string) {
		counter := regexp.MustCompile(`(increase\()?\baftercall_\w+_(total|bucket|count)\b`)
		for where, expr := range d.exprs() {
			for _, m := range counter.FindAllStringSubmatch(expr, -1) {
				if m[1] == "" && !strings.HasPrefix(where, "variable ") {
					bad = append(bad, fmt.Sprintf("%s shows the bare counter %s", where, m[0]))
				}
			}
		}
		return bad
	},
	"grid": func(d board) (bad []string) {
		ids, taken := map[int]bool{}, map[[2]int]string{}
		for _, p := range d.panels() {
			name := str(p, "title")
			if id := num(p, "id"); id < 1 || ids[id] {
				bad = append(bad, fmt.Sprintf("panel %q has the id %d, want one of its own from 1", name, id))
			}
			ids[num(p, "id")] = true
			x, y, w, h := num(p, "gridPos", "x"), num(p, "gridPos", "y"), num(p, "gridPos", "w"), num(p, "gridPos", "h")
			if x < 0 || y < 0 || w < 3 || h < 3 || x+w > 24 {
				bad = append(bad, fmt.Sprintf("panel %q stands at %d,%d with %d by %d, want it within 24 columns", name, x, y, w, h))
			}
			for i := x; i < x+w; i++ {
				for j := y; j < y+h; j++ {
					if other := taken[[2]int{i, j}]; other != "" {
						bad = append(bad, fmt.Sprintf("panels %q and %q overlap", other, name))
						i, j = x+w, y+h
						continue
					}
					taken[[2]int{i, j}] = name
				}
			}
		}
		return bad
	},
	"links": func(d board) (bad []string) {
		for _, l := range list(d["links"]) {
			if l["keepTime"] != true || l["includeVars"] != true {
				bad = append(bad, fmt.Sprintf("link %q loses time or variables", str(l, "title")))
			}
		}
		for _, m := range regexp.MustCompile(`"/d/([^"]*)"`).FindAllStringSubmatch(text(d), -1) {
			if !strings.Contains(m[1], "${__url_time_range}") || !strings.Contains(m[1], "${datasource:queryparam}") {
				bad = append(bad, fmt.Sprintf("link %q loses time or data source", m[1]))
			}
			if regexp.MustCompile(`\$\{__data[^}:]*\}`).MatchString(m[1]) {
				bad = append(bad, fmt.Sprintf("link %q puts a label in unescaped", m[1]))
			}
		}
		return bad
	},
	"variables": func(d board) (bad []string) {
		known := map[string]bool{"__rate_interval": true, "__range": true, "__data": true, "__url_time_range": true, "__all": true}
		for _, v := range list(at(d["templating"], "list")) {
			known[str(v, "name")] = true
			if str(v, "label") == "" || str(v, "type") == "query" && num(v, "refresh") != 2 {
				bad = append(bad, fmt.Sprintf("variable %q has no label, or values of another time", str(v, "name")))
			}
		}
		for _, m := range regexp.MustCompile(`\$\{?(\w+)`).FindAllStringSubmatch(text(d), -1) {
			if !known[m[1]] {
				bad = append(bad, "no variable is called $"+m[1])
			}
		}
		several := map[string]bool{}
		for _, v := range list(at(d["templating"], "list")) {
			several[str(v, "name")] = v["multi"] == true
		}
		for where, expr := range d.exprs() {
			for _, m := range regexp.MustCompile(`(=~|=)"\$(\w+)"`).FindAllStringSubmatch(expr, -1) {
				if (m[1] == "=~") != several[m[2]] {
					bad = append(bad, fmt.Sprintf("%s matches $%s by %s: one value is escaped for =, several for =~", where, m[2], m[1]))
				}
			}
		}
		return bad
	},
	"n": func(d board) (bad []string) {
		for _, p := range d.panels() {
			name := str(p, "title")
			units := map[string]bool{str(p, "fieldConfig", "defaults", "unit"): true}
			for _, o := range list(at(p, "fieldConfig", "overrides")) {
				for _, s := range list(o["properties"]) {
					if s["id"] == "unit" {
						units[s["value"].(string)] = true
					}
				}
			}
			if units[percent] && !units[count] {
				bad = append(bad, fmt.Sprintf("panel %q shows shares and not of how many", name))
			}
			for _, q := range list(p["targets"]) {
				if strings.Contains(str(q, "expr"), " / ") && !strings.Contains(str(q, "expr"), fmt.Sprintf(">= %d)", few)) {
					bad = append(bad, fmt.Sprintf("panel %q, %s: a share of fewer than %d is shown", name, str(q, "refId"), few))
				}
			}
		}
		return bad
	},
	// Grafana 12.2 and 13 keep a row of a table by its heads: under one that
	// stands twice both columns show the values of the last.
	"heads": func(d board) (bad []string) {
		for _, p := range d.panels() {
			heads := map[string]bool{}
			for _, o := range list(at(p, "fieldConfig", "overrides")) {
				for _, s := range list(o["properties"]) {
					if s["id"] != "displayName" {
						continue
					}
					if heads[str(s, "value")] {
						bad = append(bad, fmt.Sprintf("panel %q has two columns %q", str(p, "title"), str(s, "value")))
					}
					heads[str(s, "value")] = true
				}
			}
		}
		return bad
	},
	// Grafana writes a text that looks like a number by the unit, into links too:
	// agent 1001 would be "1 K". And the unit "short" rounds a number of ratings.
	"digits": func(d board) (bad []string) {
		if strings.Contains(text(d), `"short"`) {
			bad = append(bad, `the unit "short" makes "1 K" of 1,150 ratings`)
		}
		for _, p := range d.panels() {
			if str(p, "type") != "table" && str(p, "type") != "barchart" {
				continue
			}
			texts := map[string]bool{}
			for _, o := range list(at(p, "fieldConfig", "overrides")) {
				for _, s := range list(o["properties"]) {
					texts[str(o, "matcher", "options")] = texts[str(o, "matcher", "options")] || s["id"] == "unit" && s["value"] == "string"
				}
			}
			for _, name := range append(labelsOf(p), str(p, "options", "xField")) {
				if name != "" && !texts[name] {
					bad = append(bad, fmt.Sprintf("panel %q shows the label %q as a number", str(p, "title"), name))
				}
			}
		}
		return bad
	},
	"colors": func(d board) (bad []string) {
		// What may warn by colour, and from where: the rest is noise.
		sound := regexp.MustCompile(`aftercall_agent_tier|aftercall_agents_refreshed|srm_p_value|outcome="error"`)
		for _, p := range d.panels() {
			steps := list(at(p, "fieldConfig", "defaults", "thresholds", "steps"))
			if len(steps) > 1 && !sound.MatchString(str(list(p["targets"])[0], "expr")) {
				bad = append(bad, fmt.Sprintf("panel %q colours what is no decision", str(p, "title")))
			}
			for i, s := range steps {
				if (s["value"] == nil) != (i == 0) {
					bad = append(bad, fmt.Sprintf("panel %q: only the first threshold is without a value", str(p, "title")))
				}
			}
		}
		return bad
	},
	"queries": func(d board) (bad []string) {
		for _, p := range d.panels() {
			seen := map[string]bool{}
			for _, q := range list(p["targets"]) {
				if str(q, "refId") == "" || seen[str(q, "refId")] {
					bad = append(bad, fmt.Sprintf("panel %q: two queries are %q", str(p, "title"), str(q, "refId")))
				}
				seen[str(q, "refId")] = true
				alone := str(p, "type") == "stat" && len(list(p["targets"])) == 1 // its title says it
				if str(q, "format") != "table" && str(q, "legendFormat") == "" && !alone {
					bad = append(bad, fmt.Sprintf("panel %q, %s: no legend", str(p, "title"), str(q, "refId")))
				}
			}
			if str(p, "type") != "text" && len(seen) == 0 {
				bad = append(bad, fmt.Sprintf("panel %q asks nothing", str(p, "title")))
			}
		}
		return bad
	},
}

// text is the dashboard as Grafana stores it.
func text(d board) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(d); err != nil {
		return err.Error()
	}
	return b.String()
}

func TestTheDashboardsKeepTheRules(t *testing.T) {
	uids := map[string]bool{}
	for _, l := range languages {
		for _, d := range Dashboards(l.tag) {
			if uids[d.UID] {
				t.Errorf("two dashboards have the uid %s", d.UID)
			}
			uids[d.UID] = true
			for name, rule := range lint {
				for _, bad := range rule(asBoard(t, d)) {
					t.Errorf("%s: %s: %s", d.UID, name, bad)
				}
			}
			if l.folder == "zh" && !regexp.MustCompile(`\p{Han}`).MatchString(d.Title) {
				t.Errorf("%s: title %q, want it in Chinese", d.UID, d.Title)
			}
		}
	}
	if len(uids) != 6 {
		t.Errorf("%d dashboards, want 6", len(uids))
	}
}

func TestTheRulesFindWhatTheyForbid(t *testing.T) {
	p := func(d *Dashboard, name string) *Panel {
		i := slices.IndexFunc(d.Panels, func(p Panel) bool { return p.name == name })
		return &d.Panels[i]
	}
	tests := []struct {
		rule, want string
		spoil      func(*Dashboard)
	}{
		{"head", "schemaVersion", func(d *Dashboard) { d.SchemaVersion = 35 }},
		{"head", "id, want null", func(d *Dashboard) { d.ID = new(int) }},
		{"head", "uid", func(d *Dashboard) { d.UID = "aBcD3" }},
		{"head", "title", func(d *Dashboard) { d.Title = "" }},
		{"head", "description", func(d *Dashboard) { d.Description = "" }},
		{"head", "tags", func(d *Dashboard) { d.Tags = []string{} }},
		{"head", "timezone", func(d *Dashboard) { d.Timezone = "utc" }},
		{"head", "refresh", func(d *Dashboard) { d.Refresh = "" }},
		{"head", "time, want", func(d *Dashboard) { d.Time = Span{} }},
		{"head", "panels", func(d *Dashboard) { d.Panels = nil }},
		{"head", "links", func(d *Dashboard) { d.Links = nil }},
		{"head", "variable datasource", func(d *Dashboard) { d.Templating.List = d.Templating.List[1:] }},
		{"head", "words", func(d *Dashboard) { p(d, "satisfied").Title = "panel.satisfied" }},
		{"words", "no title", func(d *Dashboard) { p(d, "satisfied").Title = "" }},
		{"words", "no description", func(d *Dashboard) { p(d, "satisfied").Description = "" }},
		{"words", "two panels", func(d *Dashboard) { p(d, "satisfied").Title = p(d, "hidden").Title }},
		{"words", "no unit", func(d *Dashboard) { p(d, "satisfied").FieldConfig.Defaults.Unit = "" }},
		{"types", `"graph"`, func(d *Dashboard) { p(d, "verdicts").Type = "graph" }},
		{"types", `"singlestat"`, func(d *Dashboard) { p(d, "below").Type = "singlestat" }},
		{"types", `"table-old"`, func(d *Dashboard) { p(d, "agents").Type = "table-old" }},
		{"sources", "Ratings by verdict does not", func(d *Dashboard) { p(d, "verdicts").Datasource = nil }},
		{"sources", "Ratings by verdict A", func(d *Dashboard) { p(d, "verdicts").Targets[0].Datasource.UID = "P1809F7CD0C75ACF3" }},
		{"sources", "variable team", func(d *Dashboard) { d.Templating.List[1].Datasource = nil }},
		{"sources", "annotation", func(d *Dashboard) { d.Annotations.List = []Annotation{{Name: "x"}} }},
		{"ranges", "looks back 5m", func(d *Dashboard) { p(d, "verdicts").Targets[0].Expr = "sum(increase(x[5m]))" }},
		{"ranges", "looks back $__range", func(d *Dashboard) { p(d, "verdicts").Targets[0].Expr = "sum(increase(x[$__range]))" }},
		{"ranges", "looks back $__rate_interval", func(d *Dashboard) { p(d, "answered").Targets[0].Expr = "sum(increase(x[$__rate_interval]))" }},
		{"ranges", "offset", func(d *Dashboard) { p(d, "answered").Targets[0].Expr = "x - x offset 1w" }},
		{"ranges", "neither", func(d *Dashboard) { p(d, "answered").Targets[0].Range = true }},
		{"counters", "bare counter", func(d *Dashboard) { p(d, "verdicts").Targets[0].Expr = "sum(aftercall_agent_ratings_total)" }},
		{"grid", "overlap", func(d *Dashboard) { p(d, "agents").GridPos.Y = 0 }},
		{"grid", "24 columns", func(d *Dashboard) { p(d, "teams").GridPos.W = 13 }},
		{"grid", "id", func(d *Dashboard) { p(d, "teams").ID = 1 }},
		{"links", "loses time or variables", func(d *Dashboard) { d.Links[0].KeepTime = false }},
		{"links", "loses time or data source", func(d *Dashboard) { p(d, "agents").Description = "/d/aftercall-agent-en" }},
		{"links", "unescaped", func(d *Dashboard) {
			p(d, "agents").Description = "/d/x?var-agent_id=${__data.fields.agent}&${datasource:queryparam}&${__url_time_range}"
		}},
		{"variables", "no label", func(d *Dashboard) { d.Templating.List[1].Label = "" }},
		{"variables", "another time", func(d *Dashboard) { d.Templating.List[1].Refresh = 1 }},
		{"variables", "called $queue", func(d *Dashboard) { p(d, "verdicts").Targets[0].Expr = `x{queue="$queue"}` }},
		{"variables", "escaped for", func(d *Dashboard) { p(d, "verdicts").Targets[0].Expr = `x{agent="$agent"}` }},
		{"n", "not of how many", func(d *Dashboard) {
			q := p(d, "satisfied")
			q.Targets, q.FieldConfig.Overrides = q.Targets[:1], q.FieldConfig.Overrides[:1]
		}},
		{"n", "fewer than 10", func(d *Dashboard) { p(d, "satisfied").Targets[0].Expr = "sum(a) / sum(b)" }},
		{"heads", `two columns "agent"`, func(d *Dashboard) { p(d, "agents").FieldConfig.Overrides[0].Properties[0].Value = "agent" }},
		{"digits", "1 K", func(d *Dashboard) { p(d, "satisfied").FieldConfig.Defaults.Unit = "short" }},
		{"digits", `label "agent" as a number`, func(d *Dashboard) { p(d, "agents").FieldConfig.Overrides[1].Properties = nil }},
		{"colors", "no decision", func(d *Dashboard) { p(d, "satisfied").FieldConfig.Defaults.Thresholds = warn(from(0.8, "green")) }},
		{"colors", "without a value", func(d *Dashboard) { p(d, "below").FieldConfig.Defaults.Thresholds.Steps[0].Value = new(float64) }},
		{"queries", `two queries are "A"`, func(d *Dashboard) { p(d, "satisfied").Targets[1].RefID = "A" }},
		{"queries", "no legend", func(d *Dashboard) { p(d, "verdicts").Targets[0].LegendFormat = "" }},
		{"queries", "asks nothing", func(d *Dashboard) { p(d, "verdicts").Targets = nil }},
	}
	broken := map[string]bool{}
	for _, tt := range tests {
		d := Dashboards("en")[0]
		tt.spoil(&d)
		bad := strings.Join(lint[tt.rule](asBoard(t, d)), "\n")
		if !strings.Contains(bad, tt.want) {
			t.Errorf("%s says %q of a dashboard that breaks it, want %q in it", tt.rule, bad, tt.want)
		}
		broken[tt.rule] = true
	}
	for name := range lint {
		if !broken[name] {
			t.Errorf("no dashboard breaks the rule %q", name)
		}
	}
}
