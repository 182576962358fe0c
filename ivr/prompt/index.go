package prompt

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"

	"aftercall/ivr/layout"
)

const (
	indexPrefix = "recordings-"
	indexExt    = ".json"
)

// index says which sound became of the recording for a place, by the
// recording's name: habit/option-1.zh-CN.wav. Build leaves it beside the sounds,
// and a library goes by it: recordings that are away, half copied or not for the
// service's eyes keep no caller from being asked, and nothing large is read.
type index map[string]string

// indexFile is another one for other recordings, and where sounds are made in
// another way.
func (s Settings) indexFile() string {
	return s.name(indexPrefix, []string{s.Recordings}) + indexExt
}

// readIndex gives what the last build left; nothing if there was none.
func (s Settings) readIndex() (index, error) {
	if s.Recordings == "" {
		return nil, nil
	}
	file := filepath.Join(s.Folder, s.indexFile())
	b, err := readRegular(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var ix index
	if err == nil {
		err = json.Unmarshal(b, &ix)
	}
	if err != nil {
		return nil, fmt.Errorf("file %q: %w; delete it and run: aftercall prompts build", file, err)
	}
	return ix, nil
}

// writeIndex takes over what became of these files. Places that are not among
// them are another configuration's, and stay.
func (s Settings) writeIndex(files []File) error {
	if s.Recordings == "" {
		return nil
	}
	was, err := s.readIndex()
	if err != nil {
		return err
	}
	now := index{}
	maps.Copy(now, was)
	for _, f := range files {
		for _, x := range f.Says {
			delete(now, recordingOf(x))
			if f.Recording != "" {
				now[recordingOf(x)] = f.Name
			}
		}
	}
	if was != nil && maps.Equal(was, now) {
		return nil
	}
	b, err := json.MarshalIndent(now, "", "\t")
	if err != nil {
		return err
	}
	return placeFile(s.Folder, s.indexFile(), bytes.NewReader(append(b, '\n')))
}

// source says which file a text is heard from at its place.
func (l *Library) source(x layout.Speech) (File, error) {
	s := l.settings
	if name, ok := l.index[recordingOf(x)]; ok && x.Place != "" {
		return File{Name: name, Recording: filepath.Join(s.Recordings, filepath.FromSlash(recordingOf(x)))}, nil
	}
	recording, err := s.recording(x)
	if err != nil {
		return File{}, err
	}
	if recording != "" {
		return File{}, fmt.Errorf("recording %q: is not built yet, run: aftercall prompts build", recording)
	}
	return s.spoken(x)
}
