package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"aftercall/scoring"
	"aftercall/scoring/sqlite"
	"aftercall/scoring/synth"
)

const (
	inventAtOnce  = 5000 // records in one transaction
	progressEvery = 5 * time.Second
)

// invent writes the calls of a truth, with the experiment and its epochs, in
// the order in which they would have come about.
func invent(ctx context.Context, g *synth.Generator, store *sqlite.Store, progress io.Writer) error {
	t := g.Truth()
	if err := declareInvented(ctx, g, store); err != nil {
		return err
	}
	var epochs []int64
	var done int64
	said := time.Now()
	for day := 1; day <= t.Days; day++ {
		var err error
		if epochs, err = beginDay(ctx, g, store, day, epochs); err != nil {
			return err
		}
		n, err := writeDay(ctx, g, store, day, epochs)
		if err != nil {
			return err
		}
		if done += n; time.Since(said) >= progressEvery {
			said = time.Now()
			fmt.Fprintf(progress, "day %d of %d, %d of %d surveys\n", day, t.Days, done, t.Expected.Surveys)
		}
	}
	if !t.Experiment.Stopped {
		return nil
	}
	if err := store.StopExperiment(ctx, t.Experiment.Name, g.Begins(t.Days+1)); err != nil {
		return err
	}
	_, err := beginEpochs(ctx, g, store, t.Days+1)
	return err
}

// declareInvented writes what stands before the first call.
func declareInvented(ctx context.Context, g *synth.Generator, store *sqlite.Store) error {
	layouts, err := g.Layouts()
	if err != nil {
		return err
	}
	if err := store.PutLayouts(ctx, layouts); err != nil {
		return err
	}
	truth, err := json.Marshal(g.Truth())
	if err != nil {
		return err
	}
	if err := store.MarkSynthetic(ctx, truth); err != nil {
		return err
	}
	return store.StartExperiment(ctx, g.Experiment())
}

// beginDay gives the epochs of a day; those of the day before if nothing changed.
func beginDay(ctx context.Context, g *synth.Generator, store *sqlite.Store, day int, before []int64) ([]int64, error) {
	weights, changed := g.Weights(day)
	if day > 1 && !changed {
		return before, nil
	}
	if err := store.ChangeExperiment(ctx, g.Truth().Experiment.Name, weights); err != nil {
		return nil, err
	}
	return beginEpochs(ctx, g, store, day)
}

func beginEpochs(ctx context.Context, g *synth.Generator, store *sqlite.Store, day int) ([]int64, error) {
	splits, err := g.Splits(day)
	if err != nil {
		return nil, err
	}
	return store.Epochs(ctx, splits, g.Begins(day))
}

// writeDay writes the calls of a day and says how many there are.
func writeDay(ctx context.Context, g *synth.Generator, store *sqlite.Store, day int, epochs []int64) (n int64, err error) {
	var records []scoring.Record
	write := func() error {
		n += int64(len(records))
		err := store.WriteAll(ctx, records)
		records = nil // those that were handed over are the store's
		return err
	}
	for r := range g.Records(day, epochs) {
		if records = append(records, r); len(records) == inventAtOnce {
			if err := write(); err != nil {
				return n, err
			}
		}
	}
	return n, write()
}
