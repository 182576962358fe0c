package prompt

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"aftercall/ivr/layout"
)

// tone is a sound of one pitch; loud is its peak, 1 = full scale. What is
// louder is cut off.
func tone(d time.Duration, loud float64) []byte {
	var b []byte
	for i := range int(d.Milliseconds()) * sampleRate / 1000 {
		x := loud * math.Sin(2*math.Pi*440*float64(i)/sampleRate)
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(math.MaxInt16*max(-1, min(x, 1)))))
	}
	return b
}

// texts take 2.9 s by their estimate.
var texts = []layout.Speech{
	{Place: "habit/option-1", Language: "en", Say: "for excellent, please press 1"},
	{Place: "habit/option-2", Language: "en", Say: "for very good, please press 2"},
	{Place: "habit/option-3", Language: "en", Say: "for only fair, please press 3"},
}

// stocked is a folder with a tone of two seconds for each of texts, a silence
// and their manifest.
func stocked(t *testing.T, s Settings) (*Library, []File) {
	t.Helper()
	files, err := Files(s, texts, []layout.Delay{layout.Delay(300 * time.Millisecond)})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		samples := tone(2*time.Second, 0.2)
		if len(f.Says) == 0 {
			samples = make([]byte, f.Silence.Milliseconds()*sampleRate/1000*sampleBytes)
		}
		put(t, s, f.Name+".wav", wavFile(samples))
		if s.Wideband {
			put(t, s, f.Name+".wav16", wideFile(2*len(samples)))
		}
	}
	l, err := Open(s)
	if err != nil {
		t.Fatal(err)
	}
	m, err := l.Manifest(files)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Write(s.Folder); err != nil {
		t.Fatal(err)
	}
	return l, files
}

func put(t *testing.T, s Settings, name string, body []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.Folder, name), body, 0o644); err != nil {
		t.Fatal(err)
	}
}

// wideFile is a file of 16 kHz with so many bytes of samples.
func wideFile(size int) []byte {
	return wavFileAt(wideRate, make([]byte, size))
}

// inspected gives what is found, a line for each flaw. The library is opened
// anew: it remembers what it has read.
func inspected(t *testing.T, s Settings, files []File) string {
	t.Helper()
	l, err := Open(s)
	if err != nil {
		t.Fatal(err)
	}
	flaws, err := l.Inspect(files)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, f := range flaws {
		kind := "warning"
		if f.Grave {
			kind = "fault"
		}
		fmt.Fprintf(&out, "%s: %s: %s\n", kind, f.File, strings.ReplaceAll(f.Text, s.Folder, "…"))
	}
	return out.String()
}

