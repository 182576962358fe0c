package prompt

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// shaping stands for everything in this file that decides how a sound comes
// out; it is part of every file's name. Count it up when that changes.
const shaping = "shaping 3"

// target is the level of the speech in every sound, in dBFS. Asterisk's own
// English sounds have -18.0 in the median and nine of ten between -19.5 and
// -16.8, so that ours are about as loud as what the operator plays around them.
const target = -19.0

// ceiling is the highest that a sample may come, in dBFS.
const ceiling = -1.0

// stillness is how far below the loudest part a sound begins and ends, in dB;
// weak consonants such as the f of "for" are above it.
const stillness = -40.0

// silent is what is no speech however far it is turned up, in dBFS.
const silent = -60.0

// margin is how far below the level of speech a window is a pause, in dB:
// ITU-T P.56.
const margin = 15.9

// Windows over which power is measured, in samples of 8 kHz.
const (
	trimWindow  = sampleRate / 200 // 5 ms
	levelWindow = sampleRate / 50  // 20 ms
)

// frame is what Asterisk sends at a time, 20 ms, in samples of 8 kHz. A sound that ends
// within a frame is filled up by Asterisk, and everything behind it comes late;
// so speech is filled up here, and the timeline is what the caller hears.
const frame = sampleRate / 50

var errSilent = fmt.Errorf("is silent: no part is louder than %.0f dBFS", silent)

// resampleLimit is how long sox may take.
const resampleLimit = time.Minute

// take is one sound, ready to be written.
type take struct {
	narrow []byte // samples of 8 kHz
	wide   []byte // the same at 16 kHz; nil if it is not wanted
}

// shape makes speech fit for the telephone: mono, without a constant offset,
// nothing before the first and after the last audible sample, so that a pause
// is as long as the layout says, as loud as every other, in whole frames. Both
// rates begin and end together and are turned up alike. It works in an empty folder.
func shape(ctx context.Context, w wave, wideband bool, folder string) (take, error) {
	mono, _, err := w.mono()
	if err != nil {
		return take{}, err
	}
	scale, err := center(mono)
	if err != nil {
		return take{}, err
	}
	raw := filepath.Join(folder, "mono.raw")
	if err := os.WriteFile(raw, floats(mono), 0o600); err != nil {
		return take{}, err
	}
	narrow, err := resample(ctx, raw, w.Rate, sampleRate)
	if err != nil {
		return take{}, err
	}
	if loudest(narrow, trimWindow) < power(silent)*scale*scale {
		return take{}, errSilent
	}
	start, end := bounds(narrow)
	narrow = cut(narrow, start, end)
	var wide []float64
	if wideband {
		if wide, err = resample(ctx, raw, w.Rate, wideRate); err != nil {
			return take{}, err
		}
		wide = cut(wide, 2*start, 2*end)
	}
	gain := min(amplitude(target)/math.Sqrt(activePower(narrow)), amplitude(ceiling)/max(peak(narrow), peak(wide)))
	n := (end - start + frame - 1) / frame * frame
	t := take{narrow: quantise(narrow, gain, n)}
	if wideband {
		t.wide = quantise(wide, gain, 2*n)
	}
	return t, nil
}

// center takes the constant offset out of samples and leaves them with a peak
// of one half: resampling can make peaks higher. It says by how much they were
// multiplied.
func center(samples []float64) (scale float64, err error) {
	var sum float64
	for _, x := range samples {
		sum += x
	}
	mean := sum / float64(len(samples))
	for i := range samples {
		samples[i] -= mean
	}
	most := peak(samples)
	if most < amplitude(silent) {
		return 0, errSilent
	}
	scale = 0.5 / most
	for i := range samples {
		samples[i] *= scale
	}
	return scale, nil
}

// resample gives the samples of a file of floats, one channel, at another
// rate. sox never sees a header that somebody else wrote.
func resample(ctx context.Context, raw string, from, to uint32) ([]float64, error) {
	rate := strconv.FormatUint(uint64(to), 10)
	out := raw + rate
	layout := []string{"-t", "raw", "-L", "-c", "1", "-b", "32", "-e", "floating-point"}
	args := append([]string{"-D"}, layout...) // -D: no dither, so that the same input is the same sound
	args = append(args, "-r", strconv.FormatUint(uint64(from), 10), raw)
	args = append(append(args, layout...), out, "rate", "-h", rate)
	if err := run(ctx, filepath.Dir(raw), resampleLimit, "", append([]string{"sox"}, args...)); err != nil {
		return nil, err
	}
	b, err := readRegular(out)
	if err != nil {
		return nil, fmt.Errorf("sox: %w", err)
	}
	samples := make([]float64, len(b)/4)
	for i := range samples {
		samples[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:])))
	}
	if len(samples) == 0 {
		return nil, errors.New("has too few samples to be heard")
	}
	return samples, nil
}

