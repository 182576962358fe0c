package prompt

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// wideband compares a sound with its twin of 16 kHz.
func (in *inspection) wideband(f File) {
	name := f.Name + ".wav16"
	info, err := os.Stat(filepath.Join(in.library.settings.Folder, name))
	if errors.Is(err, fs.ErrNotExist) {
		in.add(name, true, f.String()+": is missing", buildIt)
		return
	}
	var samples []byte
	if err == nil {
		samples, err = readRate(filepath.Join(in.library.settings.Folder, name), wideRate)
	}
	if err != nil {
		in.add(name, true, fmt.Sprintf("%s: %v", f, err), "delete it and "+buildIt)
		return
	}
	in.mode(f, name, info)
	length := lengthOf(samples) / (wideRate / sampleRate)
	if sound, err := in.library.File(f); err == nil && sound.Length != length {
		in.add(name, true, fmt.Sprintf("%s: lasts %s, and %s.wav %s", f, length, f.Name, sound.Length), "delete both and "+buildIt)
	}
}
