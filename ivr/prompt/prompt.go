// Package prompt makes sound files from texts and finds them again: 8 kHz
// mono WAV files in one folder, named by what they say, so that a changed
// text is a new file and an old file never changes.
//
// The way in: [Build] makes the files that are missing, [Open] gives the
// layout.Library that finds them, and [Estimate] stands in for it before
// they are built.
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

// Library finds sounds in a folder. It may be used by many goroutines.
type Library struct {
	folder string
	media  string
	voices map[string]string

	mu    sync.Mutex
	known map[string]layout.Sound // by name
}

var _ layout.Library = (*Library)(nil)

// Open gives the sounds of a folder. Media is the same folder as Asterisk
// sees it; voices names the espeak-ng voice of each language, as given to
// [Build]. A sound that is missing is an error when it is asked for.
func Open(folder, media string, voices map[string]string) (*Library, error) {
	if media == "" {
		abs, err := filepath.Abs(folder)
		if err != nil {
			return nil, fmt.Errorf("prompt folder %q: %w", folder, err)
		}
		media = abs
	}
	return &Library{folder: folder, media: media, voices: voices, known: map[string]layout.Sound{}}, nil
}

// Speech finds the sound of a text. It fails if the language has no voice or
// the file is missing or not as Build writes it.
func (l *Library) Speech(language, say string) (layout.Sound, error) {
	voice, ok := l.voices[language]
	if !ok {
		return layout.Sound{}, noVoice(language)
	}
	s, err := l.find(speechName(language, voice, say))
	if err != nil {
		return layout.Sound{}, fmt.Errorf("text %q in %s: %w", say, language, err)
	}
	return s, nil
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

// find reads a file once and remembers it; a failure is not remembered.
func (l *Library) find(name string) (layout.Sound, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s, ok := l.known[name]; ok {
		return s, nil
	}
	samples, err := readSamples(filepath.Join(l.folder, name+".wav"))
	if err != nil {
		return layout.Sound{}, err
	}
	sum := sha256.Sum256(samples)
	s := layout.Sound{
		Media:  "sound:" + path.Join(l.media, name),
		Hash:   hex.EncodeToString(sum[:]),
		Length: lengthOf(samples),
	}
	l.known[name] = s
	return s, nil
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
