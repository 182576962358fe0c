// Package compare turns counts into verdicts on layouts: pure functions, no
// I/O, no clock. Every figure carries its n and a [Status]; nothing that
// leaves the package is NaN or infinite.
//
// The way in: [Compare] takes what the roll-ups hold of an experiment (or of
// any layouts, which is then marked as not randomised) and gives a
// [Comparison]; [Plan] says how many surveys a difference needs. The formulas
// behind them stand in files of their own, each with its source.
//
// The idea behind all of it: calls are randomised between layouts, so callers'
// true satisfaction is the same under each. What differs between layouts is
// made by the menu, or by who answered. No layout is better because its
// callers say that they are more satisfied; it is worse if fewer answer.
package compare

import (
	"aftercall/ivr/layout"
	"aftercall/scoring"
)

// Status says what a figure is worth.
type Status string

// The statuses. Under all but OK, Degenerate and Infinite a figure has no value.
const (
	OK            Status = "ok"
	NoData        Status = "no_data"        // nothing was counted
	TooFew        Status = "too_few"        // too little was counted for this
	Degenerate    Status = "degenerate"     // no variation: the value holds, its precision cannot be told
	Infinite      Status = "or_infinite"    // the odds ratio is infinite; difference and test hold
	NoOverlap     Status = "no_overlap"     // no stratum holds both layouts
	NotConverged  Status = "not_converged"  // the numerical search found no optimum
	SplitFailed   Status = "srm_failed"     // calls did not reach the layouts as they should
	NotComparable Status = "not_comparable" // the layouts do not measure the same thing
)

// Estimate is a figure with its interval. Where the status leaves no value,
// Value is 0 and means nothing; it is null in JSON. A share of nothing still
// has the interval [0, 1].
type Estimate struct {
	Value  float64
	Lo, Hi float64
	N      int64 // what it rests on: offered, rated, both arms together
	Status Status
}

// Known reports whether the figure has a value.
func (e Estimate) Known() bool {
	return e.Status == OK || e.Status == Degenerate
}

// Burn-in, bounds and levels of the verdict.
const (
	Level          = 0.05  // family-wise error of the verdict
	Confidence     = 0.95  // of every interval
	AlikeBand      = 0.02  // differences in answers inside ± this are no difference in practice
	SplitAlarm     = 0.01  // p of the split check that stops everything
	MinPerArm      = 100   // offered surveys before anything is tested
	MinEvents      = 10    // events and non-events in each arm before a share is tested
	MinDays        = 7     // from the first to the last: a whole week, because weekdays differ
	FewRatings     = 10    // under this a share is shown as too few
	DirichletTotal = 1000. // concentration of the split check's prior
)

// Arm is one layout in a comparison.
type Arm struct {
	Name       string            `json:"layout"`
	Versions   []string          `json:"versions"` // counted as this arm; more than one only where they were pooled on request
	Definition layout.Definition `json:"-"`        // of the newest of them
}

// Input is what is compared.
type Input struct {
	Question   string
	Experiment *scoring.Experiment // nil: nothing was randomised
	Epochs     []scoring.Epoch     // of the experiment, those that count; nil without one
	Arms       []Arm               // at least one; the first is what the others are held against
	Days       []scoring.DayCount  // of these arms' versions and these epochs
	Agents     []scoring.AgentCount
	LeftOut    map[string][]VersionNote // by layout: versions that are not counted
	Today      string                   // civil date of the site: a day that is not over is left out of the traffic
}

// Comparison is everything that can be said of some layouts.
type Comparison struct {
	Experiment *scoring.Experiment `json:"experiment"` // nil = not randomised: callers may differ
	Question   string              `json:"question"`
	From       string              `json:"from"` // first and last day with surveys; "" without any
	To         string              `json:"to"`
	Days       int                 `json:"days"` // from the first to the last
	Offered    int64               `json:"offered"`
	Arms       []ArmFigures        `json:"arms"`
	Split      SplitCheck          `json:"split"`     // of an experiment
	Agreement  Range               `json:"agreement"` // of true satisfaction, which the bounds of all arms with one set of options share; of an experiment
	Pairs      []Pair              `json:"pairs"`     // each arm but the first, held against the first
	Order      []Order             `json:"order"`     // every mirrored pair of an experiment
	Gaps       []Gap               `json:"gaps"`      // every pair of an experiment that differs in the gap alone
	Overall    Overall             `json:"overall"`   // tests over all arms, exploratory
	Verdict    Verdict             `json:"verdict"`
	Queues     []QueueFigures      `json:"queues"` // exploratory
	Warnings   []Remark            `json:"warnings"`
}

