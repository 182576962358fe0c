package spill

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"aftercall/scoring"
	"aftercall/scoring/sqlite"
	"aftercall/scoring/storetest"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(victim); dir != "" {
		serveVictim(dir) // does not come back
	}
	goleak.VerifyTestMain(m)
}

// limit is short enough to be waited for, and long enough for a healthy store.
const limit = time.Second

// patient is the limit where no store hangs: it only ends what is broken.
const patient = 20 * time.Second

var errDisk = errors.New("disk on fire")

// faulty stands before a real store and does what a store in trouble does.
type faulty struct {
	*sqlite.Store
	fault string // "" = none
}

var faults = []string{"failed", "failed but happened", "hung", "hung but happened"}

func (f *faulty) Write(ctx context.Context, r scoring.Record) (scoring.Receipt, error) {
	switch f.fault {
	case "":
		return f.Store.Write(ctx, r)
	case "failed":
		return scoring.Receipt{}, errDisk
	case "failed but happened":
		_, err := f.Store.Write(ctx, r)
		return scoring.Receipt{}, errors.Join(errDisk, err)
	case "hung but happened":
		if _, err := f.Store.Write(ctx, r); err != nil {
			return scoring.Receipt{}, err
		}
	}
	<-ctx.Done()
	return scoring.Receipt{}, ctx.Err()
}