// Each flaw is made once and found, and nothing else is.
func TestInspectFinds(t *testing.T) {
	const said = `text "for excellent, please press 1" in en: `
	const changed = `fault: NAME: ` + said + `is not as manifest-\w{24} says: it was changed after the build\n`
	remove := func(name string) func(*testing.T, Settings) {
		return func(t *testing.T, s Settings) {
			if err := os.Remove(filepath.Join(s.Folder, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	write := func(name string, body []byte) func(*testing.T, Settings) {
		return func(t *testing.T, s Settings) { put(t, s, name, body) }
	}
	chmod := func(name string, mode os.FileMode) func(*testing.T, Settings) {
		return func(t *testing.T, s Settings) {
			if err := os.Chmod(filepath.Join(s.Folder, name), mode); err != nil {
				t.Fatal(err)
			}
		}
	}
	files, err := Files(Settings{Voices: voices}, texts, nil)
	if err != nil {
		t.Fatal(err)
	}
	name := files[0].Name + ".wav"
	once := append(tone(2*time.Second, 0.2), 0xff, 0x7f, 0xff, 0x7f, 0xff, 0x7f)
	for _, tt := range []struct {
		name string
		do   func(*testing.T, Settings)
		want string
	}{
		{"nothing", func(*testing.T, Settings) {}, ``},
		{"missing", remove(name), `fault: NAME: ` + said + `is missing\n`},
		{"no WAV", write(name, []byte("ID3 and so on")), `fault: NAME: ` + said + `file "…/NAME": .*\n` + changed},
		{"too short for its text", write(name, wavFile(tone(900*time.Millisecond, 0.2))), `fault: NAME: ` + said + `lasts 900ms, too short for its text, which takes about 2\.\d+s\n` + changed},
		{"fast", write(name, wavFile(tone(1100*time.Millisecond, 0.2))), changed},
		{"silent", write(name, wavFile(make([]byte, 32000))), `fault: NAME: ` + said + `is silent\n` + changed},
		{"clipped", write(name, wavFile(tone(2*time.Second, 1.5))), `warning: NAME: ` + said + `is clipped in \d{3,4} places\nwarning: NAME: is 1\d dB louder than the others\n` + changed},
		{"clipped once", write(name, wavFile(once)), changed},
		{"louder", write(name, wavFile(tone(2*time.Second, 0.45))), `warning: NAME: is 7 dB louder than the others\n` + changed},
		{"quieter", write(name, wavFile(tone(2*time.Second, 0.05))), `warning: NAME: is 12 dB quieter than the others\n` + changed},
		{"a little quieter", write(name, wavFile(tone(2*time.Second, 0.12))), changed},
		{"for nobody", chmod(name, 0o640), `warning: NAME: ` + said + `may be read by its owner and group only: mode 0640\n`},
		{"closed folder", chmod(".", 0o750), `warning: : … may be entered by its owner and group only: mode 0750\n`},
		{"silence too long", write("silence-300.wav", wavFile(make([]byte, 4816))), `fault: silence-300.wav: silence of 300ms: lasts 301ms\nfault: silence-300.wav: .*changed after the build\n`},
		{"silence with a tone", write("silence-300.wav", wavFile(tone(300*time.Millisecond, 0.1))), `fault: silence-300.wav: silence of 300ms: is not silent\nfault: silence-300.wav: .*changed after the build\n`},
		{"no manifest", func(t *testing.T, s Settings) {
			for _, f := range manifestsIn(t, s.Folder) {
				remove(f)(t, s)
			}
			write(name, wavFile(tone(2*time.Second, 0.21)))(t, s)
		}, ``},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := Settings{Folder: filepath.Join(t.TempDir(), "with [odd] *?"), Voices: voices}
			if err := os.Mkdir(s.Folder, 0o755); err != nil {
				t.Fatal(err)
			}
			_, files := stocked(t, s)
			tt.do(t, s)
			want := strings.ReplaceAll(tt.want, "NAME", regexp.QuoteMeta(name))
			if got := inspected(t, s, files); !regexp.MustCompile("^" + want + "$").MatchString(got) {
				t.Errorf("found\n%swant\n%s", got, want)
			}
		})
	}
}

// A sound at 16 kHz beside the one at 8 kHz.
func TestInspectFindsWideband(t *testing.T) {
	s := Settings{Folder: t.TempDir(), Voices: voices, Wideband: true}
	l, files := stocked(t, s)
	if got := inspected(t, s, files); got != "" {
		t.Errorf("found %s of what is well", got)
	}
	m, err := l.Manifest(files)
	if err != nil || !slices.Contains(m.Files(), "silence-300.wav16") {
		t.Errorf("the manifest lists %v, %v, want silence-300.wav16 among them", m.Files(), err)
	}
	put(t, s, files[0].Name+".wav16", wideFile(4800))
	put(t, s, files[1].Name+".wav16", wideFile(64000)[:64000])
	put(t, s, files[2].Name+".wav16", wavFile(tone(2*time.Second, 0.2)))
	if err := os.Remove(filepath.Join(s.Folder, files[3].Name+".wav16")); err != nil {
		t.Fatal(err)
	}
	const want = `fault: silence-300.wav16: silence of 300ms: lasts 150ms, and silence-300.wav 300ms
fault: \S+.wav16: text ".*1" in en: file "\S+": is cut off: has 63956 of 64000 bytes of samples; .*
fault: \S+.wav16: text ".*2" in en: file "\S+": encoding 1, 1 channels, 8000 Hz, 16 bit, want .* 16000 Hz, 16 bit; .*
fault: \S+.wav16: text ".*3" in en: is missing
(fault: .*changed after the build\n){3}`
	if got := inspected(t, s, files); !regexp.MustCompile("^" + want + "$").MatchString(got) {
		t.Errorf("found\n%swant\n%s", got, want)
	}
	if _, err := l.Manifest(files); err == nil || !strings.Contains(err.Error(), `.wav16": is missing, run: aftercall prompts build`) {
		t.Errorf("manifest without a file: error %v, want it named", err)
	}
}

// A folder that is not there lacks every file.
func TestInspectWithoutAFolder(t *testing.T) {
	s := Settings{Folder: "/none", Voices: voices}
	files, err := Files(s, texts, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := inspected(t, s, files); strings.Count(got, ": is missing\n") != len(files) {
		t.Errorf("found %s, want %d missing", got, len(files))
	}
}

func TestUnneeded(t *testing.T) {
	s := Settings{Folder: t.TempDir(), Voices: voices}
	l, files := stocked(t, s)
	put(t, s, "speech-of-last-year.wav", nil)
	if got, err := l.Unneeded(files); err != nil || !slices.Equal(got, []string{"speech-of-last-year.wav"}) {
		t.Errorf("Unneeded = %q, %v, want the one of last year", got, err)
	}
}

// What the bounds of an inspection stand on: the texts that are shipped keep
// far from them.
func TestInspectShipped(t *testing.T) {
	c := shipped(t)
	s := Settings{Folder: t.TempDir(), Voices: c.Prompts.ByLanguage(), Engine: Engine(c.Prompts.Engine)}
	speech, silences := c.Catalogue.Sounds()
	files, err := Files(s, speech, silences)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Build(t.Context(), s, files, quiet); err != nil {
		t.Fatal(err)
	}
	if got := inspected(t, s, files); got != "" {
		t.Errorf("found %s", got)
	}
	l, err := Open(s)
	if err != nil {
		t.Fatal(err)
	}
	least, most, shortest := math.Inf(1), 0.0, time.Hour
	var levels []float64
	for _, x := range speech {
		sound, err := l.Speech(x)
		if err != nil {
			t.Fatal(err)
		}
		samples, err := l.Samples(sound.Media)
		if err != nil {
			t.Fatal(err)
		}
		estimate, _ := Estimate{}.Speech(x)
		part := float64(sound.Length) / float64(estimate.Length)
		least, most, shortest = min(least, part), max(most, part), min(shortest, sound.Length)
		floats, _, err := wave{format: ours(sampleRate), codec: pcm, data: samples}.mono()
		if err != nil {
			t.Fatal(err)
		}
		levels = append(levels, 10*math.Log10(activePower(floats)))
	}
	quietest, loudest := slices.Min(levels), slices.Max(levels)
	t.Logf("%.2f to %.2f of the estimate, the shortest %s, %.1f to %.1f dBFS", least, most, shortest, quietest, loudest)
	if least < 1.4/leastPart || shortest < 2*leastSaid || loudest-quietest > maxApart {
		t.Errorf("%.2f to %.2f of the estimate, the shortest %s, %.1f to %.1f dBFS: too near to the bounds", least, most, shortest, quietest, loudest)
	}
}
