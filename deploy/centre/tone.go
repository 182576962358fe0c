package centre

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"time"
)

// ThanksTone writes a recording of the English thank-you of the survey
// "service" into a folder that [Options.Recordings] takes: a tone, so that a
// caller's log says without doubt whether it was heard, and when.
func ThanksTone(folder string, hz int, length time.Duration) error {
	folder = filepath.Join(folder, "service")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	const rate = 8000
	var pcm []byte
	for i := range int(length * rate / time.Second) {
		v := int16(8000 * math.Sin(2*math.Pi*float64(hz*i)/rate))
		pcm = binary.LittleEndian.AppendUint16(pcm, uint16(v))
	}
	head := []byte("RIFF")
	head = binary.LittleEndian.AppendUint32(head, uint32(36+len(pcm)))
	head = append(head, "WAVEfmt "...)
	for _, v := range []uint32{16, 1 | 1<<16, rate, 2 * rate, 2 | 16<<16} { // PCM of one channel, 16 bits
		head = binary.LittleEndian.AppendUint32(head, v)
	}
	head = append(head, "data"...)
	head = binary.LittleEndian.AppendUint32(head, uint32(len(pcm)))
	return os.WriteFile(filepath.Join(folder, "thanks.en.wav"), append(head, pcm...), 0o644)
}
