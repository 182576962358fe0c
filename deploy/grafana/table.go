package grafana

// column is a figure of a table: a query that gives one value a row.
type column struct {
	expr, head, unit string
	also             []Property // how else it is shown
}

// label is a label that is a column of a table.
type label struct {
	name, head string
	also       []Property
}

// table shows one row for each set of labels, in the order of the labels: by
// the first, then by the second, and so on. Every query must give the first
// label or all; figures that are not there leave their cell empty.
func (k kit) table(name string, w, h int, labels []label, columns ...column) Panel {
	p := k.panel("table", name, w, h)
	p.FieldConfig = &FieldConfig{
		Defaults: Defaults{
			Unit: count, Decimals: whole, NoValue: k.T("legend.no_value"), Color: Color{"fixed", "text"},
			Custom: map[string]any{"align": "auto", "cellOptions": map[string]any{"type": "auto"}, "inspect": false, "filterable": false},
		},
	}
	order := map[string]int{}
	add := func(field, head string, also []Property) {
		order[field] = len(order)
		p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, Override{Matcher{"byName", field}, append([]Property{{"displayName", head}}, also...)})
	}
	for _, l := range labels {
		add(l.name, l.head, append([]Property{{"unit", lettered}}, l.also...))
	}
	for i, c := range columns {
		p.Targets = append(p.Targets, value{expr: c.expr}.target(i, "table"))
		add("Value #"+refID(i), c.head, append([]Property{{"unit", c.unit}, {"decimals", decimals(c.unit)}}, c.also...))
	}
	if len(columns) > 1 {
		p.Transformations = append(p.Transformations, Transformation{"merge", struct{}{}})
	}
	p.Transformations = append(p.Transformations, Transformation{"organize", map[string]any{
		"excludeByName": map[string]bool{"Time": true}, "indexByName": order, "renameByName": struct{}{},
	}})
	for i := len(labels) - 1; i >= 0; i-- { // sorting is stable: the last one counts most
		p.Transformations = append(p.Transformations, Transformation{"sortBy", map[string]any{
			"fields": struct{}{}, "sort": []map[string]any{{"field": labels[i].name, "desc": false}},
		}})
	}
	p.Options = map[string]any{"showHeader": true, "cellHeight": "sm", "frameIndex": 0}
	return p
}

// gauge draws a share as a bar in its cell.
func gauge() []Property {
	return []Property{
		{"custom.cellOptions", map[string]any{"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}},
		{"min", 0}, {"max", 1}, {"color", Color{"fixed", "blue"}},
	}
}

// stacked shows, for each value of one label, how another divides it: bars of
// 100 %, with the counts in the tooltip.
func (k kit) stacked(name string, w, h int, row, part, expr string, words ...Override) Panel {
	p := k.panel("barchart", name, w, h)
	p.Targets = []Target{value{expr: expr}.target(0, "table")}
	p.Transformations = []Transformation{{"groupingToMatrix", map[string]any{"columnField": part, "rowField": row, "valueField": "Value", "emptyValue": "null"}}}
	p.FieldConfig = &FieldConfig{
		Defaults: Defaults{
			Unit: count, Decimals: whole, NoValue: k.T("legend.no_value"), Color: Color{Mode: "palette-classic-by-name"},
			Custom: map[string]any{"fillOpacity": 80, "lineWidth": 0, "axisPlacement": "auto"},
		},
		Overrides: append([]Override{{Matcher{"byName", row + "\\" + part}, []Property{{"unit", lettered}}}}, words...),
	}
	p.Options = map[string]any{
		"orientation": "horizontal", "stacking": "percent", "showValue": "never", "groupWidth": 0.7, "barWidth": 0.9, "fullHighlight": false,
		"xField": row + "\\" + part, "xTickLabelRotation": 0, "xTickLabelMaxLength": 30, "legend": legend(), "tooltip": tooltip(),
	}
	return p
}

// Colours of the verdicts of the shipped scales, so that each has the same
// everywhere; other verdicts get theirs from Grafana.
var verdictColors = []struct{ id, color string }{
	{"dissatisfied", "orange"}, {"fair", "#8e8e8e"}, {"satisfied", "green"}, {"very_satisfied", "dark-green"},
	{"not_resolved", "orange"}, {"resolved", "green"},
}

// verdicts gives the shipped verdicts their words and colours.
func (k kit) verdicts() []Override {
	var all []Override
	for _, v := range verdictColors {
		all = append(all, k.worded(v.id, k.T("verdict."+v.id), v.color))
	}
	return all
}

// outcomes gives outcomes their words and colours.
func (k kit) outcomes() []Override {
	var all []Override
	for _, o := range []struct{ id, color string }{
		{"rated", "blue"}, {"no_input", "#8e8e8e"}, {"invalid", "yellow"}, {"hangup", "orange"}, {"not_reached", "purple"}, {"error", "red"},
	} {
		all = append(all, k.worded(o.id, k.T("outcome."+o.id), o.color))
	}
	return all
}

func (k kit) worded(id, word, color string) Override {
	return Override{Matcher{"byName", id}, []Property{{"displayName", word}, {"color", Color{"fixed", color}}}}
}
