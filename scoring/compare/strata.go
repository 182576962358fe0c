package compare

import "math"

// Fourfold is one stratum of a yes-or-no outcome: A with and B without it in
// the first arm, C with and D without in the second. What is under 0 was not
// counted.
type Fourfold struct{ A, B, C, D int64 }

// sides gives the cells as numbers, and the size of both arms.
func (f Fourfold) sides() (a, b, c, d, n1, n2 float64) {
	a, b, c, d = float64(max(0, f.A)), float64(max(0, f.B)), float64(max(0, f.C)), float64(max(0, f.D))
	return a, b, c, d, a + b, c + d
}

// MantelHaenszel is what strata say together of the first arm against the
// second. Every part has a status of its own; Status is Infinite where the
// odds ratio is, and else that of the difference.
type MantelHaenszel struct {
	// Difference of the two shares, -1 to 1, with the weights of Mantel and
	// Haenszel and the variance of Sato, Greenland and Robins (1989). N are
	// those in strata that hold both arms.
	Difference   Estimate
	DifferenceSE float64
	Crude        float64 // the difference if strata are not minded; 0 if one arm is empty
	// OddsRatio is common to all strata; its interval is that of Robins,
	// Breslow and Greenland (1986). Infinite: nobody in arm 2 with the outcome
	// met one in arm 1 without. Degenerate: it is 0. NoData: the outcome does
	// not vary.
	OddsRatio Estimate
	LogOddsSE float64
	Test      Test // of Cochran, Mantel and Haenszel, without continuity correction
	Corrected Test // with it, as R has it
	Status    Status
}

// MH holds arm 1 against arm 2 inside each stratum. It stays right with many
// tiny strata. NoData: one arm is empty throughout; NoOverlap: no stratum
// holds both.
func MH(strata []Fourfold, conf float64) MantelHaenszel {
	var m mantelHaenszel
	for _, s := range strata {
		m.add(s)
	}
	out := MantelHaenszel{Status: OK}
	if m.n1 > 0 && m.n2 > 0 {
		out.Crude = m.a/m.n1 - m.c/m.n2
	}
	switch {
	case m.n1 == 0 || m.n2 == 0:
		out.Status = NoData
	case m.weight == 0:
		out.Status = NoOverlap
	}
	if out.Status != OK {
		out.Difference = Estimate{Lo: -1, Hi: 1, Status: out.Status}
		out.OddsRatio.Status, out.Test.Status, out.Corrected.Status = out.Status, out.Status, out.Status
		return out
	}
	out.Difference, out.DifferenceSE = m.difference(conf)
	out.OddsRatio, out.LogOddsSE = m.oddsRatio(conf)
	out.Test, out.Corrected = m.test(0), m.test(0.5)
	if out.Status = out.Difference.Status; out.OddsRatio.Status == Infinite {
		out.Status = Infinite
	}
	return out
}

// mantelHaenszel is the sums over strata that all three parts are made of.
type mantelHaenszel struct {
	a, n1, c, n2              float64 // over all strata
	n                         int64   // in strata with both arms
	weight, gain, plus, minus float64 // of the difference: sum of weights, of gains, of P and Q
	r, s, pr, psqr, qs        float64 // of the odds ratio
	excess, v                 float64 // of the test: observed minus expected, its variance
}

func (m *mantelHaenszel) add(f Fourfold) {
	a, b, c, d, n1, n2 := f.sides()
	m.a, m.n1, m.c, m.n2 = m.a+a, m.n1+n1, m.c+c, m.n2+n2
	if n1 == 0 || n2 == 0 {
		return
	}
	n := n1 + n2
	m.n += int64(n)
	m.weight += n1 * n2 / n
	m.gain += (a*n2 - c*n1) / n
	m.plus += (n1*n1*c - n2*n2*a + n1*n2*(n2-n1)/2) / (n * n)
	m.minus += (a*d + b*c) / (2 * n)
	r, s, p, q := a*d/n, b*c/n, (a+d)/n, (b+c)/n
	m.r, m.s = m.r+r, m.s+s
	m.pr, m.psqr, m.qs = m.pr+p*r, m.psqr+p*s+q*r, m.qs+q*s
	with := a + c
	m.excess += a - n1*with/n
	m.v += n1 * n2 * with * (n - with) / (n * n * (n - 1))
}

