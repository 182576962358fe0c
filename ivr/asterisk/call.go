package asterisk

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
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
	survey   machine
	alarm    *time.Timer
	due      time.Time // of the alarm
	putOff   int       // times that the alarm was put off
	behind   bool      // Asterisk did not answer when it rang last
	serial   int64     // of the call on this node
	over     bool      // the channel left the application, or was lost; guarded by the node's lock
	free     bool      // Asterisk took the channel back
	byOthers bool      // not the caller ends the channel: Asterisk is shut down, or somebody told it to

	generation int // how often the survey was taken up again by another run

	first  stamp         // of the first event
	play   int           // list on the air
	listAt stamp         // its start
	item   string        // its current sound; "" = none, or its end was told
	itemAt stamp         // start of that
	key    time.Time     // arrival of the key that is being carried out; zero = it is no key
	ahead  time.Duration // of our clock is what the store has of this call: the clock was set back since
}

// machine is a survey as its call needs it.
type machine interface {
	Step(now time.Time, e survey.Event) []survey.Command
	Done() bool
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
	var first []survey.Command
	c.survey, first = begin(c.when(time.Now()))
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

// An alarm rings late where the whole service stood still, and finds no answer,
// or a late one, where Asterisk did: what Asterisk has to say of the time before
// has grace to come first. An alarm is put off mostPutOff times at most; a
// connection without an answer is given up sooner.
const (
	heldUp     = 250 * time.Millisecond // late
	grace      = 500 * time.Millisecond
	mostPutOff = 10
)

// wakeUp tells the survey that its alarm rang. A key that came in time counts,
// however late we are.
func (c *call) wakeUp(ctx context.Context) {
	answered := c.node.upToDate(ctx)
	late := !answered || c.behind || c.putOff == 0 && time.Since(c.due) > heldUp
	c.behind = !answered
	if late && c.putOff < mostPutOff {
		c.putOff++
		c.ring(time.Now().Add(grace))
		return
	}
	for len(c.inbox) > 0 {
		c.hear(ctx, <-c.inbox)
	}
	c.step(ctx, time.Now(), survey.Wakeup{})
}

// ring sets the alarm.
func (c *call) ring(at time.Time) {
	c.due = at
	c.alarm.Reset(time.Until(at))
}

func (c *call) hear(ctx context.Context, a arrival) {
	for _, event := range []survey.Event{c.soundEnded(a), c.translate(a)} {
		if event == nil {
			continue
		}
		if _, ok := event.(survey.Key); ok {
			c.key = a.at
		}
		c.step(ctx, a.at, event)
		c.key = time.Time{}
	}
}

func (c *call) write(ctx context.Context, r scoring.Record) (scoring.Receipt, error) {
	begun := time.Now()
	receipt, err := c.node.surveys.Write(ctx, r)
	if err != nil {
		c.log.Error("a record was not stored", "error", err)
		return receipt, err
	}
	if !r.Patient {
		c.node.surveys.Meter.Wrote(time.Since(begun))
	}
	return receipt, nil
}

// step tells the survey what happened and does what it asks for.
func (c *call) step(ctx context.Context, at time.Time, e survey.Event) {
	c.follow(ctx, c.carryOut(ctx, c.survey.Step(c.when(at), e)))
}

// when gives an instant of this call by the clock as it was when the caller
// came: if it is set meanwhile, all that happened keeps its order and distance.
func (c *call) when(at time.Time) time.Time { return c.entry.at.Add(at.Sub(c.entry.at)) }

// follow tells the survey what came of its commands, until nothing comes.
func (c *call) follow(ctx context.Context, events []survey.Event) {
	for len(events) > 0 {
		e := events[0]
		events = append(events[1:], c.carryOut(ctx, c.survey.Step(c.when(time.Now()), e))...)
	}
}

// carryOut does what the survey asks for, in order, and returns what came of
// it. Only a Save goes on beside the StopPlay before it: neither a slow Asterisk
// nor a slow store holds up the other. Both are over before what follows.
func (c *call) carryOut(ctx context.Context, out []survey.Command) (came []survey.Event) {
	var stopping sync.WaitGroup
	defer stopping.Wait()
	for _, cmd := range out {
		if _, beside := cmd.(survey.Save); !beside {
			stopping.Wait()
		}
		switch cmd := cmd.(type) {
		case survey.Wake:
			c.putOff, c.behind = 0, false
			c.ring(cmd.At)
		case survey.Play:
			if !c.start(ctx, cmd) {
				came = append(came, survey.Finished{Play: cmd.ID, Failed: true})
			}
		case survey.StopPlay:
			stopping.Go(func() { c.stop(ctx, cmd.ID) })
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
	c.play, c.listAt, c.item, c.itemAt = p.ID, stamp{}, "", stamp{}
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

// delay puts the instants of a record behind what the store has of the call.
func (c *call) delay(r *scoring.Record) {
	for i := range r.Answers {
		r.Answers[i].At = r.Answers[i].At.Add(c.ahead)
	}
	for i := range r.Keypresses {
		r.Keypresses[i].At = r.Keypresses[i].At.Add(c.ahead)
	}
	if r.End != nil {
		r.End = &scoring.End{Reason: r.End.Reason, At: r.End.At.Add(c.ahead)}
	}
}

// save makes what it is given durable.
func (c *call) save(ctx context.Context, s survey.Save) bool {
	r := scoring.Record{ID: c.id, Answers: s.Answers, Keypresses: s.Keypresses, End: s.End, Resumed: s.Resumed}
	r.Patient = bare(s)
	if c.ahead > 0 {
		c.delay(&r)
	}
	_, err := c.write(ctx, r)
	if err == nil && !c.key.IsZero() && rates(s) {
		c.node.surveys.Meter.Durable(time.Since(c.key))
	}
	if s.End != nil {
		c.node.surveys.Meter.Ended(s.End.Reason)
		if s.End.Reason == scoring.AudioFailed {
			c.log.Warn("a prompt did not play: aftercall prompts check tells which sounds this Asterisk lacks")
		}
		c.log.Info("survey ended", "reason", s.End.Reason)
	}
	return err == nil
}

// rates tells whether a rating is among what is saved.
func rates(s survey.Save) bool {
	return slices.ContainsFunc(s.Answers, func(a scoring.Answer) bool { return a.Outcome == scoring.Rated })
}

// bare tells whether a call that is over is all that is saved: its answers and
// keys are durable, and a run that finds it open gives it the same reason.
func bare(s survey.Save) bool { return s.End != nil && len(s.Answers) == 0 && len(s.Keypresses) == 0 }
