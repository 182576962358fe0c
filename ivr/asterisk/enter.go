package asterisk

import (
	"context"
	"slices"
	"time"

	"aftercall/ivr/survey"
	"aftercall/scoring"
	"aftercall/scoring/metrics"
)

// entry is a caller in the application, as its event or Asterisk itself says.
type entry struct {
	at       time.Time // when we heard of it
	channel  string    // id
	name     string    // of the channel
	language string    // of the channel, as Asterisk knows it
	args     []string  // of Stasis()
	stamped  time.Time // by Asterisk's clock; zero = not known
	until    time.Time // the dialplan takes the caller back then; zero = not known
	inquiry  *inquiry  // that told of the caller; nil = an event did
	caller   scoring.Caller
}

func entryOf(at time.Time, e *said, keep Keep) entry {
	return entry{at: at, stamped: e.at, channel: e.Channel.ID, name: e.Channel.Name, language: e.Channel.Language, args: e.Args,
		caller: keep.of(e.Channel.Caller.Number)}
}

// enter begins the survey of a caller who is in the application.
func (n *Node) enter(ctx context.Context, e entry) {
	c := &call{node: n, channel: e.channel, entry: e, first: stamp{e.stamped, e.at}, asking: n.surveys.Asking(), inbox: make(chan arrival, inboxBound)}
	args := parse(e.args, c.channel)
	c.id = args.id
	c.log = n.surveys.Log.With("call", c.id.String())
	refuse, again := n.admit(c)
	switch {
	case again:
		n.surveys.Meter.Event(metrics.Ignored)
		return
	case refuse != "":
		n.surveys.Meter.Unasked(refuse)
		c.log.Error("caller sent on unasked", "reason", refuse)
		n.helpers.Go(func() { n.sendOn(c.channel, c) }) // the events of everybody else must not wait for it
		return
	}
	n.surveys.Meter.Active(1)
	go func() {
		defer n.running.Done()
		defer n.leave(c)
		c.run(context.WithoutCancel(ctx), args)
	}()
}

// admit puts a call on the list of those in progress and counts it as
// running. It says why not, or that the channel's survey is in progress
// already: the event came twice, or what Asterisk was asked is out of date.
func (n *Node) admit(c *call) (refuse string, again bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if i := c.entry.inquiry; i == nil {
		n.outdate(c.channel)
	} else if i.stale {
		return "", true
	}
	// A caller who left may come back before the end of the last visit is
	// stored.
	if old := n.calls[c.channel]; old != nil && !old.over {
		if old.id == c.id {
			return "", true
		}
		old.lose() // it is the next visit: the end of this one did not reach us
	}
	switch {
	case n.led[c.id]: // its records are still being written: others among them would be of two surveys
		return metrics.Known, false
	case n.stopping:
		return metrics.Stopping, false
	case c.channel == "", c.id.UniqueID == "", len(c.id.UniqueID) > scoring.MaxID:
		return metrics.Unusable, false
	case len(n.calls) >= MaxActive:
		return metrics.Overloaded, false
	}
	n.running.Add(1)
	n.serial++
	c.serial = n.serial
	n.calls[c.channel], n.led[c.id] = c, true
	return "", false
}

func (n *Node) leave(c *call) {
	n.surveys.Meter.Active(-1)
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.led, c.id)
	if n.calls[c.channel] == c {
		delete(n.calls, c.channel)
	}
}

// starter begins the survey of one call at a time.
type starter func(now time.Time) (machine, []survey.Command)

// begin stores who came and what they will be asked, before any audio, or
// takes up what an earlier run left open. It reports false if the caller was
// sent on unasked.
func (c *call) begin(ctx context.Context, args arguments) (starter, bool) {
	s := c.node.surveys
	if row, left := s.Left.Take(c.id); left {
		return c.resume(ctx, row)
	}
	r := c.record(args)
	receipt, err := c.write(ctx, r)
	switch {
	case err != nil: // which may have reached the store all the same, or may do so yet
		c.node.sendOn(c.channel, c)
		c.unasked(ctx, r)
		return nil, false
	case len(r.Born) > 0:
		c.node.declared(c.asking, r.Call.Agent.ID, r.Call.Queue)
	}
	switch {
	case receipt.Known:
		s.Meter.Unasked(metrics.Known)
		c.log.Warn("caller sent on unasked: this visit is in the store already; does the dialplan count visits?")
		c.node.sendOn(c.channel, c)
		return nil, false
	case receipt.Spilled:
		c.node.sendOn(c.channel, c)
		c.unasked(ctx, r)
		return nil, false
	}
	plan, _, _ := c.asking.Book.Plan(c.id, r.Call.Queue, r.Call.Language)
	return func(now time.Time) (machine, []survey.Command) {
		return c.node.open(now, plan, survey.Interrupted{Until: c.entry.until})
	}, true
}

// record says who came and what they will be asked.
func (c *call) record(args arguments) scoring.Record {
	s, book := c.node.surveys, c.asking.Book
	queue, known := book.Queue(args.queue)
	if !known && !slices.Contains(args.faults, "queue") {
		args.faults = append(args.faults, "queue")
	}
	if args.language == "" {
		args.language = c.entry.language
	}
	language, known := book.Language(queue, args.language)
	if !known {
		args.faults = append(args.faults, "language")
	}
	day := scoring.Day(c.entry.at, s.Zone)
	args.resolve(c.asking.Roster, day)
	for _, name := range args.faults {
		s.Meter.Argument(name)
	}
	if len(args.faults) > 0 {
		c.log.Warn("arguments from the dialplan could not be used as they came", "arguments", args.faults)
	}
	_, given, name := book.Plan(c.id, queue, language)
	for i := range given {
		given[i].Epoch = c.asking.Epochs[survey.Split{Queue: queue, Question: given[i].Question}]
	}
	r := scoring.Record{ID: c.id, Assignments: given, Call: &scoring.Call{
		LinkedID: args.linkedID, Node: c.node.server.Name, Trunk: trunk(c.entry.name),
		Queue: queue, Agent: args.agent, Earlier: args.earlier, Survey: name, Language: language, Codec: args.codec,
		TalkMS: args.talkMS, Test: args.test, StartedAt: c.entry.at, Day: day, Caller: c.entry.caller,
	}}
	r.Born = c.node.unborn(c.asking, args.agent.ID, queue, args.test)
	return r
}

// unasked closes a call that the store did not take, or whose fate there is
// not known: the caller is not asked, and the record says why.
func (c *call) unasked(ctx context.Context, r scoring.Record) {
	now := c.when(time.Now())
	r.End = &scoring.End{Reason: scoring.StoreFailed, At: now}
	for i, a := range r.Assignments {
		o := scoring.NotReached
		if i == 0 {
			o = scoring.Failed
		}
		r.Answers = append(r.Answers, scoring.Answer{Question: a.Question, Outcome: o, At: now})
	}
	_, _ = c.write(ctx, r) // write says in the log what failed
	c.node.surveys.Meter.Ended(scoring.StoreFailed)
}
