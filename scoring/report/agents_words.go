package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"aftercall/configs/i18n"
	"aftercall/scoring/compare"

	"golang.org/x/text/unicode/bidi"
)

// howToRead says in plain words what the table is.
func (w words) howToRead(rows []agentRow) []string {
	adjusted, modelled := methods(rows)
	var lines []string
	if adjusted {
		lines = append(lines, w.T("marks.exam"))
	}
	if modelled {
		lines = append(lines, w.T("marks.mixed_model"))
	}
	if slices.ContainsFunc(rows, func(r agentRow) bool { return r.Method == compare.ObservedExpected }) {
		lines = append(lines, w.T("marks.observed"))
	}
	lines = append(lines, w.T("marks.interval"))
	if modelled {
		lines = append(lines, w.T("marks.tiers", count(compare.MinRatings), hundredths(compare.MinReliability)), w.T("marks.no_rank"), w.T("marks.share"))
	}
	if rated, weak := reliabilities(rows); weak > 0 {
		lines = append(lines, w.T("marks.pay", hundredths(compare.PayReliability), count(weak), count(rated)))
	}
	return lines
}

func hundredths(x float64) string { return fmt.Sprintf("%.2f", x) }

// reliabilities counts the agents who were rated, and those whose mark is not
// for pay.
func reliabilities(rows []agentRow) (rated, weak int64) {
	for _, r := range rows {
		if r.Rated > 0 {
			rated++
			if r.Reliability < compare.PayReliability {
				weak++
			}
		}
	}
	return rated, weak
}

// middling is the median of how many ratings the marks of a group want for
// PayReliability, which differ by the menus; group 0 = everybody. 0 = there is
// no model, or no number would do.
func middling(a Agents, group int) int64 {
	var all []int64
	for _, m := range a.Agents {
		if (group == 0 || m.Group == group) && m.Method == compare.MixedModel && m.Wanted > 0 {
			all = append(all, m.Wanted)
		}
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// forReliability says how many ratings give a reliability, by those that give
// PayReliability: n/(n+M) with one M (Spearman-Brown).
func forReliability(wanted int64, r float64) int64 {
	m := float64(wanted) * (1 - compare.PayReliability) / compare.PayReliability
	return int64(math.Ceil(m * r / (1 - r)))
}

// agentRemarks words the warnings of agents' marks.
func (w words) agentRemarks(all []compare.Remark) []string {
	var lines []string
	for _, r := range all {
		lines = append(lines, w.T(compare.AgentWords+string(r.Code), w.remarkArgs(r)...))
	}
	return lines
}

// widest is how many columns a name takes at most.
const widest = 32

// fit gives a name as it stands in a table.
func fit(name string) string { return isolate(i18n.Fit(name, widest)) }

// isolate keeps a name from changing the direction of what stands beside it
// (UAX 9): whatever would is left out, and a name that is written from right
// to left is put between isolates.
func isolate(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, name)
	for _, r := range name {
		if p, _ := bidi.LookupRune(r); p.Class() == bidi.R || p.Class() == bidi.AL {
			return "\u2068" + name + "\u2069"
		}
	}
	return name
}
