package centre

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"aftercall/ivr/asterisk"
)

// soundsApart is a centre whose Asterisk reads sounds from a folder of its
// own, as one on another machine does.
type soundsApart struct {
	*Centre
	here    string   // prompts.folder
	there   string   // prompts.media, as this machine sees it
	changes []string // of the configuration
}

func apart(t *testing.T) soundsApart {
	t.Helper()
	c := patient(t)
	s := soundsApart{Centre: c, here: filepath.Join(c.Run, "prompts"), there: filepath.Join(c.Asterisk.SoundsFolder, "apart")}
	s.changes = []string{"folder: " + c.cache(), "folder: " + s.here, "media: " + c.Asterisk.SoundsMedia, "media: " + c.Asterisk.SoundsMedia + "/apart"}
	if err := os.Mkdir(s.there, 0o755); err != nil {
		t.Fatal(err)
	}
	s.runs(t, 0, "prompts", "build")
	return s
}

// runs runs a subcommand that must end with a status.
func (s soundsApart) runs(t *testing.T, want int, args ...string) (out string) {
	t.Helper()
	out, status := s.changed(t, s.changes, args...)
	if status != want {
		t.Errorf("aftercall %q: status %d, want %d\n%s", args, status, want, out)
	}
	return out
}

// bring packs the sounds and unpacks them where Asterisk is, as pack says:
// without the manifest that was there.
func (s soundsApart) bring(t *testing.T) {
	t.Helper()
	tar := filepath.Join(s.Run, "sounds.tar")
	steps := s.runs(t, 0, "prompts", "pack", "-o", tar)
	old, err := filepath.Glob(filepath.Join(s.there, "manifest-*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range old {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
	check := regexp.MustCompile(`sha256sum --quiet -c (manifest-\w+\.sha256)\n`).FindStringSubmatch(steps)
	if check == nil {
		t.Fatalf("pack does not say how to check: %s", steps)
	}
	for _, args := range [][]string{{"tar", "-xf", tar, "-C", s.there}, {"sha256sum", "--quiet", "-c", check[1]}} {
		cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
		cmd.Dir = s.there
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%q: %v: %s", args, err, out)
		}
	}
}

// finds compares what doctor or prompts check say of sounds that are not well
// with regular expressions for "node: level: check: text".
func (s soundsApart) finds(t *testing.T, what []string, want ...string) {
	t.Helper()
	out, _ := s.changed(t, s.changes, append(slices.Clone(what), "--json", "--etc", s.Asterisk.ConfigFolder)...)
	var got []string
	for line := range strings.Lines(out) {
		var f asterisk.Finding
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if f.Level != asterisk.Well {
			got = append(got, f.Node+": "+string(f.Level)+": "+f.Check+": "+f.Text)
		}
	}
	if !slices.EqualFunc(got, want, func(g, w string) bool { return regexp.MustCompile("^" + w + "$").MatchString(g) }) {
		t.Errorf("%q found %q,\nwant  %q in\n%s", what, got, want, out)
	}
}

// TestSoundsOfAnotherMachine: sounds come to an Asterisk by a tar; what is
// missing there, or of another build, is found.
func TestSoundsOfAnotherMachine(t *testing.T) {
	s := apart(t)
	doctor, check := []string{"doctor"}, []string{"prompts", "check"}
	node := s.Asterisk.Name
	s.finds(t, doctor, node+`: fault: sounds: Asterisk cannot play 29 of 29, such as .*/apart/[\w-]+\.wav`)

	s.bring(t)
	s.finds(t, doctor)
	s.finds(t, check)
	if out := s.runs(t, 0, "doctor", "--etc", s.Asterisk.ConfigFolder); !strings.Contains(out, "Asterisk can play all 29, of our build\n") {
		t.Errorf("the doctor says nothing of our build:\n%s", out)
	}

	// The engine speaks one text otherwise: the same name, another sound.
	sounds, err := filepath.Glob(filepath.Join(s.here, "speech-*.wav"))
	if err != nil || len(sounds) < 2 {
		t.Fatalf("%d sounds, %v", len(sounds), err)
	}
	other, err := os.ReadFile(sounds[1])
	if err := errors.Join(err, os.WriteFile(sounds[0], other, 0o644)); err != nil {
		t.Fatal(err)
	}
	name := filepath.Base(sounds[0])
	s.finds(t, check, `: fault: `+name+`: text .*: is not as manifest-\w+ says: it was changed after the build`, `: warning: manifest: these sounds have none: .*`)
	s.runs(t, 0, "prompts", "build")
	const another = `: warning: sounds: Asterisk can play all 29, and has sounds of another build: their lengths may differ`
	s.finds(t, doctor, node+another)
	s.finds(t, check, node+another)
	s.bring(t)
	s.finds(t, doctor)
	s.finds(t, check)

	if err := os.Remove(filepath.Join(s.there, name)); err != nil {
		t.Fatal(err)
	}
	s.finds(t, doctor, node+`: fault: sounds: Asterisk cannot play 1 of 29, such as .*/apart/`+name)
	s.finds(t, check, node+`: fault: `+name+`: text ".*" in [\w-]+: Asterisk cannot play .*/apart/`+name)
	s.runs(t, 1, "prompts", "check")

	// On Asterisk's own machine.
	install := []string{"prompts", "install", "--user", "nobody", "--to", s.there}
	if out := s.runs(t, 0, install...); !strings.HasPrefix(out, "1 files copied, 29 in all, in ") || !strings.HasSuffix(out, "\nuser \"nobody\" can read them all\n") {
		t.Errorf("install: %s", out)
	}
	s.finds(t, doctor)
	s.finds(t, check)
}

// TestInstallForAKeptOutUser: the sounds are there, and Asterisk's user is not
// let in.
func TestInstallForAKeptOutUser(t *testing.T) {
	s := apart(t)
	if err := os.Chmod(s.Asterisk.SoundsFolder, 0o750); err != nil {
		t.Fatal(err)
	}
	cmd := s.command(t.Context(), "aftercall", "--config", filepath.Join(s.Run, "changed.yaml"), "prompts", "install", "--user", "nobody", "--to", s.there)
	out, err := cmd.CombinedOutput()
	want := `user "nobody" may not enter folder "` + s.Asterisk.SoundsFolder + `": chmod o+x ` + s.Asterisk.SoundsFolder + "\n"
	if err == nil || !strings.HasSuffix(string(out), want) {
		t.Errorf("install: %v, %swant %s", err, out, want)
	}
}
