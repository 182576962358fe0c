package prompt

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aftercall/ivr/layout"
)

var (
	quiet  = slog.New(slog.DiscardHandler)
	voices = map[string]string{"en": "en", "zh-CN": "cmn-latn-pinyin"}
	espeak = Engine{Command: []string{"espeak-ng", "-v", "{voice}", "-s", "150", "-w", "{output}", "--", "{text}"}, Limit: 20 * time.Second}
)

// in gives settings for a folder.
func in(folder string) Settings { return Settings{Folder: folder, Voices: voices, Engine: espeak} }

func build(t *testing.T, folder string, speech []layout.Speech, silences ...layout.Delay) int {
	t.Helper()
	return in(folder).build(t, speech, silences...)
}

func (s Settings) build(t *testing.T, speech []layout.Speech, silences ...layout.Delay) int {
	t.Helper()
	files, err := Files(s, speech, silences)
	if err != nil {
		t.Fatal(err)
	}
	made, err := Build(t.Context(), s, files, quiet)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func open(t *testing.T, folder, media string) *Library {
	t.Helper()
	s := in(folder)
	s.Media = media
	return s.open(t)
}

func (s Settings) open(t *testing.T) *Library {
	t.Helper()
	l, err := Open(s)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestSilenceIsExact(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "deep", "prompts")
	delays := []layout.Delay{layout.Delay(time.Millisecond), layout.Delay(300 * time.Millisecond), layout.Delay(20 * time.Second)}
	if made := build(t, folder, nil, delays...); made != len(delays) {
		t.Errorf("made %d, want %d", made, len(delays))
	}
	l := open(t, folder, "/sounds/aftercall")
	for _, d := range delays {
		s, err := l.Silence(d.D())
		if err != nil || s.Length != d.D() {
			t.Errorf("Silence(%s) = %+v, %v", d, s, err)
		}
	}
	s, err := l.Silence(300 * time.Millisecond)
	if want := "sound:/sounds/aftercall/silence-300"; err != nil || s.Media != want {
		t.Errorf("media = %q, %v, want %q", s.Media, err, want)
	}
	samples, err := readSamples(filepath.Join(folder, "silence-300.wav"))
	if err != nil || len(samples) != 2400*sampleBytes || strings.Trim(string(samples), "\x00") != "" {
		t.Errorf("silence of 300 ms has %d bytes, %v, want 4800 zeros", len(samples), err)
	}
}

func TestMediaIsTheFolderWhenNotGiven(t *testing.T) {
	folder := t.TempDir()
	build(t, folder, nil, layout.Delay(time.Second))
	s, err := open(t, folder, "").Silence(time.Second)
	if want := "sound:" + folder + "/silence-1000"; err != nil || s.Media != want {
		t.Errorf("media = %q, %v, want %q", s.Media, err, want)
	}
}

func TestExistingFilesStay(t *testing.T) {
	folder := t.TempDir()
	speech := []layout.Speech{{Language: "en", Say: "goodbye"}, {Language: "zh-CN", Say: "再见"}}
	if made := build(t, folder, speech, layout.Delay(time.Second)); made != 3 {
		t.Errorf("first build made %d, want 3", made)
	}
	// What an operator has recorded in its place is kept.
	own := wavFile(make([]byte, 32))
	name := filepath.Join(folder, in(folder).speechName("en", "en", "goodbye")+".wav")
	if err := os.WriteFile(name, own, 0o644); err != nil {
		t.Fatal(err)
	}
	if made := build(t, folder, speech, layout.Delay(time.Second)); made != 0 {
		t.Errorf("second build made %d, want 0", made)
	}
	if s, err := open(t, folder, "").Speech(layout.Speech{Language: "en", Say: "goodbye"}); err != nil || s.Length != 2*time.Millisecond {
		t.Errorf("Speech = %+v, %v, want the file of 2ms that was there", s, err)
	}
}

// A second build waits for the first, and finds what that has made; what a
// build that was killed left is gone.
func TestOneBuildAtATime(t *testing.T) {
	s := in(t.TempDir())
	files, err := Files(s, []layout.Speech{{Language: "en", Say: "goodbye"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	first, err := alone(t.Context(), s.Folder, quiet)
	if err != nil {
		t.Fatal(err)
	}
	waits := make(chan struct{})
	log := slog.New(slog.NewTextHandler(writerFunc(func(b []byte) (int, error) {
		if bytes.Contains(b, []byte("another build is at work")) {
			close(waits)
		}
		return len(b), nil
	}), nil))
	second := make(chan error, 1)
	var made int
	go func() {
		n, err := Build(t.Context(), s, files, log)
		made = n
		second <- err
	}()
	<-waits
	put(t, s, files[0].Name+".wav", wavFile(tone(time.Second, 0.2)))
	if err := os.MkdirAll(filepath.Join(s.Folder, making+"1", "engine"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-second; err != nil || made != 0 {
		t.Errorf("the second build made %d, %v, want 0", made, err)
	}
	if left := contents(t, s.Folder); len(left) != 1 {
		t.Errorf("%d files are in the folder, want 1", len(left))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if first, err = alone(t.Context(), s.Folder, quiet); err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	if _, err := Build(ctx, s, files, quiet); !errors.Is(err, context.Canceled) {
		t.Errorf("Build = %v, want it canceled", err)
	}
}

type writerFunc func(b []byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func TestFilesAreReadableByAllAndNothingElseIsLeft(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "prompts")
	build(t, folder, []layout.Speech{{Language: "en", Say: "-v is no option"}}, layout.Delay(time.Second))
	modes := map[string]fs.FileMode{}
	err := filepath.WalkDir(folder, func(p string, d fs.DirEntry, err error) error {
		if err == nil {
			var i fs.FileInfo
			i, err = d.Info()
			modes[filepath.Base(p)] = i.Mode()
		}
		return err
	})
	want := map[string]fs.FileMode{
		"prompts":          fs.ModeDir | 0o755,
		"silence-1000.wav": 0o644,
		in(folder).speechName("en", "en", "-v is no option") + ".wav": 0o644,
	}
	if err != nil || len(modes) != len(want) {
		t.Errorf("folder holds %v, %v, want %v", modes, err, want)
	}
	for name, m := range want {
		if modes[name] != m {
			t.Errorf("%s: mode %v, want %v", name, modes[name], m)
		}
	}
}

func TestTheSameTextIsTheSameSound(t *testing.T) {
	speech := []layout.Speech{{Language: "en", Say: "for fair, press 2"}}
	var hashes []string
	for range 2 {
		folder := t.TempDir()
		build(t, folder, speech)
		s, err := open(t, folder, "").Speech(layout.Speech{Language: "en", Say: "for fair, press 2"})
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, s.Hash)
	}
	if hashes[0] != hashes[1] {
		t.Errorf("two builds give %s and %s", hashes[0], hashes[1])
	}
}

func TestNamesDifferWithEverythingThatSounds(t *testing.T) {
	s := in("")
	wide, slow, piper := s, s, s
	wide.Wideband = true
	slow.Engine.Command = append(slices.Clone(s.Engine.Command), "-s", "120")
	piper.Engine.Command = []string{"piper", "--output_file", "{output}"}
	seen := map[string]bool{}
	for _, n := range []string{
		s.speechName("en", "en", "a"), s.speechName("en", "en", "b"), s.speechName("en", "en-us", "a"),
		s.speechName("en-GB", "en", "a"), s.speechName("e", "nen", "a"),
		wide.speechName("en", "en", "a"), slow.speechName("en", "en", "a"), piper.speechName("en", "en", "a"),
	} {
		if seen[n] {
			t.Errorf("%s stands for two sounds", n)
		}
		seen[n] = true
	}
	patient := s
	patient.Engine.Limit = time.Minute
	if a, b := s.speechName("en", "en", "a"), patient.speechName("en", "en", "a"); a != b {
		t.Errorf("%s becomes %s by another limit, which nobody hears", a, b)
	}
}

func TestBuildFaults(t *testing.T) {
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		ctx    context.Context
		folder string
		speech layout.Speech
		voices map[string]string
		want   string
	}{
		{"no voice", t.Context(), t.TempDir(), layout.Speech{Language: "de", Say: "hallo"}, voices, `language "de": has no voice`},
		{"unknown voice", t.Context(), t.TempDir(), layout.Speech{Language: "en", Say: "hello"}, map[string]string{"en": "klingon-9"}, `text "hello" in en: engine: espeak-ng: exit status 1: `},
		{"no sound", t.Context(), t.TempDir(), layout.Speech{Language: "en", Say: " "}, voices, `text " " in en`},
		{"canceled", canceled, t.TempDir(), layout.Speech{Language: "en", Say: "hello"}, voices, "context canceled"},
		{"folder is a file", t.Context(), file, layout.Speech{Language: "en", Say: "hello"}, voices, "is no folder"},
	}
	for _, tt := range tests {
		s, made := in(tt.folder), 0
		s.Voices = tt.voices
		files, err := Files(s, []layout.Speech{tt.speech}, nil)
		if err == nil {
			made, err = Build(tt.ctx, s, files, quiet)
		}
		if err == nil || made != 0 || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: Build = %d, %v, want 0 and %q", tt.name, made, err, tt.want)
		}
		if left, _ := os.ReadDir(tt.folder); len(left) > 0 {
			t.Errorf("%s: %v is left in the folder", tt.name, left)
		}
	}
}

func TestLibraryFaults(t *testing.T) {
	l := open(t, t.TempDir(), "")
	if _, err := l.Speech(layout.Speech{Language: "de", Say: "hallo"}); err == nil || !strings.Contains(err.Error(), `language "de": has no voice`) {
		t.Errorf("no voice: error = %v", err)
	}
	if _, err := l.Speech(layout.Speech{Language: "en", Say: "hello"}); err == nil || !strings.Contains(err.Error(), "run: aftercall prompts build") {
		t.Errorf("missing: error = %v", err)
	}
	if _, err := l.Silence(time.Second); err == nil || !strings.Contains(err.Error(), "silence of 1s") {
		t.Errorf("missing silence: error = %v", err)
	}
}

func TestAMissingSoundIsFoundOnceItIsThere(t *testing.T) {
	folder := t.TempDir()
	l := open(t, folder, "")
	if _, err := l.Silence(time.Second); err == nil {
		t.Fatal("found a silence in an empty folder")
	}
	build(t, folder, nil, layout.Delay(time.Second))
	if _, err := l.Silence(time.Second); err != nil {
		t.Errorf("after the build: %v", err)
	}
}

func TestLibraryServesManyAtOnce(t *testing.T) {
	folder := t.TempDir()
	build(t, folder, nil, layout.Delay(time.Second), layout.Delay(2*time.Second))
	l := open(t, folder, "")
	var wg sync.WaitGroup
	for range 8 {
		for _, d := range []time.Duration{time.Second, 2 * time.Second} {
			wg.Go(func() {
				if s, err := l.Silence(d); err != nil || s.Length != d {
					t.Errorf("Silence(%s) = %+v, %v", d, s, err)
				}
			})
		}
	}
	wg.Wait()
}

func TestSamplesByMedia(t *testing.T) {
	folder := t.TempDir()
	build(t, folder, []layout.Speech{{Language: "en", Say: "goodbye"}}, layout.Delay(time.Second))
	l := open(t, folder, "/sounds/aftercall")
	s, err := l.Speech(layout.Speech{Language: "en", Say: "goodbye"})
	if err != nil {
		t.Fatal(err)
	}
	samples, err := l.Samples(s.Media)
	if err != nil || lengthOf(samples) != s.Length {
		t.Fatalf("Samples = %s of sound, %v, want %s", lengthOf(samples), err, s.Length)
	}
	var out bytes.Buffer
	if err := WriteWAV(&out, samples); err != nil {
		t.Fatal(err)
	}
	if file, err := os.ReadFile(filepath.Join(folder, path.Base(s.Media)+".wav")); err != nil || !bytes.Equal(file, out.Bytes()) {
		t.Errorf("WriteWAV gives %d bytes, the library's file has %d, %v", out.Len(), len(file), err)
	}
	for media, want := range map[string]string{
		"sound:/sounds/aftercall/silence-2000":    "is missing",
		"sound:/sounds/other/silence-1000":        "is no sound of this library",
		"sound:/sounds/aftercall/../silence-1000": "is no sound of this library",
		"tone:ring": "is no sound of this library",
		"":          "is no sound of this library",
	} {
		if _, err := l.Samples(media); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Samples(%q): error = %v, want %q", media, err, want)
		}
	}
	for _, bad := range [][]byte{nil, make([]byte, 3)} {
		if err := WriteWAV(&out, bad); err == nil {
			t.Errorf("WriteWAV takes %d bytes", len(bad))
		}
	}
}
