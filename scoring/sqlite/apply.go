package sqlite

import (
	"cmp"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"aftercall/scoring"
)

// call is what the writer must know of a stored call to count its answers:
// the keys of the roll-ups come from here, never from what a later record
// claims.
type call struct {
	id                          int64
	queue, agent, language, day string
	test                        bool
	assigned                    []assigned
}

// assigned is a stored assignment.
type assigned struct {
	question, layout, version string
	primary                   bool
	epoch                     int64
}

func (c *call) assignment(question string) *assigned {
	for i := range c.assigned {
		if c.assigned[i].question == question {
			return &c.assigned[i]
		}
	}
	return nil
}

// refused tells a record or a wish that is at fault from a database that is.
func refused(err error) bool {
	for _, fault := range []error{scoring.ErrInvalid, scoring.ErrNoCall, scoring.ErrExists, scoring.ErrNoExperiment, scoring.ErrNoAgent} {
		if errors.Is(err, fault) {
			return true
		}
	}
	return false
}

// refusal logs a record that is at fault. That an experiment is there already,
// or that it or an agent is not, is an answer to whoever asked.
func (w *writer) refusal(err error) {
	if !errors.Is(err, scoring.ErrExists) && !errors.Is(err, scoring.ErrNoExperiment) && !errors.Is(err, scoring.ErrNoAgent) {
		w.log.Error("record refused", "database", w.path, "error", err)
	}
}

// checkTwice refuses a question that is assigned twice in one record.
func checkTwice(r scoring.Record) error {
	for i, a := range r.Assignments {
		for _, b := range r.Assignments[:i] {
			if a.Question == b.Question {
				return fmt.Errorf("call %s: %w: question %q is assigned twice, want one layout for each", r.ID, scoring.ErrInvalid, a.Question)
			}
		}
	}
	return nil
}

// apply writes one record into the transaction. A refusal comes before the
// first change, so that a refused record leaves nothing behind.
func (w *writer) apply(c *conn, b *batch, r *scoring.Record) (scoring.Receipt, error) {
	stored, known, err := w.call(c, r)
	if err != nil {
		return scoring.Receipt{}, err
	}
	for _, a := range r.Answers {
		if err := addAnswer(c, b, stored, a); err != nil {
			return scoring.Receipt{}, err
		}
	}
	for _, k := range r.Keypresses {
		if err := addKey(c, b, stored, k); err != nil {
			return scoring.Receipt{}, err
		}
	}
	if !stored.test {
		for _, s := range r.Born {
			w.declare(b, s)
		}
	}
	if r.Resumed > 0 {
		if err := c.resumeCall.put(int64(r.Resumed), stored.id); err != nil {
			return scoring.Receipt{}, err
		}
	}
	if r.End != nil {
		if r.Call == nil || known { // add stored it otherwise
			if err := c.endCall.put(string(r.End.Reason), millis(r.End.At), stored.id); err != nil {
				return scoring.Receipt{}, err
			}
		}
		delete(w.calls, r.ID)
	}
	return scoring.Receipt{Known: known}, nil
}

// call finds the call that a record belongs to, or stores it. known reports
// that the record brought a call which was there already.
func (w *writer) call(c *conn, r *scoring.Record) (stored *call, known bool, err error) {
	stored = w.calls[r.ID]
	if stored == nil && r.Call != nil {
		stored, err = w.add(c, r)
		if stored != nil || err != nil {
			return stored, false, err
		}
	}
	if stored == nil {
		if stored, err = w.find(c, r.ID); err != nil {
			return nil, false, err
		}
		if stored != nil {
			w.remember(r.ID, stored)
		}
	}
	if stored == nil && r.Call == nil {
		return nil, false, fmt.Errorf("call %s: %w", r.ID, scoring.ErrNoCall)
	}
	if stored == nil { // and add could not store it
		return nil, false, cmp.Or(answerable(w.fresh(r), r), fmt.Errorf("call %s: its number %d is another call's", r.ID, w.lastCall+1))
	}
	return stored, r.Call != nil, answerable(stored, r)
}

// answerable refuses answers to questions that were not assigned.
func answerable(stored *call, r *scoring.Record) error {
	for _, a := range r.Answers {
		if stored.assignment(a.Question) == nil {
			return fmt.Errorf("call %s: %w: question %q has an answer but was not assigned", r.ID, scoring.ErrInvalid, a.Question)
		}
	}
	return nil
}

func (w *writer) fresh(r *scoring.Record) *call {
	stored := &call{queue: r.Call.Queue, agent: w.countedUnder(r.Call.Agent.ID), language: r.Call.Language, day: r.Call.Day, test: r.Call.Test}
	for _, a := range r.Assignments {
		stored.assigned = append(stored.assigned, assigned{a.Question, a.Layout, a.Version, a.Primary, a.Epoch})
	}
	return stored
}

