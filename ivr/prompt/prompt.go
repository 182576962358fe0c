// Package prompt makes sound files from texts and recordings and finds them
// again: mono WAV files in one folder, named by what they are made of and how, so
// that a changed text or recording is a new file and an old file never changes.
//
// The way in: [Build] makes the files that are missing, [Open] gives the
// layout.Library that finds them, [Files] lists what is needed, [Warnings],
// [Strays] and [Mixed] say what is amiss but no error, and [Estimate] stands in
// for a library before the files are built.
package prompt

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"aftercall/ivr/layout"
)

// Settings say how texts become sounds, and where the sounds are.
type Settings struct {
	Folder     string            // of the sounds, on this machine
	Media      string            // the same folder as Asterisk sees it; "" = the same path
	Voices     map[string]string // the engine's voice for each language
	Engine     Engine            // speaks what nobody has recorded
	Recordings string            // folder of recordings by humans; "" = none
	Wideband   bool              // each sound at 16 kHz too: name.wav16
}

// File is one sound that menus need: a file, with [Settings].Wideband two.
type File struct {
	Name      string          // in [Settings].Folder, without ".wav"
	Says      []layout.Speech // at every place where it is heard; none for a silence
	Silence   time.Duration   // of a silence
	Recording string          // the file that a human recorded; "" = the engine speaks
}

// Files lists the files for texts and silences, each once, in a stable order.
// It fails if a language has no voice, and with every recording that cannot be
// used.
func Files(s Settings, speech []layout.Speech, silences []layout.Delay) ([]File, error) {
	if err := s.checkRecordings(); err != nil {
		return nil, err
	}
	var files []File
	for _, d := range silences {
		files = append(files, File{Name: silenceName(d.D()), Silence: d.D()})
	}
	at := map[string]int{}
	faults := map[string]error{} // a recording may be asked for more than once
	for _, x := range speech {
		f, err := s.source(x)
		if err == nil && f.Recording != "" {
			_, err = readWAV(f.Recording)
			err = ofRecording(f.Recording, err)
		}
		if err != nil {
			faults[err.Error()] = err
			continue
		}
		i, known := at[f.Name]
		if !known {
			i = len(files)
			at[f.Name] = i
			files = append(files, f)
		}
		files[i].Says = append(files[i].Says, x)
	}
	var all error
	for _, text := range slices.Sorted(maps.Keys(faults)) {
		all = errors.Join(all, faults[text])
	}
	if all != nil {
		return nil, all
	}
	return files, nil
}

// source says which file a text is heard from at its place, and what the file
// is made of.
func (s Settings) source(x layout.Speech) (File, error) {
	recording, err := s.recording(x)
	if err != nil {
		return File{}, err
	}
	if recording != "" {
		name, err := s.recordedName(recording)
		return File{Name: name, Recording: recording}, err
	}
	return s.spoken(x)
}

// spoken says in which file the engine speaks a text.
func (s Settings) spoken(x layout.Speech) (File, error) {
	voice, ok := s.Voices[x.Language]
	if !ok {
		return File{}, noVoice(x.Language)
	}
	return File{Name: s.speechName(x.Language, voice, x.Say)}, nil
}

// Library finds sounds in a folder. It may be used by many goroutines.
type Library struct {
	settings Settings
	index    index

	mu    sync.Mutex
	known map[string]layout.Sound // by name
}

var _ layout.Library = (*Library)(nil)

// Open gives the sounds of a folder, as Build left them: a recording that has
// changed since is heard from the next build on. A sound that is missing is an
// error when it is asked for.
func Open(s Settings) (*Library, error) {
	ix, err := s.readIndex()
	if err != nil {
		return nil, err
	}
	if s.Media == "" {
		abs, err := filepath.Abs(s.Folder)
		if err != nil {
			return nil, fmt.Errorf("prompt folder %q: %w", s.Folder, err)
		}
		s.Media = abs
	}
	return &Library{settings: s, index: ix, known: map[string]layout.Sound{}}, nil
}

// Speech finds the sound of a text: the recording of its place, if there is
// one. It fails if the language has no voice or the file is missing or not as
// Build writes it.
func (l *Library) Speech(s layout.Speech) (layout.Sound, error) {
	f, err := l.source(s)
	if err != nil {
		return layout.Sound{}, err
	}
	sound, err := l.find(f.Name)
	switch {
	case err != nil && f.Recording != "":
		return layout.Sound{}, fmt.Errorf("recording %q: %w", f.Recording, err)
	case err != nil:
		return layout.Sound{}, fmt.Errorf("text %q in %s: %w", s.Say, s.Language, err)
	}
	return sound, nil
}

// Silence finds a silence. It fails if the file is missing or not as Build
// writes it.
func (l *Library) Silence(d time.Duration) (layout.Sound, error) {
	s, err := l.find(silenceName(d))
	if err != nil {
		return layout.Sound{}, fmt.Errorf("silence of %s: %w", d, err)
	}
	return s, nil
}

// File finds the sound in a file. It fails if the file is missing or not as
// Build writes it.
func (l *Library) File(f File) (layout.Sound, error) { return l.find(f.Name) }

// find reads a file once and remembers it; a failure is not remembered.
func (l *Library) find(name string) (layout.Sound, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s, ok := l.known[name]; ok {
		return s, nil
	}
	samples, err := readSamples(l.settings.path(name, ".wav"))
	if err != nil {
		return layout.Sound{}, err
	}
	sum := sha256.Sum256(samples)
	s := layout.Sound{
		Media:  l.media(name),
		Hash:   hex.EncodeToString(sum[:]),
		Length: lengthOf(samples),
	}
	l.known[name] = s
	return s, nil
}

// media is what Asterisk is told for a sound.
func (l *Library) media(name string) string { return "sound:" + path.Join(l.settings.Media, name) }

// Samples gives the samples of the sound that [layout.Sound].Media stands for:
// 8 kHz, one channel, 16 bit, little endian.
func (l *Library) Samples(media string) ([]byte, error) {
	name := path.Base(media)
	if media != l.media(name) {
		return nil, fmt.Errorf("media %q: is no sound of this library, want one in %s", media, l.settings.Media)
	}
	return readSamples(l.settings.path(name, ".wav"))
}

func noVoice(language string) error {
	return fmt.Errorf("language %q: has no voice, want one in prompts.voices", language)
}

// speechName is the hash of everything that decides how a text sounds.
func (s Settings) speechName(language, voice, say string) string {
	return s.name("speech-", append([]string{language, voice, say}, s.Engine.Command...))
}

// name ends in a hash of parts and of what becomes of every sound.
func (s Settings) name(kind string, parts []string) string {
	h := sha256.New()
	for _, p := range append([]string{shaping, strconv.FormatBool(s.Wideband)}, parts...) {
		// Length first: "a"+"bc" and "ab"+"c" must not meet.
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return kind + hex.EncodeToString(h.Sum(nil)[:12])
}

func silenceName(d time.Duration) string { return fmt.Sprintf("silence-%d", d.Milliseconds()) }
