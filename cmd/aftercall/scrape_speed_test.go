package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"aftercall/ivr/prompt"
	"aftercall/scoring"
	"aftercall/scoring/sqlite"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// What make bench-scrape gives besides the program.
var scrapeAgents = flag.Int("agents", 300, "agents of the large centre whose metrics are timed")

const (
	smallCentre   = 10 // agents
	scrapeDays    = 30
	scrapeRuns    = 15
	scrapeMost    = time.Second
	largeMemory   = 150 << 20
	smallMemory   = 64 << 20
	partVariable  = "AFTERCALL_TEST_PART"
	agentsPerFill = 50
)

// playPart has the test's own program, started again, be the service, or a
// registry of client_golang with as many series as agents have.
func playPart() {
	switch part := os.Getenv(partVariable); {
	case part == "serve":
		os.Exit(exit(run(signals(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr), os.Stderr))
	case part != "":
		agents, err := strconv.Atoi(part)
		if err == nil {
			err = serveBare(agents)
		}
		os.Exit(exit(err, os.Stderr))
	}
}

// serveBare serves the 16 series of each agent as vectors of client_golang.
func serveBare(agents int) error {
	reg := prometheus.NewRegistry()
	gauge := func(name string, labels ...string) *prometheus.GaugeVec {
		v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "aftercall_agent_" + name, Help: "Bare."}, append([]string{"agent"}, labels...))
		reg.MustRegister(v)
		return v
	}
	info, ratings, satisfied := gauge("info", "name", "team"), gauge("window_ratings", "window"), gauge("window_satisfied", "window")
	surveys := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "aftercall_agent_surveys_total", Help: "Bare."}, []string{"agent", "outcome"})
	verdicts := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "aftercall_agent_ratings_total", Help: "Bare."}, []string{"agent", "verdict"})
	reg.MustRegister(surveys, verdicts)
	marks := []*prometheus.GaugeVec{gauge("adjusted_ratio"), gauge("adjusted_ratio_lower"), gauge("adjusted_ratio_upper"), gauge("tier")}
	for i := range agents {
		id := agentID(i)
		info.WithLabelValues(id, "", "").Set(1)
		ratings.WithLabelValues(id, "30d").Set(40)
		satisfied.WithLabelValues(id, "30d").Set(30)
		for _, o := range scoring.Outcomes[:5] {
			surveys.WithLabelValues(id, string(o)).Add(float64(i))
		}
		for _, v := range []string{"dissatisfied", "fair", "satisfied", "very_satisfied"} {
			verdicts.WithLabelValues(id, v).Add(float64(i))
		}
		for _, m := range marks {
			m.WithLabelValues(id).Set(0.8125)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "msg=serving http=%s\n", l.Addr())
	return newServer(promhttp.HandlerFor(reg, promhttp.HandlerOpts{EnableOpenMetrics: true})).Serve(l)
}

func agentID(i int) string { return fmt.Sprintf("PJSIP/%05d", i) }

// centre fills the store of a new site with a month of two calls a day for
// each agent, and gives the path of the configuration.
func centre(t *testing.T, agents int) string {
	t.Helper()
	path := built(t)
	c := load(t, path)
	book, err := newBook(c, prompt.Estimate{})
	if err != nil {
		t.Fatal(err)
	}
	version := map[string]string{}
	for _, name := range []string{"habit", "strict"} {
		version[name], _ = bornOf(t, book, "", name)
	}
	kept, err := book.Definitions()
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(t.Context(), c.Store.Path, sqlite.Options{Zone: c.Site.TimeZone})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.PutLayouts(t.Context(), kept); err != nil {
		t.Fatal(err)
	}
	verdicts := map[string][]string{"habit": {"satisfied", "satisfied", "fair", "", "dissatisfied", "satisfied", ""}, "strict": {"very_satisfied", "satisfied", "", "dissatisfied", "very_satisfied"}}
	today, n := time.Now(), 0
	for first := 0; first < agents; first += agentsPerFill {
		var all []scoring.Record
		for i := first; i < min(first+agentsPerFill, agents); i++ {
			for day := range scrapeDays {
				for _, name := range []string{"habit", "strict"} {
					n++
					r := ratedRecord(n, agentID(i), verdicts[name][n/2%len(verdicts[name])], version[name], today.AddDate(0, 0, day+1-scrapeDays), c.Zone)
					r.Assignments[0].Layout, r.Born = name, book.AgentSeries(agentID(i), "support")
					all = append(all, r)
				}
			}
		}
		if err := store.WriteAll(t.Context(), all); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// process is another program that serves metrics.
type process struct {
	*running
	pid  int
	took chan string // of the first refresh of a service
}

var (
	servingAt = regexp.MustCompile(`msg=serving .*http=(\S+)`)
	refreshed = regexp.MustCompile(`msg="figures refreshed" took=(\S+) error=<nil>`)
)

// aside runs a program until the test ends, and waits until it serves.
func aside(t *testing.T, cmd *exec.Cmd) process {
	t.Helper()
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := process{running: &running{t: t}, pid: cmd.Process.Pid, took: make(chan string, 1)}
	at, read := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(read)
		for lines := bufio.NewScanner(log); lines.Scan(); {
			if m := servingAt.FindStringSubmatch(lines.Text()); m != nil {
				at <- m[1]
			}
			if m := refreshed.FindStringSubmatch(lines.Text()); m != nil && len(p.took) == 0 {
				p.took <- m[1]
			}
		}
		close(at)
	}()
	t.Cleanup(func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		<-read
		_ = cmd.Wait() // ended by the signal
	})
	p.base = "http://" + <-at
	return p
}

