package compare

import "aftercall/ivr/layout"

// Pair is one layout held against the reference.
type Pair struct {
	Layout      string              `json:"layout"`
	Reference   string              `json:"reference"`
	Differences []layout.Difference `json:"differences"` // what the two differ in
	Comparable  bool                `json:"comparable"`  // the same options in the same words: their answers are one quantity
	// Answered and Dissatisfied are the two that decide: layout minus
	// reference, per offered, stratified by queue, epoch and language.
	Answered     Contrast `json:"answered"`
	Dissatisfied Contrast `json:"dissatisfied"`
	// What follows is exploratory.
	SatisfiedOffered Contrast    `json:"satisfied_offered"`
	HungUpAfterFirst Contrast    `json:"hung_up_after_one"`
	Satisfied        Contrast    `json:"satisfied"` // of rated: who answers differs too
	Lee              Bounds      `json:"lee"`       // the difference in satisfied for callers who answer under both
	NotShown         bool        `json:"not_shown"` // the bounds contain 0: the difference in satisfied is not shown
	Tipping          Estimate    `json:"tipping"`   // satisfied among the reference's silent callers that would erase the difference
	Win              Estimate    `json:"win"`       // a random rater of layout rates higher than one of the reference, ties split; stratified
	OddsRatio        Estimate    `json:"odds_ratio"`
	WithinAgents     Estimate    `json:"answered_within_agents"` // difference in answered, stratified by agent too
	ByQueue          Test        `json:"by_queue"`               // whether the difference in answered differs between queues
	Path             []PathPoint `json:"path"`                   // answered, day by day
}

// Contrast is a difference of shares, layout minus reference.
type Contrast struct {
	Difference Estimate `json:"difference"` // with the interval for one look
	Safe       Interval `json:"safe"`       // holds at every look
	P          float64  `json:"p"`          // valid at every look: the least over the days
	Adjusted   float64  `json:"adjusted_p"` // by Holm over the family; 1 outside of it
	Called     bool     `json:"called"`     // the decision holds
	Inflation  float64  `json:"inflation"`  // what the standard error was multiplied by, because days differ more than chance; 1 = not at all
	turned     bool     // P speaks for the other direction than the difference now
}

// Tested reports whether there was enough for an interval that holds at every
// look.
func (c Contrast) Tested() bool {
	return c.Difference.Known() && c.Safe != Interval{-1, 1}
}

// Interval is the two ends of an interval.
type Interval struct {
	Lo float64 `json:"lo"`
	Hi float64 `json:"hi"`
}

// Bounds is what a figure can be at worst and at best, with an interval
// around both ends.
type Bounds struct {
	Lo     float64  `json:"lo"`
	Hi     float64  `json:"hi"`
	CI     Interval `json:"interval"`
	Status Status   `json:"status"`
}

// PathPoint is one day's look at a difference.
type PathPoint struct {
	Day    string   `json:"day"`
	Value  float64  `json:"value"`
	Safe   Interval `json:"safe"`
	P      float64  `json:"p"`       // the least so far
	SplitP float64  `json:"split_p"` // the least so far
}

// Order is what two layouts that read the same options in opposite order tell.
type Order struct {
	BestFirst  string   `json:"best_first"`
	WorstFirst string   `json:"worst_first"`
	Shift      Estimate `json:"shift"`     // share of answers that follow the order; positive = what is read first gains
	Safe       Interval `json:"safe"`      // holds at every look
	Shown      bool     `json:"shown"`     // the safe interval leaves out 0, and a week has passed
	OrderFree  Estimate `json:"free"`      // satisfied of rated without the order, if it pushes every verdict of both menus by a factor of its own
	Inflation  float64  `json:"inflation"` // of satisfied under best first
	CheckP     float64  `json:"check_p"`   // of the test whether a plain first-option shift explains it
	Simple     bool     `json:"simple"`    // it does
	Status     Status   `json:"status"`
}

// Gap is the signature of a menu that sounds as if its first option were the
// only one: more hang-ups after one option, fewer dissatisfied, not more
// satisfied.
type Gap struct {
	Layout    string   `json:"layout"` // the longer gap
	Reference string   `json:"reference"`
	Seconds   float64  `json:"seconds"` // longest gap of the layout
	HungUp    Contrast `json:"hung_up_after_one"`
	Lost      Contrast `json:"answered"`
	Missing   Estimate `json:"missing"` // dissatisfied callers who were not counted; a number of callers
	Signature bool     `json:"signature"`
}

// Test is a hypothesis test.
type Test struct {
	Statistic float64
	DF        float64
	P         float64
	Status    Status
}

// Overall holds tests over all arms: exploratory, each for one look.
type Overall struct {
	Outcomes Test `json:"outcomes"` // all outcomes per offered, by queue and epoch
	Answered Test `json:"answered"` // share answered
	Ratings  Test `json:"ratings"`  // order of ratings, by queue and epoch (van Elteren)
	Means    Test `json:"means"`    // mean values, by queue and epoch
	Dose     Test `json:"dose"`     // trend of answered in the length of the gap, where arms differ in that alone
}

// QueueFigures is one queue by itself.
type QueueFigures struct {
	Queue string       `json:"queue"`
	Arms  []ArmFigures `json:"arms"`
	Pairs []QueuePair  `json:"pairs"`
}

// QueuePair is a difference in one queue.
type QueuePair struct {
	Layout   string   `json:"layout"`
	Answered Contrast `json:"answered"`
}

// State is what the comparison comes to.
type State string

// The states, in the order in which they are looked for.
const (
	Nothing       State = "nothing"        // no survey was offered
	NotRandomised State = "not_randomised" // figures only
	SplitBroken   State = "split_broken"   // no verdict at all
	Collecting    State = "collecting"     // too early for any
	Worse         State = "worse"          // a layout measures worse
	Alike         State = "alike"          // differences in answers are inside the band
	KeepRunning   State = "keep_running"   // undecided, the planned size is not reached
	Undecided     State = "undecided"      // undecided, and nothing more comes
	CannotCompare State = "not_comparable" // answered alike, and their answers are not one quantity
)

// Verdict is the state with its reasons. Layouts that measure worse are those
// of which, by the always-valid Holm decision, fewer callers answered.
type Verdict struct {
	State    State    `json:"state"`
	Worse    []string `json:"worse"`     // layouts that measure worse
	Fewer    []string `json:"fewer"`     // layouts that record fewer dissatisfied
	DaysLeft int      `json:"days_left"` // until the planned size at the current traffic; 0 = cannot be told or none
	Missing  int64    `json:"missing"`   // surveys until the planned size
	PerDay   float64  `json:"per_day"`   // surveys on a day of the last seven whole ones
	Smallest float64  `json:"smallest"`  // difference in answered that the planned size finds in 80 of 100 experiments
	Reasons  []Remark `json:"reasons"`
}
