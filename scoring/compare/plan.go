package compare

import (
	"math"

	"aftercall/ivr/layout"
	"aftercall/scoring"
)

// Power is the share of experiments that find a difference which is there.
const Power = 0.80

// Traffic is what the site had lately: the base of a plan.
type Traffic struct {
	Days        int     `json:"days"`         // days counted, whether they had surveys or not
	Offered     int64   `json:"offered"`      // surveys offered in them
	Rated       int64   `json:"rated"`        // of Offered
	Satisfied   int64   `json:"satisfied"`    // of Rated
	NetVariance float64 `json:"net_variance"` // of satisfied minus dissatisfied, per rating: 0 to 1
}

// PerDay is the surveys offered on a day.
func (t Traffic) PerDay() float64 { return ratio(float64(t.Offered), float64(t.Days)) }

// TrafficOf counts the surveys of some days. definitions say by version which
// verdicts count as satisfied and which is the worst; a version without one
// counts as offered and rated alone.
func TrafficOf(counts []scoring.DayCount, definitions map[string]layout.Definition, days int) Traffic {
	t := Traffic{Days: days}
	var worst int64
	for _, c := range counts {
		t.Offered += c.N
		if isOutcome(c.Result) {
			continue
		}
		t.Rated += c.N
		d, ok := definitions[c.Version]
		if !ok {
			continue
		}
		if v, ok := d.Scale.Verdict(c.Result); ok && v.Satisfied {
			t.Satisfied += c.N
		}
		if c.Result == worstOf(d) {
			worst += c.N
		}
	}
	sat, dis := ratio(float64(t.Satisfied), float64(t.Rated)), ratio(float64(worst), float64(t.Rated))
	t.NetVariance = sat + dis - (sat-dis)*(sat-dis)
	return t
}

// Goal is a difference that an experiment is to find with the probability
// Power. All are fractions; 0 is not planned for.
type Goal struct {
	Answered  float64 // difference in the share answered
	Satisfied float64 // difference in satisfied of rated
	Order     float64 // share of answers that follow the order
}

// Need is what one goal needs, in offered surveys.
type Need struct {
	Goal   string  `json:"goal"`    // answered, satisfied or order
	From   float64 `json:"from"`    // the share now; of order 0
	To     float64 `json:"to"`      // the share to tell apart from it
	PerArm int64   `json:"per_arm"` // for one look, at the end
	Total  int64   `json:"total"`   // the same, all arms
	Safe   int64   `json:"safe"`    // all arms, when one may look every day: at most, since it may end earlier
	Days   int     `json:"days"`    // for Safe at the current traffic; 0 = no traffic
	Status Status  `json:"status"`  // no_data: the traffic does not tell the share now
}

// PlanFor says how many surveys each goal needs with so many arms of equal
// weight, at least 2. Two arms of an order goal are the mirrored pair. Sizes
// for one look are those of R's power.prop.test; with daily looks they grow by
// the square of (multiplier of the always-valid interval at the planned size +
// z of Power) / (z of Level + z of Power), the multiplier at Level divided by
// the layouts that are held against the first. Answers are called by Holm over
// the family, which has two differences of each of these: there it is Level
// divided by the other members of the family.
func PlanFor(t Traffic, g Goal, arms int) []Need {
	arms = max(arms, 2)
	response := ratio(float64(t.Rated), float64(t.Offered))
	satisfied := ratio(float64(t.Satisfied), float64(t.Rated))
	var needs []Need
	if g.Answered > 0 {
		n := Need{Goal: "answered", From: response, To: apart(response, g.Answered)}
		needs = append(needs, n.of(SampleSize(n.From, n.To, Level, Power), t.Offered, t, arms, 2*arms-3))
	}
	if g.Satisfied > 0 {
		n := Need{Goal: "satisfied", From: satisfied, To: apart(satisfied, g.Satisfied)}
		needs = append(needs, n.of(ratio(SampleSize(n.From, n.To, Level, Power), response), t.Rated, t, arms, arms-1))
	}
	if g.Order > 0 {
		n := Need{Goal: "order", To: g.Order}
		z := quantile(1-Level/2) + quantile(Power)
		needs = append(needs, n.of(ratio(z*z*2*t.NetVariance/(4*g.Order*g.Order), response), t.Rated, t, arms, arms-1))
	}
	return needs
}

// apart gives the share that lies by towards the middle: the direction that
// needs more.
func apart(p, by float64) float64 {
	if p > 0.5 {
		return math.Max(p-by, 0)
	}
	return math.Min(p+by, 1)
}

// of fills in the sizes. base is what the share now rests on; Level is divided
// by tests.
func (n Need) of(perArm float64, base int64, t Traffic, arms, tests int) Need {
	n.Status = OK
	if base == 0 || perArm <= 0 || perArm > 1e12 || math.IsNaN(perArm) {
		n.Status = NoData
		return n
	}
	n.PerArm = int64(math.Ceil(perArm))
	n.Total = n.PerArm * int64(arms)
	z := quantile(1 - Level/2)
	grow := (safeMultiplier(1, Level/float64(tests)) + quantile(Power)) / (z + quantile(Power))
	n.Safe = int64(math.Ceil(perArm * float64(arms) * grow * grow))
	if perDay := t.PerDay(); perDay > 0 {
		n.Days = int(math.Ceil(float64(n.Safe) / perDay))
	}
	return n
}

// safeMultiplier is how many standard errors the always-valid interval reaches
// to each side, when the given part of the planned size is there.
func safeMultiplier(part, alpha float64) float64 {
	const size, se = 1e4, 1e-3 // both cancel out
	return AlwaysValid(0, se, part*size, size, alpha).Hi / se
}

// ratio is a/b, 0 if b is 0.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
