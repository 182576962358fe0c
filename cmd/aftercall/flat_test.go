package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"aftercall/deploy/standin"
	"aftercall/ivr/asterisk"
	"aftercall/scoring"
	"aftercall/scoring/sqlite"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// What make faults gives.
var flatSurveys = flag.Int("flat", 1000, "surveys over which a service must not grow")

const (
	flatAtOnce = 200
	flatParts  = 4                // of the surveys: after each the service is measured, with nobody in it
	flatGrowth = 1.25             // at most, from the first part to the last
	flatSlack  = 12 << 20         // bytes of memory that come and go with the collector
	flatLimit  = 30 * time.Second // for whoever is in the application to be out of it
)

// stage is a service in a process of its own that talks with a stand-in over
// loopback.
type stage struct {
	t    *testing.T
	path string
	process
	*standin.Server
	came int
}

// staged serves a site beside a stand-in.
func staged(t *testing.T) *stage {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, path: built(t)}
	s.Server = standin.New(standin.Options{
		Password: "a password of the test", System: "node1", Length: soundLength, Fault: func(err error) { t.Error(err) },
		Thanks: func(media []string) bool { return len(media) <= 2 }, // a pause and the words; a menu has more
	})
	served := make(chan error, 1)
	go func() { served <- s.Serve(listener) }()
	t.Cleanup(func() {
		if err := errors.Join(s.Close(), <-served); err != nil {
			t.Error(err)
		}
	})
	config, err := os.ReadFile(s.path)
	if err == nil {
		config = bytes.ReplaceAll(config, []byte(nobody), []byte("http://"+listener.Addr().String()+"/ari"))
		err = os.WriteFile(s.path, config, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.process = serviceAside(t, s.path)
	s.until("connected", func() bool { code, _ := s.page("/readyz"); return code == http.StatusOK })
	return s
}

// soundLength is that of a sound of ours, by the size of its file: 16 bits, 8 kHz.
func soundLength(media string) time.Duration {
	i, err := os.Stat(strings.TrimPrefix(media, "sound:") + ".wav")
	if err != nil {
		return 0
	}
	return time.Duration(i.Size()-44) * time.Second / 16000
}

// until waits for something to become so.
func (s *stage) until(what string, so func() bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), flatLimit)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-ctx.Done():
			s.t.Fatalf("not %s within %s", what, flatLimit)
		case <-tick.C:
		}
	}
}

func (s *stage) page(path string) (code int, body string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.base+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// figure gives the sum of a metric's series whose labels have a text in them.
func (s *stage) figure(name, labels string) (sum float64) {
	s.t.Helper()
	_, body := s.page("/metrics")
	for _, m := range regexp.MustCompile(`(?m)^`+name+`(\{[^}]*\})? (\S+)$`).FindAllStringSubmatch(body, -1) {
		if strings.Contains(m[1], labels) {
			v, err := strconv.ParseFloat(m[2], 64)
			if err != nil {
				s.t.Fatal(err)
			}
			sum += v
		}
	}
	return sum
}

// arrives lets somebody in.
func (s *stage) arrives(args []string, acts ...standin.Act) *standin.Caller {
	s.came++
	id := fmt.Sprintf("node1-1700000000.%d", s.came)
	return &standin.Caller{Channel: id, Args: append([]string{"v1", "uniqueid=" + id, "visit=1"}, args...), Acts: acts}
}

// someone acts as callers do who do not stay long.
func (s *stage) someone(n int) *standin.Caller {
	args := []string{fmt.Sprint("agent=PJSIP/", 1001+n%40), "queue=support"}
	soon := time.Duration(n%7) * 10 * time.Millisecond
	key := standin.Act{Cue: "PlaybackStarted", N: 1, Wait: soon, Key: "13"[n%2 : n%2+1]} // rate in every layout
	away := standin.Act{Cue: "thanks", N: 1, Wait: soon}
	switch n % 8 {
	case 0: // hears the thank-you to its end
		return s.arrives(args, key)
	case 1: // hangs up behind the key
		return s.arrives(args, key, standin.Act{Cue: "stop", N: 1})
	case 2: // presses nothing
		return s.arrives(args, standin.Act{Cue: "play", N: 1, Wait: soon})
	case 3: // hangs up before anything plays
		return s.arrives(args, standin.Act{Cue: "enter", N: 1})
	case 4: // presses a wrong key first
		return s.arrives(args, standin.Act{Cue: "PlaybackStarted", N: 1, Key: "9"}, standin.Act{Cue: "play", N: 2, Wait: soon, Key: "1"}, away)
	}
	return s.arrives(args, key, away)
}

// survey surveys callers, some at a time, and returns when all of them are
// gone and their calls have ended.
func (s *stage) survey(callers []*standin.Caller, atOnce int) {
	s.t.Helper()
	places := make(chan struct{}, atOnce)
	for _, c := range callers {
		places <- struct{}{}
		gone := s.Enter(c)
		go func() { <-gone; <-places }()
	}
	for range atOnce {
		places <- struct{}{}
	}
	s.until("empty", func() bool {
		return s.In() == 0 && s.figure("aftercall_surveys_active", "") == 0 && s.figure("aftercall_spill_pending", "") == 0
	})
}

// size is what a service is at one moment.
type size struct {
	memory, files, goroutines int
	store                     int // bytes in use
}

func (s *stage) measure(what string) size {
	s.t.Helper()
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.pid))
	if err != nil {
		s.t.Fatal(err)
	}
	var pages, free, each int
	db := open(s.t, s.path, "?mode=ro")
	defer db.Close()
	for pragma, into := range map[string]*int{"page_count": &pages, "freelist_count": &free, "page_size": &each} {
		if err := db.QueryRowContext(s.t.Context(), "PRAGMA "+pragma).Scan(into); err != nil {
			s.t.Fatal(err)
		}
	}
	x := size{int(s.figure("process_resident_memory_bytes", "")), len(files), int(s.figure("go_goroutines", "")), (pages - free) * each}
	s.t.Logf("%-36s memory %5.1f MB, %3d files, %3d goroutines, store %9d bytes", what, float64(x.memory)/(1<<20), x.files, x.goroutines, x.store)
	return x
}

