package prompt

import (
	"fmt"
	"math"
)

// quieter is by how much a sound may be below the target before it is told, in dB.
const quieter = 1.0

// Warnings says which sounds are not as good as they could be: recordings that
// are clipped, sounds that are too quiet because their peaks let them be no
// louder. Files that are missing are passed over.
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
