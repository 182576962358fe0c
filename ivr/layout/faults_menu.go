package layout

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

func (k *checker) delay(path string, d Delay, least, most time.Duration) {
	if f := d.fault(least, most); f != "" {
		k.add(path, "%s", f)
	}
}

func (k *checker) layout(path string, l Layout) {
	q, ok := k.c.Question(l.Question)
	if !ok {
		k.add(path, "question %q is not defined", l.Question)
	}
	scale, _ := k.c.Scale(q.Scale)
	k.delay(path+": lead_in", l.LeadIn, 0, MaxPause)
	k.delay(path+": ask_pause", l.AskPause, 0, MaxPause)
	k.delay(path+": wait", l.Wait, MinWait, MaxWait)
	k.texts(path+": phrase", l.Phrase, "{label}", "{key}")
	if n := len(l.Options); n < 2 || n > MaxOptions {
		k.add(path, "has %d options, want 2 to %d", n, MaxOptions)
	}
	keys, verdicts := map[string]bool{}, map[string]bool{}
	for i, o := range l.Options {
		p := fmt.Sprintf("%s: option %d", path, i+1)
		k.key(p, o.Key, keys)
		k.delay(p+": pause", o.Pause, 0, MaxPause)
		if _, known := scale.Verdict(o.Verdict); ok && !known {
			k.add(p, "verdict %q is not on scale %q", o.Verdict, q.Scale)
		} else if verdicts[o.Verdict] {
			k.add(p, "verdict %q is used twice", o.Verdict)
		}
		verdicts[o.Verdict] = true
	}
	for i, a := range l.Actions {
		p := fmt.Sprintf("%s: action %d", path, i+1)
		k.key(p, a.Key, keys)
		if a.Do != Repeat {
			k.add(p, "do %q, want %q", a.Do, Repeat)
		}
		k.times(p, a.Times, 1)
	}
	k.retry(path+": no_input", l.NoInput)
	k.retry(path+": wrong_key", l.WrongKey)
	if l.Confirm != nil {
		k.confirm(path+": confirm", *l.Confirm)
	}
}

// confirm checks the step by itself: its keys may be those of options, which
// mean something else at another time.
func (k *checker) confirm(path string, c Confirm) {
	k.texts(path+": say", c.Say, "{label}", "{key}", "{again}")
	used := map[string]bool{}
	k.key(path+": key", c.Key, used)
	k.key(path+": again", c.Again, used)
	k.times(path, c.Times, 1)
	k.delay(path+": wait", c.Wait, MinWait, MaxWait)
}

func (k *checker) key(path, key string, used map[string]bool) {
	switch {
	case len(key) != 1 || !strings.Contains(Keys, key):
		k.add(path, "key %q, want one of 0-9 * # in quotes", key)
	case used[key]:
		k.add(path, "key %q is used twice", key)
	}
	used[key] = true
}

func (k *checker) times(path string, n, least int) {
	if n < least || n > MaxRetries {
		k.add(path, "times %d, want %d to %d", n, least, MaxRetries)
	}
}

func (k *checker) retry(path string, r Retry) {
	k.times(path, r.Times, 0)
	if r.Times > 0 {
		k.texts(path+": say", r.Say)
	}
}

func (k *checker) survey(path string, s Survey) {
	if len(s.Questions) == 0 {
		k.add(path, "has no questions, want at least one")
	}
	for i, q := range s.Questions {
		if _, ok := k.c.Question(q); !ok {
			k.add(path, "question %q is not defined", q)
		}
		if slices.Contains(s.Questions[:i], q) {
			k.add(path, "question %q is asked twice", q)
		}
	}
	if !slices.Contains(s.Questions, s.Primary) {
		k.add(path, "primary %q is not one of its questions %v", s.Primary, s.Questions)
	}
	k.delay(path+": thanks_pause", s.ThanksPause, 0, MaxPause)
	k.texts(path+": thanks", s.Thanks)
}

// unknown is the name under which calls of queues that are not listed are
// kept; scoring.Unknown holds the same.
const unknown = "unknown"

func (k *checker) queue(path string, q Queue) {
	if q.Name == unknown {
		k.add(path, "is the name under which calls of queues that are not listed are kept, want another")
	}
	s, ok := k.c.Survey(q.Survey)
	if !ok {
		k.add(path, "survey %q is not defined", q.Survey)
	}
	sum, seen := map[string]int{}, map[string]bool{}
	undefined := false
	for _, a := range q.Layouts {
		l, known := k.c.Layout(a.Layout)
		switch {
		case !known:
			k.add(path, "layout %q is not defined", a.Layout)
			undefined = true
		case seen[a.Layout]:
			k.add(path, "layout %q stands twice", a.Layout)
		case ok && !slices.Contains(s.Questions, l.Question):
			k.add(path, "layout %q asks %q, which is not in survey %q", a.Layout, l.Question, q.Survey)
		}
		seen[a.Layout] = true
		if a.Weight < 0 || a.Weight > 1_000_000 {
			k.add(path, "layout %q: weight %d, want 0 to 1000000", a.Layout, a.Weight)
		}
		sum[l.Question] += max(a.Weight, 0)
	}
	for _, question := range s.Questions {
		if sum[question] == 0 && !undefined {
			k.add(path, "the weights of question %q sum to 0, want at least one layout with a weight above 0", question)
		}
	}
}
