package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	lookEvery = time.Second
	syncEvery = 100 * time.Millisecond
	tickEvery = 20 * time.Millisecond // of audio are in a packet
)

// watched is what was seen meanwhile, each in the order in which it came.
type watched struct {
	surveys []float64 // in progress
	syncs   []float64 // what each took, in ms
	late    []float64 // by how much a channel's tick was, in ms
}

// watch looks at how many surveys are in progress, writes and syncs a file beside
// the store with a niceness, and ticks as a channel of Asterisk does that plays a
// sound, with none, until the function that it returns is called.
func (st *latencyStage) watch(ctx context.Context, nice int) func() (watched, error) {
	ctx, stop := context.WithCancel(ctx)
	var all sync.WaitGroup
	var w watched
	var errs [3]error
	all.Go(func() { w.surveys, errs[0] = st.look(ctx) })
	all.Go(func() { w.syncs, errs[1] = syncAgain(ctx, filepath.Join(filepath.Dir(st.Store()), "synced"), nice) })
	all.Go(func() { w.late, errs[2] = tickAgain(ctx) })
	return func() (watched, error) {
		stop()
		all.Wait()
		return w, errors.Join(errs[:]...)
	}
}

// tickAgain waits for each tick in the kernel, on a thread of its own: Go's own
// timers would wait for Go, too.
func tickAgain(ctx context.Context) (late []float64, err error) {
	runtime.LockOSThread() // which ends with the goroutine
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		return nil, err
	}
	for next := now.Nano(); ctx.Err() == nil; {
		next = max(next+int64(tickEvery), now.Nano()) // one that comes too late is not made up for
		until := unix.NsecToTimespec(next)
		err := error(unix.EINTR)
		for errors.Is(err, unix.EINTR) {
			err = unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &until, nil)
		}
		if err := errors.Join(err, unix.ClockGettime(unix.CLOCK_MONOTONIC, &now)); err != nil {
			return nil, err
		}
		late = append(late, float64(now.Nano()-next)/1e6)
	}
	return late, nil
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
func syncAgain(ctx context.Context, path string, nice int) (took []float64, err error) {
	runtime.LockOSThread() // which ends with the goroutine
	if err := unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), nice); err != nil {
		return nil, fmt.Errorf("niceness %d: %w, want root", nice, err)
	}
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
