package grafana

// Agents' series are one set for each service that is scraped. Counts are
// summed over them; of marks the widest interval is taken.

// Whom the choices above the Supervisor dashboard name.
const (
	ofAgents = `agent=~"$agent"`
	window   = `window="30d"` // the window of the marks
	chosen   = `aftercall_agent_info{agent=~"$agent",team=~"$team"}`
)

// inTeam keeps what is of agents of the chosen teams.
func inTeam(byAgent string) string { return byAgent + " and on (agent) " + chosen }

// chosenRatings are the ratings of the chosen agents over a range, by verdict.
func chosenRatings(over string) string {
	return inTeam(increase(sel("aftercall_agent_ratings_total", ofAgents), over))
}

func chosenSurveys(over string, matchers ...string) string {
	return inTeam(increase(sel("aftercall_agent_surveys_total", append([]string{ofAgents}, matchers...)...), over))
}

// chosenWindow is a figure of the last 30 days.
func chosenWindow(metric string) string { return inTeam(sel(metric, ofAgents, window)) }

const (
	windowRatings   = "aftercall_agent_window_ratings"
	windowSatisfied = "aftercall_agent_window_satisfied"
	adjusted        = "aftercall_agent_adjusted_ratio"
	tierMetric      = "aftercall_agent_tier"
)

func (k kit) supervisor() Dashboard {
	d := k.dashboard("supervisor", "now-30d",
		several("team", k.T("legend.team"), valuesOf("team", "aftercall_agent_info")),
		k.chooseAgents())
	d.Panels = rows(
		k.headline(),
		[]Panel{k.satisfiedTrend(), k.answeredTrend()},
		[]Panel{
			k.bars("verdicts", 12, 9, value{expr: sum(chosenRatings(step), "verdict"), legend: "{{verdict}}", unit: count}, k.verdicts()...),
			k.teams(),
		},
		[]Panel{k.agents()},
	)
	return d
}

func (k kit) chooseAgents() Variable {
	v := several("agent", k.T("column.agent"), VariableQuery{})
	v.Query, v.Regex = agentsQuery(`aftercall_agent_info{team=~"$team"}`)
	return v
}

// agentsQuery gives agents with their names to choose from: the value is the
// id, what is read is "name · id", or the id alone where there is no name.
func agentsQuery(info string) (VariableQuery, string) {
	text := most(`label_join(`+info+`, "text", " · ", "name", "agent")`, "agent", "text")
	return VariableQuery{"agents", queryResult, "query_result(" + text + ")"}, `/^{agent="(?<value>.*?)",text="(?: · )?(?<text>.*)"} /`
}

func (k kit) headline() []Panel {
	n, x := sum(chosenWindow(windowRatings)), sum(chosenWindow(windowSatisfied))
	rated, offered := sum(chosenSurveys(shown, `outcome="rated"`)), sum(chosenSurveys(shown))
	today := k.stat("ratings_today", 4, nil, value{expr: "round(" + sum(chosenRatings(shown)) + ")", unit: count})
	today.TimeFrom = "now/d"
	tiers := most(inTeam(sel(tierMetric, ofAgents)), "agent")
	return []Panel{
		k.stat("satisfied", 5, nil,
			value{expr: share(x, n), legend: k.T("legend.satisfied"), unit: percent},
			value{expr: n, legend: k.T("legend.ratings"), unit: count}),
		k.stat("answered", 5, nil,
			value{expr: share(rated, offered), legend: k.T("legend.answered"), unit: percent},
			value{expr: offered, legend: k.T("column.offered"), unit: count}),
		today,
		k.stat("below", 4, warn(from(1, "orange")),
			value{expr: "sum(" + tiers + " == bool -1)", legend: k.T("legend.below"), unit: count},
			value{expr: "count(" + tiers + ")", legend: k.T("legend.marked"), unit: count}),
		k.stat("hidden", 3, nil, k.hidden("bound"), k.hidden("idle")),
		k.stat("age", 3, warn(from(15*60, "orange"), from(60*60, "red")),
			value{expr: "time() - max(aftercall_agents_refreshed_timestamp_seconds)", unit: seconds}),
	}
}

