package compare

import "math"

// Marks is how many callers said what: satisfied, the worst verdict, and all
// between.
type Marks struct{ Satisfied, Middle, Dissatisfied int64 }

// shares gives the ratings and the share of each mark.
func (m Marks) shares() (n int64, s [3]float64) {
	row, n := weigh([]int64{m.Satisfied, m.Middle, m.Dissatisfied})
	for k, c := range row {
		if n > 0 {
			s[k] = c / float64(n)
		}
	}
	return n, s
}

// Mirror is what a mirrored pair tells: the same options read best first and
// worst first. Under NoData it holds nothing.
type Mirror struct {
	// Shift is the share of answers that follow the order, not the opinion:
	// half the difference in net satisfaction. -1 to 1; positive: what is read
	// first gains, negative: what is read last. Exact if this share presses
	// the first option whatever they think.
	Shift Estimate
	SE    float64
	// LogOdds is the same as a factor on the odds of best against worst, half
	// the log of the ratio of odds; 0.5 is added to each count if one is 0.
	LogOdds, LogOddsSE float64
	// Free is the shares without the order, satisfied, middle and dissatisfied,
	// by geometric means; all 0 if the two orders share no mark.
	Free      [3]float64
	Inflation float64 // satisfied under best first minus Free; 0 without it
	// CheckZ and CheckP test whether a plain first-option shift explains the
	// pair: what satisfied gains, dissatisfied loses.
	CheckZ, CheckP float64
	Status         Status
}

// MirrorPair holds best first against worst first; section 2.5 of the design's
// statistics. Degenerate: all callers of both orders gave extreme marks of one
// kind, so nothing varies.
func MirrorPair(best, worst Marks, conf float64) Mirror {
	lambda, se, n, ok := shift(best, worst)
	if !ok {
		return Mirror{Shift: Estimate{Lo: -1, Hi: 1, N: n, Status: NoData}, Status: NoData}
	}
	m := Mirror{Shift: around(lambda, se, normal(conf), n, -1, 1), SE: se}
	m.Status = m.Shift.Status
	m.LogOdds, m.LogOddsSE = logOdds(best, worst)
	nA, a := best.shares()
	nR, r := worst.shares()
	total := 0.
	for k := range m.Free {
		m.Free[k] = math.Sqrt(a[k] * r[k])
		total += m.Free[k]
	}
	if total > 0 {
		for k := range m.Free {
			m.Free[k] /= total
		}
		m.Inflation = a[0] - m.Free[0]
	}
	m.CheckP = 1
	if v := a[1]*(1-a[1])/float64(nA) + r[1]*(1-r[1])/float64(nR); v > 0 {
		m.CheckZ = ((a[0] - r[0]) - (r[2] - a[2])) / math.Sqrt(v)
		m.CheckP = tails(m.CheckZ)
	}
	return m
}

// logOdds is half the log of the ratio of odds, satisfied against dissatisfied.
func logOdds(best, worst Marks) (b, se float64) {
	cells, _ := weigh([]int64{best.Satisfied, worst.Dissatisfied, best.Dissatisfied, worst.Satisfied})
	add, v := 0., 0.
	for _, c := range cells {
		if c == 0 {
			add = 0.5
		}
	}
	for k, c := range cells {
		log := math.Log(c + add)
		if k >= 2 {
			log = -log
		}
		b += log / 2
		v += 1 / (c + add) / 4
	}
	return b, math.Sqrt(v)
}

// shift is the order shift of one pair with its standard error.
func shift(best, worst Marks) (lambda, se float64, n int64, ok bool) {
	nA, a := best.shares()
	nR, r := worst.shares()
	if nA == 0 || nR == 0 {
		return 0, 0, nA + nR, false
	}
	netA, netR := a[0]-a[2], r[0]-r[2]
	v := netVariance(a)/float64(nA) + netVariance(r)/float64(nR)
	return (netA - netR) / 2, math.Sqrt(v) / 2, nA + nR, true
}

// netVariance is the variance of one caller's +1, 0 or -1, around its mean so
// that it cannot fall under 0.
func netVariance(s [3]float64) float64 {
	net := s[0] - s[2]
	return s[0]*(1-net)*(1-net) + s[1]*net*net + s[2]*(1+net)*(1+net)
}

// fewMarks is the ratings' worth that the variance of a stratum is drawn with
// towards that of its order over all strata: one of a few ratings that agree
// is not certain.
const fewMarks = 10

// StratifiedShift is the order shift over strata {best first, worst first},
// with the weights of Mantel and Haenszel. N are those in strata that hold
// both. NoData: one order is empty throughout; NoOverlap: no stratum holds
// both; Degenerate: nothing varies.
func StratifiedShift(strata [][2]Marks, conf float64) (Estimate, float64) {
	var all [2]Marks
	for _, s := range strata {
		if _, _, _, ok := shift(s[0], s[1]); ok {
			all[0], all[1] = all[0].plus(s[0]), all[1].plus(s[1])
		}
	}
	var lambda, v, total, nA, nR float64
	var n int64
	for _, s := range strata {
		a, _ := s[0].shares()
		r, _ := s[1].shares()
		nA, nR = nA+float64(a), nR+float64(r)
		l, _, both, ok := shift(s[0], s[1])
		if !ok {
			continue
		}
		w := float64(a) * float64(r) / float64(both)
		of := s[0].variance(all[0])/float64(a) + s[1].variance(all[1])/float64(r)
		lambda, v, total, n = lambda+w*l, v+w*w*of/4, total+w, n+both
	}
	switch {
	case nA == 0 || nR == 0:
		return Estimate{Lo: -1, Hi: 1, Status: NoData}, 0
	case total == 0:
		return Estimate{Lo: -1, Hi: 1, Status: NoOverlap}, 0
	}
	se := math.Sqrt(v) / total
	return around(lambda/total, se, normal(conf), n, -1, 1), se
}

func (m Marks) plus(o Marks) Marks {
	return Marks{m.Satisfied + max(0, o.Satisfied), m.Middle + max(0, o.Middle), m.Dissatisfied + max(0, o.Dissatisfied)}
}

// variance is the net variance of one rating, drawn towards that of all: alone
// it is the same.
func (m Marks) variance(all Marks) float64 {
	n, own := m.shares()
	_, whole := all.shares()
	return (float64(n)*netVariance(own) + fewMarks*netVariance(whole)) / (float64(n) + fewMarks)
}
