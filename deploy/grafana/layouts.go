package grafana

import "fmt"

// What the choices above the Layouts dashboard name; keys and times are kept
// by layout alone.
const (
	ofQueues  = `question=~"$question",queue=~"$queue",layout=~"$layout"`
	ofLayouts = `layout=~"$layout"`
)

func surveys(over string, matchers ...string) string {
	return increase(sel("aftercall_layout_surveys_total", append([]string{ofQueues}, matchers...)...), over)
}

func ratings(over string) string {
	return increase(sel("aftercall_layout_ratings_total", ofQueues), over)
}

const (
	wasRated = `outcome="rated"`
	failed   = `outcome="error"`
	stayed   = `outcome=~"rated|invalid|no_input"` // to the end of the question
)

func (k kit) layouts() Dashboard {
	all := "aftercall_layout_surveys_total"
	d := k.dashboard("layouts", "now-7d",
		several("question", k.T("column.question"), valuesOf("question", all)),
		several("queue", k.T("column.queue"), valuesOf("queue", all)),
		several("layout", k.T("column.layout"), valuesOf("layout", all+`{question=~"$question",queue=~"$queue"}`)))
	d.Annotations.List = append(d.Annotations.List, k.epochs())
	d.Panels = rows(
		[]Panel{k.text("reading", 24, 5)},
		k.totals(),
		[]Panel{k.byLayout()},
		[]Panel{k.answeredByLayout(), k.stacked("outcomes", 12, 9, "layout", "outcome", sum(surveys(shown), "layout", "outcome"), k.outcomes()...)},
		[]Panel{
			k.stacked("verdicts_by_layout", 12, 9, "layout", "verdict", sum(ratings(shown), "layout", "verdict"), k.verdicts()...),
			k.answerTimes(),
		},
		[]Panel{k.positions(), k.hangups()},
		[]Panel{k.heatmap(), k.split()},
		[]Panel{k.bars("errors", 12, 7, value{expr: sum(surveys(step, failed), "layout"), legend: "{{layout}}", unit: count}), k.keyToDisk()},
	)
	return d
}

// epochs marks when the calls of a queue began to be split as they are now.
func (k kit) epochs() Annotation {
	t := value{expr: most(`aftercall_epoch_started_timestamp_seconds{question=~"$question",queue=~"$queue"}`, "queue", "question") + " * 1000"}.target(0, "time_series")
	return Annotation{
		Name: k.T("legend.epochs"), Datasource: source, Enable: true, IconColor: "purple", Target: t,
		TitleFormat: k.T("legend.epoch"), TextFormat: "{{queue}} {{question}}", TagKeys: "queue,question", UseValueForTime: true,
	}
}

func (k kit) totals() []Panel {
	offered := sum(surveys(shown))
	return []Panel{
		k.stat("offered", 5, nil, value{expr: "round(" + offered + ")", unit: count}),
		k.stat("answered_by_all", 7, nil,
			value{expr: share(sum(surveys(shown, wasRated)), offered), legend: k.T("legend.answered"), unit: percent},
			value{expr: offered, legend: k.T("column.offered"), unit: count}),
		k.stat("error_share", 7, warn(from(0.01, "orange"), from(0.05, "red")),
			value{expr: share(sum(surveys(shown, failed)), offered), legend: k.T("legend.errors"), unit: percent},
			value{expr: offered, legend: k.T("column.offered"), unit: count}),
		k.stat("split_least", 5, splitFails(), value{expr: least("aftercall_experiment_srm_p_value"), unit: plain}),
	}
}

// splitFails is red under the p at which the split of calls is called broken.
func splitFails() *Thresholds {
	return &Thresholds{"absolute", []Step{{Color: "red"}, from(0.01, "text")}}
}

func (k kit) byLayout() Panel {
	by := func(x string) string { return sum(x, "layout") }
	offered, rated, stay := by(surveys(shown)), by(surveys(shown, wasRated)), by(surveys(shown, stayed))
	n, x := by(ratings(shown)), by(isSatisfied(ratings(shown), "question", "verdict"))
	return k.table("by_layout", 24, 9, []label{{"layout", k.T("column.layout"), nil}},
		column{offered, k.T("column.offered"), count, nil},
		column{share(stay, offered), k.T("legend.completed"), percent, nil},
		column{share(rated, offered), k.T("legend.answered"), percent, nil},
		column{lower(rated, offered), k.T("legend.answered_lower"), percent, nil},
		column{upper(rated, offered), k.T("legend.answered_upper"), percent, nil},
		column{n, k.T("legend.ratings"), count, nil},
		column{share(x, n), k.T("legend.satisfied"), percent, nil},
		column{lower(x, n), k.T("legend.satisfied_lower"), percent, nil},
		column{upper(x, n), k.T("legend.satisfied_upper"), percent, nil},
		column{by(surveys(shown, failed)), k.T("legend.errors"), count, nil})
}

func (k kit) answeredByLayout() Panel {
	n := sum(surveys(step), "layout")
	return k.trend("answered_by_layout", 12, 9,
		value{expr: share(sum(surveys(step, wasRated), "layout"), n), legend: "{{layout}}", unit: percent},
		value{expr: n, legend: "{{layout}}: " + k.T("column.offered"), unit: count, role: aside})
}

