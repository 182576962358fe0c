package grafana

import (
	"fmt"
	"strings"
)

// Ranges of counters: what a point of a trend covers, and all the shown time.
const (
	step  = "$__rate_interval"
	shown = "$__range"
)

// few is under how many nothing is said of a share.
const few = 10

// sel selects a metric.
func sel(metric string, matchers ...string) string {
	if len(matchers) == 0 {
		return metric
	}
	return metric + "{" + strings.Join(matchers, ",") + "}"
}

// increase is by how much counters grew over a range.
func increase(counters, over string) string {
	return "increase(" + counters + "[" + over + "])"
}

// sum sums by labels.
func sum(x string, by ...string) string { return grouped("sum", x, by) }

// most takes the greatest by labels.
func most(x string, by ...string) string { return grouped("max", x, by) }

// least takes the smallest by labels.
func least(x string, by ...string) string { return grouped("min", x, by) }

func grouped(op, x string, by []string) string {
	if len(by) == 0 {
		return op + "(" + x + ")"
	}
	return op + " by (" + strings.Join(by, ", ") + ") (" + x + ")"
}

// isSatisfied keeps, of ratings, those whose verdict counts as satisfied.
func isSatisfied(ratings string, on ...string) string {
	return ratings + " and on (" + strings.Join(on, ", ") + ") (aftercall_verdict_satisfied == 1)"
}

// share is part of whole, absent where whole is under few. Both are sums, so
// that it is a ratio of sums, never a mean of ratios.
func share(part, whole string) string {
	return fmt.Sprintf("%s / (%s >= %d)", part, whole, few)
}

// Wilson's 95 % bounds of a share: (x + z^2/2 -+ z sqrt(x (n-x) / n + z^2/4)) / (n + z^2)
// with z = 1.959964 (Wilson 1927). Absent where n is under few.
func bound(sign, x, n string) string {
	return fmt.Sprintf("(%[2]s + 1.920729 %[1]s 1.959964 * sqrt(%[2]s * (%[3]s - %[2]s) / %[3]s + 0.960365)) / ((%[3]s >= %[4]d) + 3.841459)", sign, x, n, few)
}

func lower(x, n string) string { return bound("-", x, n) }
func upper(x, n string) string { return bound("+", x, n) }

// named gives what is known by agent the labels of the agent's info. Several
// services may know one agent by several names: one of them is taken, because
// two would fail the query.
func named(byAgent, info string, labels ...string) string {
	by := append([]string{"agent"}, labels...)
	return fmt.Sprintf("%s * on (agent) group_left (%s) topk by (agent) (1, %s)", byAgent, strings.Join(labels, ", "), most(info, by...))
}
