package compare

// TwoRows is the verdicts of two layouts in one stratum, worst first.
type TwoRows struct{ A, B []int64 }

// Fourfold is one stratum of a yes/no outcome: arm 1 with and without, arm 2
// with and without.
type Fourfold struct{ A, B, C, D int64 }

// Win is the probability that a random rater of b rates higher than one of a.
type Win struct {
	Theta, SE float64
	Lo, Hi    float64 // on the logit scale
	Statistic float64
	DF        float64
	P         float64
	LoT, HiT  float64 // on the plain scale, by Student's t
	OddsRatio Estimate
	Status    Status
}

// MantelHaenszel is what strata of fourfold tables say together.
type MantelHaenszel struct {
	Difference   Estimate
	DifferenceSE float64
	Crude        float64
	OddsRatio    Estimate
	LogOddsSE    float64
	Test         Test
	Corrected    Test
	Status       Status
}

// SplitWatch is the running split check.
type SplitWatch struct{}

// Safe is an always-valid interval.
type Safe struct {
	Interval
	P, Rho float64
}

// Marks is ratings by direction.
type Marks struct{ Satisfied, Middle, Dissatisfied int64 }

// Mirror is what a mirrored pair tells of the order.
type Mirror struct {
	Shift              Estimate
	SE                 float64
	LogOdds, LogOddsSE float64
	Free               [3]float64
	Inflation          float64
	CheckZ, CheckP     float64
	Status             Status
}

func Wilson(x, n int64, conf float64) Estimate                                          { return Estimate{} }
func Newcombe(x1, n1, x2, n2 int64, conf float64) Estimate                              { return Estimate{} }
func MeanScore(counts []int64, scores []float64, conf float64) Estimate                 { return Estimate{} }
func Net(positive, neutral, negative int64, conf float64) Estimate                      { return Estimate{} }
func WinProbability(a, b []int64, conf float64) Win                                     { return Win{} }
func StratifiedWin(strata []TwoRows, conf float64) Win                                  { return Win{} }
func MH(strata []Fourfold, conf float64) MantelHaenszel                                 { return MantelHaenszel{} }
func BreslowDay(strata []Fourfold) (plain, tarone Test)                                 { return }
func GeneralAssociation(strata [][][]int64) Test                                        { return Test{} }
func MeanScores(strata [][][]int64, scores []float64) Test                              { return Test{} }
func VanElteren(strata [][][]int64) Test                                                { return Test{} }
func Homogeneity(x, n []int64) Test                                                     { return Test{} }
func Trend(x, n []int64, scores []float64) Test                                         { return Test{} }
func SplitFinal(observed []int64, weights []float64) Test                               { return Test{} }
func NewSplitWatch(weights, alpha []float64) *SplitWatch                                { return &SplitWatch{} }
func (w *SplitWatch) Add(counts []int64)                                                {}
func (w *SplitWatch) LogBF() float64                                                    { return 0 }
func AlwaysValid(est, se, n, nStar, alpha float64) Safe                                 { return Safe{} }
func SampleSize(p1, p2, alpha, power float64) float64                                   { return 0 }
func Holm(p []float64) []float64                                                        { return p }
func BenjaminiHochberg(p []float64) []float64                                           { return p }
func MirrorPair(best, worst Marks, conf float64) Mirror                                 { return Mirror{} }
func StratifiedShift(strata [][2]Marks, conf float64) (shift Estimate, se float64)      { return }
func Manski(positives, rated, offered int64, conf float64) Bounds                       { return Bounds{} }
func Lee(posA, ratedA, offeredA, posB, ratedB, offeredB int64) (b Bounds, trim float64) { return }
func (e Estimate) MarshalJSON() ([]byte, error)                                         { return []byte("null"), nil }
func (t Test) MarshalJSON() ([]byte, error)                                             { return []byte("null"), nil }
