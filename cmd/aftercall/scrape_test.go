package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aftercall/ivr/prompt"
	"aftercall/scoring"
)

// rated fills the store of a site with ratings of an agent on one day.
func rated(t *testing.T, path, agent string, at time.Time, verdicts ...string) {
	t.Helper()
	c := load(t, path)
	book, err := newBook(c, prompt.Estimate{})
	if err != nil {
		t.Fatal(err)
	}
	version, totals := bornOf(t, book, agent, "habit")
	var all []scoring.Record
	for i, v := range verdicts {
		r := ratedRecord(i, agent, v, version, at, c.Zone)
		r.ID.UniqueID = fmt.Sprintf("node1-%d.%d", at.UnixNano(), i)
		r.Born = totals
		all = append(all, r)
	}
	fill(t, path, all...)
}

// refreshed waits until agents' figures have been worked out.
func (r *running) refreshed() {
	r.t.Helper()
	r.until("/metrics/agents", func(body string) bool {
		return strings.Contains(body, "aftercall_agents_refreshed_timestamp_seconds") && !strings.Contains(body, "aftercall_agents_refreshed_timestamp_seconds 0\n")
	})
}

// TestSeriesOfAnAgent: with the shipped configuration an agent with enough
// ratings for everything has at most 16 series, in names that promtool finds
// well made; the other path knows nobody.
func TestSeriesOfAnAgent(t *testing.T) {
	const most = 16
	path := built(t)
	verdicts := strings.Split(strings.Repeat("satisfied dissatisfied ", 20), " ")
	for i := range 6 { // as many as can be held against each other
		rated(t, path, fmt.Sprintf("agent-%d", i), time.Now(), verdicts...)
	}
	s := serves(t, path)
	s.refreshed()
	_, body := s.get("/metrics/agents", "")
	if n := strings.Count(body, `{agent="agent-3"`); n != most {
		t.Errorf("an agent has %d series, want %d:\n%s", n, most, body)
	}
	if _, own := s.get("/metrics", ""); strings.Contains(own, "agent-3") {
		t.Errorf("/metrics knows an agent:\n%s", own)
	}
	for _, page := range []string{"/metrics", "/metrics/agents"} {
		_, body := s.get(page, "")
		check := exec.CommandContext(t.Context(), "promtool", "check", "metrics")
		check.Stdin = strings.NewReader(body)
		if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("promtool check metrics on %s: %v\n%s", page, err, out)
		}
		text := s.openMetrics(page)
		if !strings.HasSuffix(text, "# EOF\n") || !strings.Contains(text, "_total{") {
			t.Errorf("%s as OpenMetrics:\n%s\nwant totals, and the end", page, text)
		}
	}
	counted := s.counters("/metrics/agents")
	s.stop()
	s = serves(t, path)
	if again := s.counters("/metrics/agents"); again != counted {
		t.Errorf("after a restart the counters are\n%s\nwant\n%s", again, counted)
	}
	s.stop()
}

// openMetrics gets a page as Prometheus asks for it.
func (r *running) openMetrics(page string) string {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, r.base+page, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Accept", "application/openmetrics-text;version=1.0.0")
	req.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "1")
	req.Close = true
	_, body := r.send(req, "")
	return body
}

// TestScrapeDuringAReload: while another program holds the database, and a
// reload and so the writer wait for it, both pages answer; after it the reload
// goes well.
func TestScrapeDuringAReload(t *testing.T) {
	path := built(t)
	rated(t, path, "wf", time.Now(), "fair")
	s := serves(t, path)
	s.refreshed()
	db := open(t, path, "?_txlock=exclusive")
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	edit(t, path, oneQueue, "layouts: [{layout: gap, weight: 1}]")
	edit(t, path, "agents: []", "agents: [{id: wf, name: Wang Fang, team: early}]")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.base+"/-/reload", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Close = true
	reloaded := make(chan error, 1)
	go func() {
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			if err = resp.Body.Close(); resp.StatusCode != http.StatusOK {
				err = errors.Join(err, errors.New(resp.Status))
			}
		}
		reloaded <- err
	}()
	for range 3 {
		for _, page := range []string{"/metrics", "/metrics/agents"} {
			if status, body := s.get(page, ""); status != http.StatusOK || !strings.Contains(body, "_total{") {
				t.Errorf("%s during a reload: status %d\n%s", page, status, body)
			}
		}
	}
	select {
	case err := <-reloaded:
		t.Errorf("the reload did not wait: %v", err)
	default:
	}
	if err := errors.Join(tx.Rollback(), db.Close()); err != nil {
		t.Fatal(err)
	}
	if err := <-reloaded; err != nil {
		t.Errorf("reload: %v", err)
	}
	if _, body := s.get("/metrics/agents", ""); !strings.Contains(body, `aftercall_agent_info{agent="wf",name="Wang Fang",team="early"} 1`) {
		t.Errorf("after the reload:\n%s\nwant the agent's name and team", body)
	}
	s.stop()
}

