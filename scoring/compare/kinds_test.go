package compare

import (
	"encoding/json"
	"fmt"
	"math"
)

// kinds are the kinds of reference cases that the product has functions for.
var kinds = map[string]func(json.RawMessage) (findings, error){
	"wilson": surely(func(in struct {
		confidence
		X, N int64
	}) findings {
		return estimated("p", Wilson(in.X, in.N, in.level()))
	}),
	"newcombe_diff": surely(func(in struct {
		confidence
		X1, N1, X2, N2 int64
	}) findings {
		return estimated("diff", Newcombe(in.X1, in.N1, in.X2, in.N2, in.level()))
	}),
	"mean_score": surely(func(in struct {
		confidence
		Counts []int64
		Scores []float64
	}) findings {
		return estimated("mean", MeanScore(in.Counts, in.Scores, in.level()))
	}),
	"nps": surely(func(in struct {
		confidence
		Promoters, Passives, Detractors int64
	}) findings {
		return estimated("nps", Net(in.Promoters, in.Passives, in.Detractors, in.level()))
	}),
	"win_probability": surely(func(in struct {
		confidence
		A []int64 `json:"counts_a"`
		B []int64 `json:"counts_b"`
	}) findings {
		return won(WinProbability(in.A, in.B, in.level()))
	}),
	"stratified_win_probability": surely(func(in struct {
		confidence
		Strata [][2][]int64
	}) findings {
		var strata []TwoRows
		for _, s := range in.Strata {
			strata = append(strata, TwoRows{s[0], s[1]})
		}
		return won(StratifiedWin(strata, in.level()))
	}),
	"mantel_haenszel": surely(func(in struct {
		confidence
		Strata [][4]int64
	}) findings {
		return stratified(fourfolds(in.Strata), in.level())
	}),
	"breslow_day": surely(func(in struct{ Strata [][4]int64 }) findings {
		bd, tarone := BreslowDay(fourfolds(in.Strata))
		r := outcome(bd)
		r["chi2_tarone"], r["p_tarone"] = tested(tarone, tarone.Statistic), tested(tarone, tarone.P)
		return r
	}),
	"cmh_general": surely(func(in struct{ Strata [][][]int64 }) findings {
		return outcome(GeneralAssociation(in.Strata))
	}),
	"cmh_mean_score": surely(func(in struct {
		Strata [][][]int64
		Scores []float64
	}) findings {
		return outcome(MeanScores(in.Strata, in.Scores))
	}),
	"van_elteren": surely(func(in struct{ Strata [][][]int64 }) findings {
		return outcome(VanElteren(in.Strata))
	}),
	"kruskal_wallis": surely(func(in struct{ Table [][]int64 }) findings {
		return outcome(VanElteren([][][]int64{in.Table}))
	}),
	"chi2_homogeneity": surely(func(in struct{ X, N []int64 }) findings {
		return outcome(Homogeneity(in.X, in.N))
	}),
	"trend_in_proportions": surely(func(in struct {
		X, N   []int64
		Scores []float64
	}) findings {
		if in.Scores == nil {
			for i := range in.X {
				in.Scores = append(in.Scores, float64(i+1))
			}
		}
		return outcome(Trend(in.X, in.N, in.Scores))
	}),
	"srm_chi2": surely(func(in struct {
		Observed []int64
		Weights  []float64
	}) findings {
		return outcome(SplitFinal(in.Observed, in.Weights))
	}),
	"srm_sequential": surely(watched),
	"always_valid":   kind(safely),
	"sample_size_two_prop": surely(func(in struct{ P1, P2, Alpha, Power float64 }) findings {
		n := SampleSize(in.P1, in.P2, in.Alpha, in.Power)
		return findings{"n_per_arm": figure{n, n > 0, n > 0}}
	}),
	"holm": surely(func(in struct{ P []float64 }) findings {
		return findings{"adjusted": knownAll(Holm(in.P))}
	}),
	"holm_bh": surely(func(in struct{ P []float64 }) findings {
		return findings{"holm": knownAll(Holm(in.P)), "bh": knownAll(BenjaminiHochberg(in.P))}
	}),
	"mirror_pair": surely(mirrored),
	"manski_bounds": surely(func(in struct {
		confidence
		Positives, Rated, Offered int64
	}) findings {
		return bounded(Manski(in.Positives, in.Rated, in.Offered, in.level()))
	}),
	"lee_bounds": surely(func(in struct {
		PosA     int64 `json:"pos_a"`
		RatedA   int64 `json:"rated_a"`
		OfferedA int64 `json:"offered_a"`
		PosB     int64 `json:"pos_b"`
		RatedB   int64 `json:"rated_b"`
		OfferedB int64 `json:"offered_b"`
	}) findings {
		b, trim := Lee(in.PosA, in.RatedA, in.OfferedA, in.PosB, in.RatedB, in.OfferedB)
		r := bounded(b)
		r["trim"] = when(b.Status, trim)
		return r
	}),
	"layout_comparison":       kind(compared),
	"agent_glmm":              surely(modelled),
	"beta_binomial_fit":       surely(betaFitted),
	"beta_binomial_posterior": surely(shrunken),
	"funnel_exact":            surely(funnelled),
}

func estimated(name string, e Estimate) findings {
	return findings{name: value(e, e.Value), "lo": end(e, e.Lo), "hi": end(e, e.Hi), "n": known(float64(e.N)), "status": e.Status}
}

func outcome(t Test) findings {
	return findings{"chi2": tested(t, t.Statistic), "df": tested(t, t.DF), "p": tested(t, t.P), "status": t.Status}
}

