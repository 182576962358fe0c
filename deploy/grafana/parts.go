package grafana

import (
	"fmt"

	"aftercall/configs/i18n"
)

// source is the data source that is chosen above the dashboard.
var source = Datasource{"prometheus", "${datasource}"}

// Units, in Grafana's words.
const (
	count    = "locale"      // with all its digits: "short" makes "1 K" of 1,150
	percent  = "percentunit" // of 0 to 1
	seconds  = "s"
	plain    = "none"
	lettered = "string" // for labels: else Grafana writes id 1001 as a number, into links too
)

// kit makes the parts of dashboards in one language.
type kit struct {
	i18n.Printer
	folder string // of the language
}

// panel begins a panel whose title and description stand in the catalogue
// under its name.
func (k kit) panel(kind, name string, w, h int) Panel {
	return Panel{
		name: name, Type: kind, Title: k.T("panel." + name), Description: k.T("about." + name),
		Datasource: &source, GridPos: GridPos{W: w, H: h},
	}
}

// value is one query of a panel.
type value struct {
	expr, legend string
	unit         string
	// Role in a trend: drawn as a line, as the edge of a band that is filled
	// down to the value after it, or standing in the tooltip alone.
	role role
}

type role int

const (
	line role = iota
	upperEdge
	lowerEdge
	aside
)

func refID(i int) string { return string(rune('A' + i)) }

func (v value) target(i int, format string) Target {
	instant := format == "table"
	return Target{
		RefID: refID(i), Datasource: source, EditorMode: "code", Expr: v.expr, Format: format,
		LegendFormat: v.legend, Instant: instant, Range: !instant,
	}
}

// stat shows one or more figures as they are now. Without thresholds it has
// no colour.
func (k kit) stat(name string, w int, warn *Thresholds, values ...value) Panel {
	p := k.panel("stat", name, w, 4)
	mode, style := "value", "value_and_name"
	if len(values) == 1 {
		style = "value"
	}
	p.FieldConfig = &FieldConfig{
		Defaults:  Defaults{Unit: values[0].unit, NoValue: k.T("legend.no_value"), Color: Color{"fixed", "text"}, Thresholds: warn},
		Overrides: []Override{},
	}
	if warn == nil {
		mode = "none"
	}
	for i, v := range values {
		t := v.target(i, "time_series")
		t.Instant, t.Range = true, false
		p.Targets = append(p.Targets, t)
		o := Override{Matcher{"byFrameRefID", refID(i)}, []Property{{"unit", v.unit}, {"decimals", decimals(v.unit)}}}
		if i == 0 && warn != nil {
			o.Properties = append(o.Properties, Property{"color", Color{Mode: "thresholds"}})
		}
		p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, o)
	}
	p.Options = map[string]any{
		"colorMode": mode, "graphMode": "none", "justifyMode": "auto", "orientation": "auto", "textMode": style,
		"wideLayout": true, "showPercentChange": false, "percentChangeColorMode": "standard",
		"reduceOptions": map[string]any{"calcs": []string{"lastNotNull"}, "fields": "", "values": false},
	}
	return p
}

func decimals(unit string) int {
	if unit == percent {
		return 1
	}
	return 0
}

// warn gives thresholds: no colour under the first value, then one for each.
func warn(steps ...Step) *Thresholds {
	return &Thresholds{"absolute", append([]Step{{Color: "text"}}, steps...)}
}

func from(v float64, color string) Step { return Step{color, &v} }

// points is how many points a trend has: each then covers enough calls to say
// something, whatever the shown time is.
const points = 30

// trend shows shares over time, each with its band and its n.
func (k kit) trend(name string, w, h int, values ...value) Panel {
	p := k.series(name, w, h, values...)
	p.FieldConfig.Defaults.Custom = map[string]any{
		"drawStyle": "line", "lineWidth": 2, "fillOpacity": 0, "showPoints": "auto", "pointSize": 6, "spanNulls": false,
	}
	for i, v := range values {
		o := Override{Matcher: Matcher{"byFrameRefID", refID(i)}}
		switch v.role {
		case upperEdge:
			o.Properties = []Property{{"custom.lineWidth", 0}, {"custom.showPoints", "never"}, {"custom.fillBelowTo", values[i+1].legend}, {"custom.fillOpacity", 15}}
		case lowerEdge:
			o.Properties = []Property{{"custom.lineWidth", 0}, {"custom.showPoints", "never"}}
		case aside:
			o.Properties = []Property{
				{"unit", v.unit}, {"decimals", 0}, {"custom.lineWidth", 0}, {"custom.showPoints", "never"},
				{"custom.axisPlacement", "hidden"}, {"custom.hideFrom", map[string]bool{"legend": true, "tooltip": false, "viz": false}},
			}
		default:
			continue
		}
		p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, o)
	}
	return p
}

