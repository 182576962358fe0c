package prompt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// changed gives a good file with one thing done to it.
func changed(change func(b []byte) []byte) []byte {
	return change(wavFile(make([]byte, 160)))
}

// patched gives a good file with numbers of 32 or 16 bit written over it.
func patched(at int, v any) []byte {
	return changed(func(b []byte) []byte {
		if _, err := binary.Encode(b[at:], binary.LittleEndian, v); err != nil {
			panic(err)
		}
		return b
	})
}

// riff gives a file of chunks, each padded to an even size, with its format.
func riff(f any, chunks ...string) []byte {
	body, err := binary.Append(nil, binary.LittleEndian, f)
	if err != nil {
		panic(err)
	}
	all := "WAVE" + chunk("fmt ", string(body)) + strings.Join(chunks, "")
	return []byte(chunk("RIFF", all))
}

func chunk(id, body string) string {
	size := binary.LittleEndian.AppendUint32(nil, uint32(len(body)))
	if len(body)%2 == 1 {
		body += "\x00"
	}
	return id + string(size) + body
}

func TestReadSamplesNamesFileAndFault(t *testing.T) {
	folder := t.TempDir()
	tests := map[string]struct {
		content []byte
		want    string
	}{
		"empty":                  {nil, "does not begin with RIFF and WAVE, want a WAV file"},
		"text":                   {[]byte("this is not a sound at all"), "does not begin with RIFF and WAVE"},
		"AVI":                    {[]byte("RIFF\x10\x00\x00\x00AVI LIST\x00\x00\x00\x00\x00\x00\x00\x00"), "does not begin with RIFF and WAVE"},
		"MP3":                    {[]byte("\xff\xfb\x90\x64 and so on"), "is MP3, want WAV"},
		"tagged MP3":             {[]byte("ID3\x04 and so on"), "is MP3, want WAV"},
		"AAC":                    {[]byte("\xff\xf1\x50\x80 and so on"), "is AAC, want WAV"},
		"Ogg":                    {[]byte("OggS\x00\x02 and so on"), "is Ogg, want WAV"},
		"FLAC":                   {[]byte("fLaC\x00\x00 and so on"), "is FLAC, want WAV"},
		"AIFF":                   {[]byte("FORM\x00\x00\x00\x00AIFF and so on"), "is AIFF, want WAV"},
		"MP4":                    {[]byte("\x00\x00\x00\x20ftypM4A and so on"), "is MP4, want WAV"},
		"RF64":                   {changed(func(b []byte) []byte { copy(b, "RF64"); return b }), "is RF64, want WAV"},
		"RIFX":                   {changed(func(b []byte) []byte { copy(b, "RIFX"); return b }), "is RIFX, want WAV"},
		"header-only":            {changed(func(b []byte) []byte { return b[:36] }), "has no samples"},
		"cut":                    {changed(func(b []byte) []byte { return b[:100] }), "is cut off: has 56 of 160 bytes of samples"},
		"cut before the samples": {patched(16, uint32(math.MaxUint32)), `is cut off: chunk "fmt " has 184 of 4294967295 bytes`},
		"short-format":           {riff([2]uint16{1, 1}), "has a format of 4 bytes, want at least 16"},
		"short-extension":        {riff(format{extensible, 1, 8000, 16000, 2, 16}, chunk("data", "ab")), "has an encoding of its own"},
		"MP3 in WAV":             {patched(20, uint16(0x55)), "encoding 85, want 1 (PCM)"},
		"12 bit":                 {patched(34, uint16(12)), "encoding 1 of 12 bit, want one of [8 16 24 32]"},
		"16 bit float":           {patched(20, uint16(float)), "encoding 3 of 16 bit, want one of [32 64]"},
		"no-channels":            {patched(22, uint16(0)), "0 channels, want 1 to 8"},
		"many-channels":          {patched(22, uint16(9)), "9 channels, want 1 to 8"},
		"3999 Hz":                {patched(24, uint32(3999)), "3999 Hz, want 4000 to 192000"},
		"200 kHz":                {patched(24, uint32(200_000)), "200000 Hz, want 4000 to 192000"},
		"block":                  {patched(32, uint16(4)), "blocks of 4 bytes, want 2 for 1 channels of 16 bit"},
		"no-block":               {patched(32, uint16(0)), "blocks of 0 bytes, want 2"},
		"16k":                    {patched(24, uint32(16000)), "16000 Hz, 16 bit, want 1 (PCM), 1 channel, 8000 Hz, 16 bit"},
		"stereo":                 {riff(format{pcm, 2, 8000, 32000, 4, 16}, chunk("data", "abcd")), "2 channels, 8000 Hz"},
		"extended":               {riff(extended{format{extensible, 1, 8000, 16000, 2, 16}, 22, 16, 4, pcm, [14]byte(extensionTail)}, chunk("data", "ab")), "encoding 65534"},
		"of a pipe":              {patched(40, uint32(math.MaxUint32)), "does not say how many samples it has"},
		"odd":                    {wavFile(make([]byte, 161)), "has 161 bytes of samples, want whole blocks of 2"},
		"no-samples":             {wavFile(nil), "has no samples"},
		"data-first":             {[]byte("RIFF\x10\x00\x00\x00WAVEdata\x02\x00\x00\x00\x01\x00"), "has samples before their format"},
		"too-long":               {wavFile(make([]byte, 120*16000+2)), "lasts 2m1s, want at most 2m0s"},
	}
	for name, tt := range tests {
		file := filepath.Join(folder, name+".wav")
		if err := os.WriteFile(file, tt.content, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := readSamples(file)
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: error = %v, want %q and the file", name, err, tt.want)
		}
	}
	longest := filepath.Join(folder, "longest.wav")
	if err := os.WriteFile(longest, wavFile(make([]byte, 120*16000)), 0o644); err != nil {
		t.Fatal(err)
	}
	if b, err := readSamples(longest); err != nil || lengthOf(b) != maxSound {
		t.Errorf("a file of two minutes: %s, %v", lengthOf(b), err)
	}
}

