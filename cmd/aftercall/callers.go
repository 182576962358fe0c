package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"aftercall/scoring"
	"aftercall/scoring/privacy"
	"aftercall/scoring/spill"
	"aftercall/scoring/sqlite"
)

const (
	maxSubjectCalls = 1000                   // of a caller that are shown, the newest
	maxNumbers      = 100                    // that are asked for at a time
	idleLimit       = 5 * time.Second        // for the spill file to be empty, before a caller's calls are not erased
	idleRetry       = 100 * time.Millisecond // between two looks at it
)

// callerOrder is the body of a command about callers. Its numbers must not
// reach a log or an error.
type callerOrder struct {
	Numbers []string `json:"numbers"`
	Erasing bool     `json:"erasing,omitempty"` // what is held is looked up to be erased
}

// subject is what is held of callers.
type subject struct {
	Calls      []subjectCall         `json:"calls"`      // newest first
	All        int                   `json:"all"`        // calls that are held; maxSubjectCalls are shown
	Unsearched []scoring.CallerCount `json:"unsearched"` // calls that cannot be compared with a number
}

// subjectCall is a call with all that is kept of it.
type subjectCall struct {
	scoring.CallRow
	Kept string `json:"kept"` // of the number
}

// erased is what an erasure did.
type erased struct {
	scoring.Removed
	Open       int                   `json:"open"` // calls in progress, which stay
	Unsearched []scoring.CallerCount `json:"unsearched"`
}

// desk answers for what a store holds of callers, inside the service or on the
// store of one that does not run.
type desk struct {
	store  *sqlite.Store
	keeper privacy.Keeper
	idle   func(func() error) error // runs something while no record waits for the store; else spill.ErrWaiting
}

// find gives what the numbers may be kept as. No error holds a number.
func (d desk) find(ctx context.Context, numbers []string) (all []scoring.Caller, err error) {
	if n := len(numbers); n < 1 || n > maxNumbers {
		return nil, fmt.Errorf("%w: %d callers, want 1 to %d", scoring.ErrInvalid, n, maxNumbers)
	}
	for i, number := range numbers {
		found, err := d.keeper.Find(number)
		if errors.Is(err, privacy.ErrForm) {
			return nil, d.explain(ctx, err)
		}
		if err != nil {
			return nil, fmt.Errorf("caller %d: %w", i+1, err)
		}
		all = append(all, found...)
	}
	return all, nil
}

// explain adds to a refusal what the store has from before.
func (d desk) explain(ctx context.Context, refused error) error {
	counts, err := d.store.CallerCounts(ctx)
	if err != nil {
		return errors.Join(refused, err)
	}
	n := int64(0)
	for _, c := range counts {
		if !c.Lost && (c.Form == scoring.CallerFull || c.Form == scoring.CallerHMAC) {
			n += c.Calls
		}
	}
	if n == 0 {
		return refused
	}
	return fmt.Errorf("%w; %d calls are kept as full or hmac from before: set privacy.caller back for as long as it takes to look for them", refused, n)
}

// unsearched names the calls that no number can be compared with.
func (d desk) unsearched(ctx context.Context) ([]scoring.CallerCount, error) {
	counts, err := d.store.CallerCounts(ctx)
	left := []scoring.CallerCount{}
	for _, c := range counts {
		if !d.keeper.Searches(c) {
			left = append(left, c)
		}
	}
	return left, err
}

// subject tells what is held, and leaves a row in the audit.
func (d desk) subject(ctx context.Context, o callerOrder) (subject, error) {
	callers, err := d.find(ctx, o.Numbers)
	if err != nil {
		return subject{}, err
	}
	rows, all, err := d.store.CallsOf(ctx, callers, maxSubjectCalls)
	if err != nil {
		return subject{}, err
	}
	s := subject{All: all, Calls: []subjectCall{}}
	if s.Unsearched, err = d.unsearched(ctx); err != nil {
		return subject{}, err
	}
	for _, r := range rows {
		s.Calls = append(s.Calls, subjectCall{r, r.Call.Caller.Reveal()})
	}
	return s, d.store.Note(ctx, scoring.SubjectAsked, map[string]any{"form": d.keeper.Form(), "erasing": o.Erasing}, all)
}

