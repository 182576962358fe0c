package configs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func load(t *testing.T, text string) *Config {
	t.Helper()
	t.Setenv("TEST_PASSWORD", password)
	c, err := Load(write(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// faults loads a text that must be refused and gives what is said about it,
// without the folder.
func faults(t *testing.T, file string) string {
	t.Helper()
	t.Setenv("TEST_PASSWORD", password)
	c, err := Load(file)
	if c != nil || !errors.As(err, &Faults{}) {
		t.Fatalf("Load = %+v, %v, want faults alone", c, err)
	}
	return strings.ReplaceAll(err.Error(), filepath.Dir(file)+"/", "")
}

func TestDefaults(t *testing.T) {
	file := write(t, good(t))
	t.Setenv("TEST_PASSWORD", password)
	c, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	got := []any{c.Asterisk.App, c.Store, c.HTTP.Listen, c.Prompts.Folder, c.Prompts.Media, c.Prompts.Engine.Limit, c.Survey, c.Metrics.MaxAgents, c.Log.Slog()}
	want := []any{
		"aftercall",
		Store{Path: "/var/lib/aftercall/aftercall.db", Spill: "/var/lib/aftercall/spill.jsonl", Limit: 500 * time.Millisecond, Socket: "/var/lib/aftercall/aftercall.db.sock"},
		"127.0.0.1:9380", "/var/lib/aftercall/prompts", "/var/lib/aftercall/prompts", 20 * time.Second,
		Survey{Longest: 150 * time.Second, Drain: 30 * time.Second, Seed: "1"}, 10000, slog.LevelInfo,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestTheEnvironmentWins(t *testing.T) {
	t.Setenv("AFTERCALL_SITE_NAME", "from the environment")
	t.Setenv("AFTERCALL_HTTP_LISTEN", "127.0.0.1:1")
	t.Setenv("AFTERCALL_STORE_PATH", "elsewhere.db")
	t.Setenv("AFTERCALL_STORE_LIMIT", "200ms")
	t.Setenv("AFTERCALL_METRICS_MAX_AGENTS", "7")
	t.Setenv("AFTERCALL_LOG_LEVEL", "") // empty counts as not set
	c := load(t, good(t)+"http: {listen: \"127.0.0.1:2\"}\nlog: {level: warn}\n")
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	got := []any{c.Site.Name, c.HTTP.Listen, c.Store.Path, c.Store.Limit, c.Metrics.MaxAgents, c.Log.Slog(), c.Site.TimeZone}
	want := []any{"from the environment", "127.0.0.1:1", filepath.Join(here, "elsewhere.db"), 200 * time.Millisecond, 7, slog.LevelWarn, "Asia/Shanghai"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestEverySettingComesFromTheEnvironment(t *testing.T) {
	for _, s := range settings {
		t.Run(s.name, func(t *testing.T) {
			t.Setenv(s.variable(), "\x01") // fits no setting but the texts
			t.Setenv("TEST_PASSWORD", password)
			c, err := Load(write(t, good(t)))
			switch {
			case err != nil && !strings.HasPrefix(err.Error(), s.variable()+" (environment): "):
				t.Errorf("fault = %v, want it to name %s", err, s.variable())
			case err == nil && !strings.Contains(fmt.Sprintf("%+v", c), "\x01"):
				t.Errorf("%s did not reach the configuration", s.variable())
			}
		})
	}
}

func TestFaultsOfTheEnvironmentNameTheVariable(t *testing.T) {
	t.Setenv("AFTERCALL_METRICS_MAX_AGENTS", "many")
	t.Setenv("AFTERCALL_STORE_LIMIT", "5")
	t.Setenv("AFTERCALL_SURVEY_LONGEST", "1s")
	t.Setenv("AFTERCALL_LOG_LEVEL", "loud")
	got := faults(t, write(t, good(t)+"colour: red\n"))
	want := strings.Join([]string{
		`main.yaml:6: colour: unknown key`,
		`AFTERCALL_METRICS_MAX_AGENTS (environment): "many", want a whole number`,
		`AFTERCALL_STORE_LIMIT (environment): "5" is no length of time, want a number with a unit such as 500ms or 3s`,
		`AFTERCALL_SURVEY_LONGEST (environment): 1s, want 10s to 5m0s`,
		`AFTERCALL_LOG_LEVEL (environment): "loud", want one of [debug info warn error]`,
	}, "\n")
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// viper lower-cases keys and splits them at dots; names are no keys here.
func TestNamesKeepTheirContents(t *testing.T) {
	b, err := os.ReadFile("testdata/layouts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"v1.2", "MixedCase", "满意度", "a_b-c"} {
		layouts := filepath.Join(t.TempDir(), "layouts.yaml")
		if err := os.WriteFile(layouts, []byte(strings.ReplaceAll(string(b), "name: habit", "name: "+name)), 0o644); err != nil {
			t.Fatal(err)
		}
		main, err := os.ReadFile(mainOver(t, layouts))
		if err != nil {
			t.Fatal(err)
		}
		c := load(t, strings.Replace(string(main), "layout: habit", "layout: "+name, 1))
		l, ok := c.Catalogue.Layout(name)
		if !ok || len(l.Options) != 3 || l.Wait.D() != 5*time.Second || !l.BargeIn {
			t.Errorf("layout %q = %+v, %v", name, l, ok)
		}
	}
}

func TestWindowsFilesAreRead(t *testing.T) {
	text := good(t)
	want := load(t, text).Site
	for name, changed := range map[string]string{
		"byte order mark": "\ufeff" + text,
		"CRLF":            strings.ReplaceAll(text, "\n", "\r\n"),
		"both":            "\ufeff" + strings.ReplaceAll(text, "\n", "\r\n"),
	} {
		if d := cmp.Diff(want, load(t, changed).Site); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

func TestFilesThatAreNotRead(t *testing.T) {
	folder := t.TempDir()
	tests := map[string]string{
		filepath.Join(folder, "none.yaml"):                         "none.yaml: cannot be read: no such file or directory",
		write(t, good(t)+"#"+strings.Repeat(" ", maxFile)):         "main.yaml: cannot be read: has more than 8388608 bytes",
		filepath.Join(folder, ".."):                                "is no regular file",
		write(t, "site: \xff\xfe"):                                 "main.yaml: is not YAML: ",
		write(t, strings.Repeat("a: {", 20_000)):                   "main.yaml: is not YAML: ",
		write(t, "a: &a [1]\nb: ["+strings.Repeat("*a,", 1)+"]\n"): "main.yaml:1: a: unknown key",
	}
	for file, want := range tests {
		if got := faults(t, file); !strings.Contains(got, want) {
			t.Errorf("%.200s: %.300s, want %q", file, got, want)
		}
	}
}

// Aliases of aliases could make a small file very large.
func TestMultipliedAliasesAreRefused(t *testing.T) {
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&b, "a%d: &a%d {%s}\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("k%%d: *a%d, ", i-1), 10), ", "))
	}
	text := b.String()
	for i := 0; strings.Contains(text, "k%d"); i++ {
		text = strings.Replace(text, "k%d", fmt.Sprintf("k%d", i), 1)
	}
	if got := faults(t, write(t, text)); !strings.Contains(got, "has more than 1000000 values") {
		t.Errorf("faults = %.300s", got)
	}
}

func TestPasswordFile(t *testing.T) {
	tests := map[string]struct{ content, want string }{
		"line end":      {"swordfish\n", ""},
		"windows":       {"swordfish\r\n", ""},
		"bare":          {"swordfish", ""},
		"only line end": {"\n", "holds no password"},
		"two lines":     {"swordfish\nsalmon\n", "holds more than one line"},
		"too long":      {strings.Repeat("x", maxPassword+1), "has more than 1024 bytes"},
	}
	for name, tt := range tests {
		file := write(t, strings.Replace(good(t), "password_env: TEST_PASSWORD", "password_file: secret", 1))
		if err := os.WriteFile(filepath.Join(filepath.Dir(file), "secret"), []byte(tt.content), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := Load(file)
		switch {
		case tt.want == "" && (err != nil || string(c.Asterisk.Nodes[0].Password) != "swordfish"):
			t.Errorf("%s: Load = %+v, %v", name, c, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "fish")):
			t.Errorf("%s: error = %v, want %q and no password", name, err, tt.want)
		}
	}
}

func TestPasswordCredential(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "ari-password"), []byte("swordfish\n"), 0o400); err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(good(t), "password_env: TEST_PASSWORD", "password_credential: ari-password", 1)
	t.Setenv("CREDENTIALS_DIRECTORY", folder)
	if c := load(t, text); string(c.Asterisk.Nodes[0].Password) != "swordfish" {
		t.Errorf("password is not what the credential holds: %+v", c.Asterisk)
	}
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	const want = `main.yaml:2: asterisk: node "node1": password_credential: "ari-password": ` +
		`CREDENTIALS_DIRECTORY is not set, want a start by systemd with LoadCredential=ari-password:PATH`
	if d := cmp.Diff(want, faults(t, write(t, text))); d != "" {
		t.Errorf("without systemd (-want +got):\n%s", d)
	}
}

func TestSecretsDoNotShow(t *testing.T) {
	c := load(t, good(t))
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "node", c.Asterisk.Nodes[0], "password", c.Asterisk.Nodes[0].Password)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "node", c.Asterisk.Nodes[0], "password", c.Asterisk.Nodes[0].Password)
	b, err := json.Marshal(c.Asterisk)
	if err != nil {
		t.Fatal(err)
	}
	all := fmt.Sprintf("%s %s", b, &log)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		all += fmt.Sprintf(verb+verb+verb, c.Asterisk, c.Asterisk.Nodes[0].Password, c.Asterisk.Nodes[0].Password.String())
	}
	hex := fmt.Sprintf("%x", password)
	if strings.Contains(all, password) || strings.Contains(all, hex) || strings.Count(all, hidden) < 20 {
		t.Errorf("the password shows, or nothing stands in its place: %s", all)
	}
}

func TestLoadKeepsNothing(t *testing.T) {
	file := write(t, good(t)+"store: {limit: 200ms}\n")
	t.Setenv("TEST_PASSWORD", password)
	for _, limit := range []string{"200ms", "300ms"} {
		if err := os.WriteFile(file, []byte(good(t)+"store: {limit: "+limit+"}\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		c, err := Load(file)
		if err != nil || c.Store.Limit.String() != limit {
			t.Errorf("Load = %+v, %v, want limit %s", c, err, limit)
		}
	}
}

// TestSeveralNodes: each Asterisk has its own connection and password, in the
// order of the file.
func TestSeveralNodes(t *testing.T) {
	file := write(t, strings.Replace(good(t), "password_env: TEST_PASSWORD}", `password_env: TEST_PASSWORD}, {name: node2, url: "https://pbx2.example/ari", username: other, password_env: OTHER_PASSWORD}`, 1))
	t.Setenv("TEST_PASSWORD", password)
	t.Setenv("OTHER_PASSWORD", "of the other")
	c, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, n := range c.Asterisk.Nodes {
		got = append(got, n.Name, n.URL, n.Username, string(n.Password))
	}
	want := []string{"node1", "http://127.0.0.1:8088/ari", "aftercall", password, "node2", "https://pbx2.example/ari", "other", "of the other"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
