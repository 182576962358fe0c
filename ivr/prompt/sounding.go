package prompt

import (
	"encoding/binary"
	"math"
	"time"
)

// sounding is how loud a sound is.
type sounding struct {
	active float64       // dBFS: of the parts in which something is said; -Inf for none
	heard  time.Duration // how long those parts are
	flat   int           // places where the wave is cut off
}

// soundOut measures samples as Build writes them.
func soundOut(samples []byte) sounding {
	const (
		window = 20 * sampleRate / 1000 // samples: shorter than a syllable, longer than a period of a voice
		below  = 25                     // dB: what is so much quieter than the loudest window is a pause
		still  = -55                    // dBFS: what is quieter is silence on any telephone
		run    = 3                      // samples at full scale in a row are a wave cut off
	)
	var s sounding
	var powers []float64
	sum, loudest, full := 0.0, 0.0, 0
	for i := 0; i+sampleBytes <= len(samples); i += sampleBytes {
		x := float64(int16(binary.LittleEndian.Uint16(samples[i:]))) / math.MaxInt16
		if sum += x * x; i/sampleBytes%window == window-1 {
			powers, loudest, sum = append(powers, sum/window), max(loudest, sum/window), 0
		}
		if math.Abs(x) < 1 {
			full = 0
		} else if full++; full == run {
			s.flat++
		}
	}
	floor := max(loudest*math.Pow(10, -below/10.0), math.Pow(10, still/10.0))
	total, said := 0.0, 0
	for _, p := range powers {
		if p >= floor {
			total += p
			said++
		}
	}
	s.active, s.heard = math.Inf(-1), time.Duration(said)*window*time.Second/sampleRate
	if said > 0 {
		s.active = 10 * math.Log10(total/float64(said))
	}
	return s
}