func bounded(b Bounds) findings {
	widest := func(x float64) figure { f := when(b.Status, x); f.stated = f.stated || b.Lo < b.Hi; return f }
	return findings{"lo": widest(b.Lo), "hi": widest(b.Hi), "ci_lo": widest(b.CI.Lo), "ci_hi": widest(b.CI.Hi), "status": b.Status}
}

func won(w Win) findings {
	is := func(x float64) figure { return when(w.Status, x) }
	varies := func(x float64) figure { return figure{x, w.Status == OK, w.Status == OK} }
	return findings{
		"theta": is(w.Theta), "se": is(w.SE), "p": is(w.P), "bm_p": is(w.P), "bm_stat": varies(w.Statistic), "bm_df": varies(w.DF),
		"lo": varies(w.Lo), "hi": varies(w.Hi), "lo_t": varies(w.LoT), "hi_t": varies(w.HiT),
		"or": value(w.OddsRatio, w.OddsRatio.Value), "status": w.Status,
	}
}

func fourfolds(strata [][4]int64) (all []Fourfold) {
	for _, s := range strata {
		all = append(all, Fourfold{s[0], s[1], s[2], s[3]})
	}
	return all
}

func stratified(strata []Fourfold, conf float64) findings {
	m := MH(strata, conf)
	bd, tarone := BreslowDay(strata)
	d, or := m.Difference, m.OddsRatio
	varies := func(x float64) figure { return figure{x, or.Status == OK, or.Status == OK} }
	return findings{
		"rd": value(d, d.Value), "rd_se": value(d, m.DifferenceSE), "rd_lo": end(d, d.Lo), "rd_hi": end(d, d.Hi), "crude_diff": known(m.Crude),
		"or": value(or, or.Value), "or_lo": varies(or.Lo), "or_hi": varies(or.Hi), "log_or_se": varies(m.LogOddsSE),
		"chi2": tested(m.Test, m.Test.Statistic), "p": tested(m.Test, m.Test.P),
		"chi2_cc": tested(m.Corrected, m.Corrected.Statistic), "p_cc": tested(m.Corrected, m.Corrected.P),
		"bd": tested(bd, bd.Statistic), "bd_p": tested(bd, bd.P), "bd_tarone": tested(tarone, tarone.Statistic), "bd_tarone_p": tested(tarone, tarone.P),
		"status": m.Status,
	}
}

func watched(in struct {
	Days    [][]int64
	Weights []float64
	Alpha   []float64 `json:"dirichlet_alpha"`
}) findings {
	w := NewSplitWatch(in.Weights, in.Alpha)
	var logs, ps []float64
	for _, day := range in.Days {
		w.Add(day)
		logs, ps = append(logs, w.LogBF()), append(ps, w.P())
	}
	return findings{"log_bf": knownAll(logs), "p": knownAll(ps)}
}

// safely makes the effect of two shares, whose standard errors are theirs by
// the delta method.
func safely(in struct {
	XA     float64  `json:"x_a"`
	NA     float64  `json:"n_a"`
	XB     float64  `json:"x_b"`
	NB     float64  `json:"n_b"`
	Effect string   `json:"effect"`
	Alpha  *float64 `json:"alpha"`
	NStar  float64  `json:"n_star"`
}) (findings, error) {
	a, b, alpha := in.XA/in.NA, in.XB/in.NB, Level
	if in.Alpha != nil {
		alpha = *in.Alpha
	}
	vA, vB := a*(1-a)/in.NA, b*(1-b)/in.NB
	var est, se float64
	switch in.Effect {
	case "difference_a_minus_b":
		est, se = a-b, math.Sqrt(vA+vB)
	case "difference_b_minus_a":
		est, se = b-a, math.Sqrt(vA+vB)
	case "relative_lift_b_over_a":
		est, se = b/a-1, math.Sqrt(vB/(a*a)+vA*b*b/(a*a*a*a))
	case "relative_lift_a_over_b":
		est, se = a/b-1, math.Sqrt(vA/(b*b)+vB*a*a/(b*b*b*b))
	default:
		return nil, fmt.Errorf("effect %q is not known to this test", in.Effect)
	}
	s := AlwaysValid(est, se, in.NA+in.NB, in.NStar, alpha)
	if !finite(est) { // nothing to hold an interval around
		s.Lo, s.Hi, s.P = est, est, est
	}
	return findings{"est": known(est), "se": known(se), "lo": known(s.Lo), "hi": known(s.Hi), "p": known(s.P), "rho": known(s.Rho)}, nil
}

func mirrored(in struct {
	confidence
	Best  struct{ Sat, Mid, Dis int64 } `json:"best_first"`
	Worst struct{ Sat, Mid, Dis int64 } `json:"worst_first"`
}) findings {
	b, w := in.Best, in.Worst
	m := MirrorPair(Marks{b.Sat, b.Mid, b.Dis}, Marks{w.Sat, w.Mid, w.Dis}, in.level())
	is := func(x float64) figure { return when(m.Status, x) }
	r := findings{
		"lambda": value(m.Shift, m.Shift.Value), "lambda_se": is(m.SE), "lambda_lo": end(m.Shift, m.Shift.Lo), "lambda_hi": end(m.Shift, m.Shift.Hi),
		"log_or_position": is(m.LogOdds), "log_or_se": is(m.LogOddsSE), "inflation_best_first": is(m.Inflation),
		"check_z": is(m.CheckZ), "check_p": is(m.CheckP), "status": m.Status,
	}
	var free []figure
	for _, x := range m.Free {
		free = append(free, is(x))
	}
	r["debiased"] = free
	return r
}
