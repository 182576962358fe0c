package i18n

// englishMerge is what is said where agents are merged, in English.
var englishMerge = map[string]string{
	"merge.called":    "%s (%s)",
	"merge.plan":      "%s will be counted under %s: %d surveys, from %s to %s, and all that come.",
	"merge.plan_none": "%s will be counted under %s: no surveys so far, and all that come.",
	"merge.keeps":     "Calls keep the agent whom they were said to be of; the totals of %s stay as they are. This cannot be undone.",
	"merge.ask":       "Merge them? y/n ",
	"merge.not":       "Nothing was changed.",
	"merge.done":      "%s is counted under %s: %d surveys were moved.",
	"merge.already":   "%s is counted under %s already: nothing was changed.",
	"merge.roster":    "warning: agent %s is still in the roster: give its interfaces and names to %s, and take it out",
}