// add stores a new call with its assignments and, if the record has it, its
// end. It gives nil where the call is there already, or where the answers only
// fit a call that is.
func (w *writer) add(c *conn, r *scoring.Record) (*call, error) {
	stored := w.fresh(r)
	if answerable(stored, r) != nil {
		return nil, nil
	}
	k := r.Call
	var talk, reason, ended driver.Value
	if k.TalkMS != nil {
		talk = *k.TalkMS
	}
	if r.End != nil {
		reason, ended = string(r.End.Reason), millis(r.End.At)
	}
	earlier, err := earlierText(k.Earlier)
	if err != nil {
		return nil, err
	}
	id := w.lastCall + 1
	added, err := c.addCall.add(id, r.ID.UniqueID, int64(r.ID.Visit), k.LinkedID, k.Node, k.Trunk, k.Queue, k.Agent.ID,
		k.Agent.Interface, k.Agent.Name, k.Survey, k.Language, k.Codec, talk, k.Test, millis(k.StartedAt), k.Day, earlier, reason, ended)
	if err != nil || !added {
		return nil, err
	}
	stored.id, w.lastCall = id, id
	if who := k.Caller; who.Form != "" {
		if err := c.addCaller.put(id, string(who.Form), who.Key, who.Reveal()); err != nil {
			return nil, err
		}
	}
	for _, a := range r.Assignments {
		err := c.addAssignment.put(id, a.Question, int64(a.Position), a.Primary, a.Layout, a.Version, a.Rendition, a.Epoch)
		if err != nil {
			return nil, err
		}
	}
	w.remember(r.ID, stored)
	return stored, nil
}

// earlierText is how the earlier agents of a call are kept: a JSON list, ""
// if there are none.
func earlierText(agents []scoring.Agent) (string, error) {
	if len(agents) == 0 {
		return "", nil
	}
	b, err := json.Marshal(agents)
	return string(b), err
}

// remember keeps a call for the records that follow. A full memory is
// emptied: what is forgotten costs two look-ups.
func (w *writer) remember(id scoring.CallID, stored *call) {
	if len(w.calls) >= openBound {
		clear(w.calls)
	}
	w.calls[id] = stored
}

// find reads a call and its assignments; nil = not there.
func (w *writer) find(c *conn, id scoring.CallID) (stored *call, err error) {
	err = c.findCall.each(func(row []driver.Value) {
		stored = &call{id: row[0].(int64), queue: row[1].(string), agent: w.countedUnder(row[2].(string)),
			language: row[3].(string), day: row[4].(string), test: row[5].(int64) != 0}
	}, id.UniqueID, int64(id.Visit))
	if err != nil || stored == nil {
		return nil, err
	}
	err = c.findAssignments.each(func(row []driver.Value) {
		stored.assigned = append(stored.assigned, assigned{question: row[0].(string), primary: row[1].(int64) != 0,
			layout: row[2].(string), version: row[3].(string), epoch: row[4].(int64)})
	}, stored.id)
	return stored, err
}

// addAnswer stores and counts an answer, unless the question has one.
func addAnswer(c *conn, b *batch, stored *call, a scoring.Answer) error {
	added, err := c.addAnswer.add(stored.id, a.Question, string(a.Outcome), a.Verdict, int64(a.Value), a.Entry,
		int64(a.Reading), a.PressMS, int64(a.Heard), millis(a.At))
	if err == nil && added && !stored.test {
		b.answer(stored, stored.assignment(a.Question), a)
	}
	return err
}

// addKey stores and counts a keypress, unless its number is taken. One that
// came outside the assigned questions has no layout to be counted under.
func addKey(c *conn, b *batch, stored *call, k scoring.Keypress) error {
	added, err := c.addKey.add(stored.id, int64(k.Seq), k.Question, k.Key, int64(k.Reading), k.MS, string(k.Use), millis(k.At))
	if err != nil || !added || stored.test {
		return err
	}
	if asked := stored.assignment(k.Question); asked != nil {
		kind := scoring.LayoutWrong
		if k.Valid() {
			kind = scoring.LayoutKey
		}
		b.totals[scoring.Series{Kind: kind, Layout: asked.layout, Label: k.Key}]++
	}
	return nil
}

// millis is how an instant is stored: UTC, in ms since 1970.
func millis(t time.Time) int64 { return t.UnixMilli() }

func instant(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func seconds(ms int64) string { return strconv.Itoa(scoring.SecondsBucket(ms)) }