func (k kit) hidden(reason string) value {
	return value{expr: sum(sel("aftercall_agents_hidden", `reason="`+reason+`"`)), legend: k.T("legend." + reason), unit: count}
}

func (k kit) satisfiedTrend() Panel {
	return k.shareTrend("satisfied_trend", sum(chosenWindow(windowSatisfied)), sum(chosenWindow(windowRatings)), "legend.satisfied", "legend.ratings")
}

func (k kit) answeredTrend() Panel {
	return k.shareTrend("answered_trend", sum(chosenSurveys(step, `outcome="rated"`)), sum(chosenSurveys(step)), "legend.answered", "column.offered")
}

// shareTrend shows the share of x in n over time, with Wilson's interval and n.
func (k kit) shareTrend(name, x, n, legend, of string) Panel {
	return k.trend(name, 12, 9,
		value{expr: share(x, n), legend: k.T(legend), unit: percent},
		value{expr: upper(x, n), legend: k.T("legend.upper"), role: upperEdge},
		value{expr: lower(x, n), legend: k.T("legend.lower"), role: lowerEdge},
		value{expr: n, legend: k.T(of), unit: count, role: aside})
}

func (k kit) teams() Panel {
	of := func(metric string) string {
		return sum(named(sum(sel(metric, ofAgents, window), "agent"), chosen, "team"), "team")
	}
	x, n := of(windowSatisfied), of(windowRatings)
	return k.table("teams", 12, 9, []label{{"team", k.T("legend.team"), nil}},
		column{n, k.T("legend.ratings"), count, nil},
		column{share(x, n), k.T("legend.satisfied"), percent, nil},
		column{lower(x, n), k.T("legend.lower"), percent, nil},
		column{upper(x, n), k.T("legend.upper"), percent, nil})
}

func (k kit) agents() Panel {
	x, n := sum(chosenWindow(windowSatisfied), "agent"), sum(chosenWindow(windowRatings), "agent")
	mark := func(metric string) string { return inTeam(sel(metric, ofAgents)) }
	toAgent := []Property{{"links", []map[string]any{{
		"title": k.T("legend.to_agent"), "targetBlank": false,
		"url": "/d/" + uid("agent", k.folder) + "?var-agent_id=${__data.fields.agent:percentencode}&${datasource:queryparam}&${__url_time_range}",
	}}}}
	return k.table("agents", 24, 14,
		[]label{{"name", k.T("legend.name"), toAgent}, {"agent", k.T("column.agent"), toAgent}, {"team", k.T("legend.team"), nil}},
		column{named(sum(sel(windowRatings, ofAgents, window), "agent"), chosen, "name", "team"), k.T("legend.ratings"), count, nil},
		column{share(x, n), k.T("legend.raw"), percent, nil},
		column{"avg by (agent) (" + mark(adjusted) + ")", k.T("legend.adjusted"), percent, nil},
		column{least(mark(adjusted+"_lower"), "agent"), k.T("legend.lower"), percent, nil},
		column{most(mark(adjusted+"_upper"), "agent"), k.T("legend.upper"), percent, nil},
		column{most(mark(tierMetric), "agent"), k.T("legend.tier"), plain, append(k.tiers(), Property{"custom.cellOptions", map[string]any{"type": "color-text"}})})
}

// tiers gives tiers their words and colours.
func (k kit) tiers() []Property {
	word := func(i int, text, color string) map[string]any {
		return map[string]any{"index": i, "text": k.T("legend." + text), "color": color}
	}
	return []Property{{"mappings", []Mapping{
		{"value", map[string]any{"-1": word(0, "tier_below", "orange"), "0": word(1, "tier_expected", "text"), "1": word(2, "tier_above", "green")}},
		{"special", map[string]any{"match": "null", "result": word(3, "too_few", "text")}},
	}}}
}
