package grafana

import (
	"regexp"
	"strings"
)

// Query is one query of a dashboard, as Prometheus is asked it.
type Query struct {
	Dashboard string // uid
	Panel     string // title of the panel, label of the variable or name of the annotation
	Expr      string // PromQL with every variable filled in; a selector where Grafana asks for a label's values
	Label     string // whose values are asked for: a variable by /api/v1/label/LABEL/values; "" = Expr is a query
	Range     bool   // asked over the shown time, not at its end
}

// Filled are the values that stand in for a dashboard's variables.
type Filled struct {
	Agent string // the one of the Agent dashboard, as it stands in the label
	Step  string // what a point of a trend covers, for example "1d"
	Shown string // the shown time, for example "30d"
}

// Queries gives every query of the dashboards, once for all languages, which
// ask the same. Where any number can be chosen, all are.
func Queries(f Filled) []Query {
	var all []Query
	for _, d := range Dashboards("en") {
		add := func(of, expr, label string, over bool) {
			all = append(all, Query{d.UID, of, f.fill(expr), label, over})
		}
		for _, v := range d.Templating.List {
			if q, ok := v.Query.(VariableQuery); ok {
				expr, label := q.asked()
				add(v.Label, expr, label, false)
			}
		}
		for _, a := range d.Annotations.List {
			add(a.Name, a.Target.Expr, "", true)
		}
		for _, p := range d.Panels {
			for _, t := range p.Targets {
				add(p.Title, t.Expr, "", t.Range)
			}
		}
	}
	return all
}

var (
	asksLabel  = regexp.MustCompile(`^label_values\((.+), (\w+)\)$`)
	asksResult = regexp.MustCompile(`^query_result\((.+)\)$`)
)

// asked takes Grafana's word for the kind of question off a variable's query.
func (q VariableQuery) asked() (expr, label string) {
	if m := asksLabel.FindStringSubmatch(q.Query); m != nil {
		return m[1], m[2]
	}
	if m := asksResult.FindStringSubmatch(q.Query); m != nil {
		return m[1], ""
	}
	return q.Query, ""
}

// fill does what Grafana does: a single value is escaped as a string of
// PromQL, "all" is put in as it is.
func (f Filled) fill(expr string) string {
	one := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(f.Agent)
	return strings.NewReplacer(
		step, f.Step, shown, f.Shown, "$agent_id", one,
		"$agent", ".*", "$team", ".*", "$question", ".*", "$queue", ".*", "$layout", ".*",
	).Replace(expr)
}
