package prometheus

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"aftercall/deploy/lab"

	"github.com/prometheus/common/model"
)

var servesAt = regexp.MustCompile(`msg=serving .*http=(\S+)`)

// serve starts the program and waits until it shows what it works out in the
// background: agents' marks, and the check of the split.
func (s *invented) serve(t *testing.T) {
	t.Helper()
	name := filepath.Join(s.folder, "service.log")
	log, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd := s.program("serve", "--synthetic")
	cmd.Stdout, cmd.Stderr = log, log
	p, err := lab.StartProcess(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), startLimit)
		defer cancel()
		if err := p.End(ctx); err != nil {
			t.Error(err)
		}
		if said, _ := os.ReadFile(name); t.Failed() {
			t.Logf("the service said:\n%s", said)
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), startLimit)
	defer cancel()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		said, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if m := servesAt.FindSubmatch(said); m != nil {
			s.address = string(m[1])
			if strings.Contains(s.page(t, "/metrics/agents"), "\naftercall_agent_adjusted_ratio{") && strings.Contains(s.page(t, "/metrics"), "\naftercall_experiment_srm_p_value{") {
				return
			}
		}
		select {
		case <-p.Done():
			t.Fatalf("the service ended: %s\n%s", p.State(), said)
		case <-ctx.Done():
			t.Fatalf("the service shows no marks of agents or no check of the split\n%s", said)
		case <-tick.C:
		}
	}
}

func (s *invented) page(t *testing.T, path string) string {
	t.Helper()
	resp, err := http.Get("http://" + s.address + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// watched gives a Prometheus that has watched the service for five weeks.
func (s *invented) watched(t *testing.T) *Server {
	t.Helper()
	again := strings.Replace(s.address, "127.0.0.1", "localhost", 1)
	p, err := Start(t.Context(), Options{Folder: filepath.Join("..", ".."), Targets: []string{s.address, again}, Every: time.Second, History: s.history(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), startLimit)
		defer cancel()
		if err := p.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), startLimit)
	defer cancel()
	for query, n := range map[string]model.SampleValue{`sum(up)`: 4, `count(ALERTS{alertname="AftercallAsteriskDisconnected"})`: 2, `count(team:aftercall_agent_answered:ratio7d)`: 2} {
		if _, err := p.Until(ctx, query, func(v model.Vector) bool { return len(v) == 1 && v[0].Value == n }); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// history writes what Prometheus would have, had it watched the service for
// five weeks: the service's own series under the same labels, counters growing
// evenly from 0 to what they are now, and all else as it is now. Nobody calls
// now; in the history callers pressed keys, and their ratings were durable at
// once.
func (s *invented) history(t *testing.T) string {
	t.Helper()
	now := time.Now()
	times := instants(now)
	name := filepath.Join(t.TempDir(), "history.txt")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := bufio.NewWriter(f)
	for job, path := range map[string]string{"aftercall": "/metrics", "aftercall-agents": "/metrics/agents"} {
		target := fmt.Sprintf("job=%q,instance=%q", job, s.address)
		for line := range strings.Lines(s.page(t, path)) {
			if !strings.HasPrefix(line, "aftercall_") {
				continue // comments, and how the process fares
			}
			at := strings.LastIndexByte(line, ' ')
			v, err := strconv.ParseFloat(strings.TrimSpace(line[at+1:]), 64)
			if err != nil {
				t.Fatalf("%s: %q: %v", path, line, err)
			}
			if durable.MatchString(line) {
				v = inventedKeys
			}
			remember(out, label(line[:at], target), v, times)
		}
	}
	fmt.Fprintln(out, "# EOF")
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	return name
}

// label adds labels to a series.
func label(series, labels string) string {
	if head, found := strings.CutSuffix(series, "}"); found {
		return head + "," + labels + "}"
	}
	return series + "{" + labels + "}"
}

// inventedKeys are as many as a dashboard wants to say something of each day.
const inventedKeys = 200 * inventedDays

var durable = regexp.MustCompile(`^aftercall_key_durable_seconds_(bucket|count)`)

var counter = regexp.MustCompile(`^\w+_(total|bucket|count|sum)\{`)

func remember(out io.Writer, series string, v float64, times []time.Time) {
	first, span := times[0], times[len(times)-1].Sub(times[0])
	for _, at := range times {
		x := v
		if counter.MatchString(series) {
			x = math.Floor(v * float64(at.Sub(first)) / float64(span))
		}
		fmt.Fprintf(out, "%s %v %d\n", series, x, at.Unix())
	}
}

// instants are those of the samples, in order: every hour of five weeks, and
// every two minutes where rules look: in the last hours, and around a day and a
// week ago. A sample counts for five minutes.
func instants(now time.Time) []time.Time {
	const day = 24 * time.Hour
	dense := func(at time.Time) bool {
		for _, back := range []time.Duration{0, day, 7 * day} {
			if since := now.Add(-back).Sub(at); since > -10*time.Minute && since < 90*time.Minute {
				return true
			}
		}
		return false
	}
	var list []time.Time
	for at := now.Truncate(time.Hour).Add(-35 * day); at.Before(now.Add(-time.Minute)); at = at.Add(2 * time.Minute) {
		if at.Minute() == 0 || dense(at) {
			list = append(list, at)
		}
	}
	return list
}
