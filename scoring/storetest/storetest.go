// Package storetest is the contract that every store of records passes.
//
// The way in: a store's test calls [Run]. Tests of a store's own call [Check]
// after whatever they did to it: it holds the roll-ups and the totals against
// the rows, by rules written down here once more and independently.
package storetest

import (
	"cmp"
	"context"
	"encoding/json"
	"strconv"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"aftercall/scoring"
)

// Store is what the contract asks of a store.
type Store interface {
	Write(context.Context, scoring.Record) (scoring.Receipt, error)
	WriteAll(context.Context, []scoring.Record) error
	PutLayouts(context.Context, []scoring.Layout) error
	LayoutList(context.Context) ([]scoring.Layout, error)
	Epochs(ctx context.Context, splits []scoring.Split, at time.Time) ([]int64, error)
	EpochList(ctx context.Context, question string) ([]scoring.Epoch, error)
	StartExperiment(context.Context, scoring.Experiment) error
	ChangeExperiment(ctx context.Context, name string, queues []scoring.QueueWeights) error
	StopExperiment(ctx context.Context, name string, at time.Time) error
	Experiments(context.Context) ([]scoring.Experiment, error)
	MarkSynthetic(ctx context.Context, truth json.RawMessage) error
	Truth(context.Context) (json.RawMessage, error)
	Declare(context.Context, []scoring.Series) error
	Totals() []scoring.Total
	Calls(context.Context, scoring.Query) ([]scoring.CallRow, error)
	OpenCalls(ctx context.Context, limit int) ([]scoring.CallRow, error)
	Counts(context.Context) ([]scoring.Count, error)
	DayCounts(context.Context, scoring.CountQuery) ([]scoring.DayCount, error)
	AgentCounts(context.Context, scoring.CountQuery) ([]scoring.AgentCount, error)
	AgentCells(context.Context, scoring.Period) ([]scoring.AgentCell, error)
	KnownAgents(context.Context) ([]scoring.KnownAgent, error)
	AgentDays(ctx context.Context, agent string) (scoring.AgentDays, error)
	MergeAgents(ctx context.Context, from, into string) (scoring.Merged, error)
	Recount(context.Context) (changed int, err error)
	RemoveCalls(ctx context.Context, r scoring.Removal, step func(context.Context, func() error) error) (scoring.Removed, error)
	RemovedCalls(context.Context) (map[string]int64, error)
	CallsOf(ctx context.Context, callers []scoring.Caller, limit int) (rows []scoring.CallRow, all int, err error)
	CallerCounts(context.Context) ([]scoring.CallerCount, error)
	Note(ctx context.Context, action string, detail any, n int) error
	Audit(ctx context.Context, limit int) ([]scoring.AuditRow, error)
	Close() error
}

// Opener opens one store: the first call makes it, later ones find it as the
// one before left it, after its Close.
type Opener func(zone string) (Store, error)

// Run runs the contract. place gives an opener of a store that is not there yet.
func Run(t *testing.T, place func(t *testing.T) Opener) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, open Opener)
	}{
		{"every field comes back", everyField},
		{"whole record twice", wholeTwice},
		{"in pieces", inPieces},
		{"answer after end", answerAfterEnd},
		{"known call stays as it stands", knownCall},
		{"no call", noCall},
		{"refused records leave nothing", refusedRecords},
		{"test calls are not counted", testCalls},
		{"series are born at 0", bornAtZero},
		{"totals survive a restart", restart},
		{"zone", zone},
		{"day as told", dayAsTold},
		{"epochs", epochs},
		{"list of epochs", epochList},
		{"layouts stay as they stand", layouts},
		{"list of layouts", layoutList},
		{"experiments", experiments},
		{"weights change, and the end", weightsChange},
		{"experiments last", experimentsLast},
		{"counts by query", countQueries},
		{"agents' days by query", agentDays},
		{"agents are known", knownAgents},
		{"agents are merged", merges},
		{"merges that are refused", refusedMerges},
		{"merge among writes", mergeAmongWrites},
		{"callers are kept", callersKept},
		{"calls are removed by day", removedByDay},
		{"calls are removed by caller", removedByCaller},
		{"removals that are refused", refusedRemovals},
		{"removal among writes", removalAmongWrites},
		{"audit", audited},
		{"all or none", allOrNone},
		{"mark of invented calls", synthetic},
		{"real calls are not marked", realCalls},
		{"newest first", newestFirst},
		{"open calls", openCalls},
		{"many writers", manyWriters},
		{"given up before it began", givenUp},
		{"closed", closed},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, place(t)) })
	}
	t.Run("random history", func(t *testing.T) { randomHistory(t, place) })
}

// TB is what the checks need of a test.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

const (
	zoneName  = "Europe/Berlin"
	patience  = 20 * time.Second // for one operation; far more than any needs
	everyCall = 1 << 20          // as a limit: more calls than any test has
)

