package compare

import "gonum.org/v1/gonum/stat"

func shrunken(in struct {
	confidence
	X, N        int64
	Alpha, Beta float64
}) findings {
	b := BetaBinomial{Alpha: in.Alpha, Beta: in.Beta, Status: OK}
	r := estimated("mean", b.Posterior(in.X, in.N, in.level()))
	r["reliability"] = known(b.Reliability(in.N))
	return r
}

func funnelled(in struct {
	Target float64
	N      int64
}) findings {
	f := FunnelLimits(in.Target, in.N)
	return findings{"lo95": known(f.Lo95), "hi95": known(f.Hi95), "lo998": known(f.Lo998), "hi998": known(f.Hi998)}
}

// modelled fits as Agents does. glmer has no prior on the exams, so there is
// none here.
func modelled(in struct {
	Cells []struct {
		Agent, Layout int
		X, N          float64
	}
	Quadrature int
}) findings {
	var agents [][]cell
	exams := 0
	for _, c := range in.Cells {
		for len(agents) < c.Agent {
			agents = append(agents, nil)
		}
		exams = max(exams, c.Layout)
		agents[c.Agent-1] = append(agents[c.Agent-1], cell{c.Layout - 1, c.X, c.N})
	}
	m := newMixed(agents, exams, in.Quadrature, 0)
	f, ok := m.fit()
	if !ok {
		return findings{}
	}
	var effects, modes, means, sds []float64
	for _, mu := range f.mu {
		effects = append(effects, mu-f.mu[0])
	}
	for a := range agents {
		p := m.posterior(a, f, make([]float64, exams))
		peak, _ := m.peak(a, f.mu, f.tau)
		modes, means, sds = append(modes, f.tau*peak), append(means, p.mean), append(sds, p.sd)
	}
	return findings{
		"intercept": known(f.mu[0]), "layout_effects": knownAll(effects), "tau": known(f.tau),
		"agent_mode": knownAll(modes), "agent_posterior_mean": knownAll(means), "agent_posterior_sd": knownAll(sds),
	}
}

// betaFitted also gives the moments of the shares, which say that it is the
// published data.
func betaFitted(in struct{ X, N []int64 }) findings {
	b := FitBetaBinomial(in.X, in.N)
	var shares []float64
	for i := range in.X {
		shares = append(shares, float64(in.X[i])/float64(in.N[i]))
	}
	mean, sd := stat.MeanStdDev(shares, nil)
	is := func(x float64) figure { return figure{x, b.Status == OK, b.Status == OK} }
	return findings{"alpha": is(b.Alpha), "beta": is(b.Beta), "mean_of_shares": known(mean), "sd_of_shares": known(sd), "status": b.Status}
}