// ArmFigures is what one layout measured.
type ArmFigures struct {
	Arm
	Offered          int64         `json:"offered"`
	Rated            int64         `json:"rated"`
	Outcomes         []Count       `json:"outcomes"` // of offered, by outcome in the order of scoring.Outcomes
	Verdicts         []Verdicts    `json:"verdicts"` // of rated, worst first
	Answered         Estimate      `json:"answered"` // rated of offered
	Satisfied        Estimate      `json:"satisfied"`
	Mean             Estimate      `json:"mean"`               // of the verdicts' values
	Net              Estimate      `json:"net"`                // satisfied minus the worst verdict, of rated
	SatisfiedOffered Estimate      `json:"satisfied_offered"`  // of offered
	Dissatisfied     Estimate      `json:"dissatisfied"`       // the worst verdict, of offered
	HungUpAfterFirst Estimate      `json:"hung_up_after_one"`  // after exactly one option, of offered
	TrueSatisfied    Bounds        `json:"true_satisfied"`     // whatever the silent callers think
	HungUp           []Count       `json:"hung_up_by_heard"`   // hang-ups by options heard, from 0
	Presses          []PressCount  `json:"presses"`            // ratings by verdict and options heard
	LeftOut          []VersionNote `json:"left_out,omitempty"` // versions of the layout that were not counted
}

// Count is how often something was counted. The name is the trade's word for
// it: an outcome, or the number of options heard.
type Count struct {
	Name string `json:"name"`
	N    int64  `json:"n"`
}

// Verdicts is one verdict of the arm's options.
type Verdicts struct {
	ID        string       `json:"id"`
	Value     int          `json:"value"`
	Satisfied bool         `json:"satisfied"`
	Key       string       `json:"key"`
	Position  int          `json:"position"` // in the reading, from 1
	N         int64        `json:"n"`
	Label     layout.Texts `json:"-"`
}

// PressCount is how many callers rated so after so many options.
type PressCount struct {
	Verdict string `json:"verdict"`
	Heard   int    `json:"heard"`
	N       int64  `json:"n"`
}

// VersionNote is a version of a layout that was not counted.
type VersionNote struct {
	Version string `json:"version"`
	Offered int64  `json:"offered"`
}

// Range is an interval that may be empty.
type Range struct {
	Lo     float64 `json:"lo"`
	Hi     float64 `json:"hi"` // under Lo: nothing satisfies all
	Status Status  `json:"status"`
}

// SplitCheck says whether calls reached the layouts in the planned shares.
type SplitCheck struct {
	Assigned Split  `json:"assigned"` // offered surveys
	Started  Split  `json:"started"`  // those whose menu could be heard
	Failed   bool   `json:"failed"`   // one of the two is under SplitAlarm
	Status   Status `json:"status"`
}

// Split is one check of shares over all queues and epochs.
type Split struct {
	P     float64 `json:"p"`     // valid at every look
	Final float64 `json:"final"` // of a chi-square test over all strata, for one look only
	// Worst is the stratum that deviates most, its P by itself.
	Worst SplitStratum `json:"worst"`
}

// SplitStratum is one queue in one epoch.
type SplitStratum struct {
	Queue    string    `json:"queue"`
	Epoch    int64     `json:"epoch"`
	P        float64   `json:"p"`
	Counts   []int64   `json:"counts"`   // by arm
	Expected []float64 `json:"expected"` // by arm
}

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
	OrderFree  float64  `json:"free"`      // satisfied of rated without the order
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
