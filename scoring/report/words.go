package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"aftercall/configs/i18n"
	"aftercall/ivr/layout"
	"aftercall/scoring/compare"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// words says figures in one language.
type words struct{ i18n.Printer }

// thousands groups digits as both languages of the catalogue do.
var thousands = message.NewPrinter(language.English)

func count(n int64) string { return thousands.Sprintf("%d", n) }

// round gives a number with a fixed count of decimals, which is never -0.
func round(x float64, decimals int) string {
	scale := math.Pow10(decimals)
	r := math.Round(x*scale) / scale
	if r == 0 {
		r = 0
	}
	return fmt.Sprintf("%.*f", decimals, r)
}

// points says a difference of fractions in points, with its sign.
func points(x float64) string {
	s := round(100*x, 1)
	if x > 0 && s != "0.0" {
		return "+" + s
	}
	return s
}

// percent says a fraction without its sign of percent.
func percent(x float64) string { return round(100*x, 1) }

func (w words) share(x float64) string { return w.T("report.share", 100*x) }

// span says a range of fractions.
func (w words) span(lo, hi float64) string { return w.T("report.range", w.share(lo), w.share(hi)) }

// figure says a share with its interval.
func (w words) figure(e compare.Estimate) string {
	switch {
	case e.N == 0:
		return w.T("report.no_data")
	case e.N < compare.FewRatings:
		return w.T("report.too_few", count(e.N), percent(e.Lo), percent(e.Hi))
	case !e.Known():
		return w.status(e.Status)
	case e.Status == compare.Degenerate:
		return w.share(e.Value)
	}
	return w.T("report.with", w.share(e.Value), percent(e.Lo), percent(e.Hi))
}

// bounds says what a share can be with chance, whatever the silent callers
// think.
func (w words) bounds(b compare.Bounds) string {
	if b.Status != compare.OK && b.Status != compare.Degenerate {
		return w.status(b.Status)
	}
	return w.span(b.CI.Lo, b.CI.Hi)
}

// difference says a contrast with one of its intervals, in points.
func (w words) difference(c compare.Contrast, i compare.Interval) string {
	d := c.Difference
	switch {
	case !d.Known():
		return w.status(d.Status)
	case !c.Tested():
		return w.T("report.too_early")
	case d.Status == compare.Degenerate:
		return points(d.Value)
	}
	return w.T("report.with", points(d.Value), points(i.Lo), points(i.Hi))
}

// oneLook is the interval of a contrast for one look.
func oneLook(c compare.Contrast) compare.Interval {
	return compare.Interval{Lo: c.Difference.Lo, Hi: c.Difference.Hi}
}

// satisfied says the difference in satisfied of rated, which is shown only
// where it cannot be made by who answered.
func (w words) satisfied(p compare.Pair) string {
	switch {
	case !p.Comparable:
		return w.T("report.not_compared")
	case !p.Satisfied.Difference.Known() || p.Lee.Status != compare.OK:
		return w.status(p.Satisfied.Difference.Status)
	case !p.Satisfied.Tested():
		return w.T("report.too_early")
	case p.NotShown:
		return w.T("report.not_shown", points(p.Lee.CI.Lo), points(p.Lee.CI.Hi))
	}
	return w.difference(p.Satisfied, oneLook(p.Satisfied))
}

// status says why a figure has no value.
func (w words) status(s compare.Status) string {
	switch s {
	case compare.NoData:
		return w.T("report.no_data")
	case compare.TooFew:
		return w.T("report.too_early")
	case compare.NoOverlap:
		return w.T("report.no_overlap")
	case compare.NotComparable:
		return w.T("report.not_compared")
	}
	return w.T("report.unknown")
}

func (w words) list(items []string) string { return strings.Join(items, w.T("report.list")) }

// differ says what two layouts differ in.
func (w words) differ(all []layout.Difference) string {
	if len(all) == 0 {
		return w.T("report.differ_none")
	}
	var names []string
	for _, d := range all {
		names = append(names, w.T("differ."+string(d)))
	}
	return w.list(names)
}

// label gives the words of a verdict.
func (w words) label(v compare.Verdicts) string {
	first := ""
	if len(v.Label) > 0 {
		first = v.Label[0].Say
	}
	return cmp.Or(v.Label.In(w.Language()), first, v.ID)
}

// state says what the comparison comes to.
func (w words) state(v compare.Verdict) string {
	switch {
	case v.State == compare.Worse:
		return w.T("state.worse", w.list(v.Worse))
	case v.State == compare.KeepRunning && v.DaysLeft > 0:
		return w.T("state.keep_running_days", v.DaysLeft)
	}
	return w.T("state." + string(v.State))
}

// choose names, behind those that measure worse, the layouts that were offered
// and are not shown to.
func (w words) choose(c compare.Comparison) string {
	if c.Verdict.State != compare.Worse {
		return ""
	}
	var names []string
	for _, a := range c.Arms {
		if a.Offered > 0 && !slices.Contains(c.Verdict.Worse, a.Name) {
			names = append(names, a.Name)
		}
	}
	return w.T("state.choose", w.list(names))
}

// rarest bounds how seldom chance is said to do something.
const rarest = 1_000_000

// remark words a remark.
func (w words) remark(r compare.Remark) string {
	return w.T("compare."+string(r.Code), w.remarkArgs(r)...)
}

// remarkArgs says what a remark holds. Numbers are whole, differences in
// points, or what the code says.
func (w words) remarkArgs(r compare.Remark) []any {
	args := make([]any, len(r.Args))
	for i, a := range r.Args {
		switch a := a.(type) {
		case int:
			args[i] = count(int64(a))
		case int64:
			args[i] = count(a)
		case float64:
			args[i] = w.number(r.Code, a)
		case []string:
			args[i] = w.list(a)
		case []layout.Difference:
			args[i] = w.differ(a)
		default:
			args[i] = a
		}
	}
	return args
}

// number says a fraction in a remark.
func (w words) number(code compare.Code, x float64) string {
	switch code {
	case compare.SplitIsOff, compare.StartsAreOff:
		return count(int64(min(1/max(x, 1./rarest), rarest)))
	case compare.SizeToCome:
		return round(x, 0)
	case compare.DaysVary:
		return round(x, 1)
	case compare.OutsideOthers:
		return w.share(x)
	}
	return points(x)
}
