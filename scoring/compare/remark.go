package compare

// Code names what a remark says: one closed list, whose words are in
// configs/i18n under "compare.<code>".
type Code string

// Remark is something to be said of a comparison, with what its text needs.
type Remark struct {
	Code Code  `json:"code"`
	Args []any `json:"args,omitempty"`
}

// Reasons of a verdict. Shares and differences are fractions; reports print
// points.
const (
	AnsweredFewer  Code = "answered_fewer" // args: layout, reference, difference, lo, hi (safe at any look), surveys
	AnsweredMore   Code = "answered_more"  // the same: then the reference measures worse
	AnsweredAlike  Code = "answered_alike" // the same
	AnsweredOpen   Code = "answered_open"  // the same: neither a difference nor none is shown
	FewerDissat    Code = "fewer_dissat"   // args: layout, reference, difference, lo, hi, surveys
	MoreDissat     Code = "more_dissat"    // the same
	AnswersDiffer  Code = "answers_differ" // args: layout, reference, differences ([]layout.Difference): ratings are not compared
	WantOffered    Code = "want_offered"   // args: layout, surveys, wanted
	WantEvents     Code = "want_events"    // args: layout, answered, not answered, wanted of each
	WantDays       Code = "want_days"      // args: days, wanted
	SplitIsOff     Code = "split_is_off"   // args: p
	StartsAreOff   Code = "starts_are_off" // args: p: assigned as planned, but menus did not start alike
	NoSurveys      Code = "no_surveys"     // no args
	WasNotRandom   Code = "was_not_random" // no args
	SizeReached    Code = "size_reached"   // args: surveys, planned
	SizeToCome     Code = "size_to_come"   // args: surveys still to come, per day, days
	SizeUnknown    Code = "size_unknown"   // args: surveys still to come: no traffic to tell the days by
	EndedEarly     Code = "ended_early"    // args: surveys, planned
	AloneInReports Code = "alone"          // args: layout: nothing to compare it with
)

// Warnings.
const (
	ArmWithout      Code = "arm_without"      // args: layout: no surveys
	ArmUnrated      Code = "arm_unrated"      // args: layout, surveys: no ratings
	OneDay          Code = "one_day"          // args: day
	OneAgent        Code = "one_agent"        // args: agent
	VersionsLeft    Code = "versions_left"    // args: layout, surveys under other versions
	VersionsPooled  Code = "versions_pooled"  // args: layout, versions
	WeightsChanged  Code = "weights_changed"  // args: epochs: compared inside each of them
	DaysVary        Code = "days_vary"        // args: layout, reference, factor
	QueuesDiffer    Code = "queues_differ"    // args: layout, reference: the difference is not the same in every queue
	AgreementEmpty  Code = "agreement_empty"  // no args: no true share of satisfied suits every menu
	OutsideOthers   Code = "outside_others"   // args: layout, satisfied: its measured share cannot be the true one
	OrderNotSimple  Code = "order_not_simple" // args: best first, worst first: more than a first-option shift
	Errors          Code = "errors"           // args: layout, surveys that ended in an error, offered
	NoOverlapInPair Code = "no_overlap"       // args: layout, reference: never offered in the same queue at the same time
)
