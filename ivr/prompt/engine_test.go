package prompt

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"aftercall/ivr/layout"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// asEngine is the first argument with which the test's program is an engine;
// behind it come what it does, a file for notes, and the file to write.
const asEngine = "as-engine"

func TestMain(m *testing.M) {
	if len(os.Args) > 4 && os.Args[1] == asEngine {
		if err := play(os.Args[2], os.Args[3], os.Args[4], os.Args[5:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(3)
		}
		return
	}
	os.Exit(m.Run())
}

// heardOf is what an engine notes of how it was started.
type heardOf struct {
	Args  []string
	Stdin string
	Ours  []string // variables that it was given and has no business with
}

// play is an engine, good or bad.
func play(act, notes, output string, args []string) error {
	switch act {
	case "speak":
		stdin, err := io.ReadAll(os.Stdin)
		if err != nil {
			return err
		}
		b, err := json.Marshal(heardOf{args, string(stdin), slices.DeleteFunc(os.Environ(), func(v string) bool { return !private(v) })})
		if err != nil {
			return err
		}
		if err := os.WriteFile(notes, b, 0o600); err != nil {
			return err
		}
		return os.WriteFile(output, wavFile(pitch(0.5, 300)), 0o600)
	case "fail":
		return fmt.Errorf("no such voice\n%s\x1b[31mthe last words", strings.Repeat("chatter ", 1<<17))
	case "hang", "leave": // a process of its own holds the notes and our output
		child := exec.Command(os.Args[0], asEngine, "hold", notes, output)
		child.Stdout, child.Stderr = os.Stdout, os.Stderr
		if err := child.Start(); err != nil {
			return err
		}
		for _, err := os.Stat(notes + ".held"); err != nil; _, err = os.Stat(notes + ".held") {
			time.Sleep(time.Millisecond)
		}
		if act == "leave" {
			return os.WriteFile(output, wavFile(pitch(0.5, 300)), 0o600)
		}
		return child.Wait()
	case "hold":
		f, err := os.Create(notes)
		if err != nil {
			return err
		}
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
			return err
		}
		if err := os.WriteFile(notes+".held", nil, 0o600); err != nil {
			return err
		}
		time.Sleep(time.Minute)
	case "write": // what it is given as an argument
		return os.WriteFile(output, []byte(args[0]), 0o600)
	case "folder":
		return os.Mkdir(output, 0o700)
	case "silence":
		return os.WriteFile(output, wavFile(make([]byte, 16000)), 0o600)
	case "hum": // a constant offset is no sound
		return os.WriteFile(output, wavFile(bytes.Repeat([]byte{0, 0x20}, 8000)), 0o600)
	case "flood": // once it is limited
		signal.Ignore(syscall.SIGXFSZ) // the write fails instead
		for is := (unix.Rlimit{Cur: unix.RLIM_INFINITY}); is.Cur == unix.RLIM_INFINITY; time.Sleep(time.Millisecond) {
			if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &is); err != nil {
				return err
			}
		}
		return errors.Join(os.WriteFile(output, nil, 0o600), os.Truncate(output, maxFile), os.Truncate(output, maxFile+1))
	case "truncate":
		return os.WriteFile(output, wavFile(pitch(0.5, 300))[:1044], 0o600)
	}
	return nil
}

// pitch gives a sound of one pitch, 8 kHz.
func pitch(peak float64, ms int) []byte {
	samples := make([]float64, ms*sampleRate/1000)
	for i := range samples {
		samples[i] = math.Sin(float64(i))
	}
	return quantise(samples, peak, len(samples))
}

// acting gives settings whose engine is the test's program.
func acting(t *testing.T, act string, args ...string) (s Settings, notes string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s = in(t.TempDir())
	notes = filepath.Join(t.TempDir(), "notes")
	s.Engine.Command = append([]string{self, asEngine, act, notes, "{output}"}, args...)
	return s, notes
}

func TestTheTextReachesTheEngineAsItIs(t *testing.T) {
	touched := filepath.Join(t.TempDir(), "touched")
	t.Setenv("AFTERCALL_ARI_PASSWORD", "is no engine's business")
	for _, text := range []string{
		"plain", `"quoted" 'twice'`, "$(touch " + touched + ")", "`touch " + touched + "`; touch " + touched + " | & > * ~ $HOME",
		"two\nlines", "-w /etc/passwd", "--help", "{voice} {output} {text}", "满意请按1", `back\slash %s`,
	} {
		say := []layout.Speech{{Language: "zh-CN", Say: text}}
		s, notes := acting(t, "speak", "--", "{text}", "--as={voice}:{language}:{text}", "{text}{text}", "", "$HOME")
		s.build(t, say)
		want := heardOf{Ours: []string{}, Args: []string{"--", text, "--as=cmn-latn-pinyin:zh-CN:" + text, text + text, "", "$HOME"}}
		if d := cmp.Diff(want, noted(t, notes)); d != "" {
			t.Errorf("%q (-want +got):\n%s", text, d)
		}
		s, notes = acting(t, "speak", "{voice}")
		s.build(t, say)
		want = heardOf{Ours: []string{}, Args: []string{"cmn-latn-pinyin"}, Stdin: text}
		if d := cmp.Diff(want, noted(t, notes)); d != "" {
			t.Errorf("%q by standard input (-want +got):\n%s", text, d)
		}
	}
	if _, err := os.Stat(touched); err == nil {
		t.Error("a shell has read a text")
	}
}

