package prompt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// wideband compares a sound with its twin of 16 kHz.
func (in *inspection) wideband(f File) {
	name := f.Name + ".wav16"
	info, err := os.Stat(filepath.Join(in.library.settings.Folder, name))
	if errors.Is(err, fs.ErrNotExist) {
		in.add(name, true, f.String()+": is missing", buildIt)
		return
	}
	var length time.Duration
	if err == nil {
		length, err = wideLength(filepath.Join(in.library.settings.Folder, name), info)
	}
	if err != nil {
		in.add(name, true, fmt.Sprintf("%s: %v", f, err), "delete it and "+buildIt)
		return
	}
	in.mode(f, name, info)
	if sound, err := in.library.File(f); err == nil && sound.Length != length {
		in.add(name, true, fmt.Sprintf("%s: lasts %s, and %s.wav %s", f, length, f.Name, sound.Length), "delete both and "+buildIt)
	}
}

// wideHeader is the header of a WAV file as Build writes it.
type wideHeader struct {
	RIFF       [4]byte
	Rest       uint32 // of the file, in bytes
	Format     [8]byte
	FormatSize uint32
	Encoding   uint16 // 1 = PCM
	Channels   uint16
	Rate       uint32
	ByteRate   uint32
	Align      uint16
	Bits       uint16
	Data       [4]byte
	Size       uint32 // of the samples, in bytes
}

const wideRate = 2 * sampleRate

func wideHeaderOf(size uint32) wideHeader {
	return wideHeader{
		RIFF: [4]byte([]byte("RIFF")), Rest: headerBytes - 8 + size, Format: [8]byte([]byte("WAVEfmt ")), FormatSize: 16,
		Encoding: 1, Channels: 1, Rate: wideRate, ByteRate: wideRate * sampleBytes, Align: sampleBytes, Bits: 8 * sampleBytes,
		Data: [4]byte([]byte("data")), Size: size,
	}
}

// wideLength gives the length of a file of 16 kHz.
func wideLength(file string, info fs.FileInfo) (time.Duration, error) {
	if !info.Mode().IsRegular() {
		return 0, errors.New("is no regular file")
	}
	f, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	var h wideHeader
	if err := binary.Read(f, binary.LittleEndian, &h); err != nil {
		return 0, fmt.Errorf("has no header of a WAV file: %w", err)
	}
	size := info.Size() - headerBytes
	if h != wideHeaderOf(h.Size) || int64(h.Size) != size || size == 0 || size%sampleBytes != 0 {
		return 0, errors.New("want PCM, 1 channel, 16000 Hz, 16 bit, and as many samples as the header says")
	}
	return time.Duration(size/sampleBytes) * time.Second / wideRate, nil
}
