package i18n

import "maps"

// catalogues holds the texts by language and key. A key begins with its area:
//
//	outcome.  how a question ended
//	reason.   why a survey ended
//	use.      what became of a key
//	column.   heads of tables: status page, calls, demo summary, simulation
//	status.   the status page
//	calls.    the table of calls
//	demo.     the summary of a demo
//	explain.  a menu as a timeline
//	lint.     what a menu does to what callers press
//	simulate. what a simulation shows
//	compare.  what is said of layouts that are compared
//	experiment. how experiments are planned, started and stand
//	agents.   what is said of agents' marks
//	merge.    where agents are merged
//	subject.  what is held of a caller
//	erase.    where that is erased
//	audit.    what was done to the stored records
//	store.    what a database holds
//	backup.   what is said of a backup
//	restore.  and where it is restored
//	flaw.     what is wrong with one
//	report.   heads, rows and plots of a comparison
//	marks.    heads, rows and notes of the agents' table
//	tier.     how an agent stands to what is expected
//	board.    titles of the Grafana dashboards
//	purpose.  what each of them is for
//	panel.    titles of their panels
//	about.    what a panel shows, of what, and its limits
//	note.     panels of words
//	legend.   heads, lines and choices on them
//	verdict.  the verdicts of the shipped scales
var catalogues = map[string]map[string]string{
	"en":    joined(parts["en"]...),
	"zh-CN": joined(parts["zh-CN"]...),
}

// parts are the files of the catalogue, by language; no key stands in two.
var parts = map[string][]map[string]string{
	"en":    {english, englishCompare, englishExperiment, englishAgents, englishAgentsTable, englishMerge, englishCallers, englishBackup, englishGrafana},
	"zh-CN": {chinese, chineseCompare, chineseExperiment, chineseAgents, chineseAgentsTable, chineseMerge, chineseCallers, chineseBackup, chineseGrafana},
}

// joined puts parts of one language together.
func joined(parts ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, p := range parts {
		maps.Copy(all, p)
	}
	return all
}