// limited gives a context for one operation.
func limited(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// Check holds roll-ups, totals and what is known of agents against the rows,
// and those that were removed.
func Check(t TB, s Store, removed ...scoring.CallRow) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	rows, err := s.Calls(ctx, scoring.Query{Limit: everyCall})
	if err != nil {
		t.Fatalf("calls: %v", err)
	}
	rows = append(rows, removed...)
	counts, err := s.Counts(ctx)
	if err != nil {
		t.Fatalf("counts: %v", err)
	}
	under := checkKnown(ctx, t, s, rows)
	for i := range rows {
		rows[i].Call.Agent.ID = under(rows[i].Call.Agent.ID)
	}
	wantCounts, wantTotals := expected(rows)
	got := map[scoring.Count]int64{}
	for _, c := range counts {
		n := c.N
		c.N, c.Layout = 0, ""
		if got[c] += n; n < 1 {
			t.Errorf("cell %+v holds %d, want 1 or more", c, n)
		}
	}
	if diff := gocmp.Diff(wantCounts, got); diff != "" {
		t.Errorf("counts against rows (-want +got):\n%s", diff)
	}
	for _, question := range []string{"service", "solved"} {
		checkCells(ctx, t, s, rows, scoring.CountQuery{Question: question})
	}
	checkDays(ctx, t, s, rows, scoring.Period{})
	moved := map[scoring.Series]int64{}
	for series, n := range totals(s) {
		if n != 0 {
			series.Agent = under(series.Agent) // what was counted before a merge stays where it was
			moved[series] += n
		}
	}
	if diff := gocmp.Diff(wantTotals, moved, cmpopts.IgnoreMapEntries(func(_ scoring.Series, n int64) bool { return n == 0 })); diff != "" {
		t.Errorf("totals against rows (-want +got):\n%s", diff)
	}
	if changed, err := s.Recount(ctx); err != nil || changed != 0 {
		t.Errorf("recount: %d cells were not as the rows say, error %v, want 0 and none", changed, err)
	}
}

func totals(s Store) map[scoring.Series]int64 {
	all := map[scoring.Series]int64{}
	for _, total := range s.Totals() {
		all[total.Series] += total.N
	}
	return all
}

// expected counts the rows as DESIGN says they are counted.
func expected(rows []scoring.CallRow) (counts map[scoring.Count]int64, totals map[scoring.Series]int64) {
	counts, totals = map[scoring.Count]int64{}, map[scoring.Series]int64{}
	for _, row := range rows {
		if row.Call.Test {
			continue
		}
		layout := map[string]string{}
		for _, q := range row.Questions {
			layout[q.Question] = q.Layout
			if q.Answer == nil {
				continue
			}
			counts[scoring.Count{Queue: row.Call.Queue, Epoch: q.Epoch, Agent: row.Call.Agent.ID, Version: q.Version,
				Language: row.Call.Language, Question: q.Question, Heard: q.Answer.Heard,
				Result: cmp.Or(q.Answer.Verdict, string(q.Answer.Outcome))}]++
			countAnswer(totals, row.Call, q)
		}
		for _, k := range row.Keys {
			kind := map[bool]scoring.Kind{true: scoring.LayoutKey, false: scoring.LayoutWrong}[k.Valid()]
			if name, ok := layout[k.Question]; ok {
				totals[scoring.Series{Kind: kind, Layout: name, Label: k.Key}]++
			}
		}
	}
	return counts, totals
}

func countAnswer(totals map[scoring.Series]int64, c scoring.Call, q scoring.AskedRow) {
	a := q.Answer
	add := func(kind scoring.Kind, question, layout, queue, agent, label string, n int64) {
		totals[scoring.Series{Kind: kind, Question: question, Layout: layout, Queue: queue, Agent: agent, Label: label}] += n
	}
	add(scoring.LayoutOutcome, q.Question, q.Layout, c.Queue, "", string(a.Outcome), 1)
	if q.Primary {
		add(scoring.AgentOutcome, "", "", "", c.Agent.ID, string(a.Outcome), 1)
	}
	if a.Outcome == scoring.HungUp {
		add(scoring.LayoutHangup, "", q.Layout, "", "", strconv.Itoa(a.Heard), 1)
	}
	if a.Outcome != scoring.Rated {
		return
	}
	add(scoring.LayoutVerdict, q.Question, q.Layout, c.Queue, "", a.Verdict, 1)
	add(scoring.LayoutBucket, "", q.Layout, "", "", strconv.Itoa(scoring.SecondsBucket(a.PressMS)), 1)
	add(scoring.LayoutMS, "", q.Layout, "", "", "", a.PressMS)
	if q.Primary {
		add(scoring.AgentVerdict, "", "", "", c.Agent.ID, a.Verdict, 1)
	}
}
