// Package compare turns counts into verdicts on layouts: pure functions, no
// I/O, no clock. Every figure carries its n and a [Status]; nothing that
// leaves the package is NaN or infinite.
//
// The way in: [Compare] takes what the roll-ups hold of an experiment (or of
// any layouts, which is then marked as not randomised) and gives a
// [Comparison]; [Plan] says how many surveys a difference needs; [Agents] marks
// agents on one exam, whichever menus their callers heard. The formulas behind
// them stand in files of their own, each with its source.
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
	Queue      string                   // the one that was picked out of the experiment's, "" = all of them
	LeftOut    map[string][]VersionNote // by layout: versions that are not counted
	Today      string                   // civil date of the site: a day that is not over is left out of the traffic and of what decides
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
