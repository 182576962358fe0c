package i18n

// englishAgentsTable is what stands around the marks of agents, in English.
var englishAgentsTable = map[string]string{
	"tier.above":    "above",
	"tier.expected": "as expected",
	"tier.below":    "below",
	"tier.untold":   "cannot be told apart",

	"marks.title":      "AGENTS",
	"marks.period":     "%s to %s (days: %s), surveys offered: %s, ratings: %s",
	"marks.moved":      "Today has no survey within 30 days: these are the 30 days up to the last day that has some.",
	"marks.last_day":   "No survey in these days; the last day with surveys, in any queue, is %s (--from, --to).",
	"marks.no_surveys": "No survey in these days.",
	"marks.only_queue": "Queue %s alone: agents are marked by its surveys and no others.",
	"marks.only_team":  "Team %s alone; its agents are marked among all agents.",
	"marks.unheard":    "Agents of the roster without a survey in this queue: %s.",
	"marks.nobody":     "There is no agent to show.",

	"marks.group":   "GROUP %s  queues: %s",
	"marks.unrated": "WITHOUT RATINGS",

	"marks.name":        "name",
	"marks.id":          "id",
	"marks.team":        "team",
	"marks.answered":    "answered",
	"marks.ratings":     "ratings n",
	"marks.raw":         "said satisfied",
	"marks.adjusted":    "adjusted",
	"marks.reliability": "reliability",
	"marks.tier":        "tier",
	"marks.few":         "too few (%s)",

	"marks.needed": "A reliability of %s takes about %s ratings, %s about %s.",

	"marks.read":        "HOW TO READ IT",
	"marks.exam":        "Each menu is an exam of its own, and some are easier: more callers press satisfied for the same service.",
	"marks.mixed_model": "How easy a menu is, is measured on agents who were rated under several menus. Adjusted, the mark, is the share of satisfied as if every agent's callers had heard the same mix of menus; few ratings pull it towards the middle.",
	"marks.observed":    "Where too few agents have menus in common to measure how easy they are, the mark holds what an agent's callers said against what all callers said under the same menus. Nothing pulls few ratings towards the middle, and nobody is called above or below.",
	"marks.interval":    "In brackets: where the true figure lies in 95 of 100 such cases. Agents whose ranges overlap need not differ.",
	"marks.tiers":       "Above, below: further from what is expected of everybody than chance goes, even where so many agents are looked at. As expected: no such distance is shown. Said of agents with at least %s ratings and a reliability of %s.",
	"marks.no_rank":     "A tier is no rank; the table follows the names. What else differs between agents is in the mark too: the callers they got, the days on which they worked.",
	"marks.share":       "Reliability, from 0 to 1: how much of the differences between such marks is the agents' own, and not chance.",
	"marks.pay":         "Pay should not hang on a mark whose reliability is under %s or cannot be told: here %s of %s agents.",

	"marks.exams":      "EXAMS (MENUS)",
	"marks.in_group":   "group",
	"marks.expected":   "expected",
	"marks.weight":     "weight",
	"marks.exams_note": "Expected: the share of satisfied that an agent in the middle gets under the menu; the higher, the easier. Weight: its part in the mix on which everybody is marked.",
}
