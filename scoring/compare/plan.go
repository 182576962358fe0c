package compare

// Traffic is what the site had lately: the base of a plan.
type Traffic struct {
	Days         int     // days counted
	Offered      int64   // surveys offered in them
	Rated        int64   // of Offered
	Satisfied    int64   // of Rated
	NetVariance  float64 // of satisfied minus dissatisfied, per rating
	PerDay       float64 // surveys a day
	Dissatisfied int64   // of Rated: the worst verdict
}

// Goal is a difference that an experiment is to find in 80 of 100 cases. A
// goal of 0 is not planned for.
type Goal struct {
	Answered  float64 // difference in the share answered, as a fraction
	Satisfied float64 // difference in satisfied of rated, as a fraction
	Order     float64 // share of answers that follow the order, as a fraction
}

// Need is what one goal needs.
type Need struct {
	Goal   string  `json:"goal"`    // answered, satisfied or order
	From   float64 `json:"from"`    // the share now; of order 0
	To     float64 `json:"to"`      // the share to tell apart from it
	PerArm int64   `json:"per_arm"` // offered surveys for one look at the end
	Total  int64   `json:"total"`   // offered surveys, all arms, for one look at the end
	Safe   int64   `json:"safe"`    // offered surveys, all arms, when one may look every day: at most, since it may end earlier
	Days   int     `json:"days"`    // for Safe at the current traffic; 0 = no traffic
	Status Status  `json:"status"`
}

// Power is the share of experiments that find a difference which is there.
const Power = 0.80
