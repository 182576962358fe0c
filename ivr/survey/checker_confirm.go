package survey

import (
	"fmt"
	"maps"
	"slices"

	"aftercall/ivr/layout"
	"aftercall/scoring"
)

// told is what a caller was told to have chosen; zero once the menu was read
// again or the question is settled.
type told struct{ question, key string }

// tell: a choice is read back with its own sentence, while its question is
// open, and a bounded number of times.
func (c *Checker) tell(items []layout.Item) error {
	switch last := items[len(items)-1]; last.Part {
	case layout.OptionPart:
		c.told = told{}
	case layout.ConfirmPart:
		i := slices.IndexFunc(c.plan.Questions, func(q Ask) bool {
			_, settled := c.answers[q.Layout.Question]
			return !settled
		})
		if i < 0 {
			return fmt.Errorf("choice %d read back with no question open", last.Option)
		}
		ask := c.plan.Questions[i]
		if n := last.Option; n < 1 || n > len(ask.Sound.Confirm) || !slices.Equal(items, ask.Sound.Confirm[n-1]) {
			return fmt.Errorf("question %q: choice %d read back as %+v", ask.Layout.Question, n, items)
		}
		c.told = told{ask.Layout.Question, ask.Layout.Options[last.Option-1].Key}
		c.tells[c.told.question]++
		if n := c.tells[c.told.question]; n > ask.Layout.Confirmations()+Resumptions {
			return fmt.Errorf("question %q: a choice read back %d times", c.told.question, n)
		}
	}
	return nil
}

// asTold: what the caller was told to have chosen is what is stored, however
// the call went on; and where the layout asks for it, nobody rates untold who
// could still choose again.
func (c *Checker) asTold(ask Ask, a scoring.Answer) error {
	var said, heard told
	if a.Outcome == scoring.Rated && c.backs(a.Question) < ask.Layout.Confirmations() {
		said = told{a.Question, a.Entry}
	}
	if c.told.question == a.Question {
		heard, c.told = c.told, told{}
	}
	if a.Outcome != scoring.Rated && c.withdrawn(a.Question) {
		heard = told{}
	}
	if heard != said {
		return fmt.Errorf("question %q: told %+v, and the answer is %+v", a.Question, heard, a)
	}
	return nil
}

// backs is how many choices of a question were taken back.
func (c *Checker) backs(question string) (n int) {
	for _, k := range c.stored {
		if k.Question == question && k.Use == scoring.TakenBack {
			n++
		}
	}
	return n
}

// withdrawn: the last choice of a question was taken back, if the sentence
// that told of it was not read to its end.
func (c *Checker) withdrawn(question string) bool {
	var last scoring.Use
	for _, seq := range slices.Sorted(maps.Keys(c.stored)) {
		if k := c.stored[seq]; k.Question == question && (k.Use == scoring.Accepted || k.Use == scoring.TakenBack) {
			last = k.Use
		}
	}
	return last == scoring.TakenBack
}

// takenBack: a choice was taken back by the key for it, in the reading in
// which it was made, before there was another, and not oftener than the layout
// allows.
func (c *Checker) takenBack() error {
	chosen, backs := map[string]scoring.Keypress{}, map[string]int{}
	for _, seq := range slices.Sorted(maps.Keys(c.stored)) {
		k := c.stored[seq]
		open, is := chosen[k.Question]
		ask, ok := c.ask(k.Question)
		if !ok {
			return fmt.Errorf("key %+v of a question that is not in the plan", k)
		}
		switch l := ask.Layout; {
		case k.Use == scoring.TakenBack:
			if _, rates := l.Option(k.Key); is || !rates || l.Confirm == nil {
				return fmt.Errorf("key %+v taken back, with %+v open", k, open)
			}
			chosen[k.Question] = k
		case is && k.Use == scoring.Accepted:
			return fmt.Errorf("key %+v accepted, with %+v open", k, open)
		case is && k.Use == scoring.Action && k.Key == l.Confirm.Again && k.Reading == open.Reading:
			delete(chosen, k.Question)
			if backs[k.Question]++; backs[k.Question] > l.Confirm.Times {
				return fmt.Errorf("question %q: %d choices taken back", k.Question, backs[k.Question])
			}
		}
	}
	for _, k := range chosen {
		return fmt.Errorf("key %+v taken back by no other key", k)
	}
	return nil
}
