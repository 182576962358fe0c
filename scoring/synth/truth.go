// Package synth invents calls of which the truth is known: what callers
// think, how agents differ, and what each menu does to the answers. A
// comparison of such calls can be held against what it should have found.
//
// The way in: [Default] gives a [Truth] and [Read] one from JSON; [New] makes
// a [Generator] of it, whose [Generator.Records] are the calls of one day, as
// the service would have stored them. The same truth gives the same calls.
package synth

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"aftercall/ivr/layout"
)

// Truth is every parameter of invented calls. Shares are fractions from 0 to
// 1, points are hundredths, days count from 1.
type Truth struct {
	Seed          uint64     `json:"seed"`      // of everything that is drawn
	FirstDay      string     `json:"first_day"` // civil date
	Days          int        `json:"days"`
	CallsPerDay   int        `json:"calls_per_day"`  // where the weekday's factor is 1
	WeekdayCalls  []float64  `json:"weekday_calls"`  // factors of calls per day, Monday first
	WeekdayPoints []float64  `json:"weekday_points"` // added to the share of satisfied callers, Monday first
	TrendPoints   float64    `json:"trend_points"`   // added to the share of satisfied callers for each day behind the first
	Experiment    Experiment `json:"experiment"`
	Queues        []Queue    `json:"queues"`
	Ramps         []Ramp     `json:"ramps"`
	Languages     []Language `json:"languages"`
	Agents        Agents     `json:"agents"`
	Opinions      Opinions   `json:"opinions"`
	Answering     ByOpinion  `json:"answering"` // share who answer
	LayoutFactors []Factor   `json:"layout_factors"`
	Silent        Silent     `json:"silent"`
	OrderEffect   float64    `json:"order_effect"` // share of those who answer who press what is read first, whatever they think
	KeyEffect     float64    `json:"key_effect"`   // share of the others who press key 1 where the menu has it
	GapEffect     GapEffect  `json:"gap_effect"`
	Press         Press      `json:"press"`
	Errors        float64    `json:"errors"` // share of menus that do not play
	Second        Second     `json:"second"`
	Expected      *Expected  `json:"expected,omitempty"` // what follows from all this; computed, never read
}

// Experiment is the experiment that the calls are split by.
type Experiment struct {
	Name    string   `json:"name"`
	Layouts []string `json:"layouts"` // of one question, at least two; the first is what the others are held against
	Seed    string   `json:"seed"`
	Size    int64    `json:"size"`    // planned surveys; 0 = as many as are invented
	Stopped bool     `json:"stopped"` // it ends with the last day
}

// Queue is one queue with its share of the calls. Shares are divided by their sum.
type Queue struct {
	Name    string  `json:"name"`
	Share   float64 `json:"share"`
	Weights []int   `json:"weights"` // of the layouts, in their order; empty = 1 each
}

// Ramp gives other weights from a day on.
type Ramp struct {
	Day     int    `json:"day"`
	Queue   string `json:"queue"` // "" = every queue
	Weights []int  `json:"weights"`
}

// Language is a language with its share of the callers. Shares are divided by
// their sum.
type Language struct {
	Name  string  `json:"name"` // BCP 47
	Share float64 `json:"share"`
}

// Agents are the agents; each works in one queue.
type Agents struct {
	Number int `json:"number"`
	// Spread is the standard deviation of their satisfaction on the scale of
	// log odds; 0 = all are alike.
	Spread float64 `json:"spread"`
}

// Opinions is what callers think: the mean over all agents on a day without
// points. Who is neither satisfied nor finds it fair is dissatisfied.
type Opinions struct {
	Satisfied float64 `json:"satisfied"`
	Fair      float64 `json:"fair"`
	// Very is the share of the satisfied who choose the best option where two
	// count as satisfied.
	Very float64 `json:"very"`
}

// ByOpinion is a share that depends on what the caller thinks.
type ByOpinion struct {
	Satisfied    float64 `json:"satisfied"`
	Fair         float64 `json:"fair"`
	Dissatisfied float64 `json:"dissatisfied"`
}

// of gives the share of an opinion.
func (b ByOpinion) of(o opinion) float64 {
	return [...]float64{satisfied: b.Satisfied, fair: b.Fair, dissatisfied: b.Dissatisfied}[o]
}

// Factor is what the share who answer is multiplied by under one layout.
type Factor struct {
	Layout string  `json:"layout"`
	Factor float64 `json:"factor"`
}

// Silent is what those do who do not answer: the rest wait to the end.
type Silent struct {
	HangUp    float64 `json:"hang_up"`    // share who hang up somewhere in the menu
	WrongKeys float64 `json:"wrong_keys"` // share who press only keys that the menu does not have
}

// GapEffect is what a long silence behind the first option does: some of
// those who would answer take that option for the only one.
type GapEffect struct {
	Share float64      `json:"share"`
	From  layout.Delay `json:"from"` // the shortest silence that does it
	// HangUp is the share of them who hang up then; the rest press it.
	HangUp ByOpinion `json:"hang_up"`
}

// Press is when and how those press who answer.
type Press struct {
	Reaction layout.Delay `json:"reaction"`  // median, from the end of the option
	Spread   float64      `json:"spread"`    // standard deviation of the logarithm of the reaction
	Blind    float64      `json:"blind"`     // share who press before their option is read
	Patient  float64      `json:"patient"`   // share of the others who wait for the end of the menu
	Late     float64      `json:"late"`      // share who answer in the second reading only, where there is one
	WrongKey float64      `json:"wrong_key"` // share who press a wrong key first, where that is forgiven
}

// Second is a second question behind the first.
type Second struct {
	Layout string  `json:"layout"` // "" = none
	Share  float64 `json:"share"`  // of calls that are asked it
}

// Default gives a truth that wants nothing but the site's queues and
// languages: three layouts that differ in order and gap alone.
func Default() Truth {
	return Truth{
		Seed: 1, FirstDay: "2026-01-05", Days: 90, CallsPerDay: 600,
		WeekdayCalls:  []float64{1.2, 1.1, 1.1, 1.1, 1.1, 0.8, 0.6},
		WeekdayPoints: []float64{-2, 0, 0, 0, 1, 1, 1},
		Experiment:    Experiment{Name: "synthetic", Layouts: []string{"habit", "worst-first", "gap"}, Seed: "synthetic"},
		Agents:        Agents{Number: 500, Spread: 0.35},
		Opinions:      Opinions{Satisfied: 0.81, Fair: 0.1, Very: 0.4},
		Answering:     ByOpinion{Satisfied: 0.7, Fair: 0.64, Dissatisfied: 0.68},
		Silent:        Silent{HangUp: 0.5, WrongKeys: 0.04},
		OrderEffect:   0.06,
		GapEffect:     GapEffect{Share: 0.1, From: layout.Delay(1500 * time.Millisecond), HangUp: ByOpinion{Satisfied: 0.5, Fair: 0.7, Dissatisfied: 0.9}},
		Press: Press{Reaction: layout.Delay(900 * time.Millisecond), Spread: 0.5, Blind: 0.08, Patient: 0.25,
			Late: 0.03, WrongKey: 0.01},
		Errors: 0.001,
	}
}

// Read reads a truth from JSON. What is not there is as in [Default]; a
// parameter that does not exist is an error.
func Read(r io.Reader) (Truth, error) {
	t := Default()
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(&t); err != nil {
		return Truth{}, fmt.Errorf("truth: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return Truth{}, errors.New("truth: something stands behind it, want one JSON object")
	}
	t.Expected = nil
	return t, nil
}
