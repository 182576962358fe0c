package prompt

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Flaw is something about a sound file that callers would notice.
type Flaw struct {
	File   string // its name in the folder; "" = of the folder
	Grave  bool   // callers hear a wrong menu, or none; else it is worth a second look
	Text   string
	Remedy string
}

// Bounds of what is taken for a text that was spoken as a whole. The shipped
// texts last 0.7 to 0.9 of their estimate and at least 1.4 s (a test measures
// it); whoever records them and speaks twice as fast is still above a third.
// Nothing that is said takes less than 200 ms.
const (
	leastPart = 3 // of the estimate: a third
	leastSaid = 200 * time.Millisecond
	maxApart  = 6 // dB between a sound and the middle one: one is clearly louder
)

const buildIt = `"aftercall prompts build"`

// Inspect looks at every file of a set as Build left it, and at who may read
// it.
func (l *Library) Inspect(files []File) ([]Flaw, error) {
	in := inspection{lib: l, levels: map[string]float64{}}
	info, err := os.Stat(l.settings.Folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err == nil && info.Mode()&0o005 != 0o005 {
		in.add("", false, fmt.Sprintf("%s may be entered by its owner and group only: mode %s", l.settings.Folder, modeOf(info)), "chmod o+rx "+l.settings.Folder)
	}
	for _, f := range files {
		if in.sound(f) && l.settings.Wideband {
			in.wideband(f)
		}
	}
	in.apart()
	in.changed(files)
	return in.flaws, nil
}

// inspection is what was found so far.
type inspection struct {
	lib    *Library
	flaws  []Flaw
	levels map[string]float64 // dBFS, of speech, by file name
}

func (in *inspection) add(file string, grave bool, text, remedy string) {
	in.flaws = append(in.flaws, Flaw{File: file, Grave: grave, Text: text, Remedy: remedy})
}

// sound looks at one sound. It tells whether it can be played at all.
func (in *inspection) sound(f File) bool {
	name := f.Name + ".wav"
	path := in.lib.settings.path(f.Name, ".wav")
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		in.add(name, true, f.String()+": is missing", buildIt)
		return false
	}
	b, err := readSamples(path)
	if err != nil {
		in.add(name, true, fmt.Sprintf("%s: %v", f, err), "")
		return false
	}
	in.mode(f, name, info)
	samples, clipped, err := wave{format: ours(sampleRate), codec: pcm, data: b}.mono()
	switch {
	case err != nil:
		in.add(name, true, fmt.Sprintf("%s: %v", f, err), "")
	case len(f.Says) > 0:
		in.speech(f, name, lengthOf(b), samples, clipped)
	case lengthOf(b) != f.Silence:
		in.add(name, true, fmt.Sprintf("%s: lasts %s", f, lengthOf(b)), "delete it and "+buildIt)
	case peak(samples) > 0:
		in.add(name, true, f.String()+": is not silent", "delete it and "+buildIt)
	}
	return true
}

func (in *inspection) mode(f File, name string, info fs.FileInfo) {
	if info.Mode()&0o004 == 0 {
		in.add(name, false, fmt.Sprintf("%s: may be read by its owner and group only: mode %s", f, modeOf(info)), `"aftercall prompts install", which mends it; or chmod o+r`)
	}
}

func modeOf(info fs.FileInfo) string { return fmt.Sprintf("%04o", info.Mode().Perm()) }

// speech looks at what is heard of a text.
func (in *inspection) speech(f File, name string, length time.Duration, samples []float64, clipped int) {
	estimate, _ := Estimate{}.Speech(f.Says[0]) // never fails
	remedy := "delete it and " + buildIt
	if f.Recording != "" {
		remedy += "; or record it again"
	}
	if loudest(samples, trimWindow) < power(silent) {
		in.add(name, true, f.String()+": is silent", remedy)
		return
	}
	if length < max(estimate.Length/leastPart, leastSaid) {
		in.add(name, true, fmt.Sprintf("%s: lasts %s, too short for its text, which takes about %s", f, length.Round(time.Millisecond), estimate.Length), remedy)
	}
	if clipped >= clipRuns {
		in.add(name, false, fmt.Sprintf("%s: is clipped in %d places", f, clipped), remedy)
	}
	in.levels[name] = 10 * math.Log10(activePower(samples))
}

// wideband compares a sound with its twin of 16 kHz.
func (in *inspection) wideband(f File) {
	name := f.Name + ".wav16"
	path := in.lib.settings.path(f.Name, ".wav16")
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		in.add(name, true, f.String()+": is missing", buildIt)
		return
	}
	wide, err := readRate(path, wideRate)
	if err != nil {
		in.add(name, true, fmt.Sprintf("%s: %v", f, err), "")
		return
	}
	in.mode(f, name, info)
	narrow, err := readSamples(in.lib.settings.path(f.Name, ".wav"))
	if err == nil && len(wide) != 2*len(narrow) {
		in.add(name, true, fmt.Sprintf("%s: lasts %s, and %s.wav %s", f, lengthOf(wide)/2, f.Name, lengthOf(narrow)), "delete both and "+buildIt)
	}
}

// apart finds the sounds that are much louder or quieter than the others.
func (in *inspection) apart() {
	const fewest = 3 // of which one can be in the middle
	if len(in.levels) < fewest {
		return
	}
	var sorted []float64
	for _, l := range in.levels {
		sorted = append(sorted, l)
	}
	slices.Sort(sorted)
	middle := sorted[len(sorted)/2]
	var names []string
	for name, l := range in.levels {
		if math.Abs(l-middle) > maxApart {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		than := "louder"
		if in.levels[name] < middle {
			than = "quieter"
		}
		in.add(name, false, fmt.Sprintf("is %.0f dB %s than the others", math.Abs(in.levels[name]-middle), than), "record it again, as loud as the others")
	}
}

// changed compares the files with the manifest that was written last.
func (in *inspection) changed(files []File) {
	folder := in.lib.settings.Folder
	last, manifest := newest(folder)
	for _, f := range files {
		for _, name := range in.lib.settings.names(f) {
			want, listed := last.sums[name]
			sum, err := sumFile(filepath.Join(folder, name))
			if listed && err == nil && sum != want {
				in.add(name, true, fmt.Sprintf("%s: is not as %s says: it was changed after the build", f, manifest), "put the old file back; or, if it is meant, "+buildIt+" and bring it to the nodes")
			}
		}
	}
}

// Unneeded lists what lies in the folder and nothing needs, without manifests.
func (l *Library) Unneeded(files []File) ([]string, error) {
	needed := map[string]bool{}
	for _, f := range files {
		for _, name := range l.settings.names(f) {
			needed[name] = true
		}
	}
	found, err := os.ReadDir(l.settings.Folder)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, f := range found {
		if name := f.Name(); !needed[name] && !strings.HasPrefix(name, manifestPrefix) && !strings.HasPrefix(name, indexPrefix) {
			names = append(names, name)
		}
	}
	return names, nil
}