// TestScrapeDuringAMigration: while the store's tables change, the service is
// alive, says what it does, and serves afterwards.
func TestScrapeDuringAMigration(t *testing.T) {
	path := built(t)
	fill(t, path, visit(1, scoring.Rated, scoring.Completed))
	change(t, path, "DROP TABLE agents; DROP TABLE callers; DROP TABLE removed_counts_agent; DROP TABLE removed_counts_day;"+
		"DROP TABLE removed_agent_day; DROP TABLE removed_timing; DELETE FROM goose_db_version WHERE version_id > 3") // as the program before left it, for all that matters here
	db := open(t, path, "?_txlock=immediate")
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	s := launched(t, path)
	for { // the copy comes before the first change, which waits
		copies, err := filepath.Glob(load(t, path).Store.Path + ".schema3.pending")
		if err != nil {
			t.Fatal(err)
		}
		for _, page := range []string{"/metrics", "/metrics/agents", "/readyz", "/"} {
			if status, body := s.get(page, ""); status != http.StatusServiceUnavailable || body != "starting: the store is being opened\n" {
				t.Fatalf("%s during a migration: status %d, %q", page, status, body)
			}
		}
		if status, body := s.get("/healthz", ""); status != http.StatusOK || body != "ok\n" {
			t.Errorf("/healthz during a migration: status %d, %q", status, body)
		}
		if len(copies) > 0 {
			break
		}
	}
	if err := errors.Join(tx.Rollback(), db.Close()); err != nil {
		t.Fatal(err)
	}
	s.await()
	if status, body := s.get("/metrics", ""); status != http.StatusOK || !strings.Contains(body, `queue="support"} 1`) {
		t.Errorf("after the migration: status %d\n%s", status, body)
	}
	s.stop()
}

// TestSplitsInMetrics: an experiment, its end and a reload move when the split
// began, and what it is checked for.
func TestSplitsInMetrics(t *testing.T) {
	path := built(t)
	s := serves(t, path)
	const epoch, p = `aftercall_epoch_started_timestamp_seconds{question="service",queue="support"} `, `aftercall_experiment_srm_p_value{experiment="spring",queue="support"} 1` + "\n"
	began := func(body string) string {
		_, rest, _ := strings.Cut(body, epoch)
		at, _, _ := strings.Cut(rest, "\n")
		return at
	}
	var first, second string
	s.until("/metrics", func(body string) bool {
		first = began(body)
		return first != "" && !strings.Contains(body, "srm_p_value{")
	})
	if out, log, status := command(t, path, "experiment", "start", "spring", "--layouts", "habit,gap", "--queue", "support", "--size", "16000"); status != 0 {
		t.Fatal(out, log)
	}
	s.until("/metrics", func(body string) bool {
		second = began(body)
		return second != "" && second != first && strings.Contains(body, p)
	})
	_, body := s.get("/metrics", "")
	for _, want := range []string{
		`aftercall_verdict_satisfied{question="service",verdict="fair"} 0`, `aftercall_verdict_satisfied{question="service",verdict="very_satisfied"} 1`,
		`aftercall_layout_option_info{key="3",layout="worst-first",position="1",question="service",verdict="dissatisfied"} 1`,
		`aftercall_layout_hangups_total{heard="0",layout="gap"} 0`, `aftercall_layout_hangups_total{heard="3",layout="gap"} 0`,
	} {
		if !strings.Contains(body, want+"\n") {
			t.Errorf("/metrics has no %s", want)
		}
	}
	if strings.Contains(body, `heard="4",layout="gap"`) {
		t.Error("somebody can hear 4 options of the layout gap, which has 3")
	}
	if out, log, status := command(t, path, "experiment", "stop", "spring"); status != 0 {
		t.Fatal(out, log)
	}
	s.until("/metrics", func(body string) bool { return !strings.Contains(body, "srm_p_value{") && began(body) != second })
	s.stop()
}

// TestStoppedWhileStarting: a stop does not wait for the store.
func TestStoppedWhileStarting(t *testing.T) {
	path := built(t)
	fill(t, path)
	db := open(t, path, "?_txlock=exclusive")
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	s := launched(t, path)
	s.cut()
	if err := <-s.ended; err == nil || !errors.Is(err, context.Canceled) && !strings.Contains(err.Error(), "lock") {
		t.Errorf("stopped while starting: %v", err)
	}
	if err := errors.Join(tx.Rollback(), db.Close()); err != nil {
		t.Error(err)
	}
}
