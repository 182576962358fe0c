package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"aftercall/scoring"
	"aftercall/scoring/sqlite"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// hostileNames are what agents, queues, interfaces and languages are called
// by whoever means us harm, and got into the store.
var hostileNames = []string{
	"\x1b[2J\x1b[31mred", "\x1b]0;title\x07", "\u009b2J", "bell\x07 and back\b\b\b", "line\nlevel=ERROR msg=forged", "return\rover",
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `{{.Site}} ${x} %s%n`, "`| [a](javascript:alert(1)) |`",
	`=HYPERLINK("http://evil.example","x")`, `+1+cmd|' /C calc'!A0`, `-2+3`, "@SUM(A1)", "\t=1+1", "\r=1+1",
	`a",b="c`, "a\\\nb{} 1", `'; DROP TABLE calls; --`, "\u202egnp.exe", "\x7f", strings.Repeat("長", 80),
}

// hostileSite gives a site whose store holds calls of every hostile name.
func hostileSite(t *testing.T) string {
	t.Helper()
	path := built(t, "agents: []", `agents: [{id: "7", name: "<script>alert(2)</script>", team: "=1+1"}, {id: "@8", name: "-2+3", team: "\"q\",|"}]`)
	c := load(t, path)
	lib, err := sounds(c)
	if err != nil {
		t.Fatal(err)
	}
	book, err := newBook(c, lib)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := book.Definitions()
	if err != nil {
		t.Fatal(err)
	}
	var arms []scoring.EpochArm
	for _, l := range kept {
		arms = append(arms, scoring.EpochArm{Layout: l.Name, Version: l.Version, Weight: 1})
	}
	store, err := sqlite.Open(t.Context(), c.Store.Path, sqlite.Options{Zone: c.Site.TimeZone, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.PutLayouts(t.Context(), kept); err != nil {
		t.Fatal(err)
	}
	for i, name := range hostileNames {
		split, err := scoring.Epoch{Queue: name, Question: "service", Arms: arms}.Split()
		if err != nil {
			t.Fatal(err)
		}
		ids, err := store.Epochs(t.Context(), []scoring.Split{split}, began)
		if err != nil {
			t.Fatal(err)
		}
		r := visit(i+1, scoring.Rated, scoring.Completed)
		agent := scoring.Agent{ID: []string{"7", "@8", "+9", "-1+2"}[i%4], Interface: name, Name: name}
		r.Call.Agent, r.Call.Earlier = agent, []scoring.Agent{agent}
		r.Call.Queue, r.Call.Language, r.Call.Trunk, r.Call.LinkedID, r.Call.Codec = name, name, name, name, name
		r.ID.UniqueID = fmt.Sprintf("%d%.40s", i, name)
		r.Assignments[0].Layout, r.Assignments[0].Version, r.Assignments[0].Epoch = arms[i%2].Layout, arms[i%2].Version, ids[0]
		if _, err := store.Write(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// tame fails if a text holds what a terminal, a log or a page takes for a command.
func tame(t *testing.T, what, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Errorf("%s is no UTF-8: %.300q", what, text)
	}
	for i, r := range text {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			t.Errorf("%s holds the control character %q: …%.120q", what, r, text[max(0, i-60):])
			return
		}
	}
}

// TestHostileNames: whatever stands in the store, or is said on the command
// line, no face of the program passes it on as a command to a terminal, a
// browser, a spreadsheet, Prometheus or a reader of logs.
func TestHostileNames(t *testing.T) {
	path := hostileSite(t)
	tables := [][]string{
		{"calls"}, {"calls", "--json"}, {"calls", "--lang", "zh-CN"}, {"agents", "--from", "2026-03-01", "--to", "2026-04-01"},
		{"agents", "--from", "2026-03-01", "--to", "2026-04-01", "--json"}, {"compare", "--layouts", "habit,strict"}, {"compare", "--layouts", "habit,strict", "--json"},
		{"compare", "--layouts", "habit,strict", "--by", "queue"}, {"check"}, {"check", "--explain"}, {"doctor", "--etc", "/none"}, {"doctor", "--json", "--etc", "/none"}, {"experiment", "status"},
	}
	for _, name := range hostileNames {
		tables = append(tables, []string{"calls", "--queue", name}, []string{"calls", "--agent", name}, []string{"agents", "--queue", name}, []string{"agents", "--team", name},
			[]string{"compare", "--queue", name, "--layouts", name}, []string{"compare", name}, []string{"experiment", "status", name}, []string{"experiment", "stop", name},
			[]string{"experiment", "start", name, "--layouts", "habit," + name, "--queue", name, "--size", "1000"}, []string{"agents", "merge", "--yes", name, "7"},
			[]string{"simulate", name}, []string{"listen", name}, []string{name}, []string{"--" + name}, []string{"calls", "--lang", name}, []string{"check", "-c", name})
	}
	for _, args := range tables {
		out, log, _ := command(t, path, args...)
		tame(t, fmt.Sprintf("%q", args), out+log)
	}
	for _, args := range [][]string{{"agents", "--csv", "--from", "2026-03-01", "--to", "2026-04-01"}, {"compare", "--layouts", "habit,strict", "--by", "queue", "--csv"}} {
		out, log, status := command(t, path, args...)
		if status != 0 {
			t.Errorf("%v: status %d, %s", args, status, log)
		}
		noFormula(t, out)
	}
	page, log, status := command(t, path, "compare", "--layouts", "habit,strict", "--by", "queue", "--html", "-")
	if status != 0 {
		t.Errorf("compare --html: status %d, %s", status, log)
	}
	tame(t, "compare --html", page)
	noScript(t, "compare --html", page)
}

// noFormula reads a table as a spreadsheet does.
func noFormula(t *testing.T, text string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("%d rows, %v:\n%s", len(rows), err, text)
	}
	for _, row := range rows {
		for _, cell := range row {
			_, err := strconv.ParseFloat(cell, 64)
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) && err != nil {
				t.Errorf("cell %q is a formula, in %q", cell, row)
			}
		}
	}
}

func noScript(t *testing.T, what, page string) {
	t.Helper()
	for _, bad := range []string{"<script", "<img", "onerror=alert(1)>", "javascript:alert(1)\""} {
		if strings.Contains(page, bad) {
			t.Errorf("%s holds %q", what, bad)
		}
	}
}

// TestHostileNamesInTheService: the same of its pages, its metrics, its log,
// its socket and its spill file.
func TestHostileNamesInTheService(t *testing.T) {
	t.Setenv("AFTERCALL_METRICS_AGENT_IDLE", "0s")
	t.Setenv("AFTERCALL_LOG_LEVEL", "debug")
	path := hostileSite(t)
	spillHostile(t, path)
	s := launched(t, path)
	s.says(regexp.MustCompile(`msg=serving `))
	logged := make(chan string, 1)
	go func() { // ends with the service
		log := s.log
		for s.lines.Scan() {
			log += s.lines.Text() + "\n"
		}
		logged <- log
	}()
	for _, p := range []string{"/", "/?lang=zh-CN", "/?lang=%1b%5b2J", "/readyz", "/nothing%1b%5b2J"} {
		_, body := s.get(p, "")
		noScript(t, p, body)
	}
	for _, p := range []string{"/metrics", "/metrics/agents"} {
		_, body := s.get(p, "")
		parser := expfmt.NewTextParser(model.UTF8Validation)
		families, err := parser.TextToMetricFamilies(strings.NewReader(body))
		if err != nil || len(families) == 0 {
			t.Errorf("%s: Prometheus reads %d families, %v", p, len(families), err)
		}
	}
	client := &dialled(t, path).client
	for _, name := range hostileNames {
		body, err := json.Marshal(map[string]any{"name": name, "question": name, "layouts": []string{name}})
		if err != nil {
			t.Fatal(err)
		}
		merge, err := json.Marshal(mergeOrder{name, "7"})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range []struct{ path, body string }{
			{"/experiments", string(body)}, {"/agents/merge", string(merge)}, {"/experiments/x%0A%1b/stop", ""}, {"/experiments", name},
		} {
			resp, err := client.Post("http://aftercall"+r.path, "application/json", strings.NewReader(r.body))
			if err != nil {
				t.Fatal(err)
			}
			said, err := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if err != nil || !json.Valid(said) {
				t.Errorf("%s answers %q, %v, want JSON", r.path, said, err)
			}
		}
	}
	s.stop()
	log := <-logged
	for line := range strings.Lines(log) {
		if !strings.HasPrefix(line, "time=") {
			t.Errorf("a line of the log that is none: %q", line)
		}
	}
	tame(t, "the log", log)
}

// spillHostile leaves records of hostile names in the spill file, some of
// which no store takes.
func spillHostile(t *testing.T, path string) {
	t.Helper()
	file := load(t, path).Store.Spill
	var lines bytes.Buffer
	for i, name := range hostileNames {
		r := visit(1000+i, scoring.Rated, scoring.Completed)
		r.ID.UniqueID, r.Call.Queue, r.Call.Agent.Name = fmt.Sprintf("%d%.40s", i, name), name, name
		if i%2 == 0 {
			r.Call.Agent.ID = name // refused
		}
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		lines.Write(append(b, '\n'))
		lines.WriteString(strings.ReplaceAll(name, "\n", " ") + "\n") // no record at all
	}
	if err := os.WriteFile(file, lines.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}
