package prompt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
	"unicode"

	"golang.org/x/sys/unix"
)

// Engine is the program that speaks.
type Engine struct {
	// Command is the program and its arguments. {text}, {language}, {voice}
	// and {output} in an argument stand for what is spoken, how, and the WAV
	// file to write. Without {text} the text comes on standard input.
	Command []string
	Limit   time.Duration // for one text
}

// speak lets the engine say a text. It works in an empty folder.
func (e Engine) speak(ctx context.Context, text, language, voice, folder string) (wave, error) {
	if len(e.Command) == 0 {
		return wave{}, errors.New("engine: has no command")
	}
	output := filepath.Join(folder, "speech.wav")
	command := slices.Clone(e.Command)
	stdin := text
	// One pass: what a text holds in braces stays as it is.
	fill := strings.NewReplacer("{text}", text, "{language}", language, "{voice}", voice, "{output}", output)
	for i, a := range command[1:] {
		if strings.Contains(a, "{text}") {
			stdin = ""
		}
		command[i+1] = fill.Replace(a)
	}
	if err := run(ctx, folder, e.Limit, stdin, command); err != nil {
		return wave{}, fmt.Errorf("engine: %w", err)
	}
	w, err := spoken(output)
	if err != nil {
		return wave{}, fmt.Errorf("engine: %s: %w", command[0], err)
	}
	return w, nil
}

// spoken reads what an engine has written.
func spoken(output string) (wave, error) {
	b, err := readRegular(output)
	var kind foreign
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return wave{}, errors.New("wrote nothing, want a WAV file at {output}")
	case err != nil:
		return wave{}, fmt.Errorf("its file %w", err)
	case len(b) == 0:
		return wave{}, errors.New("wrote an empty file, want WAV")
	}
	w, err := parseWAV(b)
	switch {
	case errors.As(err, &kind):
		return wave{}, fmt.Errorf("wrote %s, want WAV", string(kind))
	case err != nil:
		return wave{}, fmt.Errorf("its file %w", err)
	}
	return w, nil
}

// run runs an outside program to its end, in a folder, for a limited time, and
// makes its last words the error. It writes no file that we would not read, so
// that it cannot fill the disk. What it starts ends with it, unless that has
// left its process group.
func run(ctx context.Context, folder string, limit time.Duration, stdin string, command []string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("is not done after %s", limit))
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir = folder
	cmd.Env = slices.DeleteFunc(os.Environ(), private) // a voice needs no password
	if stdin != "" {
		cmd.Stdin = strings.NewReader(stdin)
	}
	var said lastWords
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second // for pipes that a process which left the group keeps open
	err := cmd.Start()
	if err == nil {
		most := unix.Rlimit{Cur: maxFile, Max: maxFile}
		_ = unix.Prlimit(cmd.Process.Pid, unix.RLIMIT_FSIZE, &most, nil) // fails if it is done already
		err = cmd.Wait()
	}
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // whom it left behind
	}
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return fmt.Errorf("%s: is not installed", command[0])
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: is missing, or what runs it", command[0])
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	case errors.Is(err, exec.ErrWaitDelay): // it did its work and left somebody behind
		err = nil
	}
	if err == nil {
		return nil
	}
	if words := said.String(); words != "" {
		return fmt.Errorf("%s: %w: %s", command[0], err, words)
	}
	return fmt.Errorf("%s: %w", command[0], err)
}

// private reports whether a variable is for us alone.
func private(variable string) bool {
	return strings.HasPrefix(variable, "AFTERCALL_") || strings.HasPrefix(variable, "CREDENTIALS_DIRECTORY=")
}

// maxWords is how much is kept of what a program says, in bytes.
const maxWords = 500

// lastWords keeps the end of what is written to it.
type lastWords struct{ b []byte }

func (l *lastWords) Write(b []byte) (int, error) {
	l.b = append(l.b, b[max(0, len(b)-maxWords):]...)
	l.b = slices.Delete(l.b, 0, max(0, len(l.b)-maxWords))
	return len(b), nil
}

// String gives the words in one line.
func (l *lastWords) String() string {
	line := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, string(bytes.ToValidUTF8(l.b, nil)))
	return strings.Join(strings.Fields(line), " ")
}

// fresh makes an empty folder in another.
func fresh(folder, name string) (string, error) {
	f := filepath.Join(folder, name)
	return f, os.Mkdir(f, 0o700)
}
