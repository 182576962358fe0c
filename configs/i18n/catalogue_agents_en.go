package i18n

// englishAgents is what is said of agents' marks, in English.
var englishAgents = map[string]string{
	"agents.no_ratings":     "No ratings.",
	"agents.nobody_else":    "%s is the only agent with ratings: there is nobody to hold the mark against.",
	"agents.groups_apart":   "The agents fall into %s groups without a menu in common: compare marks inside one group only.",
	"agents.lone_exams":     "Menus of a queue that callers of one agent alone have rated under: %s. Their %s ratings are in no adjusted mark, because there is nobody to hold them against.",
	"agents.few_agents":     "%s agents are in groups of fewer than %s. How much agents differ cannot be told from so few: their marks are not drawn towards the middle, and nobody is called above or below.",
	"agents.no_model":       "%s agents: how much they differ could not be estimated. Their marks are not drawn towards the middle, and nobody is called above or below.",
	"agents.nobody_differs": "%s agents with %s ratings are not shown to differ by more than chance: they get one mark.",
	"agents.nobody_told":    "Nobody can be told apart yet: that takes %s ratings of an agent, or more where agents differ little.",
	"agents.all_satisfied":  "%s in %s: every caller was satisfied (%s ratings). This menu tells nobody apart.",
	"agents.none_satisfied": "%s in %s: no caller was satisfied (%s ratings). This menu tells nobody apart.",
	"agents.unread_ratings": "%s ratings are left out: the store does not know which menu they were given under.",
	"agents.without_agent":  "%s surveys are in nobody's figures: the agent is not known.",
	"agents.satisfied_rose": "From the first half of this period to the second, satisfied rose by %s points among the same agents under the same menus (%s ratings). Who worked mostly in one half is marked by that too: mark the halves apart (--from, --to).",
	"agents.satisfied_fell": "From the first half of this period to the second, satisfied fell by %s points among the same agents under the same menus (%s ratings). Who worked mostly in one half is marked by that too: mark the halves apart (--from, --to).",
}
