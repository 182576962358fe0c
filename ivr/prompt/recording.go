package prompt

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"aftercall/ivr/layout"
)

// checkRecordings finds out whether there is a folder of recordings, if there
// shall be one: without it everything would be spoken by the engine.
func (s Settings) checkRecordings() error {
	if s.Recordings == "" {
		return nil
	}
	info, err := os.Stat(s.Recordings)
	if err == nil && !info.IsDir() {
		err = errors.New("is no folder")
	}
	if err != nil {
		return fmt.Errorf("folder of recordings %q: %w", s.Recordings, bare(err))
	}
	return nil
}

// ofRecording names the recording in an error.
func ofRecording(file string, err error) error {
	if err != nil {
		return fmt.Errorf("recording %q: %w", file, bare(err))
	}
	return nil
}

// bare takes the path out of an error.
func bare(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// recordingOf gives the name of the recording for a text at its place:
// habit/option-1.zh-CN.wav.
func recordingOf(x layout.Speech) string { return x.Place + "." + x.Language + ".wav" }

// recording finds the recording for a text at its place; "" if there is none.
func (s Settings) recording(x layout.Speech) (string, error) {
	if s.Recordings == "" || x.Place == "" {
		return "", nil
	}
	file := filepath.Join(s.Recordings, filepath.FromSlash(recordingOf(x)))
	_, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		if _, linked := os.Lstat(file); linked != nil {
			return "", nil
		}
	}
	return file, ofRecording(file, err)
}

// recordedName is the hash of a recording and of what becomes of it.
func (s Settings) recordedName(file string) (string, error) {
	b, err := readRegular(file)
	if err != nil {
		return "", ofRecording(file, err)
	}
	return s.name("recorded-", []string{string(b)}), nil
}

// Strays lists the files in the folder of recordings that no text is heard
// from, by their path in it: names with a mistake, other formats. Hidden files
// are nobody's business.
func Strays(s Settings, speech []layout.Speech) ([]string, error) {
	if s.Recordings == "" {
		return nil, nil
	}
	var wanted, strays []string
	for _, x := range speech {
		wanted = append(wanted, recordingOf(x))
	}
	if err := s.checkRecordings(); err != nil {
		return nil, err
	}
	places, err := os.ReadDir(s.Recordings)
	if err != nil {
		return nil, err
	}
	for _, place := range places {
		folder := filepath.Join(s.Recordings, place.Name())
		// Whoever records may link one layout's folder to another's.
		if info, err := os.Stat(folder); strings.HasPrefix(place.Name(), ".") || err != nil || !info.IsDir() {
			strays = append(strays, place.Name())
			continue
		}
		files, err := os.ReadDir(folder)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			strays = append(strays, path.Join(place.Name(), f.Name()))
		}
	}
	return slices.DeleteFunc(strays, func(name string) bool {
		return strings.HasPrefix(path.Base(name), ".") || slices.Contains(wanted, name)
	}), nil
}

// Mixed lists the texts that are heard from different sounds at different
// places: recorded here and spoken by the engine there, or recorded twice.
// Callers hear another voice, and a comparison of such layouts compares voices too.
func Mixed(s Settings, speech []layout.Speech) ([]string, error) {
	type text struct{ language, say string }
	var order []text
	names := map[text][]string{}
	heard := map[text][]string{} // place and voice
	for _, x := range speech {
		f, err := s.source(x)
		if err != nil {
			return nil, err
		}
		t := text{x.Language, x.Say}
		if names[t] == nil {
			order = append(order, t)
		}
		by := "by the engine"
		if f.Recording != "" {
			by = "from " + recordingOf(x)
		}
		names[t] = append(names[t], f.Name)
		heard[t] = append(heard[t], x.Place+" "+by)
	}
	var mixed []string
	for _, t := range order {
		if slices.ContainsFunc(names[t], func(n string) bool { return n != names[t][0] }) {
			mixed = append(mixed, fmt.Sprintf("text %q in %s: is not one sound everywhere: %s", t.say, t.language, strings.Join(heard[t], ", ")))
		}
	}
	return mixed, nil
}

// quieter is by how much a sound may be below the target before it is told, in dB.
const quieter = 1.0

// idle is how long a sound may last before its speech begins and after it ends.
// Shipped texts begin and end with 160 ms of weak consonants at most.
const idle = 400 * time.Millisecond

// Warnings says which sounds are not as good as they could be: recordings that
// are clipped, sounds that are too quiet because their peaks let them be no
// louder, sounds that begin or end with something else than speech, which makes
// the pauses of a menu longer than the layout has them. Files that are missing
// are passed over.
func Warnings(s Settings, files []File) ([]string, error) {
	var all []string
	for _, f := range files {
		if f.Recording != "" {
			w, err := readWAV(f.Recording)
			if err != nil {
				return nil, ofRecording(f.Recording, err)
			}
			_, clipped, err := w.mono()
			if err != nil {
				return nil, ofRecording(f.Recording, err)
			}
			if clipped >= clipRuns {
				all = append(all, fmt.Sprintf("%s: is clipped in %d places: record it again, less loud", f, clipped))
			}
		}
		if len(f.Says) == 0 {
			continue
		}
		b, err := readSamples(s.path(f.Name, ".wav"))
		if err != nil {
			continue // Speech says so
		}
		w := wave{format: ours(sampleRate), codec: pcm, data: b}
		samples, _, err := w.mono()
		if err != nil {
			return nil, err
		}
		level := 10 * math.Log10(activePower(samples))
		if level > silent && level < target-quieter { // silence is for Inspect to find
			all = append(all, fmt.Sprintf("%s: is at %.1f dBFS, others at %.1f: its peaks let it be no louder", f, level, target))
		}
		before, after := around(samples)
		if level > silent && max(before, after) > idle {
			all = append(all, fmt.Sprintf("%s: has %s before its speech and %s after it that are no speech, and pauses are longer by that: noise or a click is too loud to be cut off", f, before, after))
		}
	}
	return all, nil
}

// around measures what is heard of a sound before its speech begins and after
// it ends. Less than three windows on end are a click, no speech.
func around(samples []float64) (before, after time.Duration) {
	const least = 3
	floor := activePower(samples) * power(-margin)
	run, n, start, end := 0, 0, 0, 0
	for _, p := range windows(samples, levelWindow) {
		n++
		if run++; p < floor {
			run = 0
		}
		if run < least {
			continue
		}
		if end == 0 {
			start = n - least
		}
		end = n
	}
	if end == 0 {
		return 0, 0
	}
	const window = levelWindow * time.Second / sampleRate
	return time.Duration(start) * window, time.Duration(n-end) * window
}