func openStore(t *testing.T, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(context.Background(), path, sqlite.Options{Zone: "UTC"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func openRecorder(t *testing.T, path string, s interface {
	Write(context.Context, scoring.Record) (scoring.Receipt, error)
}, limit time.Duration) *Recorder {
	t.Helper()
	r, err := Open(path, s.Write, limit, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// put writes a record and wants it durable where it should be.
func put(t *testing.T, r *Recorder, rec scoring.Record, spilled bool) {
	t.Helper()
	receipt, err := r.Write(t.Context(), rec)
	if err != nil || receipt.Spilled != spilled {
		t.Fatalf("write %s: receipt %+v, error %v, want spilled: %v", rec.ID, receipt, err, spilled)
	}
}

// wantSettled wants an empty file, and a store that holds survey n whole.
func wantSettled(t *testing.T, r *Recorder, s *sqlite.Store, n int) {
	t.Helper()
	if p := r.Stats().Pending; p != 0 {
		t.Errorf("%d records pending, want 0", p)
	}
	if content, err := os.ReadFile(r.path); err != nil || len(content) != 0 {
		t.Errorf("spill file holds %q, error %v, want it empty", content, err)
	}
	rows, err := s.Calls(t.Context(), scoring.Query{})
	want := storetest.Whole(n)
	if err != nil || len(rows) != 1 {
		t.Fatalf("calls: %v, error %v, want one", rows, err)
	}
	row := rows[0]
	if a := row.Questions[0].Answer; row.ID != want.ID || a == nil || *a != want.Answers[0] ||
		len(row.Keys) != 1 || row.End == nil || *row.End != *want.End {
		t.Errorf("call %+v, want %+v", row, want)
	}
	storetest.Check(t, s)
}

func TestEachFaultAtEachRecord(t *testing.T) {
	for _, fault := range faults {
		for at := range 3 {
			t.Run(fmt.Sprintf("%s at record %d", fault, at+1), func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				s := &faulty{Store: openStore(t, filepath.Join(dir, "store.db"))}
				r := openRecorder(t, filepath.Join(dir, "spill.jsonl"), s, limit)
				for i, rec := range storetest.Survey(7) {
					s.fault = ""
					if i == at {
						s.fault = fault
					}
					put(t, r, rec, i >= at) // those behind a spilled one wait behind it
				}
				s.fault = ""
				done, err := r.Replay(t.Context())
				if err != nil || done != 3-at {
					t.Errorf("replay: %d records, error %v, want %d", done, err, 3-at)
				}
				wantSettled(t, r, s.Store, 7)
			})
		}
	}
}

// The end went to the store past the recorder, as a recovery in another
// process would write it, while the answer waited in the file.
func TestAnswerReplayedBehindEnd(t *testing.T) {
	dir := t.TempDir()
	s := &faulty{Store: openStore(t, filepath.Join(dir, "store.db"))}
	r := openRecorder(t, filepath.Join(dir, "spill.jsonl"), s, limit)
	parts := storetest.Survey(4)
	put(t, r, parts[0], false)
	s.fault = "failed"
	put(t, r, parts[1], true)
	s.fault = ""
	if _, err := s.Store.Write(t.Context(), parts[2]); err != nil {
		t.Fatal(err)
	}
	storetest.Check(t, s.Store)
	if done, err := r.Replay(t.Context()); done != 1 || err != nil {
		t.Errorf("replay: %d, %v, want 1 and no error", done, err)
	}
	wantSettled(t, r, s.Store, 4)
}

func TestFaultOfTheRecordIsNotSpilled(t *testing.T) {
	dir := t.TempDir()
	r := openRecorder(t, filepath.Join(dir, "spill.jsonl"), openStore(t, filepath.Join(dir, "store.db")), limit)
	answer := storetest.Survey(1)[1]
	if _, err := r.Write(t.Context(), answer); !errors.Is(err, scoring.ErrNoCall) {
		t.Errorf("answer without a call: error %v, want %v", err, scoring.ErrNoCall)
	}
	unasked := storetest.Whole(1)
	unasked.Answers[0].Question = "nobody asked"
	nobody := storetest.Whole(1)
	nobody.ID.UniqueID = ""
	for _, rec := range []scoring.Record{unasked, nobody} {
		if _, err := r.Write(t.Context(), rec); !errors.Is(err, scoring.ErrInvalid) {
			t.Errorf("write %+v: error %v, want %v", rec, err, scoring.ErrInvalid)
		}
	}
	if got := r.Stats(); got != (Stats{Refused: 3}) {
		t.Errorf("stats %+v, want 3 refused and else 0", got)
	}
}

func TestCallerGaveUp(t *testing.T) {
	dir := t.TempDir()
	s := &faulty{Store: openStore(t, filepath.Join(dir, "store.db")), fault: "hung"}
	r := openRecorder(t, filepath.Join(dir, "spill.jsonl"), s, time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	receipt, err := r.Write(ctx, storetest.Whole(3))
	if err != nil || !receipt.Spilled {
		t.Fatalf("write: receipt %+v, error %v, want it spilled", receipt, err)
	}
	if r.patience() != time.Hour {
		t.Errorf("patience %v, want the whole hour: the store was not to blame", r.patience())
	}
	s.fault = ""
	if _, err := r.Replay(t.Context()); err != nil {
		t.Error(err)
	}
	wantSettled(t, r, s.Store, 3)
}

// Random surveys, faults, replays and restarts: in the end everything that
// was taken is in the store, once.
func TestRandomTrouble(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		real := openStore(t, filepath.Join(dir, "store.db"))
		s := &faulty{Store: real}
		path := filepath.Join(dir, "spill.jsonl")
		r := openRecorder(t, path, s, patient)
		next := map[int]int{}
		for range rapid.IntRange(1, 20).Draw(rt, "steps") {
			s.fault = rapid.SampledFrom([]string{"", "", "failed", "failed but happened"}).Draw(rt, "fault")
			switch n := rapid.IntRange(0, 5).Draw(rt, "survey or replay or restart"); {
			case n < 4 && next[n] < 3:
				if _, err := r.Write(t.Context(), storetest.Survey(n)[next[n]]); err != nil {
					rt.Fatalf("write: %v", err)
				}
				next[n]++
			case n == 4:
				if _, err := r.Replay(t.Context()); err != nil && !errors.Is(err, errDisk) {
					rt.Fatalf("replay: %v", err)
				}
			case n == 5:
				if err := r.Close(); err != nil {
					rt.Fatal(err)
				}
				r = openRecorder(t, path, s, patient)
			}
			storetest.Check(rt, real)
		}
		s.fault = ""
		if _, err := r.Replay(t.Context()); err != nil {
			rt.Fatalf("replay: %v", err)
		}
		wantAll(rt, real, next)
		storetest.Check(rt, real)
		if got := r.Stats(); got.Pending != 0 || got.Rejected != 0 || got.Failed != 0 {
			rt.Errorf("stats %+v, want nothing pending, rejected or failed", got)
		}
	})
}

// wantAll wants of each survey in the store as many records as were written.
func wantAll(t *rapid.T, s *sqlite.Store, written map[int]int) {
	rows, err := s.Calls(context.Background(), scoring.Query{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[scoring.CallID]int{}
	for _, row := range rows {
		got[row.ID] = 1
		if row.Questions[0].Answer != nil {
			got[row.ID]++
		}
		if row.End != nil {
			got[row.ID]++
		}
	}
	for n, parts := range written {
		if id := storetest.Whole(n).ID; got[id] != parts {
			t.Errorf("survey %d: %d records in the store, want %d", n, got[id], parts)
		}
	}
}

// A call that comes again while a record of it waits in the file is known,
// though the store does not say so.
func TestKnownInTheFile(t *testing.T) {
	dir := t.TempDir()
	r := openRecorder(t, filepath.Join(dir, "spill.jsonl"), &faulty{Store: openStore(t, filepath.Join(dir, "store.db")), fault: faults[0]}, limit)
	entry := storetest.Survey(7)[0]
	for _, known := range []bool{false, true} {
		receipt, err := r.Write(t.Context(), entry)
		if err != nil || receipt != (scoring.Receipt{Spilled: true, Known: known}) {
			t.Errorf("receipt %+v, error %v, want spilled, known: %v", receipt, err, known)
		}
	}
}
