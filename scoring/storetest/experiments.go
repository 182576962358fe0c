package storetest

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"aftercall/scoring"
)

// Experiment gives a sound experiment that runs.
func Experiment(name string) scoring.Experiment {
	return scoring.Experiment{Name: name, Question: "service", Layouts: []string{"habit", "gap", "strict"},
		Queues: []scoring.QueueWeights{{Queue: "support", Weights: []int{1, 1, 0}}, {Queue: "sales", Weights: []int{2, 0, 1}}},
		Seed:   "a seed", Size: 9000, Ratings: 6000, StartedAt: start}
}

// wantExperiments wants the store to hold these, oldest first.
func wantExperiments(t *testing.T, s Store, want ...scoring.Experiment) {
	t.Helper()
	got, err := s.Experiments(limited(t))
	if err != nil {
		t.Fatalf("experiments: %v", err)
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("experiments (-want +got):\n%s", diff)
	}
}

func experiments(t *testing.T, open Opener) {
	s := mustOpen(t, open)
	wantExperiments(t, s)
	first := Experiment("first")
	elsewhere := Experiment("elsewhere")
	elsewhere.Queues, elsewhere.StartedAt = []scoring.QueueWeights{{Queue: scoring.Unknown, Weights: []int{1, 1, 1}}}, start.Add(-time.Hour)
	solved := Experiment("solved") // in the queues of the first, for another question
	solved.Question, solved.StartedAt = "solved", start.Add(time.Nanosecond*1500)
	for _, e := range []scoring.Experiment{first, elsewhere, solved, first, solved} { // again: nothing changes
		if err := s.StartExperiment(limited(t), e); err != nil {
			t.Fatalf("start %s: %v", e.Name, err)
		}
	}
	solved.StartedAt = start // to the ms
	wantExperiments(t, s, elsewhere, first, solved)
	renamed, changed, bad, past := Experiment("second"), Experiment("first"), Experiment("third"), Experiment("past")
	renamed.Queues = []scoring.QueueWeights{{Queue: "elsewhere", Weights: []int{1, 1, 1}}, {Queue: "sales", Weights: []int{1, 1, 1}}}
	changed.Size++
	bad.Ratings = bad.Size + 1
	ended := start.Add(time.Hour)
	past.EndedAt = &ended
	for _, c := range []struct {
		name string
		e    scoring.Experiment
		want error
	}{
		{"in a queue that is split already", renamed, scoring.ErrExists},
		{"of a name that is taken", changed, scoring.ErrExists},
		{"that contradicts itself", bad, scoring.ErrInvalid},
		{"that has ended, beside one that runs", past, nil},
	} {
		if err := s.StartExperiment(limited(t), c.e); !errors.Is(err, c.want) {
			t.Errorf("start one %s: error %v, want %v", c.name, err, c.want)
		}
	}
	wantExperiments(t, s, elsewhere, first, past, solved)
}

func weightsChange(t *testing.T, open Opener) {
	s := mustOpen(t, open)
	e := Experiment("ramp")
	if err := s.StartExperiment(limited(t), e); err != nil {
		t.Fatalf("start: %v", err)
	}
	change := func(name string, want error, queues ...scoring.QueueWeights) {
		t.Helper()
		if err := s.ChangeExperiment(limited(t), name, queues); !errors.Is(err, want) {
			t.Errorf("change %s: error %v, want %v", name, err, want)
		}
	}
	support, sales := scoring.QueueWeights{Queue: "support", Weights: []int{9, 1, 0}}, scoring.QueueWeights{Queue: "sales", Weights: []int{1, 1, 1}}
	change("nobody's", scoring.ErrNoExperiment, support, sales)
	change("ramp", scoring.ErrInvalid, support)
	change("ramp", scoring.ErrInvalid, support, scoring.QueueWeights{Queue: "other", Weights: []int{1, 1, 1}})
	change("ramp", scoring.ErrInvalid, support, support)
	change("ramp", scoring.ErrInvalid, support, scoring.QueueWeights{Queue: "sales", Weights: []int{1, 1}})
	change("ramp", scoring.ErrInvalid)
	wantExperiments(t, s, e)
	for range 2 {
		change("ramp", nil, support, sales)
	}
	e.Queues = []scoring.QueueWeights{support, sales}
	wantExperiments(t, s, e)

	end := start.Add(48*time.Hour + 3*time.Millisecond)
	stop := func(name string, at time.Time, want error) {
		t.Helper()
		if err := s.StopExperiment(limited(t), name, at); !errors.Is(err, want) {
			t.Errorf("stop %s at %s: error %v, want %v", name, at, err, want)
		}
	}
	stop("nobody's", end, scoring.ErrNoExperiment)
	stop("ramp", start.Add(-time.Hour), scoring.ErrInvalid)
	stop("ramp", end, nil)
	stop("ramp", end, nil) // the same once more
	stop("ramp", end.Add(time.Second), scoring.ErrNoExperiment)
	change("ramp", scoring.ErrNoExperiment, support, sales)
	e.EndedAt = &end
	wantExperiments(t, s, e)
	next := Experiment("next")
	next.StartedAt = end
	for _, c := range []struct {
		e    scoring.Experiment
		want error
	}{{Experiment("ramp"), scoring.ErrExists}, {next, nil}} { // an ended one keeps its name, and no queue
		if err := s.StartExperiment(limited(t), c.e); !errors.Is(err, c.want) {
			t.Errorf("start %s: error %v, want %v", c.e.Name, err, c.want)
		}
	}
	wantExperiments(t, s, e, next)
}