func floats(samples []float64) []byte {
	b := make([]byte, 0, 4*len(samples))
	for _, x := range samples {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(x)))
	}
	return b
}

// What is heard before speech begins and after it ends, in samples of 8 kHz.
// Shipped texts begin and end with 160 ms of weak consonants at most; what is
// longer than a fringe is noise or a click, and is cut down to that.
const (
	fringe    = 300 * sampleRate / 1000
	consonant = 160 * sampleRate / 1000
)

// bounds finds where a sound begins and ends. A room's noise or a mouse's click
// would make the pause beside it longer than the layout says.
func bounds(samples []float64) (start, end int) {
	start, end = trim(samples)
	before, after := around(samples[start:end])
	if max(before, after) <= fringe {
		return start, end
	}
	if before > fringe {
		start += before - consonant
	}
	if after > fringe {
		end -= after - consonant
	}
	first, last := trim(samples[start:end])
	return start + first, start + last
}

// around measures what is heard of a sound before its speech begins and after
// it ends, in samples. Less than three windows on end are a click, no speech.
func around(samples []float64) (before, after int) {
	const least = 3 * levelWindow
	floor := activePower(samples) * power(-margin)
	begin, first, last := -1, -1, 0 // of the windows on end; of speech
	for i, p := range windows(samples, levelWindow) {
		if p < floor {
			begin = -1
			continue
		}
		if begin < 0 {
			begin = i
		}
		if end := min(i+levelWindow, len(samples)); end-begin >= least {
			if first < 0 {
				first = begin
			}
			last = end
		}
	}
	if first < 0 {
		return 0, 0
	}
	return first, len(samples) - last
}

// trim finds where a sound begins and ends.
func trim(samples []float64) (start, end int) {
	threshold := loudest(samples, trimWindow) * power(stillness)
	start = -1
	for i, p := range windows(samples, trimWindow) {
		if p < threshold {
			continue
		}
		if start < 0 {
			start = i
		}
		end = min(i+trimWindow, len(samples))
	}
	return max(start, 0), end
}

// cut gives a part of samples; behind their end is silence.
func cut(samples []float64, start, end int) []float64 {
	part := make([]float64, end-start)
	copy(part, samples[min(start, len(samples)):])
	return part
}

// windows gives the mean power of one window after the other, by where it
// begins; what is too short for the last counts as if silence followed.
func windows(samples []float64, size int) iter.Seq2[int, float64] {
	return func(yield func(int, float64) bool) {
		for i := 0; i < len(samples); i += size {
			var sum float64
			for _, x := range samples[i:min(i+size, len(samples))] {
				sum += x * x
			}
			if !yield(i, sum/float64(size)) {
				return
			}
		}
	}
}

func loudest(samples []float64, size int) (most float64) {
	for _, p := range windows(samples, size) {
		most = max(most, p)
	}
	return most
}

// activePower is the mean power of the speech in a sound without its pauses:
// of all windows that are not further than the margin below it.
func activePower(samples []float64) float64 {
	for mean := 0.0; ; {
		var sum float64
		n := 0
		for _, p := range windows(samples, levelWindow) {
			if p >= mean*power(-margin) {
				sum += p
				n++
			}
		}
		// Louder speech makes pauses of more windows, never of fewer: it ends.
		if next := sum / float64(max(n, 1)); next > mean {
			mean = next
		} else {
			return mean
		}
	}
}

// quantise gives samples of 16 bit, turned up and filled up to a number.
func quantise(samples []float64, gain float64, n int) []byte {
	b := make([]byte, 0, n*sampleBytes)
	for _, x := range samples {
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(math.Round(x*gain*(1<<15)))))
	}
	return append(b, make([]byte, n*sampleBytes-len(b))...)
}

func peak(samples []float64) (most float64) {
	for _, x := range samples {
		most = max(most, math.Abs(x))
	}
	return most
}

// power and amplitude say what a number of dB is as a factor.
func power(dB float64) float64     { return math.Pow(10, dB/10) }
func amplitude(dB float64) float64 { return math.Pow(10, dB/20) }
