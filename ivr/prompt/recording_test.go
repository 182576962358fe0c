package prompt

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"aftercall/ivr/layout"

	"github.com/google/go-cmp/cmp"
)

// put writes a file into the folder of recordings.
func (s Settings) put(t *testing.T, name string, content []byte) {
	t.Helper()
	file := filepath.Join(s.Recordings, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// pitched is a recording of a length.
func pitched(ms int) []byte { return wavFile(pitch(0.5, ms)) }

// length gives how long a text is heard at its place.
func (s Settings) length(t *testing.T, x layout.Speech) time.Duration {
	t.Helper()
	sound, err := s.open(t).Speech(x)
	if err != nil {
		t.Fatal(err)
	}
	return sound.Length
}

// A recording is heard at its place and in its language alone, from the next
// build on; a changed one is a new file, and without it the engine speaks.
func TestARecordingWins(t *testing.T) {
	s, _ := acting(t, "speak")
	s.Recordings = t.TempDir()
	at := func(language, place string) layout.Speech {
		return layout.Speech{Language: language, Say: "满意请按1", Place: place}
	}
	here := at("zh-CN", "habit/option-1")
	all := []layout.Speech{here, at("en", "habit/option-1"), at("zh-CN", "gap/option-1"), at("zh-CN", "gap.v2/option-1")}
	s.put(t, "habit/option-1.zh-CN.wav", pitched(1000))
	s.put(t, "gap.v2/option-1.zh-CN.wav", pitched(2000))
	if made := s.build(t, all); made != 4 {
		t.Errorf("made %d, want 4", made)
	}
	const engine = 300 * time.Millisecond
	for i, want := range []time.Duration{time.Second, engine, engine, 2 * time.Second} {
		if got := s.length(t, all[i]); got != want {
			t.Errorf("%+v lasts %s, want %s", all[i], got, want)
		}
	}
	before := contents(t, s.Folder)
	s.put(t, "habit/option-1.zh-CN.wav", pitched(1500))
	if got := s.length(t, here); got != time.Second {
		t.Errorf("a changed recording lasts %s before the build, want the 1s that was built", got)
	}
	if made := s.build(t, all); made != 1 {
		t.Errorf("made %d of the changed recording, want 1", made)
	}
	if got := s.length(t, here); got != 1500*time.Millisecond {
		t.Errorf("the changed recording lasts %s, want 1.5s", got)
	}
	after := contents(t, s.Folder)
	for name, b := range before {
		if after[name] != b && !strings.HasPrefix(name, indexPrefix) {
			t.Errorf("%s has changed", name)
		}
	}
	if err := os.Remove(filepath.Join(s.Recordings, "habit/option-1.zh-CN.wav")); err != nil {
		t.Fatal(err)
	}
	s.build(t, all)
	if got := s.length(t, here); got != engine {
		t.Errorf("without the recording it lasts %s, want the engine's %s", got, engine)
	}
}

// The service goes by what was built: recordings that are away, replaced by
// half a file or not for its eyes change nothing until the next build, which
// refuses them. What was never built is an error.
func TestRecordingsThatAreAwayAreHeard(t *testing.T) {
	s, _ := acting(t, "speak")
	s.Recordings = filepath.Join(t.TempDir(), "recordings")
	one, two := option, layout.Speech{Language: "en", Say: "for fair, press 2", Place: "habit/option-2"}
	s.put(t, recordingOf(one), pitched(1000))
	s.build(t, []layout.Speech{one, two})
	s.put(t, recordingOf(one), pitched(1000)[:100])
	if got := s.length(t, one); got != time.Second {
		t.Errorf("half a file in its place lasts %s, want the 1s that was built", got)
	}
	s.put(t, recordingOf(two), pitched(500))
	if _, err := s.open(t).Speech(two); err == nil || !strings.Contains(err.Error(), `habit/option-2.en.wav": is not built yet, run: aftercall prompts build`) {
		t.Errorf("a new recording before the build: error = %v", err)
	}
	if err := os.Rename(s.Recordings, s.Recordings+"-away"); err != nil {
		t.Fatal(err)
	}
	if got := s.length(t, one); got != time.Second {
		t.Errorf("without the folder it lasts %s, want the 1s that was built", got)
	}
	if _, err := Files(s, []layout.Speech{one, two}, nil); err == nil || !strings.Contains(err.Error(), "folder of recordings") {
		t.Errorf("a build without the folder: error = %v", err)
	}
	put(t, s, s.indexFile(), []byte("{"))
	if _, err := Open(s); err == nil || !strings.Contains(err.Error(), "delete it and run: aftercall prompts build") {
		t.Errorf("half an index: error = %v", err)
	}
}

func TestFilesSayWhatIsRecorded(t *testing.T) {
	s := recorded(t)
	s.put(t, "habit/ask.en.wav", pitched(500))
	s.put(t, "gap/ask.en.wav", pitched(500)) // the same bytes are the same sound
	speech := []layout.Speech{
		{Language: "en", Say: "please rate", Place: "habit/ask"},
		{Language: "en", Say: "please rate", Place: "strict/ask"},
		{Language: "en", Say: "please rate", Place: "gap/ask"},
	}
	files, err := Files(s, speech, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range files {
		var places []string
		for _, x := range f.Says {
			places = append(places, x.Place)
		}
		kind, _, _ := strings.Cut(f.Name, "-")
		got = append(got, fmt.Sprint(kind, places, strings.TrimPrefix(f.Recording, s.Recordings)))
	}
	if d := cmp.Diff([]string{"recorded[habit/ask gap/ask]/habit/ask.en.wav", "speech[strict/ask]"}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// Every recording that cannot be used is named before the engine is started.
func TestFaultsOfRecordingsComeFirst(t *testing.T) {
	s, notes := acting(t, "speak")
	s.Recordings = t.TempDir()
	speech := []layout.Speech{{Language: "en", Say: "by the engine", Place: "habit/ask"}}
	bad := map[string][]byte{
		"option-1": []byte("ID3\x04"),
		"option-2": pitched(500)[:544],
		"option-3": wavFile(make([]byte, 16000)),
		"no-input": nil,
	}
	wants := map[string]string{
		"option-1": "is MP3, want WAV", "option-2": "is cut off: has 500 of 8000 bytes", "option-3": "is silent",
		"no-input": "does not begin with RIFF", "thanks": "is no regular file", "wrong-key": "no such file or directory",
	}
	for part, b := range bad {
		s.put(t, "habit/"+part+".en.wav", b)
	}
	if err := syscall.Mkfifo(filepath.Join(s.Recordings, "habit/thanks.en.wav"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", filepath.Join(s.Recordings, "habit/wrong-key.en.wav")); err != nil {
		t.Fatal(err)
	}
	for part := range wants {
		speech = append(speech, layout.Speech{Language: "en", Say: part, Place: "habit/" + part})
	}
	_, err := Files(s, speech, nil)
	for part, want := range wants {
		if part == "option-3" {
			continue // its form is good: it is found when it is built
		}
		whole := fmt.Sprintf("recording %q: ", filepath.Join(s.Recordings, "habit", part+".en.wav"))
		if err == nil || !strings.Contains(err.Error(), whole) || !strings.Contains(err.Error(), want) {
			t.Errorf("Files = %v, want %q and %q", err, whole, want)
		}
	}
	silent := layout.Speech{Language: "en", Say: "silent", Place: "habit/option-3"}
	s.put(t, "habit/other.en.wav", wavFile(make([]byte, 8000)))
	other := layout.Speech{Language: "en", Say: "silent too", Place: "habit/other"}
	files, err := Files(s, []layout.Speech{speech[0], silent, other}, nil)
	if err != nil {
		t.Fatal(err)
	}
	made, err := Build(t.Context(), s, files, quiet)
	if err == nil || made != 0 || strings.Count(err.Error(), "is silent: no part is louder than -60 dBFS") != 2 || !strings.Contains(err.Error(), "habit/option-3.en.wav") {
		t.Errorf("Build = %d, %v, want both silent recordings named", made, err)
	}
	if _, err := os.Stat(notes); err == nil {
		t.Error("the engine was started")
	}
	if left := contents(t, s.Folder); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

func TestWithoutTheFolderOfRecordingsNothingIsSpoken(t *testing.T) {
	s := in(t.TempDir())
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for folder, want := range map[string]string{"/nowhere/recordings": "no such file or directory", file: "is no folder"} {
		s.Recordings = folder
		want = fmt.Sprintf("folder of recordings %q: %s", folder, want)
		_, ofFiles := Files(s, nil, nil)
		_, ofStrays := Strays(s, nil)
		for _, err := range []error{ofFiles, ofStrays} {
			if err == nil || err.Error() != want {
				t.Errorf("error = %v, want %s", err, want)
			}
		}
	}
}

func TestStrays(t *testing.T) {
	s := recorded(t)
	speech := []layout.Speech{option, {Language: "en", Say: "thanks", Place: "客服.v2/thanks"}}
	for _, name := range []string{
		"habit/option-1.zh-CN.wav", "客服.v2/thanks.en.wav", // wanted
		".DS_Store", "habit/._option-1.zh-CN.wav", // hidden
		"habit/option-9.zh-CN.wav", "habit/option-1.en.wav", "habit/option-1.zh-cn.wav", "habit/option-1.zh-CN.WAV", "habit/option-1.zh-CN.mp3",
		"Habit/option-1.zh-CN.wav", "option-1.zh-CN.wav", "habit/old/option-1.zh-CN.wav",
	} {
		s.put(t, name, nil)
	}
	got, err := Strays(s, speech)
	slices.Sort(got)
	want := []string{
		"Habit/option-1.zh-CN.wav", "habit/old", "habit/option-1.en.wav", "habit/option-1.zh-CN.WAV", "habit/option-1.zh-CN.mp3",
		"habit/option-1.zh-cn.wav", "habit/option-9.zh-CN.wav", "option-1.zh-CN.wav",
	}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, d)
	}
	if got, err := Strays(in(""), speech); got != nil || err != nil {
		t.Errorf("without recordings: %q, %v", got, err)
	}
	// One layout's folder may be another's, too.
	if err := os.Symlink("habit", filepath.Join(s.Recordings, "gap")); err != nil {
		t.Fatal(err)
	}
	linked := option
	linked.Place = "gap/option-1"
	if got, err := Strays(s, append(speech, linked)); err != nil || slices.Contains(got, "gap/option-1.zh-CN.wav") || !slices.Contains(got, "gap/option-9.zh-CN.wav") {
		t.Errorf("with a linked folder: %q, %v", got, err)
	}
}

func TestMixed(t *testing.T) {
	s := recorded(t)
	at := func(place, say string) layout.Speech { return layout.Speech{Language: "en", Say: say, Place: place} }
	speech := []layout.Speech{
		at("habit/ask", "please rate"), at("gap/ask", "please rate"), at("strict/ask", "please rate"),
		at("habit/option-1", "press 1"), at("gap/option-1", "press 1"),
		at("habit/option-2", "press 2"), at("gap/option-2", "press 2"),
		at("habit/option-3", "press 3"), at("gap/option-3", "press 3"),
	}
	if got, err := Mixed(s, speech); err != nil || len(got) > 0 {
		t.Errorf("nothing is recorded: %q, %v", got, err)
	}
	s.put(t, "habit/ask.en.wav", pitched(500))
	for i, place := range []string{"habit", "gap"} {
		s.put(t, place+"/option-1.en.wav", pitched(500+i)) // two takes
		s.put(t, place+"/option-2.en.wav", pitched(600))   // one take
	}
	got, err := Mixed(s, speech)
	want := []string{
		`text "please rate" in en: is not one sound everywhere: habit/ask from habit/ask.en.wav, gap/ask by the engine, strict/ask by the engine`,
		`text "press 1" in en: is not one sound everywhere: habit/option-1 from habit/option-1.en.wav, gap/option-1 from gap/option-1.en.wav`,
	}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, d)
	}
}

// Each sound lies beside its wideband form, silences too; a wide file that is
// missing is added to the same take and never to another.
func TestWideband(t *testing.T) {
	s := in(t.TempDir())
	speech := []layout.Speech{{Language: "en", Say: "for satisfied, press 1", Place: "habit/option-1"}}
	delay := layout.Delay(333 * time.Millisecond)
	s.build(t, nil, delay)
	s.Wideband = true
	if made := s.build(t, speech, delay); made != 2 {
		t.Errorf("made %d, want the text and the wide silence", made)
	}
	name := s.speechName("en", "en", speech[0].Say)
	alike(t, read(t, s.path(name, ".wav"), sampleRate), read(t, s.path(name, ".wav16"), wideRate))
	if still := read(t, s.path("silence-333", ".wav16"), wideRate); len(still) != 333*16 || peak(still) > 0 {
		t.Errorf("a silence of 333ms has %d samples of 16 kHz, its peak is %f", len(still), peak(still))
	}
	all := contents(t, s.Folder)
	if err := os.Remove(s.path(name, ".wav16")); err != nil {
		t.Fatal(err)
	}
	if made := s.build(t, speech, delay); made != 1 {
		t.Errorf("made %d for a missing wide file, want 1", made)
	}
	if d := cmp.Diff(all, contents(t, s.Folder)); d != "" {
		t.Error("the folder is not what it was")
	}
	if err := os.Remove(s.path(name, ".wav16")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.path(name, ".wav"), pitched(700), 0o644); err != nil {
		t.Fatal(err)
	}
	before := contents(t, s.Folder)
	files, err := Files(s, speech, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Build(t.Context(), s, files, quiet); err == nil || !strings.Contains(err.Error(), "is of another take") {
		t.Errorf("Build = %v, want no wide file beside another take", err)
	}
	if d := cmp.Diff(before, contents(t, s.Folder)); d != "" {
		t.Error("the folder has changed")
	}
}

// What is made says what it was made from.
func TestBuildLogsWhatItMakes(t *testing.T) {
	s := recorded(t)
	s.put(t, "habit/option-1.zh-CN.wav", pitched(500))
	files, err := Files(s, []layout.Speech{option}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if _, err := Build(context.Background(), s, files, slog.New(slog.NewTextHandler(&b, nil))); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "habit/option-1.zh-CN.wav") || !strings.Contains(got, files[0].Name) {
		t.Errorf("log: %s", got)
	}
}
