package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aftercall/ivr/layout"
)

// wavHeader is how a WAV file of 8 kHz, one channel, 16 bit begins.
type wavHeader struct {
	RIFF        [4]byte
	Size        uint32
	WAVE, Fmt   [4]byte
	FmtSize     uint32
	PCM, Mono   uint16
	Rate, Bytes uint32
	Block, Bits uint16
	Data        [4]byte
	DataSize    uint32
}

// samplesOf reads a WAV file without the product's own reader.
func samplesOf(t *testing.T, file []byte) []byte {
	t.Helper()
	var h wavHeader
	r := bytes.NewReader(file)
	if err := binary.Read(r, binary.LittleEndian, &h); err != nil {
		t.Fatal(err)
	}
	if string(h.RIFF[:])+string(h.WAVE[:])+string(h.Fmt[:])+string(h.Data[:]) != "RIFFWAVEfmt data" ||
		h.PCM != 1 || h.Mono != 1 || h.Rate != 8000 || h.Bits != 16 || int(h.DataSize) != r.Len() || int(h.Size) != len(file)-8 {
		t.Fatalf("header %+v of a file of %d bytes", h, len(file))
	}
	return file[len(file)-r.Len():]
}

// TestListen: the file holds every sound behind the silence that the layout
// has before it, to the sample; pauses of the test are not whole frames.
func TestListen(t *testing.T) {
	path := built(t, `{key: "1", verdict: satisfied, pause: 3s}`, `{key: "1", verdict: satisfied, pause: 3017ms}`,
		"ask_pause: &ask_pause 500ms", "ask_pause: &ask_pause 503ms")
	c := load(t, path)
	lib, err := sounds(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"habit", "strict", "gap", "worst-first", "reversed"} {
		for _, language := range c.Site.Languages {
			file := filepath.Join(t.TempDir(), "menu.wav")
			out, log, status := command(t, path, "listen", name, "--lang", language, "-o", file)
			wants(t, "listen", out+log, `.*menu.wav: layout "`+name+`" in `+language+`, \d+\.\d\d s\n`, status, 0)
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			l, _ := c.Catalogue.Layout(name)
			if want := toldByLayout(t, c.Catalogue, l, language, lib); !bytes.Equal(samplesOf(t, b), want) {
				t.Errorf("%s in %s: %d bytes of samples differ from the %d of its sounds and pauses", name, language, len(samplesOf(t, b)), len(want))
			}
		}
	}
}

// toldByLayout puts a menu together from the layout's own words and lengths,
// without its timeline.
func toldByLayout(t *testing.T, c layout.Catalogue, l layout.Layout, language string, lib interface {
	Speech(layout.Speech) (layout.Sound, error)
	Samples(string) ([]byte, error)
}) []byte {
	t.Helper()
	var all []byte
	pause := func(d layout.Delay) {
		all = append(all, make([]byte, d.D().Microseconds()*8/1000*2)...)
	}
	say := func(place, text string) {
		s, err := lib.Speech(layout.Speech{Language: language, Say: text, Place: l.Name + "/" + place})
		if err != nil {
			t.Fatal(err)
		}
		b, err := lib.Samples(s.Media)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	q, _ := c.Question(l.Question)
	s, _ := c.Scale(q.Scale)
	pause(l.LeadIn)
	say("ask", q.Ask.In(language))
	pause(l.AskPause)
	for i, o := range l.Options {
		say("option-"+string(rune('1'+i)), l.Sentence(o, s, language))
		if i < len(l.Options)-1 {
			pause(o.Pause)
		}
	}
	pause(l.Wait)
	say("no-input", l.NoInput.Say.In(language))
	return all
}

func TestListenToStandardOutput(t *testing.T) {
	path := built(t)
	out, log, status := command(t, path, "listen", "habit", "-o", "-")
	if samples := samplesOf(t, []byte(out)); len(samples) < 10*16000 || log != "" || status != 0 {
		t.Errorf("listen -o - gives %d bytes of samples, %q and status %d", len(samples), log, status)
	}
}

func TestListenFaults(t *testing.T) {
	path := built(t, ", {language: zh-CN, say: 非常满意}", "")
	link := filepath.Join(t.TempDir(), "link.wav")
	if err := os.Symlink(filepath.Join(t.TempDir(), "menu.wav"), link); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"habit -o " + link:               `link.wav": is no regular file`,
		"none":                           `layout "none" is not in the configuration, want one of: habit, strict, gap, worst-first, reversed, resolved-yes-no`,
		"habit --lang fr":                `--lang "fr": is not a language of the site, want one of: en, zh-CN`,
		"strict --lang zh-CN":            `--lang "zh-CN": layout "strict" has no text in it for verdict "very_satisfied": label`,
		"habit -o /nonexistent/a.wav":    `file "/nonexistent/a.wav": no such file or directory`,
		"habit -o /dev/null":             `file "/dev/null": is no regular file, want one, or - for standard output`,
		"habit -o " + os.TempDir() + "/": `is no regular file`,
	} {
		out, log, status := command(t, path, append([]string{"listen"}, strings.Fields(args)...)...)
		if out != "" || !strings.Contains(log, want) || status != 1 {
			t.Errorf("listen %s printed %q and %q with status %d, want %q and 1", args, out, log, status, want)
		}
	}
	out, log, status := command(t, site(t), "listen", "habit", "-o", "-")
	if out != "" || !strings.Contains(log, "run: aftercall prompts build") || status != 1 {
		t.Errorf("listen before the build printed %q and %q with status %d", out, log, status)
	}
}