// A pipe that nobody writes to does not hold the reader up, and a file of 2 GB
// is refused before it is read.
func TestReadSamplesOfWhatIsNoSoundFile(t *testing.T) {
	folder := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(folder, "pipe.wav"), 0o644); err != nil {
		t.Fatal(err)
	}
	large := filepath.Join(folder, "large.wav")
	if err := os.WriteFile(large, wavFile(make([]byte, 16)), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, 2<<30); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"none.wav":  "is missing, run: aftercall prompts build",
		".":         "is no regular file",
		"pipe.wav":  "is no regular file",
		"large.wav": "has 2147483648 bytes, want at most 268435456",
	} {
		if _, err := readSamples(filepath.Join(folder, name)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error = %v, want %q", name, err, want)
		}
	}
}

func TestWAVRoundTrip(t *testing.T) {
	samples := []byte{1, 2, 3, 4, 5, 6}
	b := wavFile(samples)
	if len(b) != 44+len(samples) || binary.LittleEndian.Uint32(b[4:]) != uint32(len(b)-8) {
		t.Errorf("file of %d bytes says %d", len(b), binary.LittleEndian.Uint32(b[4:]))
	}
	w, err := parseWAV(b)
	if err != nil || !bytes.Equal(w.data, samples) || w.format != ours(sampleRate) || w.endless {
		t.Errorf("parseWAV = %+v, %v, want %v", w, err, samples)
	}
	if d := lengthOf(make([]byte, 16000)); d != time.Second {
		t.Errorf("16000 bytes last %s, want 1s", d)
	}
}

// extended is the long form of the format.
type extended struct {
	format
	Size, ValidBits uint16
	Loudspeakers    uint32
	Codec           uint16
	Tail            [14]byte
}

