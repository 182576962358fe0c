package bench

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	lookEvery = time.Second
	syncEvery = 100 * time.Millisecond
)

// watch looks at how many surveys are in progress, and writes and syncs a
// file beside the store, until the function that it returns is called: that
// gives what was seen, and what each sync took in ms.
func (st *latencyStage) watch(ctx context.Context) func() (seen, syncs []float64, err error) {
	ctx, stop := context.WithCancel(ctx)
	var both sync.WaitGroup
	var seen, syncs []float64
	var lookErr, syncErr error
	both.Go(func() { seen, lookErr = st.look(ctx) })
	both.Go(func() { syncs, syncErr = syncAgain(ctx, filepath.Join(filepath.Dir(st.Store()), "synced")) })
	return func() ([]float64, []float64, error) {
		stop()
		both.Wait()
		return seen, syncs, errors.Join(lookErr, syncErr)
	}
}

func (st *latencyStage) look(ctx context.Context) (seen []float64, err error) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return seen, nil
		case <-tick.C:
		}
		f, err := readMetrics(context.WithoutCancel(ctx), st.Address())
		if err != nil {
			return nil, err
		}
		seen = append(seen, f.sum("aftercall_surveys_active"))
	}
}

// syncAgain does what is bare of every commit.
func syncAgain(ctx context.Context, path string) (took []float64, err error) {
	keep, f, err := journal(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(path)) }()
	tick := time.NewTicker(syncEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return took, nil
		case <-tick.C:
		}
		begun := time.Now()
		if err := keep("", ""); err != nil {
			return nil, err
		}
		took = append(took, float64(time.Since(begun).Microseconds())/1000)
	}
}
