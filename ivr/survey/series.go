package survey

import (
	"slices"
	"strconv"

	"aftercall/ivr/layout"
	"aftercall/scoring"
)

// Series lists the totals of every layout in every queue, so that they stand
// at 0 before the first call.
func (b *Book) Series() []scoring.Series {
	var out []scoring.Series
	for _, q := range b.queues() {
		s, _ := b.catalogue.Survey(q.Survey)
		for _, question := range s.Questions {
			for _, a := range b.catalogue.Arms(q, question) {
				of := scoring.Series{Question: question, Layout: a.Layout, Queue: q.Name}
				out = append(out, results(of, scoring.LayoutOutcome, scoring.LayoutVerdict, b.rates(a.Layout))...)
			}
		}
	}
	for _, l := range b.catalogue.Layouts {
		for _, key := range meant(l) {
			out = append(out, scoring.Series{Kind: scoring.LayoutKey, Layout: l.Name, Label: key})
		}
		for _, key := range layout.Keys {
			out = append(out, scoring.Series{Kind: scoring.LayoutWrong, Layout: l.Name, Label: string(key)})
		}
		for heard := range len(l.Options) + 1 {
			out = append(out, scoring.Series{Kind: scoring.LayoutHangup, Layout: l.Name, Label: strconv.Itoa(heard)})
		}
		out = append(out, scoring.Series{Kind: scoring.LayoutMS, Layout: l.Name})
	}
	return out
}

// meant lists the keys that can mean something in a layout, each once: those
// of the step to confirm may be those of options.
func meant(l layout.Layout) []string {
	var keys []string
	for _, o := range l.Options {
		keys = append(keys, o.Key)
	}
	for _, a := range l.Actions {
		keys = append(keys, a.Key)
	}
	if l.Confirm != nil {
		keys = append(keys, l.Confirm.Key, l.Confirm.Again)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// AgentSeries lists the totals of one agent who is rated on the primary
// question of a queue's survey.
func (b *Book) AgentSeries(agent, queue string) []scoring.Series {
	q, _ := b.catalogue.Queue(queue)
	s, _ := b.catalogue.Survey(q.Survey)
	question, _ := b.catalogue.Question(s.Primary)
	scale, _ := b.catalogue.Scale(question.Scale)
	var verdicts []string
	for _, v := range scale.Verdicts {
		verdicts = append(verdicts, v.ID)
	}
	all := results(scoring.Series{Agent: agent}, scoring.AgentOutcome, scoring.AgentVerdict, verdicts)
	if len(s.Questions) == 0 || s.Questions[0] != s.Primary {
		return all
	}
	// A question that comes first is always reached.
	return slices.DeleteFunc(all, func(x scoring.Series) bool { return x.Label == string(scoring.NotReached) })
}

// rates lists the verdicts that a layout has a key for.
func (b *Book) rates(name string) []string {
	l, _ := b.catalogue.Layout(name)
	var verdicts []string
	for _, o := range l.Options {
		verdicts = append(verdicts, o.Verdict)
	}
	return verdicts
}

// results gives one series for each outcome and each verdict.
func results(of scoring.Series, outcome, verdict scoring.Kind, verdicts []string) []scoring.Series {
	var out []scoring.Series
	for _, o := range scoring.Outcomes {
		of.Kind, of.Label = outcome, string(o)
		out = append(out, of)
	}
	for _, v := range verdicts {
		of.Kind, of.Label = verdict, v
		out = append(out, of)
	}
	return out
}
