package asterisk

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"aftercall/ivr/survey"
	"aftercall/scoring"
	"aftercall/scoring/metrics"
)

// call is one caller in the application. Its goroutine (run) owns the survey;
// others only tell it what arrived.
type call struct {
	node     *Node
	channel  string
	id       scoring.CallID
	log      *slog.Logger
	inbox    chan arrival
	entry    entry
	asking   *Asking // when the caller came
	survey   *survey.Survey
	alarm    *time.Timer
	due      time.Time // of the alarm
	serial   int64     // of the call on this node
	over     bool      // the channel left the application, or was lost; guarded by the node's lock
	free     bool      // Asterisk took the channel back
	byOthers bool      // not the caller ends the channel: Asterisk is shut down, or somebody told it to

	generation int // how often the survey was taken up again by another run

	play   int       // list on the air
	listAt time.Time // its start by Asterisk's clock
	itemAt time.Time // start of its current sound by Asterisk's clock
}

// tell hands something to the call without ever waiting for it, and says what
// became of it.
func (c *call) tell(a arrival) (result string) {
	select {
	case c.inbox <- a:
		return metrics.Handled
	default:
		c.log.Error("a call's queue of events is full: one was dropped")
		return metrics.Dropped
	}
}

// lose ends a call whose channel is known to be gone although nothing said so.
// The node's lock is held.
func (c *call) lose() {
	c.over = true
	c.tell(arrival{time.Now(), survey.Left{Reason: scoring.Lost}})
}

// run carries the call from its entry to its end. Every request and every
// write in it has a time limit, and the survey sets itself an alarm for
// everything it waits for, so it ends.
func (c *call) run(ctx context.Context, args arguments) {
	begin, ok := c.begin(ctx, args)
	if !ok {
		return
	}
	c.alarm = time.NewTimer(time.Hour)
	defer c.alarm.Stop()
	s, first := begin(time.Now())
	c.survey = s
	c.follow(ctx, c.carryOut(ctx, first))
	for !c.survey.Done() {
		select {
		case a := <-c.inbox:
			c.hear(ctx, a)
		case <-c.alarm.C:
			c.wakeUp(ctx)
		}
	}
}

// An alarm that is heldUp late rings when the whole service stood still: what
// Asterisk said meanwhile has not been read yet, and has catchUp to come first.
const (
	heldUp  = time.Second
	catchUp = 500 * time.Millisecond
)

// wakeUp tells the survey that its alarm rang. A key that came in time counts,
// however late we are.
func (c *call) wakeUp(ctx context.Context) {
	if time.Since(c.due) > heldUp {
		c.wakeAt(time.Now().Add(catchUp))
		return
	}
	for len(c.inbox) > 0 {
		c.hear(ctx, <-c.inbox)
	}
	c.step(ctx, time.Now(), survey.Wakeup{})
}

func (c *call) wakeAt(at time.Time) {
	c.due = at
	c.alarm.Reset(time.Until(at))
}

func (c *call) hear(ctx context.Context, a arrival) {
	if event := c.translate(a.event); event != nil {
		c.step(ctx, a.at, event)
	}
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
			c.wakeAt(cmd.At)
		case survey.Play:
			if !c.start(ctx, cmd) {
				came = append(came, survey.Finished{Play: cmd.ID, Failed: true})
			}
		case survey.StopPlay:
			c.stop(ctx, cmd.ID)
		case survey.Release:
			c.letGo(ctx)
		case survey.Save:
			came = append(came, survey.Saved{Save: cmd.ID, Failed: !c.save(ctx, cmd)})
		}
	}
	return came
}

// start plays a list in one request, and reports false if that failed. Then
// the list may play all the same, and is stopped. A channel that is gone needs
// nothing: its end is coming.
func (c *call) start(ctx context.Context, p survey.Play) bool {
	media := make([]string, len(p.Items))
	for i, it := range p.Items {
		media[i] = it.Media
	}
	c.play, c.listAt, c.itemAt = p.ID, time.Time{}, time.Time{}
	if c.request(func() error { return c.node.client.play(ctx, c.channel, c.playback(p.ID), media) }) {
		return true
	}
	c.stop(ctx, p.ID)
	return false
}

func (c *call) stop(ctx context.Context, list int) {
	c.request(func() error { return c.node.client.stop(ctx, c.playback(list)) })
}

// request reports whether a request went well enough to go on. Nothing is
// sent to a channel that left: it may be in its next visit by now.
func (c *call) request(send func() error) bool {
	if c.hasLeft() {
		return true
	}
	err := send()
	if err == nil || errors.Is(err, ErrGone) {
		return true
	}
	c.log.Error("a request to Asterisk failed", "error", err)
	return false
}

// letGo gives the caller back to the dialplan, unless Asterisk has said yes
// to that before.
func (c *call) letGo(ctx context.Context) {
	if !c.free {
		c.free = c.request(func() error { return c.node.client.proceed(ctx, c.channel) })
	}
}

func (c *call) hasLeft() bool {
	c.node.mu.Lock()
	defer c.node.mu.Unlock()
	return c.over
}

// save makes what it is given durable.
func (c *call) save(ctx context.Context, s survey.Save) bool {
	_, err := c.write(ctx, scoring.Record{ID: c.id, Answers: s.Answers, Keypresses: s.Keypresses, End: s.End, Resumed: s.Resumed})
	if s.End != nil {
		c.node.surveys.Meter.Ended(s.End.Reason)
		if s.End.Reason == scoring.AudioFailed {
			c.log.Warn("a prompt did not play: aftercall prompts check tells which sounds this Asterisk lacks")
		}
		c.log.Info("survey ended", "reason", s.End.Reason)
	}
	return err == nil
}