// serviceAside serves a site in a process of its own.
func serviceAside(t *testing.T, path string) process {
	t.Helper()
	program := *speedProgram
	if program == "" {
		program = os.Args[0]
	}
	cmd := exec.Command(program, "--config", path, "serve")
	cmd.Env = append(os.Environ(), partVariable+"=serve", "AFTERCALL_LOG_LEVEL=debug")
	return aside(t, cmd)
}

// scrapes gets a page several times and gives the times, sorted, and the last
// body as it came.
func (p process) scrapes(page, encoding string) (took []time.Duration, body []byte) {
	p.t.Helper()
	for range scrapeRuns {
		req, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.base+page, nil)
		if err != nil {
			p.t.Fatal(err)
		}
		req.Header.Set("Accept-Encoding", encoding) // set by us, the answer stays as it comes
		began := time.Now()
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			p.t.Fatal(err)
		}
		body, err = io.ReadAll(resp.Body)
		took = append(took, time.Since(began))
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			p.t.Fatalf("%s: %s, %v", page, resp.Status, err)
		}
	}
	http.DefaultClient.CloseIdleConnections()
	slices.Sort(took)
	return took, body
}

// report times a page in both encodings, prints what came out, and gives the
// median of the compressed one, its work, and how many series of agents it has.
func (p process) report(what, page string) (gzipped, work time.Duration, series int) {
	p.t.Helper()
	for _, encoding := range []string{"identity", "gzip"} {
		before := p.cpu()
		took, body := p.scrapes(page, encoding)
		work = (p.cpu() - before) / scrapeRuns
		gzipped = took[scrapeRuns/2]
		p.t.Logf("%-28s %-16s %-8s median %8s of %d (%s to %s), CPU %6s, %9d bytes", what, page, encoding, gzipped.Round(10*time.Microsecond), scrapeRuns,
			took[0].Round(10*time.Microsecond), took[scrapeRuns-1].Round(10*time.Microsecond), work.Round(100*time.Microsecond), len(body))
		if encoding == "gzip" {
			z, err := gzip.NewReader(bytes.NewReader(body))
			if err != nil {
				p.t.Fatal(err)
			}
			if body, err = io.ReadAll(z); err != nil {
				p.t.Fatal(err)
			}
		}
		series = bytes.Count(body, []byte(`{agent="`))
	}
	return gzipped, work, series
}

// cpu is the time that a process has worked so far, to 10 ms.
func (p process) cpu() time.Duration {
	p.t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.pid))
	if err != nil {
		p.t.Fatal(err)
	}
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:])) // from the third of proc(5) on
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	if err := errors.Join(err1, err2); err != nil {
		p.t.Fatal(err)
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}

// memory reads what a process holds now and the most that it held, and gives
// the latter, in bytes.
func (p process) memory(what string) (most int) {
	p.t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.pid))
	if err != nil {
		p.t.Fatal(err)
	}
	kB := func(name string) int {
		_, rest, _ := strings.Cut(string(b), name+":")
		n, err := strconv.Atoi(strings.Fields(rest)[0])
		if err != nil {
			p.t.Fatal(err)
		}
		return n << 10
	}
	most = kB("VmHWM")
	p.t.Logf("%-28s memory %.1f MB, at most %.1f MB", what, float64(kB("VmRSS"))/(1<<20), float64(most)/(1<<20))
	return most
}

// measured serves a centre and measures it.
func measured(t *testing.T, agents int) (own, all, work time.Duration, memory int) {
	t.Helper()
	what := fmt.Sprintf("%d agents", agents)
	p := serviceAside(t, centre(t, agents))
	t.Logf("%-28s refreshed in %s", what, <-p.took)
	p.memory(what + ", not scraped")
	own, _, _ = p.report(what, "/metrics")
	all, work, series := p.report(what, "/metrics/agents")
	if series < 12*agents || series > 16*agents {
		t.Errorf("%s have %d series, want 12 to 16 of each", what, series)
	}
	return own, all, work, p.memory(what)
}

// TestScrapeSpeed times scrapes of a small centre, of a large one, and of a
// bare registry with as many series as the large one. Only the program itself
// has limits: how fast a test goes depends on who else is running.
func TestScrapeSpeed(t *testing.T) {
	smallOwn, _, _, smallUses := measured(t, smallCentre)
	largeOwn, largeAll, largeWork, largeUses := measured(t, *scrapeAgents)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), partVariable+"="+strconv.Itoa(*scrapeAgents))
	bare := aside(t, cmd)
	bareAll, _, series := bare.report("bare registry", "/")
	bare.memory("bare registry")
	if series != 16**scrapeAgents {
		t.Errorf("the bare registry has %d series, want 16 of each agent", series)
	}
	t.Logf("/metrics/agents takes %.2f times as long as the bare registry; /metrics %.2f times as long with %d agents as with %d",
		float64(largeAll)/float64(bareAll), float64(largeOwn)/float64(smallOwn), *scrapeAgents, smallCentre)
	if *speedProgram == "" {
		return
	}
	if largeWork >= scrapeMost { // the time itself depends on who else is running
		t.Errorf("a scrape of /metrics/agents is work for %s, want less than %s", largeWork, scrapeMost)
	}
	if smallUses >= smallMemory || largeUses >= largeMemory {
		t.Errorf("the program held up to %d bytes with %d agents and %d with %d, want less than %d and %d", smallUses, smallCentre, largeUses, *scrapeAgents, smallMemory, largeMemory)
	}
}
