package prompt

import (
	"encoding/binary"
	"errors"
	"math"
)

// fullScale is the loudest sample there is, 1.0, as 16 bit can hold it;
// recordings of other forms have often been 16 bit before.
const fullScale = 32767.0 / 32768

// clipRun and clipRuns: so many samples on end at full scale are one place
// where the recording was too loud; so many places are no accident.
const (
	clipRun  = 3
	clipRuns = 3
)

// farBeyond is more than any program means by a float sample; 1 is full scale.
const farBeyond = 1000

// mono decodes samples and mixes the channels; 1 is full scale. It counts the
// places where a channel is clipped.
func (w wave) mono() (samples []float64, clipped int, err error) {
	decode, full := w.decoder()
	size, channels := int(w.Bits)/8, int(w.Channels)
	samples = make([]float64, w.frames())
	runs := make([]int, channels) // above 0 at the top, below 0 at the bottom
	for i := range w.frames() {
		var sum float64
		for c := range channels {
			x := decode(w.data[(i*channels+c)*size:])
			if !(math.Abs(x) <= farBeyond) { // NaN too
				return nil, 0, errors.New("has samples that are no numbers, or far beyond full scale")
			}
			sum += x
			switch {
			case x >= full:
				runs[c] = max(runs[c], 0) + 1
			case x <= -full:
				runs[c] = min(runs[c], 0) - 1
			default:
				runs[c] = 0
			}
			if runs[c] == clipRun || runs[c] == -clipRun {
				clipped++
			}
		}
		samples[i] = sum / float64(channels)
	}
	return samples, clipped, nil
}

// decoder gives what reads one sample, and from where on it is at full scale.
func (w wave) decoder() (decode func(b []byte) float64, full float64) {
	le := binary.LittleEndian
	switch {
	case w.codec == aLaw:
		return func(b []byte) float64 { return fromALaw(b[0]) }, fromALaw(0xAA)
	case w.codec == muLaw:
		return func(b []byte) float64 { return fromMuLaw(b[0]) }, fromMuLaw(0x80)
	case w.codec == float && w.Bits == 32:
		return func(b []byte) float64 { return float64(math.Float32frombits(le.Uint32(b))) }, fullScale
	case w.codec == float:
		return func(b []byte) float64 { return math.Float64frombits(le.Uint64(b)) }, fullScale
	case w.Bits == 8: // the only PCM without a sign
		return func(b []byte) float64 { return (float64(b[0]) - 128) / 128 }, 127.0 / 128
	case w.Bits == 16:
		return func(b []byte) float64 { return float64(int16(le.Uint16(b))) / (1 << 15) }, fullScale
	case w.Bits == 24:
		return func(b []byte) float64 {
			return float64(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)) / (1 << 31)
		}, fullScale
	}
	return func(b []byte) float64 { return float64(int32(le.Uint32(b))) / (1 << 31) }, fullScale
}

// fromALaw and fromMuLaw expand a byte: ITU-T G.711. Both have a sign, three
// bits of exponent and four of mantissa.
func fromALaw(b byte) float64 {
	b ^= 0x55
	exponent, v := b>>4&7, int(b&0xF)<<4+8
	if exponent > 0 {
		v = (v + 0x100) << (exponent - 1)
	}
	if b&0x80 == 0 {
		v = -v
	}
	return float64(v) / (1 << 15)
}

func fromMuLaw(b byte) float64 {
	const bias = 0x84
	b = ^b
	v := (int(b&0xF)<<3+bias)<<(b>>4&7) - bias
	if b&0x80 != 0 {
		v = -v
	}
	return float64(v) / (1 << 15)
}
