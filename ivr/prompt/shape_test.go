package prompt

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aftercall/ivr/layout"
)

// record makes the recording of a place from a sound by sox: its arguments
// for the file, then what it shall hold.
func (s Settings) record(t *testing.T, x layout.Speech, form string, effects string) string {
	t.Helper()
	file := filepath.Join(s.Recordings, recordingOf(x))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"-D"}, strings.Fields(form)...)
	sox(t, nil, append(append(args, file), strings.Fields(effects)...)...)
	return file
}

// recorded gives settings with an empty folder of recordings.
func recorded(t *testing.T) Settings {
	t.Helper()
	s := in(t.TempDir())
	s.Recordings = t.TempDir()
	return s
}

// speechLike is a sound whose level goes up and down as that of speech: sox's
// pink noise, shaped, with rests.
const speechLike = "synth 2 pinknoise tremolo 3 90 bandpass 1000 2q gain -n -12"

// read gives the samples of a file as numbers.
func read(t *testing.T, file string, rate uint32) []float64 {
	t.Helper()
	b, err := readRate(file, rate)
	if err != nil {
		t.Fatal(err)
	}
	samples, _, err := wave{format: ours(rate), codec: pcm, data: b}.mono()
	if err != nil {
		t.Fatal(err)
	}
	return samples
}

var option = layout.Speech{Language: "zh-CN", Say: "满意请按1", Place: "habit/option-1"}

// A recording in a studio's form, with a rest before and behind, comes out as
// every other sound.
func TestARecordingFitsTheTelephone(t *testing.T) {
	s := recorded(t)
	s.Wideband = true
	s.record(t, option, "-r 44100 -c 2 -n -b 24", speechLike+" pad 0.4 0.4 dcshift 0.1")
	s.build(t, []layout.Speech{option})
	sound, err := s.open(t).Speech(option)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(s.Folder, filepath.Base(sound.Media))
	b, err := readSamples(name + ".wav")
	if err != nil {
		t.Fatal(err)
	}
	h := hear(b)
	if sound.Length < 1800*time.Millisecond || sound.Length > 2040*time.Millisecond || sound.Length%(20*time.Millisecond) > 0 {
		t.Errorf("lasts %s, want about 2s in whole frames of 20ms", sound.Length)
	}
	if math.Abs(h.level-target) > 1 || h.peak > ceiling+0.01 || h.before > 20*time.Millisecond || h.last > 20*time.Millisecond {
		t.Errorf("%+v, want a level of %.0f dBFS and no rest around it", h, target)
	}
	narrow, wide := read(t, name+".wav", sampleRate), read(t, name+".wav16", wideRate)
	var mean float64
	for _, x := range narrow {
		mean += x / float64(len(narrow))
	}
	if math.Abs(mean) > 0.001 {
		t.Errorf("mean %f, want no constant offset", mean)
	}
	alike(t, narrow, wide)
}

// alike checks that two rates hold the same sound, begin together and are
// turned up alike: what is below 4 kHz is the same.
func alike(t *testing.T, narrow, wide []float64) {
	t.Helper()
	if len(wide) != 2*len(narrow) {
		t.Fatalf("%d samples of 16 kHz beside %d of 8 kHz", len(wide), len(narrow))
	}
	if p := peak(wide); p > amplitude(ceiling)+1e-4 {
		t.Errorf("the wide peak is %.4f, want at most %.4f", p, amplitude(ceiling))
	}
	down := sox(t, floats(wide), "-D", "-t", "raw", "-r", "16000", "-c", "1", "-b", "32", "-e", "floating-point", "-", "-t", "raw", "-", "rate", "-h", "8000")
	var off, sum float64
	for i, x := range narrow {
		d := x - float64(math.Float32frombits(binary.LittleEndian.Uint32(down[4*i:])))
		off, sum = off+d*d, sum+x*x
	}
	if dB := 10 * math.Log10(off/sum); dB > -30 {
		t.Errorf("the two rates differ by %.0f dB, want -30 at most", dB)
	}
}

