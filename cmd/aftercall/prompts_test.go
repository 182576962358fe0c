package main

import (
	"archive/tar"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// sound gives the path of a sound file of a site, by its text.
func sound(t *testing.T, path, language, say string) string {
	t.Helper()
	c := load(t, path)
	files, err := soundFiles(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if len(f.Says) > 0 && f.Says[0].Language == language && f.Says[0].Say == say {
			return filepath.Join(c.Prompts.Folder, f.Name+".wav")
		}
	}
	t.Fatalf("no sound says %q in %s", say, language)
	return ""
}

// manifests are the files of manifests in a folder.
func manifests(t *testing.T, folder string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(folder, "manifest-*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

const hash = `[0-9a-f]{24}`

func TestPromptsPack(t *testing.T) {
	path := built(t)
	folder := filepath.Dir(path)
	const steps = `29 files of sounds and their manifest\. On Asterisk's machine:
  install -d -m 755 …/prompts
  rm -f …/prompts/manifest-\*
  tar -xf TAR -C …/prompts
  cd …/prompts && sha256sum --quiet -c manifest-` + hash + `\.sha256
Then here: aftercall prompts check
`
	out, log, status := command(t, path, "prompts", "pack", "-o", filepath.Join(folder, "of today.tar"))
	wants(t, "prompts pack", out+log, strings.Replace(steps, "TAR", "'…/of today.tar'", 1), status, 0)
	out, log, status = command(t, path, "prompts", "pack", "-o", "-")
	wants(t, "prompts pack -o -", log, strings.Replace(steps, "TAR", "-", 1), status, 0)
	packed, err := os.ReadFile(filepath.Join(folder, "of today.tar"))
	if err != nil || string(packed) != out {
		t.Errorf("the tar on standard output is another than that in the file, %v", err)
	}
	files := 0
	for r := tar.NewReader(strings.NewReader(out)); ; files++ {
		if _, err := r.Next(); err != nil {
			if !errors.Is(err, io.EOF) {
				t.Error(err)
			}
			break
		}
	}
	if files != 31 {
		t.Errorf("%d files in the tar, want 29 sounds and a manifest", files)
	}
}

func TestPromptsPackNamesWhatIsMissing(t *testing.T) {
	path := built(t)
	if err := os.Remove(sound(t, path, "en", "for fair, press 2")); err != nil {
		t.Fatal(err)
	}
	target := filepath.Join(filepath.Dir(path), "sounds.tar")
	for _, args := range [][]string{{"pack", "-o", target}, {"pack", "-o", "-"}, {"install", "--user", "nobody", "--to", target}} {
		out, log, status := command(t, path, append([]string{"prompts"}, args...)...)
		wants(t, strings.Join(args, " "), out+log, `text "for fair, press 2" in en: file "…/prompts/speech-`+hash+`.wav": is missing, run: aftercall prompts build\n`, status, 1)
		if _, err := os.Stat(target); !os.IsNotExist(err) {
			t.Errorf("%s: %s is there, %v", args, target, err)
		}
	}
}

// open to all, as a folder of Asterisk is; that of a test is not.
func folderForAll(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("/tmp", "aftercall-sounds-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestPromptsInstall(t *testing.T) {
	path := built(t)
	to := filepath.Join(folderForAll(t), "aftercall")
	install := func(args ...string) (string, int) {
		out, log, status := command(t, path, append([]string{"prompts", "install", "--user", "nobody"}, args...)...)
		return strings.ReplaceAll(out+log, to, "TO"), status
	}
	out, status := install("--to", to)
	wants(t, "install", out, "29 files copied, 29 in all, in TO; 0 made readable\nuser \"nobody\" can read them all\n", status, 0)
	t.Setenv("AFTERCALL_PROMPTS_MEDIA", to)
	out, status = install()
	wants(t, "install to prompts.media", out, "0 files copied, 29 in all, in TO; 0 made readable\nuser \"nobody\" can read them all\n", status, 0)
	if err := os.Chmod(filepath.Dir(to), 0o750); err != nil {
		t.Fatal(err)
	}
	out, status = install()
	wants(t, "install where nobody may enter", out, "0 files copied, .*\nuser \"nobody\" may not enter folder \""+filepath.Dir(to)+"\": chmod o\\+x "+filepath.Dir(to)+"\n", status, 1)
	out, status = install("--user", "no-such-user")
	wants(t, "install for nobody", out, "--user \"no-such-user\": .*unknown user.*, want the user that Asterisk runs as on this machine\n", status, 1)
}

// Each kind of flaw, in the table that people read.
func TestPromptsCheck(t *testing.T) {
	path := built(t)
	folder := load(t, path).Prompts.Folder
	still, err := os.ReadFile(filepath.Join(folder, "silence-300.wav"))
	if err := errors.Join(err,
		os.Remove(sound(t, path, "en", "for fair, press 2")),
		os.Remove(sound(t, path, "zh-CN", "一般请按2")),
		os.WriteFile(sound(t, path, "en", "for satisfied, press 1"), still, 0o644),
		os.Chmod(filepath.Join(folder, "silence-300.wav"), 0o640),
		os.WriteFile(filepath.Join(folder, "speech-of-last-year.wav"), nil, 0o600),
	); err != nil {
		t.Fatal(err)
	}
	out, log, status := command(t, path, "prompts", "check", "--etc", "/none")
	wants(t, "prompts check", log, "5 faults\n", status, 1)
	golden(t, "prompts-check.golden", regexp.MustCompile(hash).ReplaceAllString(out, strings.Repeat("h", 24)))
	out, _, _ = command(t, path, "prompts", "check", "--etc", "/none", "--json")
	if lines := strings.Count(out, "\n"); lines != 9 || !strings.Contains(out, `"level":"fault","text":"text \"for fair, press 2\" in en: is missing","remedy":`) {
		t.Errorf("%d findings, want 9, as in the table:\n%s", lines, out)
	}
}

// The sounds of an older release have no manifest, and a build leaves one.
func TestSoundsWithoutAManifest(t *testing.T) {
	path := built(t)
	folder := load(t, path).Prompts.Folder
	for _, f := range manifests(t, folder) {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
	const missing = `(?m)^  warning +prompts +all 29 are in …/prompts, without a manifest of them: whether a node has the same is not known\n +-> "aftercall prompts build"$`
	if out := visited(t, path); !regexp.MustCompile(missing).MatchString(out) {
		t.Errorf("found\n%swant %s", out, missing)
	}
	if out, _, _ := command(t, path, "prompts", "check", "--etc", "/none"); !regexp.MustCompile(`(?m)^  warning +manifest +these sounds have none: .*\n +-> "aftercall prompts build"$`).MatchString(out) {
		t.Errorf("found\n%swant a warning of the manifest", out)
	}
	out, log, status := command(t, path, "prompts", "build")
	wants(t, "prompts build", out+log, `0 sounds made, 29 in all, in …/prompts\n`, status, 0)
	if got := manifests(t, folder); len(got) != 2 {
		t.Errorf("%q after the build, want a list and a marker", got)
	}
	if out := visited(t, path); !regexp.MustCompile(`(?m)^  ok +prompts +all 29 are in …/prompts$`).MatchString(out) {
		t.Errorf("after the build: found\n%s", out)
	}
}
