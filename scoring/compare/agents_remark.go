package compare

// AgentWords is the area of configs/i18n under which the words of agents'
// remarks stand, with the code behind it.
const AgentWords = "agents."

// What is said of agents' marks. Arguments are whole numbers and names.
const (
	NoRatings     Code = "no_ratings"     // no args
	NobodyElse    Code = "nobody_else"    // args: agent
	GroupsApart   Code = "groups_apart"   // args: groups
	FewAgents     Code = "few_agents"     // args: agents, fewest of a model: those of groups that are smaller
	NoModel       Code = "no_model"       // args: agents: those for whose group the model found no optimum
	NobodyDiffers Code = "nobody_differs" // args: agents, ratings: those of the groups where it is so
	NobodyTold    Code = "nobody_told"    // args: fewest ratings that are wanted of an agent
	LoneExams     Code = "lone_exams"     // args: exams under which one agent alone has ratings while others have some in common, their ratings
	AllSatisfied  Code = "all_satisfied"  // args: layout, queue, ratings
	NoneSatisfied Code = "none_satisfied" // args: layout, queue, ratings
	UnreadRatings Code = "unread_ratings" // args: ratings: those under versions that the store does not know
	WithoutAgent  Code = "without_agent"  // args: surveys
	SatisfiedRose Code = "satisfied_rose" // args: points from the first half of the period to the second, ratings
	SatisfiedFell Code = "satisfied_fell" // args: points from the first half of the period to the second, ratings
)

// agentWarnings names what a reader should know before believing the marks.
func agentWarnings(out *AgentMarks, groups []*agentGroup) []Remark {
	all := []Remark{} // no null in JSON
	add := func(code Code, args ...any) { all = append(all, Remark{code, args}) }
	switch {
	case len(groups) == 0:
		add(NoRatings)
	case len(groups) == 1 && groups[0].method == AloneMethod:
		add(NobodyElse, out.Agents[groups[0].agents[0]].Agent)
	default:
		groupWarnings(out, groups, add)
	}
	for _, e := range out.Exams {
		switch {
		case e.Rated < FewRatings:
		case e.Satisfied == e.Rated:
			add(AllSatisfied, e.Layout, e.Queue, e.Rated)
		case e.Satisfied == 0:
			add(NoneSatisfied, e.Layout, e.Queue, e.Rated)
		}
	}
	if out.Unread > 0 {
		add(UnreadRatings, out.Unread)
	}
	if out.Unknown > 0 {
		add(WithoutAgent, out.Unknown)
	}
	return all
}

func groupWarnings(out *AgentMarks, groups []*agentGroup, add func(Code, ...any)) {
	few, failed, alike, modelled, lone := 0, 0, 0, 0, 0
	var ratings, apart int64
	for _, g := range groups {
		if len(g.lone) > 0 {
			lone, apart = lone+len(g.lone), apart+g.rated-g.common
		}
		switch {
		case g.failed:
			failed += len(g.agents)
		case g.method != MixedModel:
			few += len(g.agents)
		case g.tau.Value == 0:
			alike, ratings = alike+len(g.agents), ratings+g.rated
		default:
			modelled++
		}
	}
	if len(groups) > 1 {
		add(GroupsApart, len(groups))
	}
	if lone > 0 {
		add(LoneExams, lone, apart)
	}
	if few > 0 {
		add(FewAgents, few, MinAgents)
	}
	if failed > 0 {
		add(NoModel, failed)
	}
	if alike > 0 {
		add(NobodyDiffers, alike, ratings)
	}
	for _, m := range out.Agents {
		if m.Tier != Untold {
			return
		}
	}
	if modelled > 0 {
		add(NobodyTold, MinRatings)
	}
}
