package compare

import "math"

// SplitFinal tests whether calls came to the arms in the shares that the
// weights plan, by Pearson's chi-square: for one look only, since at many
// looks it finds a fault where there is none. An arm without weight takes no
// part; SplitFailed (P 0): it was given calls all the same. NoData: no calls;
// NoOverlap: fewer than two arms have weight; NotComparable: counts and
// weights do not fit together.
func SplitFinal(observed []int64, weights []float64) Test {
	shares := normalise(weights)
	if len(observed) != len(shares) || len(shares) == 0 {
		return Test{Status: NotComparable}
	}
	row, sum := weigh(observed)
	if sum == 0 {
		return Test{Status: NoData}
	}
	chi, df := 0., -1.
	for i, share := range shares {
		switch want := share * float64(sum); {
		case share > 0:
			chi, df = chi+(row[i]-want)*(row[i]-want)/want, df+1
		case row[i] > 0:
			return Test{Status: SplitFailed}
		}
	}
	if df < 1 {
		return Test{Status: NoOverlap}
	}
	return chiSquare(chi, df)
}

// normalise turns weights into shares; what is no weight is 0.
func normalise(weights []float64) []float64 {
	shares, sum := make([]float64, len(weights)), 0.
	for i, w := range weights {
		if w > 0 && w < 1e100 {
			shares[i] = w
			sum += w
		}
	}
	for i := range shares {
		if sum > 0 {
			shares[i] /= sum
		}
	}
	return shares
}

// SplitWatch is the split check that holds at every look: the evidence that
// calls follow other shares than the planned ones (a Dirichlet prior around
// them) against the planned ones, after Lindon and Malek (2022). Calls may be
// added in any portions.
type SplitWatch struct {
	shares, alpha []float64
	counts        []int64
	n             int64
	total         float64 // of alpha
	broken        bool    // an arm without weight was given calls
	p             float64
}

// NewSplitWatch begins with no calls. alpha is the prior, one positive number
// for each arm; nil, or numbers that are none, is DirichletTotal times the
// planned shares.
func NewSplitWatch(weights, alpha []float64) *SplitWatch {
	w := &SplitWatch{shares: normalise(weights), counts: make([]int64, len(weights)), p: 1}
	w.alpha = make([]float64, len(weights))
	for i, share := range w.shares {
		if share == 0 {
			continue
		}
		w.alpha[i] = DirichletTotal * share
		if len(alpha) == len(weights) && alpha[i] > 0 && alpha[i] < 1e100 {
			w.alpha[i] = alpha[i]
		}
		w.total += w.alpha[i]
	}
	return w
}

// Add counts more calls, by arm. Calls beyond the arms are not counted, nor is
// what is under 0.
func (w *SplitWatch) Add(counts []int64) {
	for i, c := range counts[:min(len(counts), len(w.counts))] {
		if c <= 0 {
			continue
		}
		w.counts[i] += c
		if w.n += c; w.shares[i] == 0 {
			w.broken = true
		}
	}
	w.p = min(w.p, math.Exp(-w.LogBF()))
}

// LogBF is the logarithm of the Bayes factor against the planned split, over
// all calls so far: 0 = none either way, and as much as a number can hold if
// an arm without weight was given calls.
func (w *SplitWatch) LogBF() float64 {
	if w.broken {
		return math.MaxFloat64
	}
	if w.n == 0 {
		return 0
	}
	log := -rise(w.total, float64(w.n))
	for i, c := range w.counts {
		if c > 0 {
			log += rise(w.alpha[i], float64(c)) - float64(c)*math.Log(w.shares[i])
		}
	}
	if !finite(log) {
		return 0
	}
	return log
}

// P is the p that holds at every look: the least of 1/BF over the looks, one
// after each Add.
func (w *SplitWatch) P() float64 { return w.p }

// rise is the logarithm of Gamma(a+n)/Gamma(a).
func rise(a, n float64) float64 {
	above, _ := math.Lgamma(a + n)
	below, _ := math.Lgamma(a)
	return above - below
}
