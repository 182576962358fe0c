package asterisk

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"aftercall/ivr/survey"
	"aftercall/scoring"
	"aftercall/scoring/metrics"

	"github.com/CyCoreSystems/ari/v5"
)

// call is one caller in the application. Its goroutine (run) owns the survey;
// others only tell it what arrived.
type call struct {
	node    *Node
	channel string
	id      scoring.CallID
	log     *slog.Logger
	inbox   chan arrival
	survey  *survey.Survey
	alarm   *time.Timer
	serial  int64     // of the call on this node: keeps the lists of two visits of one channel apart
	over    bool      // the channel left the application; guarded by the node's lock
	play    int       // list on the air
	listAt  time.Time // its start by Asterisk's clock
	itemAt  time.Time // start of its current sound by Asterisk's clock
}

// tell hands something to the call without ever waiting for it.
func (c *call) tell(a arrival) {
	select {
	case c.inbox <- a:
		c.node.surveys.Meter.Event(metrics.Handled)
	default:
		c.node.surveys.Meter.Event(metrics.Dropped)
		c.log.Error("a call's queue of events is full: one was dropped")
	}
}

// enter begins the survey of a caller who came into the application.
func (n *Node) enter(ctx context.Context, at time.Time, e *ari.StasisStart) {
	c := &call{node: n, channel: e.Channel.ID, inbox: make(chan arrival, inboxBound)}
	args := parse(e.Args, c.channel)
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
		n.proceed(c.channel)
		return
	}
	n.surveys.Meter.Active(1)
	n.running.Go(func() {
		defer n.leave(c)
		c.run(context.WithoutCancel(ctx), at, e, args)
	})
}

// admit puts a call on the list of those in progress. It says why not, or
// that the channel's survey is in progress already: the event came twice.
func (n *Node) admit(c *call) (refuse string, again bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	// A caller who left may come back before the end of the last visit is
	// stored.
	if old := n.calls[c.channel]; old != nil && !old.over {
		return "", true
	}
	if c.id.UniqueID == "" || len(c.id.UniqueID) > scoring.MaxID {
		return metrics.Unusable, false
	}
	if len(n.calls) >= MaxActive {
		return metrics.Overloaded, false
	}
	n.serial++
	c.serial = n.serial
	n.calls[c.channel] = c
	return "", false
}

func (n *Node) leave(c *call) {
	n.surveys.Meter.Active(-1)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.calls[c.channel] == c {
		delete(n.calls, c.channel)
	}
}

// run carries the call from its entry to its end. Every request and every
// write in it has a time limit, and the survey sets itself an alarm for
// everything it waits for, so it ends.
func (c *call) run(ctx context.Context, at time.Time, e *ari.StasisStart, args arguments) {
	plan, ok := c.begin(ctx, at, e, args)
	if !ok {
		return
	}
	c.alarm = time.NewTimer(time.Hour)
	defer c.alarm.Stop()
	s, first := survey.New(time.Now(), plan)
	c.survey = s
	c.follow(ctx, c.carryOut(ctx, first))
	if c.node.isStopping() {
		c.step(ctx, time.Now(), survey.Stop{})
	}
	for !c.survey.Done() {
		select {
		case a := <-c.inbox:
			if event := c.translate(a.event); event != nil {
				c.step(ctx, a.at, event)
			}
		case <-c.alarm.C:
			c.step(ctx, time.Now(), survey.Wakeup{})
		}
	}
}

func (n *Node) isStopping() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.stopping
}

// begin stores who came and what they will be asked, before any audio. It
// reports false if the caller was sent on unasked.
func (c *call) begin(ctx context.Context, at time.Time, e *ari.StasisStart, args arguments) (survey.Plan, bool) {
	s := c.node.surveys
	queue, known := s.Book.Queue(args.queue)
	if !known {
		args.faults = append(args.faults, "queue")
	}
	if args.language == "" {
		args.language = e.Channel.Language
	}
	language, known := s.Book.Language(args.language)
	if !known {
		args.faults = append(args.faults, "language")
	}
	for _, name := range args.faults {
		s.Meter.Argument(name)
	}
	if len(args.faults) > 0 {
		c.log.Warn("arguments from the dialplan could not be used as they came", "arguments", args.faults)
	}
	plan, given, name := s.Book.Plan(c.id, queue, language)
	for i := range given {
		given[i].Epoch = s.Epochs[survey.Split{Queue: queue, Question: given[i].Question}]
	}
	r := scoring.Record{ID: c.id, Assignments: given, Call: &scoring.Call{
		LinkedID: args.linkedID, Node: c.node.server.Name, Channel: cut(e.Channel.Name, scoring.MaxName),
		Queue: queue, Agent: args.agent, Survey: name, Language: language, Codec: args.codec,
		TalkMS: args.talkMS, Test: args.test, StartedAt: at, Day: scoring.Day(at, s.Zone),
	}}
	r.Born = c.node.declare(args.agent.ID, queue, args.test)
	receipt, err := c.write(ctx, r)
	switch {
	case err != nil:
		s.Meter.Ended(scoring.StoreFailed)
		c.node.proceed(c.channel)
		return plan, false
	case receipt.Known:
		s.Meter.Unasked(metrics.Known)
		c.log.Warn("caller sent on unasked: this visit is in the store already; does the dialplan count visits?")
		c.node.proceed(c.channel)
		return plan, false
	case receipt.Spilled:
		c.node.proceed(c.channel)
		c.unasked(ctx, given)
		return plan, false
	}
	return plan, true
}

