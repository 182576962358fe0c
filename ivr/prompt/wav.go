package prompt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
	"syscall"
	"time"
)

// What every sound file is: what Asterisk reads without conversion on an
// ordinary telephone line; a wideband one has twice the rate.
const (
	sampleRate  = 8000 // samples per second
	wideRate    = 2 * sampleRate
	sampleBytes = 2 // signed, little endian, one channel
	headerBytes = 44
)

// What is read of files that others wrote.
const (
	maxFile  = 256 << 20 // bytes: two minutes of 8 channels, 48 kHz, 32 bit have 176 MiB
	maxSound = 2 * time.Minute
)

func lengthOf(samples []byte) time.Duration {
	return time.Duration(len(samples)/sampleBytes) * time.Second / sampleRate
}

// readSamples gives the samples of a file as Build writes it.
func readSamples(file string) ([]byte, error) { return readRate(file, sampleRate) }

// readRate gives the samples of a file as Build writes it, at one of its rates.
func readRate(file string, rate uint32) ([]byte, error) {
	w, err := readWAV(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("file %q: is missing, run: aftercall prompts build", file)
	case err == nil && w.format != ours(rate):
		err = fmt.Errorf("encoding %d, %d channels, %d Hz, %d bit, want 1 (PCM), 1 channel, %d Hz, 16 bit",
			w.Encoding, w.Channels, w.Rate, w.Bits, rate)
	case err == nil && w.endless:
		err = errors.New("does not say how many samples it has")
	}
	if err != nil {
		return nil, fmt.Errorf("file %q: %w; delete it and run: aftercall prompts build", file, err)
	}
	return w.data, nil
}

// readWAV reads a WAV file of any common form.
func readWAV(file string) (wave, error) {
	b, err := readRegular(file)
	if err != nil {
		return wave{}, err
	}
	return parseWAV(b)
}

// readRegular reads a regular file of a bounded size; a pipe does not hold it up.
func readRegular(file string) ([]byte, error) {
	f, err := os.OpenFile(file, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("is no regular file")
	case info.Size() > maxFile:
		return nil, fmt.Errorf("has %d bytes, want at most %d", info.Size(), maxFile)
	}
	return io.ReadAll(io.LimitReader(f, info.Size()))
}

// format is the body of a WAV file's "fmt " chunk.
type format struct {
	Encoding   uint16
	Channels   uint16
	Rate       uint32
	ByteRate   uint32
	BlockAlign uint16 // bytes of one sample of every channel
	Bits       uint16
}

// Encodings of samples.
const (
	pcm        = 1
	float      = 3
	aLaw       = 6
	muLaw      = 7
	extensible = 0xFFFE // the encoding stands further behind
)

// bits are those that samples of an encoding may have.
var bits = map[uint16][]uint16{pcm: {8, 16, 24, 32}, float: {32, 64}, aLaw: {8}, muLaw: {8}}

// extensionTail is what the identifier of an encoding ends in; it begins with
// one of those above.
var extensionTail = []byte("\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71")

// ours is the format in which Build writes.
func ours(rate uint32) format {
	return format{Encoding: pcm, Channels: 1, Rate: rate, ByteRate: rate * sampleBytes, BlockAlign: sampleBytes, Bits: 8 * sampleBytes}
}

// wave is a WAV file that has been understood.
type wave struct {
	format
	codec   uint16 // one of the encodings, never extensible
	data    []byte // whole blocks, at least one, of the file
	endless bool   // the file did not say how many
}

func (w wave) frames() int { return len(w.data) / int(w.BlockAlign) }

// foreign is a kind of file that is no WAV file.
type foreign string

func (f foreign) Error() string { return "is " + string(f) + ", want WAV" }

// sniff tells files that people take for WAV files by how they begin; nil if
// it is none of those.
func sniff(b []byte) error {
	for start, kind := range map[string]foreign{
		"ID3": "MP3", "OggS": "Ogg", "fLaC": "FLAC", "FORM": "AIFF", "RF64": "RF64", "BW64": "RF64", "RIFX": "RIFX", ".snd": "AU", "\x1aE\xdf\xa3": "WebM",
	} {
		if bytes.HasPrefix(b, []byte(start)) {
			return kind
		}
	}
	const sync, layer = 0xE0, 0x06
	switch {
	case len(b) >= 8 && string(b[4:8]) == "ftyp":
		return foreign("MP4")
	case len(b) < 2 || b[0] != 0xFF || b[1]&sync != sync:
		return nil
	case b[1]&layer == 0:
		return foreign("AAC")
	}
	return foreign("MP3")
}

// unknownSize is the least that stands for a size which a program that wrote
// to a pipe could not know: 0x7FFFF000, 0x7FFFFFFF, 0xFFFFFFFF are in use, and
// the first by sox in whole blocks, of which the largest has 64 bytes.
const unknownSize = 0x7FFFF000 - 64

