package compare

import (
	"fmt"
	"math/rand/v2"
	"time"

	"aftercall/ivr/layout"
	"aftercall/scoring"
)

// scale is that of the shipped layouts.
var scale = layout.Scale{Name: "service", Verdicts: []layout.Verdict{
	{ID: "dissatisfied", Value: 1}, {ID: "fair", Value: 2},
	{ID: "satisfied", Value: 3, Satisfied: true}, {ID: "very_satisfied", Value: 4, Satisfied: true},
}}

// menu makes a layout that reads verdicts by key, "1 satisfied", with a pause
// between them.
func menu(name string, pause time.Duration, options ...string) layout.Definition {
	l := layout.Layout{Name: name, Question: "service", Wait: layout.Delay(5 * time.Second), BargeIn: true}
	for _, o := range options {
		var key, verdict string
		if _, err := fmt.Sscan(o, &key, &verdict); err != nil {
			panic(err)
		}
		l.Options = append(l.Options, layout.Option{Key: key, Verdict: verdict, Pause: layout.Delay(pause)})
	}
	return layout.Definition{Layout: l, Question: layout.Question{Name: "service", Scale: "service"}, Scale: scale}
}

const half = 500 * time.Millisecond

// The shipped layouts.
var (
	habit      = menu("habit", half, "1 satisfied", "2 fair", "3 dissatisfied")
	gap        = menu("gap", 3*time.Second, "1 satisfied", "2 fair", "3 dissatisfied")
	worstFirst = menu("worst-first", half, "3 dissatisfied", "2 fair", "1 satisfied")
	reversed   = menu("reversed", half, "1 dissatisfied", "2 fair", "3 satisfied")
	strict     = menu("strict", half, "5 very_satisfied", "3 satisfied", "1 dissatisfied")

	presets = []layout.Definition{habit, gap, worstFirst}
)

func arm(d layout.Definition) Arm {
	return Arm{Name: d.Layout.Name, Versions: []string{"v-" + d.Layout.Name}, Definition: d}
}

// result is how a question can end, and after how many options.
type result struct {
	name  string
	heard int
}

// chances is the probability of each result under one layout.
type chances map[result]float64

// answers gives chances of an answer, with shares of the verdicts among those
// who answer; the silent half hangs up, some after one option.
func answers(answer, satisfied, fair, dissatisfied, hangUpAfterOne float64) chances {
	silent := 1 - answer
	return chances{
		{"satisfied", 1}: answer * satisfied, {"fair", 2}: answer * fair, {"dissatisfied", 3}: answer * dissatisfied,
		{"hangup", 1}: hangUpAfterOne, {"no_input", 3}: silent - hangUpAfterOne,
	}
}

// world is an experiment as it runs: what it would have stored.
type world struct {
	rnd   *rand.Rand
	in    Input
	cells map[scoring.DayCount]int64
}

const firstDay = "2026-03-02"

// newWorld makes an experiment over some layouts in one queue.
func newWorld(seed uint64, size int64, definitions ...layout.Definition) *world {
	w := &world{rnd: rand.New(rand.NewPCG(seed, 5)), cells: map[scoring.DayCount]int64{}}
	e := &scoring.Experiment{Name: "test", Question: "service", Size: size, Ratings: size * 7 / 10}
	for _, d := range definitions {
		w.in.Arms = append(w.in.Arms, arm(d))
		e.Layouts = append(e.Layouts, d.Layout.Name)
	}
	w.in.Question, w.in.Experiment = "service", e
	return w
}

// epoch begins an epoch of a queue with these weights.
func (w *world) epoch(queue string, weights ...int) int64 {
	e := scoring.Epoch{ID: int64(len(w.in.Epochs) + 1), Queue: queue, Question: "service", Experiment: "test"}
	for i, a := range w.in.Arms {
		e.Arms = append(e.Arms, scoring.EpochArm{Layout: a.Name, Version: a.Versions[0], Weight: weights[i]})
	}
	w.in.Epochs = append(w.in.Epochs, e)
	return e.ID
}

// day gives the civil date n days after the first.
func day(n int) string {
	t, _ := time.Parse(time.DateOnly, firstDay)
	return t.AddDate(0, 0, n).Format(time.DateOnly)
}

// calls has n callers come to an epoch on a day; each arm's chances are given.
func (w *world) calls(epoch int64, on, n int, of ...chances) {
	e := w.in.Epochs[epoch-1]
	order := make([][]result, len(of))
	upTo := make([][]float64, len(of)) // chance of a result or one before it
	ended := make([][]int64, len(of))
	for i, c := range of {
		order[i] = inOrder(c)
		ended[i] = make([]int64, len(order[i]))
		sum := 0.0
		for _, r := range order[i] {
			sum += c[r]
			upTo[i] = append(upTo[i], sum)
		}
	}
	total := 0
	for _, a := range e.Arms {
		total += a.Weight
	}
	for range n {
		at, i := w.rnd.IntN(total), 0
		for at >= e.Arms[i].Weight {
			at -= e.Arms[i].Weight
			i++
		}
		u, k := w.rnd.Float64(), 0
		for k+1 < len(upTo[i]) && u >= upTo[i][k] {
			k++
		}
		ended[i][k]++
	}
	for i := range ended {
		for k, n := range ended[i] {
			w.count(e, on, i, order[i][k], n)
		}
	}
}

// count adds to one cell.
func (w *world) count(e scoring.Epoch, on, arm int, r result, n int64) {
	if n == 0 {
		return
	}
	w.cells[scoring.DayCount{Queue: e.Queue, Epoch: e.ID, Day: day(on), Version: w.in.Arms[arm].Versions[0], Language: "en", Result: r.name, Heard: r.heard}] += n
}

// input is what the roll-ups would hold.
func (w *world) input() Input {
	in := w.in
	in.Days = nil
	for c, n := range w.cells {
		c.N = n
		in.Days = append(in.Days, c)
	}
	in.Today = day(1000)
	return in
}

func inOrder(c chances) []result {
	var all []result
	for _, r := range []result{{"satisfied", 1}, {"fair", 2}, {"dissatisfied", 3}, {"hangup", 1}, {"no_input", 3}} {
		if c[r] > 0 {
			all = append(all, r)
		}
	}
	return all
}