func TestChunksAroundTheSamples(t *testing.T) {
	f := ours(sampleRate)
	samples := "\x01\x02\x03\x04"
	data := chunk("data", samples)
	list := chunk("LIST", "abc") // odd, padded
	unknown := func(riffSize, dataSize uint32) []byte {
		b := riff(f, list, data)
		binary.LittleEndian.PutUint32(b[4:], riffSize)
		binary.LittleEndian.PutUint32(b[len(b)-8:], dataSize)
		return b
	}
	tests := map[string][]byte{
		"before":      riff(f, list, data),
		"behind":      riff(f, data, list),
		"both":        riff(f, chunk("bext", "odd"), list, data, list, data),
		"long format": riff(extended{format{extensible, 1, 8000, 16000, 2, 16}, 22, 16, 4, pcm, [14]byte(extensionTail)}, data),
		"format of 18 bytes": riff(struct {
			format
			Size uint16
		}{f, 0}, data),
		"cut off behind":          append(riff(f, data), "LIST\x10\x00\x00\x00abc"...),
		"pipe, all ones":          unknown(math.MaxUint32, math.MaxUint32),
		"pipe, sox":               unknown(0x7FFFF024, 0x7FFFF000),
		"pipe, largest":           unknown(0x7FFFFFFF, 0x7FFFFFFF-36),
		"pipe, nothing":           unknown(0, 0),
		"pipe, header alone":      unknown(36, 0),
		"pipe, half a block more": append(unknown(0, 0), 5),
		"size of the file wrong":  unknown(7, 4),
	}
	for name, b := range tests {
		w, err := parseWAV(b)
		if err != nil || string(w.data) != samples || w.codec != pcm || w.endless != strings.HasPrefix(name, "pipe") {
			t.Errorf("%s: parseWAV = %+v, %v, want the samples", name, w, err)
		}
	}
	// Nothing says that more is to come.
	if w, err := parseWAV(riff(f, chunk("data", ""))); err == nil {
		t.Errorf("an empty chunk of samples at the end: %+v", w)
	}
	if w, err := parseWAV(riff(f, chunk("data", ""), list)); err == nil {
		t.Errorf("an empty chunk of samples before another: %+v", w)
	}
}

// sox runs sox and gives what it writes to its standard output.
func sox(t *testing.T, stdin []byte, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sox", args...)
	cmd.Stdin = bytes.NewReader(stdin)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("sox %v: %v: %s", args, err, &said)
	}
	return out
}

// The same tone in every form, as another program writes it, is the same.
func TestEveryCommonForm(t *testing.T) {
	folder := t.TempDir()
	for _, form := range []struct {
		args      string
		tolerance float64
	}{
		{"-b 8 -e unsigned-integer", 0.01}, {"-b 16 -e signed-integer", 1e-4}, {"-b 24 -e signed-integer", 1e-6}, {"-b 32 -e signed-integer", 1e-7},
		{"-b 32 -e floating-point", 1e-6}, {"-b 64 -e floating-point", 1e-7}, {"-e a-law", 0.02}, {"-e mu-law", 0.02},
	} {
		for _, channels := range []int{1, 2, 8} {
			for _, rate := range []int{4000, 8000, 44100, 192000} {
				for _, piped := range []bool{false, true} {
					name := fmt.Sprintf("%s, %d channels, %d Hz, piped %v", form.args, channels, rate, piped)
					target := filepath.Join(folder, "tone.wav")
					if piped {
						target = "-"
					}
					args := append([]string{"-D", "-r", fmt.Sprint(rate), "-c", fmt.Sprint(channels), "-n", "-t", "wav"}, strings.Fields(form.args)...)
					b := sox(t, nil, append(args, target, "synth", "0.1", "sine", "500", "gain", "-6")...)
					if !piped {
						var err error
						if b, err = os.ReadFile(target); err != nil {
							t.Fatal(err)
						}
					}
					w, err := parseWAV(b)
					if err != nil {
						t.Errorf("%s: %v", name, err)
						continue
					}
					got, clipped, err := w.mono()
					if err != nil || clipped > 0 || len(got) != rate/10 || w.Channels != uint16(channels) || w.endless != piped {
						t.Errorf("%s: %d samples, clipped %d, %v, %+v", name, len(got), clipped, err, w.format)
						continue
					}
					for i, x := range got {
						if want := math.Pow(10, -6.0/20) * math.Sin(2*math.Pi*500*float64(i)/float64(rate)); math.Abs(x-want) > form.tolerance {
							t.Errorf("%s: sample %d is %f, want %f", name, i, x, want)
							break
						}
					}
				}
			}
		}
	}
}

