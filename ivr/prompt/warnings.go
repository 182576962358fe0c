package prompt

import (
	"fmt"
	"math"
	"time"
)

// What is told of a sound, though it is no error.
const (
	quieter = 1.0                    // dB below the target
	faint   = -12.0                  // dB below the level of the words: weak consonants at the beginning or the end, or noise
	fringe  = 300 * time.Millisecond // longer than any consonant
)

// Warnings says which sounds are not as good as they could be: recordings that
// are clipped, or have noise before or behind the words that makes a pause
// longer than the layout says; sounds that are too quiet because their peaks let
// them be no louder. Files that are missing are passed over.
func Warnings(s Settings, files []File) ([]string, error) {
	var all []string
	for _, f := range files {
		if len(f.Says) == 0 {
			continue
		}
		if f.Recording != "" {
			text, err := cutOff(f)
			if err != nil {
				return nil, err
			}
			all = append(all, text...)
		}
		b, err := readSamples(s.path(f.Name, ".wav"))
		if err != nil {
			continue // Speech says so
		}
		samples, _, err := wave{format: ours(sampleRate), codec: pcm, data: b}.mono()
		if err != nil {
			return nil, err
		}
		level := 10 * math.Log10(activePower(samples))
		if level <= silent {
			continue // for Inspect to find
		}
		if level < target-quieter {
			all = append(all, fmt.Sprintf("%s: is at %.1f dBFS, others at %.1f: its peaks let it be no louder", f, level, target))
		}
		if before, behind := fringes(samples); max(before, behind) > fringe {
			all = append(all, fmt.Sprintf("%s: %s before and %s behind the words are faint: noise? Callers hear it as a longer pause; cut it off", f, before, behind))
		}
	}
	return all, nil
}

// cutOff tells whether a recording is clipped.
func cutOff(f File) ([]string, error) {
	w, err := readWAV(f.Recording)
	if err != nil {
		return nil, ofRecording(f.Recording, err)
	}
	_, clipped, err := w.mono()
	if err != nil {
		return nil, ofRecording(f.Recording, err)
	}
	if clipped < clipRuns {
		return nil, nil
	}
	return []string{fmt.Sprintf("%s: is clipped in %d places: record it again, less loud", f, clipped)}, nil
}

// fringes tells how long a sound is faint before its first and behind its last
// loud part.
func fringes(samples []float64) (before, behind time.Duration) {
	threshold := activePower(samples) * power(faint)
	first, last := -1, 0
	for i, p := range windows(samples, levelWindow) {
		if p < threshold {
			continue
		}
		if first < 0 {
			first = i
		}
		last = min(i+levelWindow, len(samples))
	}
	const sample = time.Second / sampleRate
	return time.Duration(max(first, 0)) * sample, time.Duration(len(samples)-last) * sample
}