// bars shows counts over time, stacked.
func (k kit) bars(name string, w, h int, v value, words ...Override) Panel {
	p := k.series(name, w, h, v)
	p.FieldConfig.Defaults.Decimals = whole
	p.FieldConfig.Defaults.Custom = map[string]any{
		"drawStyle": "bars", "barAlignment": -1, "lineWidth": 0, "fillOpacity": 80, "showPoints": "never",
		"stacking": map[string]string{"mode": "normal", "group": "A"},
	}
	p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, words...)
	return p
}

var (
	zero, one = 0.0, 1.0
	none      = 0
	whole     = &none
)

func (k kit) series(name string, w, h int, values ...value) Panel {
	p := k.panel("timeseries", name, w, h)
	p.MaxDataPoints = points
	p.FieldConfig = &FieldConfig{
		Defaults:  Defaults{Unit: values[0].unit, Min: &zero, NoValue: k.T("legend.no_value"), Color: Color{Mode: "palette-classic-by-name"}},
		Overrides: []Override{},
	}
	if values[0].unit == percent {
		p.FieldConfig.Defaults.Max = &one
	}
	for i, v := range values {
		p.Targets = append(p.Targets, v.target(i, "time_series"))
	}
	p.Options = map[string]any{"legend": legend(), "tooltip": tooltip()}
	return p
}

func legend() map[string]any {
	return map[string]any{"displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": []string{}}
}

func tooltip() map[string]any { return map[string]any{"mode": "multi", "sort": "none"} }

// text is a panel of words.
func (k kit) text(name string, w, h int) Panel {
	p := k.panel("text", name, w, h)
	p.Datasource = nil
	p.Options = map[string]any{"mode": "markdown", "content": k.T("note." + name)}
	return p
}

// rows places panels, row by row, from left to right.
func rows(rows ...[]Panel) []Panel {
	var all []Panel
	y := 0
	for _, row := range rows {
		x, height := 0, 0
		for _, p := range row {
			p.ID = len(all) + 1
			p.GridPos.X, p.GridPos.Y = x, y
			x += p.GridPos.W
			height = max(height, p.GridPos.H)
			all = append(all, p)
		}
		y += height
	}
	return all
}

// dashboard begins a dashboard; its variables follow the data source.
func (k kit) dashboard(name, since string, variables ...Variable) Dashboard {
	tag := "aftercall-" + k.folder
	choose := Variable{Name: "datasource", Label: k.T("legend.datasource"), Type: "datasource", Query: source.Type}
	return Dashboard{
		UID: uid(name, k.folder), Title: k.T("board." + name), Description: k.T("purpose." + name), Tags: []string{"aftercall", tag},
		SchemaVersion: schemaVersion, Editable: true, GraphTooltip: 1, Timezone: "browser", Refresh: "1m",
		Time: Span{since, "now"}, Templating: Templating{append([]Variable{choose}, variables...)}, Annotations: Annotations{[]Annotation{}},
		Links: []Link{{Type: "dashboards", Title: k.T("legend.others"), Tooltip: "", Icon: "external link", Tags: []string{tag}, IncludeVars: true, KeepTime: true}},
	}
}

// uid is by what Grafana and links know a dashboard.
func uid(name, folder string) string { return fmt.Sprintf("aftercall-%s-%s", name, folder) }

// several is a variable of which one may choose any number, at first all.
func several(name, label string, q VariableQuery) Variable {
	return Variable{
		Name: name, Label: label, Type: "query", Datasource: &source, Query: q, Refresh: 2, Sort: 7,
		Multi: true, IncludeAll: true, AllValue: ".*", Current: &Option{[]string{"All"}, []string{"$__all"}},
	}
}

func valuesOf(label, of string) VariableQuery {
	return VariableQuery{"values", labelValues, fmt.Sprintf("label_values(%s, %s)", of, label)}
}