// Every byte of A-law and mu-law means what it means to sox.
func TestG711(t *testing.T) {
	var all []byte
	for i := range 256 {
		all = append(all, byte(i))
	}
	for encoding, decode := range map[string]func(byte) float64{"a-law": fromALaw, "mu-law": fromMuLaw} {
		want := sox(t, all, "-D", "-t", "raw", "-r", "8000", "-c", "1", "-e", encoding, "-b", "8", "-", "-t", "raw", "-e", "signed-integer", "-b", "16", "-")
		for i := range 256 {
			if got, want := decode(byte(i))*(1<<15), float64(int16(binary.LittleEndian.Uint16(want[2*i:]))); got != want {
				t.Errorf("%s of %#x is %f, sox says %f", encoding, i, got, want)
			}
		}
	}
}

func TestSamplesThatAreNoNumbers(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e300} {
		body, _ := binary.Append(nil, binary.LittleEndian, []float64{0.5, bad})
		w, err := parseWAV(riff(format{float, 1, 8000, 64000, 8, 64}, chunk("data", string(body))))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := w.mono(); err == nil || !strings.Contains(err.Error(), "no numbers") {
			t.Errorf("%f: error = %v", bad, err)
		}
	}
}

func TestClippedPlacesAreCounted(t *testing.T) {
	const top, low = math.MaxInt16, math.MinInt16
	for _, tt := range []struct {
		samples []int16
		want    int
	}{
		{[]int16{top, top, 0, top, top}, 0},
		{[]int16{top, top, top}, 1},
		{[]int16{top, top, top, top, top, top}, 1},
		{[]int16{low, low + 1, low, 0, top, top, top}, 2},
		{[]int16{top, low, top, low, top, low}, 0},
		{[]int16{top - 1, top - 1, top - 1}, 0},
	} {
		body, _ := binary.Append(nil, binary.LittleEndian, tt.samples)
		w, err := parseWAV(wavFile(body))
		if err != nil {
			t.Fatal(err)
		}
		if _, got, err := w.mono(); err != nil || got != tt.want {
			t.Errorf("%v: %d places, %v, want %d", tt.samples, got, err, tt.want)
		}
	}
}

func FuzzWAV(f *testing.F) {
	f.Add(wavFile(make([]byte, 8)))
	f.Add([]byte("RIFF\x10\x00\x00\x00WAVEdata\x02\x00\x00\x00\x01\x00"))
	f.Add([]byte("RIFF\x10\x00\x00\x00WAVELIST\x01\x00\x00\x00a"))
	f.Add(riff(ours(wideRate), chunk("LIST", "abc"), chunk("data", "abcdef")))
	for codec, all := range bits {
		for _, n := range all {
			for _, channels := range []uint16{1, 2, 8} {
				b := channels * n / 8
				x := format{codec, channels, 44100, 44100 * uint32(b), b, n}
				data := chunk("data", strings.Repeat("\x7f\x80\xff", int(b)))
				f.Add(riff(x, data))
				x.Encoding = extensible
				f.Add(riff(extended{x, 22, n, 4, codec, [14]byte(extensionTail)}, data))
			}
		}
	}
	for _, size := range []uint32{0, 0x7FFFF000, math.MaxUint32, 3} {
		f.Add(patched(40, size))
		f.Add(patched(4, size))
		f.Add(patched(16, size))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		w, err := parseWAV(b)
		if err != nil {
			if w.data != nil {
				t.Errorf("refused with %v, and %d bytes of samples", err, len(w.data))
			}
			return
		}
		block := int(w.Channels) * int(w.Bits) / 8
		switch {
		case len(w.data) == 0 || len(w.data) > len(b) || len(w.data)%block != 0 || int(w.BlockAlign) != block:
			t.Errorf("%d bytes of samples in blocks of %d, of a file of %d: %+v", len(w.data), block, len(b), w.format)
		case w.Rate < 4000 || w.Rate > 192_000 || w.Channels < 1 || w.Channels > 8 || bits[w.codec] == nil:
			t.Errorf("accepts %+v", w.format)
		case w.frames()*block != len(w.data) || w.frames() > 120*int(w.Rate):
			t.Errorf("%d frames of %d bytes from %d", w.frames(), block, len(w.data))
		}
		samples, clipped, err := w.mono()
		if err != nil {
			return
		}
		if len(samples) != w.frames() || clipped*clipRun > w.frames()*int(w.Channels) {
			t.Errorf("%d samples, clipped %d, of %d frames", len(samples), clipped, w.frames())
		}
		for _, x := range samples {
			if !(math.Abs(x) <= farBeyond) {
				t.Fatalf("sample %f", x)
			}
		}
	})
}
