package main

import (
	"context"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// edit changes a file of the site.
func edit(t *testing.T, path, from, to string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(b), from) {
		t.Fatalf("%s has no %q to change", path, from)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(b), from, to, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// reload asks for one, and gives the answer with the test's folder left out.
func (r *running) reload(path string) (status int, body string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, r.base+"/-/reload", nil)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Close = true
	return r.send(req, path)
}

const oneQueue = "layouts: [{layout: habit, weight: 1}, {layout: strict, weight: 1}]"

// TestReload: a changed split, a new queue, another name and another node are
// in force at once; what is wrong changes nothing.
func TestReload(t *testing.T) {
	path := built(t)
	s := serves(t, path)
	has := func(page string, wants ...string) {
		t.Helper()
		_, body := s.get(page, "en")
		for _, want := range wants {
			if !strings.Contains(body, want) {
				t.Errorf("%s: no %q in\n%s", page, want, body)
			}
		}
	}
	well := func() {
		t.Helper()
		if status, body := s.reload(path); status != 200 || body != "configuration reloaded\n" {
			t.Errorf("reload: status %d, %q", status, body)
		}
		has("/metrics", "aftercall_config_last_reload_successful 1\n")
	}
	has("/metrics", "aftercall_config_last_reload_successful 1\n", `aftercall_ari_connected{node="node1"} 0`)
	edit(t, path, oneQueue, "layouts: [{layout: gap, weight: 1}]\n  - {name: sales, survey: service, layouts: [{layout: habit, weight: 1}]}")
	edit(t, path, "name: demo centre", "name: another centre")
	edit(t, path, "    - name: node1", "    - {name: node2, url: \"http://127.0.0.1:2/ari\", username: a, password_env: AFTERCALL_ARI_PASSWORD}\n    - name: node1")
	well()
	has("/", "another centre")
	has("/metrics", `aftercall_layout_surveys_total{layout="gap",outcome="rated",question="service",queue="support"} 0`,
		`queue="sales"`, `aftercall_ari_connected{node="node2"} 0`, `aftercall_ari_connected{node="node1"} 0`)
	has("/readyz", `"instance": "node2"`)

	for _, c := range []struct{ from, to, want string }{
		{"{layout: gap, weight: 1}", "{layout: gapp, weight: 1}", `layout "gapp" is not defined`},
		{"time_zone: Asia/Shanghai", "time_zone: Europe/Berlin", "site.time_zone: is Asia/Shanghai and would become Europe/Berlin: that needs another database"},
		{"app: aftercall", "app: other", "asterisk.app: is aftercall and would become other: that needs a restart"},
		{"longest: 2m30s", "longest: 1m", "want at most survey.longest = 1m0s"},
		{"languages: [en, zh-CN]", "languages: [en, zh-CN, fr]", "voices"},
		{"layouts.yaml]", "none.yaml]", `"none.yaml": cannot be read`},
	} {
		edit(t, path, c.from, c.to)
		if status, body := s.reload(path); status != 500 || !strings.HasPrefix(body, "configuration not reloaded:\n") || !strings.Contains(body, c.want) {
			t.Errorf("%s: status %d, %q, want 500 with %q", c.to, status, body, c.want)
		}
		has("/metrics", "aftercall_config_last_reload_successful 0\n")
		has("/", "another centre")
		edit(t, path, c.to, c.from)
	}
	layouts := strings.Replace(path, "aftercall.yaml", "layouts.yaml", 1)
	edit(t, layouts, "Please rate the service", "Please judge the service")
	if status, body := s.reload(path); status != 500 || !strings.Contains(body, "is missing, run: aftercall prompts build") {
		t.Errorf("a text without a sound: status %d, %q", status, body)
	}
	edit(t, layouts, "Please judge the service", "Please rate the service")
	edit(t, path, "    - {name: node2, url: \"http://127.0.0.1:2/ari\", username: a, password_env: AFTERCALL_ARI_PASSWORD}\n", "")
	well()
	s.until("/metrics", func(body string) bool { return !strings.Contains(body, "node2") })
	s.stop()
}

// TestReloadBySignal: SIGHUP reloads, and does not end the service.
func TestReloadBySignal(t *testing.T) {
	path := built(t)
	s := serves(t, path)
	edit(t, path, "name: demo centre", "name: another centre")
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	s.until("/", func(body string) bool { return strings.Contains(body, "another centre") })
	s.stop()
}

// TestEpochsOfAReload: a refused reload begins no epoch; one that changes a
// split begins one for that split alone.
func TestEpochsOfAReload(t *testing.T) {
	path := built(t)
	s := serves(t, path)
	db := open(t, path, "")
	defer db.Close()
	epochs := func() (n int) {
		t.Helper()
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM epochs").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	first := epochs()
	edit(t, path, oneQueue, "layouts: [{layout: gap, weight: 1}]")
	edit(t, path, "level: info", "level: loud")
	if status, _ := s.reload(path); status != 500 || epochs() != first {
		t.Errorf("status %d, %d epochs, want 500 and the %d from before", status, epochs(), first)
	}
	edit(t, path, "level: loud", "level: info")
	for range 2 { // the second time nothing has changed
		if status, body := s.reload(path); status != 200 || epochs() != first+1 {
			t.Errorf("status %d, %s, %d epochs, want one more than %d", status, body, epochs(), first)
		}
	}
	s.stop()
}

// until looks at a page until it is as it is meant to be.
func (r *running) until(page string, meant func(body string) bool) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), stopLimit)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		_, body := r.get(page, "en")
		if meant(body) {
			return
		}
		select {
		case <-ctx.Done():
			r.t.Fatalf("%s stays\n%s", page, body)
		case <-tick.C:
		}
	}
}