// unasked closes a call that the store did not take: the caller is not asked,
// and the record says why.
func (c *call) unasked(ctx context.Context, given []scoring.Assignment) {
	now := time.Now()
	r := scoring.Record{ID: c.id, End: &scoring.End{Reason: scoring.StoreFailed, At: now}}
	for i, a := range given {
		o := scoring.NotReached
		if i == 0 {
			o = scoring.Failed
		}
		r.Answers = append(r.Answers, scoring.Answer{Question: a.Question, Outcome: o, At: now})
	}
	_, _ = c.write(ctx, r) // write says in the log what failed
	c.node.surveys.Meter.Ended(scoring.StoreFailed)
}

func (c *call) write(ctx context.Context, r scoring.Record) (scoring.Receipt, error) {
	begun := time.Now()
	receipt, err := c.node.surveys.Write(ctx, r)
	if err != nil {
		c.log.Error("a record was not stored", "error", err)
		return receipt, err
	}
	c.node.surveys.Meter.Wrote(time.Since(begun))
	return receipt, nil
}

// step tells the survey what happened and does what it asks for.
func (c *call) step(ctx context.Context, at time.Time, e survey.Event) {
	c.follow(ctx, c.carryOut(ctx, c.survey.Step(at, e)))
}

// follow tells the survey what came of its commands, until nothing comes.
func (c *call) follow(ctx context.Context, events []survey.Event) {
	for len(events) > 0 {
		e := events[0]
		events = append(events[1:], c.carryOut(ctx, c.survey.Step(time.Now(), e))...)
	}
}

// carryOut does what the survey asks for, in order, and returns what came of
// it.
func (c *call) carryOut(ctx context.Context, out []survey.Command) (came []survey.Event) {
	for _, cmd := range out {
		switch cmd := cmd.(type) {
		case survey.Wake:
			c.alarm.Reset(time.Until(cmd.At))
		case survey.Play:
			if !c.start(ctx, cmd) {
				came = append(came, survey.Finished{Play: cmd.ID, Failed: true})
			}
		case survey.StopPlay:
			c.request(c.node.client.stop(ctx, c.playback(cmd.ID)))
		case survey.Release:
			c.request(c.node.client.proceed(ctx, c.channel))
		case survey.Save:
			came = append(came, survey.Saved{Save: cmd.ID, Failed: !c.save(ctx, cmd)})
		}
	}
	return came
}

// start plays a list in one request, and reports false if Asterisk refuses
// it. A channel that is gone needs nothing: its end is coming.
func (c *call) start(ctx context.Context, p survey.Play) bool {
	media := make([]string, len(p.Items))
	for i, it := range p.Items {
		media[i] = it.Media
	}
	c.play, c.listAt, c.itemAt = p.ID, time.Time{}, time.Time{}
	return c.request(c.node.client.play(ctx, c.channel, c.playback(p.ID), media))
}

// request reports whether a request went well enough to go on.
func (c *call) request(err error) bool {
	if err == nil || errors.Is(err, ErrGone) {
		return true
	}
	c.log.Error("a request to Asterisk failed", "error", err)
	return false
}

// save makes what it is given durable.
func (c *call) save(ctx context.Context, s survey.Save) bool {
	_, err := c.write(ctx, scoring.Record{ID: c.id, Answers: s.Answers, Keypresses: s.Keypresses, End: s.End})
	if s.End != nil {
		c.node.surveys.Meter.Ended(s.End.Reason)
		c.log.Info("survey ended", "reason", s.End.Reason)
	}
	return err == nil
}