// quantile is one of a panel of times, missing under a number of observations.
type quantile struct {
	q, word string
	atLeast int
}

// times shows quantiles of a histogram by a label: of one with classic buckets,
// because Grafana and Prometheus of any age read them.
func (k kit) times(name string, h int, histogram, by string, matchers []string, of ...quantile) Panel {
	bucket := sum(increase(sel(histogram+"_bucket", matchers...), step), by, "le")
	n := sum(increase(sel(histogram+"_count", matchers...), step), by)
	var values []value
	for _, q := range of {
		expr := fmt.Sprintf("histogram_quantile(%s, %s) and on (%s) %s >= %d", q.q, bucket, by, n, q.atLeast)
		values = append(values, value{expr: expr, legend: "{{" + by + "}}: " + k.T("legend."+q.word), unit: seconds})
	}
	return k.trend(name, 12, h, append(values, value{expr: n + " > 0", legend: "{{" + by + "}}: " + k.T("legend.ratings"), unit: count, role: aside})...)
}

func (k kit) answerTimes() Panel {
	p := k.times("answer_times", 9, "aftercall_answer_seconds", "layout", []string{ofLayouts}, quantile{"0.5", "half", few}, quantile{"0.9", "nine_tenths", few})
	p.FieldConfig.Defaults.Decimals = whole
	return p
}

// keyToDisk is of whole services: whatever is chosen, the disk is the same. Of
// fewer than 100, 99 of 100 are all of them.
func (k kit) keyToDisk() Panel {
	return k.times("key_to_disk", 7, "aftercall_key_durable_seconds", "instance", nil, quantile{"0.5", "half", few}, quantile{"0.99", "most", 100})
}

// positions tells which place in the reading the keys have that callers press.
func (k kit) positions() Panel {
	info := "topk by (layout, key) (1, " + most(sel("aftercall_layout_option_info", `question=~"$question"`, ofLayouts), "layout", "key", "position", "verdict") + ")"
	pressed := sum(increase(sel("aftercall_layout_keypresses_total", ofLayouts, `valid="true"`), shown), "layout", "key") +
		" * on (layout, key) group_left (position, verdict) " + info
	used := " and on (layout) " + sum(pressed, "layout") + " > 0" // keys of which nobody pressed one, only where others did
	return k.table("positions", 12, 10,
		[]label{{"layout", k.T("column.layout"), nil}, {"position", k.T("legend.position"), nil}, {"key", k.T("column.key"), nil}, {"verdict", k.T("column.verdict"), []Property{k.verdictWords()}}},
		column{"(" + pressed + ")" + used, k.T("legend.presses"), count, nil},
		column{"(" + pressed + ") / on (layout) group_left () (" + sum(pressed, "layout") + " >= 10)", k.T("legend.share"), percent, gauge()})
}

func (k kit) hangups() Panel {
	at := sum(increase(sel("aftercall_layout_hangups_total", ofLayouts), shown), "layout", "heard")
	offered := sum(increase(sel("aftercall_layout_surveys_total", ofLayouts), shown), "layout")
	return k.table("hangups", 12, 10, []label{{"layout", k.T("column.layout"), nil}, {"heard", k.T("column.heard"), nil}},
		column{at + " and on (layout) " + offered + " > 0", k.T("legend.hangups"), count, nil},
		column{at + " / on (layout) group_left () (" + offered + " >= 10)", k.T("legend.of_offered"), percent, gauge()})
}

func (k kit) heatmap() Panel {
	p := k.panel("heatmap", "answer_heat", 12, 9)
	p.MaxDataPoints = points
	t := value{expr: sum(increase(sel("aftercall_answer_seconds_bucket", ofLayouts), step), "le"), legend: "{{le}}"}.target(0, "heatmap")
	p.Targets = []Target{t}
	p.FieldConfig = &FieldConfig{Defaults: Defaults{Unit: count, Color: Color{Mode: "thresholds"}, Custom: map[string]any{"scaleDistribution": map[string]string{"type": "linear"}}}, Overrides: []Override{}}
	p.Options = map[string]any{
		"calculate": false, "cellGap": 1, "showValue": "never", "cellValues": map[string]any{"unit": count, "decimals": 0},
		"color":     map[string]any{"mode": "scheme", "scheme": "Blues", "fill": "blue", "scale": "linear", "exponent": 0.5, "steps": 64, "reverse": false, "min": 0},
		"exemplars": map[string]string{"color": "blue"}, "filterValues": map[string]float64{"le": 0.5}, "legend": map[string]bool{"show": true},
		"rowsFrame": map[string]string{"layout": "auto", "value": k.T("legend.ratings")},
		"tooltip":   map[string]any{"mode": "single", "yHistogram": false, "showColorScale": false},
		"yAxis":     map[string]any{"unit": seconds, "axisPlacement": "left", "reverse": false},
	}
	return p
}

func (k kit) split() Panel {
	p := k.trend("split", 12, 9, value{expr: least("aftercall_experiment_srm_p_value", "experiment", "queue"), legend: "{{experiment}} {{queue}}", unit: plain})
	p.FieldConfig.Defaults.Max, p.FieldConfig.Defaults.Thresholds = &one, splitFails()
	p.FieldConfig.Defaults.Custom["thresholdsStyle"] = map[string]string{"mode": "area"}
	return p
}