// erase removes the calls of callers, but those in progress. step carries out
// each of its transactions, and counts what it removed.
func (d desk) erase(ctx context.Context, o callerOrder) (erased, error) {
	callers, err := d.find(ctx, o.Numbers)
	if err != nil {
		return erased{}, err
	}
	e := erased{}
	if e.Removed, err = d.store.RemoveCalls(ctx, scoring.Removal{Callers: callers}, d.step); err != nil {
		return e, fmt.Errorf("%d calls were erased, then: %w; do it again to erase the rest", e.Calls, err)
	}
	if e.Calls == 0 { // else the removal has left a row
		if err := d.store.Note(ctx, scoring.Erasure, map[string]any{"outcomes": struct{}{}}, 0); err != nil {
			return e, err
		}
	}
	if _, e.Open, err = d.store.CallsOf(ctx, callers, 1); err != nil {
		return e, err
	}
	e.Unsearched, err = d.unsearched(ctx)
	return e, err
}

// step does something when no record waits for the store, which is waited for
// a little.
func (d desk) step(ctx context.Context, do func() error) error {
	ctx, cancel := context.WithTimeout(ctx, idleLimit)
	defer cancel()
	for {
		err := d.idle(do)
		if !errors.Is(err, spill.ErrWaiting) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: a call that is removed before they are written could come back with them; try again when aftercall_spill_pending is 0", err)
		case <-time.After(idleRetry):
		}
	}
}

// desk is that of the running service, by the configuration in force.
func (s *service) desk() desk { return desk{s.store, s.now.Load().keeper, s.recorder.Idle} }

// callerOrders are the commands about callers. Numbers are not logged.
func (s *service) callerOrders(mux *http.ServeMux) {
	mux.HandleFunc("POST /callers/subject", s.answer(func(ctx context.Context, r *http.Request) (any, error) {
		var o callerOrder
		if err := readOrder(r, &o); err != nil {
			return nil, err
		}
		held, err := s.desk().subject(ctx, o)
		return held, s.told(err, "callers looked up", "callers", len(o.Numbers), "calls", held.All, "erasing", o.Erasing)
	}))
	mux.HandleFunc("POST /callers/erase", s.answer(func(ctx context.Context, r *http.Request) (any, error) {
		var o callerOrder
		if err := readOrder(r, &o); err != nil {
			return nil, err
		}
		gone, err := s.desk().erase(ctx, o)
		s.meter.Removed(scoring.Erasure, gone.Calls)
		if gone.Lingers {
			s.retain.want()
		}
		return gone, s.told(err, "callers erased", "callers", len(o.Numbers), "calls", gone.Calls, "in_progress", gone.Open)
	}))
}

// readOrder reads a command about callers; what is wrong with it may hold a
// number, and is not told.
func readOrder(r *http.Request, into *callerOrder) error {
	if err := read(r, into); err != nil {
		return fmt.Errorf("%w: body: want numbers", scoring.ErrInvalid)
	}
	return nil
}

// subject asks the service.
func (o *overSocket) subject(ctx context.Context, order callerOrder) (s subject, err error) {
	return s, o.send(ctx, http.MethodPost, "/callers/subject", order, &s)
}

func (o *overSocket) erase(ctx context.Context, order callerOrder) (e erased, err error) {
	return e, o.send(ctx, http.MethodPost, "/callers/erase", order, &e)
}

// desk is that of a store whose service does not run.
func (o intoStore) desk() (desk, error) {
	keeper, err := privacy.New(o.c.Privacy.Caller, string(o.c.Privacy.Key))
	if err != nil {
		return desk{}, fmt.Errorf("privacy: %w", err)
	}
	return desk{o.store, keeper, func(do func() error) error {
		info, err := os.Stat(o.c.Store.Spill)
		if err == nil && info.Size() > 0 {
			return fmt.Errorf("%w %q: start the service, which writes them into the store", spill.ErrWaiting, o.c.Store.Spill)
		}
		return do()
	}}, nil
}

func (o intoStore) subject(ctx context.Context, order callerOrder) (subject, error) {
	d, err := o.desk()
	if err != nil {
		return subject{}, err
	}
	return d.subject(ctx, order)
}

func (o intoStore) erase(ctx context.Context, order callerOrder) (erased, error) {
	d, err := o.desk()
	if err != nil {
		return erased{}, err
	}
	return d.erase(ctx, order)
}

// keyedTo gives a command that goes into the store the key of callers' numbers;
// the service has its own.
func keyedTo(to orders, keyed loader) (orders, error) {
	store, direct := to.(intoStore)
	if !direct {
		return to, nil
	}
	c, err := keyed()
	store.c = c
	return store, err
}