func experimentsLast(t *testing.T, open Opener) {
	s, err := open(zoneName)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	e, end := Experiment("lasting"), start.Add(time.Hour)
	if err := errors.Join(s.StartExperiment(limited(t), e), s.StopExperiment(limited(t), e.Name, end), s.Close()); err != nil {
		t.Fatal(err)
	}
	e.EndedAt = &end
	wantExperiments(t, mustOpen(t, open), e)
}

// epochList: what the splits said comes back, in whatever form it was kept.
func epochList(t *testing.T, open Opener) {
	s := mustOpen(t, open)
	old := `{"arms":[{"layout":"habit","version":"h1","weight":3}],"seed":"s"}`
	now := `{"experiment":"e1","seed":"t","arms":[{"layout":"habit","version":"h1","weight":1,"renditions":{"en":"r1"}},{"layout":"gap","version":"g1","weight":0,"renditions":{}}]}`
	at := func(hours int) time.Time { return start.Add(time.Duration(hours) * time.Hour) }
	var ids []int64
	for n, step := range []struct{ queue, question, split string }{
		{"support", "service", old}, {"sales", "service", old}, {"support", "solved", `[1]`}, {"support", "service", now}, {"support", "service", `"no split"`},
	} {
		got, err := s.Epochs(limited(t), []scoring.Split{{Queue: step.queue, Question: step.question, Arms: step.split}}, at(n))
		if err != nil {
			t.Fatalf("epochs: %v", err)
		}
		ids = append(ids, got...)
	}
	third, fourth := at(3), at(4)
	configured := []scoring.EpochArm{{Layout: "habit", Version: "h1", Weight: 3}}
	all := []scoring.Epoch{
		{ID: ids[0], Queue: "support", Question: "service", Seed: "s", Arms: configured, StartedAt: at(0), EndedAt: &third},
		{ID: ids[1], Queue: "sales", Question: "service", Seed: "s", Arms: configured, StartedAt: at(1)},
		{ID: ids[2], Queue: "support", Question: "solved", StartedAt: at(2)},
		{ID: ids[3], Queue: "support", Question: "service", Experiment: "e1", Seed: "t", StartedAt: third, EndedAt: &fourth,
			Arms: []scoring.EpochArm{{Layout: "habit", Version: "h1", Weight: 1, Renditions: map[string]string{"en": "r1"}}, {Layout: "gap", Version: "g1", Renditions: map[string]string{}}}},
		{ID: ids[4], Queue: "support", Question: "service", StartedAt: fourth},
	}
	for question, want := range map[string][]scoring.Epoch{"": all, "service": {all[0], all[1], all[3], all[4]}, "solved": {all[2]}, "nobody asked": nil} {
		got, err := s.EpochList(limited(t), question)
		if err != nil {
			t.Fatalf("epochs of %q: %v", question, err)
		}
		if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("epochs of %q (-want +got):\n%s", question, diff)
		}
	}
}

func layoutList(t *testing.T, open Opener) {
	s := mustOpen(t, open)
	want := []scoring.Layout{
		{Version: "v2", Name: "habit", Question: "service", Definition: json.RawMessage(`{"layout":{"name":"habit"}}`)},
		{Version: "v1", Name: "habit", Question: "service", Definition: json.RawMessage(`{}`)},
		{Version: "v0", Name: "yes-no", Question: "solved", Definition: json.RawMessage(`{}`)},
	}
	for range 2 {
		for _, l := range want {
			if err := s.PutLayouts(limited(t), []scoring.Layout{l}); err != nil {
				t.Fatalf("put layout: %v", err)
			}
		}
	}
	got, err := s.LayoutList(limited(t))
	if diff := gocmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("layouts: error %v (-want +got):\n%s", err, diff)
	}
}

func synthetic(t *testing.T, open Opener) {
	s, err := open(zoneName)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	wantTruth := func(want string) {
		t.Helper()
		if truth, err := s.Truth(limited(t)); err != nil || string(truth) != want || (truth == nil) != (want == "") {
			t.Errorf("truth %q, error %v, want %q", truth, err, want)
		}
	}
	mark := func(truth string, want error) {
		t.Helper()
		if err := s.MarkSynthetic(limited(t), json.RawMessage(truth)); !errors.Is(err, want) {
			t.Errorf("mark with %q: error %v, want %v", truth, err, want)
		}
	}
	wantTruth("")
	mark(`{"seed":`, scoring.ErrInvalid)
	mark("", scoring.ErrInvalid)
	wantTruth("")
	mark(`{"seed":1}`, nil)
	mark(`{"seed": 2}`, nil) // there are no calls yet
	write(t, s, Whole(1), false)
	mark(`{"seed":2}`, nil)
	mark(`{"seed":3}`, scoring.ErrInvalid)
	wantTruth(`{"seed":2}`)
	if err := s.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	s = mustOpen(t, open)
	wantTruth(`{"seed":2}`)
}

func realCalls(t *testing.T, open Opener) {
	s := mustOpen(t, open)
	r := Survey(1)[0]
	r.Call.Test = true // a test call is one too
	write(t, s, r, false)
	if err := s.MarkSynthetic(limited(t), json.RawMessage(`{}`)); !errors.Is(err, scoring.ErrInvalid) {
		t.Errorf("mark a store with calls: error %v, want %v", err, scoring.ErrInvalid)
	}
	if truth, err := s.Truth(limited(t)); err != nil || truth != nil {
		t.Errorf("truth %q, error %v, want none", truth, err)
	}
}
