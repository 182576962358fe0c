package centre

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Two tones of a recording: telephones of 8 kHz carry the first alone.
const (
	lowTone  = 1000 // Hz
	highTone = 6000
)

// record48 is a recording of 48 kHz, one channel, 16 bit, with both tones.
func record48(length time.Duration) []byte {
	const rate, amplitude = 48000, 8000
	n := int(length.Seconds() * rate)
	var b bytes.Buffer
	for _, v := range []any{[]byte("RIFF"), uint32(36 + 2*n), []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1),
		uint32(rate), uint32(2 * rate), uint16(2), uint16(16), []byte("data"), uint32(2 * n)} {
		_ = binary.Write(&b, binary.LittleEndian, v) // a buffer takes everything
	}
	for i := range n {
		at := 2 * math.Pi * float64(i) / rate
		_ = binary.Write(&b, binary.LittleEndian, int16(amplitude*(math.Sin(lowTone*at)+math.Sin(highTone*at))))
	}
	return b.Bytes()
}

// level is the amplitude of a tone in samples of 16 kHz, 16 bit.
func level(samples []byte, hz float64) float64 {
	var re, im float64
	n := len(samples) / 2
	for i := range n {
		x := float64(int16(binary.LittleEndian.Uint16(samples[2*i:])))
		re += x * math.Cos(2*math.Pi*hz*float64(i)/16000)
		im += x * math.Sin(2*math.Pi*hz*float64(i)/16000)
	}
	return 2 * math.Hypot(re, im) / float64(n)
}

// TestWideband: a recording with a tone that only wideband carries is built at
// both rates, and Asterisk plays the wide file to a channel of 16 kHz, which
// hears that tone; without prompts.wideband it does not.
func TestWideband(t *testing.T) {
	c := patient(t)
	c.playsTo16kHz(t)
	recordings := filepath.Join(c.Run, "recordings")
	if err := os.MkdirAll(filepath.Join(recordings, "habit"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(recordings, "habit", "option-1.en.wav"), record48(2*time.Second), 0o644); err != nil {
		t.Fatal(err)
	}
	var heard []float64 // the high tone, as part of the low one
	for _, wideband := range []string{"false", "true"} {
		folder := filepath.Join(c.Asterisk.SoundsFolder, "wide-"+wideband)
		changes := []string{"folder: " + c.cache(), "folder: " + folder + "\n  recordings: " + recordings + "\n  wideband: " + wideband}
		if out, status := c.changed(t, changes, "prompts", "build"); status != 0 {
			t.Fatalf("prompts build ended with status %d: %s", status, out)
		}
		made, err := filepath.Glob(filepath.Join(folder, "recorded-*.wav"))
		if err != nil || len(made) != 1 {
			t.Fatalf("%q were made of the recording, %v, want one", made, err)
		}
		name := filepath.Base(made[0])
		samples := c.hear16kHz(t, "wide-"+wideband+"/"+name[:len(name)-len(".wav")])
		heard = append(heard, level(samples, highTone)/level(samples, lowTone))
	}
	t.Logf("the tone of %d Hz: %.4f of that of %d Hz without, %.4f with wide files", highTone, heard[0], lowTone, heard[1])
	if heard[0] > 0.05 || heard[1] < 0.5 {
		t.Errorf("the tone of %d Hz is heard at %.3f without and %.3f with wide files, want below 0.05 and above 0.5", highTone, heard[0], heard[1])
	}
}

// playsTo16kHz lets Asterisk record what a channel hears.
func (c *Centre) playsTo16kHz(t *testing.T) {
	t.Helper()
	file := filepath.Join(filepath.Dir(c.Asterisk.SoundsMedia), "log", "heard.wav16")
	for _, command := range []string{
		"module load app_record.so",
		"dialplan add extension record,1,Answer() into wideband",
		"dialplan add extension record,2,Record(" + file + ",0,3,qk) into wideband",
		"dialplan add extension play,1,Answer() into wideband",
		"dialplan add extension play,2,Playback(${SOUND}) into wideband",
		"dialplan add extension play,3,Hangup() into wideband",
	} {
		if out, err := c.Asterisk.CLI(t.Context(), command); err != nil {
			t.Fatalf("%s: %v: %s", command, err, out)
		}
	}
}

// hear16kHz gives what a channel of 16 kHz hears of a sound.
func (c *Centre) hear16kHz(t *testing.T, sound string) []byte {
	t.Helper()
	file := filepath.Join(filepath.Dir(c.Asterisk.LogFile), "heard.wav16")
	q := url.Values{"endpoint": {"Local/play@wideband/n"}, "context": {"wideband"}, "extension": {"record"}, "priority": {"1"}, "formats": {"slin16"}}
	body := fmt.Sprintf(`{"variables": {"__SOUND": %q}}`, c.Asterisk.SoundsMedia+"/"+sound)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.Asterisk.ARIURL+"/channels?"+q.Encode(), bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(c.Asterisk.ARIUser, c.Asterisk.ARIPassword)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if b, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("originate: %s, %v: %s", resp.Status, err, b)
	}
	ctx, cancel := context.WithTimeout(t.Context(), endLimit)
	defer cancel()
	for {
		out, err := c.Asterisk.CLI(ctx, "core show channels count")
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains([]byte(out), []byte("0 active channels")) {
			break
		}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const header = 44
	if len(b) < header+16000 {
		t.Fatalf("%d bytes were heard, want half a second", len(b))
	}
	return b[header:]
}