// Whatever the form of the same recording, what callers hear is the same.
func TestTheFormOfARecordingIsNotHeard(t *testing.T) {
	var first []float64
	for _, form := range []string{
		"-r 8000 -c 1 -n -b 16", "-r 8000 -c 1 -n -b 32 -e floating-point", "-r 8000 -c 1 -n -b 24", "-r 8000 -c 2 -n -b 32 -e signed-integer", "-r 8000 -c 1 -n -b 64 -e floating-point",
	} {
		s := recorded(t)
		effects := "synth 1.5 sine 300:900 tremolo 3 60 gain -14" // the same in every channel
		s.record(t, option, form, effects)
		s.build(t, []layout.Speech{option})
		f, err := s.source(option)
		if err != nil {
			t.Fatal(err)
		}
		got := read(t, s.path(f.Name, ".wav"), sampleRate)
		if first == nil {
			first = got
		}
		if len(got) != len(first) {
			t.Errorf("%s: %d samples, want %d", form, len(got), len(first))
			continue
		}
		for i := range got {
			if math.Abs(got[i]-first[i]) > 0.001 {
				t.Errorf("%s: sample %d is %f, want %f", form, i, got[i], first[i])
				break
			}
		}
	}
}

// Loud and quiet recordings come out alike; what cannot, because its peaks
// would be clipped, is as loud as they allow, and is told.
func TestLoudness(t *testing.T) {
	for _, dB := range []int{-45, -30, -20, -12, 0} {
		s := recorded(t)
		s.record(t, option, "-r 22050 -c 1 -n -b 24", strings.Replace(speechLike, "-n -12", fmt.Sprintf("-n %d", dB), 1))
		level, peak, said := s.outcome(t)
		if math.Abs(level-target) > 0.3 || peak > ceiling+0.01 || len(said) > 0 {
			t.Errorf("recorded with peaks at %d dBFS: %.1f dBFS, peak %.1f, %q", dB, level, peak, said)
		}
	}
	s := recorded(t)
	// A soft tone with a crack in it.
	s.record(t, option, "-r 8000 -c 1 -n -b 16", "synth 1 sine 440 gain -40")
	file := filepath.Join(s.Recordings, recordingOf(option))
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	binary.LittleEndian.PutUint16(b[len(b)/2&^1:], 0x4000)
	if err := os.WriteFile(file, b, 0o644); err != nil {
		t.Fatal(err)
	}
	level, peak, said := s.outcome(t)
	if level > target-5 || math.Abs(peak-ceiling) > 0.1 || len(said) != 1 || !strings.Contains(said[0], "its peaks let it be no louder") {
		t.Errorf("with a crack: %.1f dBFS, peak %.1f, %q, want the peak at %.1f and a warning", level, peak, said, ceiling)
	}
}

