package prompt

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"aftercall/ivr/layout"
)

// A manifest is two files. manifest-HASH.sha256 lists sound files with the
// hash of each, as sha256sum -c reads it; HASH is that of the list, so another
// set of sounds has a manifest of another name. manifest-HASH.wav is a silence,
// the marker: whether a node was given exactly these sounds, Asterisk can only
// tell by being able to play it. It comes last, so half a copy lacks it.
const (
	manifestPrefix = "manifest-"
	listExt        = ".sha256"
	markerExt      = ".wav"
)

// markerLength is long enough that an Asterisk that is busy is still seen
// playing the marker when it is asked.
const markerLength = time.Second

// Manifest says what a set of sound files holds, to the last bit. The names of
// sounds do not say it: another release of the speech engine speaks the same
// text into a file of the same name, with other lengths.
type Manifest struct {
	sums map[string]string // SHA-256 in hexadecimal, by file name
}

// Manifest reads the files of a set. It fails if some are missing or damaged,
// and names them.
func (l *Library) Manifest(files []File) (Manifest, error) {
	m := Manifest{sums: map[string]string{}}
	var faults []error
	for _, f := range files {
		_, err := l.File(f)
		if err == nil && l.settings.Wideband {
			_, err = readRate(l.settings.path(f.Name, ".wav16"), wideRate)
		}
		for _, name := range l.settings.names(f) {
			if err == nil {
				m.sums[name], err = sumFile(filepath.Join(l.settings.Folder, name))
			}
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", f, err))
		}
	}
	return m, some(faults)
}

// some joins faults, and counts those beyond the first ones.
func some(faults []error) error {
	const first = 5
	if more := len(faults) - first; more > 1 {
		faults = append(faults[:first:first], fmt.Errorf("and %d more", more))
	}
	return errors.Join(faults...)
}

// names gives the files in which a sound lies.
func (s Settings) names(f File) []string {
	if s.Wideband {
		return []string{f.Name + ".wav", f.Name + ".wav16"}
	}
	return []string{f.Name + ".wav"}
}

// Name is that of the list and the marker, without what comes behind the dot.
func (m Manifest) Name() string {
	sum := sha256.Sum256(m.list())
	return manifestPrefix + hex.EncodeToString(sum[:12])
}

// List is the name of the file that sha256sum -c reads.
func (m Manifest) List() string { return m.Name() + listExt }

// Files lists the names of the sound files, in the order of the alphabet.
func (m Manifest) Files() []string { return slices.Sorted(maps.Keys(m.sums)) }

// Markers are sounds, each of which plays only where exactly these sounds were
// put: that of the manifest, if the folder has it, and those of the others there
// that hold the same files and more. A node that was filled before a layout was
// taken out of the configuration has one of those.
func (l *Library) Markers(m Manifest) []layout.Sound {
	folder := l.settings.Folder
	var markers []layout.Sound
	for _, path := range lists(folder) {
		name := strings.TrimSuffix(filepath.Base(path), listExt)
		other, err := readManifest(folder, name)
		if err != nil || !other.In(folder) || !other.covers(m) {
			continue
		}
		marker := layout.Sound{Media: l.media(name), Length: markerLength}
		if name == m.Name() { // most likely played, so asked for first
			markers = slices.Insert(markers, 0, marker)
		} else {
			markers = append(markers, marker)
		}
	}
	return markers
}

// covers tells whether a manifest says of every file of another what that says.
func (m Manifest) covers(other Manifest) bool {
	for name, sum := range other.sums {
		if m.sums[name] != sum {
			return false
		}
	}
	return true
}

// lists are the paths of all lists in a folder.
func lists(folder string) []string {
	found, _ := filepath.Glob(filepath.Join(literal(folder), manifestPrefix+"*"+listExt)) // fails for a bad pattern alone
	return found
}

func (m Manifest) list() []byte {
	var b bytes.Buffer
	for _, name := range m.Files() {
		fmt.Fprintf(&b, "%s  %s\n", m.sums[name], name)
	}
	return b.Bytes()
}

func markerFile() []byte {
	return wavFile(stillFor(markerLength, false).narrow)
}

// In tells whether a folder holds this manifest, list and marker.
func (m Manifest) In(folder string) bool {
	for name, want := range map[string][]byte{m.List(): m.list(), m.Name() + markerExt: markerFile()} {
		b, err := readRegular(filepath.Join(folder, name))
		if err != nil || !bytes.Equal(b, want) {
			return false
		}
	}
	return true
}

// Write puts the manifest beside its sounds, which must all be there. It
// removes every manifest that is no longer true; a folder that serves two
// configurations keeps both.
func (m Manifest) Write(folder string) error {
	if m.In(folder) {
		return nil
	}
	if err := m.sweep(folder); err != nil {
		return err
	}
	if err := placeFile(folder, m.List(), bytes.NewReader(m.list())); err != nil {
		return err
	}
	// Nothing that the marker stands for may be lost by a power cut that
	// spares the marker.
	if err := syncFolder(folder); err != nil {
		return err
	}
	if err := placeFile(folder, m.Name()+markerExt, bytes.NewReader(markerFile())); err != nil {
		return err
	}
	return syncFolder(folder)
}

// sweep removes the manifests from a folder that are not true there once it
// holds the files of m: a marker must not stand for sounds that were replaced.
func (m Manifest) sweep(folder string) error {
	found, err := filepath.Glob(filepath.Join(literal(folder), manifestPrefix+"*"))
	if err != nil {
		return err
	}
	sums := maps.Clone(m.sums)
	for _, path := range found {
		name := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(path), markerExt), listExt)
		if holds(folder, name, sums) {
			continue
		}
		for _, ext := range []string{markerExt, listExt} { // the marker first
			if err := os.Remove(filepath.Join(folder, name+ext)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// holds tells whether what a manifest says is so: by sums, to which it adds
// those of the files that it has to read.
func holds(folder, name string, sums map[string]string) bool {
	m, err := readManifest(folder, name)
	if err != nil {
		return false
	}
	for file, want := range m.sums {
		if _, known := sums[file]; !known {
			sums[file], _ = sumFile(filepath.Join(folder, file)) // "" fits no manifest
		}
		if sums[file] != want {
			return false
		}
	}
	return true
}

// readManifest reads a list, and refuses one that does not have the name of
// its content.
func readManifest(folder, name string) (Manifest, error) {
	b, err := readRegular(filepath.Join(folder, name+listExt))
	if err != nil {
		return Manifest{}, err
	}
	m := Manifest{sums: map[string]string{}}
	for line := range strings.Lines(string(b)) {
		sum, file, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		m.sums[file] = sum
	}
	if m.Name() != name {
		return Manifest{}, fmt.Errorf("file %q: is no manifest, or was changed", filepath.Join(folder, name+listExt))
	}
	return m, nil
}

// newest gives the manifest that was written last; none is no error.
func newest(folder string) (m Manifest, name string) {
	var at time.Time
	for _, path := range lists(folder) {
		info, err := os.Stat(path)
		if err != nil || info.ModTime().Before(at) {
			continue
		}
		stem := strings.TrimSuffix(filepath.Base(path), listExt)
		if one, err := readManifest(folder, stem); err == nil {
			m, name, at = one, stem, info.ModTime()
		}
	}
	return m, name
}

// literal keeps filepath.Glob from taking parts of a folder's name for a
// pattern.
func literal(folder string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(folder)
}

// sumFile gives the hash of a file's content.
func sumFile(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("file %q: is no regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