// parseWAV walks the chunks of a file up to its samples.
func parseWAV(b []byte) (w wave, err error) {
	if err := sniff(b); err != nil {
		return w, err
	}
	if len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		return w, errors.New("does not begin with RIFF and WAVE, want a WAV file")
	}
	// An empty chunk of samples at the end of the file is one; before it the
	// program did not know better.
	told := uint64(binary.LittleEndian.Uint32(b[4:])) + 8
	streamed := told >= unknownSize || told < uint64(len(b))
	for b = b[12:]; len(b) >= 8; {
		id, size := string(b[:4]), uint64(binary.LittleEndian.Uint32(b[4:]))
		b = b[8:]
		if id == "data" {
			w.endless = size >= unknownSize || size == 0 && streamed
			return w, w.take(b, size)
		}
		if size > uint64(len(b)) {
			return w, fmt.Errorf("is cut off: chunk %q has %d of %d bytes", id, len(b), size)
		}
		if id == "fmt " {
			if err := w.describe(b[:size]); err != nil {
				return w, err
			}
		}
		b = b[min(size+size%2, uint64(len(b))):] // chunks begin at even places
	}
	return w, errors.New("has no samples")
}

// describe reads the format.
func (w *wave) describe(body []byte) error {
	n, err := binary.Decode(body, binary.LittleEndian, &w.format)
	if err != nil {
		return fmt.Errorf("has a format of %d bytes, want at least %d", len(body), binary.Size(w.format))
	}
	w.codec = w.Encoding
	if w.Encoding == extensible {
		const before = 8 // size of the extension, valid bits, loudspeakers
		id := body[min(n+before, len(body)):]
		if len(id) < 16 || !bytes.Equal(id[2:16], extensionTail) {
			return errors.New("has an encoding of its own, want PCM, float, A-law or mu-law")
		}
		w.codec = binary.LittleEndian.Uint16(id)
	}
	may, known := bits[w.codec]
	switch block := uint32(w.Channels) * uint32(w.Bits) / 8; {
	case !known:
		return fmt.Errorf("encoding %d, want 1 (PCM), 3 (float), 6 (A-law) or 7 (mu-law)", w.codec)
	case !slices.Contains(may, w.Bits):
		return fmt.Errorf("encoding %d of %d bit, want one of %v", w.codec, w.Bits, may)
	case w.Channels < 1 || w.Channels > 8:
		return fmt.Errorf("%d channels, want 1 to 8", w.Channels)
	case w.Rate < 4000 || w.Rate > 192_000:
		return fmt.Errorf("%d Hz, want 4000 to 192000", w.Rate)
	case uint32(w.BlockAlign) != block:
		return fmt.Errorf("blocks of %d bytes, want %d for %d channels of %d bit", w.BlockAlign, block, w.Channels, w.Bits)
	}
	return nil
}

// take takes the samples out of what follows the head of their chunk.
func (w *wave) take(b []byte, size uint64) error {
	if w.BlockAlign == 0 {
		return errors.New("has samples before their format")
	}
	block := uint64(w.BlockAlign)
	if w.endless {
		size = uint64(len(b)) / block * block // what writes it may have been stopped anywhere
	}
	switch {
	case size > uint64(len(b)):
		return fmt.Errorf("is cut off: has %d of %d bytes of samples", len(b), size)
	case size == 0:
		return errors.New("has no samples")
	case size%block != 0:
		return fmt.Errorf("has %d bytes of samples, want whole blocks of %d", size, block)
	case size/block > uint64(maxSound.Seconds())*uint64(w.Rate):
		length := time.Duration(math.Ceil(float64(size/block)/float64(w.Rate))) * time.Second
		return fmt.Errorf("lasts %s, want at most %s", length, maxSound)
	}
	w.data = b[:size]
	return nil
}

// WriteWAV writes samples of 8 kHz, one channel, 16 bit, little endian as a
// WAV file.
func WriteWAV(w io.Writer, samples []byte) error {
	if n := len(samples); n == 0 || n%sampleBytes != 0 {
		return fmt.Errorf("%d bytes of samples, want an even number above 0", n)
	}
	_, err := w.Write(wavFile(samples))
	return err
}

// wavFile puts a header before samples of 8 kHz.
func wavFile(samples []byte) []byte { return wavFileAt(sampleRate, samples) }

// wavFileAt puts a header before samples of a rate.
func wavFileAt(rate uint32, samples []byte) []byte {
	f, size := ours(rate), uint32(len(samples))
	b := binary.LittleEndian.AppendUint32([]byte("RIFF"), headerBytes-8+size)
	b = binary.LittleEndian.AppendUint32(append(b, "WAVEfmt "...), uint32(binary.Size(f)))
	b, _ = binary.Append(b, binary.LittleEndian, f) // fails for no struct of numbers
	b = binary.LittleEndian.AppendUint32(append(b, "data"...), size)
	return append(b, samples...)
}
