package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// visited gives what the doctor prints of our own side; no Asterisk is there.
func visited(t *testing.T, path string) string {
	t.Helper()
	out, log, status := command(t, path, "doctor", "--etc", "/none")
	wants(t, "doctor's last line", log, `\d+ faults?\n`, status, 1)
	here, _, _ := strings.Cut(out, "node \"node1\"")
	return here
}

// A site on which only Asterisk is missing.
func TestDoctorHere(t *testing.T) {
	path := built(t)
	fill(t, path, visit(1, "", ""))
	t.Setenv("AFTERCALL_HTTP_LISTEN", "127.0.0.1:1")
	out, log, status := command(t, path, "doctor", "--etc", "/none")
	wants(t, "doctor", log, "1 fault\n", status, 1)
	golden(t, "doctor.golden", regexp.MustCompile(`takes up to \S+`).ReplaceAllString(out, "takes up to TIME"))
}

// Each fault of our own side.
func TestDoctorFindsFaultsHere(t *testing.T) {
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	ill := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte(`{"ready":false,"parts":[{"name":"store","ok":false,"error":"the disk is full"},{"name":"asterisk","instance":"node1","ok":true}]}`))
	}))
	defer ill.Close()
	path := built(t)
	fill(t, path, visit(1, "", ""))
	for _, tt := range []struct{ variable, value, want string }{
		{"HTTP_LISTEN", "0.0.0.0:1", `warning +http.listen +"0.0.0.0:1": other machines can reach pages, metrics and reload, which have no login\n +-> aftercall.yaml, http: listen: 127.0.0.1:9380`},
		{"HTTP_LISTEN", "127.0.0.1:0", `not looked at +service +http.listen has port 0`},
		{"HTTP_LISTEN", strings.TrimPrefix(other.URL, "http://"), `fault +service +what answers at \S+ is another program`},
		{"HTTP_LISTEN", strings.TrimPrefix(ill.URL, "http://"), `fault +service +runs at \S+, and its store is not well: the disk is full`},
		{"STORE_PATH", "/none/aftercall.db", `fault +store.path +/none cannot be written by this user: no such file or directory\n +-> install -d -o USER /none`},
		{"STORE_SPILL", "/none/spill.jsonl", `fault +store.spill +/none cannot be written by this user: .*`},
		{"SITE_TIME_ZONE", "Europe/Berlin", `fault +database +holds days of "Asia/Shanghai", site.time_zone is "Europe/Berlin"\n +-> aftercall.yaml, site: time_zone: Asia/Shanghai`},
		{"PROMPTS_FOLDER", "/none", `fault +prompts +29 of 29 are not in /none or are damaged\n +-> "aftercall prompts build"`},
		{"SURVEY_LONGEST", "1m", `fault +survey +survey "service": takes up to 1m.*`},
		{"LOG_LEVEL", "loud", `fault +configuration +AFTERCALL_LOG_LEVEL \(environment\): "loud", want one of .*\n +not looked at +the rest`},
	} {
		t.Run(tt.variable+" "+tt.value, func(t *testing.T) {
			t.Setenv("AFTERCALL_"+tt.variable, tt.value)
			if out := visited(t, path); !regexp.MustCompile(`(?m)^ +` + tt.want).MatchString(out) {
				t.Errorf("found\n%swant %s", out, tt.want)
			}
		})
	}
}

// Databases that the service would refuse.
func TestDoctorLooksIntoTheDatabase(t *testing.T) {
	path := built(t)
	fill(t, path, visit(1, "", ""))
	change(t, path, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`)
	if out := visited(t, path); !regexp.MustCompile(`fault +database +.*the database was made by a newer program.*\n +-> install the version`).MatchString(out) {
		t.Errorf("newer schema: found\n%s", out)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "aftercall.db"), []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := visited(t, path); !regexp.MustCompile(`fault +database +.*damaged or no database`).MatchString(out) {
		t.Errorf("no database: found\n%s", out)
	}
	if err := os.Remove(filepath.Join(filepath.Dir(path), "aftercall.db")); err != nil {
		t.Fatal(err)
	}
	if out := visited(t, path); !regexp.MustCompile(`ok +database +is not there yet`).MatchString(out) {
		t.Errorf("none: found\n%s", out)
	}
}
