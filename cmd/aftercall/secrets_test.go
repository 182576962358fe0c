package main

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// asked lists every command of the program, from its own help.
func asked(t *testing.T, path string, words ...string) (all [][]string) {
	t.Helper()
	help, _, status := command(t, path, append(slices.Clone(words), "--help")...)
	if status != 0 {
		t.Fatalf("%v --help: status %d", words, status)
	}
	all = append(all, words)
	_, list, _ := strings.Cut(help, "Available Commands:\n")
	list, _, _ = strings.Cut(list, "\n\n")
	for line := range strings.Lines(list) {
		if name := strings.Fields(line)[0]; name != "help" && name != "completion" {
			all = append(all, asked(t, path, append(slices.Clone(words), name)...)...)
		}
	}
	return all
}

// TestNoSecretOnTheCommandLine: every user of a machine sees command lines.
func TestNoSecretOnTheCommandLine(t *testing.T) {
	path := site(t)
	secret := regexp.MustCompile(`(?i)--\S*(passw|secret|token|credential|hmac|salt)\S*`)
	if !secret.MatchString("      --ari-password string") {
		t.Fatal("the test does not see what it looks for")
	}
	all := asked(t, path)
	if len(all) < 20 {
		t.Fatalf("found %d commands: %v", len(all), all)
	}
	for _, words := range all {
		help, _, _ := command(t, path, append(slices.Clone(words), "--help")...)
		if flag := secret.FindString(help); flag != "" {
			t.Errorf("%v takes a secret by %s, want it from a file or the environment", words, flag)
		}
	}
}

// ari is an Asterisk that knows one password, and nothing else but its name.
func ari(t *testing.T, password string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch _, p, ok := r.BasicAuth(); {
		case !ok || p != password:
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte(`{"error":"Authentication required"}`))
		case strings.HasSuffix(r.URL.Path, "/asterisk/info"):
			_, _ = w.Write([]byte(`{"config":{"name":"node1"}}`))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL + "/ari"
}

// TestPasswordIsShownNowhere: right or wrong, from a file or the environment,
// at every level of the log, no face of the program shows the password.
func TestPasswordIsShownNowhere(t *testing.T) {
	const password = `vermilion-Tr0ub4dor"&%3`
	for name, known := range map[string]string{"right": password, "wrong": "another"} {
		for _, source := range []string{"file", "variable"} {
			t.Run(name+" from a "+source, func(t *testing.T) {
				path := built(t)
				edit(t, path, nobody, ari(t, known))
				t.Setenv("AFTERCALL_LOG_LEVEL", "debug")
				t.Setenv("AFTERCALL_ARI_PASSWORD", password)
				if source == "file" {
					t.Setenv("AFTERCALL_ARI_PASSWORD", "")
					if err := os.WriteFile(filepath.Join(filepath.Dir(path), "secret"), []byte(password+"\n"), 0o600); err != nil {
						t.Fatal(err)
					}
					edit(t, path, "password_env: AFTERCALL_ARI_PASSWORD", "password_file: secret")
				}
				hides(t, path, password)
			})
		}
	}
}

// hides looks for the password in whatever the program says.
func hides(t *testing.T, path, password string) {
	t.Helper()
	said := map[string]string{}
	for _, args := range [][]string{{"check"}, {"doctor", "--etc", "/none"}, {"doctor", "--json", "--etc", "/none"}, {"prompts", "build"}, {"prompts", "check", "--etc", "/none"}, {"dialplan"}} {
		out, log, _ := command(t, path, args...)
		said[strings.Join(args, " ")] = out + log
	}
	p := spawned(t, path, nil, "serve")
	p.says(`msg=serving `)
	p.says(`(?i)node1`)
	for _, page := range []string{"/", "/metrics", "/metrics/agents", "/readyz", "/healthz"} {
		said[page] = p.get(page)
	}
	if err := p.cmd.Process.Signal(syscall.SIGQUIT); err != nil { // as a crash: Go prints every goroutine
		t.Fatal(err)
	}
	said["the log and the crash"], _ = p.ended()
	if !strings.Contains(said["the log and the crash"], "goroutine ") {
		t.Error("the service did not crash")
	}
	hidden := []string{password, url.QueryEscape(password), url.PathEscape(password), fmt.Sprintf("%q", password),
		base64.StdEncoding.EncodeToString([]byte("aftercall:" + password)), base64.StdEncoding.EncodeToString([]byte(password))}
	for what, text := range said {
		if text == "" {
			t.Errorf("%s says nothing", what)
		}
		for _, secret := range hidden {
			if strings.Contains(text, strings.Trim(secret, `"`)) {
				t.Errorf("%s shows the password:\n%s", what, text)
			}
		}
	}
}

// TestEngineGetsNoPassword: a program that speaks inherits none, whatever the
// variable is called.
func TestEngineGetsNoPassword(t *testing.T) {
	path := site(t, "password_env: AFTERCALL_ARI_PASSWORD", "password_env: PBX_LOGIN")
	t.Setenv("PBX_LOGIN", "vermilion")
	seen := filepath.Join(filepath.Dir(path), "seen")
	script := filepath.Join(filepath.Dir(path), "engine")
	if err := os.WriteFile(script, []byte("#!/bin/sh\nenv > "+seen+"\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	edit(t, path, `command: [espeak-ng, -v, "{voice}", -s, "150", -w, "{output}", --, "{text}"]`, `command: [./engine, "{output}"]`)
	if _, log, status := command(t, path, "prompts", "build"); status != 1 || !strings.Contains(log, "engine: ") {
		t.Errorf("prompts build: status %d, %s, want the engine to fail", status, log)
	}
	b, err := os.ReadFile(seen)
	if err != nil || !strings.Contains(string(b), "PATH=") || strings.Contains(string(b), "PBX_LOGIN") {
		t.Errorf("the engine sees, %v:\n%s", err, b)
	}
	if v := os.Getenv("PBX_LOGIN"); v != "vermilion" {
		t.Errorf("the variable is %q afterwards", v)
	}
}

// TestExposedPasswords: check and doctor warn of them.
func TestExposedPasswords(t *testing.T) {
	for host, warned := range map[string]bool{
		"http://127.0.0.1:1/ari": false, "http://localhost:1/ari": false, "http://[::1]:1/ari": false, "https://pbx.invalid:1/ari": false,
		"http://pbx.invalid:1/ari": true, "http://192.0.2.1:1/ari": true,
	} {
		path := site(t)
		edit(t, path, nobody, host)
		out, _, status := command(t, path, "check")
		if got := strings.Contains(out, `warning: asterisk: node "node1": url `+host+`: the password goes unencrypted to another machine`); got != warned || status != 0 {
			t.Errorf("check of %s, status %d: %s", host, status, out)
		}
	}
	path := site(t, "password_env: AFTERCALL_ARI_PASSWORD", "password_file: secret")
	secret := filepath.Join(filepath.Dir(path), "secret")
	for mode, warned := range map[os.FileMode]bool{0o600: false, 0o640: false, 0o644: true, 0o602: true} {
		if err := os.WriteFile(secret, []byte("x\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(secret, mode); err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf(`password_file "…/secret" has mode %04o: every user of this machine can come by it; want chmod o= …/secret`, mode)
		for _, args := range [][]string{{"check"}, {"doctor", "--etc", "/none"}} {
			if out, _, _ := command(t, path, args...); strings.Contains(out, want) != warned {
				t.Errorf("%v of a file of mode %04o: %s", args, mode, out)
			}
		}
	}
}
