package prompt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// speed is in words per minute.
const speed = "150"

// makeLimit is how long one sound may take to make.
const makeLimit = 20 * time.Second

// effects make speech fit for the telephone: the peak at -6 dBFS, and nothing
// before the first and after the last audible sample, so that a pause is
// as long as the layout says.
var effects = strings.Fields("gain -n -6 silence 1 0.01 0.5% reverse silence 1 0.01 0.5% reverse")

// frame is what Asterisk sends at a time, 20 ms, in bytes. A sound that ends
// within a frame is filled up by Asterisk, and everything behind it comes late;
// so speech is filled up here, and the timeline is what the caller hears.
const frame = sampleRate / 50 * sampleBytes

// engine stands for everything but the text that decides how speech sounds;
// it is part of every file's name.
var engine = "espeak-ng -s " + speed + " | sox " + strings.Join(effects, " ") + " | whole frames"

// Build makes every file that the folder lacks and returns how many it made.
// Files that exist stay as they are. It stops at the first error; what it has
// made until then stays.
func Build(ctx context.Context, s Settings, files []File, log *slog.Logger) (made int, err error) {
	if err := openFolder(s.Folder); err != nil {
		return 0, err
	}
	for _, f := range files {
		n, err := ensure(s.Folder, f.Name, func(tmp string) error { return f.make(ctx, s, tmp) })
		if err != nil {
			return made, fmt.Errorf("%s: %w", f, err)
		}
		if n > 0 && len(f.Says) > 0 {
			log.Info("prompt made", "language", f.Says[0].Language, "text", f.Says[0].Say, "file", f.Name)
		}
		made += n
	}
	return made, nil
}

// String names a file by what is heard.
func (f File) String() string {
	if len(f.Says) == 0 {
		return fmt.Sprintf("silence of %s", f.Silence)
	}
	return fmt.Sprintf("text %q in %s", f.Says[0].Say, f.Says[0].Language)
}

func (f File) make(ctx context.Context, s Settings, tmp string) error {
	if len(f.Says) == 0 {
		return makeSilence(tmp, f.Silence)
	}
	return makeSpeech(ctx, tmp, s.Voices[f.Says[0].Language], f.Says[0].Say)
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

// ensure makes a file under a temporary name and renames it when it is
// complete, so that nobody ever reads half a sound.
func ensure(folder, name string, fill func(tmp string) error) (made int, err error) {
	target := filepath.Join(folder, name+".wav")
	if _, err := os.Stat(target); err == nil {
		return 0, nil
	}
	work, err := os.MkdirTemp(folder, ".making-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(work)
	tmp := filepath.Join(work, "sound.wav")
	if err := fill(tmp); err != nil {
		return 0, err
	}
	if _, err := readSamples(tmp); err != nil {
		return 0, err
	}
	if err := publish(tmp, target); err != nil {
		return 0, err
	}
	return 1, nil
}

// publish puts a complete file on the disk under its name, readable by all.
func publish(tmp, target string) error {
	f, err := os.OpenFile(tmp, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	err = errors.Join(f.Chmod(0o644), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(tmp, target)
}

func makeSilence(tmp string, d time.Duration) error {
	samples := make([]byte, d.Milliseconds()*sampleRate/1000*sampleBytes)
	return os.WriteFile(tmp, wavFile(samples), 0o644)
}

func makeSpeech(ctx context.Context, tmp, voice, say string) error {
	ctx, cancel := context.WithTimeout(ctx, makeLimit)
	defer cancel()
	raw := filepath.Join(filepath.Dir(tmp), "raw.wav")
	// The text comes by standard input: one that begins with - is no option.
	if err := run(ctx, say, "espeak-ng", "-v", voice, "-s", speed, "-w", raw, "--stdin"); err != nil {
		return err
	}
	// -D: no dither, so that the same text is the same sound.
	args := []string{"-D", "-t", "wav", raw, "-t", "wav", "-r", fmt.Sprint(sampleRate), "-c", "1", "-b", "16", "-e", "signed-integer", tmp}
	if err := run(ctx, "", "sox", append(args, effects...)...); err != nil {
		return err
	}
	samples, err := readSamples(tmp)
	if err != nil {
		return err
	}
	short := (frame - len(samples)%frame) % frame
	return os.WriteFile(tmp, wavFile(append(samples, make([]byte, short)...)), 0o644)
}

// run runs an outside program to its end and makes its last words the error.
func run(ctx context.Context, stdin, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdin = strings.NewReader(stdin)
	cmd.WaitDelay = time.Second // for pipes that a killed program leaves open
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", program, ctx.Err())
	}
	if err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, strings.TrimSpace(string(out)))
	}
	return nil
}