func noted(t *testing.T, notes string) (h heardOf) {
	t.Helper()
	b, err := os.ReadFile(notes)
	if err == nil {
		err = json.Unmarshal(b, &h)
	}
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// A text that begins with - is spoken, not obeyed, by the engine we ship.
func TestATextIsNoOption(t *testing.T) {
	folder := t.TempDir()
	speech := []layout.Speech{{Language: "en", Say: "--version"}, {Language: "en", Say: "version"}}
	build(t, folder, speech)
	for _, x := range speech {
		if s, err := open(t, folder, "").Speech(x); err != nil || s.Length < 300*time.Millisecond {
			t.Errorf("%q: %+v, %v", x.Say, s, err)
		}
	}
}

func TestEngineFaults(t *testing.T) {
	tests := map[string]struct {
		act  string
		args []string
		want string
	}{
		"exit status":        {"fail", nil, "exit status 3: "},
		"last words":         {"fail", nil, "chatter [31mthe last words"},
		"writes nothing":     {"nothing", nil, "wrote nothing, want a WAV file at {output}"},
		"writes an empty":    {"write", []string{""}, "wrote an empty file, want WAV"},
		"writes a folder":    {"folder", nil, "its file is no regular file"},
		"writes text":        {"write", []string{"hello, this is text"}, "its file does not begin with RIFF and WAVE, want a WAV file"},
		"writes MP3":         {"write", []string{"ID3\x04"}, "wrote MP3, want WAV"},
		"writes Ogg":         {"write", []string{"OggS"}, "wrote Ogg, want WAV"},
		"writes FLAC":        {"write", []string{"fLaC"}, "wrote FLAC, want WAV"},
		"writes AIFF":        {"write", []string{"FORM"}, "wrote AIFF, want WAV"},
		"writes half a file": {"truncate", nil, "its file is cut off: has 1000 of 4800 bytes of samples"},
		"writes too much":    {"flood", nil, "file too large"},
		"silence":            {"silence", nil, "is silent: no part is louder than -60 dBFS"},
		"a constant offset":  {"hum", nil, "is silent"},
	}
	for name, tt := range tests {
		s, _ := acting(t, tt.act, tt.args...)
		s.fails(t, name, tt.want)
	}
	for program, want := range map[string]string{
		"no-engine-of-that-name": "no-engine-of-that-name: is not installed",
		"/nowhere/engine":        "/nowhere/engine: is missing, or what runs it",
		"/":                      "is a directory",
	} {
		s, _ := acting(t, "")
		s.Engine.Command[0] = program
		s.fails(t, program, want)
	}
	s, _ := acting(t, "")
	s.Engine.Command = nil
	s.fails(t, "no command", "engine: has no command")
}

// fails builds a folder in which another sound is already: it stays, nothing
// is added, and the error names the text.
func (s Settings) fails(t *testing.T, name, want string) {
	t.Helper()
	s.build(t, nil, layout.Delay(time.Second))
	before := contents(t, s.Folder)
	files, err := Files(s, []layout.Speech{{Language: "en", Say: "hello"}}, []layout.Delay{layout.Delay(time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	made, err := Build(t.Context(), s, files, quiet)
	if err == nil || made != 0 || !strings.HasPrefix(err.Error(), `text "hello" in en: `) || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: Build = %d, %v, want 0 and %q", name, made, err, want)
	}
	if err != nil && len(err.Error()) > 2*maxWords {
		t.Errorf("%s: the error has %d bytes", name, len(err.Error()))
	}
	if d := cmp.Diff(before, contents(t, s.Folder)); d != "" {
		t.Errorf("%s: the folder has changed (-before +after):\n%s", name, d)
	}
}

// contents reads a folder of files.
func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	all := map[string]string{}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = string(b)
	}
	return all
}

// An engine that hangs is killed at its limit, and so is what it started.
func TestEngineHangs(t *testing.T) {
	s, notes := acting(t, "hang")
	s.Engine.Limit = 3 * time.Second
	began := time.Now()
	s.fails(t, "hangs", "is not done after 3s")
	if d := time.Since(began); d > 20*time.Second {
		t.Errorf("it took %s to give up after 3s", d)
	}
	released(t, notes)
}

// What an engine leaves behind ends with it, and its work counts.
func TestEngineLeavesAProcessBehind(t *testing.T) {
	s, notes := acting(t, "leave")
	if made := s.build(t, []layout.Speech{{Language: "en", Say: "hello"}}); made != 1 {
		t.Errorf("made %d, want 1", made)
	}
	released(t, notes)
}

// released waits until the process that holds the notes is gone.
func released(t *testing.T, notes string) {
	t.Helper()
	f, err := os.Open(notes)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	began := time.Now()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if d := time.Since(began); d > 20*time.Second { // by itself it goes after a minute
		t.Errorf("the engine's child was alive for another %s", d)
	}
}

func TestAnInterruptedBuildStopsTheEngine(t *testing.T) {
	s, notes := acting(t, "hang")
	files, err := Files(s, []layout.Speech{{Language: "en", Say: "hello"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := contextUntil(t, notes+".held")
	defer cancel()
	if _, err := Build(ctx, s, files, quiet); err == nil || !strings.Contains(err.Error(), "context canceled") {
		t.Errorf("Build = %v, want it canceled", err)
	}
	released(t, notes)
	if left := contents(t, s.Folder); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

// contextUntil gives a context that ends when a file appears.
func contextUntil(t *testing.T, file string) (context.Context, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for ctx.Err() == nil {
			if _, err := os.Stat(file); err == nil {
				cancel()
			}
			time.Sleep(time.Millisecond)
		}
	}()
	return ctx, cancel
}
