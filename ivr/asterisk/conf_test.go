package asterisk

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// etc makes a configuration folder: pairs of a file's name and its text.
func etc(t *testing.T, files ...string) string {
	t.Helper()
	folder := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		if err := os.WriteFile(filepath.Join(folder, files[i]), []byte(files[i+1]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// show writes a configuration in one form.
func (c *conf) show() string {
	var out strings.Builder
	for _, s := range c.sections {
		fmt.Fprintf(&out, "[%s]\n", s.name)
		for _, l := range s.lines {
			fmt.Fprintf(&out, "%s=%s\n", l.key, l.value)
		}
	}
	return out.String()
}

func TestReadConf(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"both signs, blanks, tabs", "[a] \n x = 1\n\ty=>2 3\n same => n,Set(A=B)\n", "[a]\nx=1\ny=2 3\nsame=n,Set(A=B)\n"},
		{"comments", "; no\n[a] ; no\nx = 1 ; no\ny = a\\;b;no\n;-- x = 2\nx = 3 --; z = 4\nq = 1 ;-- no --; 2\n;--- no\nr = 5\n", "[a]\nx=1\ny=a;b\nz=4\nq=1  2\nr=5\n"},
		{"no section", "x = 1\n[]\ny = 2\n[open\nz = 3\n", "[]\ny=2\n"},
		{"templates", "[t](!)\nx = 1\n[u](!)\ny = 1\n[a](t, u)\nx = 2\n[b](none)\n", "[t]\nx=1\n[u]\ny=1\n[a]\nx=1\ny=1\nx=2\n[b]\n"},
		{"continued", "[a]\nx = 1\n[b]\n[a](+)\ny = 2\n", "[a]\nx=1\ny=2\n[b]\n"},
		{"its own template", "[a](a)\nx = 1\n", "[a]\nx=1\n"},
		{"include in a section", "[a]\n#include \"more.conf\"\nz = 3\n#tryinclude none.conf\n", "[a]\ny=2\nz=3\n"},
		{"glob", "#include <m*.d/*.conf>\n[a]\n#include m*e.conf\n", "[a]\ny=2\n"},
	} {
		c, err := readConf(etc(t, "x.conf", tt.text, "more.conf", "y = 2 ;-- open\n"), "x.conf")
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(tt.want, c.show()); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
	}
}

func TestConfThatCannotBeReadWhole(t *testing.T) {
	folder := etc(t, "exec.conf", "#exec /bin/sh\n[a]\nx = 1\n", "missing.conf", "#include none.conf\n", "loop.conf", "[a]\n#include loop.conf\n", "huge.conf", strings.Repeat("; no\n", maxConf/5+1))
	for name, want := range map[string]string{"exec.conf": "#exec /bin/sh", "missing.conf": "#include …/none.conf: no such file", "loop.conf": "more than 500 included files"} {
		c, err := readConf(folder, name)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.ReplaceAll(c.partly, folder, "…"); got != want {
			t.Errorf("%s: partly %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{"huge.conf", "none.conf", "."} {
		if _, err := readConf(folder, name); err == nil {
			t.Errorf("%s: read, want an error", name)
		}
	}
}

// Files that would never end, or never begin, and those that grow without
// bound while they are read: what was not read is told.
func TestConfWithoutEnd(t *testing.T) {
	doubling := "[t0]\nx = 1\n"
	for i := range 64 {
		doubling += fmt.Sprintf("[t%d](t%d,t%d)\n", i+1, i, i)
	}
	folder := etc(t, "pipe.conf", "#include pipe\n", "device.conf", "#include zero\n", "doubling.conf", doubling,
		"fat.conf", "#include fat.conf\n"+strings.Repeat("; no\n", maxConf/5-10))
	if err := syscall.Mkfifo(filepath.Join(folder, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/zero", filepath.Join(folder, "zero")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"pipe.conf": "…/pipe: is no file", "device.conf": "…/zero: is no file",
		"doubling.conf": "more than 1048576 lines", "fat.conf": "more than 33554432 bytes of included files",
	} {
		c, err := readConf(folder, name)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.ReplaceAll(c.partly, folder, "…"); got != want {
			t.Errorf("%s: partly %q, want %q", name, got, want)
		}
	}
}

func TestConfValue(t *testing.T) {
	c, err := readConf(etc(t, "q.conf", "[a]\nSetInterfaceVar = no\nsetinterfacevar = Yes\n"), "q.conf")
	if err != nil {
		t.Fatal(err)
	}
	if v, ok := c.value("a", "setinterfacevar"); v != "Yes" || !ok || !yes(v) {
		t.Errorf("value %q, %v", v, ok)
	}
	if _, ok := c.value("a", "none"); ok {
		t.Error("a key that is not there")
	}
	if _, ok := c.value("none", "setinterfacevar"); ok {
		t.Error("a section that is not there")
	}
}

func FuzzReadConf(f *testing.F) {
	f.Add("[a](b)\nx => 1 ;-- no --; 2\n#include y.conf\n")
	f.Add(";--\\;--;\\;[\n[]()\n=\n#")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "#") {
			return // nothing of this machine is to be read
		}
		c := &conf{folder: t.TempDir(), byName: map[string]*confSection{}}
		c.read(text)
		for _, s := range c.sections {
			if c.find(s.name) != s {
				t.Errorf("section %q stands twice", s.name)
			}
		}
	})
}
