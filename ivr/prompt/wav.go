package prompt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

// What every sound file is: what Asterisk reads without conversion on an
// ordinary telephone line.
const (
	sampleRate  = 8000    // samples per second
	sampleBytes = 2       // signed, little endian, one channel
	headerBytes = 44      // as we and sox write it
	maxFile     = 8 << 20 // bytes; more than eight minutes
)

func lengthOf(samples []byte) time.Duration {
	return time.Duration(len(samples)/sampleBytes) * time.Second / sampleRate
}

// readSamples gives the samples of a WAV file of 8 kHz, one channel, 16 bit.
func readSamples(file string) ([]byte, error) {
	b, err := readBounded(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("file %q: is missing, run: aftercall prompts build", file)
	}
	if err != nil {
		return nil, fmt.Errorf("file %q: %w", file, err)
	}
	samples, err := parseWAV(b)
	if err != nil {
		return nil, fmt.Errorf("file %q: %w; delete it and run: aftercall prompts build", file, err)
	}
	return samples, nil
}

func readBounded(file string) ([]byte, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("is no regular file")
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(b) > maxFile {
		err = fmt.Errorf("has more than %d bytes, want less", maxFile)
	}
	return b, err
}

// format is the body of a WAV file's "fmt " chunk.
type format struct {
	Encoding   uint16 // 1 = PCM
	Channels   uint16
	Rate       uint32
	ByteRate   uint32
	BlockAlign uint16
	Bits       uint16
}

var wanted = format{
	Encoding: 1, Channels: 1, Rate: sampleRate, ByteRate: sampleRate * sampleBytes,
	BlockAlign: sampleBytes, Bits: 8 * sampleBytes,
}

// parseWAV walks the chunks of a file up to its samples.
func parseWAV(b []byte) ([]byte, error) {
	if len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		return nil, errors.New("does not begin with RIFF and WAVE, want a WAV file")
	}
	known := false
	for b = b[12:]; len(b) >= 8; {
		id, size := string(b[:4]), uint64(binary.LittleEndian.Uint32(b[4:]))
		b = b[8:]
		if size > uint64(len(b)) {
			return nil, fmt.Errorf("chunk %q: has %d of %d bytes", id, len(b), size)
		}
		body := b[:size]
		b = b[min(size+size%2, uint64(len(b))):] // chunks begin at even places
		switch id {
		case "fmt ":
			var f format
			if _, err := binary.Decode(body, binary.LittleEndian, &f); err != nil {
				return nil, fmt.Errorf("chunk %q: %w", id, err)
			}
			if f != wanted {
				return nil, fmt.Errorf("encoding %d, %d channels, %d Hz, %d bit, want 1 (PCM), 1 channel, 8000 Hz, 16 bit",
					f.Encoding, f.Channels, f.Rate, f.Bits)
			}
			known = true
		case "data":
			return checkSamples(body, known)
		}
	}
	return nil, errors.New("has no samples")
}

func checkSamples(body []byte, known bool) ([]byte, error) {
	switch {
	case !known:
		return nil, errors.New("has samples before their format")
	case len(body) == 0:
		return nil, errors.New("has no samples")
	case len(body)%sampleBytes != 0:
		return nil, fmt.Errorf("has %d bytes of samples, want an even number", len(body))
	}
	return body, nil
}

// WriteWAV writes samples of 8 kHz, one channel, 16 bit, little endian as a
// WAV file.
func WriteWAV(w io.Writer, samples []byte) error {
	if _, err := checkSamples(samples, true); err != nil {
		return err
	}
	_, err := w.Write(wavFile(samples))
	return err
}

// wavFile puts a header before samples.
func wavFile(samples []byte) []byte {
	var b bytes.Buffer
	size := uint32(len(samples))
	b.WriteString("RIFF")
	b.Write(binary.LittleEndian.AppendUint32(nil, headerBytes-8+size))
	b.WriteString("WAVEfmt ")
	b.Write(binary.LittleEndian.AppendUint32(nil, uint32(binary.Size(wanted))))
	_ = binary.Write(&b, binary.LittleEndian, wanted) // a buffer takes everything
	b.WriteString("data")
	b.Write(binary.LittleEndian.AppendUint32(nil, size))
	b.Write(samples)
	return b.Bytes()
}
