package compare

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// The tests here hold layouts (rows) against outcomes or verdicts (columns)
// inside strata, all of one form: what each layout has too much, summed over
// strata, measured by its variance if the layouts do not differ, after Landis,
// Heyman and Koch (1978). Layouts without data are left out. Degrees of
// freedom are what the strata can tell, layouts with data minus one where they
// connect them all. NoData: nothing was counted; NoOverlap: no stratum holds
// two layouts; NotComparable: strata with other numbers of rows or columns;
// Degenerate (P 1): nothing varies.

// GeneralAssociation tests whether the distribution over unordered outcomes
// differs between layouts: the generalised test of Cochran, Mantel and
// Haenszel. strata[h][layout][outcome].
func GeneralAssociation(strata [][][]int64) Test {
	return associate(strata, func(t table) [][]float64 {
		parts := make([][]float64, len(t.columns)) // one indicator for each outcome
		for j := range parts {
			parts[j] = make([]float64, len(t.columns))
			parts[j][j] = 1
		}
		return parts
	})
}

// MeanScores tests whether the mean of the scores, one for each column,
// differs between layouts. It is NotComparable too when the scores do not fit
// the columns. strata[h][layout][verdict].
func MeanScores(strata [][][]int64, scores []float64) Test {
	if !finite(scores...) || slices.ContainsFunc(scores, func(s float64) bool { return math.Abs(s) > 1e100 }) {
		return Test{Status: NotComparable}
	}
	for _, s := range strata {
		if len(s) > 0 && len(s[0]) != len(scores) {
			return Test{Status: NotComparable}
		}
	}
	return associate(strata, func(table) [][]float64 { return [][]float64{scores} })
}

// VanElteren tests whether verdicts, in order, tend higher under some layout:
// midranks inside each stratum, divided by its size plus one, after van
// Elteren (1960). With one stratum it is the test of Kruskal and Wallis
// (1952). strata[h][layout][verdict].
func VanElteren(strata [][][]int64) Test {
	return associate(strata, func(t table) [][]float64 {
		ranks, below := make([]float64, len(t.columns)), 0.
		for j, c := range t.columns {
			ranks[j] = (below + (c+1)/2) / (t.n + 1)
			below += c
		}
		return [][]float64{ranks}
	})
}

// table is one stratum with its margins.
type table struct {
	cells         [][]float64
	rows, columns []float64
	n             float64
}

func tabulate(stratum [][]int64) (t table, fits bool) {
	for _, counts := range stratum {
		row, sum := weigh(counts)
		if t.columns == nil {
			t.columns = make([]float64, len(row))
		}
		if len(row) != len(t.columns) {
			return table{}, false
		}
		for j, c := range row {
			t.columns[j] += c
		}
		t.cells, t.rows, t.n = append(t.cells, row), append(t.rows, float64(sum)), t.n+float64(sum)
	}
	return t, true
}

// mixed reports whether the stratum holds more than one layout.
func (t table) mixed() bool {
	return slices.ContainsFunc(t.rows, func(r float64) bool { return r > 0 && r < t.n })
}

// associate sums over strata. Each part that scoring gives is a score for
// every column; all parts are tested at once.
func associate(strata [][][]int64, scoring func(table) [][]float64) Test {
	tables := make([]table, 0, len(strata))
	total, mixed := 0., false
	for _, s := range strata {
		t, fits := tabulate(s)
		if !fits || len(tables) > 0 && (len(t.rows) != len(tables[0].rows) || len(t.columns) != len(tables[0].columns)) {
			return Test{Status: NotComparable}
		}
		tables, total, mixed = append(tables, t), total+t.n, mixed || t.mixed()
	}
	switch {
	case total == 0:
		return Test{Status: NoData}
	case !mixed:
		return Test{Status: NoOverlap}
	}
	var e excess
	for _, t := range tables {
		if t.mixed() {
			e.add(t, scoring(t))
		}
	}
	return e.test()
}

// excess is what each layout has too much in each part, and how these vary.
type excess struct {
	sum []float64 // by layout and part
	v   []float64 // their covariance, row by row
}

func (e *excess) add(t table, parts [][]float64) {
	layouts, k := len(t.rows), len(parts)
	size := layouts * k
	if e.sum == nil {
		e.sum, e.v = make([]float64, size), make([]float64, size*size)
	}
	centred := make([][]float64, k) // scores around the stratum's mean
	for p, scores := range parts {
		mean := 0.
		for j, s := range scores {
			mean += t.columns[j] / t.n * s
		}
		centred[p] = make([]float64, len(scores))
		for j, s := range scores {
			if d := s - mean; math.Abs(d) > 1e-14*math.Abs(s) { // else nothing but rounding
				centred[p][j] = d
			}
		}
	}
	for p := range parts {
		for i, row := range t.cells {
			for j, c := range row {
				e.sum[i*k+p] += c * centred[p][j]
			}
		}
		for q := range parts {
			v := 0.
			for j, c := range t.columns {
				v += c / (t.n - 1) * centred[p][j] * centred[q][j]
			}
			for i := range t.rows {
				for l := range t.rows {
					share := -t.rows[i] * t.rows[l] / t.n
					if i == l {
						share = t.rows[i] * (t.n - t.rows[i]) / t.n
					}
					e.v[(i*k+p)*size+l*k+q] += v * share
				}
			}
		}
	}
}

// test measures the excess by a generalised inverse of its covariance, whose
// rank is the degrees of freedom: every layout and column is kept, and what
// the others determine drops out there.
func (e *excess) test() Test {
	size := len(e.sum)
	var vary []int
	for i := range e.sum {
		if e.v[i*size+i] > 0 {
			vary = append(vary, i)
		}
	}
	if len(vary) == 0 {
		return flat(0)
	}
	scaled := mat.NewSymDense(len(vary), nil) // correlations: layouts may differ in size by any factor
	z := make([]float64, len(vary))
	for x, i := range vary {
		z[x] = e.sum[i] / math.Sqrt(e.v[i*size+i])
		for y, j := range vary {
			scaled.SetSym(x, y, e.v[i*size+j]/math.Sqrt(e.v[i*size+i])/math.Sqrt(e.v[j*size+j]))
		}
	}
	if !finite(z...) || !finite(scaled.RawSymmetric().Data...) {
		return Test{Status: NotConverged}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(scaled, true) {
		return Test{Status: NotConverged}
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	statistic, rank := 0., 0.
	values := eigen.Values(nil)
	for r, lambda := range values {
		if lambda <= 1e-10*values[len(values)-1] {
			continue
		}
		along := mat.Dot(vectors.ColView(r), mat.NewVecDense(len(z), z))
		statistic, rank = statistic+along*along/lambda, rank+1
	}
	return chiSquare(statistic, rank)
}
