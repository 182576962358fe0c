package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"aftercall/ivr/layout"
	"aftercall/scoring"
)

// named is an object of JSON whose order counts.
type named struct {
	names  []string
	counts [][]int64
}

func (n *named) UnmarshalJSON(text []byte) error {
	var by map[string][]int64
	if err := json.Unmarshal(text, &by); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	for depth := 0; d.More() || depth > 0; {
		token, err := d.Token()
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case json.Delim:
			if depth--; token == '{' || token == '[' {
				depth += 2
			}
		case string:
			n.names, n.counts = append(n.names, token), append(n.counts, by[token])
		}
	}
	return nil
}

// places are the layouts of a case by place: as on a hotline, the same
// worst first, the same with gaps. A case of two may name them.
var (
	places  = []layout.Definition{habit, worstFirst, gap}
	byNames = map[string]layout.Definition{"A": habit, "R": worstFirst, "G": gap}
)

// verdictOf says what the outcomes of a case that are answers are in them.
var verdictOf = map[string]string{"dis": "dissatisfied", "mid": "fair", "sat": "satisfied"}

type layoutCase struct {
	Outcomes []string  `json:"outcomes"` // dis, mid, sat, invalid, no_input, hangup_heard<n>, …
	Layouts  named     `json:"layouts"`
	Alpha    *float64  `json:"alpha"`
	Offered  float64   `json:"n_star_offered"` // planned units of a pair
	Rated    float64   `json:"n_star_rated"`
	Weights  []float64 `json:"weights"`
}

// input is the case as one queue on one day of one epoch.
func (c layoutCase) input() (Input, error) {
	arms := float64(len(c.Layouts.names))
	e := &scoring.Experiment{
		Name: "case", Question: "service", Layouts: c.Layouts.names, Seed: "case",
		Size: int64(c.Offered * arms / 2), Ratings: int64(c.Rated * arms / 2),
	}
	in := Input{Question: "service", Experiment: e, Today: "2026-03-03"}
	epoch := scoring.Epoch{ID: 1, Queue: "support", Question: "service", Experiment: e.Name, Seed: e.Seed}
	split := scoring.QueueWeights{Queue: "support"}
	for i, name := range c.Layouts.names {
		if i >= len(places) {
			return in, fmt.Errorf("layout %q: only %d are known to this test", name, len(places))
		}
		d := places[i]
		if of, is := byNames[name]; is {
			d = of
		}
		d.Layout.Name = name
		weight := 1
		if c.Weights != nil {
			weight = int(math.Round(c.Weights[i] * 10000)) // they may be shares
		}
		in.Arms = append(in.Arms, Arm{Name: name, Versions: []string{"v-" + name}, Definition: d})
		epoch.Arms = append(epoch.Arms, scoring.EpochArm{Layout: name, Version: "v-" + name, Weight: weight})
		split.Weights = append(split.Weights, weight)
		for k, outcome := range c.Outcomes {
			day := scoring.DayCount{Queue: "support", Epoch: 1, Day: "2026-03-02", Version: "v-" + name, Language: "en", Result: outcome, Heard: 3, N: c.Layouts.counts[i][k]}
			if verdict, is := verdictOf[outcome]; is {
				day.Result = verdict
			}
			if heard, is := strings.CutPrefix(outcome, "hangup_heard"); is {
				options, err := strconv.Atoi(heard)
				if err != nil {
					return in, err
				}
				day.Result, day.Heard = string(scoring.HungUp), options
			}
			in.Days = append(in.Days, day)
		}
	}
	e.Queues, in.Epochs = []scoring.QueueWeights{split}, []scoring.Epoch{epoch}
	return in, nil
}

func compared(c layoutCase) (findings, error) {
	if c.Alpha != nil && *c.Alpha != Level {
		return nil, fmt.Errorf("alpha %v: the product compares at %v", *c.Alpha, Level)
	}
	in, err := c.input()
	if err != nil {
		return nil, err
	}
	got := Compare(in)
	r := findings{
		"srm_p":               known(got.Split.Assigned.Final),
		"kw_chi2":             tested(got.Overall.Ratings, got.Overall.Ratings.Statistic),
		"kw_df":               tested(got.Overall.Ratings, got.Overall.Ratings.DF),
		"kw_p":                tested(got.Overall.Ratings, got.Overall.Ratings.P),
		"intersection_bounds": []figure{when(got.Agreement.Status, got.Agreement.Lo), when(got.Agreement.Status, got.Agreement.Hi)},
	}
	var response, csat, dissatisfied []figure
	for _, a := range got.Arms {
		response = append(response, value(a.Answered, a.Answered.Value))
		csat = append(csat, value(a.Satisfied, a.Satisfied.Value))
		dissatisfied = append(dissatisfied, value(a.Dissatisfied, a.Dissatisfied.Value))
	}
	r["response"], r["csat"], r["dissatisfied_per_offered"] = response, csat, dissatisfied
	for _, p := range got.Pairs {
		pair := p.Layout + "_minus_" + p.Reference + "_"
		r[pair+"response"], r[pair+"csat"] = safe(p.Answered), safe(p.Satisfied)
		r[pair+"dissatisfied_per_offered"], r[pair+"satisfied_per_offered"] = safe(p.Dissatisfied), safe(p.SatisfiedOffered)
		r[pair+"lee"] = []figure{when(p.Lee.Status, p.Lee.Lo), when(p.Lee.Status, p.Lee.Hi)}
	}
	for _, o := range got.Order {
		r["order_shift_lambda_"+o.BestFirst+"_vs_"+o.WorstFirst] = []figure{value(o.Shift, o.Shift.Value), end(o.Shift, o.Shift.Lo), end(o.Shift, o.Shift.Hi)}
	}
	for _, g := range got.Gaps {
		r["missing_dissatisfied_"+g.Layout] = value(g.Missing, g.Missing.Value)
	}
	return r, nil
}

// safe is a difference with what holds of it at every look.
func safe(c Contrast) []figure {
	of := func(x float64) figure { return value(c.Difference, x) }
	return []figure{of(c.Difference.Value), of(c.Safe.Lo), of(c.Safe.Hi), of(c.P)}
}