func (m *mantelHaenszel) difference(conf float64) (Estimate, float64) {
	d := m.gain / m.weight
	v := d*m.plus + m.minus
	if v <= 1e-12*(math.Abs(d*m.plus)+m.minus) { // nothing but rounding
		v = 0
	}
	se := math.Sqrt(v) / m.weight
	return around(min(max(d, -1), 1), se, normal(conf), m.n, -1, 1), se
}

func (m *mantelHaenszel) oddsRatio(conf float64) (Estimate, float64) {
	switch {
	case m.r == 0 && m.s == 0:
		return Estimate{N: m.n, Status: NoData}, 0
	case m.s == 0:
		return Estimate{N: m.n, Status: Infinite}, 0
	case m.r == 0:
		return Estimate{N: m.n, Status: Degenerate}, 0
	}
	se := math.Sqrt(m.pr/(2*m.r*m.r) + m.psqr/(2*m.r*m.s) + m.qs/(2*m.s*m.s))
	return ratioOf(math.Log(m.r)-math.Log(m.s), se, m.n, conf), se
}

func (m *mantelHaenszel) test(correction float64) Test {
	if m.v == 0 {
		return flat(1)
	}
	x := math.Abs(m.excess)
	if x >= correction {
		x -= correction
	}
	return chiSquare(x*x/m.v, 1)
}

// fewExpected is the count in every cell that chi-square wants.
const fewExpected = 5

// BreslowDay tests whether the odds ratio is the same in all strata: the
// statistic of Breslow and Day (1980), and with the correction of Tarone
// (1985). Strata that tell nothing of it are left out. TooFew: fewer than two
// are left (then there are no figures), or a cell is expected to hold fewer
// than 5 (then the figures stand there, and are not to be relied on).
func BreslowDay(strata []Fourfold) (plain, tarone Test) {
	var m mantelHaenszel
	for _, s := range strata {
		m.add(s)
	}
	if m.r == 0 || m.s == 0 {
		return Test{Status: TooFew}, Test{Status: TooFew}
	}
	var chi, excess, total, df float64
	least := math.Inf(1)
	for _, s := range strata {
		a, _, c, _, n1, n2 := s.sides()
		with := a + c
		if n1 == 0 || n2 == 0 || with == 0 || with == n1+n2 {
			continue
		}
		want := fitted(m.r/m.s, n1, n2, with)
		cells := [4]float64{want, n1 - want, with - want, n2 - with + want}
		v := 0.
		for _, x := range cells {
			least = min(least, x)
			v += 1 / x
		}
		v = 1 / v
		chi += (a - want) * (a - want) / v
		excess, total, df = excess+a-want, total+v, df+1
	}
	if df < 2 || least <= 0 {
		return Test{Status: TooFew}, Test{Status: TooFew}
	}
	plain, tarone = chiSquare(chi, df-1), chiSquare(chi-excess*excess/total, df-1)
	if least < fewExpected {
		plain.Status, tarone.Status = TooFew, TooFew
	}
	return plain, tarone
}

// fitted is the count of arm 1 with the outcome that gives a table of these
// margins this odds ratio.
func fitted(odds, n1, n2, with float64) float64 {
	b := odds*(n1+with) + n2 - with
	root := math.Sqrt(max(0, b*b-4*(odds-1)*odds*n1*with))
	if b >= 0 {
		return 2 * odds * n1 * with / (b + root)
	}
	return (b - root) / (2 * (odds - 1))
}
