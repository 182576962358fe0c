package configs

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aftercall/ivr/layout"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what is said now as what is wanted")

// password is what TEST_PASSWORD holds in tests.
const password = "open sesame"

func TestMain(m *testing.M) {
	for _, s := range settings { // of whoever runs the tests
		if err := os.Unsetenv(s.variable()); err != nil {
			panic(err)
		}
	}
	if err := os.Unsetenv("CREDENTIALS_DIRECTORY"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// mainOver writes a main file whose only layout file is the given one.
func mainOver(t *testing.T, layouts string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/good.yaml")
	if err != nil {
		t.Fatal(err)
	}
	abs, err := filepath.Abs(layouts)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, strings.Replace(string(b), "[layouts.yaml]", "["+abs+"]", 1))
}

// write puts a main file into a folder of its own, beside nothing.
func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "main.yaml")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// good gives a sound configuration as text, with the layouts by their full path.
func good(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(mainOver(t, "testdata/layouts.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestGoodFilesHaveNoFault(t *testing.T) {
	t.Setenv("TEST_PASSWORD", password)
	c, err := Load("testdata/good.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if string(c.Asterisk.Nodes[0].Password) != password || c.Zone.String() != "Asia/Shanghai" || len(c.Catalogue.Layouts) != 1 {
		t.Errorf("Load = %+v", c)
	}
	want := &layout.Confirm{
		Say: layout.Texts{{Language: "en", Say: "you chose {label}, to keep it press {key}, to choose again press {again}"}},
		Key: "1", Again: "2", Times: 1, Wait: layout.Delay(4 * time.Second),
	}
	if d := cmp.Diff(want, c.Catalogue.Layouts[0].Confirm); d != "" {
		t.Errorf("confirm (-want +got):\n%s", d)
	}
}

// Every file in testdata/bad breaks one rule; the file beside it holds exactly
// what is said about it. Files called layouts-… are layout files.
func TestBadFiles(t *testing.T) {
	t.Setenv("TEST_PASSWORD", password)
	t.Setenv("TEST_WEAK_KEY", "thirty-one bytes are too few...")
	t.Setenv("CREDENTIALS_DIRECTORY", t.TempDir())
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) < 80 {
		t.Fatalf("found %d files, %v", len(files), err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			from := file
			if strings.HasPrefix(name, "layouts-") {
				from = mainOver(t, file)
			}
			c, err := Load(from)
			if c != nil || !errors.As(err, &Faults{}) {
				t.Fatalf("Load = %+v, %v, want faults alone", c, err)
			}
			got := strings.NewReplacer(here+"/testdata/bad/", "", "testdata/bad/", "", filepath.Dir(from)+"/", "").Replace(err.Error()) + "\n"
			golden(t, strings.TrimSuffix(file, ".yaml")+".want", got)
		})
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", file, d)
	}
}

// TestLoadOffline: without a password everything is there but it, and what is
// wrong with the rest is still a fault.
func TestLoadOffline(t *testing.T) {
	t.Setenv("TEST_PASSWORD", "")
	file := write(t, good(t))
	if _, err := Load(file); err == nil {
		t.Error("Load takes a node without a password")
	}
	c, err := LoadOffline(file)
	if err != nil || string(c.Asterisk.Nodes[0].Password) != "" || len(c.Catalogue.Layouts) != 1 {
		t.Errorf("LoadOffline = %+v, %v, want everything but the password", c, err)
	}
	if _, err := LoadOffline(write(t, strings.Replace(good(t), "password_env", "password_envy", 1))); err == nil {
		t.Error("LoadOffline takes an unknown key")
	}
}

// A scale that no primary question in use has may count other verdicts as
// satisfied.
func TestScalesThatAreNotAskedMayDiffer(t *testing.T) {
	t.Setenv("TEST_PASSWORD", password)
	c, err := Load(mainOver(t, "testdata/two-scales.yaml"))
	if err != nil || len(c.Catalogue.Scales) != 2 {
		t.Errorf("Load = %+v, %v, want both scales", c, err)
	}
}
