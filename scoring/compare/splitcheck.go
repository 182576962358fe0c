package compare

import (
	"math"
	"slices"

	"aftercall/scoring"
)

// check holds the shares in which calls reached the arms against the weights
// of the epochs, once over what was assigned and once over the menus that
// could begin. It also gives the p of the two together after every day.
func (c *cube) check(epochs []scoring.Epoch) (SplitCheck, []float64) {
	weights, k := c.weights(epochs), SplitCheck{Status: OK}
	var byDay, byDay2 []float64
	k.Assigned, byDay = c.split(weights, assigned)
	k.Started, byDay2 = c.split(weights, started)
	for i := range byDay {
		byDay[i] = math.Min(byDay[i], byDay2[i])
	}
	switch {
	case len(c.strata) == 0:
		k.Status = NoData
	case k.Assigned.P < SplitAlarm || k.Started.P < SplitAlarm:
		k.Failed, k.Status = true, SplitFailed
	}
	return k, byDay
}

// weights gives those of the arms by epoch.
func (c *cube) weights(epochs []scoring.Epoch) map[int64][]float64 {
	weights := map[int64][]float64{}
	for _, e := range epochs {
		weights[e.ID] = weightsOf(e, c.arms)
	}
	return weights
}

// weightsOf gives the weight of each arm in an epoch.
func weightsOf(e scoring.Epoch, arms []Arm) []float64 {
	weights := make([]float64, len(arms))
	for i, a := range arms {
		for _, x := range e.Arms {
			if x.Layout == a.Name {
				weights[i] = float64(x.Weight)
			}
		}
	}
	return weights
}

// SplitByQueue gives the running split check of every queue of an experiment:
// the p, 0 to 1, which is valid at every look at this queue by itself. It is the
// smaller one of the two checks, of what was assigned and of the menus that could
// begin. Queues without surveys are not in it, and nothing is without an
// experiment. [Compare] averages the queues' evidence, so its one p is another
// figure.
func SplitByQueue(in Input) map[string]float64 {
	p := map[string]float64{}
	if in.Experiment == nil {
		return p
	}
	c := newCube(in)
	weights := c.weights(in.Epochs)
	for _, count := range []func(tally) int64{assigned, started} {
		queues, _ := c.watch(weights, count)
		for _, q := range queues {
			if least, ok := p[q.queue]; !ok || q.p < least {
				p[q.queue] = q.p
			}
		}
	}
	return p
}

// What the check counts.
func assigned(t tally) int64 { return t.offered }
func started(t tally) int64  { return t.started }

// queueWatch is the running check of one queue. Its epochs follow each other,
// so their evidence multiplies.
type queueWatch struct {
	queue  string
	epochs []*epochWatch
	p      float64 // the least over the days so far
}

// logBF is the evidence of all epochs, as much as a number can hold at most.
func (q *queueWatch) logBF() float64 {
	var sum float64
	for _, e := range q.epochs {
		sum = math.Min(sum+e.watch.LogBF(), math.MaxFloat64)
	}
	return sum
}

type epochWatch struct {
	id      int64
	weights []float64
	counts  []int64
	watch   *SplitWatch
}

func (q *queueWatch) epoch(id int64, weights []float64) *epochWatch {
	i := slices.IndexFunc(q.epochs, func(e *epochWatch) bool { return e.id == id })
	if i < 0 {
		i = len(q.epochs)
		q.epochs = append(q.epochs, &epochWatch{id: id, weights: weights, counts: make([]int64, len(weights)), watch: NewSplitWatch(weights, nil)})
	}
	return q.epochs[i]
}

// split runs the check of one count over all queues. The queues' Bayes factors
// are averaged: the mean of test martingales is one too, so that one p is
// valid at every look however many queues there are.
func (c *cube) split(weights map[int64][]float64, count func(tally) int64) (Split, []float64) {
	queues, byDay := c.watch(weights, count)
	p := 1.0
	if len(byDay) > 0 {
		p = byDay[len(byDay)-1]
	}
	return Split{P: p, Final: finalP(queues), Worst: worstStratum(queues)}, byDay
}

// watch runs the check of one count in every queue, and gives the p over all
// queues after each day.
func (c *cube) watch(weights map[int64][]float64, count func(tally) int64) (queues []*queueWatch, byDay []float64) {
	of := make([]*epochWatch, len(c.strata))
	for i, s := range c.strata { // ordered by queue
		if len(queues) == 0 || queues[len(queues)-1].queue != s.queue {
			queues = append(queues, &queueWatch{queue: s.queue, p: 1})
		}
		w, ok := weights[s.epoch]
		if !ok {
			w = make([]float64, len(c.arms))
		}
		of[i] = queues[len(queues)-1].epoch(s.epoch, w)
	}
	p := 1.0
	for day := range c.days {
		for i, s := range c.strata {
			if arms := s.on(day); arms != nil {
				of[i].add(arms, count)
			}
		}
		for _, q := range queues {
			q.p = math.Min(q.p, math.Exp(-q.logBF()))
		}
		p = math.Min(p, math.Exp(-meanFactor(queues)))
		byDay = append(byDay, p)
	}
	return queues, byDay
}

func (e *epochWatch) add(arms []tally, count func(tally) int64) {
	today := make([]int64, len(arms))
	for i, t := range arms {
		today[i] = count(t)
		e.counts[i] += today[i]
	}
	e.watch.Add(today)
}

// meanFactor is the logarithm of the mean over the queues of their Bayes
// factors, 0 or more only where there is evidence.
func meanFactor(queues []*queueWatch) float64 {
	logs := make([]float64, len(queues))
	most := math.Inf(-1)
	for i, q := range queues {
		logs[i] = q.logBF()
		most = math.Max(most, logs[i])
	}
	if len(logs) == 0 {
		return 0
	}
	var sum float64
	for _, l := range logs {
		sum += math.Exp(l - most)
	}
	return math.Max(0, most+math.Log(sum/float64(len(logs))))
}

func worstStratum(queues []*queueWatch) SplitStratum {
	worst := SplitStratum{P: 1}
	for _, q := range queues {
		for _, e := range q.epochs {
			if worst.Queue != "" && e.watch.P() >= worst.P {
				continue
			}
			worst = SplitStratum{Queue: q.queue, Epoch: e.id, P: e.watch.P(), Counts: e.counts, Expected: e.expected()}
		}
	}
	return worst
}

// expected is what the weights make of the number of calls.
func (e *epochWatch) expected() []float64 {
	var calls, weights float64
	for i, w := range e.weights {
		calls += float64(e.counts[i])
		weights += w
	}
	out := make([]float64, len(e.weights))
	for i, w := range e.weights {
		out[i] = ratio(calls*w, weights)
	}
	return out
}

// finalP sums the chi-square statistics of all epochs; 0 if calls reached an
// arm that has no weight.
func finalP(queues []*queueWatch) float64 {
	var chi2, df float64
	for _, q := range queues {
		for _, e := range q.epochs {
			switch t := SplitFinal(e.counts, e.weights); t.Status {
			case OK:
				chi2 += t.Statistic
				df += t.DF
			case SplitFailed:
				return 0
			}
		}
	}
	if df == 0 {
		return 1
	}
	return chiSquare(chi2, df).P
}