// account holds what the callers saw against the store, and gives how many
// were thanked.
func (s *stage) account(callers []*standin.Caller, unasked int) (thanked int) {
	s.t.Helper()
	store, err := sqlite.OpenReadOnly(s.t.Context(), load(s.t, s.path).Store.Path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer store.Close()
	rows, err := store.Calls(s.t.Context(), scoring.Query{Limit: s.came + 1})
	if err != nil {
		s.t.Fatal(err)
	}
	byID := map[string]scoring.CallRow{}
	for _, r := range rows {
		byID[r.ID.UniqueID] = r
	}
	missing, bad := 0, 0
	for _, c := range callers {
		saw := s.Log(c)
		r, stored := byID[c.Channel]
		rated := stored && slices.ContainsFunc(r.Questions, func(q scoring.AskedRow) bool { return q.Answer != nil && q.Answer.Outcome == scoring.Rated })
		switch {
		case !stored:
			missing++
		case r.End == nil, saw.Thanked > 0 && !rated, len(r.Keys) > len(saw.Keys), saw.How != standin.Released && saw.How != standin.HungUp:
			if bad++; bad < 5 {
				s.t.Errorf("caller %s saw %+v, stored %+v", c.Channel, saw, r)
			}
		}
		thanked += saw.Thanked
	}
	if missing != unasked {
		s.t.Errorf("of %d callers %d are not in the store, want %d", len(callers), missing, unasked)
	}
	return thanked
}

// TestFlat: a service that surveys one caller after the other, 200 at a time,
// does not grow, but for the rows that it stores.
func TestFlat(t *testing.T) {
	s := staged(t)
	callers := make([]*standin.Caller, *flatSurveys)
	for n := range callers {
		callers[n] = s.someone(n)
	}
	var at []size
	was := s.measure("at the start").store
	var bytes []float64
	part := len(callers) / flatParts
	for n := range flatParts {
		s.survey(callers[n*part:(n+1)*part], flatAtOnce)
		x := s.measure(fmt.Sprint("after ", (n+1)*part, " surveys"))
		at, bytes, was = append(at, x), append(bytes, float64(x.store-was)/float64(part)), x.store
	}
	if thanked := s.account(callers[:flatParts*part], 0); thanked < len(callers)/4 {
		t.Errorf("%d of %d callers were thanked, want those who rated", thanked, len(callers))
	}
	first, last := at[0], at[flatParts-1]
	t.Logf("store: %.0f bytes each of the first surveys, %.0f of the last", bytes[0], bytes[flatParts-1])
	if float64(last.memory) > flatGrowth*float64(first.memory)+flatSlack {
		t.Errorf("memory grew from %d to %d bytes, want at most %v times and %d", first.memory, last.memory, flatGrowth, flatSlack)
	}
	if float64(last.goroutines) > flatGrowth*float64(first.goroutines)+16 || float64(last.files) > flatGrowth*float64(first.files)+16 {
		t.Errorf("from %d goroutines and %d files to %d and %d, want as many", first.goroutines, first.files, last.goroutines, last.files)
	}
	// The first surveys make the tables of agents and totals too.
	if bytes[flatParts-1] > flatGrowth*bytes[0]+200 {
		t.Errorf("the last surveys take %.0f bytes each in the store, the first %.0f, want no more", bytes[flatParts-1], bytes[0])
	}
}

// TestStorm: callers who come all at once are asked, and those beyond the
// bound sent on unasked; nobody is lost.
func TestStorm(t *testing.T) {
	n, stay := 500, 2*time.Second
	if *flatSurveys >= 10_000 {
		n, stay = asterisk.MaxActive+500, 15*time.Second
	}
	s := staged(t)
	callers := make([]*standin.Caller, n)
	for i := range callers {
		callers[i] = s.arrives([]string{"agent=PJSIP/1001", "queue=support"}, standin.Act{Cue: "enter", N: 1, Wait: stay})
	}
	began := time.Now()
	s.survey(callers, n)
	s.measure(fmt.Sprint(n, " callers at once"))
	unasked := int(s.figure("aftercall_calls_unasked_total", `reason="overloaded"`))
	t.Logf("%d callers were here %s after the first; %d of them unasked", n, time.Since(began).Round(time.Millisecond), unasked)
	if n > asterisk.MaxActive != (unasked > 0) {
		t.Errorf("%d of %d sent on unasked, with a bound of %d", unasked, n, asterisk.MaxActive)
	}
	s.account(callers, unasked)
	if dropped := s.figure("aftercall_ari_events_total", `result="dropped"`); dropped != 0 {
		t.Errorf("%v events dropped", dropped)
	}
}

// hostile are names that would break what takes them as it finds them.
var hostile = []string{
	strings.Repeat("n", 4096), "a\x01\x02\x7fb", "a\nb\"} 1\n# HELP x", `"},x="y`, `\`, "'; DROP TABLE calls; --", "<script>alert(1)</script>", "🦊🦊🦊",
	"\u202eABC\u202c", "a\x00b", "\xff\xfe", "../../etc/passwd", "%2e%2e%2f", "$(reboot)", "`reboot`", "${ENV(PATH)}", "   ", ",,,=", "=cmd|'/c calc'!A1", "{{.}}",
}

// TestHostileDialplan: whatever agents and queues call themselves, and however
// many an evil dialplan makes up, the pages are well formed and bounded.
func TestHostileDialplan(t *testing.T) {
	const most = 50
	t.Setenv("AFTERCALL_METRICS_MAX_AGENTS", strconv.Itoa(most))
	s := staged(t)
	var callers []*standin.Caller
	for _, h := range hostile {
		for _, name := range []string{"agent", "agentname", "agentid", "queue", "linkedid", "language", "codec", "talk", "before", "told", "hungup", h} {
			for _, value := range []string{h, url.PathEscape(h)} {
				key := standin.Act{Cue: "PlaybackStarted", N: 1, Key: "1"}
				args := []string{name + "=" + value}
				if name != "agent" {
					args = append(args, "agent=PJSIP/1001")
				}
				if name != "queue" {
					args = append(args, "queue=support")
				}
				callers = append(callers, s.arrives(args, key, standin.Act{Cue: "thanks", N: 1}))
			}
		}
	}
	s.survey(callers, flatAtOnce)
	s.account(callers, 0)
	before := s.measure(fmt.Sprint(len(callers), " callers with hostile names"))
	invented := make([]*standin.Caller, *flatSurveys/2)
	for n := range invented {
		invented[n] = s.arrives([]string{fmt.Sprint("agentid=made-up-", n), "agent=PJSIP/1001", "queue=support"},
			standin.Act{Cue: "PlaybackStarted", N: 1, Key: "1"}, standin.Act{Cue: "thanks", N: 1})
	}
	s.survey(invented, flatAtOnce)
	s.account(invented, 0)
	after := s.measure(fmt.Sprint(len(invented), " agents made up"))
	t.Logf("an agent made up costs %d bytes of memory and %d of the store, its survey included", (after.memory-before.memory)/len(invented), (after.store-before.store)/len(invented))
	s.wellFormed(most)
}

// wellFormed looks at every page.
func (s *stage) wellFormed(mostAgents int) {
	s.t.Helper()
	for _, path := range []string{"/metrics", "/metrics/agents"} {
		code, body := s.page(path)
		parser := expfmt.NewTextParser(model.UTF8Validation)
		families, err := parser.TextToMetricFamilies(strings.NewReader(body))
		if err != nil || code != http.StatusOK || len(families) == 0 {
			s.t.Errorf("%s: status %d, %v", path, code, err)
		}
		agents := map[string]bool{}
		for _, f := range families {
			for _, m := range f.Metric {
				for _, l := range m.Label {
					if len(l.GetValue()) > scoring.MaxName {
						s.t.Errorf("%s: %s{%s} of %d bytes", path, f.GetName(), l.GetName(), len(l.GetValue()))
					}
					if l.GetName() == "agent" {
						agents[l.GetValue()] = true
					}
				}
			}
		}
		if len(agents) > mostAgents {
			s.t.Errorf("%s shows %d agents, want %d at most", path, len(agents), mostAgents)
		}
	}
	for _, path := range []string{"/", "/?lang=zh-CN"} {
		if code, body := s.page(path); code != http.StatusOK || strings.Contains(body, "<script>alert") {
			s.t.Errorf("%s: status %d, want a page without anybody's script", path, code)
		}
	}
}
