package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"aftercall/deploy/standin"
)

// memory measures what the program holds while so many surveys are in
// progress: callers who entered, were stored, and hear their menu, each time of a
// fresh program on an empty store (with the log level debug). The Asterisk is a
// stand-in that answers at once and plays by the clock: a real one carries no
// 2,000 calls here, and what the program holds of a survey is the same. 2,000 is
// the bound: more callers are sent on unasked. Memory is what the kernel
// counts, with what the collector has not taken back yet.
var memory = Part{"memory", "what the program holds, by surveys in progress", func(ctx context.Context, s *Suite) error {
	folder, err := os.MkdirTemp("", "aftercall-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	server := standin.New(standin.Options{Password: password, System: "node1", Length: soundLength, Thanks: func(media []string) bool { return len(media) <= 2 }})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	h := &holding{Server: server, s: s}
	for _, n := range Pick(s, []int{0, 200, 2000}, []int{0, 5, 20}) {
		h.at = append(h.at, &held{surveys: n})
	}
	err = h.rounds(ctx, folder, "http://"+listener.Addr().String()+"/ari")
	if err = errors.Join(err, server.Close(), <-ended); err != nil {
		return err
	}
	return h.print()
}}

// soundLength is that of a sound of ours, by the size of its file: 16 bits, 8 kHz.
func soundLength(media string) time.Duration {
	i, err := os.Stat(strings.TrimPrefix(media, "sound:") + ".wav")
	if err != nil {
		return 0
	}
	return time.Duration(i.Size()-44) * time.Second / 16000
}

const (
	together   = 50               // callers enter at a time
	manyHeld   = 200              // of fewer surveys the share of one is noise
	enterLimit = 20 * time.Second // for all of them to hear their menu: it is not over before
	goneLimit  = time.Minute
)

// holding has callers held by a program.
type holding struct {
	*standin.Server
	s    *Suite
	at   []*held
	came int
}

// held is what a program holds with so many surveys in progress.
type held struct {
	surveys           int
	now, most         Series // MB
	each              Series // bytes a survey
	goroutines, files Series
}

func (h *holding) rounds(ctx context.Context, folder, ari string) error {
	config, err := h.s.site(ctx, folder, ari)
	if err != nil {
		return err
	}
	for round := range h.s.Rounds {
		h.s.Say("surveys in progress: round %d of %d", round+1, h.s.Rounds)
		idle := 0
		for _, x := range h.at {
			now, err := h.level(ctx, x, config, filepath.Join(folder, fmt.Sprintf("%d-%d.db", round, x.surveys)))
			if err != nil {
				return err
			}
			switch {
			case x.surveys == 0:
				idle = now
			case x.surveys >= manyHeld:
				x.each.Add(float64(now-idle) / float64(x.surveys))
			}
		}
	}
	return nil
}

// level has a program hold so many surveys, and gives its memory in bytes.
func (h *holding) level(ctx context.Context, x *held, config, store string) (now int, err error) {
	p, err := h.s.serve(ctx, config, store)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, p.End(context.WithoutCancel(ctx))) }()
	err = until(ctx, serveLimit, "a connection to the stand-in", func() (bool, error) {
		_, code, err := p.get(ctx, "/readyz", "identity")
		return code == http.StatusOK, err
	})
	if err != nil {
		return 0, err
	}
	callers, err := h.enter(ctx, x.surveys)
	if err != nil {
		return 0, err
	}
	if now, err = h.measure(ctx, p, x); err != nil {
		return 0, err
	}
	for _, c := range callers {
		h.HangUp(c)
	}
	return now, until(ctx, goneLimit, "surveys to end", func() (bool, error) {
		f, err := readMetrics(ctx, p.address())
		return err == nil && f.sum("aftercall_surveys_active") == 0, err
	})
}

// enter lets so many callers in, who stay, and returns when all of them hear
// their menu.
func (h *holding) enter(ctx context.Context, n int) (callers []*standin.Caller, err error) {
	ctx, cancel := context.WithTimeout(ctx, enterLimit)
	defer cancel()
	for len(callers) < n {
		for range min(together, n-len(callers)) {
			h.came++
			id := fmt.Sprintf("node1-1700000000.%d", h.came)
			c := &standin.Caller{Channel: id, Args: []string{"v1", "uniqueid=" + id, "visit=1", fmt.Sprint("agent=PJSIP/", 1001+h.came%40), "queue=support"}}
			h.Enter(c)
			callers = append(callers, c)
		}
		err := until(ctx, enterLimit, "callers to hear their menu", func() (bool, error) {
			for _, c := range callers[max(0, len(callers)-together):] {
				log := h.Log(c)
				if !log.Gone.IsZero() {
					return false, fmt.Errorf("caller %s is gone: %s", c.Channel, log.How)
				}
				if log.Played.IsZero() {
					return false, nil
				}
			}
			return true, nil
		})
		if err != nil {
			return nil, err
		}
	}
	return callers, nil
}

// measure adds what the program holds now, and gives its memory in bytes.
func (h *holding) measure(ctx context.Context, p *served, x *held) (now int, err error) {
	f, err := readMetrics(ctx, p.address())
	if err != nil {
		return 0, err
	}
	if active := f.sum("aftercall_surveys_active"); int(active) != x.surveys {
		return 0, fmt.Errorf("%v surveys in progress, want %d", active, x.surveys)
	}
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.PID()))
	if err != nil {
		return 0, err
	}
	now, most, err := Memory(p.PID())
	if err != nil {
		return 0, err
	}
	x.now.Add(mb(now))
	x.most.Add(mb(most))
	x.goroutines.Add(f.sum("go_goroutines"))
	x.files.Add(float64(len(files)))
	return now, nil
}

// until waits for something to become so.
func until(ctx context.Context, limit time.Duration, what string, so func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if yes, err := so(); yes || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited for %s: %w", what, ctx.Err())
		case <-tick.C:
		}
	}
}

func (h *holding) print() error {
	for _, x := range h.at {
		var all []Series
		for _, f := range []struct {
			Series
			name, unit string
		}{
			{x.now, "memory", "MB"}, {x.most, "memory, most", "MB"}, {x.each, "memory of a survey in progress", "bytes"},
			{x.goroutines, "goroutines", ""}, {x.files, "open files", ""},
		} {
			f.Name, f.Unit = f.name, f.unit
			if len(f.Values) > 0 {
				all = append(all, f.Series)
			}
		}
		if err := h.s.Print(fmt.Sprintf("%d surveys in progress, on a stand-in for Asterisk", x.surveys), all...); err != nil {
			return err
		}
	}
	return nil
}
