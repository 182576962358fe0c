package main

import "math"

// What one byte of G.711 stands for, as 16-bit samples (ITU-T G.711).
var ulawTable, alawTable = g711Tables()

// Bytes of silence.
const (
	ulawSilence = 0xFF
	alawSilence = 0xD5
)

func g711Tables() (ulaw, alaw [256]float64) {
	for i := range ulaw {
		ulaw[i] = float64(decodeUlaw(byte(i)))
		alaw[i] = float64(decodeAlaw(byte(i)))
	}
	return ulaw, alaw
}

func decodeUlaw(b byte) int {
	b = ^b
	magnitude := (int(b&0x0F)<<3+0x84)<<(b>>4&7) - 0x84
	if b&0x80 != 0 {
		return -magnitude
	}
	return magnitude
}

func decodeAlaw(b byte) int {
	b ^= 0x55
	magnitude := int(b&0x0F)<<4 + 8
	if exponent := b >> 4 & 7; exponent > 0 {
		magnitude = (magnitude + 0x100) << (exponent - 1)
	}
	if b&0x80 == 0 {
		return -magnitude
	}
	return magnitude
}

func encodeUlaw(sample float64) byte { return nearest(&ulawTable, sample) }

// nearest returns the byte whose value comes nearest to the sample.
func nearest(table *[256]float64, sample float64) byte {
	best, distance := byte(0), math.Inf(1)
	for i, value := range table {
		if d := math.Abs(value - sample); d < distance {
			best, distance = byte(i), d
		}
	}
	return best
}

// toneFrames is one second of a sine as frames of u-law; played round and
// round it has no seam, because hz is whole. Level: 12 dB under full scale.
func toneFrames(hz int) [][]byte {
	second := make([]byte, sampleRate)
	for i := range second {
		second[i] = encodeUlaw(8000 * sinTable[i*hz%sampleRate])
	}
	var frames [][]byte
	for at := 0; at < sampleRate; at += frameSamples {
		frames = append(frames, second[at:at+frameSamples])
	}
	return frames
}
