package prompt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Build makes every file that the folder lacks and returns how many sounds it
// made. Files that exist stay as they are. Recordings come first, and every one that
// cannot be used is named before the engine is started once; from there on it
// stops at the first error. What it has made until then stays.
func Build(ctx context.Context, s Settings, files []File, log *slog.Logger) (made int, err error) {
	if err := openFolder(s.Folder); err != nil {
		return 0, err
	}
	lock, err := alone(ctx, s.Folder, log)
	if err != nil {
		return 0, err
	}
	defer lock.Close()
	var faults error
	for _, recorded := range []bool{true, false} {
		for _, f := range files {
			if (f.Recording != "") != recorded {
				continue
			}
			n, err := f.ensure(ctx, s)
			if err != nil {
				faults = errors.Join(faults, fmt.Errorf("%s: %w", f, err))
				if !recorded || ctx.Err() != nil {
					return made, faults
				}
			}
			if n > 0 && len(f.Says) > 0 {
				log.Info("prompt made", "language", f.Says[0].Language, "text", f.Says[0].Say, "recording", f.Recording, "file", f.Name)
			}
			made += n
		}
		if faults != nil {
			return made, faults
		}
	}
	return made, s.writeIndex(files)
}

// String names a file by what is heard.
func (f File) String() string {
	switch {
	case f.Recording != "":
		return fmt.Sprintf("recording %q", f.Recording)
	case len(f.Says) == 0:
		return fmt.Sprintf("silence of %s", f.Silence)
	}
	return fmt.Sprintf("text %q in %s", f.Says[0].Say, f.Says[0].Language)
}

// make makes the sound, in an empty folder.
func (f File) make(ctx context.Context, s Settings, folder string) (take, error) {
	if f.Recording != "" {
		w, err := readWAV(f.Recording)
		if err != nil {
			return take{}, err
		}
		return shape(ctx, w, s.Wideband, folder)
	}
	if len(f.Says) == 0 {
		return stillFor(f.Silence, s.Wideband), nil
	}
	work, err := fresh(folder, "engine")
	if err != nil {
		return take{}, err
	}
	x := f.Says[0]
	w, err := s.Engine.speak(ctx, x.Say, x.Language, s.Voices[x.Language], work)
	if err != nil {
		return take{}, err
	}
	return shape(ctx, w, s.Wideband, folder)
}

// stillFor gives a silence; a millisecond has a whole number of samples at both rates.
func stillFor(d time.Duration, wideband bool) take {
	t := take{narrow: make([]byte, d.Milliseconds()*sampleRate/1000*sampleBytes)}
	if wideband {
		t.wide = make([]byte, 2*len(t.narrow))
	}
	return t
}

// openFolder makes the folder and lets Asterisk, which runs as another user, in.
func openFolder(folder string) error {
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err = os.MkdirAll(folder, 0o755); err == nil {
			err = os.Chmod(folder, 0o755) // whatever the umask
		}
	case err == nil && !info.IsDir():
		err = errors.New("is no folder")
	}
	if err != nil {
		return fmt.Errorf("prompt folder %q: %w", folder, err)
	}
	return nil
}

// alone waits until no other build is at work in a folder, and keeps the next
// one out until the file it gives is closed: an engine may speak a text
// differently each time, and one build would replace what the other has made and
// the service has read. What a build that was killed left is removed. A file
// system that knows no locks goes without.
func alone(ctx context.Context, folder string, log *slog.Logger) (lock *os.File, err error) {
	if lock, err = os.Open(folder); err != nil {
		return nil, err
	}
	for told := false; ; told = true {
		err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			break
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return lock, nil
		}
		if !told {
			log.Info("another build is at work, this one waits", "folder", folder)
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("prompt folder %q: another build is at work: %w", folder, ctx.Err()), lock.Close())
		case <-time.After(100 * time.Millisecond):
		}
	}
	left, _ := filepath.Glob(filepath.Join(literal(folder), making+"*")) // fails for a bad pattern alone
	for _, l := range left {
		_ = os.RemoveAll(l) // what cannot be removed is counted by "prompts check"
	}
	return lock, nil
}

// making begins the names of folders in which sounds are made.
const making = ".making-"

// path gives the place of a file of a sound: .wav, .wav16.
func (s Settings) path(name, ending string) string { return filepath.Join(s.Folder, name+ending) }

// ensure makes a sound, if it is not there. Files are written under a temporary
// name and renamed when they are complete, so that nobody ever reads half a
// sound; the .wav, without which a sound does not count, comes last.
func (f File) ensure(ctx context.Context, s Settings) (made int, err error) {
	_, noNarrow := os.Stat(s.path(f.Name, ".wav"))
	_, noWide := os.Stat(s.path(f.Name, ".wav16"))
	if noNarrow == nil && (noWide == nil || !s.Wideband) {
		return 0, nil
	}
	work, err := os.MkdirTemp(s.Folder, making)
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(work)
	t, err := f.make(ctx, s, work)
	if err != nil {
		return 0, err
	}
	if s.Wideband {
		if err := s.fits(f.Name, noNarrow, t); err != nil {
			return 0, err
		}
		if err := publish(work, t.wide, wideRate, s.path(f.Name, ".wav16")); err != nil {
			return 0, err
		}
	}
	if noNarrow != nil {
		if err := publish(work, t.narrow, sampleRate, s.path(f.Name, ".wav")); err != nil {
			return 0, err
		}
	}
	return 1, nil
}

// fits refuses to put a wide file beside a narrow one of another take: an
// engine may speak a text a little differently each time.
func (s Settings) fits(name string, noNarrow error, t take) error {
	if noNarrow != nil {
		return nil
	}
	file := s.path(name, ".wav")
	there, err := readSamples(file)
	if err == nil && !bytes.Equal(there, t.narrow) {
		err = fmt.Errorf("file %q: is of another take than the .wav16 that is missing; delete it and run: aftercall prompts build", file)
	}
	return err
}

// publish puts a file on the disk under its name, complete, readable by all.
func publish(work string, samples []byte, rate uint32, target string) error {
	f, err := os.CreateTemp(work, "sound-")
	if err != nil {
		return err
	}
	_, err = f.Write(wavFileAt(rate, samples))
	if err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), target)
}
