package grafana

// The one agent of the Agent dashboard. The variable has a name of its own: a
// link from the Supervisor dashboard carries that one's choice of many along.
const oneAgent = `agent="$agent_id"`

func (k kit) agent() Dashboard {
	choose := Variable{Name: "agent_id", Label: k.T("column.agent"), Type: "query", Datasource: &source, Refresh: 2, Sort: 7}
	choose.Query, choose.Regex = agentsQuery("aftercall_agent_info")
	d := k.dashboard("agent", "now-30d", choose)
	outcomes := sel("aftercall_agent_surveys_total", oneAgent)
	ratings := sel("aftercall_agent_ratings_total", oneAgent)
	d.Panels = rows(
		k.marks(),
		[]Panel{k.markTrend(), k.text("marking", 8, 10)},
		[]Panel{
			k.bars("verdicts_of_agent", 12, 8, value{expr: sum(increase(ratings, step), "verdict"), legend: "{{verdict}}", unit: count}, k.verdicts()...),
			k.bars("outcomes_of_agent", 12, 8, value{expr: sum(increase(outcomes, step), "outcome"), legend: "{{outcome}}", unit: count}, k.outcomes()...),
		},
		[]Panel{k.windows(), k.verdictTable()},
	)
	return d
}

func (k kit) marks() []Panel {
	one := func(metric string, matchers ...string) string {
		return sel(metric, append([]string{oneAgent}, matchers...)...)
	}
	n, x := sum(one(windowRatings, window)), sum(one(windowSatisfied, window))
	surveys := func(matchers ...string) string {
		return sum(increase(one("aftercall_agent_surveys_total", matchers...), shown))
	}
	rated, offered := surveys(`outcome="rated"`), surveys()
	tier := k.stat("tier", 6, warn(), value{expr: named(most(one(tierMetric), "agent"), one("aftercall_agent_info"), "name", "team"), legend: "{{name}} {{agent}} {{team}}", unit: plain})
	tier.Options.(map[string]any)["textMode"] = "value_and_name"
	tier.FieldConfig.Defaults.NoValue = k.T("legend.too_few")
	tier.FieldConfig.Overrides[0].Properties = append(tier.FieldConfig.Overrides[0].Properties, k.tiers()...)
	return []Panel{
		tier,
		k.stat("mark", 8, nil,
			value{expr: "avg(" + one(adjusted) + ")", legend: k.T("legend.adjusted"), unit: percent},
			value{expr: least(one(adjusted + "_lower")), legend: k.T("legend.lower"), unit: percent},
			value{expr: most(one(adjusted + "_upper")), legend: k.T("legend.upper"), unit: percent},
			value{expr: n, legend: k.T("legend.ratings"), unit: count}),
		k.stat("raw", 5, nil,
			value{expr: share(x, n), legend: k.T("legend.raw"), unit: percent},
			value{expr: n, legend: k.T("legend.ratings"), unit: count}),
		k.stat("answered_of_agent", 5, nil,
			value{expr: share(rated, offered), legend: k.T("legend.answered"), unit: percent},
			value{expr: offered, legend: k.T("column.offered"), unit: count}),
	}
}

func (k kit) markTrend() Panel {
	n := sum(sel(windowRatings, oneAgent, window))
	return k.trend("mark_trend", 16, 10,
		value{expr: "avg(" + sel(adjusted, oneAgent) + ")", legend: k.T("legend.adjusted"), unit: percent},
		value{expr: most(sel(adjusted+"_upper", oneAgent)), legend: k.T("legend.upper"), role: upperEdge},
		value{expr: least(sel(adjusted+"_lower", oneAgent)), legend: k.T("legend.lower"), role: lowerEdge},
		value{expr: share(sum(sel(windowSatisfied, oneAgent, window)), n), legend: k.T("legend.raw")},
		value{expr: n, legend: k.T("legend.ratings"), unit: count, role: aside})
}

func (k kit) windows() Panel {
	n, x := sum(sel(windowRatings, oneAgent), "window"), sum(sel(windowSatisfied, oneAgent), "window")
	return k.table("windows", 12, 7, []label{{"window", k.T("legend.window"), nil}},
		column{n, k.T("legend.ratings"), count, nil},
		column{x, k.T("legend.satisfied_n"), count, nil},
		column{share(x, n), k.T("legend.raw"), percent, nil},
		column{lower(x, n), k.T("legend.lower"), percent, nil},
		column{upper(x, n), k.T("legend.upper"), percent, nil})
}

func (k kit) verdictTable() Panel {
	ratings := increase(sel("aftercall_agent_ratings_total", oneAgent), shown)
	return k.table("verdict_table", 12, 7, []label{{"verdict", k.T("column.verdict"), []Property{k.verdictWords()}}},
		column{sum(ratings, "verdict"), k.T("legend.ratings"), count, nil},
		column{sum(ratings, "verdict") + " / on () group_left () (" + sum(ratings) + " >= 10)", k.T("legend.share"), percent, gauge()})
}

// verdictWords gives the shipped verdicts their words in a column of a table.
func (k kit) verdictWords() Property {
	words := map[string]any{}
	for i, v := range verdictColors {
		words[v.id] = map[string]any{"index": i, "text": k.T("verdict." + v.id)}
	}
	return Property{"mappings", []Mapping{{"value", words}}}
}