// outcome builds the one recording and says how loud it is and what is told of it.
func (s Settings) outcome(t *testing.T) (level, highest float64, warnings []string) {
	t.Helper()
	files, err := Files(s, []layout.Speech{option}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Build(t.Context(), s, files, quiet); err != nil {
		t.Fatal(err)
	}
	warnings, err = Warnings(s, files)
	if err != nil {
		t.Fatal(err)
	}
	samples := read(t, s.path(files[0].Name, ".wav"), sampleRate)
	return 10 * math.Log10(activePower(samples)), 20 * math.Log10(peak(samples)), warnings
}

// A room's noise and a click do not make a pause longer; weak consonants stay.
func TestNoiseAroundTheSpeechIsCutOff(t *testing.T) {
	const second = sampleRate
	studio := func(noise float64, click, consonant bool) []byte {
		x := make([]float64, 4*second)
		for i := range x {
			x[i] = noise * math.Sin(float64(i)*float64(i)) // of every pitch, and the same each time
			if i > second && i < 3*second {
				x[i] += 0.3 * math.Sin(float64(i)/5) * math.Abs(math.Sin(float64(i)/1500))
			}
			if click && i > second/10 && i < second/10+40 {
				x[i] += 0.3 * math.Sin(float64(i)/2)
			}
			if consonant && i > second-second/8 && i < second {
				x[i] += 0.01 * math.Sin(float64(i)*float64(i))
			}
		}
		return wavFile(quantise(x, 1, len(x)))
	}
	for name, tt := range map[string]struct {
		file        []byte
		least, most time.Duration
	}{
		"quiet room":            {studio(0.0005, false, false), 1940 * time.Millisecond, 2040 * time.Millisecond},
		"a consonant at first":  {studio(0.0005, false, true), 2080 * time.Millisecond, 2160 * time.Millisecond},
		"noisy room":            {studio(0.01, false, false), 1940 * time.Millisecond, 2400 * time.Millisecond},
		"click of a mouse":      {studio(0.0005, true, false), 1940 * time.Millisecond, 2040 * time.Millisecond},
		"click in a noisy room": {studio(0.01, true, false), 1940 * time.Millisecond, 2400 * time.Millisecond},
	} {
		s := recorded(t)
		s.put(t, recordingOf(option), tt.file)
		if _, _, said := s.outcome(t); len(said) > 0 {
			t.Errorf("%s: %q", name, said)
		}
		sound, err := s.open(t).Speech(option)
		if err != nil {
			t.Fatal(err)
		}
		if sound.Length < tt.least || sound.Length > tt.most {
			t.Errorf("%s: lasts %s, want %s to %s", name, sound.Length, tt.least, tt.most)
		}
	}
}

func TestClippedRecordingsAreTold(t *testing.T) {
	s := recorded(t)
	s.record(t, option, "-r 16000 -c 1 -n -b 16", "synth 1 sine 300 gain 6")
	if _, _, said := s.outcome(t); len(said) != 1 || !strings.Contains(said[0], "option-1.zh-CN.wav\": is clipped in 600 places") {
		t.Errorf("warnings %q, want that it is clipped in 600 places", said)
	}
}

// The level is that of the speech, whatever the rests in it: a tone of -20
// dBFS has it with and without.
func TestActivePower(t *testing.T) {
	sine := func(dB float64, ms int) []float64 {
		x := make([]float64, ms*sampleRate/1000)
		for i := range x {
			x[i] = math.Sqrt2 * amplitude(dB) * math.Sin(2*math.Pi*500*float64(i)/sampleRate)
		}
		return x
	}
	rest := make([]float64, 2*sampleRate)
	for name, x := range map[string][]float64{
		"alone":       sine(-20, 1000),
		"short":       sine(-20, 20),
		"with a rest": append(append(sine(-20, 500), rest...), sine(-20, 500)...),
		"with noise":  append(append(sine(-20, 500), sine(-50, 2000)...), sine(-20, 500)...),
	} {
		if got := 10 * math.Log10(activePower(x)); math.Abs(got+20) > 0.05 {
			t.Errorf("%s: %.2f dBFS, want -20", name, got)
		}
	}
	if got := activePower(rest); got != 0 {
		t.Errorf("nothing has a power of %g", got)
	}
}

// Two builds of the same text and recording are the same to the byte.
func TestTwoBuildsAreTheSame(t *testing.T) {
	s := recorded(t)
	s.Wideband = true
	s.record(t, option, "-R -r 48000 -c 2 -n -b 24", speechLike)
	speech := []layout.Speech{option, {Language: "en", Say: "for fair, press 2", Place: "habit/option-2"}}
	delays := []layout.Delay{layout.Delay(7 * time.Millisecond)}
	s.build(t, speech, delays...)
	first := contents(t, s.Folder)
	if len(first) != 7 {
		t.Errorf("%d files, want two of each of three sounds and the index", len(first))
	}
	s.Folder = t.TempDir()
	s.build(t, speech, delays...)
	for name, b := range contents(t, s.Folder) {
		if first[name] != b {
			t.Errorf("%s differs", name)
		}
	}
}
