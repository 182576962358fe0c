// Package prompt makes sound files from texts and finds them again: mono WAV
// files in one folder, named by what they say and how, so that a changed text
// is a new file and an old file never changes.
//
// The way in: [Build] makes the files that are missing, [Open] gives the
// layout.Library that finds them, [Files] lists what is needed, and [Estimate]
// stands in for a library before they are built.
package prompt

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"path/filepath"
	"sync"
	"time"

	"aftercall/ivr/layout"
)

// Settings say how texts become sounds, and where the sounds are.
type Settings struct {
	Folder string            // of the sounds, on this machine
	Media  string            // the same folder as Asterisk sees it; "" = the same path
	Voices map[string]string // the engine's voice for each language

	Wideband bool // every sound also lies in name.wav16, at 16 kHz
}

// File is one sound file that menus need.
type File struct {
	Name    string          // in [Settings].Folder, without ".wav"
	Says    []layout.Speech // at every place where it is heard; none for a silence
	Silence time.Duration   // of a silence
}

// Files lists the files for texts and silences, each once, in a stable order.
// It fails if a language has no voice.
func Files(s Settings, speech []layout.Speech, silences []layout.Delay) ([]File, error) {
	var files []File
	for _, d := range silences {
		files = append(files, File{Name: silenceName(d.D()), Silence: d.D()})
	}
	at := map[string]int{}
	for _, x := range speech {
		voice, ok := s.Voices[x.Language]
		if !ok {
			return nil, noVoice(x.Language)
		}
		name := speechName(x.Language, voice, x.Say)
		i, known := at[name]
		if !known {
			i = len(files)
			at[name] = i
			files = append(files, File{Name: name})
		}
		files[i].Says = append(files[i].Says, x)
	}
	return files, nil
}

// Library finds sounds in a folder. It may be used by many goroutines.
type Library struct {
	settings Settings

	mu    sync.Mutex
	known map[string]layout.Sound // by name
}

var _ layout.Library = (*Library)(nil)

// Open gives the sounds of a folder. A sound that is missing is an error when
// it is asked for.
func Open(s Settings) (*Library, error) {
	if s.Media == "" {
		abs, err := filepath.Abs(s.Folder)
		if err != nil {
			return nil, fmt.Errorf("prompt folder %q: %w", s.Folder, err)
		}
		s.Media = abs
	}
	return &Library{settings: s, known: map[string]layout.Sound{}}, nil
}

// Speech finds the sound of a text. It fails if the language has no voice or
// the file is missing or not as Build writes it.
func (l *Library) Speech(s layout.Speech) (layout.Sound, error) {
	voice, ok := l.settings.Voices[s.Language]
	if !ok {
		return layout.Sound{}, noVoice(s.Language)
	}
	sound, err := l.find(speechName(s.Language, voice, s.Say))
	if err != nil {
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
	samples, err := readSamples(filepath.Join(l.settings.Folder, name+".wav"))
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
	return readSamples(filepath.Join(l.settings.Folder, name+".wav"))
}

func noVoice(language string) error {
	return fmt.Errorf("language %q: has no voice, want one in prompts.voices", language)
}

// speechName is the hash of everything that decides how a text sounds.
func speechName(language, voice, say string) string {
	h := sha256.New()
	for _, s := range []string{engine, language, voice, say} {
		// Length first: "a"+"bc" and "ab"+"c" must not meet.
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return "speech-" + hex.EncodeToString(h.Sum(nil)[:12])
}

func silenceName(d time.Duration) string { return fmt.Sprintf("silence-%d", d.Milliseconds()) }
