package bench

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// survey holds a whole survey by aftercall, with durable storage, against what
// a user would run instead, on one real Asterisk: the CPU time of Asterisk and
// of the process beside it for each survey. SIPp's callers dial at a steady
// rate, press 1 a second into the menu (which stops), hear a thank-you of 0.9 s
// and are hung up on. All contenders play the same files.
//
//   - a: Read() and Playback() in the dialplan; agent and key go into the call
//     record, which Asterisk writes to SQLite. Its call records are off for the
//     others, which store elsewhere.
//   - b: FastAGI, a script of Python with a thread a caller, that adds a line to
//     a file for each answer.
//   - c: node-ari-client, which stores nothing.
//   - d: aftercall as it is shipped: durable before the thank-you.
//   - e and f: a floor for the service's own share. e does about the least that a
//     process of Go can do on aftercall's wire (its event filter, its four
//     requests, one goroutine), and stores nothing; f waits twice a survey
//     besides, until as many bytes are on the disk as aftercall writes. Neither
//     has layouts, limits, recovery or figures, nor does it read on while it
//     waits: no service could be run like that. What f costs is Go's own,
//     the wire's and the disk's.
//   - g: e made of the libraries that aftercall is made of: requests by net/http,
//     and a row for the caller and one for the key in SQLite, each synced. It
//     writes a quarter of the bytes that f and aftercall write.
//   - h: g with aftercall's own store: all rows, roll-ups and totals. What is
//     between h and d is all that aftercall is but for its store: the survey machine,
//     layouts, a goroutine a call with its limits, metrics, log.
//
// Every caller must have heard the thank-you and every answer must have been
// kept. What the processes do between calls is in the figures; what SIPp, the
// kernel's own threads and the disk do is not.
var survey = Part{Name: "survey", Title: "what a survey costs on a real Asterisk", Run: runSurvey}

// cost is what one contender's surveys cost, by rounds.
type cost struct {
	contender
	asterisk, own, sum, end Series
}

// The contenders by their place.
const (
	byDialplan  = 0
	byOurs      = 3
	byFloor     = 5
	byLibraries = 6
	byStore     = 7
)

func runSurvey(ctx context.Context, s *Suite) (err error) {
	rate, calls, rounds := Pick(s, 20, 12), Pick(s, 140, 6), Pick(s, s.Rounds, 1)
	st, all, err := openStage(ctx, s, (*stage).plain, (*stage).agi, (*stage).node, (*stage).ours, (*stage).bare, (*stage).bareDurable, (*stage).bareByLibraries, (*stage).bareWithStore)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	costs := make([]cost, len(all))
	for i, c := range all {
		costs[i] = cost{contender: c,
			asterisk: Series{Name: c.Name + ": Asterisk", Unit: "ms"}, own: Series{Name: c.Name + ": own process", Unit: "ms"},
			sum: Series{Name: c.Name + ": sum", Unit: "ms"}, end: Series{Name: c.Name, Unit: "ms"}}
		if s.Short {
			continue
		}
		// Everything is read from disk and compiled once.
		if _, err := st.callers(ctx, c, 40, rate); err != nil {
			return err
		}
	}
	for round := range rounds {
		for i := range costs {
			s.Say("survey, %s: round %d of %d", costs[i].Name, round+1, rounds)
			l, err := st.callers(ctx, costs[i].contender, calls, rate)
			if err != nil {
				return err
			}
			costs[i].add(l)
		}
	}
	if err := printCosts(s, costs, calls, rate); err != nil {
		return err
	}
	return st.profiles(ctx, []contender{all[byDialplan], all[byOurs], all[byFloor], all[byLibraries], all[byStore]}, rate)
}

func (c *cost) add(l load) {
	n := float64(len(l.Ends))
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	c.asterisk.Add(ms(l.Asterisk) / n)
	c.sum.Add(ms(l.Asterisk+l.Own) / n)
	if c.PID != nil {
		c.own.Add(ms(l.Own) / n)
	}
	c.end.Add(ms(l.Ends[len(l.Ends)/2]))
}

func printCosts(s *Suite, costs []cost, calls, rate int) error {
	var figures, ends []Series
	for i, c := range costs {
		if i == byOurs {
			c.own.AtMost = 1
		}
		figures = append(figures, c.asterisk)
		if c.PID != nil {
			figures = append(figures, c.own, c.sum)
		}
		if i != byDialplan {
			r := Ratio(c.Name+": sum to a", c.sum, costs[byDialplan].sum)
			if i == byOurs {
				r.AtMost = 1.15
			}
			figures = append(figures, r)
		}
		ends = append(ends, c.end)
	}
	for _, floor := range []int{byFloor, byLibraries, byStore} {
		figures = append(figures, Ratio("d: own process to "+costs[floor].Name[:1], costs[byOurs].own, costs[floor].own))
	}
	title := fmt.Sprintf("CPU time a survey, Asterisk and the process beside it (%d callers a round at %d/s, all thanked, and kept by who stores)", calls, rate)
	if err := s.Print(title, figures...); err != nil {
		return err
	}
	return s.Print("From the caller's key to the hang-up, each round's median: 140 ms of key and 900 ms of thank-you are in it", ends...)
}
