package compare

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/optimize"
)

// How the fit is searched for.
const (
	quadraturePoints = 9
	weakPrecision    = 1. / 100 // of the prior of an exam: a standard deviation of 10 on the scale of log odds says nothing
	firstTau         = 0.3      // where the search begins
	greatestTau      = 10.      // more than this is no difference of agents but all or nothing
	steepest         = 0.01     // greatest slope at an optimum, by parameters in units of about a standard error
	noGain           = 1e-4     // gain in the logarithm of the likelihood that is worth no tau
)

// modelFit is what the model makes of the counts.
type modelFit struct {
	mu  []float64 // by exam
	tau float64   // 0 = agents do not differ
	// level is the logarithm of each agent's likelihood.
	level []float64
	// logDet is the logarithm of the determinant of the exams' information.
	logDet float64
}

// fit maximises the likelihood; see [search]. It reports false if there is no
// optimum. Where the likelihood gains nothing by a tau, it is 0.
func (m *mixed) fit() (modelFit, bool) {
	f, ok := m.search()
	if !ok {
		return f, false
	}
	l := m.levels()
	for a, cells := range m.agents {
		f.level = append(f.level, m.integrate(a, f.mu, f.tau))
		mean, _ := m.effect(f.tau)
		l.take(cells, f.mu, f.tau, mean)
	}
	ok = l.factorise()
	f.logDet = l.logDet
	return f, ok
}

// search is the way to the maximum, in parameters of about one scale: exams
// differ a thousandfold in ratings. They begin at 0, at the best mu without a
// tau and at firstTau.
type search struct {
	m        *mixed
	equal    []float64 // the best mu if agents do not differ
	level    float64   // and their likelihood, which heights are taken from
	scale    []float64
	last     []float64 // the parameters looked at last
	height   float64
	gradient []float64
}

// search maximises the likelihood by BFGS.
func (m *mixed) search() (modelFit, bool) {
	s := &search{m: m, scale: make([]float64, m.exams+1), gradient: make([]float64, m.exams+1)}
	s.equal, s.scale = m.equal()
	for e, precision := range s.scale {
		s.scale[e] = 1 / math.Sqrt(precision+weakPrecision)
	}
	s.scale = append(s.scale, 1/math.Sqrt(float64(len(m.agents))))
	s.level = m.likelihood(s.equal, 0, s.gradient)
	result, _ := optimize.Minimize(optimize.Problem{Func: s.depth, Grad: s.slope}, make([]float64, m.exams+1), &optimize.Settings{
		GradientThreshold: steepest / 10, FuncEvaluations: 1000, Converger: &optimize.FunctionConverge{Absolute: 1e-9, Iterations: 10},
	}, &optimize.BFGS{})
	if result == nil {
		return modelFit{}, false
	}
	return s.judge(result.X)
}

// at gives the model's own parameters.
func (s *search) at(theta []float64) (mu []float64, tau float64) {
	mu = make([]float64, len(s.equal))
	for e := range mu {
		mu[e] = s.equal[e] + theta[e]*s.scale[e]
	}
	return mu, firstTau * math.Exp(min(theta[len(mu)]*s.scale[len(mu)], 10))
}

// depth is how far the likelihood is under that without a tau.
func (s *search) depth(theta []float64) float64 {
	if !slices.Equal(s.last, theta) {
		mu, tau := s.at(theta)
		s.height = s.m.likelihood(mu, tau, s.gradient) - s.level
		s.last = append(s.last[:0], theta...)
	}
	return -s.height
}

func (s *search) slope(grad, theta []float64) {
	s.depth(theta)
	for i := range grad {
		grad[i] = -s.gradient[i] * s.scale[i]
	}
}

// judge says whether the search ended at an optimum. The search's own word
// does not count: it also stops where rounding lets it find no way up.
func (s *search) judge(theta []float64) (modelFit, bool) {
	grad := make([]float64, len(theta))
	s.slope(grad, theta)
	mu, tau := s.at(theta)
	for _, g := range grad {
		if !(math.Abs(g) <= steepest) {
			return modelFit{}, false
		}
	}
	switch {
	case !finite(s.height, tau) || !finite(mu...):
		return modelFit{}, false
	case s.height < noGain:
		return modelFit{mu: s.equal}, true
	}
	return modelFit{mu: mu, tau: tau}, tau <= greatestTau
}
