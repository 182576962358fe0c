package bench

import (
	"context"
	"errors"
	"sync"
	"time"

	"aftercall/scoring"
	"aftercall/scoring/sqlite"
)

// stored is a store of aftercall's own, without the rest of the program.
type stored struct {
	*sqlite.Store
	ends sync.WaitGroup

	mu  sync.Mutex
	bad error // of an end that nobody waited for
}

// ourStore keeps in one what aftercall would of the same survey: the rows, their
// roll-ups and totals, in as many transactions.
func ourStore(ctx context.Context, path string) (*stored, error) {
	s, err := sqlite.Open(ctx, path, sqlite.Options{Zone: "UTC"})
	return &stored{Store: s}, err
}

func (s *stored) keep(channel, key string) error {
	const question, version = "service", "habit-0a1b2c3d4e5f"
	now := time.Now()
	r := scoring.Record{ID: scoring.CallID{UniqueID: channel, Visit: 1}}
	if key == "" {
		r.Call = &scoring.Call{Node: "node1", Trunk: "PJSIP/trunk", Queue: ratedQueue, Agent: scoring.Agent{ID: ratedAgent, Interface: ratedAgent},
			Survey: question, Language: "en", Codec: "alaw", StartedAt: now, Day: scoring.Day(now, time.UTC)}
		r.Assignments = []scoring.Assignment{{Question: question, Position: 1, Primary: true, Layout: "habit", Version: version, Rendition: "9f8e7d6c5b4a", Epoch: 1}}
	} else {
		r.Answers = []scoring.Answer{{Question: question, Outcome: scoring.Rated, Verdict: "satisfied", Value: 3, Entry: key, Reading: 1, PressMS: 1000, Heard: 1, At: now}}
		r.Keypresses = []scoring.Keypress{{Seq: 1, Question: question, Key: key, Reading: 1, MS: 1000, Use: scoring.Accepted, At: now}}
	}
	return s.write(r)
}

func (s *stored) write(r scoring.Record) error {
	ctx, cancel := context.WithTimeout(context.Background(), helperLimit)
	defer cancel()
	_, err := s.Write(ctx, r)
	return err
}

// end keeps that the survey is over. As with aftercall it is held for another record
// to come, and nobody waits for it.
func (s *stored) end(channel string) {
	r := scoring.Record{ID: scoring.CallID{UniqueID: channel, Visit: 1}, End: &scoring.End{Reason: scoring.Completed, At: time.Now()}, Patient: true}
	s.ends.Go(func() {
		if err := s.write(r); err != nil {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.bad = errors.Join(s.bad, err)
		}
	})
}

// Close ends the store, and tells of ends that were not kept.
func (s *stored) Close() error {
	s.ends.Wait()
	return errors.Join(s.bad, s.Store.Close())
}
