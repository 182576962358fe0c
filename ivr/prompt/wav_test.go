package prompt

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// changed gives a good file with one thing done to it.
func changed(change func(b []byte) []byte) []byte {
	return change(wavFile(make([]byte, 160)))
}

func TestReadSamplesNamesFileAndFault(t *testing.T) {
	folder := t.TempDir()
	tests := map[string]struct {
		content []byte
		want    string
	}{
		"empty":       {nil, "does not begin with RIFF and WAVE, want a WAV file"},
		"text":        {[]byte("this is not a sound at all"), "does not begin with RIFF and WAVE"},
		"header-only": {changed(func(b []byte) []byte { return b[:36] }), "has no samples"},
		"cut":         {changed(func(b []byte) []byte { return b[:100] }), `chunk "data": has 56 of 160 bytes`},
		"huge-chunk": {changed(func(b []byte) []byte {
			binary.LittleEndian.PutUint32(b[16:], 1<<32-1)
			return b
		}), `chunk "fmt ": has 184 of 4294967295 bytes`},
		"short-format": {[]byte("RIFF\x10\x00\x00\x00WAVEfmt \x04\x00\x00\x00\x01\x00\x01\x00"), `chunk "fmt "`},
		"16k": {changed(func(b []byte) []byte {
			binary.LittleEndian.PutUint32(b[24:], 16000)
			return b
		}), "16000 Hz, 16 bit, want 1 (PCM), 1 channel, 8000 Hz, 16 bit"},
		"stereo":     {changed(func(b []byte) []byte { b[22] = 2; return b }), "2 channels"},
		"odd":        {wavFile(make([]byte, 161)), "has 161 bytes of samples, want an even number"},
		"no-samples": {wavFile(nil), "has no samples"},
		"data-first": {[]byte("RIFF\x10\x00\x00\x00WAVEdata\x02\x00\x00\x00\x01\x00"), "has samples before their format"},
		"too-large":  {make([]byte, maxFile+1), "has more than 8388608 bytes"},
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
	for name, want := range map[string]string{"none.wav": "is missing, run: aftercall prompts build", ".": "is no regular file"} {
		if _, err := readSamples(filepath.Join(folder, name)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error = %v, want %q", name, err, want)
		}
	}
}

func TestWAVRoundTrip(t *testing.T) {
	samples := []byte{1, 2, 3, 4, 5, 6}
	b := wavFile(samples)
	if len(b) != headerBytes+len(samples) || binary.LittleEndian.Uint32(b[4:]) != uint32(len(b)-8) {
		t.Errorf("file of %d bytes says %d", len(b), binary.LittleEndian.Uint32(b[4:]))
	}
	// A foreign chunk of odd size, with its padding, stands before the samples.
	other := append([]byte("LIST\x03\x00\x00\x00abc\x00"), b[12:]...)
	for _, in := range [][]byte{b, append(b[:12:12], other...)} {
		got, err := parseWAV(in)
		if err != nil || !bytes.Equal(got, samples) {
			t.Errorf("parseWAV = %v, %v, want %v", got, err, samples)
		}
	}
	if d := lengthOf(make([]byte, 16000)); d != time.Second {
		t.Errorf("16000 bytes last %s, want 1s", d)
	}
}

func FuzzParseWAV(f *testing.F) {
	f.Add(wavFile(make([]byte, 8)))
	f.Add([]byte("RIFF\x10\x00\x00\x00WAVEdata\x02\x00\x00\x00\x01\x00"))
	f.Add([]byte("RIFF\x10\x00\x00\x00WAVELIST\x01\x00\x00\x00a"))
	f.Fuzz(func(t *testing.T, b []byte) {
		samples, err := parseWAV(b)
		if err == nil && (len(samples) == 0 || len(samples)%sampleBytes != 0 || len(samples) > len(b)) {
			t.Errorf("%d bytes of samples from a file of %d", len(samples), len(b))
		}
	})
}
