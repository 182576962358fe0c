package prompt

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// changed gives a good file with one thing done to it.
func changed(change func(b []byte) []byte) []byte {
	return change(wavFile(make([]byte, 160), sampleRate))
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
		"odd":        {wavFile(make([]byte, 161), sampleRate), "has 161 bytes of samples, want an even number"},
		"no-samples": {wavFile(nil, sampleRate), "has no samples"},
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
