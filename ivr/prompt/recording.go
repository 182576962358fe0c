package prompt

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

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
