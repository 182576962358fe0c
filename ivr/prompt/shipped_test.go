package prompt

import (
	"encoding/binary"
	"math"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"aftercall/configs"
	"aftercall/ivr/layout"
)

// shipped loads the configuration that comes with the program.
func shipped(t *testing.T) *configs.Config {
	t.Helper()
	t.Setenv("AFTERCALL_ARI_PASSWORD", "a password of the test")
	c, err := configs.Load(filepath.Join("..", "..", "configs", "aftercall.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// hearing is what an ear would say of a sound.
type hearing struct {
	peak, level         float64 // dBFS; level of what is within 25 dB of the loudest
	before, inner, last time.Duration
}

// hear looks at windows of 10 ms; under -55 dBFS a window is silence.
func hear(samples []byte) hearing {
	const window = sampleRate / 100
	var h hearing
	var peak, part, quiet, loudest float64
	var powers []float64 // of windows
	n, heard := 0, false
	for ; n*sampleBytes < len(samples); n++ {
		x := float64(int16(binary.LittleEndian.Uint16(samples[n*sampleBytes:]))) / 32768
		peak = max(peak, math.Abs(x))
		part += x * x
		if (n+1)%window > 0 {
			continue
		}
		if math.Sqrt(part/window) < math.Pow(10, -55.0/20) {
			quiet++
		} else {
			run := time.Duration(quiet) * 10 * time.Millisecond
			if !heard {
				h.before = run
			} else {
				h.inner = max(h.inner, run)
			}
			heard, quiet = true, 0
			powers, loudest = append(powers, part/window), max(loudest, part/window)
		}
		part = 0
	}
	h.last = time.Duration(quiet) * 10 * time.Millisecond
	h.peak = 20 * math.Log10(peak)
	powers = slices.DeleteFunc(powers, func(p float64) bool { return p < loudest/300 }) // 25 dB below
	var sum float64
	for _, p := range powers {
		sum += p
	}
	h.level = 10 * math.Log10(sum/float64(len(powers)))
	return h
}

func TestHear(t *testing.T) {
	tone := func(ms int) []byte {
		var b []byte
		for i := range ms * sampleRate / 1000 {
			b = binary.LittleEndian.AppendUint16(b, uint16(int16(16384*math.Sin(float64(i)))))
		}
		return b
	}
	still := func(ms int) []byte { return make([]byte, ms*sampleRate/1000*sampleBytes) }
	var all []byte
	for _, b := range [][]byte{still(30), tone(200), still(310), tone(100), still(100), tone(50), still(40)} {
		all = append(all, b...)
	}
	h := hear(all)
	ms := time.Millisecond
	if h.before != 30*ms || h.inner != 310*ms || h.last != 40*ms || math.Abs(h.peak+6) > 0.1 {
		t.Errorf("hear = %+v, want 30ms before, 310ms inside, 40ms at the end, peak -6 dBFS", h)
	}
	if h := hear(tone(1000)); math.Abs(h.level+9) > 0.2 {
		t.Errorf("level %.1f dBFS, want -9", h.level)
	}
}

// Robot callers take 350 ms of silence for the end of a part, and pauses are
// only as long as a layout says if a sound brings none along.
func TestShippedTextsSoundClear(t *testing.T) {
	c := shipped(t)
	folder := t.TempDir()
	speech, silences := c.Catalogue.Sounds()
	settings := Settings{Folder: folder, Voices: c.Prompts.ByLanguage(), Engine: Engine(c.Prompts.Engine)}
	files, err := Files(settings, speech, silences)
	if err != nil {
		t.Fatal(err)
	}
	made, err := Build(t.Context(), settings, files, quiet)
	if err != nil || made != len(files) || made < 20 {
		t.Fatalf("Build = %d, %v, want %d files, more than 20", made, err, len(files))
	}
	for _, s := range speech {
		voice := c.Prompts.ByLanguage()[s.Language]
		samples, err := readSamples(filepath.Join(folder, settings.speechName(s.Language, voice, s.Say)+".wav"))
		if err != nil {
			t.Fatal(err)
		}
		h, length := hear(samples), lengthOf(samples)
		estimate, _ := Estimate{}.Speech(s)
		t.Logf("%-50s %5.2fs, estimate %5.2fs, peak %5.1f, level %5.1f dBFS, silence before %s, inside %s, at the end %s",
			s.Say, length.Seconds(), estimate.Length.Seconds(), h.peak, h.level, h.before, h.inner, h.last)
		switch {
		case h.peak > ceiling+0.01:
			t.Errorf("%q: peak %.1f dBFS, want at most %.1f", s.Say, h.peak, ceiling)
		case h.level > target+1 || h.level < target-1 && h.peak < ceiling-0.5:
			t.Errorf("%q: speech at %.1f dBFS with a peak of %.1f, want within 1 dB of %.1f, or the peak at %.1f", s.Say, h.level, h.peak, target, ceiling)
		case h.before > 20*time.Millisecond || h.last > 20*time.Millisecond:
			t.Errorf("%q: silence of %s before and %s behind, want none", s.Say, h.before, h.last)
		case h.inner >= 300*time.Millisecond:
			t.Errorf("%q: silence of %s inside, want less than 300ms", s.Say, h.inner)
		case length < 500*time.Millisecond || length > 6*time.Second:
			t.Errorf("%q: lasts %s, want 0.5s to 6s", s.Say, length)
		case estimate.Length < length || estimate.Length > 2*length:
			t.Errorf("%q: lasts %s, estimate %s, want it above, by less than as much again", s.Say, length, estimate.Length)
		}
	}
	library, err := Open(settings)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []layout.Library{library, Estimate{}} {
		fits(t, c, l)
	}
}

// fits checks that every survey of a queue, asked with the longest layouts there are, is
// within what the shipped configuration allows.
func fits(t *testing.T, c *configs.Config, library layout.Library) {
	t.Helper()
	used := map[string]bool{c.Catalogue.Default.Survey: true}
	for _, q := range c.Catalogue.Queues {
		used[q.Survey] = true
	}
	for _, language := range c.Site.Languages {
		for _, s := range c.Catalogue.Surveys {
			if !used[s.Name] {
				continue
			}
			items, err := layout.RenderThanks(s, language, library)
			if err != nil {
				t.Fatal(err)
			}
			total := layout.Length(items)
			for _, name := range s.Questions {
				total += longest(t, c.Catalogue, name, language, library)
			}
			t.Logf("%T: survey %s in %s: at most %s", library, s.Name, language, total)
			if total > c.Survey.Longest {
				t.Errorf("%T: survey %q in %s: can take %s, survey.longest is %s", library, s.Name, language, total, c.Survey.Longest)
			}
		}
	}
}

func longest(t *testing.T, c layout.Catalogue, question, language string, library layout.Library) (most time.Duration) {
	t.Helper()
	q, _ := c.Question(question)
	s, _ := c.Scale(q.Scale)
	for _, l := range c.Layouts {
		if l.Question != question {
			continue
		}
		r, err := layout.Render(l, q, s, language, library)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%T: layout %s in %s: one reading %s", library, l.Name, language, layout.Length(r.Menu))
		most = max(most, layout.Longest(l, r))
	}
	return most
}
